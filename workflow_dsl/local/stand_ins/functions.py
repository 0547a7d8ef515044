"""Lambda on this computer: a handler is called as Lambda would call it, its exception turned into Lambda's payload."""

from __future__ import annotations

import json
import traceback
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
_HERE = Path(__file__).parent
PAYLOAD_LIMIT = 6 * 1024 * 1024  # bytes; Lambda quotas, "Invocation payload (request and response)"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The context object a handler is given. The virtual clock stands still while a handler works."""

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
        return function_arn(self.function_name)

    def get_remaining_time_in_millis(self) -> int:
        return int(self.timeout * 1000)


@dataclass(frozen=True, slots=True)
class Function:
    """A handler with what Lambda is told of it; a bare handler takes the defaults."""

    handler: Handler
    name: str = ""
    memory: int = 128
    timeout: float = 3
    environment: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> Sequence[Finding]:
        """Why it cannot be called here, where that can be told without calling it."""
        tell: Callable[[], Sequence[Finding]] | None = getattr(self.handler, "problems", None)
        return tell() if tell else ()


def function_arn(name: str) -> str:
    return f"arn:{LOCAL_PARTITION}:lambda:{LOCAL_REGION}:{LOCAL_ACCOUNT}:function:{name}"


def function_name(resource: str) -> str:
    """The name in a function's ARN, partial ARN, or name with a qualifier; a placeholder's own name."""
    if resource.startswith("${") and resource.endswith("}"):
        return resource[2:-1]
    parts = resource.split(":")
    return parts[parts.index("function") + 1] if "function" in parts[:-1] else parts[0] or resource


def find(functions: Mapping[str, Handler | Function], resource: str) -> Function | None:
    """The function for what a state calls: by ARN as it is written, or by name."""
    name = function_name(resource)
    found = functions.get(resource, functions.get(name))
    if found is None:
        return None
    return found if isinstance(found, Function) else Function(found, name)


def invoke(function: Function, name: str, event: Json, random: Random) -> Json:
    """What the function returns for an event, both through JSON. Raises StateError as the service reports a failure."""
    request = uuid(random)
    context = LambdaContext(name, request, function.memory, function.timeout, log_group_name=f"/aws/lambda/{name}")
    text = to_json(event)
    size = len(text.encode(errors="surrogatepass"))
    if size > PAYLOAD_LIMIT:
        raise StateError("Lambda.RequestTooLargeException", f"{size} byte payload is too large")
    try:
        result = function.handler(json.loads(text), context)
    except FindingsError:
        raise
    except Exception as problem:  # whatever a handler raises is its answer
        raise StateError(type(problem).__name__, _payload(problem, request)) from None
    except SystemExit as problem:
        said = {"errorMessage": f"RequestId: {request} Error: Runtime exited with error: {problem}"}
        raise StateError("Runtime.ExitError", to_json({**said, "errorType": "Runtime.ExitError"})) from None
    return _returned(result, request)


def _returned(result: Json, request: str) -> Json:
    try:
        text = json.dumps(result, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        said = {"errorMessage": f"Unable to marshal response: {problem}", "errorType": "Runtime.MarshalError"}
        raise StateError("Runtime.MarshalError", to_json({**said, "requestId": request, "stackTrace": []})) from None
    if len(text) > PAYLOAD_LIMIT:
        said = {
            "errorMessage": f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
        raise StateError("Function.ResponseSizeTooLarge", to_json(said))
    return json.loads(text)


def _payload(problem: Exception, request: str) -> str:
    """The payload that Lambda's Python runtime makes of an exception."""
    frames = problem.__traceback__
    while frames and frames.tb_next and Path(frames.tb_frame.f_code.co_filename).parent == _HERE:
        frames = frames.tb_next  # how the handler was reached is nothing to its author
    return to_json(
        {
            "errorMessage": str(problem),
            "errorType": type(problem).__name__,
            "requestId": request,
            "stackTrace": traceback.format_tb(frames),
        }
    )
