"""The server of a live page: who may ask it, and what it answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.project import Project
from workflow_dsl.server.serving import ServerThread
from workflow_dsl.studio.operations import Operations
from workflow_dsl.studio.project import Watched
from workflow_dsl.studio.server import Studio

JSON = {"Content-Type": "application/json"}


def pair_of(application: Application, old: str, new: str) -> tuple[TemplateMachine, TemplateMachine]:
    return application.named(old), application.named(new)


class Page:
    """A live page of a project, asked as a browser would."""

    def __init__(self, project: Project) -> None:
        self.watched = Watched(project, partial(compile_file, root=project.root))
        self.watched.refresh()
        hosts: set[str] = set()
        self.studio = Studio(Operations(self.watched, pair_of), hosts)
        self.server = ServerThread(self.studio)
        self.host = self.server.url.partition("//")[2]
        hosts.add(self.host)

    def ask(self, path: str, body: Any = None, root: str = "", **headers: str) -> tuple[int, str]:
        connection = HTTPConnection(self.host, timeout=30)
        method = "GET" if body is None else "POST"
        text = None if body is None else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/{root or self.studio.token}/{path}", text, {**(JSON if body else {}), **names})
        answer = connection.getresponse()
        status, content = answer.status, answer.read().decode()
        connection.close()
        return status, content


@pytest.fixture
def page(two_machines: Project) -> Iterator[Page]:
    opened = Page(two_machines)
    yield opened
    opened.server.close()


FOREIGN = [
    ({"Origin": "http://evil.example"}, 403),
    ({"Host": "evil.example"}, 403),
    ({"Sec_Fetch_Site": "cross-site"}, 403),
    ({"Origin": "null"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), FOREIGN)
def test_a_request_of_a_foreign_page_is_refused(page: Page, headers: dict[str, str], status: int) -> None:
    problem = {"problem": "only the studio's own page can ask this server"}
    assert page.ask("", **headers) == (status, json.dumps(problem))


def test_a_request_without_the_token_is_refused(page: Page) -> None:
    assert page.ask("", root="guess")[0] == 404


def test_the_page_is_served_to_its_own_origin(page: Page) -> None:
    status, text = page.ask("", Origin=f"http://{page.host}", Sec_Fetch_Site="same-origin")
    assert (status, text[:15], 'data-live="yes"' in text) == (200, "<!doctype html>", True)


def test_a_run_gives_its_events(page: Page) -> None:
    status, text = page.ask("run", {"machine": "Trade", "input": {}, "states": {"Check": {"error": "Busy*2"}}})
    answer = json.loads(text)
    failed = [event["type"] for event in answer["events"] if event["type"].endswith("Failed")]
    assert (status, answer["status"], failed) == (200, "SUCCEEDED", ["LambdaFunctionFailed"] * 2)


def test_a_run_takes_a_result_instead_of_a_call(page: Page) -> None:
    _, text = page.ask("run", {"machine": "Trade", "input": {}, "states": {"Check": {"result": {"price": 7}}}})
    last = json.loads(text)["events"][-1]
    assert last["executionSucceededEventDetails"]["output"] == '{"price":7}'


def test_two_definitions_are_compared_in_words(page: Page) -> None:
    status, text = page.ask("compare", {"old": "Loop", "new": "Trade"})
    answer = json.loads(text)
    assert (status, answer["title"]) == (
        200,
        "Loop and Trade: 1 added, 1 removed, 1 renamed, 1 moved, 0 states unchanged",
    )
    assert "+ Check: is new: Task, CheckArn" in answer["words"]


REFUSED: list[tuple[str, Any, int, str]] = [
    ("run", {"machine": "Nothing"}, 422, "no workflow or state machine 'Nothing'"),
    ("run", {"machine": "Trade", "states": {"Check": {"error": "a b*x"}}}, 422, ""),
    ("run", ["Trade"], 422, "the request is not a JSON object"),
    ("delete", {"machine": "Trade"}, 404, "there is no such operation"),
]


@pytest.mark.parametrize(("operation", "body", "status", "problem"), REFUSED)
def test_what_cannot_be_answered_is_refused_in_words(
    page: Page, operation: str, body: Any, status: int, problem: str
) -> None:
    answered, text = page.ask(operation, body)
    assert (answered, problem in json.loads(text)["problem"]) == (status, True), text


def test_the_page_learns_of_a_saved_file(page: Page, two_machines: Project) -> None:
    (two_machines.root / "loop.asl.json").write_text('{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}')
    assert page.watched.refresh()
    status, text = page.ask("changes?after=1")
    change = json.loads(text)
    assert (status, change["version"], [*change["content"]["machines"][1]["states"]]) == (200, 2, ["B"])


def test_the_last_good_picture_stays_while_a_workflow_is_broken(two_machines: Project) -> None:
    watched = Watched(two_machines, partial(compile_file, root=two_machines.root))
    watched.refresh()
    assert watched.look
    before = watched.look.content["machines"][0]
    path = Path(two_machines.root, "workflows", "trade.py")
    path.write_text(path.read_text() + "\nraise ValueError('oops')\n")
    watched.refresh()
    findings = [(finding["machine"], finding["file"], finding["line"]) for finding in watched.look.content["findings"]]
    assert watched.look.content["machines"][0] == before
    assert ("Trade", "workflows/trade.py", 9) in findings


def test_the_last_good_picture_stays_while_a_definition_is_no_json(two_machines: Project) -> None:
    watched = Watched(two_machines, partial(compile_file, root=two_machines.root))
    watched.refresh()
    assert watched.look
    before = watched.look.content["machines"]
    (two_machines.root / "loop.asl.json").write_text('{"StartAt": ')
    watched.refresh()
    problems = [(each["machine"], each["code"], each["file"]) for each in watched.look.content["findings"]]
    assert watched.look.content["machines"] == before
    assert ("Loop", "INVALID_JSON_DESCRIPTION", "loop.asl.json") in problems


def test_nothing_is_read_again_without_a_change(two_machines: Project) -> None:
    watched = Watched(two_machines, partial(compile_file, root=two_machines.root))
    assert [watched.refresh(), watched.refresh(), watched.version] == [True, False, 1]


def test_the_paths_through_a_state_machine_can_be_played(page: Page) -> None:
    status, text = page.ask("explore", {"machine": "Trade"})
    found = json.loads(text)
    assert (status, found["percent"], found["missing"]) == (200, 100, [])
    assert {path["events"][0]["type"] for path in found["paths"]} == {"ExecutionStarted"}


def test_an_execution_becomes_a_test_once(page: Page, two_machines: Project) -> None:
    ran = json.loads(page.ask("run", {"machine": "Trade", "input": {"a": 1}, "states": {}})[1])
    asked = {"machine": "Trade", "events": ran["events"]}
    answers = [json.loads(page.ask("test", asked)[1]) for _ in range(2)]
    file = "tests/test_trade_paths.py"
    assert answers == [{"file": file, "name": "test_it_goes_to_done_b"}, {"file": file, "name": ""}]
    assert 'execution.trail == ["Check", "Done <b>"]' in (two_machines.root / file).read_text()


def test_what_is_no_execution_does_not_become_a_test(page: Page) -> None:
    status, text = page.ask("test", {"machine": "Trade", "events": [{"id": 2}]})
    assert (status, "is not the history of one execution" in json.loads(text)["problem"]) == (422, True)


HANDLERS = {
    "half a character": ("return '\\ud800'", 200, "ud800"),
    "an interrupt": ("raise KeyboardInterrupt", 200, "Runtime.ExitError"),
}


@pytest.mark.parametrize(("code", "status", "part"), HANDLERS.values(), ids=HANDLERS)
def test_a_run_of_an_odd_handler_is_answered(
    page: Page, two_machines: Project, code: str, status: int, part: str
) -> None:
    (two_machines.root / "functions" / "app.py").write_text(f"def handler(event, context):\n    {code}\n")
    answer = page.ask("run", {"machine": "Trade"})
    assert (answer[0], part in answer[1]) == (status, True)


def test_a_handler_that_never_returns_does_not_keep_the_studio_from_ending(two_machines: Project) -> None:
    code = "import threading\n\ndef handler(event, context):\n    print('called')\n    threading.Event().wait()\n"
    (two_machines.root / "functions" / "app.py").write_text(code)
    command = [sys.executable, "-m", "workflow_dsl", "studio"]
    process = subprocess.Popen(
        command, cwd=two_machines.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    url = urlsplit(process.stdout.readline().strip())
    connection = HTTPConnection(url.netloc, timeout=60)
    connection.request("POST", f"{url.path}run", '{"machine": "Trade"}', JSON)
    assert [process.stderr.readline() for _ in range(2)] == ["Stop with Ctrl-C.\n", "called\n"]
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.communicate()
        connection.close()
