"""network.py: every way in which a handler could leave this computer, and what keeps it here."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
import urllib3
from botocore.config import Config

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices, Run, run

LAMBDA_ONLY = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "${Work}", "End": True}}}
KEYS: dict[str, Any] = {"aws_access_key_id": "AKIDREAL", "aws_secret_access_key": "real"}
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=1, proxies={})
NOWHERE = "nowhere.invalid"  # no name server knows it: RFC 6761, 6.4


def client(service: str, **options: Any) -> Any:
    make = cast(Any, boto3.Session(**KEYS).client)
    return make(service, "eu-west-1", config=options.pop("config", ONCE), **options)


def run_with(handler: Callable[[Any, Any], Any], **options: Any) -> Run:
    return run(LAMBDA_ONLY, functions={"Work": handler}, **options)


def in_a_thread(act: Callable[[], Any]) -> Any:
    results: list[Any] = []

    def keep() -> None:
        try:
            results.append(act())
        except Exception as problem:
            results.append(problem)

    thread = threading.Thread(target=keep)
    thread.start()
    thread.join()
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def list_tables(made: Any) -> Any:
    return made.list_tables()["TableNames"]


BEFORE = client("dynamodb")
IN_MOTO: dict[str, Callable[[], Any]] = {
    "a client that was made before the run": lambda: list_tables(BEFORE),
    "a client that the handler makes": lambda: list_tables(client("dynamodb")),
    "a client in another thread": lambda: in_a_thread(lambda: list_tables(BEFORE)),
    "the address of another partition": lambda: list_tables(
        cast(Any, boto3.Session(**KEYS).client)("dynamodb", "cn-north-1")
    ),
}


@pytest.mark.parametrize("way", IN_MOTO)
def test_moto_answers_a_handlers_client_however_it_was_made(way: str) -> None:
    assert run_with(lambda *_: IN_MOTO[way]()).output == []


def test_two_runs_see_nothing_of_one_another() -> None:
    buckets = client("s3")

    def add(event: Any, _: Any) -> Any:
        buckets.create_bucket(Bucket=event, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        return [bucket["Name"] for bucket in buckets.list_buckets()["Buckets"]]

    functions = {"Work": add}
    assert [run(LAMBDA_ONLY, name, functions=functions).output for name in ("one", "two")] == [["one"], ["two"]]


def request(url: str, **options: Any) -> int:
    return urllib3.PoolManager(retries=False, **options).request("GET", url).status


def vendored(module: str) -> Any:
    """A copy of urllib3 beside a handler, under another name."""
    names = [name for name in sys.modules if name.split(".")[0] == "urllib3"]
    kept = {name: sys.modules.pop(name) for name in names}
    try:
        import urllib3 as copy

        for name in [name for name in sys.modules if name.split(".")[0] == "urllib3"]:
            part = sys.modules.pop(name)
            vars(part)["__name__"] = f"{module}.{name}"
    finally:
        sys.modules.update(kept)
    return copy


STOPPED: dict[str, tuple[Callable[[], Any], str]] = {
    "an endpoint_url": (lambda: list_tables(client("dynamodb", endpoint_url=f"https://{NOWHERE}")), NOWHERE),
    "an address": (lambda: list_tables(client("dynamodb", endpoint_url="http://192.0.2.1:8000")), "192.0.2.1"),
    "a dualstack host that moto does not know": (
        lambda: client("bedrock-runtime", endpoint_url="https://bedrock.eu-west-1.api.aws").invoke_model(modelId="m"),
        "bedrock.eu-west-1.api.aws",
    ),
    "urllib3 itself": (lambda: request(f"http://{NOWHERE}/"), NOWHERE),
    "an address in urllib3": (lambda: request("http://[2001:db8::1]/"), "2001:db8::1"),
    "a vendored urllib3": (
        lambda: vendored("vendor").PoolManager(retries=False).request("GET", f"http://{NOWHERE}/"),
        NOWHERE,
    ),
    "a name that only looks like this computer": (lambda: request("http://localhost.invalid/"), "localhost.invalid"),
}


@pytest.mark.parametrize("way", STOPPED)
def test_a_request_that_moto_cannot_answer_is_stopped_and_named(way: str) -> None:
    act, host = STOPPED[way]
    with pytest.raises(FindingsError) as refused:
        run_with(lambda *_: act())
    assert [finding.message for finding in refused.value.findings] == [
        f"Work sends a request to {host}, outside this computer; it was stopped"
    ]


def test_a_handler_that_catches_everything_hides_nothing() -> None:
    def handler(*_: Any) -> str:
        try:
            return str(request(f"http://{NOWHERE}/"))
        except Exception:
            return "fine"

    with pytest.raises(FindingsError, match=f"Work sends a request to {NOWHERE}"):
        run_with(handler)


def test_a_handlers_thread_gets_the_refusal_as_its_exception() -> None:
    def handler(*_: Any) -> str:
        try:
            return str(in_a_thread(lambda: request(f"http://{NOWHERE}/")))
        except FindingsError as problem:
            return problem.findings[0].message

    message = f"a handler sends a request to {NOWHERE}, outside this computer; it was stopped"
    assert run_with(handler).output == message


@pytest.fixture
def server() -> Iterator[str]:
    """A server on this computer, which keeps connections open and answers every request with {}."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_CONNECT = do_GET  # noqa: N815  # the names of the base class

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_this_computer_may_be_called(server: str) -> None:
    assert run_with(lambda *_: request(server)).output == 200


