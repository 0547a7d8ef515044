"""`studio`: the page of a project's state machines, live on this computer or as a file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow_dsl.cli.common import compiled, ignored_codes, problems_reported, say, stdout_kept
from workflow_dsl.cli.stacks.options import AccountOptions, account_options
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.studio.project import Watched

_SECONDS_BETWEEN_LOOKS = 0.4
OpenStack = Callable[[], "tuple[Account, DeployedStack]"]


@click.command(short_help="Browse, run and compare state machines in a browser.")
@click.option(
    "--static",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write FOLDER/index.html instead of serving.",
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Listen on this port instead of any free one.")
@click.option("--against", metavar="REV", help="Compare each definition with that of this Git revision.")
@account_options
def studio(folder: Path | None, host: str, port: int, against: str | None, options: AccountOptions) -> None:
    """Show all state machines on one page: diagrams, calls, findings, executions and comparisons.

    The page updates when you save a workflow, a function or the template. It runs state machines on this computer,
    with their real handlers. Stop it with Ctrl-C. With --static, the page is one file that needs no server: it shows
    and replays executions, but cannot run any. The account is only read for a comparison with deployed:NAME.
    """
    with problems_reported():
        from workflow_dsl.studio.project import Watched

        if against:
            from workflow_dsl.cli.definitions import refuse_unknown_revision

            refuse_unknown_revision(against)
        project = find_project(Path.cwd())
        add = partial(_add_comparisons, against) if against else None
        watched = Watched(project, partial(compiled, project), ignored_codes(project), add)
        watched.refresh()
        if folder:
            _write_page(watched, folder)
        else:
            _serve(watched, host, port, partial(options.open_stack, project))


def pair_of(
    open_stack: OpenStack, application: Application, old: str, new: str
) -> tuple[TemplateMachine, TemplateMachine]:
    """The definitions of two names, as `diff` takes them. Raises Refused for an unknown name."""
    from workflow_dsl.cli.definitions import both
    from workflow_dsl.studio.operations import Refused

    try:
        return both(application, old, new, open_stack)
    except click.UsageError as problem:
        raise Refused(problem.message) from None


def _add_comparisons(revision: str, application: Application, content: dict[str, Any]) -> None:
    """Add, for each state machine with a definition's file, what changed since a Git revision."""
    from workflow_dsl.cli.definitions import definition_named, in_one_template
    from workflow_dsl.studio.content import comparison

    comparisons = {}
    for machine in application.machines:
        file, name = machine.resource.definition, machine.logical_id
        if isinstance(file, Path) and machine.has_definition:
            old = f"git:{revision}:{application.shown(file)}"
            with suppress(click.UsageError, FindingsError, OSError):  # the revision lacks it
                pair = in_one_template(*(definition_named(application, side) for side in (old, name)))
                comparisons[name] = comparison(old, name, *pair)
    content.update(comparisons=comparisons, against=revision)


def _write_page(watched: Watched, folder: Path) -> None:
    from workflow_dsl.generation.writing import GeneratedFile, write
    from workflow_dsl.studio.document import document

    content = watched.look.content if watched.look else {}
    folder.mkdir(parents=True, exist_ok=True)
    file = GeneratedFile(folder / "index.html", document(content))
    write([file])
    count = len(content.get("machines", []))
    say(f"{file.path}: {count} state machine{'' if count == 1 else 's'}")


def _serve(watched: Watched, host: str, port: int, open_stack: OpenStack) -> None:
    from workflow_dsl.server.serving import bind, new_server, url_of
    from workflow_dsl.studio.operations import Operations
    from workflow_dsl.studio.server import Studio

    listener = bind(host, port)
    url = url_of(listener)
    port = listener.getsockname()[1]
    names = {url.partition("//")[2], f"localhost:{port}", f"127.0.0.1:{port}"}
    app = Studio(Operations(watched, partial(pair_of, open_stack)), names)
    server = new_server(app)
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(watched, ended), daemon=True)
    watching.start()
    say(f"{url}/{app.token}/")
    say("Stop with Ctrl-C.", err=True)
    try:
        with stdout_kept():
            server.run([listener])
    finally:
        ended.set()
        watching.join(5)


def _watch(watched: Watched, ended: threading.Event) -> None:
    while not ended.wait(_SECONDS_BETWEEN_LOOKS):
        watched.refresh()
