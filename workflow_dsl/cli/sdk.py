"""`install-sdk`, and the generated definitions that replace workflows while the SDK is not installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import problems_reported, report, say
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.records import replace

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.definition.machine import Machine


@click.command("install-sdk", short_help="Install the SDK that Python workflows need.")
@click.option("--from", "archive", metavar="FILE", help="Use this archive or wheel of the SDK, without a network.")
@click.option("--remove", "is_removed", is_flag=True, help="Remove the installed SDK.")
def install_sdk(archive: str | None, is_removed: bool) -> None:
    """Install stepfunctions 2.3.0, which workflows in Python need, in a private folder of your user.

    It is downloaded with pip, or with uv if pip is missing, from the index that you configured for them. Its content
    is checked against a hash, and none of its code is executed. sagemaker, which the SDK requires but workflow-dsl
    does not need, is left out, and `pip check` stays clean.

    Once is enough for all projects and environments. An SDK installed in an environment takes precedence there.
    """
    with problems_reported():
        from workflow_dsl.sdk_files import NAME, VERSION, private_folder
        from workflow_dsl.sdk_files.archives import modules_of_archive
        from workflow_dsl.sdk_files.fetching import fetch
        from workflow_dsl.sdk_files.installing import install, is_current, remove

        if is_removed and archive:
            raise click.UsageError("--remove and --from exclude each other: give one")
        if is_removed:
            folder = remove()
            say(f"removed {folder}" if folder else f"nothing to remove: {private_folder()} does not exist")
        elif is_current() and not archive:
            say(f"{NAME} {VERSION} is already in {private_folder()}")
        else:
            folder = install(modules_of_archive(Path(archive)) if archive else fetch())
            say(f"{NAME} {VERSION} is in {folder}")


def or_as_generated(application: Application) -> Application:
    """The application that shows the generated definition of a workflow, with a warning, without the SDK."""
    compile_workflow, project = application.compile_workflow, application.project
    if compile_workflow is None or project is None:
        return application

    def machine_of(path: Path) -> Machine:
        from workflow_dsl.definition.files import read_file
        from workflow_dsl.definition.machine import Machine
        from workflow_dsl.definition.reading import read_source

        try:
            return compile_workflow(path)
        except FindingsError as problem:
            file = project.generated_file(path.stem)
            if any(finding.code != "NOT_INSTALLED" for finding in problem.findings) or not file.is_file():
                raise
            shown = application.shown(file)
            report([_as_generated(shown, finding) for finding in problem.findings])
            return Machine(read_source(read_file(file), shown).document)

    return replace(application, compile_workflow=machine_of)


def _as_generated(shown: str, finding: Finding) -> Finding:
    message = f"is shown instead of its workflow: {finding.message}"
    return Finding(finding.code, "warning", Where(place=Place(shown)), message, finding.remedy)
