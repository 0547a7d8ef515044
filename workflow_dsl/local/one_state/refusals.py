"""The requests that the TestState API refuses: a finding's code and message are those of the API's error.

Rules: API reference, TestState and MockInput; developer guide, "Testing state machines with TestState API".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from workflow_dsl.definition.integrations import has_task_token
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean, short_list
from workflow_dsl.local.engine.prepared import PreparedScope, PreparedState, parse_resource
from workflow_dsl.local.stand_ins.mocks import Response, Return
from workflow_dsl.local.stand_ins.result_shapes import result_problems

FieldValidation = Literal["STRICT", "PRESENT", "NONE"]
_INVALID, _DEFINITION = "ValidationException", "InvalidDefinition"
_MOCKABLE = ("Task", "Map", "Parallel")
NO_VARIABLES = "Variables must be a JSON object"
NO_CONTEXT = "Invalid Context object provided"
NO_CONTEXT_OBJECT = f"{NO_CONTEXT}: Context object must be a JSON object"


def refusal(message: str, remedy: str = "", code: str = _INVALID, where: Where | None = None) -> FindingsError:
    """The error of a request that the API refuses with this code and message."""
    return FindingsError([Finding(code, "error", where or Where(), message, remedy)])


def refuse_mock(state: PreparedState, mock: Response | None, validation: FieldValidation) -> None:
    """Raise FindingsError for a state that needs a mock or takes none, and for a result that it cannot have."""
    if mock is None:
        _refuse_without_mock(state)
    elif state.type not in _MOCKABLE:
        message = f"State type '{state.type}' is not supported when a mock is specified"
        raise refusal(message, "leave the mock out", where=state.at())
    elif isinstance(mock, Return):
        problems = [*_result_problems(state, mock.value, validation)]
        if problems:
            raise FindingsError(Finding(_INVALID, "error", state.at(), *problem) for problem in problems)
    elif not mock.error:
        raise refusal("An error must be specified in the mocked error output", "name the error", where=state.at())


def _refuse_without_mock(state: PreparedState) -> None:
    remedy = "give the result of the state as a mock"
    if state.type in ("Map", "Parallel"):
        supported = "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
        message = f"TestState API does not support Map or Parallel states. {supported}"
        raise refusal(message, remedy, _DEFINITION, state.at())
    if state.type == "Task":
        kind, *_, pattern = parse_resource(state.fields["Resource"])
        if kind == "activity":
            message = "TestState API does not support Activity tasks without a mock"
            raise refusal(message, remedy, _DEFINITION, state.at("Resource"))
        if pattern:
            message = (
                "TestState API does not support '.sync' or '.waitForTaskToken' integration patterns without a mock"
            )
            raise refusal(message, remedy, _DEFINITION, state.at("Resource"))


def _result_problems(state: PreparedState, result: Json, validation: FieldValidation) -> Iterator[tuple[str, str]]:
    """Yield the messages and remedies for a mocked result."""
    if state.type == "Parallel":
        if not isinstance(result, list):
            yield "Mocked result must be an array.", "give a list of the results of the branches"
        elif len(result) != len(state.scopes):
            message = "Mocked result must contain the same number of items as number of Parallel branches."
            yield message, f"give {len(state.scopes)} results"
    elif state.type == "Map":
        is_written = "ResultWriter" in state.fields
        if is_written and not isinstance(result, dict):
            yield "Mocked result must be a JSON object.", "give the place of the written results"
        if not is_written and not isinstance(result, list):
            yield "Mocked result must be an array.", "give a list of the results of the iterations"
    elif validation != "NONE":
        _, service, action, pattern = parse_resource(state.fields["Resource"])
        remedy = f"pass a result that {service}:{action} can return, or validate less: PRESENT or NONE"
        for problem in result_problems(service, f"{action}{pattern}", result, is_strict=validation == "STRICT"):
            yield f"Mock result schema validation error: {problem}", remedy


# The fields of a context object, and the type of each: developer guide, "Context object".
_CONTEXT: Mapping[str, Mapping[str, str]] = {
    "Execution": {
        **dict.fromkeys(("Id", "Name", "RoleArn", "StartTime", "RedriveTime"), "string"),
        "Input": "value",
        "RedriveCount": "integer",
    },
    "State": {"EnteredTime": "string", "Name": "string", "RetryCount": "integer"},
    "StateMachine": {"Id": "string", "Name": "string"},
    "Task": {"Token": "string"},
}
_TYPES = {"string": (str,), "integer": (int,), "object": (dict,), "value": (object,)}


def refuse_context(state: PreparedState, context: Json) -> None:
    """Raise FindingsError for a context object that the state cannot have."""
    if not isinstance(context, dict):
        raise refusal(NO_CONTEXT_OBJECT, "write its fields under their names")
    problem = next(_context_problems(state, context), None)
    if problem:
        raise refusal(f"{NO_CONTEXT}: {problem}", "see the developer guide, Context object")


def _context_problems(state: PreparedState, context: Mapping[str, Json]) -> Iterator[str]:
    for name, value in context.items():
        if name == "Map":
            yield "'Map' field is not supported when mocking a Context object"
        elif name not in _CONTEXT:
            yield f"Field '{name}' is not allowed"
        elif not isinstance(value, dict):
            yield f"{name} must be an object"
        else:
            yield from _field_problems(name, value)
    if "Task" in context and not _has_token(state):
        pattern = "a '.sync' or '.waitForTaskToken' service integration pattern"
        yield f"Context object contains 'Task' when state is not a Task state with {pattern}"


def _field_problems(name: str, fields: Mapping[str, Json]) -> Iterator[str]:
    types = _CONTEXT[name]
    for field, value in fields.items():
        type_ = types.get(field)
        if type_ is None:
            yield f"Field '{field}' is not allowed"
        elif not isinstance(value, _TYPES[type_]) or (type_ == "integer" and isinstance(value, bool)):
            yield f"{name}.{field} must be {'an' if type_ == 'integer' else 'a'} {type_}"


def _has_token(state: PreparedState) -> bool:
    return state.type == "Task" and has_task_token(state.fields["Resource"])


def refuse_error_source(state: PreparedState, name: str) -> None:
    """Raise FindingsError if no state inside a Map or Parallel has this name."""
    names = [inner.name for scope in state.scopes for inner in states_inside(scope)]
    if name not in names:
        message = f"State '{name}' from which the error originates is not in the tested Map or Parallel state"
        raise refusal(message, did_you_mean(name, names) or f"the states are {short_list(names) or 'none'}")


def states_inside(scope: PreparedScope) -> Iterator[PreparedState]:
    """Yield the states of a scope, and those nested in them."""
    for inner in scope.walk():
        yield from inner.states.values()
