"""Calls of Lambda functions: by their ARN, by `lambda:invoke`, and by `aws-sdk:lambda:invoke`.

Developer guide, "Invoke an AWS Lambda function with Step Functions"; Lambda's API reference, Invoke.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import time
from collections.abc import Generator, Mapping
from io import StringIO
from typing import Any, Protocol

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import parse_json, to_json, uuid
from workflow_dsl.expressions.problems import EvaluationProblem
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.refusals import refuse_unless_runnable
from workflow_dsl.local.errors import TIMEOUT, StateError
from workflow_dsl.local.lambda_functions import functions
from workflow_dsl.local.lambda_functions.functions import LATEST
from workflow_dsl.local.stand_ins.service_errors import ServiceError, optimized_error, sdk_error
from workflow_dsl.local.stand_ins.services import BotoServices, FakeServices, http_metadata
from workflow_dsl.records import Record

LOG_TAIL = 4096  # bytes; the last of the log that LogType Tail returns


class Request(Protocol):
    """The request of a Task, as far as a call of a function needs it."""

    @property
    def service(self) -> str:
        """The service of the integration, with `aws-sdk:` for an SDK integration; "" for a function's ARN."""

    @property
    def resource(self) -> str:
        """The Resource of the Task."""

    @property
    def arguments(self) -> Json:
        """The arguments of the Task."""

    @property
    def timeout(self) -> float | None:
        """The seconds that the Task may take."""


class Call(Record):
    """A call of a function: its name or ARN, its version or alias, its event, and where its log goes."""

    function: str
    qualifier: str
    event: Json
    log: StringIO | None = None


def call_function(engine: Engine, thread: Thread, state: PreparedState, request: Request) -> Generator[Any, Any, Json]:
    """Call the function that is the Resource of a Task, and return its result."""
    yield from ()
    refuse_unless_runnable(engine, state, request.resource)
    call = Call(request.resource, functions.qualifier_of(request.resource), request.arguments)
    return _invoke(engine, request, call)[0]


def invoke(engine: Engine, thread: Thread, state: PreparedState, request: Request) -> Generator[Any, Any, Json]:
    """Call a function by `lambda:invoke`, and return the answer of the API. An error of the function is raised."""
    yield from ()
    arguments: Mapping[str, Json] = request.arguments
    refuse_unless_runnable(engine, state, arguments["FunctionName"])
    call = _call_of(arguments, _event(engine, arguments.get("Payload")))
    kind = arguments.get("InvocationType")
    if kind in _WITHOUT_PAYLOAD:
        return _without_payload(engine, request, call, kind)
    try:
        payload, text = _invoke(engine, request, call)
    except StateError as failure:
        raise StateError(failure.error, _compact(failure.cause)) from None
    version, tail = _version(call), _tail(call)
    metadata = _metadata(engine, 200, version, len(text.encode(errors="surrogatepass")), tail.get("LogResult"))
    return {"ExecutedVersion": version, **tail, "Payload": payload, **metadata, "StatusCode": 200}


def invoke_with_sdk(
    engine: Engine, thread: Thread, state: PreparedState, request: Request
) -> Generator[Any, Any, Json]:
    """Call a function by `aws-sdk:lambda:invoke`, and return the answer of the API, whose payload is text.

    An error of the function is part of the answer: FunctionError. A function that is not given is that of an endpoint.
    """
    yield from ()
    arguments: Mapping[str, Json] = request.arguments
    if _is_answered_by_services(engine, request, arguments["FunctionName"]):
        return engine.services.call(request.service, "invoke", request.arguments)
    refuse_unless_runnable(engine, state, arguments["FunctionName"])
    event = arguments.get("Payload")
    call = _call_of(arguments, {} if event is None else event)
    kind = arguments.get("InvocationType")
    if kind in _WITHOUT_PAYLOAD:
        return {"StatusCode": _without_payload(engine, request, call, kind)["StatusCode"]}
    failed: dict[str, Json] = {}
    try:
        text = _invoke(engine, request, call)[1]
    except StateError as failure:
        if (failure.error or "").startswith(("Lambda.", "States.")):
            raise
        failed, text = {"FunctionError": "Unhandled"}, failure.cause or ""
    return {"StatusCode": 200, **failed, **_tail(call), "Payload": text, "ExecutedVersion": _version(call)}


def _is_answered_by_services(engine: Engine, request: Request, name: str) -> bool:
    services = engine.services
    if isinstance(services, FakeServices) and services.has(request.service, "invoke"):
        return True
    is_moto = isinstance(services, BotoServices) and services.is_local  # it has no functions
    return not is_moto and functions.find(engine.functions, name) is None


