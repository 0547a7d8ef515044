"""node_functions.py: Node.js handlers, called in a process of their own as Lambda's runtime client calls them."""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.lambda_functions.functions import Function, invoke
from workflow_dsl.local.lambda_functions.loading import load_function
from workflow_dsl.local.lambda_functions.not_here import ELSEWHERE
from workflow_dsl.local.stand_ins.aws_variables import calling
from workflow_dsl.records import replace

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node on the PATH")

REQUEST = "cd613e30-d8f1-4adf-91b7-584a2265b1f5"  # the first UUID of the seed 1


def code(folder: Path, files: Mapping[str, str], handler: str = "app.handler", **environment: str) -> FunctionCode:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return FunctionCode("Logical", "checker", folder, handler, 256, 9, environment, "nodejs20.x")


def call(function: Function, event: Any = None) -> Any:
    return invoke(function, function.name, event, Random(1))[0]


def failure(function: Function, event: Any = None) -> tuple[str | None, dict[str, Any]]:
    with pytest.raises(StateError) as error:
        call(function, event)
    return error.value.error, json.loads(error.value.cause or "")


STYLES = """
class Busy extends Error { constructor(text) { super(text); this.name = "Stock.Busy"; } }
const later = (action) => setTimeout(action, 1);
const styles = {
  "async": async (event) => ({ got: event }),
  "async, nothing": async () => {},
  "async, a symbol": async () => Symbol("s"),
  "promise": (event) => Promise.resolve([event.style]),
  "thenable": () => ({ then: (resolve) => resolve("then") }),
  "callback": (event, context, callback) => callback(null, "now"),
  "callback later": (event, context, callback) => later(() => callback(undefined, "later")),
  "callback waits for timers": (event, context, callback) => {
    const result = { timers: 0 };
    later(() => { result.timers += 1; });
    callback(null, result);
  },
  "callback does not wait": (event, context, callback) => {
    const result = { timers: 0 };
    later(() => { result.timers += 1; });
    context.callbackWaitsForEmptyEventLoop = false;
    callback(null, result);
  },
  "first callback counts": (event, context, callback) => { callback(null, 1); callback(null, 2); context.succeed(3); },
  "succeed": (event, context) => later(() => context.succeed(7)),
  "done": (event, context) => context.done(null, 8),
  "no answer": (event, context, callback) => { later(() => {}); },
  "plain value": () => "ignored",
  "not finite": async () => [NaN, undefined, new Date(0)],
  "throws": () => { throw new TypeError("thrown"); },
  "rejects": async () => { throw new Busy("try later"); },
  "rejects with text": async () => { throw "text"; },
  "rejects with nothing": () => Promise.reject(),
  "callback with an error": (event, context, callback) => callback(new RangeError("called")),
  "callback with text": (event, context, callback) => callback("called"),
  "fail": (event, context) => context.fail(new Busy("failed")),
  "fail without an error": (event, context) => context.fail(),
  "done with an error": (event, context) => context.done("done"),
  "an odd name": async () => { throw Object.assign(new Error("text"), { name: 5 }); },
  "a control character": async () => { throw "a\x7fb"; },
  "not JSON": async () => 10n,
};
exports.handler = (event, context, callback) => styles[event.style](event, context, callback);
"""
RESULTS: list[tuple[str, Any]] = [
    ("async", {"got": {"style": "async"}}),
    ("async, nothing", None),
    ("async, a symbol", None),
    ("promise", ["promise"]),
    ("thenable", "then"),
    ("callback", "now"),
    ("callback later", "later"),
    ("callback waits for timers", {"timers": 1}),
    ("callback does not wait", {"timers": 0}),
    ("first callback counts", 1),
    ("succeed", 7),
    ("done", 8),
    ("no answer", None),
    ("plain value", None),
    ("not finite", [None, None, "1970-01-01T00:00:00.000Z"]),
]
ERRORS: list[tuple[str, str, str, str]] = [
    ("throws", "TypeError", "thrown", "TypeError: thrown"),
    ("rejects", "Stock.Busy", "try later", "Stock.Busy: try later"),
    ("rejects with text", "string", "text", ""),
    ("rejects with nothing", "string", "handled", ""),
    ("callback with an error", "RangeError", "called", "RangeError: called"),
    ("callback with text", "string", "called", ""),
    ("fail", "Stock.Busy", "failed", "Stock.Busy: failed"),
    ("fail without an error", "string", "handled", ""),
    ("done with an error", "string", "done", ""),
    (
        "an odd name",
        "handled",
        "callback called with Error argument, but there was a problem while retrieving one or "
        "more of its message, name, and stack",
        "",
    ),
    ("a control character", "string", "a%7Fb", ""),
    ("not JSON", "Error", "Unable to stringify response body", "Error: Unable to stringify response body"),
]


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Function:
    """A function with a handler of each style, in one process."""
    return load_function(code(tmp_path_factory.mktemp("styles"), {"app.js": STYLES}))


