"""JSONata: what stands between {% and %}, and what it may refer to where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.definition.json import Json, short
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.jsonata import References, expression_in, parse_jsonata, references
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import Keys, Where
from workflow_dsl.validation.rules.fields import ONLY_JSONPATH
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide

_UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"
_Keys = Keys
# Fields that are what they say, in either language. It is their place in the state that counts: a payload may have a
# field of any of these names, and that one is evaluated.
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


def texts(definition: Definition) -> Iterator[tuple[State, _Keys, str]]:
    """Every text of the JSONata states that is an expression if it begins with {%: its state, and the keys to it."""
    for state in definition.jsonata:
        waiting: list[tuple[_Keys, Json]] = [*evaluated(state)][::-1]
        while waiting:
            keys, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [((*keys, name), each) for name, each in reversed(value.items())]
            elif isinstance(value, list):
                waiting += [((*keys, index), each) for index, each in reversed(list(enumerate(value)))]
            elif is_known(value) and value.startswith("{%"):
                yield state, keys, value


def evaluated(state: State) -> Iterator[tuple[_Keys, Json]]:
    """What a JSONata state evaluates, with the keys to each."""
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


def expressions(definition: Definition) -> Iterator[tuple[State, _Keys, References]]:
    """Every expression that is well formed: its state, the keys to it, and what it refers to."""
    for state, keys, text in definition.once(texts):
        expression = expression_in(text)
        if expression is not None:
            try:
                yield state, keys, references(expression)
            except SyntaxProblem:
                continue


@error(guide("transforming-data"), about="JSONata")
def jsonata_strings(definition: Definition) -> Iterator[Problem]:
    """A text that begins with {% ends with %}."""
    for state, keys, text in definition.once(texts):
        if expression_in(text) is None:
            message = "JSONata string must start with {% and end with %}"
            yield Problem(state.at(*keys), message, "end it with %}, and nothing after that")


@error(guide("transforming-data"), "INVALID_JSONATA_EXPRESSION", about="JSONata")
def jsonata_expressions(definition: Definition) -> Iterator[Problem]:
    """What stands between {% and %} is JSONata."""
    for state, keys, text in definition.once(texts):
        expression = expression_in(text)
        try:
            parse_jsonata("$states" if expression is None else expression)
        except SyntaxProblem as problem:
            yield Problem(state.at(*keys), f"is no JSONata: {problem}", _mend(expression or ""))


def _mend(expression: str) -> str:
    if re.search(r"==|!==|&&|\|\||<>", re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)):
        return "JSONata compares with = and !=, and joins with and, or"
    if "\\'" in expression or '\\"' in expression:
        return "quote a text that has one kind of quotes in it with the other"
    return "mend the expression between {% and %}"


@error(guide("transforming-data"), _UNSUPPORTED, about="JSONata")
def names_at_the_top_level(definition: Definition) -> Iterator[Problem]:
    """An expression has no document of its own: names, $ and $$ outside of a path read nothing."""
    for state, keys, used in definition.once(expressions):
        for name in used.top_level:
            if name == "$$":
                yield Problem(state.at(*keys), "Reference to '$$' is not supported", _INPUT_OR_CONTEXT)
            else:
                message = f"Reference to '{name}' at the top level is not supported"
                yield Problem(state.at(*keys), message, _meant(name))


_INPUT_OR_CONTEXT = "write $states.input for the state's input, $states.context for the context object"


def _meant(name: str) -> str:
    if name in ("states", "state", "States"):
        functions = "; JSONata has functions of its own instead of States.Format and the like"
        return f"write $states{functions if name == 'States' else ''}"
    if name in ("input", "result", "errorOutput", "context"):
        return f"write $states.{name}"
    if name == "$":
        return _INPUT_OR_CONTEXT
    return f"write $states.input.{name} for a field of the state's input, ${name} for a variable"


@error(guide("transforming-data"), _UNSUPPORTED, about="JSONata")
def states_result(definition: Definition) -> Iterator[Problem]:
    """$states.result is there in the Output and the Assign of a Task, Parallel or Map that succeeded."""
    for state, keys, used in definition.once(expressions):
        has_result = keys[0] in ("Output", "Assign") and state.type in ("Task", "Parallel", "Map")
        if "result" in used.of_states and not has_result:
            yield Problem(*_missing(state.at(*keys), "result"), _result_remedy(state, keys))


def _missing(where: Where, field: str) -> tuple[Where, str]:
    return where, f"Field '$states.{field}' does not exist"


def _result_remedy(state: State, keys: _Keys) -> str:
    if keys[0] == "Catch":
        return "a catcher has $states.errorOutput"
    if state.type in ("Task", "Parallel", "Map"):
        return "only Output and Assign have the result"
    return f"a {state.type} state has no result; write $states.input"


@error(guide("transforming-data"), _UNSUPPORTED, about="JSONata")
def states_error_output(definition: Definition) -> Iterator[Problem]:
    """$states.errorOutput is there in the Output and the Assign of a catcher."""
    for state, keys, used in definition.once(expressions):
        if "errorOutput" in used.of_states and keys[0] != "Catch":
            remedy = "only the Output and the Assign of a catcher have it; pass it on from there"
            yield Problem(*_missing(state.at(*keys), "errorOutput"), remedy)


@error(guide("transforming-data"), about="JSONata")
def conditions(definition: Definition) -> Iterator[Problem]:
    """A Choice rule's Condition is true, false or an expression."""
    for state in definition.jsonata:
        for index, rule in state.items_of("Choices"):
            text = rule.get("Condition")
            if is_known(text) and not text.startswith("{%"):
                remedy = f'write "{{% {text} %}}"' if len(text) < 60 else "put {% before it and %} after it"
                message = f"JSONata string must start with {{% and end with %}}, and this is {short(text)}"
                yield Problem(state.at("Choices", index, "Condition"), message, remedy)


RULES = (
    jsonata_strings,
    jsonata_expressions,
    names_at_the_top_level,
    states_result,
    states_error_output,
    conditions,
)
