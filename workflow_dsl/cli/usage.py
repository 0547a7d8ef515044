"""`uses`, `diagram` and `policies`: who uses what, how it looks, and what it may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import chosen, compiled, print_rows, problems_reported, report, standard_input
from workflow_dsl.findings import closest
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.application.machines import Stack
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.views.tables import By


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--by", type=click.Choice(["machine", "function"]), default="machine", show_default=True)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "markdown", "mermaid"]),
    default="table",
    show_default=True,
)
@click.option("--template", metavar="FILE", help="Another template than the project's.")
def uses(names: tuple[str, ...], by: By, format_: str, template: str | None) -> None:
    """Show which state machine uses which function and resource, through which placeholder, and what starts it.

    NAME is a state machine, a workflow, a function or a resource; all are shown without one. --by function turns it
    round: what breaks when a function changes.
    """
    with problems_reported():
        from workflow_dsl.application.template.triggers import triggers_of
        from workflow_dsl.application.uses import functions_not_called, uses_of
        from workflow_dsl.views import tables as shown

        stack = _stack(template)
        found, triggers = uses_of(stack), triggers_of(stack.template)
        unused = functions_not_called(stack, found)
        machines = [each.resource.logical_id for each in stack.machines]
        if names:
            wanted = _known_names(stack, names)
            found = [use for use in found if wanted & {use.machine, use.resource, use.target}]
            triggers = [each for each in triggers if each.target in wanted]
            unused = [name for name in unused if name in wanted]
            wanted |= {use.machine for use in found}
            machines = [name for name in machines if name in wanted]
            if not (found or triggers or unused or machines):
                click.echo(f"no state uses {' or '.join(names)}", err=True)
        if format_ == "json":
            click.echo(shown.as_json(machines, found, triggers, unused))
        elif format_ == "mermaid":
            click.echo(shown.mermaid(machines, found, triggers), nl=False)
        else:
            heading, rows = shown.rows(machines, found, triggers, unused, by)
            if format_ == "markdown":
                click.echo(shown.markdown(heading, rows), nl=False)
            else:
                print_rows([heading, *shown.once(rows)])


def _stack(template: str | None) -> Stack:
    """The project's template with its state machines, or another one."""
    from workflow_dsl.application.machines import project_stack

    project = find_project(Path.cwd())
    if template is not None:
        project = replace(project, template=Path.cwd() / template)
    stack = project_stack(project)
    if stack is None:
        shown = project.shown(project.root / project.template)
        raise click.UsageError(f"no file {shown}" if template else f"no template {shown}; name one with --template")
    for deployed in stack.machines:
        report(deployed.problems)
    return stack


def _known_names(stack: Stack, names: Iterable[str]) -> set[str]:
    """Names, and the state machines of the workflows among them. Refuses one that nothing has."""
    machines: dict[str, set[str]] = {}
    for each in stack.machines:
        machines.setdefault(each.workflow, set()).add(each.resource.logical_id)
    known = {*stack.template.resources, *filter(None, machines)}
    for name in names:
        if name not in known:
            raise click.UsageError(f"the template has no {name!r}: {closest(name, known) or 'see `workflow-dsl uses`'}")
    return {*names, *(logical_id for name in names for logical_id in machines.get(name, ()))}


@click.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to FILE: .svg or .mmd.")
@click.option("--format", "format_", type=click.Choice(["svg", "mermaid"]), help="By FILE's ending, else svg.")
@click.option("--template", metavar="FILE", help="Another template than the project's.")
@click.option(
    "--execution",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Draw what one did that `history --save` saved.",
)
def diagram(name: str, output: Path | None, format_: str | None, template: str | None, execution: Path | None) -> None:
    """Draw a workflow, a state machine of the template, or a definition in a .json or .yaml file, as SVG or Mermaid.

    With --execution the definition is the one that it ran with: green is where it went through, red where it did not
    get on, faint where it never was.
    """
    with problems_reported():
        from workflow_dsl.generation.files import write_one
        from workflow_dsl.views.diagram import to_mermaid, to_svg

        if output and format_ is None and output.suffix not in (".svg", ".mmd"):
            raise click.BadParameter("end the file in .svg or .mmd, or say --format", param_hint="--output")
        is_mermaid = (format_ or (output.suffix if output else "")) in ("mermaid", ".mmd")
        if execution and is_mermaid:
            raise click.UsageError("an execution is drawn as SVG")
        machine, entered = _executed(name, execution) if execution else (_drawable(name, template), None)
        title = Path(name).name.removesuffix(".asl.json")
        text = to_mermaid(machine) if is_mermaid else to_svg(machine, title, entered)
        if output:
            write_one(output, text)
        else:
            click.echo(text.encode(), nl=False)


def _executed(name: str, file: Path) -> tuple[Machine, dict[str, tuple[int, bool]]]:
    """The machine of a recorded execution, and what it did in each state. Refuses one of another workflow."""
    from workflow_dsl.application.machines import project_stack
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.local.replay.recording import read_recording
    from workflow_dsl.local.replay.timeline import entered, visits_of

    recording = read_recording(file)
    stack = project_stack(find_project(Path.cwd()))
    known = {each.workflow: each.resource.logical_id for each in stack.machines} if stack else {}
    if recording.workflow in known and name not in (recording.workflow, known[recording.workflow]):
        raise click.UsageError(f"{file} is an execution of {recording.workflow}, not of {name}")
    machine = Machine(recording.definition)
    return machine, entered(visits_of(recording.events, machine))


def _drawable(name: str, template: str | None) -> Machine:
    """The machine that a name or a file stands for, with what its placeholders stand for where the template says so."""
    from workflow_dsl.application.machines import project_stack
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.definition.reading import is_template, read

    project = find_project(Path.cwd())
    if name == "-" or Path(name).suffix in (".json", ".yaml", ".yml"):
        document = read(standard_input() if name == "-" else Path(name).read_bytes())
        if is_template(document):
            raise click.UsageError(f"{name} is a template; name one of its state machines, or its definition's file")
        return Machine(document)
    stack = _stack(template) if template else project_stack(project)
    for each in stack.machines if stack else ():
        if name == each.resource.logical_id and each.has_definition:
            return each.local
    [path] = chosen(project, (name,))
    machine = compiled(project, path)
    stack = project_stack(project, {path.stem: machine})
    deployed = stack.deploying(path.stem) if stack else None
    return deployed.local if deployed else machine


@click.command()
@click.argument("name")
@click.option("--template", metavar="FILE", help="Another template than the project's.")
def policies(name: str, template: str | None) -> None:
    """Print the policy that a state machine's role needs and no more, to be pasted under its Properties.

    NAME is a workflow, or a state machine's logical id in the template.
    """
    with problems_reported():
        from workflow_dsl.permissions import as_yaml, least_privilege, unknown_calls

        stack = _stack(template)
        wanted = _known_names(stack, [name])
        meant = [each for each in stack.machines if each.resource.logical_id in wanted]
        if len(meant) > 1:
            names = " or ".join(each.resource.logical_id for each in meant)
            raise click.UsageError(f"{name} is deployed as {len(meant)} state machines: name {names}")
        if not meant or not meant[0].has_definition:
            raise click.UsageError(f"{name} is no state machine with a definition here")
        [deployed] = meant
        for line in as_yaml(least_privilege(deployed)):
            click.echo(line)
        for state in unknown_calls(deployed):
            click.echo(f'what "{state}" needs is not known here: add it', err=True)
