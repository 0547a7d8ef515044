"""The pytest plugin: `run_workflow` runs a workflow of the project in a test.

`--workflow-coverage` reports what ran, `--workflow-types` compares every value with what is declared.

`step_functions` is a boto3 client of a server with the project's state machines.

def test_it_buys_at_50(run_workflow):
    execution = run_workflow("stock_trader", functions={"StockCheckerFunction": lambda event, context: {...}})
    assert execution.trail[-1] == "Record Transaction"

pytest imports this module in every run of an environment, so it imports nothing else of workflow_dsl until it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workflow_dsl.local.coverage import Coverage
    from workflow_dsl.local.project_run import ProjectRunner, RunWorkflow
    from workflow_dsl.local.runner import Run
    from workflow_dsl.server import Server

_OUTPUT, _DIGESTS = "workflow_coverage", "workflow_digests"
_NO_INPUT: dict[str, Any] = {}  # as in runner.py, which is not imported for a test run without workflows


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of workflow coverage and of types."""
    group = parser.getgroup("workflow-dsl", "workflows")
    group.addoption(
        "--workflow-coverage", action="store_true", help="report which parts of each workflow the tests ran"
    )
    group.addoption(
        "--workflow-coverage-fail-under",
        type=float,
        metavar="PERCENT",
        help="fail if the tests ran less of the workflows (implies --workflow-coverage)",
    )

    group.addoption(
        "--workflow-types",
        action="store_true",
        help="fail a test whose workflow passes a value that its handlers' annotations exclude",
    )


def pytest_load_initial_conftests() -> None:
    """Let test modules import `stepfunctions` where it is not installed, before workflow_dsl or after it."""
    from workflow_dsl.sdk_files import serve_imports

    serve_imports()


def pytest_configure(config: pytest.Config) -> None:
    """Collect coverage where an option asks for it."""
    if config.getoption("workflow_coverage") or config.getoption("workflow_coverage_fail_under") is not None:
        config.pluginmanager.register(_CoveragePlugin(config), "workflow-coverage")


@pytest.fixture(scope="session")
def workflow_runner(pytestconfig: pytest.Config) -> ProjectRunner:
    """The runner of the project that the tests belong to: its workflows, template and functions."""
    from workflow_dsl.application.application import read_application
    from workflow_dsl.findings import FindingsError
    from workflow_dsl.local.project_run import ProjectRunner
    from workflow_dsl.project import find_project

    try:
        return ProjectRunner(read_application(find_project(pytestconfig.rootpath)))
    except FindingsError as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture
def run_workflow(workflow_runner: ProjectRunner, pytestconfig: pytest.Config) -> RunWorkflow:
    """A function that runs a workflow by name with the template's real handlers, tables and substitutions.

    Its type is `workflow_dsl.local.RunWorkflow`. It takes the input, functions that replace real ones, mocks, seed,
    start_time and so on. The run it returns has status, output, error, cause, trail, calls, duration, history and
    tables.
    """
    plugin = pytestconfig.pluginmanager.get_plugin("workflow-coverage")

    from workflow_dsl.findings import FindingsError

    def run(workflow: str, input: Any = _NO_INPUT, **options: Any) -> Run:
        __tracebackhide__ = True
        try:
            execution = workflow_runner.run(workflow, input, **options)
        except FindingsError as problem:
            raise problem.with_traceback(None) from None  # without the frames of this package
        if pytestconfig.getoption("workflow_types"):
            found = workflow_runner.contradictions(workflow, execution)
            if found:
                pytest.fail(
                    "\n".join([f"{workflow} passes values that are declared otherwise:", *found]), pytrace=False
                )
        if plugin is not None:
            plugin.add(workflow_runner.name_of(workflow), execution)
        return execution

    return run


@pytest.fixture
def step_functions_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server of the Step Functions API with the project's state machines, functions and resources, for one test.

    Its type is `workflow_dsl.server.Server`: `url` is its address, `client("stepfunctions")` a boto3 client.
    """
    from workflow_dsl.server import Server

    with Server.of(pytestconfig.rootpath) as server:
        yield server


@pytest.fixture
def step_functions(step_functions_server: Server) -> Any:
    """A boto3 client of a server with the project's state machines, functions and resources, for one test."""
    return step_functions_server.client("stepfunctions")


class _CoveragePlugin:
    """Collects the elements that runs reach, in this process or in pytest-xdist's workers."""

    def __init__(self, config: pytest.Config) -> None:
        from workflow_dsl.local.coverage import Coverage

        self._config = config
        self._coverage: Coverage = Coverage()
        self._digests: dict[str, str] = {}
        self._broken: list[str] = []
        self._required: float = config.getoption("workflow_coverage_fail_under") or 0.0

    def add(self, workflow: str, execution: Run) -> None:
        from workflow_dsl.local.saved_coverage import digest_of

        self._coverage.expect(workflow, execution.machine)
        self._coverage.add(workflow, execution.covered)
        self._digests[workflow] = digest_of(execution.machine)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        output = getattr(node, "workeroutput", {})
        for name, covered in output.get(_OUTPUT, {}).items():
            self._coverage.add(name, [tuple(element) for element in covered])
        self._digests |= output.get(_DIGESTS, {})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            covered = self._coverage.covered.items()
            output[_OUTPUT] = {name: [list(element) for element in elements] for name, elements in covered}
            output[_DIGESTS] = self._digests
            return
        self._save()
        self._expect_the_projects_workflows()
        is_short = self._coverage.percent() < self._required
        if (is_short or self._broken) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _save(self) -> None:
        """Keep what the tests reached, for the studio."""
        from workflow_dsl.local.saved_coverage import KEY, to_saved

        cache = getattr(self._config, "cache", None)  # absent with -p no:cacheprovider
        if cache is not None:
            cache.set(KEY, to_saved(self._coverage.covered, self._digests, datetime.now(UTC)))

    def _expect_the_projects_workflows(self) -> None:
        """Add every workflow of the project, so that the report lists those that no test runs."""
        from workflow_dsl.compiler.loading import compile_file
        from workflow_dsl.findings import FindingsError
        from workflow_dsl.project import find_project

        project = find_project(self._config.rootpath)
        for path in project.workflow_files():
            try:
                self._coverage.expect(path.stem, compile_file(path, root=project.root))
            except FindingsError as problem:
                self._broken.append(str(problem))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("workflow coverage")
        for line in [*self._coverage.report(), *self._broken]:
            terminalreporter.line(line)
        percent = self._coverage.percent()
        if percent < self._required:
            terminalreporter.line(
                f"FAIL: the tests ran {percent:.1f}% of the workflows; {self._required:g}% is required"
            )