@pytest.mark.parametrize(("style", "result"), RESULTS)
def test_a_handler_may_answer_in_each_style_of_lambda(styles: Function, style: str, result: Any) -> None:
    assert call(styles, {"style": style}) == result


@pytest.mark.parametrize(("style", "name", "message", "trace"), ERRORS)
def test_an_error_has_lambdas_type_message_and_trace(
    styles: Function, style: str, name: str, message: str, trace: str
) -> None:
    error, payload = failure(styles, {"style": style})
    first = [payload.pop("trace", [])[:1]]
    assert (error, payload) == (name, {"errorType": name, "errorMessage": message})
    assert first == [[trace] if trace else []]


def test_a_trace_has_the_functions_lines_where_lambda_has_them(styles: Function) -> None:
    _, payload = failure(styles, {"style": "throws"})
    assert [line.strip() for line in payload["trace"]] == [
        "TypeError: thrown",
        "at Object.throws (/var/task/app.js:29:27)",
        "at exports.handler (/var/task/app.js:42:68)",
    ]


ENDS = [
    ("exports.handler = async () => { process.exit(3); };", "Runtime.ExitError",
     f"RequestId: {REQUEST} Error: Runtime exited with error: exit status 3"),
    ("exports.handler = async () => { process.exit(); };", "Runtime.ExitError",
     f"RequestId: {REQUEST} Error: Runtime exited without providing a reason"),
    ("exports.handler = async () => { process.kill(process.pid, 'SIGKILL'); for (;;); };", "Runtime.ExitError",
     f"RequestId: {REQUEST} Error: Runtime exited with error: signal: killed"),
    ("exports.handler = async () => { await new Promise(() => {}); };", "Runtime.NodeJsExit",
     "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise "
     "that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes"),
    ("exports.handler = () => { setTimeout(() => { throw new RangeError('late'); }, 1); };", "RangeError", "late"),
    ("exports.handler = () => { Promise.reject(new Error('lost')); setTimeout(() => {}, 9000); };",
     "Runtime.UnhandledPromiseRejection", "Error: lost"),
    ("exports.handler = async () => 'x'.repeat(6 * 1024 * 1024);", "Function.ResponseSizeTooLarge",
     "Response payload size exceeded maximum allowed payload size (6291456 bytes)."),
    ("exports.handler = 1; throw new TypeError('loading');", "TypeError", "loading"),
    ("let a = ;\nexports.handler = 1", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"),
    ("exports.handler = { a: 1 };", "Runtime.HandlerNotFound", "app.handler is not a function"),
    ("const handler = 0; module.exports = { handler };", "Runtime.HandlerNotFound",
     "app.handler is undefined or not exported"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "name", "message"), ENDS)
def test_a_function_that_ends_badly_fails_as_in_lambda(tmp_path: Path, source: str, name: str, message: str) -> None:
    error, payload = failure(load_function(code(tmp_path, {"app.js": source})))
    assert (error, payload["errorType"], payload["errorMessage"]) == (name, name, message)


def test_a_handler_is_stopped_after_its_timeout(tmp_path: Path) -> None:
    files = {
        "app.js": "let calls = 0; exports.handler = async (event) => { calls += 1; while (event); return calls; };"
    }
    function = load_function(replace(code(tmp_path, files), timeout=0.5))
    message = f"RequestId: {REQUEST} Error: Task timed out after 0.50 seconds"
    timed_out = ("Sandbox.Timedout", {"errorType": "Sandbox.Timedout", "errorMessage": message})
    assert (call(function), failure(function, 1), call(function)) == (1, timed_out, 1)


NEWER = [
    ("exports.handler = (event) => event;", None, "nothing waits"),
    ("exports.handler = (e, context) => Object.keys(context).includes('succeed');", None, False),
    ("exports.handler = (e, context, callback) => callback(null, 1);", "Runtime.CallbackHandlerDeprecated", None),
    ("exports.handler = async () => 10n;", "Runtime.JSONStringifyError", None),
    ("exports.handler = () => new Promise(() => {});", "Runtime.NodeJsExit", None),
]


@pytest.mark.parametrize(("source", "error", "result"), NEWER)
def test_a_runtime_from_node_24_on_takes_no_callbacks(
    tmp_path: Path, source: str, error: str | None, result: Any
) -> None:
    function = load_function(replace(code(tmp_path, {"app.js": source}), runtime="nodejs24.x"))
    if error:
        assert failure(function)[0] == error
    else:
        assert call(function, "nothing waits") == result


EXPORT = "export const handler = async () => import.meta.url.split('/').at(-1);"
MODULES = [
    ({"app.js": "exports.handler = async () => require('./lib').name;", "lib.js": "exports.name = 'lib';"}, "app.handler", "lib"),
    ({"app.cjs": "module.exports = { handler: async () => 'cjs' };"}, "app.handler", "cjs"),
    ({"app.mjs": EXPORT}, "app.handler", "app.mjs"),
    ({"app.js": EXPORT, "package.json": '{"type": "module"}'}, "app.handler", "app.js"),
    ({"src/app.js": EXPORT, "package.json": '{"type": "module"}'}, "src/app.handler", "app.js"),
    ({"src/app.js": "exports.handler = async () => __dirname.split('/').at(-1);"}, "src/app.handler", "src"),
    ({"app.js": "exports.api = { get: async () => 'nested' };"}, "app.api.get", "nested"),
    ({"app/index.js": "exports.handler = async () => 'index';"}, "app.handler", "index"),
    ({"app.mjs": "export const handler = await Promise.resolve(async () => 'awaited');"}, "app.handler", "awaited"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "handler", "result"), MODULES)
def test_the_module_is_found_as_lambda_finds_it(
    tmp_path: Path, files: Mapping[str, str], handler: str, result: str
) -> None:
    function = load_function(code(tmp_path, files, handler))
    assert (function.problems(), call(function)) == ([], result)


def test_a_function_keeps_its_process_until_it_exits(tmp_path: Path) -> None:
    app = "let calls = 0; exports.handler = async (event) => { if (event) process.exit(1); return [process.pid, ++calls]; }"
    function = load_function(code(tmp_path, {"app.js": app}))
    (first, one), (second, two) = call(function), call(function)
    assert (first == second, one, two) == (True, 1, 2)
    assert failure(function, 1)[0] == "Runtime.ExitError"
    assert call(function)[1] == 1


def test_the_context_has_lambdas_properties(tmp_path: Path) -> None:
    app = """exports.handler = async (event, context) => {
        const left = context.getRemainingTimeInMillis();
        return { ...context, left: left > 0 && left <= 9000 };
    };"""
    assert call(load_function(code(tmp_path, {"app.js": app}))) == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionName": "checker",
        "functionVersion": "$LATEST",
        "invokedFunctionArn": "arn:aws:lambda:us-east-1:111111111111:function:checker",
        "memoryLimitInMB": "256",
        "awsRequestId": REQUEST,
        "logGroupName": "/aws/lambda/checker",
        "logStreamName": "local",
        "left": True,
    }


