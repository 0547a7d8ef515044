"""endpoint.py: functions that are called at a Lambda endpoint, here a small server on this computer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.application.application import read_application
from workflow_dsl.cli import main
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.lambda_functions.endpoint import LambdaEndpoint
from workflow_dsl.local.lambda_functions.functions import Function, invoke
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project

ANSWERS: dict[str, tuple[int, dict[str, str], str]] = {
    "Busy": (200, {"X-Amz-Function-Error": "Unhandled"}, '{"errorType": "Stock.Busy", "errorMessage": "later"}'),
    "Odd": (200, {"X-Amz-Function-Error": "Unhandled"}, '"only text"'),
    "Empty": (200, {}, ""),
    "Gone": (404, {"x-amzn-errortype": "ResourceNotFound"}, '{"Type": "User", "Message": "Function not found: Gone"}'),
    "Throttled": (429, {"x-amzn-errortype": "TooManyRequestsException"}, '{"message": "Rate exceeded"}'),
}


class Endpoint(BaseHTTPRequestHandler):
    """Answers Invoke: with a function's fixed answer, or with its name and event."""

    calls: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        _, version, _, name, action = self.path.split("/")
        self.calls.append(name)
        echo = json.dumps({"function": name, "event": json.loads(body), "path": [version, action]})
        status, headers, answer = ANSWERS.get(name, (200, {}, echo))
        self.send_response(status)
        for header, value in {**headers, "Content-Length": str(len(answer))}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def calls() -> list[str]:
    """The names of the functions that are called at the endpoint."""
    return []


@pytest.fixture
def url(calls: list[str]) -> Iterator[str]:
    """The URL of an endpoint."""
    with HTTPServer(("127.0.0.1", 0), type("Recorder", (Endpoint,), {"calls": calls})) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def call(url: str, name: str, event: Any = None) -> Any:
    return invoke(Function(LambdaEndpoint(url), name), name, event, Random(1))[0]


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:1"])
def test_a_function_is_invoked_by_its_name(url: str, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    answer = {"function": "Checker", "event": {"a": "ü"}, "path": ["2015-03-31", "invocations"]}
    assert call(url, "Checker", {"a": "ü"}) == answer


def test_half_a_surrogate_pair_arrives(url: str) -> None:
    assert call(url, "Checker", "\ud83d")["event"] == "\ud83d"


def test_an_endpoint_is_called_without_any_credentials(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert call(url, "Checker")["function"] == "Checker"


ERRORS = [
    ("Busy", "Stock.Busy", '{"errorType": "Stock.Busy", "errorMessage": "later"}'),
    ("Odd", "Lambda.Unknown", '"only text"'),
    ("Empty", "Lambda.Unknown", "The function's response is not JSON: ''"),
    ("Gone", "Lambda.ResourceNotFoundException", "Function not found: Gone (Service: AWSLambda; Status Code: 404;"),
    ("Throttled", "Lambda.TooManyRequestsException", "Rate exceeded (Service: AWSLambda; Status Code: 429;"),
]


@pytest.mark.parametrize(("name", "error", "cause"), ERRORS)
def test_an_error_of_the_endpoint_is_the_states_error(url: str, name: str, error: str, cause: str) -> None:
    with pytest.raises(StateError) as failure:
        call(url, name)
    assert (failure.value.error, (failure.value.cause or "")[: len(cause)]) == (error, cause)


UNREACHABLE = [
    ("http://127.0.0.1:1", "Checker", r"Checker cannot be called at http://127\.0\.0\.1:1: Could not connect to the "
     r"endpoint URL: .*; start it, for example with sam local start-lambda, or correct --lambda-endpoint"),
    ("localhost", "Checker", r"Invalid endpoint: localhost; begin --lambda-endpoint with http:// or https://"),
    ("http://[", "Checker", r"Invalid IPv6 URL; begin --lambda-endpoint with http:// or https://"),
    ("http://127.0.0.1:1", "not a name", r"not a name cannot be called .*Invalid|Could not connect"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "name", "text"), UNREACHABLE)
def test_an_endpoint_that_does_not_answer_is_a_finding(url: str, name: str, text: str) -> None:
    with pytest.raises(FindingsError, match=text):
        call(url, name)


TEMPLATE = """
Resources:
  Here: {Type: AWS::Serverless::Function, Properties: {CodeUri: here, Handler: app.handler, Runtime: python3.13}}
  Java: {Type: AWS::Serverless::Function, Properties: {CodeUri: java, Handler: M::h, Runtime: java21, FunctionName: jvm}}
  Image: {Type: AWS::Serverless::Function, Properties: {PackageType: Image, ImageUri: image}}
  Inline: {Type: AWS::Serverless::Function, Properties: {InlineCode: "x = 1", Handler: index.x, Runtime: python3.13}}
  Stored: {Type: AWS::Serverless::Function, Properties: {CodeUri: s3://b/k, Handler: index.x, Runtime: python3.13}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: all.asl.json
      DefinitionSubstitutions: {Here: !GetAtt Here.Arn, Java: !GetAtt Java.Arn, Image: !Ref Image}
"""
OTHER = "arn:aws:lambda:us-east-1:111111111111:function:Elsewhere:live"
RESOURCES = {"Here": "${Here}", "Java": "${Java}", "Elsewhere": OTHER}
TASKS = {name: {"Type": "Task", "Resource": resource, "ResultPath": None} for name, resource in RESOURCES.items()}
INVOKE = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "${Image}"}}
STATES: dict[str, dict[str, Any]] = {**TASKS, "Image": {**INVOKE, "OutputPath": "$.Payload.function", "End": True}}
NEXT = dict(zip(STATES, [*STATES][1:], strict=False))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    states = {name: {**state, **({"Next": NEXT[name]} if name in NEXT else {})} for name, state in STATES.items()}
    (tmp_path / "all.asl.json").write_text(json.dumps({"StartAt": "Here", "States": states}))
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "here").mkdir()
    (tmp_path / "java").mkdir()
    (tmp_path / "here" / "app.py").write_text("def handler(event, context):\n    return 1\n")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", "Machine", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("options", "called"),
    [([], ["jvm", "Elsewhere", "Image"]), (["--lambda-endpoint-for", "all"], ["Here", "jvm", "Elsewhere", "Image"])],
)
def test_the_functions_that_cannot_run_here_or_all_are_called_at_the_endpoint(
    project: Project, url: str, calls: list[str], options: list[str], called: list[str]
) -> None:
    result = run("--lambda-endpoint", url, *options)
    assert (result.stdout.splitlines()[-1], result.stderr, calls) == ('Output: "Image"', "", called)


