"""The Task state: what a Resource calls, with which pattern, and the events the service notes of it.

Kinds of resource and patterns: developer guide, "Discovering service integration patterns in Step Functions".
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json, uuid
from workflow_dsl.expressions.timestamps import iso
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import check_size, failed, given_to
from workflow_dsl.local.engine.execution import Outcome, Thread, described
from workflow_dsl.local.engine.items import count_field
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import HEARTBEAT_TIMEOUT, RUNTIME, TASK_FAILED, TIMEOUT, StateError
from workflow_dsl.local.stand_ins import functions
from workflow_dsl.local.stand_ins.callbacks import Pending
from workflow_dsl.local.stand_ins.mocks import Response, Throw
from workflow_dsl.local.stand_ins.services import http_metadata

Work = Generator[Any, Any, Json]


@dataclass(frozen=True, slots=True)
class TaskCall:
    """A call as it is made: what is called, with what, and how long it may take."""

    resource: str
    kind: str  # "lambda", "activity" or "task"
    service: str
    action: str
    pattern: str
    arguments: Json
    timeout: float | None
    heartbeat: float | None

    @property
    def is_callback(self) -> bool:
        return self.pattern == ".waitForTaskToken"

    def details(self) -> dict[str, Any]:
        return {"resourceType": self.service, "resource": self.action + self.pattern} if self.kind == "task" else {}


def resource_of(text: str) -> tuple[str, str, str, str]:
    """A Resource's kind, service, action and pattern; what is neither an integration nor an activity is a function."""
    called = integration_of(text)
    if called:
        return "task", f"aws-sdk:{called.service}" if called.is_sdk else called.service, called.action, called.pattern
    return ("activity" if ":activity:" in text else "lambda"), "", "", ""


def task_attempt(engine: Engine, branch: Thread, node: PreparedState, value: Json) -> Work:
    resource = node.fields["Resource"]
    kind, service, action, pattern = resource_of(resource)
    if pattern == ".waitForTaskToken" or kind == "activity":
        branch.token = uuid(engine.random)
    data = given_to(node, branch, value)
    call = TaskCall(
        resource, kind, service, action, pattern, data, *(_limit(node, branch, field, value) for field in _LIMITS)
    )
    result = yield from _called(engine, branch, node, call)
    check_size(node, result)
    return result


_NOBODY = object()  # an activity's result while no worker has taken it
_LIMITS = ("TimeoutSeconds", "HeartbeatSeconds")


def _limit(node: PreparedState, branch: Thread, field: str, value: Json) -> float | None:
    if field not in node.fields and f"{field}Path" not in node.fields:
        return None
    seconds = count_field(node, branch, field, value, 0)
    if seconds <= 0:
        raise failed(node, branch, f"The {field} must be a positive number of seconds, and is {to_json(seconds)}")
    return seconds


def _called(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall) -> Work:
    events = _EVENTS[call.kind]
    branch.note(events.scheduled, _scheduled, call)
    deadline = None if call.timeout is None else engine.scheduler.now + call.timeout
    branch.note(events.started, *_started(call))
    try:
        result = yield from _work(engine, branch, node, call, deadline)
    except StateError as problem:
        timed_out = problem.error in (TIMEOUT, HEARTBEAT_TIMEOUT)
        type_ = events.timed_out if timed_out else events.failed
        branch.note(type_, history.with_error, _key(type_), problem.error, problem.cause, call.details())
        raise
    branch.note(events.succeeded, history.with_output, _key(events.succeeded), result, call.details())
    return result


def _work(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall, deadline: float | None) -> Work:
    """What the call comes to: a mocked response, a callback's, or what is called returns."""
    response = engine.mocks.answer(node.name, call.arguments, branch.within)
    engine.calls.append((node.name, call.resource, call.arguments))
    if response is not None:
        return (yield from respond(engine, response, deadline))
    pending = Pending(branch.token, engine.scheduler) if branch.token else None
    try:
        result = yield from _KINDS[call.kind](engine, branch, node, call)
        if call.is_callback and call.kind == "task":
            branch.note("TaskSubmitted", history.with_output, "taskSubmittedEventDetails", result, call.details())
        if pending and (call.is_callback or result is _NOBODY):
            return (yield from _answered(engine, pending, call, deadline))
        return result
    finally:
        if pending:
            pending.close()


