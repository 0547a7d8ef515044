"""The TestState API: a request as clients send it, and its response or error. API reference, TestState."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl.definition.jackson import read_json
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.one_state.refusals import NO_CONTEXT, NO_CONTEXT_OBJECT, NO_VARIABLES, refusal
from workflow_dsl.local.one_state.request import Request, find_state
from workflow_dsl.local.one_state.testing import World, run_in
from workflow_dsl.local.stand_ins.mocks import Response, Return, Throw
from workflow_dsl.validation.diagnostics import definition_message, in_order, text_problem

_CODES = ("InvalidArn", "InvalidDefinition", "InvalidExecutionInput", "ValidationException")


class ApiError(Exception):
    """An error of the API: its code and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def answer(request: Mapping[str, Any], world: World | None = None) -> dict[str, Any]:
    """Return the response to a TestState request, in the API's field names. Raises ApiError."""
    if "roleArn" in request:
        check_role(request["roleArn"])
    problem = text_problem(request["definition"])
    if problem:
        raise ApiError("InvalidDefinition", definition_message([problem]))
    try:
        tested = find_state(request["definition"], request.get("stateName"))
        parsed = _parse(request, tested.state)
        return run_in(world or World(), tested, parsed).as_response(request.get("inspectionLevel", "INFO"))
    except FindingsError as refused:
        raise _api_error(refused.findings) from None


def check_role(text: str) -> None:
    """Raise ApiError for a string that is not the ARN of a role."""
    if not text.startswith("arn:"):
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{text}'")


def _api_error(findings: tuple[Finding, ...]) -> ApiError:
    first = findings[0]
    if first.code in _CODES:
        return ApiError(first.code, first.message)
    return ApiError("InvalidDefinition", definition_message(in_order(findings)))


def _parse(request: Mapping[str, Any], state: PreparedState) -> Request:
    mock = request.get("mock")
    if mock is not None and request.get("revealSecrets"):
        raise refusal("TestState does not support RevealSecrets when a mock is specified.")
    if mock is None and request.get("context") is not None:
        raise refusal("Context can only be specified when a mock is specified")
    if mock is None and state.type == "Task" and not request.get("roleArn"):
        raise refusal("RoleArn must be specified when testing a Task state")
    configuration = request.get("stateConfiguration") or {}
    return Request(
        _json(request.get("input", "{}"), "Invalid State Machine Execution Input", "InvalidExecutionInput"),
        variables=_object(request.get("variables", "{}"), NO_VARIABLES, NO_VARIABLES),
        context=_object(request["context"], NO_CONTEXT, NO_CONTEXT_OBJECT) if "context" in request else None,
        mock=None if mock is None else _mock(mock),
        validation=(mock or {}).get("fieldValidationMode", "STRICT"),
        retries=configuration.get("retrierRetryCount", 0),
        failed_in=configuration.get("errorCausedByState"),
        failed_iterations=configuration.get("mapIterationFailureCount", 0),
        reader_data=configuration.get("mapItemReaderData"),
        role_arn=request.get("roleArn"),
    )


def _mock(mock: Mapping[str, Any]) -> Response:
    if ("result" in mock) == ("errorOutput" in mock):
        raise refusal("A test mock should have only one of the following fields: [result, errorOutput].")
    if "result" in mock:
        return Return(_json(mock["result"], "Mocked result must be valid JSON"))
    return Throw(mock["errorOutput"].get("error", ""), mock["errorOutput"].get("cause", ""))


def _object(text: str, message: str, no_object: str) -> Mapping[str, Json]:
    value = _json(text, message)
    if not isinstance(value, dict):
        raise refusal(no_object)
    return value


def _json(text: str, message: str, code: str = "ValidationException") -> Json:
    value, problem = read_json(text)
    if problem:
        raise refusal(message, problem.message, code)
    return value
