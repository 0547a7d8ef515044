"""Mocks of states: is each one a mock, and could its results be those of the state?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.lambda_functions import functions as lambdas
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.stand_ins.mocks import ConfiguredMock, Mocks, Response, Return, Throw, known_responses
from workflow_dsl.local.stand_ins.result_checks import api_problems
from workflow_dsl.shapes.sources.handlers import DeclaredResult, declared_result

_REMEDY = "correct it, or say that it is meant: Return(value, unchecked=True), or --unchecked"
_WRITE = "write Return(value), Throw(error), a list of them, or a function that takes the call's input"
_CONTAINERS = ("Parallel", "Map")


class MockChecks:
    """The checks of a run's mocks against its states and the handlers of its functions."""

    def __init__(
        self, mocks: Mocks, states: Mapping[str, PreparedState], functions: Mapping[str, Handler | Function]
    ) -> None:
        self._mocks, self._states, self._functions = mocks, states, functions

    def findings(self) -> list[Finding]:
        """Return what is wrong with the mocks, as far as it is known before any call."""
        mocks = [(self._states[name], mock) for name, mock in self._mocks.items() if name in self._states]
        malformed = [finding for state, mock in mocks for finding in _malformed(state, mock)]
        wrong = (
            finding
            for state, mock in mocks
            for response in known_responses(mock)
            for finding in self._wrong(state, response, other_fields=getattr(mock, "other_fields", False))
        )
        return malformed or list(dict.fromkeys(wrong))

    def refuse_wrong(self, name: str, response: Response) -> None:
        """Raise FindingsError for a response that a mock has computed and that its state cannot have."""
        findings = list(self._wrong(self._states[name], response)) if name in self._states else []
        if findings:
            raise FindingsError(findings)

    def _wrong(self, state: PreparedState, response: Response, *, other_fields: bool = False) -> Iterator[Finding]:
        if isinstance(response, Return) and not response.unchecked:
            source, problems = self._problems(state, response.value, other_fields=other_fields)
            if problems:
                message = f"the mocked result is not one of {source}: {'; '.join(problems)}"
                yield Finding("MOCKS", "error", state.at(), message, _REMEDY)

    def _problems(self, state: PreparedState, result: Json, *, other_fields: bool) -> tuple[str, list[str]]:
        """The words for the source of a state's results, and why this one cannot come from it."""
        if state.type in _CONTAINERS:
            return f"a {state.type} state", _problems_of_container(state, result)
        integration = integration_of(str(state.fields.get("Resource")))
        if state.type != "Task" or (integration and integration.pattern == ".waitForTaskToken"):
            return "", []
        if integration is None:
            return self._problems_of_function(str(state.fields.get("Resource")), result)
        _, service, action, pattern = integration
        service = f"aws-sdk:{service}" if integration.is_sdk else service
        problems = api_problems(service, f"{action}{pattern}", result, other_fields=other_fields)
        if not problems and (service, action) == ("lambda", "invoke") and "Payload" in result:
            return self._problems_of_function(_invoked_function(state), result["Payload"])
        return f"{service}:{action}{pattern}", problems

    def _problems_of_function(self, resource: str, result: Json) -> tuple[str, list[str]]:
        function = lambdas.find(self._functions, resource)
        declared = _declared_by(function.handler) if function else None
        return str(declared), declared.problems(result) if declared else []


def _malformed(state: PreparedState, mock: object) -> Iterator[Finding]:
    """Yield the finding for a value that is not a mock, such as a bare result, and for a state that is never mocked."""
    if state.type not in ("Task", *_CONTAINERS) and not getattr(mock, "other_fields", False):
        message = f"a mock is for a {state.type} state, which makes no call"
        yield Finding("MOCKS", "error", state.at(), message, "mock a Task, Parallel or Map")
    responses = mock if isinstance(mock, Sequence) and not isinstance(mock, (str, bytes)) else ()
    is_mock = isinstance(mock, (Return, Throw, ConfiguredMock, type(None))) or callable(mock) or hasattr(mock, "answer")
    wrong = [response for response in responses if not isinstance(response, (Return, Throw, type(None)))]
    if wrong or not (is_mock or responses is mock):
        kind = type(wrong[0] if wrong else mock).__name__
        yield Finding("MOCKS", "error", state.at(), f"the mock has a {kind} in place of a Return or Throw", _WRITE)


def _problems_of_container(state: PreparedState, result: Json) -> list[str]:
    """A Parallel has a list with one result for each branch; a Map has a list, or what its ResultWriter returns."""
    if state.type == "Map" and "ResultWriter" in state.fields:
        return []
    if not isinstance(result, list):
        return ["it must be a list"]
    if state.type == "Parallel" and len(result) != len(state.scopes):
        return [f"it must have one item for each of the {len(state.scopes)} branches"]
    return []


def _invoked_function(state: PreparedState) -> str:
    """The function that lambda:invoke names; "" if only the execution knows it, or does not wait for its result."""
    arguments = state.fields.get("Arguments" if state.is_jsonata else "Parameters")
    fields: Mapping[str, Json] = arguments if isinstance(arguments, dict) else {}
    name, waits = fields.get("FunctionName"), fields.get("InvocationType", "RequestResponse") == "RequestResponse"
    return name if isinstance(name, str) and waits else ""


def _declared_by(handler: Handler) -> DeclaredResult | None:
    """The return annotation of a handler of the template, or of a function at the top of a test's module."""
    declared = getattr(handler, "declared_result", None)
    if declared is not None:
        result: DeclaredResult | None = declared()
        return result
    code = getattr(handler, "__code__", None)
    if not isinstance(code, CodeType) or code.co_name != getattr(handler, "__qualname__", ""):
        return None
    return declared_result(Path(code.co_filename), code.co_name)
