"""Placeholders: `${Name}`, for which the template has a value in DefinitionSubstitutions."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.asl import Json, short, where_of
from workflow_dsl.expressions.placeholders import Unquoted, is_placeholder, placeholders_in
from workflow_dsl.findings import Key, closest
from workflow_dsl.validation.rules.fields import comparisons, inside
from workflow_dsl.validation.rules.table import Definition, Problem, error, guide, warning

_Keys = tuple[Key, ...]
_SAM = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html"


@error(guide("state-task"), about="Placeholder")
def unclosed_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder in a Resource is closed with }: an open one is replaced by nothing."""
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
    return closest(name, definition.substitutions or ()) or f"add {name} to DefinitionSubstitutions"


def _unsubstituted(definition: Definition) -> Iterator[tuple[_Keys, str, str]]:
    """The texts with a placeholder that the template has no substitution for: their keys, the text, and its name."""
    if definition.substitutions is None:
        return
    waiting: list[tuple[_Keys, Json]] = [((), dict(definition.machine.fields))]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*keys, name), each) for name, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*keys, index), each) for index, each in enumerate(value)]
        elif isinstance(value, str) and "${" in value and keys[-1] != "Comment":
            names = placeholders_in(value)
            yield from ((keys, value, name) for name in dict.fromkeys(names) if name not in definition.substitutions)


_NOT_TEXT = (
    *(("Seconds",), ("TimeoutSeconds",), ("HeartbeatSeconds",), ("MaxConcurrency",), ("ToleratedFailureCount",)),
    *(("ToleratedFailurePercentage",), ("ItemBatcher", "MaxItemsPerBatch"), ("ItemBatcher", "MaxInputBytesPerBatch")),
    ("ItemReader", "ReaderConfig", "MaxItems"),
)
_NUMBERS_OF_A_RETRIER = ("IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds")


@warning("QUOTED_PLACEHOLDER", _SAM, about="Placeholder")
def quoted_placeholder(definition: Definition) -> Iterator[Problem]:
    """A placeholder in quotes becomes a text; where a number or true or false belongs, the service refuses that."""
    for state in definition.states:
        places: list[_Keys] = [keys for keys in _NOT_TEXT if keys[0] in state.fields]
        places += [
            ("Retry", i, name) for i, item in state.items_of("Retry") for name in _NUMBERS_OF_A_RETRIER if name in item
        ]
        places += [(*keys, name) for keys, rule in comparisons(state) for name in rule if name.startswith(_NUMBERS)]
        for keys in places:
            text = inside(state.fields, keys)
            if is_placeholder(text) and not isinstance(text, Unquoted):
                message = f'{short(text)} becomes a text such as "5", and is to be none'
                yield Problem(state.at(*keys), message, f"take the quotes away: {text}")


_NUMBERS = ("NumericEquals", "NumericLess", "NumericGreater", "BooleanEquals", "IsNull", "IsPresent", "IsString")


RULES = (unclosed_placeholder, missing_substitution, unknown_placeholder, quoted_placeholder)