def test_an_endpoint_that_is_not_there_is_no_failure_of_the_workflow(project: Project) -> None:
    result = run("--lambda-endpoint", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert result.stderr.startswith("error UNREACHABLE: jvm cannot be called at http://127.0.0.1:1: Could not connect")


ELSEWHERE = (
    "; call it at an endpoint with --lambda-endpoint URL, mock its state with --mock or --return STATE=JSON, or pass a "
    "replacement in functions="
)
NOT_HERE = [
    ("Java", "java: {at}Java runs java21, which cannot run locally"),
    ("Image", "template.yaml:5:3: {at}Image is a container image, which cannot run locally"),
    ("Inline", "template.yaml:6:3: {at}Inline has inline code, which cannot run locally"),
    ("Stored", "template.yaml:7:3: {at}Stored has its code elsewhere, which cannot run locally"),
]


@pytest.mark.parametrize(("name", "text"), NOT_HERE)
def test_a_function_that_cannot_run_here_names_what_can_be_done(project: Project, name: str, text: str) -> None:
    target = {"Java": "jvm"}.get(name, name)
    resource = f"arn:aws:lambda:us-east-1:111111111111:function:{target}"
    (project.root / "one.json").write_text(
        json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "End": True}}})
    )
    runner = ProjectRunner(read_application(project))
    with pytest.raises(FindingsError) as error:
        runner.run("one.json")
    message = text.format(at='"A" Resource: ')
    assert str(error.value).replace(f"{project.root}/", "") == f"{message}{ELSEWHERE}"
    assert runner.run("one.json", functions={name: lambda event, context: "instead"}).output == "instead"
