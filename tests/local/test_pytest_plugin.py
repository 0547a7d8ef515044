"""The pytest plugin, in a pytest of its own over a project of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support import Write
from workflow_dsl.project import Project

CHOOSES = """
def build():
    choose = Choice("Choose")
    choose.add_choice(ChoiceRule.IsPresent(variable="$.a", value=True), next_step=Pass("A"))
    choose.default_choice(Pass("B"))
    return Workflow(choose)
"""
UNSEEN = "def build():\n    return Workflow(Pass('Unseen'))\n"
TESTS = """
def test_a(run_workflow):
    assert run_workflow("chooses", {"a": 1}).trail == ["Choose", "A"]

def test_one_application_serves_all(workflow_application):
    assert workflow_application.machine("chooses").start_at == "Choose"
"""
TESTS_B = "\ndef test_b(run_workflow):\n    assert run_workflow('chooses').trail == ['Choose', 'B']\n"


@pytest.fixture(autouse=True)
def chooses(project: Project, write_workflow: Write) -> None:
    """A project with a workflow of two ways, and a test of one of them."""
    write_workflow("chooses", CHOOSES)
    (project.root / "test_it.py").write_text(TESTS)


def pytest_in(project: Project, *arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines of pytest, run in the project."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    ran = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, ran.stdout.splitlines()


def coverage_in(lines: list[str]) -> list[str]:
    """The lines of the report, whatever pytest says before and after."""
    start = next(index for index, line in enumerate(lines) if line.strip("= ") == "workflow coverage")
    return [line for line in lines[start + 1 :] if line.startswith((" ", "chooses", "unseen", "FAIL"))]


HALF = [
    "chooses  states 2/3  transitions 2/3  rules 1/2  retriers 0/0  catchers 0/0  62 %",
    '    not run: "Choose" to "B"',
    '    not run: "Choose" Default',
    '    not run: "B"',
]


def test_workflows_run_in_tests_and_nothing_is_reported_that_nobody_asked_for(project: Project) -> None:
    code, lines = pytest_in(project)
    assert (code, lines[-1].split(" in ")[0]) == (0, "2 passed")
    assert not any("coverage" in line for line in lines)


def test_coverage_is_reported_with_the_workflows_that_no_test_runs(project: Project, write_workflow: Write) -> None:
    write_workflow("unseen", UNSEEN)
    code, lines = pytest_in(project, "--workflow-coverage")
    assert (code, coverage_in(lines)) == (
        0,
        [
            *HALF,
            "unseen  states 0/1  transitions 0/1  rules 0/0  retriers 0/0  catchers 0/0  0 %",
            '    not run: start to "Unseen"',
            '    not run: "Unseen"',
        ],
    )


@pytest.mark.parametrize(
    ("least", "code", "said"),
    [("62", 0, []), ("62.6", 1, ["FAIL: 62.5 % of the workflows was run, and 62.6 % is asked for"])],
)
def test_too_little_coverage_fails_the_session(project: Project, least: str, code: int, said: list[str]) -> None:
    found, lines = pytest_in(project, "--workflow-coverage-fail-under", least)
    assert (found, coverage_in(lines)) == (code, HALF + said)


def test_a_session_that_fails_already_keeps_its_exit_code(project: Project) -> None:
    code, lines = pytest_in(project, "--workflow-coverage-fail-under=99", "-k", "nothing_such")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert coverage_in(lines)[-1] == "FAIL: 0.0 % of the workflows was run, and 99 % is asked for"


EVERYTHING = "chooses  states 3/3  transitions 3/3  rules 2/2  retriers 0/0  catchers 0/0  100 %"
WORKER = """
import json
def pytest_configure(config):
    config.workeroutput = {}
def pytest_unconfigure(config):
    print("OUTPUT", json.dumps(sorted(config.workeroutput["workflow_coverage"]["chooses"])))
"""
# What test_it.py does not go through, as another worker would send it; and a worker that died without any.
CONTROLLER = """
from types import SimpleNamespace
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    plugin = session.config.pluginmanager.get_plugin("workflow-coverage")
    sent = {"workflow_coverage": {"chooses": [["transition", "Choose", "B"], ["rule", "Choose", -1]]}}
    for node in (SimpleNamespace(workeroutput=sent), SimpleNamespace(workeroutput={}), SimpleNamespace()):
        plugin.pytest_testnodedown(node)
"""


def test_a_worker_sends_what_it_went_through(project: Project) -> None:
    (project.root / "conftest.py").write_text(WORKER)
    code, lines = pytest_in(project, "--workflow-coverage-fail-under=100")
    [sent] = [json.loads(line.removeprefix("OUTPUT")) for line in lines if line.startswith("OUTPUT")]
    states, transitions = (
        [["state", "A"], ["state", "Choose"]],
        [["transition", "", "Choose"], ["transition", "Choose", "A"]],
    )
    assert sent == [["rule", "Choose", 0], *states, *transitions]
    assert code == 0  # the controller compares, not a worker


def test_what_workers_send_is_added_up(project: Project) -> None:
    (project.root / "conftest.py").write_text(CONTROLLER)
    code, lines = pytest_in(project, "--workflow-coverage-fail-under=100")
    assert (code, coverage_in(lines)) == (0, [EVERYTHING])


def test_workers_of_pytest_xdist_report_together(project: Project) -> None:
    pytest.importorskip("xdist")
    (project.root / "test_it.py").write_text(TESTS + TESTS_B)
    code, lines = pytest_in(project, "-n", "2", "--workflow-coverage-fail-under=100")
    assert (code, coverage_in(lines)) == (0, [EVERYTHING])
