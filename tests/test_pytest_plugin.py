"""The pytest plugin, run by an inner pytest in a temporary project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import moto  # noqa: F401  # imported once, not again by each inner pytest
import pytest

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.local import RunWorkflow  # noqa: F401  # as above
from workflow_dsl.local.coverage import elements_of
from workflow_dsl.local.saved_coverage import digest_of, read_saved
from workflow_dsl.project import Project

InnerPytest = Callable[..., tuple[int, list[str]]]
CHOOSES = """
def build():
    choose = Choice("Choose")
    choose.add_choice(ChoiceRule.IsPresent(variable="$.a", value=True), next_step=Pass("A"))
    choose.default_choice(Pass("B"))
    return Workflow(choose)
"""
NOT_RUN = "def build():\n    return Workflow(Pass('Unseen'))\n"
TESTS = """
from workflow_dsl.local import RunWorkflow

def test_a(run_workflow: RunWorkflow) -> None:
    assert run_workflow("chooses", {"a": 1}).trail == ["Choose", "A"]

def test_one_runner_serves_all(workflow_runner):
    assert workflow_runner.run("chooses").trail == ["Choose", "B"]  # not counted: it is not the fixture
"""
TESTS_B = "\ndef test_b(run_workflow):\n    assert run_workflow('chooses').trail == ['Choose', 'B']\n"


@pytest.fixture(autouse=True)
def chooses(project: Project, write_workflow: Write) -> None:
    """A project with a workflow of two branches, and a test of one of them."""
    write_workflow("chooses", CHOOSES)
    (project.root / "test_it.py").write_text(TESTS)


@pytest.fixture
def inner(project: Project, pytester: pytest.Pytester) -> InnerPytest:
    """Run pytest in the project and return its exit code and output lines."""
    pytester.chdir()

    def run(*arguments: str) -> tuple[int, list[str]]:
        result = pytester.runpytest_inprocess("-q", "--rootdir", project.root, project.root, *arguments)
        return int(result.ret), result.outlines

    return run


def coverage_in(lines: list[str]) -> list[str]:
    """Return the lines of the coverage report."""
    start = next(index for index, line in enumerate(lines) if line.strip("= ") == "workflow coverage")
    return [line for line in lines[start + 1 :] if line.startswith((" ", "chooses", "unseen", "FAIL"))]


PARTIAL_COVERAGE = [
    "chooses  states 2/3  transitions 2/3  rules 1/2  retriers 0/0  catchers 0/0  62%",
    '    not run: "Choose" to "B"',
    '    not run: "Choose" Default',
    '    not run: "B"',
]


def test_the_plugin_imports_nothing_of_the_package_until_it_is_used() -> None:
    script = (
        "import pytest, sys; before = set(sys.modules); import workflow_dsl.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert loaded == "['workflow_dsl', 'workflow_dsl.pytest_plugin']\n"


def test_workflows_run_in_tests_without_a_coverage_report_by_default(inner: InnerPytest) -> None:
    code, lines = inner()
    assert (code, lines[-1].split(" in ")[0]) == (0, "2 passed")
    assert not any("coverage" in line for line in lines)


def test_coverage_lists_the_workflows_that_no_test_runs(inner: InnerPytest, write_workflow: Write) -> None:
    write_workflow("unseen", NOT_RUN)
    code, lines = inner("--workflow-coverage")
    assert (code, coverage_in(lines)) == (
        0,
        [
            *PARTIAL_COVERAGE,
            "unseen  states 0/1  transitions 0/1  rules 0/0  retriers 0/0  catchers 0/0  0%",
            '    not run: start to "Unseen"',
            '    not run: "Unseen"',
        ],
    )


def test_a_run_that_is_refused_shows_the_line_of_the_test_and_nothing_of_the_package(
    inner: InnerPytest, project: Project
) -> None:
    (project.root / "test_it.py").write_text("def test_a(run_workflow):\n    run_workflow('choses')\n")
    code, lines = inner()
    assert code == 1
    assert [line.rpartition("/")[2] for line in lines if line.endswith(": UnknownName")] == [
        "test_it.py:2: UnknownName"
    ]
    assert [line.partition(": ")[2] for line in lines if line.startswith("E  ")] == [
        "no workflow or state machine 'choses'; did you mean \"chooses\"?"
    ]


def test_a_template_that_cannot_be_read_is_the_error_of_each_test(inner: InnerPytest, project: Project) -> None:
    (project.root / "template.yaml").write_text("Resources: {")
    code, lines = inner()
    assert code == 1
    assert [line for line in lines if "is neither JSON nor YAML" in line]
    assert not any("pytest_plugin.py" in line for line in lines)


@pytest.mark.parametrize(
    ("required", "code", "message"),
    [("62", 0, []), ("62.6", 1, ["FAIL: the tests ran 62.5% of the workflows; 62.6% is required"])],
)
def test_coverage_below_the_required_one_fails_the_session(
    inner: InnerPytest, required: str, code: int, message: list[str]
) -> None:
    exit_code, lines = inner("--workflow-coverage-fail-under", required)
    assert (exit_code, coverage_in(lines)) == (code, PARTIAL_COVERAGE + message)


def test_a_session_that_already_failed_keeps_its_exit_code(inner: InnerPytest) -> None:
    code, lines = inner("--workflow-coverage-fail-under=99", "-k", "nothing_such")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert coverage_in(lines)[-1] == "FAIL: the tests ran 0.0% of the workflows; 99% is required"


FULL_COVERAGE = "chooses  states 3/3  transitions 3/3  rules 2/2  retriers 0/0  catchers 0/0  100%"
WORKER = """
import json
def pytest_configure(config):
    config.workeroutput = {}
