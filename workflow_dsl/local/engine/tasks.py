"""The Task state: the call of its Resource with a pattern, and the events that the service records for it.

Kinds of resource and patterns: developer guide, "Discovering service integration patterns in Step Functions".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.definition.integrations import has_task_token, integration_of, parameters_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.parameter_types import refusals
from workflow_dsl.expressions.intrinsic_functions import parse_json, to_json, uuid
from workflow_dsl.expressions.problems import EvaluationProblem
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.local.engine import history, lambda_tasks
from workflow_dsl.local.engine.dataflow import arguments_of, check_size, evaluate, evaluate_template, state_error
from workflow_dsl.local.engine.events import EVENTS_OF, details_key
from workflow_dsl.local.engine.execution import Outcome, Thread, describe_execution
from workflow_dsl.local.engine.items import read_number
from workflow_dsl.local.engine.jobs import ServiceCall, follow
from workflow_dsl.local.engine.prepared import PreparedState, parse_resource
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.refusals import refuse_obstacle, refusing_gaps
from workflow_dsl.local.errors import HEARTBEAT_TIMEOUT, RUNTIME, TASK_FAILED, TIMEOUT, StateError
from workflow_dsl.local.lambda_functions import functions
from workflow_dsl.local.stand_ins.callbacks import PendingTask
from workflow_dsl.local.stand_ins.mocks import Response, Throw, TooLarge
from workflow_dsl.local.stand_ins.parameters import with_resources
from workflow_dsl.local.stand_ins.service_errors import ServiceError, optimized_error, raise_failures, sdk_error
from workflow_dsl.local.stand_ins.services import http_metadata
from workflow_dsl.records import Record

Work = Generator[Any, Any, Json]


class TaskRequest(Record):
    """The request of one attempt of a Task: its resource, its arguments and its time limits in seconds."""

    resource: str
    kind: str  # "lambda", "activity" or "task"
    service: str
    action: str
    pattern: str
    arguments: Json
    timeout: float | None
    heartbeat: float | None
    role: Json = None  # the RoleArn of Credentials

    @property
    def is_sdk(self) -> bool:
        """True for a request of an SDK integration."""
        return self.service.startswith("aws-sdk:")

    @property
    def is_callback(self) -> bool:
        """True for a request that waits for its task token to be answered."""
        return self.pattern == ".waitForTaskToken"

    def details(self) -> dict[str, Any]:
        """Return the fields that all events of the request have."""
        return {"resourceType": self.service, "resource": self.action + self.pattern} if self.kind == "task" else {}


def task_attempt(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> Work:
    """Run a Task once, and return its result."""
    resource = state.fields["Resource"]
    kind, service, action, pattern = parse_resource(resource)
    if has_task_token(resource):
        thread.token = uuid(engine.random)
    arguments = arguments_of(state, thread, value)
    if kind == "task":
        _refuse_parameters(state, thread, resource, arguments)
    timeout, heartbeat = (_time_limit(state, thread, field, value) for field in _TIME_LIMITS)
    role = _role_of(state, thread, value) if "Credentials" in state.fields else None
    request = TaskRequest(resource, kind, service, action, pattern, arguments, timeout, heartbeat, role)
    result = yield from _perform(engine, thread, state, request)
    thread.note("result", result)
    return result


def _role_of(state: PreparedState, thread: Thread, value: Json) -> Json:
    """Return the role in the Credentials of a Task, which its events have. It is not assumed."""
    template = state.fields["Credentials"]
    if state.is_jsonata:
        return evaluate(state, thread, "Credentials", template, {"input": value})["RoleArn"]
    return evaluate_template(state, thread, template, value)["RoleArn"]


def _refuse_parameters(state: PreparedState, thread: Thread, resource: str, arguments: Json) -> None:
    """Raise States.Runtime for parameters that the service does not start a task with."""
    integration = integration_of(resource)
    parameters = parameters_of(integration) if integration else None
    field = "Arguments" if state.is_jsonata else "Parameters"
    if not isinstance(arguments, dict):
        messages = [f"The value for the field '{field}' must be an OBJECT"]
    else:
        messages = refusals(integration, arguments, parameters) if integration and parameters else []
    if messages:
        subject = f"The {field} '{to_json(arguments)}' could not be used to start the Task"
        raise state_error(state, thread, f"{subject}: [{', '.join(messages)}]")


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
    events = EVENTS_OF[request.kind]
    thread.record(events.scheduled, _scheduled_details, request)
    deadline = None if request.timeout is None else engine.scheduler.now + request.timeout
    if request.kind != "activity" or engine.activities is None:
        thread.record(events.started, *_started_details(request))
    try:
        result = yield from _result_of(engine, thread, state, request, deadline)
        check_size(state, result, request.service or request.resource)
    except StateError as failure:
        timed_out = failure.error in (TIMEOUT, HEARTBEAT_TIMEOUT)
        type_ = events.timed_out if timed_out else failure.event or events.failed
        key = details_key(type_)
        thread.record(type_, history.with_error, key, failure.error, failure.cause, request.details())
        raise
    thread.record(events.succeeded, history.with_output, details_key(events.succeeded), result, request.details())
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
    # The answer to a job's token is refused: here, jobs end by themselves.
    is_answered = request.is_callback or request.kind == "activity"
    pending = PendingTask(str(thread.token), engine.scheduler) if is_answered else None
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
        failure = StateError(response.error, response.cause)
        failure.is_of_task = isinstance(response, TooLarge)
        raise failure
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


def _call_activity(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    """Return the result of the worker, a function under the activity's name or ARN, or NO_WORKER if there is none."""
    name = request.resource.rpartition(":")[2]
    known = (key for key in (request.resource, name) if key in engine.functions)
    worker = next((functions.find(engine.functions, key) for key in known), None)
    yield from ()
    if worker is None and engine.activities is not None:
        engine.activities.offer(request.resource, str(thread.token), request.arguments, _on_taken(engine, thread))
    return functions.invoke(worker, name, request.arguments, engine.random)[0] if worker else NO_WORKER