@pytest.mark.parametrize("event", [None, 0.1, "grün \U0001f600", {"a": [True, {"b": None}]}, "x" * 3_000_000])
def test_any_event_arrives_and_returns(tmp_path: Path, event: Any) -> None:
    assert call(load_function(code(tmp_path, {"app.js": "exports.handler = async (event) => event"})), event) == event


ENVIRONMENT = {"app.js": "exports.handler = async () => process.env"}
PATHS = ("PATH", "TMPDIR", "LAMBDA_TASK_ROOT")


def environment_of(function: Function) -> dict[str, str]:
    variables: dict[str, str] = call(function)
    return {name: value for name, value in variables.items() if name not in PATHS}


def test_the_environment_is_the_templates_and_lambdas_without_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "HOME", "NODE_OPTIONS", "SECRET"):
        monkeypatch.setenv(name, "--no-warnings")
    assert environment_of(load_function(code(tmp_path, ENVIRONMENT, TABLE="trades"))) == {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": "checker",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/checker",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "TABLE": "trades",
        "TZ": "UTC",
        "_HANDLER": "app.handler",
    }


@pytest.mark.parametrize(
    ("own", "keys"),
    [
        ({}, ["local", "local", None]),
        ({"AWS_ACCESS_KEY_ID": "half"}, ["local", "local", None]),
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}, ["a", "b", "c"]),
    ],
)
def test_an_endpoint_gets_the_credentials_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Mapping[str, str], keys: list[str | None]
) -> None:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    variables = environment_of(load_function(code(tmp_path, ENVIRONMENT), calling("http://localhost:4566")))
    assert variables["AWS_ENDPOINT_URL"] == "http://localhost:4566"
    assert [variables.get(name) for name in names] == keys