def test_a_proxy_on_this_computer_is_no_way_out(server: str) -> None:
    for scheme in ("http", "https"):
        with pytest.raises(FindingsError, match=f"Work sends a request to {NOWHERE}"):
            run_with(
                lambda *_, scheme=scheme: urllib3.ProxyManager(server).request("GET", f"{scheme}://{NOWHERE}/").status
            )


def test_a_connection_that_is_open_already_is_no_way_out(server: str) -> None:
    pool = urllib3.connection_from_url(server)
    pool.request("GET", "/")
    connection = pool._get_conn()
    connection.host = NOWHERE  # as a connection to another computer would have it
    pool._put_conn(connection)
    with pytest.raises(FindingsError, match=f"Work sends a request to {NOWHERE}"):
        run_with(lambda *_: pool.request("GET", "/").status)
    pool.close()


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_an_endpoint_in_the_environment_does_not_redirect_a_run(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, f"https://{NOWHERE}")
    assert run({"StartAt": "List", "States": {"List": LIST}}).output["TableNames"] == []


LIST = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": {}, "End": True}


def test_an_endpoint_in_the_settings_of_this_computer_does_not_redirect_a_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(f"[profile mine]\nendpoint_url = https://{NOWHERE}\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    made_before = cast(Any, boto3.Session(**KEYS).client)("dynamodb", config=ONCE)
    assert run({"StartAt": "List", "States": {"List": LIST}}).output["TableNames"] == []
    with pytest.raises(FindingsError, match=f"Work sends a request to {NOWHERE}"):
        run_with(lambda *_: list_tables(made_before))


def test_an_endpoint_that_is_named_may_be_called_and_no_other(server: str) -> None:
    services = BotoServices(server)
    assert run_with(lambda *_: list(client("dynamodb", endpoint_url=server).list_tables()), services=services).output
    with pytest.raises(FindingsError, match=f"Work sends a request to {NOWHERE}"):
        run_with(lambda *_: list_tables(client("dynamodb", endpoint_url=f"https://{NOWHERE}")), services=services)
    with pytest.raises(FindingsError, match=r"sends a request to dynamodb\.eu-west-1\.amazonaws\.com"):
        run_with(lambda *_: list_tables(BEFORE), services=services)
    services.close()


def test_nothing_is_stopped_without_a_run(server: str) -> None:
    assert request(server) == 200
    with pytest.raises(urllib3.exceptions.NameResolutionError):
        request(f"http://{NOWHERE}/")


class Stop(BaseException):
    pass


def raising(problem: BaseException) -> Callable[..., Any]:
    def handler(*_: Any) -> Any:
        list_tables(client("dynamodb"))
        os.environ.pop("AWS_ACCESS_KEY_ID", None)
        os.environ["AWS_PROFILE"] = "changed"
        raise problem

    return handler


@pytest.mark.parametrize("problem", [ValueError("x"), KeyboardInterrupt(), Stop(), SystemExit(3)], ids=repr)
def test_the_process_is_as_before_however_a_run_ends(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    default = boto3.DEFAULT_SESSION

    def state() -> Any:
        return dict(os.environ), list(sys.path), boto3.DEFAULT_SESSION is default

    before = state()
    with contextlib.suppress(KeyboardInterrupt, Stop):
        run_with(raising(problem))
    assert state() == before
    assert run_with(lambda *_: "next").output == "next"


DURING_AN_IMPORT = """
import sys, threading
from workflow_dsl.local.stand_ins.network import Guard

begun, may_go_on, problems = threading.Event(), threading.Event(), []

class InTheMiddle:
    def find_spec(self, name, path=None, target=None):
        if "botocore.httpsession" in sys.modules and not begun.is_set():
            begun.set()
            may_go_on.wait(20)

def guard():
    try:
        with Guard():
            pass
    except Exception as problem:
        problems.append(repr(problem))

sys.meta_path.insert(0, InTheMiddle())
importing = threading.Thread(target=__import__, args=["botocore.httpsession"])
importing.start()
assert begun.wait(20)
guarding = threading.Thread(target=guard)
guarding.start()
guarding.join(0.2)  # it waits for the import, or has failed
may_go_on.set()
importing.join()
guarding.join()
print(problems)
"""


def test_a_guard_begins_while_another_thread_imports_botocore() -> None:
    command = [sys.executable, "-c", DURING_AN_IMPORT]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
