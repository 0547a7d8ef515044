"""`uses`, `diagram` and `policies`: the calls of state machines, their pictures, and the permissions they need."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import (
    FOUND,
    application_if_any,
    application_of,
    format_option,
    print_rows,
    problems_reported,
    report,
    report_problems,
    say,
    standard_input,
    template_option,
)
from workflow_dsl.cli.sdk import or_as_generated
from workflow_dsl.findings import did_you_mean, short_list
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.views.tables import GroupBy


@click.command(short_help="List which state calls which function.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--by",
    type=click.Choice(["machine", "function"]),
    default="machine",
    show_default=True,
    help="Group by state machine or by function.",
)
@format_option("table", "json", "markdown", "mermaid")
@template_option
def uses(names: tuple[str, ...], by: GroupBy, format_: str, template: str | None) -> None:
    """List which state machine calls which function and resource, by which placeholder, and what starts it.

    NAME is a state machine, workflow, function or resource; default: all. With --by function, list each function and
    who calls it.
    """
    with problems_reported():
        from workflow_dsl.application.template.triggers import triggers_of
        from workflow_dsl.application.uses import functions_not_called, uses_of
        from workflow_dsl.views import tables

        application = or_as_generated(application_of(find_project(Path.cwd()), template))
        wanted, outside, unreadable = _resolve_names(application, names)
        has_errors = report_problems(application, unreadable if names else None)
        machines = [*application.machines, *outside]
        uses, triggers = uses_of(application, machines), triggers_of(application.template)
        not_called = functions_not_called(application, uses)
        ids = [machine.logical_id for machine in machines]
        if names:
            uses = [use for use in uses if wanted & {use.machine, use.resource, use.target}]
            triggers = [trigger for trigger in triggers if trigger.target in wanted]
            not_called = [name for name in not_called if name in wanted]
            wanted |= {use.machine for use in uses}
            ids = [name for name in ids if name in wanted]
            if not (uses or triggers or not_called or ids):
                say(f"no state uses {' or '.join(names)}", err=True)
        if format_ == "json":
            click.echo(tables.as_json(ids, uses, triggers, not_called))
        elif format_ == "mermaid":
            click.echo(tables.mermaid(ids, uses, triggers), nl=False)
        else:
            _print_table(*tables.rows(ids, uses, triggers, not_called, by), is_markdown=format_ == "markdown")
        if has_errors:
            sys.exit(FOUND)


def _print_table(heading: tuple[str, ...], rows: list[tuple[str, ...]], *, is_markdown: bool) -> None:
    from workflow_dsl.views import tables
    from workflow_dsl.views.inert import for_markdown

    if is_markdown:
        click.echo(tables.markdown(heading, [tuple(map(for_markdown, row)) for row in rows]), nl=False)
    else:
        print_rows([heading, *tables.blank_repeats(rows)])


def _resolve_names(application: Application, names: Iterable[str]) -> tuple[set[str], list[TemplateMachine], set[str]]:
    """The logical IDs of names; the state machines that the template does not deploy; those that cannot be read."""
    wanted: set[str] = set()
    unreadable: set[str] = set()
    outside: list[TemplateMachine] = []
    for name in names:
        is_unreadable = any(machine.logical_id == name and machine.problems for machine in application.machines)
        if name in application.template.resources:
            wanted.add(name)
        if is_unreadable or name not in application.template.resources:
            machines = _machines_named(application, name)
            wanted |= {machine.logical_id for machine in machines}
            outside += [machine for machine in machines if not machine.is_in_template]
            unreadable |= {machine.logical_id for machine in machines if machine.problems}
    return wanted, outside, unreadable


def _machines_named(application: Application, name: str) -> list[TemplateMachine]:
    """The state machines of a name. Refuses one that no resource of the template has either."""
    from workflow_dsl.application.application import UnknownName

    try:
        return application.all_named(name)
    except UnknownName:
        known = {*application.template.resources, *application.workflow_files}
        hint = did_you_mean(name, known) or "list them with `workflow-dsl uses`"
        raise click.UsageError(f"no state machine, workflow, function or resource {name!r}; {hint}") from None


@click.command(short_help="Draw a state machine as SVG or Mermaid.")
@click.argument("name", metavar="NAME|FILE")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to FILE: .svg or .mmd.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["svg", "mermaid"]),
    help="Draw in this format instead of the one of FILE's ending, or svg.",
)
@template_option
@click.option(
    "--execution",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Draw an execution that `workflow-dsl history --save` or `aws stepfunctions get-execution-history` printed.",
)
@click.option("--fold", metavar="STATE", multiple=True, help="Collapse this Parallel or Map, or all (repeatable).")
@click.option("--scope", metavar="STATE", help="Draw only this Parallel or Map.")
def diagram(
    name: str,
    output: Path | None,
    format_: str | None,
    template: str | None,
    execution: Path | None,
    fold: tuple[str, ...],
    scope: str | None,
) -> None:
    """Draw a workflow, a state machine of the template, or a definition in a file (- for standard input).

    With --execution, draws the definition that execution ran: completed states green, the failed state red, states
    never reached dimmed.
    """
    with problems_reported():
        from workflow_dsl.generation.writing import write_one
        from workflow_dsl.views.diagram import to_mermaid, to_svg

        if output and format_ is None and output.suffix not in (".svg", ".mmd"):
            raise click.BadParameter("end the file in .svg or .mmd, or give --format", param_hint="--output")
        is_mermaid = (format_ or (output.suffix if output else "")) in ("mermaid", ".mmd")
        if execution and is_mermaid:
            raise click.UsageError("an execution is drawn as SVG")
        tips: dict[str, tuple[str, ...]] = {}
        entry_counts = None
        if execution:
            machine, entry_counts = _executed(name, execution)
        else:
            machine, tips = _drawable(name, template)
        machine, folded = _part_to_draw(machine, fold, scope)
        title = Path(name).name.removesuffix(".asl.json")
        text = to_mermaid(machine, folded) if is_mermaid else to_svg(machine, title, entry_counts, folded, tips)
        if output:
            write_one(output, text)
        else:
            click.echo(text.encode(), nl=False)


def _part_to_draw(machine: Machine, fold: tuple[str, ...], scope: str | None) -> tuple[Machine, set[str]]:
    """The machine, or the part of it to draw, and the names of the states to fold; "all" is every one in it."""
    from workflow_dsl.views.diagram import containers_of, part_of

    known = containers_of(machine)
    for name in (*fold, *filter(None, [scope])):
        if name not in known and (name != "all" or name == scope):
            if not known:
                raise click.UsageError(f"no Parallel or Map {name!r}; the state machine has neither")
            hint = did_you_mean(name, known) or f"choose {short_list(known, quoted=True)}"
            raise click.UsageError(f"no Parallel or Map {name!r}; {hint}")
    folded = {*known} - {scope} if "all" in fold else {*fold}
    return part_of(machine, scope) if scope else machine, folded


def _executed(name: str, file: Path) -> tuple[Machine, dict[str, tuple[int, bool]]]:
    """The machine of a recorded execution, and how it went in each state. Refuses one of another workflow."""
    from workflow_dsl.application.machines import definition_name
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.local.replay.cli_output import read_execution, with_definition
    from workflow_dsl.local.replay.timeline import entry_counts, read_visits

    recording = read_execution([file])
    application = application_if_any(find_project(Path.cwd()))
    if not recording.definition:
        named = application.named(name)
        recording = with_definition(recording, named.definition, named.local_substitutions)
    machines = application.machines
    recorded = [candidate for candidate in machines if recording.workflow in (candidate.workflow, candidate.logical_id)]
    names = {name for candidate in recorded for name in (candidate.workflow, candidate.logical_id)}
    if names and definition_name(Path(name)) not in names:
        raise click.UsageError(f"{file} is an execution of {recording.workflow}, not of {name}")
    machine = Machine(recording.definition)
    return machine, entry_counts(read_visits(recording.events, machine))


def _drawable(name: str, template: str | None) -> tuple[Machine, dict[str, tuple[str, ...]]]:
    """The machine of a name or a file, with local values for placeholders, and the tips of its states."""
    from workflow_dsl.application.declarations import Declarations
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.definition.reading import is_template, read
    from workflow_dsl.views.types import tips_of

    if name == "-":
        document = read(standard_input())
        if is_template(document):
            raise click.UsageError("- is a template; name one of its state machines, or a definition's file")
        return Machine(document), {}
    project = find_project(Path.cwd())
    application = application_of(project, template) if template else application_if_any(project, name=name)
    application = or_as_generated(application)
    machine = application.named(name)
    return machine.with_local_values, tips_of(machine.with_known_values, Declarations(application).of(machine))


@click.command(short_help="Print the policy that a state machine needs.")
@click.argument("name", metavar="NAME|FILE")
@template_option
@click.option("--stanza", "is_whole", is_flag=True, help="Print the whole resource, substitutions included.")
@click.option("--apply", "is_applied", is_flag=True, help="Write it into the template; everything else there stays.")
def policies(name: str, template: str | None, is_whole: bool, is_applied: bool) -> None:
    """Print a least-privilege policy for a state machine's role, to paste under its Properties.

    NAME is a workflow, a logical ID in the template, or a definition's file. If the template does not
    deploy it yet, --stanza prints the whole resource, and --apply adds it.
    """
    with problems_reported():
        from workflow_dsl.agreement.references import wrong_reference
        from workflow_dsl.generation.writing import write_one
        from workflow_dsl.permissions import as_yaml, further_needs, least_privilege, unknown_calls
        from workflow_dsl.permissions.edits.template_edits import with_policies
        from workflow_dsl.permissions.stanza import stanza

        project = find_project(Path.cwd())
        application = application_of(project, template) if template else application_if_any(project, name=name)
        machine = application.only_named(name)
        if application.has_template:
            wrong = (wrong_reference(application.template, target) for target in machine.reference_targets.values())
            if report(filter(None, wrong)):
                sys.exit(FOUND)
        if is_applied:
            text, path = with_policies(machine), application.template.path
            is_new = text != application.template.source.text
            write_one(path, text)
            state = "written" if is_new else "unchanged"
            say(f"{application.shown(path)}: {state}: the policies of {machine.logical_id}")
        else:
            for line in stanza(machine) if is_whole else as_yaml(least_privilege(machine)):
                say(line)
        unknown = unknown_calls(machine)
        if unknown:
            say(f"the permissions of {short_list(unknown, quoted=True)} are unknown: add them", err=True)
        for state, actions in further_needs(machine).items():
            say(f'"{state}" also needs permissions on the data that it uses: {", ".join(actions)}', err=True)