def test_a_queues_url_names_the_endpoint(tmp_path: Path) -> None:
    urls = {"QUEUE": "https://sqs.us-east-1.amazonaws.com/111111111111/orders", "PAGE": "https://example.com/"}
    variables = environment_of(load_function(code(tmp_path, ENVIRONMENT, **urls), calling("http://localhost:4566/")))
    assert (variables["QUEUE"], variables["PAGE"]) == ("http://localhost:4566/111111111111/orders", urls["PAGE"])


LOOKUPS = """
const dns = require("dns");
const seen = (error, address) => (error ? error.code : address);
const lookup = (host) => new Promise((resolve) => dns.lookup(host, (...values) => resolve(seen(...values))));
exports.handler = async (hosts) => Promise.all(hosts.map(async (host) => [
    await lookup(host), await dns.promises.lookup(host).then(({ address }) => address, seen),
]));
"""


def test_the_names_of_awss_hosts_are_not_resolved(tmp_path: Path) -> None:
    hosts = ["s3.amazonaws.com", "SQS.us-east-1.amazonaws.com", "lambda.us-east-1.api.aws", "127.0.0.1"]
    refused = ["ENOTFOUND", "ENOTFOUND"]
    assert call(load_function(code(tmp_path, {"app.js": LOOKUPS})), hosts) == [refused] * 3 + [["127.0.0.1"] * 2]


def test_output_goes_to_standard_error_with_the_functions_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = """
        console.log("loaded");
        exports.handler = async (event) => {
            console.log("one\\ntwo", { event });
            process.stderr.write("no line feed");
        };
    """
    assert call(load_function(code(tmp_path, {"app.js": app})), "ü") is None
    lines = ["loaded", "one", "two { event: 'ü' }", "no line feed"]
    assert capsys.readouterr() == ("", "".join(f"[checker] {line}\n" for line in lines))


