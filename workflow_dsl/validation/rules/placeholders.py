"""Placeholders: each `${Name}` has a value in the template's DefinitionSubstitutions."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.json import Json, short_json, value_at
from workflow_dsl.definition.machine import State, to_where
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, Unsubstituted, unsubstituted
from workflow_dsl.findings import Keys, Where, did_you_mean
from workflow_dsl.validation.rules.query_language import NUMBERS
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url, warning

_SAM = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html"


@error(guide_url("state-task"), applies_to="Placeholder")
def unclosed_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder in a Resource ends with }; an unclosed one is not replaced."""
    for state in definition.states_of_type("Task"):
        resource = state.fields.get("Resource")
        if isinstance(resource, str) and "${" in resource and "}" not in resource[resource.rfind("${") :]:
            message = "Value is not a valid resource ARN"
            yield Problem(state.at("Resource"), message, f"close the placeholder: {resource}}}")


@error(_SAM, "MISSING_SUBSTITUTION", applies_to="Placeholder")
def missing_substitution(definition: Definition) -> Iterator[Problem]:
    """A placeholder that is a whole value, or part of an ARN, has a substitution in the template."""
    for missing in _unsubstituted(definition):
        if missing.is_whole_value:
            message = f"the template has no substitution for {missing.name}"
            yield Problem(to_where(missing.keys), message, _remedy(definition, missing.name))


@warning("UNKNOWN_PLACEHOLDER", _SAM, applies_to="Placeholder")
def unknown_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder inside a string, in a list or in a Result has a substitution in the template, or stays as it is.

    It is a note in a list or a Result, where `${...}` can be intended.
    """
    for missing in _unsubstituted(definition):
        if not missing.is_whole_value:
            message = f"the template has no substitution for {missing.name}, and the string stays as it is"
            remedy = _remedy(definition, missing.name)
            is_note = missing.is_data and not remedy.startswith("did")
            yield Problem(to_where(missing.keys), message, remedy, is_note=is_note)


def _remedy(definition: Definition, name: str) -> str:
    if name.startswith("AWS::"):
        plain = name.removeprefix("AWS::")
        return f"write ${{{plain}}}, and {plain}: !Ref {name} in DefinitionSubstitutions"
    return did_you_mean(name, definition.substitutions or ()) or f"add {name} to DefinitionSubstitutions"


def _unsubstituted(definition: Definition) -> Iterator[Unsubstituted]:
    """The placeholders that the template does not substitute; none where the template is unknown."""
    if definition.substitutions is not None:
        yield from unsubstituted(dict(definition.machine.fields), definition.substitutions)


_NUMBER_FIELDS = frozenset(keys[0] for keys in NUMBERS)
_NUMBERS_OF_A_RETRIER = ("IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds")


@warning("QUOTED_PLACEHOLDER", _SAM, applies_to="Placeholder")
def quoted_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder in quotes is deployed as a string, which AWS refuses where a number or boolean is required."""
    fields = definition.machine.fields
    if "TimeoutSeconds" in fields:
        yield from _quoted(definition.machine.at("TimeoutSeconds"), fields["TimeoutSeconds"])
    for state in definition.states:
        for keys in numbers_and_booleans(state):
            value = value_at(state.fields, keys)
            if isinstance(value, str):
                yield from _quoted(state.at(*keys), value)


def _quoted(where: Where, value: Json) -> Iterator[Problem]:
    if isinstance(value, str) and "${" in value and not isinstance(value, UnquotedPlaceholder):
        message = f"{short_json(value)} is deployed as a string, but a number or boolean is required"
        yield Problem(where, message, f"remove the quotes: {value}")


def numbers_and_booleans(state: State) -> Iterator[Keys]:
    """Yield the keys to the fields of a state that must be numbers or booleans."""
    if not _NUMBER_FIELDS.isdisjoint(state.fields):
        yield from (keys for keys in NUMBERS if keys[0] in state.fields)
    for index, item in state.items_of("Retry") if "Retry" in state.fields else ():
        yield from (("Retry", index, name) for name in _NUMBERS_OF_A_RETRIER if name in item)
    for keys, rule in state.comparisons if "Choices" in state.fields else ():
        yield from ((*keys, name) for name in rule if name.startswith(_COMPARISONS) and not name.endswith("Path"))


_COMPARISONS = ("Numeric", "BooleanEquals", "IsNull", "IsPresent", "IsString", "IsNumeric", "IsBoolean", "IsTimestamp")
