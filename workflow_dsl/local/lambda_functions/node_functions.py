"""Node.js functions: each runs in a resident process of its own, and is called as Lambda's Node.js runtime calls it.

Rules: aws/aws-lambda-nodejs-runtime-interface-client. Loading takes at most 10 s before an invocation's own timeout
begins (Lambda developer guide, "Understanding the Lambda execution environment lifecycle", "Init phase").
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.lambda_functions.esbuild import Build, is_built_by_esbuild
from workflow_dsl.local.lambda_functions.functions import LambdaContext, MarshallingHandler, lambda_variables
from workflow_dsl.local.lambda_functions.node_process import Exited, NodeProcess, Reply, TimedOut, find_node
from workflow_dsl.local.lambda_functions.not_here import ELSEWHERE
from workflow_dsl.local.stand_ins.aws_variables import SETTINGS, AwsVariables, at_endpoint, refusing
from workflow_dsl.records import replace

_LOAD_SECONDS = 10
_TYPESCRIPT = (".ts", ".mts", ".tsx", ".jsx")
_UNSETTLED = 13  # the exit code of Node.js for a promise that is never settled
_UNSETTLED_MESSAGE = (
    "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise "
    "that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes"
)


class NodeHandler(MarshallingHandler):
    """A handler in Node.js. `aws` returns the variables with which its AWS SDK is called; without it calls fail."""

    def __init__(self, code: FunctionCode, aws: AwsVariables | None = None) -> None:
        self._code, self._aws = code, aws or refusing
        self._build = Build(code) if is_built_by_esbuild(code) else None
        self._process: NodeProcess | None = None

    def problems(self) -> Sequence[Finding]:
        """Return the findings that keep the handler from running: no Node.js, no file, no export, no esbuild."""
        code = self._code
        if find_node() is None:
            message = f"{code.logical_id} runs {code.runtime or 'Node.js'}, and node is not installed"
            return [_finding("NOT_INSTALLED", code.folder, message, f"{_INSTALL}, or {ELSEWHERE}")]
        handler = find_handler(replace(code, runtime="nodejs"))
        if handler.file and handler.problem:
            message = f"the handler {code.handler} of {code.logical_id}: the file {handler.problem}"
            return [_finding("NO_HANDLER", handler.file, message, handler.remedy)]
        if self._build:
            return self._build.problems()
        if handler.file is None:
            message = f"has no file for the handler {code.handler!r} of {code.logical_id}"
            return [_finding("NO_HANDLER", code.folder, message, _REMEDY)]
        if handler.file.suffix in _TYPESCRIPT:
            message = f"the handler {code.handler} of {code.logical_id} is not compiled to JavaScript"
            remedy = "compile it, or add Metadata: {BuildMethod: esbuild, BuildProperties: {EntryPoints: [...]}}"
            return [_finding("NO_HANDLER", handler.file, message, remedy)]
        return []

    def invoke(self, payload: str, context: LambdaContext) -> str:
        """Return the result of an event, both in JSON. Raises StateError with Lambda's error and its payload."""
        request = context.aws_request_id
        try:
            process = self._loaded(context)
            reply = process.call(payload, _javascript_context(context), context.timeout)
        except TimedOut:
            text = f"RequestId: {request} Error: Task timed out after {context.timeout:.2f} seconds"
            raise _error("Sandbox.Timedout", text) from None
        except Exited as end:
            raise _exit_error(end.status, request) from None
        if reply.kind == "R":
            return reply.text
        raise StateError(json.loads(reply.text).get("errorType") or "Error", reply.text)

    def _loaded(self, context: LambdaContext) -> NodeProcess:
        """The process with the function's module: the present one, or a new one after an exit or a timeout."""
        if self._process is None or not self._process.is_running:
            problems = self.problems()
            if problems:
                raise FindingsError(problems)
            root = (self._build.folder() if self._build else self._code.folder).resolve()
            process = self._started(root, self._environment(root))
            self._check_loading(process.load(_LOAD_SECONDS + context.timeout))
            self._process = process
        return self._process

    def _started(self, root: Path, environment: Mapping[str, str]) -> NodeProcess:
        try:
            return NodeProcess(find_node() or "node", self._code.name, root, environment)
        except (OSError, ValueError) as problem:  # such as an environment that is too large, or that has a null byte
            message = f"node cannot be started for {self._code.logical_id}: {problem}"
            raise FindingsError([_finding("NOT_EXECUTED", self._code.folder, message, ELSEWHERE)]) from None

    def _check_loading(self, reply: Reply) -> None:
        if reply.kind == "M":
            raise FindingsError([self._missing_package(json.loads(reply.text))])
        if reply.kind == "L":
            raise StateError(json.loads(reply.text).get("errorType") or "Error", reply.text)

    def _missing_package(self, package: str) -> Finding:
        folder = self._code.folder
        remedy = f"add {package} to package.json and run npm install"
        if _is_listed(package, folder):
            remedy = f"run npm install in {folder}"
        elif package.startswith(("@aws-sdk/", "@smithy/")):
            remedy = f"Lambda has it, this computer does not: run npm install --no-save {package} in {folder}"
        message = f"{self._code.logical_id} imports {package}, which is not installed there"
        return _finding("NOT_INSTALLED", folder, message, remedy)

    def _environment(self, root: Path) -> dict[str, str]:
        """The variables of the template and of Lambda, and none of this process's but those to find programs."""
        code = self._code
        own = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        options = self._build.node_options() if self._build else {}
        sdk = {**SETTINGS, **self._aws()}
        template = {name: at_endpoint(value, sdk["AWS_ENDPOINT_URL"]) for name, value in code.environment.items()}
        return {**own, **lambda_variables(code, root), **sdk, **options, **template}


_INSTALL = "install Node.js, so that node is on the PATH"
_REMEDY = "write it, or fix Handler and CodeUri in the template"


def _javascript_context(context: LambdaContext) -> Mapping[str, object]:
    """The properties of the context object: Lambda developer guide, "Using the Lambda context object", Node.js."""
    return {
        "functionName": context.function_name,
        "functionVersion": context.function_version,
        "invokedFunctionArn": context.invoked_function_arn,
        "memoryLimitInMB": str(context.memory_limit_in_mb),
        "awsRequestId": context.aws_request_id,
        "logGroupName": context.log_group_name,
        "logStreamName": context.log_stream_name,
        "timeout": context.timeout,
    }


def _exit_error(status: int, request: str) -> StateError:
    """The error of a process that has ended by itself."""
    if status == _UNSETTLED:
        return _error("Runtime.NodeJsExit", _UNSETTLED_MESSAGE)
    reason = f"with error: {_reason(status)}" if status else "without providing a reason"
    return _error("Runtime.ExitError", f"RequestId: {request} Error: Runtime exited {reason}")


def _reason(status: int) -> str:
    return f"exit status {status}" if status > 0 else f"signal: {_SIGNALS.get(-status, -status)}"


_SIGNALS = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}


def _error(error: str, message: str) -> StateError:
    return StateError(error, to_json({"errorType": error, "errorMessage": message}))


def _is_listed(package: str, folder: Path) -> bool:
    """True if the function's package.json has a package among its dependencies."""
    try:
        content = json.loads((folder / "package.json").read_text("utf-8"))
        return any(package in content.get(field, {}) for field in ("dependencies", "devDependencies"))
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def _finding(code: str, file: Path, message: str, remedy: str) -> Finding:
    return Finding(code, "error", Where(place=Place(str(file))), message, remedy)
