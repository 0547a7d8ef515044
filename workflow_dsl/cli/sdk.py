"""`install-sdk`, and the generated definitions that take a workflow's place while the SDK is not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import problems_reported, report, say
from workflow_dsl.findings import Finding, FindingsError, Place, Where

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.definition.machine import Machine


@click.command("install-sdk", short_help="Fetch the SDK that workflows are written with.")
@click.option("--from", "archive", metavar="FILE", help="Take this archive or wheel of the SDK; needs no network.")
@click.option("--remove", "is_removed", is_flag=True, help="Remove the SDK's files again.")
def install_sdk(archive: str | None, is_removed: bool) -> None:
    """Fetch stepfunctions 2.3.0, which workflows in Python need, into a private folder of your user.

    pip fetches it, or uv where there is no pip, from the index that they are set up for. Its content is compared with
    a hash, and nothing of it is executed. sagemaker, which the SDK requires and workflow-dsl does without, is left
    out, so that no environment is incomplete for `pip check`.

    Once is enough for all projects and environments. The SDK installed in an environment comes first there.
    """
    with problems_reported():
        from workflow_dsl.sdk_files import NAME, VERSION, private_folder
        from workflow_dsl.sdk_files.archives import modules_of_archive
        from workflow_dsl.sdk_files.fetching import fetch
        from workflow_dsl.sdk_files.installing import install, is_current, remove

        if is_removed and archive:
            raise click.UsageError("--remove and --from exclude each other")
        if is_removed:
            folder = remove()
            say(f"removed {folder}" if folder else f"there is no {private_folder()}")
        elif is_current():
            say(f"{NAME} {VERSION} is in {private_folder()} already")
        else:
            folder = install(modules_of_archive(Path(archive)) if archive else fetch())
            say(f"{NAME} {VERSION} is in {folder}")


def or_as_generated(application: Application) -> Application:
    """The application that shows a workflow as it was generated, with a warning, where the SDK is not there."""
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
    message = f"is shown in its workflow's place: {finding.message}"
    return Finding(finding.code, "warning", Where(place=Place(shown)), message, finding.remedy)
