"""JSONata expressions: their syntax, and the names that they may refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.jsonata import expression_in, parse_jsonata, references_in
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import Keys, Where
from workflow_dsl.validation.rules.query_language import ONLY_JSONPATH
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url

if TYPE_CHECKING:
    from workflow_dsl.expressions.jsonata.references import References

_UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"
# Fields of a state that are literal in either language. A payload's fields of the same names are evaluated.
_NOT_EVALUATED = (
    *("Type", "Resource", "Comment", "QueryLanguage", "Next", "Default", "End", "Label", "Retry"),
    *("Branches", "ItemProcessor", "Iterator"),
)
_EVALUATED_IN = {
    "Catch": ("Output", "Assign"),
    "Choices": ("Condition", "Output", "Assign"),
    "ItemReader": ("Arguments",),
    "ItemBatcher": ("BatchInput", "MaxItemsPerBatch", "MaxInputBytesPerBatch"),
    "ResultWriter": ("Arguments",),
}


def expression_strings(definition: Definition) -> Iterator[tuple[State, Keys, str]]:
    """Yield every string of the JSONata states that begins with {%, with its state and its keys."""
    for state in definition.jsonata_states:
        waiting: list[tuple[Keys, Json]] = [*evaluated_values(state)][::-1]
        while waiting:
            keys, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [((*keys, name), member) for name, member in reversed(value.items())]
            elif isinstance(value, list):
                waiting += [((*keys, index), item) for index, item in reversed(list(enumerate(value)))]
            elif is_known(value) and value.startswith("{%"):
                yield state, keys, value


def evaluated_values(state: State) -> Iterator[tuple[Keys, Json]]:
    """Yield the values that a JSONata state evaluates, each with its keys."""
    for field, value in state.fields.items():
        if field in ("Catch", "Choices"):
            for index, item in state.items_of(field):
                yield from (((field, index, name), item[name]) for name in _EVALUATED_IN[field] if name in item)
        elif field in _EVALUATED_IN and isinstance(value, dict):
            yield from (((field, name), value[name]) for name in _EVALUATED_IN[field] if name in value)
            config = value.get("ReaderConfig")
            if isinstance(config, dict) and "MaxItems" in config:
                yield (field, "ReaderConfig", "MaxItems"), config["MaxItems"]
        elif field not in _NOT_EVALUATED and field not in ONLY_JSONPATH:
            yield (field,), value


def expressions(definition: Definition) -> Iterator[tuple[State, Keys, References]]:
    """Yield every well-formed expression: its state, its keys, and the names that it refers to."""
    for state, keys, text in definition.memo(expression_strings):
        expression = expression_in(text)
        if expression is not None:
            try:
                yield state, keys, references_in(expression)
            except SyntaxProblem:
                continue


@error(guide_url("transforming-data"), applies_to="JSONata")
def jsonata_strings(definition: Definition) -> Iterator[Problem]:
    """A string that begins with {% ends with %}."""
    for state, keys, text in definition.memo(expression_strings):
        if expression_in(text) is None:
            message = "JSONata string must start with {% and end with %}"
            yield Problem(state.at(*keys), message, "end the string with %}")


@error(guide_url("transforming-data"), "INVALID_JSONATA_EXPRESSION", applies_to="JSONata")
def jsonata_expressions(definition: Definition) -> Iterator[Problem]:
    """The text between {% and %} is valid JSONata."""
    for state, keys, text in definition.memo(expression_strings):
        expression = expression_in(text)
        try:
            parse_jsonata("$states" if expression is None else expression)
        except SyntaxProblem as problem:
            yield Problem(state.at(*keys), f"is not valid JSONata: {problem}", _fix(expression or ""))


def _fix(expression: str) -> str:
    if re.search(r"==|!==|&&|\|\||<>", re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)):
        return "compare with = and !=, and combine conditions with and, or"
    if "\\'" in expression or '\\"' in expression:
        return "quote a string that contains one kind of quotes with the other kind"
    return "fix the expression between {% and %}"


@error(guide_url("transforming-data"), _UNSUPPORTED, applies_to="JSONata")
def names_at_the_top_level(definition: Definition) -> Iterator[Problem]:
    """An expression has no input document: bare names, $ and $$ outside of a path are refused."""
    for state, keys, references in definition.memo(expressions):
        for name in references.top_level:
            if name == "$$":
                yield Problem(state.at(*keys), "Reference to '$$' is not supported", _INPUT_OR_CONTEXT)
            else:
                message = f"Reference to '{name}' at the top level is not supported"
                yield Problem(state.at(*keys), message, _suggestion(name))


_INPUT_OR_CONTEXT = "write $states.input for the state's input, $states.context for the context object"


def _suggestion(name: str) -> str:
    if name in ("states", "state", "States"):
        functions = "; JSONata has its own functions instead of States.Format and other intrinsic functions"
        return f"write $states{functions if name == 'States' else ''}"
    if name in ("input", "result", "errorOutput", "context"):
        return f"write $states.{name}"
    if name == "$":
        return _INPUT_OR_CONTEXT
    return f"write $states.input.{name} for a field of the state's input, ${name} for a variable"


@error(guide_url("transforming-data"), _UNSUPPORTED, applies_to="JSONata")
def states_result(definition: Definition) -> Iterator[Problem]:
    """$states.result exists only in Output and Assign of a Task, Parallel or Map state."""
    for state, keys, references in definition.memo(expressions):
        has_result = keys[0] in ("Output", "Assign") and state.type in ("Task", "Parallel", "Map")
        if "result" in references.states_fields and not has_result:
            yield Problem(*_missing(state.at(*keys), "result"), _result_remedy(state, keys))


def _missing(where: Where, field: str) -> tuple[Where, str]:
    return where, f"Field '$states.{field}' does not exist"


def _result_remedy(state: State, keys: Keys) -> str:
    if keys[0] == "Catch":
        return "write $states.errorOutput in a catcher"
    if state.type in ("Task", "Parallel", "Map"):
        return "use it only in Output or Assign"
    return f"write $states.input: a {state.type} state has no result"


@error(guide_url("transforming-data"), _UNSUPPORTED, applies_to="JSONata")
def states_error_output(definition: Definition) -> Iterator[Problem]:
    """$states.errorOutput exists only in Output and Assign of a catcher."""
    for state, keys, references in definition.memo(expressions):
        if "errorOutput" in references.states_fields and keys[0] != "Catch":
            remedy = "use it in Output or Assign of a catcher, and pass it on from there"
            yield Problem(*_missing(state.at(*keys), "errorOutput"), remedy)


@error(guide_url("transforming-data"), applies_to="JSONata")
def conditions(definition: Definition) -> Iterator[Problem]:
    """A Choice rule's Condition is true, false or an expression in {% %}."""
    for state in definition.jsonata_states:
        for index, rule in state.items_of("Choices"):
            text = rule.get("Condition")
            if is_known(text) and not text.startswith("{%"):
                remedy = f'write "{{% {text} %}}"' if len(text) < 60 else "write it between {% and %}"
                message = f"JSONata string must start with {{% and end with %}}, got {short_json(text)}"
                yield Problem(state.at("Choices", index, "Condition"), message, remedy)
