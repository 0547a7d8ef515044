"""The Task state: the call of its Resource with a pattern, and the events that the service records for it.

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
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import arguments_of, check_size, state_error
from workflow_dsl.local.engine.execution import Outcome, Thread, describe_execution
from workflow_dsl.local.engine.items import read_number
from workflow_dsl.local.engine.jobs import ServiceCall, follow
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.refusals import refuse_obstacle, refuse_unless_runnable, refusing_gaps
from workflow_dsl.local.errors import HEARTBEAT_TIMEOUT, RUNTIME, TASK_FAILED, TIMEOUT, StateError
from workflow_dsl.local.stand_ins import functions
from workflow_dsl.local.stand_ins.callbacks import PendingTask
from workflow_dsl.local.stand_ins.mocks import Response, Throw
from workflow_dsl.local.stand_ins.services import http_metadata

Work = Generator[Any, Any, Json]


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """The request of one attempt of a Task: its resource, its arguments and its time limits in seconds."""

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
        """True for a request that waits for its task token to be answered."""
        return self.pattern == ".waitForTaskToken"

    def details(self) -> dict[str, Any]:
        """Return the fields that all events of the request have."""
        return {"resourceType": self.service, "resource": self.action + self.pattern} if self.kind == "task" else {}


def parse_resource(resource: str) -> tuple[str, str, str, str]:
    """Return the kind, service, action and pattern of a Resource.

    The kind is "task" for an integration, "activity" for an activity, and "lambda" for everything else.
    """
    integration = integration_of(resource)
    if integration:
        service = f"aws-sdk:{integration.service}" if integration.is_sdk else integration.service
        return "task", service, integration.action, integration.pattern
    return ("activity" if ":activity:" in resource else "lambda"), "", "", ""


def task_attempt(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> Work:
    """Run a Task once, and return its result."""
    resource = state.fields["Resource"]
    kind, service, action, pattern = parse_resource(resource)
    if pattern == ".waitForTaskToken" or kind == "activity":
        thread.token = uuid(engine.random)
    arguments = arguments_of(state, thread, value)
    timeout, heartbeat = (_time_limit(state, thread, field, value) for field in _TIME_LIMITS)
    request = TaskRequest(resource, kind, service, action, pattern, arguments, timeout, heartbeat)
    result = yield from _perform(engine, thread, state, request)
    check_size(state, result)
    return result


NO_WORKER = object()  # the result of an activity that no worker function has taken
_TIME_LIMITS = ("TimeoutSeconds", "HeartbeatSeconds")


def _time_limit(state: PreparedState, thread: Thread, field: str, value: Json) -> float | None:
    if field not in state.fields and f"{field}Path" not in state.fields:
        return None
    seconds = read_number(state, thread, field, value, 0)
    if seconds <= 0:
        cause = f"The {field} must be a positive number of seconds, not {to_json(seconds)}"
        raise state_error(state, thread, cause)
    return seconds


def _perform(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    """Return the result of a request, and record its events."""
    events = _EVENTS[request.kind]
    thread.record(events.scheduled, _scheduled_details, request)
    deadline = None if request.timeout is None else engine.scheduler.now + request.timeout
    thread.record(events.started, *_started_details(request))
    try:
        result = yield from _result_of(engine, thread, state, request, deadline)
    except StateError as failure:
        timed_out = failure.error in (TIMEOUT, HEARTBEAT_TIMEOUT)
        type_ = events.timed_out if timed_out else events.failed
        key = _details_key(type_)
        thread.record(type_, history.with_error, key, failure.error, failure.cause, request.details())
        raise
    thread.record(events.succeeded, history.with_output, _details_key(events.succeeded), result, request.details())
    return result


def _result_of(
    engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest, deadline: float | None
) -> Work:
    """Return the mocked response, the answer of the callback, or the result of the call."""
    response = engine.mocks.answer(state.name, request.arguments, thread.branch_path)
    engine.calls.append((state.name, request.resource, request.arguments))
    if response is not None:
        return (yield from mocked_response(engine, response, deadline))
    refuse_obstacle(engine, state)
    pending = PendingTask(thread.token, engine.scheduler) if thread.token else None
    try:
        result = yield from _CALLS[request.kind](engine, thread, state, request)
        if request.is_callback and request.kind == "task":
            _record_submitted(thread, request, result)
        if pending and (request.is_callback or result is NO_WORKER):
            return (yield from _await_callback(engine, pending, request, deadline))
        return result
    finally:
        if pending:
            pending.close()


def mocked_response(engine: Engine, response: Response, deadline: float | None) -> Work:
    """Return a mocked response after its delay. Raises StateError for a Throw, or if the deadline comes first."""
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
    """Return a copy of a mock's or callback's value as JSON. Raises StateError for a value that is not JSON."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise StateError(RUNTIME, f"the payload is not JSON: {problem}") from None


