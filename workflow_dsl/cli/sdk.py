"""`install-sdk`: the SDK's files in a private folder, where no installer of packages sees what they require."""

from __future__ import annotations

from pathlib import Path

import click

from workflow_dsl.cli.common import problems_reported, say


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