def respond(engine: Engine, response: Response, deadline: float | None) -> Work:
    """A mocked response, when its time has come."""
    moment = engine.scheduler.now + response.after
    if deadline is not None and moment > deadline:
        yield deadline
        raise StateError(TIMEOUT)
    if response.after > 0:
        yield moment
    if isinstance(response, Throw):
        raise StateError(response.error, response.cause)
    return as_json(response.value)


def as_json(value: Json) -> Json:
    """What something of the author's gives, as JSON. Raises StateError for what is none."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise StateError(RUNTIME, f"what was given is no JSON: {problem}") from None


def _answered(engine: Engine, pending: Pending, call: TaskCall, deadline: float | None) -> Work:
    """What a callback answers. Its heartbeat starts anew with every heartbeat sent."""
    while True:
        beat = None if call.heartbeat is None else engine.scheduler.now + call.heartbeat
        answer = yield from pending.wait(min((each for each in (deadline, beat) if each is not None), default=None))
        if answer is None:
            raise StateError(
                TIMEOUT if beat is None or (deadline is not None and deadline <= beat) else HEARTBEAT_TIMEOUT
            )
        kind, first, second = answer
        if kind == "success":
            return as_json(first)
        if kind == "failure":
            raise StateError(first, second)


def _call_function(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall) -> Work:
    yield from ()
    return _invoked(engine, call, call.resource, call.arguments)


def _invoked(engine: Engine, call: TaskCall, resource: str, event: Json) -> Json:
    """What a function returns; one that really takes longer than its state's timeout has timed out."""
    function = functions.find(engine.functions, resource)
    if function is None:
        cause = f"Function not found: {functions.function_arn(functions.function_name(resource))}"
        raise StateError("Lambda.ResourceNotFoundException", f"{cause} (Service: Lambda, Status Code: 404)")
    began = time.monotonic()
    try:
        return functions.invoke(function, function.name or functions.function_name(resource), event, engine.random)
    finally:
        if call.timeout is not None and time.monotonic() - began > call.timeout:
            raise StateError(TIMEOUT)


def _call_activity(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall) -> Work:
    """An activity's worker is a function under the activity's name or ARN; with none, the task waits for its token."""
    name = call.resource.rpartition(":")[2]
    worker = functions.find(engine.functions, call.resource) or functions.find(engine.functions, name)
    yield from ()
    return functions.invoke(worker, name, call.arguments, engine.random) if worker else _NOBODY


def _call_integration(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall) -> Work:
    special = _INTEGRATIONS.get((call.service.removeprefix("aws-sdk:"), call.action))
    if special and not (call.service.startswith("aws-sdk:") and call.service != "aws-sdk:sfn"):
        return (yield from special(engine, branch, node, call))
    if not isinstance(call.arguments, dict):
        raise failed(node, branch, f"The parameters of {call.action} must be an object: {to_json(call.arguments)}")
    return engine.services.call(call.service, call.action, call.arguments)


