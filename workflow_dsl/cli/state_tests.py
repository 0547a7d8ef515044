"""`test-state`: one state by itself."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from workflow_dsl.cli.common import (
    FOUND,
    URL,
    application_if_any,
    format_option,
    json_value,
    lambda_endpoint_options,
    print_json,
    problems_reported,
    say,
    standard_input,
)
from workflow_dsl.definition.files import read_text
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.local.stand_ins.mocks import Response

_JSON = "JSON|@FILE|-"


@click.command("test-state", short_help="Run one state by itself.")
@click.argument("name", metavar="NAME|FILE")
@click.argument("state", metavar="STATE")
@click.option("--input", "input_", metavar=_JSON, default="{}", help="Use this input.")
@click.option("--variables", metavar=_JSON, help="Set these workflow variables: a JSON object.")
@click.option("--context", metavar=_JSON, help="Use this context object instead of a made-up one.")
@click.option("--mock", metavar=_JSON, help="Use this as the result of the state, instead of its call.")
@click.option("--error", metavar="ERROR", help="Fail the call of the state with this error.")
@click.option("--cause", metavar="TEXT", help="The cause of --error.")
@click.option("--retries", type=click.IntRange(0), default=0, metavar="N", help="Count N earlier retries of the error.")
@click.option(
    "--validation",
    type=click.Choice(["STRICT", "PRESENT", "NONE"]),
    default="STRICT",
    show_default=True,
    help="Compare --mock with the API's shape: all of it, only fields that are there, or not at all.",
)
@click.option("--failed-iterations", type=click.IntRange(0), default=0, metavar="N", help="Fail N iterations of a Map.")
@click.option(
    "--reader-data", type=click.Path(path_type=Path), metavar="FILE", help="Let a Map's ItemReader read this file."
)
@click.option("--endpoint-url", type=URL, help="Call AWS services at URL instead of moto in this process.")
@lambda_endpoint_options
@format_option("text", "json", help="Print text, or the API's JSON.")
def test_state(  # noqa: PLR0913, PLR0917  # one for each option
    name: str,
    state: str,
    input_: str,
    variables: str | None,
    context: str | None,
    mock: str | None,
    error: str | None,
    cause: str | None,
    retries: int,
    validation: str,
    failed_iterations: int,
    reader_data: Path | None,
    endpoint_url: str | None,
    lambda_endpoint: str | None,
    lambda_endpoint_for: Literal["others", "all"],
    format_: str,
) -> None:
    """Run one state of a state machine by itself, as the TestState API does, and print the data after each step.

    NAME is a workflow, a logical ID in the template, or a definition's file. Without --mock or --error, a Task calls
    its real handler, or moto. A Map, a Parallel, and a Task that waits for a job or a callback need one of them. The
    exit code is 1 when the state fails and neither a retrier nor a catcher handles the error.
    """
    with problems_reported():
        from workflow_dsl.local.console import state_test_lines
        from workflow_dsl.local.project_run import ProjectRunner

        application = application_if_any(find_project(Path.cwd()), name=name)
        runner = ProjectRunner(
            application, endpoint_url, lambda_endpoint=lambda_endpoint, lambda_endpoint_for=lambda_endpoint_for
        )
        try:
            with redirect_stdout(sys.stderr):  # what a handler prints is not part of the result
                test = runner.test_state(
                    name,
                    state,
                    json_value(input_, "--input"),
                    variables=_object(variables, "--variables"),
                    context=_object(context, "--context"),
                    mock=_mock(mock, error, cause),
                    retries=retries,
                    validation=validation,  # type: ignore[arg-type]  # one of the three
                    failed_iterations=failed_iterations,
                    reader_data=_text_of(reader_data) if reader_data else None,
                )
        except FindingsError as problem:
            raise _wrong_call(problem, state) from None
        if format_ == "json":
            print_json(test.as_response())
        else:
            for line in state_test_lines(state, test):
                say(line)
        if test.status == "FAILED":
            sys.exit(FOUND)


def _text_of(path: Path) -> str:
    try:
        return standard_input().decode() if str(path) == "-" else read_text(path, is_named=True, most=_MOST_READ)
    except OSError as problem:
        message = f"{path}: {problem.strerror}"
        raise click.BadParameter(message, param_hint="--reader-data") from None
    except UnicodeDecodeError:
        raise click.BadParameter("is not UTF-8", param_hint="--reader-data") from None


_MOST_READ = 1_000_000_000  # bytes


def _object(text: str | None, option: str) -> dict[str, Any] | None:
    value = None if text is None else json_value(text, option)
    if not isinstance(value, dict | None):
        raise click.BadParameter("write a JSON object", param_hint=option)
    return value


def _mock(result: str | None, error: str | None, cause: str | None) -> Response | None:
    from workflow_dsl.local.stand_ins.mocks import Return, Throw

    if result is not None and error is not None:
        raise click.UsageError("write --mock or --error, not both")
    if cause is not None and error is None:
        raise click.UsageError("--cause is the cause of an --error")
    if error is not None:
        return Throw(error, cause or "injected by --error")
    return None if result is None else Return(json_value(result, "--mock"))


# What the TestState API refuses is a usage error; findings in the definition or the template are the author's.
_WRONG_CALL = ("ValidationException", "InvalidDefinition")


def _wrong_call(problem: FindingsError, state: str) -> Exception:
    from workflow_dsl.local.one_state.request import NOT_FOUND

    for finding in problem.findings:
        if finding.message == NOT_FOUND:
            return click.UsageError(f"no state {state!r}; {finding.remedy}")
    if all(finding.code in _WRONG_CALL for finding in problem.findings):
        return click.UsageError("\n".join(finding.text for finding in problem.findings))
    return problem
