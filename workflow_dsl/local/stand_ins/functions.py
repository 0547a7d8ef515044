"""Local Lambda functions: a handler is called as Lambda calls it, and its exception becomes Lambda's error payload."""

from __future__ import annotations

import json
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json, uuid
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.local.errors import StateError

Handler = Callable[[Any, Any], Json]
_OWN_FOLDER = Path(__file__).parent
PAYLOAD_LIMIT = 6 * 1024 * 1024  # bytes; Lambda quotas, "Invocation payload (request and response)"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The context argument of a handler. The virtual clock does not move while a handler runs."""

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int = 128
    timeout: float = 3
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    @property
    def invoked_function_arn(self) -> str:
        """The ARN of the function."""
        return function_arn(self.function_name)

    def get_remaining_time_in_millis(self) -> int:
        """Return the whole timeout in milliseconds."""
        return int(self.timeout * 1000)


class MarshallingHandler(ABC):
    """A handler outside this process, whose runtime reads and writes the JSON of events and results itself."""

    @abstractmethod
    def invoke(self, payload: str, context: LambdaContext) -> str:
        """Return the result of an event, both as text in JSON. Raises StateError."""

    def __call__(self, event: Json, context: LambdaContext | None) -> Json:
        """Return the result of an event, as a Python handler does."""
        return json.loads(self.invoke(to_json(event), context or LambdaContext("local", "local")))


@dataclass(frozen=True, slots=True)
class Function:
    """A handler with its Lambda configuration; memory in MB, timeout in seconds."""

    handler: Handler
    name: str = ""
    memory: int = 128
    timeout: float = 3
    environment: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> Sequence[Finding]:
        """Return the findings that keep the handler from running, as far as they show without calling it."""
        problems: Callable[[], Sequence[Finding]] | None = getattr(self.handler, "problems", None)
        return problems() if problems else ()


def function_arn(name: str) -> str:
    """Return the ARN of a function in the local account."""
    return f"arn:{LOCAL_PARTITION}:lambda:{LOCAL_REGION}:{LOCAL_ACCOUNT}:function:{name}"


def function_name(resource: str) -> str:
    """Return the name in a function's ARN, partial ARN, or name with a qualifier; for a placeholder its name."""
    if resource.startswith("${") and resource.endswith("}"):
        return resource[2:-1]
    parts = resource.split(":")
    return parts[parts.index("function") + 1] if "function" in parts[:-1] else parts[0] or resource


def find(functions: Mapping[str, Handler | Function], resource: str) -> Function | None:
    """Find the function that a state calls, by its ARN as written or by its name."""
    name = function_name(resource)
    function = functions.get(resource, functions.get(name))
    if function is None:
        return None
    return function if isinstance(function, Function) else Function(function, name)


def invoke(function: Function, name: str, event: Json, random: Random) -> Json:
    """Call a function with an event and return its result, both passed through JSON.

    Raises StateError with the error and cause that the service reports.
    """
    request = uuid(random)
    context = LambdaContext(name, request, function.memory, function.timeout, log_group_name=f"/aws/lambda/{name}")
    text = to_json(event)
    size = len(text.encode(errors="surrogatepass"))
    if size > PAYLOAD_LIMIT:
        raise StateError("Lambda.RequestTooLargeException", f"{size} byte payload is too large")
    if isinstance(function.handler, MarshallingHandler):
        return _parsed(function.handler.invoke(text, context))
    try:
        result = function.handler(json.loads(text), context)
    except FindingsError:
        raise
    except Exception as problem:  # every exception of a handler is a result
        raise StateError(type(problem).__name__, _exception_payload(problem, request)) from None
    except SystemExit as problem:
        payload = {"errorMessage": f"RequestId: {request} Error: Runtime exited with error: {problem}"}
        raise StateError("Runtime.ExitError", to_json({**payload, "errorType": "Runtime.ExitError"})) from None
    return _passed_through_json(result, request)


def _passed_through_json(result: Json, request: str) -> Json:
    try:
        text = json.dumps(result, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        payload = {"errorMessage": f"Unable to marshal response: {problem}", "errorType": "Runtime.MarshalError"}
        raise StateError("Runtime.MarshalError", to_json({**payload, "requestId": request, "stackTrace": []})) from None
    return _parsed(text)


def _parsed(text: str) -> Json:
    if len(text.encode(errors="surrogatepass")) > PAYLOAD_LIMIT:
        payload = {
            "errorMessage": f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
        raise StateError("Function.ResponseSizeTooLarge", to_json(payload))
    return json.loads(text)


def _exception_payload(problem: Exception, request: str) -> str:
    """The payload that Lambda's Python runtime creates from an exception."""
    frames = problem.__traceback__
    while frames and frames.tb_next and Path(frames.tb_frame.f_code.co_filename).parent == _OWN_FOLDER:
        frames = frames.tb_next  # the frames of this package do not help the author
    return to_json(
        {
            "errorMessage": str(problem),
            "errorType": type(problem).__name__,
            "requestId": request,
            "stackTrace": traceback.format_tb(frames),
        }
    )