def _invoke_lambda(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall) -> Work:
    yield from ()
    name = call.arguments.get("FunctionName") if isinstance(call.arguments, dict) else None
    if not isinstance(name, str):
        raise failed(node, branch, "The field 'FunctionName' is required but was missing")
    if call.arguments.get("InvocationType") == "Event":
        with contextlib.suppress(StateError):  # an asynchronous call's failure is nobody's to see
            _invoked(engine, call, name, call.arguments.get("Payload", {}))
        return {"StatusCode": 202, **metadata(engine)}
    payload = _invoked(engine, call, name, call.arguments.get("Payload", {}))
    return {"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200, **_lambdas_metadata(engine, payload)}


def _lambdas_metadata(engine: Engine, payload: Json) -> dict[str, Json]:
    """The metadata of an invocation: developer guide, "Invoke an AWS Lambda function with Step Functions"."""
    request = uuid(engine.random)
    headers = {
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": request,
        "Content-Length": str(len(json.dumps(payload))),
        "Date": engine.start.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "X-Amzn-Trace-Id": f"root=1-{request[:8]}-{request[-12:]}{request[9:13]}{request[14:18]};sampled=0",
        "Content-Type": "application/json",
    }
    return http_metadata(headers, 200, request)


def metadata(engine: Engine) -> dict[str, Json]:
    """What the service adds to an optimized integration's result of the HTTP response it came with."""
    request = uuid(engine.random)
    return http_metadata({"Content-Type": "application/json", "x-amzn-RequestId": request}, 200, request)


def _start_execution(engine: Engine, branch: Thread, node: PreparedState, call: TaskCall) -> Work:
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    name = str(arguments.get("StateMachineArn", "")).rpartition(":")[2]
    program = engine.program(name)
    if program is None:
        cause = f"State Machine Does Not Exist: '{arguments.get('StateMachineArn')}'"
        raise StateError("StepFunctions.StateMachineDoesNotExistException", cause)
    execution = engine.execution(
        program, arguments.get("Input", {}), name=arguments.get("Name") or uuid(engine.random), machine_name=name
    )
    execution.covered = branch.execution.covered if program is branch.execution.program else execution.covered
    if not call.pattern.startswith(".sync"):
        engine.background.append(engine.scheduler.start(engine.run_within(execution)))
        return {"ExecutionArn": execution.arn, "StartDate": iso(execution.moment()), **metadata(engine)}
    started = {"ExecutionArn": execution.arn, "StartDate": iso(execution.moment()), **metadata(engine)}
    branch.note("TaskSubmitted", history.with_output, "taskSubmittedEventDetails", started, call.details())
    outcome: Outcome = yield from engine.run_within(execution, call.timeout)
    if outcome.status == "ABORTED":
        raise StateError(TIMEOUT)
    told = described(execution, outcome, to_json if call.pattern == ".sync" else lambda value: value)
    if outcome.status != "SUCCEEDED":
        raise StateError(TASK_FAILED, to_json(told))
    return told


_KINDS: dict[str, Callable[[Engine, Thread, PreparedState, TaskCall], Work]] = {
    "lambda": _call_function,
    "activity": _call_activity,
    "task": _call_integration,
}
_INTEGRATIONS: dict[tuple[str, str], Callable[[Engine, Thread, PreparedState, TaskCall], Work]] = {
    ("lambda", "invoke"): _invoke_lambda,
    ("states", "startExecution"): _start_execution,
    ("sfn", "startExecution"): _start_execution,
}


@dataclass(frozen=True, slots=True)
class _Events:
    """The names of a kind of call's events."""

    scheduled: str
    started: str
    succeeded: str
    failed: str
    timed_out: str


_EVENTS = {
    kind: _Events(*(f"{prefix}{what}" for what in ("Scheduled", "Started", "Succeeded", "Failed", "TimedOut")))
    for kind, prefix in (("lambda", "LambdaFunction"), ("activity", "Activity"), ("task", "Task"))
}


def _key(type_: str) -> str:
    return f"{type_[0].lower()}{type_[1:]}EventDetails"


def _scheduled(call: TaskCall) -> dict[str, Any]:
    limits = {"timeoutInSeconds": call.timeout, "heartbeatInSeconds": call.heartbeat}
    given = {name: int(seconds) for name, seconds in limits.items() if seconds is not None}
    if call.kind == "task":
        details = {**call.details(), "region": LOCAL_REGION, "parameters": to_json(call.arguments), **given}
        return history.with_details("taskScheduledEventDetails", details)
    return history.with_input(_key(_EVENTS[call.kind].scheduled), call.arguments, resource=call.resource, **given)


def _started(call: TaskCall) -> tuple[Any, ...]:
    if call.kind == "task":
        return history.with_details, "taskStartedEventDetails", call.details()
    return (history.with_details, "activityStartedEventDetails", {}) if call.kind == "activity" else ()
