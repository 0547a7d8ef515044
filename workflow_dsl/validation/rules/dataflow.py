"""Advice about the data: what is lost, never read, never set, or too large."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, inside, leaves
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.expressions.jsonata import functions
from workflow_dsl.findings import Keys, closest
from workflow_dsl.validation.rules.expressions import dynamic_fields, paths_in, reads
from workflow_dsl.validation.rules.fields import comparisons
from workflow_dsl.validation.rules.jsonata import evaluated, expressions
from workflow_dsl.validation.rules.rule import Definition, Problem, guide, warning
from workflow_dsl.validation.rules.variables import assigned, is_allowed

_Keys = Keys


@warning("CATCH_LOSES_INPUT", guide("concepts-error-handling"), about="Catch")
def catch_loses_the_input(definition: Definition) -> Iterator[Problem]:
    """A catcher without ResultPath, in JSONata without Output, replaces the state's input by the error."""
    for state in definition.states:
        is_jsonata = definition.language_of(state) == "JSONata"
        keeping = {"Output", "Assign"} if is_jsonata else {"ResultPath"}
        for index, item in state.items_of("Catch"):
            then = state.scope.states.get(item["Next"]) if isinstance(item.get("Next"), str) else None
            if then is not None and not keeping & item.keys() and _wants_more_than_the_error(then):
                kept = 'add "Output": "{% $merge([$states.input, {\'error\': $states.errorOutput}]) %}"'
                remedy = kept if is_jsonata else 'add "ResultPath": "$.error"'
                yield Problem(
                    state.at("Catch", index), "the error replaces the state's input", f"{remedy} to keep both"
                )


def _wants_more_than_the_error(state: State) -> bool:
    """Whether a state reads a field of its input that is not one of the error's."""
    if state.type in ("Fail", "Succeed"):
        return False
    read = {text.removeprefix("$.").removeprefix("$states.input.").partition(".")[0] for text in _input_read(state)}
    return any(each.partition("[")[0] not in ("Error", "Cause") for each in read)


def _input_read(state: State) -> Iterator[str]:
    yield from _fields_read(state)
    for _, value in evaluated(state):
        for _, text in leaves(value):
            if isinstance(text, str) and text.startswith("{%"):
                yield from _OF_INPUT.findall(text)


_OF_INPUT = re.compile(r"\$states\.input\.\w+")


@warning("RESULT_REPLACES_INPUT", guide("input-output-resultpath"))
def result_replaces_the_input(definition: Definition) -> Iterator[Problem]:
    """A Map's or Parallel's list of results replaces its input, and the next state then reads a field that is gone."""
    for type_ in ("Map", "Parallel"):
        for state in definition.of(type_):
            then = state.scope.states.get(str(state.fields.get("Next")))
            if then is not None and _gives_on_a_list(state, definition):
                text = next(_fields_read(then), None) if definition.language_of(then) == "JSONPath" else None
                if text:
                    message = f'its list of results replaces the input, and "{then.name}" reads {text}'
                    yield Problem(state.at(), message, 'add "ResultPath": "$.results" to keep both')


def _gives_on_a_list(state: State, definition: Definition) -> bool:
    changed = ("ResultSelector", "OutputPath", "ResultWriter")
    plain = definition.language_of(state) == "JSONPath" and not any(field in state.fields for field in changed)
    return plain and state.fields.get("ResultPath", "$") == "$"


def _fields_read(state: State) -> Iterator[str]:
    """The paths by which a state reads a field of its input by name."""
    if state.fields.get("InputPath", "$") != "$":
        texts: list[Json] = [state.fields["InputPath"]]
    else:
        texts = [text for _, text in dynamic_fields(state.fields.get("Parameters"))]
        texts += [state.fields.get(field) for field in ("ItemsPath", "SecondsPath", "TimestampPath")]
        texts += [rule.get("Variable") for _, rule in comparisons(state)]
    for text in texts:
        for path in paths_in(text):
            if path.root == "$" and path.steps and isinstance(path.steps[0], str):
                yield path.text


_REFERENCE = re.compile(r"\$([^\W\d]\w*)")


def _names_with_a_dollar(definition: Definition) -> set[str]:
    """Every name that stands after a $ anywhere in the text: what is not among them is no variable that is read."""
    text = definition.machine.to_text() if "\\" in definition.text else definition.text  # without escapes
    return set(_REFERENCE.findall(text))


@warning("UNUSED_VARIABLE", guide("workflow-variables"), about="Assign")
def variable_never_read(definition: Definition) -> Iterator[Problem]:
    """A variable that is assigned is read somewhere."""
    given = definition.once(assigned)
    if given:
        read = definition.once(_names_with_a_dollar)
        for state, name, keys in given:
            if name not in read and is_allowed(name):
                yield Problem(state.at(*keys), f"${name} is never read", "use it, or leave it out")