_WITHOUT_PAYLOAD = {"Event": 202, "DryRun": 204}


def _without_payload(engine: Engine, request: Request, call: Call, kind: Json) -> dict[str, Json]:
    """Answer an asynchronous call, or a dry run, which does not run the function."""
    _find(engine, request, call)
    if kind == "Event":
        with contextlib.suppress(StateError):  # the caller of an asynchronous invocation never sees its failure
            _invoke(engine, request, call)
    status = _WITHOUT_PAYLOAD[kind]
    return {**_metadata(engine, status), "StatusCode": status}


def _call_of(arguments: Mapping[str, Json], event: Json) -> Call:
    name = arguments["FunctionName"]
    qualifier = arguments.get("Qualifier") or functions.qualifier_of(name)
    return Call(name, qualifier, event, StringIO() if arguments.get("LogType") == "Tail" else None)


def _event(engine: Engine, payload: Json) -> Json:
    """The event of a Payload: text is the body of the request, and has to be JSON; null is an empty object."""
    if not isinstance(payload, str):
        return {} if payload is None else payload
    try:
        return parse_json(payload) if payload else {}
    except (ValueError, EvaluationProblem) as problem:
        reason = _unrecognized_token(payload) or problem
        message = f"Could not parse request body into json: Could not parse payload into json: {reason}"
        error = ServiceError("InvalidRequestContentException", message, 400, uuid(engine.random))
        raise optimized_error("lambda", error._replace(shape=error.code)) from None


def _unrecognized_token(text: str) -> str | None:
    """The words of Lambda's JSON parser, Jackson, for text that begins with a word; None for other text."""
    word = re.match(r"\s*([A-Za-z_$][\w$]*)", text)
    if not word or word[1] in ("null", "true", "false"):
        return None
    expected = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    place = f'at [Source: (byte[])"{text}"; line: 1, column: {word.end() + 1}]'
    return f"Unrecognized token '{word[1]}': {expected}\n {place}"


def _invoke(engine: Engine, request: Request, call: Call) -> tuple[Json, str]:
    """Return a function's payload. A function that in real time exceeds the timeout of its state has timed out."""
    function = _find(engine, request, call)
    name = function.name or functions.function_name(call.function)
    began = time.monotonic()
    try:
        return functions.invoke(function, name, call.event, engine.random, qualifier=call.qualifier, log=call.log)
    finally:
        if request.timeout is not None and time.monotonic() - began > request.timeout:
            raise StateError(TIMEOUT)


def _find(engine: Engine, request: Request, call: Call) -> functions.Function:
    function = functions.find(engine.functions, call.function)
    if function is None:
        name = functions.function_name(call.function)
        message = f"Function not found: {functions.function_arn(name)}:{call.qualifier}"
        code = "ResourceNotFoundException"
        error = ServiceError(code, message, 404, uuid(engine.random), code)
        is_sdk = request.service.startswith("aws-sdk:")
        raise sdk_error("Lambda", error) if is_sdk else optimized_error("lambda", error)
    return function


def _compact(cause: str | None) -> str | None:
    """The cause of a function's error as `lambda:invoke` has it: recorded without the spaces of the runtime's text."""
    try:
        return to_json(json.loads(cause or ""))
    except ValueError:
        return cause


def _version(call: Call) -> str:
    return call.qualifier if call.qualifier.isdecimal() else LATEST


def _tail(call: Call) -> dict[str, str]:
    """The end of the log, if the call asks for it."""
    if call.log is None:
        return {}
    return {"LogResult": base64.b64encode(call.log.getvalue().encode()[-LOG_TAIL:]).decode()}


def _metadata(
    engine: Engine, status: int, version: str | None = None, size: int = 0, log: str | None = None
) -> dict[str, Json]:
    """The metadata of an invocation's HTTP response."""
    request_id = uuid(engine.random)
    trace = f"root=1-{request_id[:8]}-{request_id[-12:]}{request_id[9:13]}{request_id[14:18]};sampled=0"
    headers = {
        "X-Amz-Log-Result": log,
        "X-Amz-Executed-Version": version,
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": request_id,
        "Content-Length": str(size),
        "Date": engine.start.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "X-Amzn-Trace-Id": trace,
        "Content-Type": "application/json" if version else None,
    }
    return http_metadata({name: value for name, value in headers.items() if value}, status, request_id)
