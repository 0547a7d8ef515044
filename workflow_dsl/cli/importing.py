"""`import`: definitions of any kind as workflow modules."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import FOUND, application_if_any, problems_reported, report, say
from workflow_dsl.cli.stacks.options import AccountOptions, account_options
from workflow_dsl.findings import Finding, FindingsError, did_you_mean, short_list
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.importer.sources import Definition


@click.command("import", short_help="Convert definitions to workflows.")
@click.argument("names", nargs=-1, metavar="FILE|TEMPLATE|NAME...")
@click.option("-o", "--output", metavar="FOLDER", help="Write the modules here instead of the workflows folder.")
@click.option("--stdout", "is_printed", is_flag=True, help="Print the modules, and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite modules that exist.")
@account_options
def import_(names: tuple[str, ...], options: AccountOptions, output: str | None, is_printed: bool, force: bool) -> None:
    """Convert definitions to workflow modules that compile to the same content.

    FILE is a definition (.json, .yaml). TEMPLATE means all its state machines, inline definitions too. NAME is a
    state machine of the project's template: its logical ID, or the name of its definition's file. With --stack-name,
    names are logical IDs in that stack, by default all, and the deployed definitions are imported.

    Each module is first compiled and compared with its definition. Nothing is written if a workflow cannot express part
    of one.
    """
    with problems_reported():
        from workflow_dsl.generation.writing import GeneratedFile, write
        from workflow_dsl.importer import import_definition

        project = find_project(Path.cwd())
        definitions = _named_apart(list(_definitions_to_import(project, options, names)))
        folder = Path.cwd() / output if output else project.root / project.workflows
        paths = [folder / f"{definition.name}.py" for definition in definitions]
        for path in () if force or is_printed else paths:
            if path.exists():
                raise click.UsageError(f"{project.display_path(path)} exists; add --force to replace it")
        texts: list[str] = []
        findings: list[Finding] = []
        for definition in definitions:
            try:
                texts.append(import_definition(definition.source, definition.references, type=definition.type))
            except FindingsError as problem:
                findings += problem.findings
        if report(findings):
            click.echo("Fix the errors above. Nothing was written.", err=True)
            sys.exit(FOUND)
        if is_printed:
            click.echo("\n\n".join(texts).encode(), nl=False)
            return
        write(GeneratedFile(path, text) for path, text in zip(paths, texts, strict=True))
        for path, definition in zip(paths, definitions, strict=True):
            _say_written(project, path, definition)


def _say_written(project: Project, path: Path, definition: Definition) -> None:
    """Print the module's path, and what the template needs before it deploys the workflow's definition."""
    say(f"{project.display_path(path)}: written")
    generated = project.generated_file(path.stem)
    if definition.owner and definition.path != generated:
        say(f"  to deploy it, set DefinitionUri of {definition.owner} to {project.display_path(generated)}")
    if definition.added:
        say("  and add to its DefinitionSubstitutions:" if definition.owner else "  its DefinitionSubstitutions:")
    for name in definition.added:
        say(f"    {name}: {definition.references[name].substitution}")


def _definitions_to_import(project: Project, options: AccountOptions, names: Sequence[str]) -> Iterator[Definition]:
    """The definitions that a call means: those of a stack with --stack-name, else those of its arguments."""
    if options.stack_name:
        from workflow_dsl.account.stack_import import definitions_in_stack

        account, stack = options.open_stack(project)
        yield from definitions_in_stack(account, stack, application_if_any(project), names)
        return
    if not names:
        raise click.UsageError("name a definition, a template or a state machine, or a stack with --stack-name")
    for name in names:
        yield from _definitions(project, name)


def _definitions(project: Project, name: str) -> Iterator[Definition]:
    """The definitions that an argument means."""
    from workflow_dsl.application.machines import definition_name
    from workflow_dsl.application.template.infrastructure import as_template
    from workflow_dsl.definition.files import DEFINITION_SUFFIXES, identity, read_file
    from workflow_dsl.definition.reading import is_template, read_source
    from workflow_dsl.importer.names import module_name
    from workflow_dsl.importer.sources import Definition, definition_in

    path = Path(name)
    if path.suffix not in DEFINITION_SUFFIXES:
        yield definition_in(_machine(project, name))
        return
    shown = project.display_path(path.absolute())
    source = read_source(read_file(path, is_named=True), shown, strict=False)
    if is_template(source.document):
        machines = application_if_any(project, name).machines
        if not machines:
            raise click.UsageError(f"{name} has no state machine")
        yield from map(definition_in, machines)
        return
    if as_template(source, path) is not source:
        raise click.UsageError(f"{name} is a plan or state of Terraform; import the file that its definition is in")
    source = read_source(source.text, shown)
    deploying = [
        machine
        for machine in application_if_any(project, None, name).machines
        if isinstance(machine.resource.definition, Path) and identity(machine.resource.definition) == identity(path)
    ]
    yield definition_in(deploying[0]) if deploying else Definition(module_name(definition_name(path)), source)


def _machine(project: Project, name: str) -> TemplateMachine:
    """The state machine of the project's template with a name."""
    machines = application_if_any(project).machines
    chosen = [machine for machine in machines if machine.logical_id == name]
    chosen = chosen or [machine for machine in machines if machine.workflow == name]
    if not chosen:
        known = sorted({name for machine in machines for name in (machine.logical_id, machine.workflow) if name})
        hint = did_you_mean(name, known) or (
            f"the state machines are {short_list(known)}"
            if known
            else "the project's template has none; name a definition's file, or a template"
        )
        raise click.UsageError(f"no state machine {name!r}; {hint}")
    return chosen[0]


def _named_apart(definitions: list[Definition]) -> list[Definition]:
    """The definitions, those whose files have one name under the names of their state machines."""
    from collections import Counter

    from workflow_dsl.importer.names import module_name
    from workflow_dsl.records import replace

    counts = Counter(definition.name for definition in definitions)
    renamed = [
        replace(definition, name=module_name(definition.owner))
        if counts[definition.name] > 1 and definition.owner
        else definition
        for definition in definitions
    ]
    twice = [name for name, count in Counter(definition.name for definition in renamed).items() if count > 1]
    if twice:
        raise click.UsageError(f"two definitions would be written to {twice[0]}.py; import one at a time, with -o")
    return renamed