def pytest_unconfigure(config):
    print("OUTPUT", json.dumps(sorted(config.workeroutput["workflow_coverage"]["chooses"])))
"""
# One worker sends the elements that test_it.py does not reach; two others end without sending any.
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


def test_a_worker_sends_the_elements_that_it_ran(inner: InnerPytest, project: Project) -> None:
    (project.root / "conftest.py").write_text(WORKER)
    code, lines = inner("--workflow-coverage-fail-under=100")
    [sent] = [json.loads(line.removeprefix("OUTPUT")) for line in lines if line.startswith("OUTPUT")]
    states, transitions = (
        [["state", "A"], ["state", "Choose"]],
        [["transition", "", "Choose"], ["transition", "Choose", "A"]],
    )
    assert sent == [["rule", "Choose", 0], *states, *transitions]
    assert code == 0  # only the controller compares with the required coverage


def test_the_elements_of_all_workers_are_combined(inner: InnerPytest, project: Project) -> None:
    (project.root / "conftest.py").write_text(CONTROLLER)
    code, lines = inner("--workflow-coverage-fail-under=100")
    assert (code, coverage_in(lines)) == (0, [FULL_COVERAGE])


def test_workers_of_pytest_xdist_report_together(inner: InnerPytest, project: Project) -> None:
    pytest.importorskip("xdist")
    (project.root / "test_it.py").write_text(TESTS + TESTS_B)
    code, lines = inner("-n", "2", "--workflow-coverage-fail-under=100")
    assert (code, coverage_in(lines)) == (0, [FULL_COVERAGE])


@pytest.mark.parametrize("arguments", [(), ("-n", "2")])
def test_the_coverage_is_kept_for_the_studio(inner: InnerPytest, project: Project, arguments: tuple[str, ...]) -> None:
    if arguments:
        pytest.importorskip("xdist")
    (project.root / "test_it.py").write_text(TESTS + TESTS_B)
    inner("--workflow-coverage", *arguments)
    [(name, tested)] = read_saved(project.root).items()
    definition = compile_file(project.workflow_files()[0], root=project.root)
    assert (name, tested.digest) == ("chooses", digest_of(definition))
    assert set(elements_of(definition)) <= tested.covered


def test_without_pytests_cache_no_coverage_is_kept(inner: InnerPytest, project: Project) -> None:
    inner("--workflow-coverage", "-p", "no:cacheprovider")
    assert read_saved(project.root) == {}


SERVED = """
import json

def test_a_client(step_functions, step_functions_server):
    role, empty = "arn:aws:iam::111111111111:role/r", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    made = step_functions.create_state_machine(name="m", definition=json.dumps(empty), roleArn=role)
    execution = step_functions.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    assert step_functions.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"
    assert step_functions_server.url.startswith("http://127.0.0.1:")

def test_the_next_one_has_an_account_of_its_own(step_functions):
    assert step_functions.list_state_machines()["stateMachines"] == []
"""


def test_a_test_gets_a_server_and_a_client_of_its_own(project: Project, inner: InnerPytest) -> None:
    (project.root / "test_it.py").write_text(SERVED)
    assert inner()[0] == 0


LIES = """
from typing import TypedDict

class Price(TypedDict):
    price: int

def handler(event, context) -> Price:
    return {"price": "5"}
"""
CALLS = "def build():\n    return Workflow(Task('Check', resource='${PriceArn}'))\n"
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: generated/calls.asl.json
      DefinitionSubstitutions: {PriceArn: !GetAtt Price.Arn}
  Price:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: price, Handler: app.handler, Runtime: python3.12}
"""


def test_a_value_that_an_annotation_excludes_fails_the_test_that_asks_for_types(
    project: Project, write_workflow: Write, inner: InnerPytest
) -> None:
    write_workflow("calls", CALLS)
    (project.root / "price").mkdir()
    (project.root / "price" / "app.py").write_text(LIES)
    (project.root / "template.yaml").write_text(TEMPLATE)
    (project.root / "generated").mkdir(exist_ok=True)
    definition = {"StartAt": "Check", "States": {"Check": {"Type": "Task", "Resource": "${PriceArn}", "End": True}}}
    (project.root / "generated" / "calls.asl.json").write_text(json.dumps(definition))
    (project.root / "test_it.py").write_text("def test_it(run_workflow):\n    run_workflow('calls')\n")
    assert inner()[0] == 0
    status, lines = inner("--workflow-types")
    assert status == 1
    assert '"Check": its "price" must be a whole number, not "5" (declared in price/app.py:4)' in lines