@warning("UNDEFINED_VARIABLE", guide("workflow-variables"))
def variable_never_assigned(definition: Definition) -> Iterator[Problem]:
    """A variable that is read is assigned where it is read, or around it.

    What is assigned inside a Parallel or a Map ends with it; a distributed Map's states see none of those around it.
    """
    names = definition.once(_names_with_a_dollar)
    if not names or (names == ["states"] and not definition.jsonpath):
        return
    known: dict[_Keys, dict[str, State]] = {}
    for state, name, _ in definition.once(assigned):
        if is_allowed(name):
            known.setdefault(state.scope.keys, {}).setdefault(name, state)
    for state, keys, name in _variables_read(definition):
        seen = {name for scope in _seen_from(state) for name in known.get(scope, ())}
        if name not in seen:
            elsewhere = next((names[name] for names in known.values() if name in names), None)
            top = "$states.input" if definition.language_of(state) == "JSONata" else "$"
            said = f"${name} is assigned nowhere", _meant(name, seen, top)
            yield Problem(state.at(*keys), *(said if elsewhere is None else _unseen(name, elsewhere, state)))


def _seen_from(state: State) -> Iterator[_Keys]:
    """The scopes whose variables a state sees: its own and those around it, up to that of a distributed Map."""
    scope = state.scope
    yield scope.keys
    while scope.owner is not None and not scope.is_distributed:
        scope = scope.owner.scope
        yield scope.keys


def _unseen(name: str, assigned_by: State, read_by: State) -> tuple[str, str]:
    """What keeps a variable from being seen, and how it would be."""
    if _is_around(assigned_by.scope, read_by):
        message = f"${name} is not seen here: a distributed Map's states have variables of their own"
        return message, "give it to the states with the items, in ItemSelector"
    owner = assigned_by.scope.owner.name if assigned_by.scope.owner else ""
    message = f'${name} is not seen here: what "{assigned_by.name}" assigns ends with "{owner}"'
    return message, f'put it out there, and assign it from the result of "{owner}"'


def _is_around(scope: Machine, state: State) -> bool:
    """Whether a scope is around a state, be it around a distributed Map."""
    inner: Machine | None = state.scope
    while inner is not None and inner.keys != scope.keys:
        inner = inner.owner.scope if inner.owner else None
    return inner is not None


def _meant(name: str, known: set[str], top: str) -> str:
    if name == "states":
        return 'that is JSONata: give the state "QueryLanguage": "JSONata", or read the input by "$."'
    if name in ("input", "state") and top != "$":
        return "write $states.input" if name == "input" else "write $states"
    return closest(name, known) or f'assign it, or write "{top}.{name}" for a field of the input'


def _variables_read(definition: Definition) -> Iterator[tuple[State, _Keys, str]]:
    for state, keys, used in definition.once(expressions):
        yield from ((state, keys, name) for name in sorted(used.variables - used.called - functions() - {"states"}))
    for state, keys, path in definition.once(reads):
        if path.root not in ("$", "$$"):
            yield state, keys, path.root


# What answers with as much as there is, by service and action, and the parameter that limits it.
_UNLIMITED = {
    ("dynamodb", "scan"): "Limit",
    ("dynamodb", "query"): "Limit",
    ("athena", "getQueryResults"): "MaxResults",
    ("cloudwatchlogs", "filterLogEvents"): "Limit",
}


@warning("DATA_LIMIT", guide("sfn-best-practices"))
def data_limit(definition: Definition) -> Iterator[Problem]:
    """A state that may give on more than 256 KiB fails with States.DataLimitExceeded once there is that much."""
    for state in definition.of("Map"):
        processor = "Iterator" if "Iterator" in state.fields else "ItemProcessor"
        mode = inside(state.fields, (processor, "ProcessorConfig", "Mode"))
        kept = state.fields.get("ResultPath", "$") is not None and "Output" not in state.fields
        if mode == "DISTRIBUTED" and kept and not {"ResultWriter", "ResultSelector"} & state.fields.keys():
            message = "its results come to more than 256 KiB once there are many items"
            yield Problem(state.at(), message, "give it a ResultWriter")
    for state in definition.of("Task"):
        called = integration_of(str(state.fields.get("Resource")))
        limit = _UNLIMITED.get((called.service, called.action)) if called else None
        given = state.fields.get("Arguments", state.fields.get("Parameters"))
        if limit and isinstance(given, Mapping) and not {limit, f"{limit}.$"} & given.keys():
            message = "fails with States.DataLimitExceeded when the answer is larger than 256 KiB"
            yield Problem(state.at("Resource"), message, f"give it {limit}, or read it in a function")


RULES = (
    catch_loses_the_input,
    result_replaces_the_input,
    variable_never_read,
    variable_never_assigned,
    data_limit,
)