def _await_callback(engine: Engine, pending: PendingTask, request: TaskRequest, deadline: float | None) -> Work:
    """Return the output of a callback. Every heartbeat starts the heartbeat timeout again."""
    while True:
        beat = None if request.heartbeat is None else engine.scheduler.now + request.heartbeat
        answer = yield from pending.wait(min((limit for limit in (deadline, beat) if limit is not None), default=None))
        if answer is None:
            raise StateError(
                TIMEOUT if beat is None or (deadline is not None and deadline <= beat) else HEARTBEAT_TIMEOUT
            )
        kind, first, second = answer
        if kind == "success":
            return as_json(first)
        if kind == "failure":
            raise StateError(first, second)


def _record_submitted(thread: Thread, request: TaskRequest, result: Json) -> None:
    thread.record("TaskSubmitted", history.with_output, "taskSubmittedEventDetails", result, request.details())


def _call_function(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    yield from ()
    refuse_unless_runnable(engine, state, request.resource)
    return _invoke(engine, request, request.resource, request.arguments)


def _invoke(engine: Engine, request: TaskRequest, resource: str, event: Json) -> Json:
    """Return a function's result. A function that in real time exceeds the timeout of its state has timed out."""
    function = functions.find(engine.functions, resource)
    if function is None:
        cause = f"Function not found: {functions.function_arn(functions.function_name(resource))}"
        raise StateError("Lambda.ResourceNotFoundException", f"{cause} (Service: Lambda, Status Code: 404)")
    began = time.monotonic()
    try:
        return functions.invoke(function, function.name or functions.function_name(resource), event, engine.random)
    finally:
        if request.timeout is not None and time.monotonic() - began > request.timeout:
            raise StateError(TIMEOUT)


def _call_activity(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    """Return the result of the worker, a function under the activity's name or ARN, or NO_WORKER if there is none."""
    name = request.resource.rpartition(":")[2]
    candidates = (functions.find(engine.functions, key) for key in (request.resource, name))
    worker = next(filter(None, candidates), None)
    yield from ()
    return functions.invoke(worker, name, request.arguments, engine.random) if worker else NO_WORKER


def _call_integration(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    call = _EMULATED.get((request.service.removeprefix("aws-sdk:"), request.action))
    if call and not (request.service.startswith("aws-sdk:") and request.service != "aws-sdk:sfn"):
        return (yield from call(engine, thread, state, request))
    if not isinstance(request.arguments, dict):
        cause = f"The parameters of {request.action} must be an object: {to_json(request.arguments)}"
        raise state_error(state, thread, cause)
    with refusing_gaps(state, request.service, request.action + request.pattern):
        result = engine.services.call(request.service, request.action, request.arguments)
        sent = ServiceCall(request.service, request.action, request.pattern, request.arguments, request.timeout)
        return (yield from follow(engine, sent, result, lambda: _record_submitted(thread, request, result)))


def _invoke_lambda(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    yield from ()
    name = request.arguments.get("FunctionName") if isinstance(request.arguments, dict) else None
    if not isinstance(name, str):
        raise state_error(state, thread, "The field 'FunctionName' is required but was missing")
    refuse_unless_runnable(engine, state, name)
    event = request.arguments.get("Payload", {})
    if request.arguments.get("InvocationType") == "Event":
        with contextlib.suppress(StateError):  # the caller of an asynchronous invocation never sees its failure
            _invoke(engine, request, name, event)
        return {"StatusCode": 202, **_metadata(engine)}
    payload = _invoke(engine, request, name, event)
    return {"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200, **_lambda_metadata(engine, payload)}


def _lambda_metadata(engine: Engine, payload: Json) -> dict[str, Json]:
    """The metadata of an invocation: developer guide, "Invoke an AWS Lambda function with Step Functions"."""
    request_id = uuid(engine.random)
    trace = f"root=1-{request_id[:8]}-{request_id[-12:]}{request_id[9:13]}{request_id[14:18]};sampled=0"
    headers = {
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": request_id,
        "Content-Length": str(len(json.dumps(payload))),
        "Date": engine.start.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "X-Amzn-Trace-Id": trace,
        "Content-Type": "application/json",
    }
    return http_metadata(headers, 200, request_id)


def _metadata(engine: Engine) -> dict[str, Json]:
    """The HTTP metadata that the service adds to the result of an optimized integration."""
    request_id = uuid(engine.random)
    return http_metadata({"Content-Type": "application/json", "x-amzn-RequestId": request_id}, 200, request_id)


def _start_execution(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    arguments = request.arguments if isinstance(request.arguments, dict) else {}
    name = str(arguments.get("StateMachineArn", "")).rpartition(":")[2]
    machine = engine.find_machine(name)
    if machine is None:
        cause = f"State Machine Does Not Exist: '{arguments.get('StateMachineArn')}'"
        raise StateError("StepFunctions.StateMachineDoesNotExistException", cause)
    execution = engine.new_execution(
        machine, arguments.get("Input", {}), name=arguments.get("Name") or uuid(engine.random), machine_name=name
    )
    execution.covered = thread.execution.covered if machine is thread.execution.machine else execution.covered
    started_at = format_timestamp(execution.moment())
    started = {"ExecutionArn": execution.arn, "StartDate": started_at, **_metadata(engine)}
    if not request.pattern.startswith(".sync"):
        engine.background.append(engine.scheduler.start(engine.run_nested(execution)))
        return started
    _record_submitted(thread, request, started)
    outcome: Outcome = yield from engine.run_nested(execution, request.timeout)
    if outcome.status == "ABORTED":
        raise StateError(TIMEOUT)
    description = describe_execution(execution, outcome, to_json if request.pattern == ".sync" else lambda value: value)
    if outcome.status != "SUCCEEDED":
        raise StateError(TASK_FAILED, to_json(description))
    return description


_CALLS: dict[str, Callable[[Engine, Thread, PreparedState, TaskRequest], Work]] = {
    "lambda": _call_function,
    "activity": _call_activity,
    "task": _call_integration,
}
# Integrations that the engine performs itself, without a call of AWS services.
_EMULATED: dict[tuple[str, str], Callable[[Engine, Thread, PreparedState, TaskRequest], Work]] = {
    ("lambda", "invoke"): _invoke_lambda,
    ("states", "startExecution"): _start_execution,
    ("sfn", "startExecution"): _start_execution,
}


@dataclass(frozen=True, slots=True)
class _Events:
    """The event types of a kind of request."""

    scheduled: str
    started: str
    succeeded: str
    failed: str
    timed_out: str


_EVENTS = {
    kind: _Events(*(f"{prefix}{suffix}" for suffix in ("Scheduled", "Started", "Succeeded", "Failed", "TimedOut")))
    for kind, prefix in (("lambda", "LambdaFunction"), ("activity", "Activity"), ("task", "Task"))
}


def _details_key(type_: str) -> str:
    return f"{type_[0].lower()}{type_[1:]}EventDetails"


def _scheduled_details(request: TaskRequest) -> dict[str, Any]:
    limits = {"timeoutInSeconds": request.timeout, "heartbeatInSeconds": request.heartbeat}
    seconds = {name: int(limit) for name, limit in limits.items() if limit is not None}
    if request.kind == "task":
        parameters = to_json(request.arguments)
        details = {**request.details(), "region": LOCAL_REGION, "parameters": parameters, **seconds}
        return history.with_details("taskScheduledEventDetails", details)
    key = _details_key(_EVENTS[request.kind].scheduled)
    return history.with_input(key, request.arguments, resource=request.resource, **seconds)


def _started_details(request: TaskRequest) -> tuple[Any, ...]:
    """Return the shape and the values of the event that a request has started."""
    if request.kind == "task":
        return history.with_details, "taskStartedEventDetails", request.details()
    return (history.with_details, "activityStartedEventDetails", {}) if request.kind == "activity" else ()
