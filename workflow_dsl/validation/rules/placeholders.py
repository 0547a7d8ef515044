"""Placeholders: `${Name}`, for which the template has a value in DefinitionSubstitutions."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.json import Json, inside, leaves, short
from workflow_dsl.definition.machine import State, where_of
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, is_placeholder, placeholders_in
from workflow_dsl.findings import Keys, Where, closest
from workflow_dsl.validation.rules.fields import NUMBERS, comparisons
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide, warning

_Keys = Keys
_SAM = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html"


@error(guide("state-task"), about="Placeholder")
def unclosed_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder in a Resource is closed with }: an open one is not replaced."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        if isinstance(resource, str) and "${" in resource and "}" not in resource[resource.rfind("${") :]:
            message = "Value is not a valid resource ARN"
            yield Problem(state.at("Resource"), message, f"close the placeholder: {resource}}}")


@error(_SAM, "MISSING_SUBSTITUTION", about="Placeholder")
def missing_substitution(definition: Definition) -> Iterator[Problem]:
    """Where the template is known, a value that is a placeholder, and one in an ARN, has a substitution in it."""
    for keys, text, name in _unsubstituted(definition):
        if is_placeholder(text) or text.startswith("arn:"):
            yield Problem(where_of(keys), f"the template has no substitution for {name}", _remedy(definition, name))


@warning("UNKNOWN_PLACEHOLDER", _SAM, about="Placeholder")
def unknown_placeholder(definition: Definition) -> Iterator[Problem]:
    """Where the template is known, a placeholder inside a text that it has no substitution for stays as it is."""
    for keys, text, name in _unsubstituted(definition):
        if not is_placeholder(text) and not text.startswith("arn:"):
            message = f"the template has no substitution for {name}, and the text stays as it is"
            yield Problem(where_of(keys), message, _remedy(definition, name))


def _remedy(definition: Definition, name: str) -> str:
    if name.startswith("AWS::"):
        plain = name.removeprefix("AWS::")
        return f"write ${{{plain}}}, and {plain}: !Ref {name} in DefinitionSubstitutions"
    return closest(name, definition.substitutions or ()) or f"add {name} to DefinitionSubstitutions"


def _unsubstituted(definition: Definition) -> Iterator[tuple[_Keys, str, str]]:
    """The texts with a placeholder that the template has no substitution for: their keys, the text, and its name."""
    if definition.substitutions is None:
        return
    for keys, value in leaves(dict(definition.machine.fields)):
        if isinstance(value, str) and "${" in value and keys[-1] != "Comment":
            names = dict.fromkeys(placeholders_in(value))
            yield from ((keys, value, name) for name in names if name not in definition.substitutions)


_HOLD_NUMBERS = frozenset(keys[0] for keys in NUMBERS)
_NUMBERS_OF_A_RETRIER = ("IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds")


@warning("QUOTED_PLACEHOLDER", _SAM, about="Placeholder")
def quoted_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder in quotes becomes a text; where a number or true or false belongs, the service refuses that."""
    fields = definition.machine.fields
    if "TimeoutSeconds" in fields:
        yield from _quoted(definition.machine.at("TimeoutSeconds"), fields["TimeoutSeconds"])
    for state in definition.states:
        for keys in _not_text(state):
            text = inside(state.fields, keys)
            if isinstance(text, str):
                yield from _quoted(state.at(*keys), text)


def _quoted(where: Where, text: Json) -> Iterator[Problem]:
    if isinstance(text, str) and "${" in text and not isinstance(text, UnquotedPlaceholder):
        message = f"{short(text)} is a text when it is deployed, and a number or true or false belongs here"
        yield Problem(where, message, f"take the quotes away: {text}")


def _not_text(state: State) -> Iterator[_Keys]:
    """The keys to what is a number or true or false."""
    if not _HOLD_NUMBERS.isdisjoint(state.fields):
        yield from (keys for keys in NUMBERS if keys[0] in state.fields)
    for index, item in state.items_of("Retry") if "Retry" in state.fields else ():
        yield from (("Retry", index, name) for name in _NUMBERS_OF_A_RETRIER if name in item)
    for keys, rule in comparisons(state) if "Choices" in state.fields else ():
        yield from ((*keys, name) for name in rule if name.startswith(_COMPARISONS) and not name.endswith("Path"))


_COMPARISONS = ("Numeric", "BooleanEquals", "IsNull", "IsPresent", "IsString", "IsNumeric", "IsBoolean", "IsTimestamp")


RULES = (unclosed_placeholder, missing_substitution, unknown_placeholder, quoted_placeholder)
