"""Local Lambda functions: a handler is called as Lambda calls it, and its exception becomes Lambda's error payload."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from random import Random
from threading import current_thread, main_thread
from typing import Any

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json, uuid
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.lambda_functions.runtime import error_payload, exit_payload, logged, marshal
from workflow_dsl.local.stand_ins.network import calling
from workflow_dsl.records import Record, field

Handler = Callable[[Any, Any], Json]
LATEST = "$LATEST"
_LOG_STREAM = "local"
PAYLOAD_LIMIT = 6 * 1024 * 1024  # bytes; Lambda quotas, "Invocation payload (request and response)"


class LambdaContext(Record):
    """The context argument of a handler. The virtual clock does not move while a handler runs."""

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int = 128
    timeout: float = 3
    function_version: str = LATEST
    log_group_name: str = ""
    log_stream_name: str = _LOG_STREAM
    identity: None = None
    client_context: None = None
    qualifier: str = LATEST

    @property
    def invoked_function_arn(self) -> str:
        """The ARN of the function, with the version or alias that was called, if one was."""
        arn = function_arn(self.function_name)
        return arn if self.qualifier == LATEST else f"{arn}:{self.qualifier}"

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


class Function(Record):
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


def lambda_variables(code: FunctionCode, folder: Path) -> dict[str, str]:
    """Return the environment variables that Lambda sets for a function with its code in a folder.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment
    variables".
    """
    return {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{code.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(code.memory),
        "AWS_LAMBDA_FUNCTION_NAME": code.name,
        "AWS_LAMBDA_FUNCTION_VERSION": LATEST,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": _log_group(code.name),
        "AWS_LAMBDA_LOG_STREAM_NAME": _LOG_STREAM,
        "LAMBDA_TASK_ROOT": str(folder),
        "TZ": "UTC",
        "_HANDLER": code.handler,
    }


def _log_group(name: str) -> str:
    return f"/aws/lambda/{name}"


def function_arn(name: str) -> str:
    """Return the ARN of a function in the local account."""
    return f"arn:{LOCAL_PARTITION}:lambda:{LOCAL_REGION}:{LOCAL_ACCOUNT}:function:{name}"


def function_name(resource: str) -> str:
    """Return the name in a function's ARN, partial ARN, or name with a qualifier; for a placeholder its name."""
    if resource.startswith("${") and resource.endswith("}"):
        return resource[2:-1]
    parts = resource.split(":")
    return parts[parts.index("function") + 1] if "function" in parts[:-1] else parts[0] or resource


def qualifier_of(resource: str) -> str:
    """Return the version or alias in a function's ARN, partial ARN or name; $LATEST if there is none."""
    parts = resource.split(":")
    qualifiers = parts[parts.index("function") + 2 :] if "function" in parts[:-1] else parts[1:]
    return qualifiers[0] if qualifiers and qualifiers[0] and "}" not in qualifiers[0] else LATEST


def find(functions: Mapping[str, Handler | Function], resource: str) -> Function | None:
    """Find the function that a state calls, by its ARN as written or by its name."""
    name = function_name(resource)
    function = functions.get(resource, functions.get(name))
    if function is None:
        return None
    return function if isinstance(function, Function) else Function(function, name)


def invoke(
    function: Function,
    name: str,
    event: Json,
    random: Random,
    *,
    qualifier: str = LATEST,
    log: StringIO | None = None,
) -> tuple[Json, str]:
    """Call a function with an event, and return the payload of its result: its value, and its text.

    `log` gets what Lambda logs: the output of the handler between START and END. Raises StateError with the error and
    the text of the payload that the function reports.
    """
    request = uuid(random)
    version = qualifier if qualifier.isdecimal() else LATEST
    context = LambdaContext(
        *(name, request, function.memory, function.timeout, version),
        log_group_name=_log_group(name),
        qualifier=qualifier,
    )
    text = to_json(event)
    size = len(text.encode(errors="surrogatepass"))
    if size > PAYLOAD_LIMIT:
        raise StateError("Lambda.RequestTooLargeException", f"{size} byte payload is too large")
    try:
        with calling(name), logged(log, request, version, function.memory):
            payload = _payload_of(function.handler, text, context)
    except (FindingsError, StateError):  # StateError: of a handler that has the payload of its error itself
        raise
    except SystemExit as problem:
        raise _failed(exit_payload(problem, request)) from None
    except Exception as problem:  # every exception of a handler is a result
        raise _failed(error_payload(problem, request, getattr(function.handler, "folder", None))) from None
    except BaseException as problem:  # ends Lambda's process, as SystemExit does
        if isinstance(problem, KeyboardInterrupt) and current_thread() is main_thread():
            raise  # Ctrl-C, which no other thread gets
        raise _failed(exit_payload(SystemExit(1), request)) from None
    if len(payload[1]) > PAYLOAD_LIMIT:
        message = f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
        raise _failed({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})
    return payload


def _payload_of(handler: Handler, text: str, context: LambdaContext) -> tuple[Json, str]:
    if isinstance(handler, MarshallingHandler):
        answer = handler.invoke(text, context)
        return json.loads(answer), answer
    return marshal(handler(json.loads(text), context))


def _failed(payload: dict[str, Json]) -> StateError:
    """The error of a function, with the text that the runtime writes as cause."""
    return StateError(str(payload["errorType"]), json.dumps(payload, ensure_ascii=False))