def test_more_output_than_a_pipe_holds_does_not_block(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = "exports.handler = async () => { for (let i = 0; i < 40000; i++) console.log(i); return 'done'; };"
    assert call(load_function(code(tmp_path, {"app.js": app}))) == "done"
    assert capsys.readouterr().err.split("\n")[39_999] == "[checker] 39999"


def test_nothing_is_read_from_standard_input(tmp_path: Path) -> None:
    app = "exports.handler = async () => require('fs').readFileSync(0, 'utf8')"
    assert call(load_function(code(tmp_path, {"app.js": app}))) == ""


MISSING = [
    ({"app.js": "require('nothing-such')"}, "Logical imports nothing-such, which is not installed there",
     "add nothing-such to package.json and run npm install"),
    ({"app.mjs": "import x from '@scope/name/sub';"}, "Logical imports @scope/name, which is not installed there",
     "add @scope/name to package.json and run npm install"),
    ({"app.js": "require('left-pad')", "package.json": '{"dependencies": {"left-pad": "1"}}'},
     "Logical imports left-pad, which is not installed there", "run npm install in FOLDER"),
    ({"app.js": "require('@aws-sdk/client-s3')", "package.json": "[]"},
     "Logical imports @aws-sdk/client-s3, which is not installed there",
     "Lambda has it, this computer does not: run npm install --no-save @aws-sdk/client-s3 in FOLDER"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message", "remedy"), MISSING)
def test_a_package_that_is_not_installed_is_a_finding(
    tmp_path: Path, files: Mapping[str, str], message: str, remedy: str
) -> None:
    name = next(iter(files))
    exported = "export const handler = 1;" if name.endswith(".mjs") else "exports.handler = 1;"
    with pytest.raises(FindingsError) as error:
        call(load_function(code(tmp_path, {**files, name: f"{files[name]}\n{exported}"})))
    [finding] = error.value.findings
    assert (finding.code, finding.message, finding.remedy) == (
        "NOT_INSTALLED", message, remedy.replace("FOLDER", str(tmp_path)),
    )  # fmt: skip


def test_a_file_of_the_function_that_is_missing_is_lambdas_error(tmp_path: Path) -> None:
    error, payload = failure(load_function(code(tmp_path, {"app.js": "require('./gone'); exports.handler = 1"})))
    assert error == "Runtime.ImportModuleError"
    message = "Error: Cannot find module './gone'\nRequire stack:\n- /var/task/app.js\n- /var/task/package.json"
    assert payload["errorMessage"] == message


@pytest.mark.parametrize("runtime", ["", "RuntimeOfTheStack"])
def test_a_function_of_unknown_runtime_runs_in_the_language_of_its_file(tmp_path: Path, runtime: str) -> None:
    function = load_function(replace(code(tmp_path, {"app.js": "exports.handler = async () => 1"}), runtime=runtime))
    assert (function.problems(), call(function)) == ([], 1)


def test_a_version_managers_stand_in_for_node_needs_its_variables_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "node"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$HOME" = /managed ] && exec "{shutil.which("node")}" "$@"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setenv("HOME", "/managed")
    assert (
        call(load_function(code(tmp_path, {"app.js": "exports.handler = async () => process.env.HOME ?? 'none'"})))
        == "none"
    )


WRITE_IT = "write it, or fix Handler and CodeUri in the template"
PROBLEMS = [
    ({}, "app.handler", "", f"has no file for the handler 'app.handler' of Logical; {WRITE_IT}"),
    ({"app.js": ""}, "", "", f"has no file for the handler '' of Logical; {WRITE_IT}"),
    ({"other.js": ""}, "app.handler", "/app.js",
     f"the handler app.handler of Logical: the file does not exist; {WRITE_IT}"),
    ({"app.js": "exports.handle = 1"}, "app.handler", "/app.js",
     f"the handler app.handler of Logical: the file exports no handler; {WRITE_IT}"),
    ({"app.ts": "export const handler = 1"}, "app.handler", "/app.ts",
     "the handler app.handler of Logical is not compiled to JavaScript; compile it, or add Metadata: "
     "{BuildMethod: esbuild, BuildProperties: {EntryPoints: [...]}}"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "handler", "file", "text"), PROBLEMS)
def test_a_handler_that_is_missing_is_found_without_a_call(
    tmp_path: Path, files: Mapping[str, str], handler: str, file: str, text: str
) -> None:
    function = load_function(code(tmp_path, files, handler))
    assert [str(finding) for finding in function.problems()] == [f"{tmp_path}{file}: {text}"]
    with pytest.raises(FindingsError):
        call(function)


def test_a_computer_without_node_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    [finding] = load_function(code(tmp_path, {"app.js": "exports.handler = 1"})).problems()
    assert (finding.code, finding.text) == (
        "NOT_INSTALLED",
        "Logical runs nodejs20.x, and node is not installed; install Node.js, so that node is on the PATH, or "
        + ELSEWHERE,
    )


def test_a_process_that_cannot_be_started_is_a_finding(tmp_path: Path) -> None:
    source = code(tmp_path, {"app.js": "exports.handler = 1"}, NAME="a\0b")
    with pytest.raises(FindingsError, match="node cannot be started for Logical: embedded null byte; call it at an"):
        call(load_function(source))


def has_ended(process: int) -> bool:
    """Wait until a process that is not ours to wait for has ended."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)


NEEDS_PIDFD = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to watch another process")
CHILDREN = """
const { spawn } = require("child_process");
exports.handler = async () => [process.pid, spawn("sleep", ["60"]).pid];
"""


@NEEDS_PIDFD
def test_a_process_and_its_own_children_end_with_the_function(tmp_path: Path) -> None:
    function = load_function(code(tmp_path, {"app.js": CHILDREN}))
    processes = call(function)
    del function
    gc.collect()
    assert [has_ended(process) for process in processes] == [True, True]


PARENT = """
import signal, sys
from pathlib import Path
from random import Random
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.local.lambda_functions.functions import invoke
from workflow_dsl.local.lambda_functions.loading import load_function

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it otherwise
code = FunctionCode("L", "busy", Path(sys.argv[1]), "app.handler", 128, 60, {}, "nodejs20.x")
function = load_function(code)
print(invoke(function, "busy", False, Random(1))[0], flush=True)
if sys.argv[2] == "busy":
    invoke(function, "busy", True, Random(1))
raise SystemExit(int(sys.argv[2] == "exit"))
"""
BUSY = "exports.handler = async (event) => { while (event); return process.pid; }"


@NEEDS_PIDFD
@pytest.mark.parametrize(("way", "end"), [("busy", signal.SIGKILL), ("busy", signal.SIGINT), ("exit", None)])
def test_no_process_outlives_this_one(tmp_path: Path, way: str, end: signal.Signals | None) -> None:
    (tmp_path / "app.js").write_text(BUSY)
    command = [sys.executable, "-c", PARENT, str(tmp_path), way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout
        process = int(parent.stdout.readline())
        if end:
            parent.send_signal(end)
        parent.wait(10)
    assert has_ended(process)