def _on_taken(engine: Engine, thread: Thread) -> Callable[[str | None], None]:
    """Return what records that a worker, which may have a name, has taken the task of an activity."""
    started = "ActivityStarted", history.with_details, "activityStartedEventDetails"
    return lambda worker: engine.scheduler.deliver(
        lambda: thread.record(*started, {"workerName": worker} if worker else {})
    )


def _call_integration(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    call = _EMULATED.get((request.service, request.action))
    if call:
        return (yield from call(engine, thread, state, request))
    parameters = request.arguments
    if (request.service, request.action) == ("events", "putEvents"):
        parameters = with_resources(parameters, [thread.execution.machine_arn, thread.execution.arn])
    with refusing_gaps(state, request.service, request.action + request.pattern):
        try:
            result = engine.services.call(request.service, request.action, parameters)
        except StateError as failure:
            raise _not_submitted(request, failure) from None
        raise_failures(request.service, request.pattern, result)
        sent = ServiceCall(request.service, request.action, request.pattern, parameters, request.timeout)
        return (yield from follow(engine, sent, result, lambda: _record_submitted(thread, request, result)))


def _not_submitted(request: TaskRequest, failure: StateError) -> StateError:
    """The failure of a call that would have started a job, with its event (users' reports, as ASFHyP3/hyp3 805)."""
    failure.event = "TaskSubmitFailed" if request.pattern.startswith(".sync") else None
    return failure


def _metadata(engine: Engine) -> dict[str, Json]:
    """The HTTP metadata that the service adds to the result of an optimized integration."""
    request_id = uuid(engine.random)
    return http_metadata({"Content-Type": "application/json", "x-amzn-RequestId": request_id}, 200, request_id)


def _start_execution(engine: Engine, thread: Thread, state: PreparedState, request: TaskRequest) -> Work:
    arguments = request.arguments
    arn, noun = str(arguments["StateMachineArn"]), ":stateMachine:"
    reference = arn.rpartition(noun if noun in arn else ":")[2]  # a name, and maybe a version or an alias
    name, machine = reference.partition(":")[0], engine.find_machine(reference)
    if machine is None:
        message = f"State Machine Does Not Exist: '{arguments['StateMachineArn']}'"
        raise _states_error(engine, request, "StateMachineDoesNotExist", message)
    execution = engine.new_execution(
        machine,
        _execution_input(engine, request),
        name=arguments.get("Name") or uuid(engine.random),
        machine_name=name,
    )
    execution.covered = thread.execution.covered if machine is thread.execution.machine else execution.covered
    started_at = format_timestamp(execution.moment())
    started = {"ExecutionArn": execution.arn, "StartDate": started_at}
    if not request.is_sdk:
        started = dict(sorted({**started, **_metadata(engine)}.items()))
    if not request.pattern.startswith(".sync"):
        engine.background.append(engine.scheduler.start(engine.run_nested(execution)))
        return started
    _record_submitted(thread, request, started)
    outcome: Outcome = yield from engine.run_nested(execution, request.timeout)
    if outcome.status == "ABORTED" and request.timeout is not None:
        raise StateError(TIMEOUT)
    description = describe_execution(execution, outcome, to_json if request.pattern == ".sync" else lambda value: value)
    if outcome.status != "SUCCEEDED":
        raise StateError(TASK_FAILED, to_json(description))
    return description


def _execution_input(engine: Engine, request: TaskRequest) -> Json:
    """The input of an execution that a task starts: JSON, or its text."""
    value = request.arguments.get("Input")
    if not isinstance(value, str):
        return {} if value is None else value
    try:
        return parse_json(value)
    except (ValueError, EvaluationProblem) as problem:
        message = f"Invalid State Machine Execution Input: '{problem}'"
        raise _states_error(engine, request, "InvalidExecutionInput", message) from None


def _states_error(engine: Engine, request: TaskRequest, code: str, message: str) -> StateError:
    """The error of Step Functions' own API."""
    error = ServiceError(code, message, 400, uuid(engine.random), code)
    return sdk_error("SFN", error) if request.is_sdk else _not_submitted(request, optimized_error("states", error))


_CALLS: dict[str, Callable[[Engine, Thread, PreparedState, TaskRequest], Work]] = {
    "lambda": lambda_tasks.call_function,
    "activity": _call_activity,
    "task": _call_integration,
}
# Integrations that the engine performs itself, without a call of AWS services.
_EMULATED: dict[tuple[str, str], Callable[[Engine, Thread, PreparedState, TaskRequest], Work]] = {
    ("lambda", "invoke"): lambda_tasks.invoke,
    ("aws-sdk:lambda", "invoke"): lambda_tasks.invoke_with_sdk,
    ("states", "startExecution"): _start_execution,
    ("aws-sdk:sfn", "startExecution"): _start_execution,
}


def _scheduled_details(request: TaskRequest) -> dict[str, Any]:
    """Fields: API reference, TaskScheduledEventDetails and those of the other kinds."""
    optional = {
        "timeoutInSeconds": None if request.timeout is None else int(request.timeout),
        "heartbeatInSeconds": None if request.heartbeat is None or request.kind == "lambda" else int(request.heartbeat),
        "taskCredentials": {"roleArn": request.role} if request.role and request.kind != "activity" else None,
    }
    given = {name: value for name, value in optional.items() if value is not None}
    if request.kind == "task":
        parameters = to_json(request.arguments)
        details = {**request.details(), "region": LOCAL_REGION, "parameters": parameters, **given}
        return history.with_details("taskScheduledEventDetails", details)
    key = details_key(EVENTS_OF[request.kind].scheduled)
    return history.with_input(key, request.arguments, resource=request.resource, **given)


def _started_details(request: TaskRequest) -> tuple[Any, ...]:
    """Return the shape and the values of the event that a request has started."""
    if request.kind == "task":
        return history.with_details, "taskStartedEventDetails", request.details()
    return (history.with_details, "activityStartedEventDetails", {}) if request.kind == "activity" else ()
