"""The command line: parse, call one room, print, exit 0 (clean), 1 (findings or drift) or 2 (wrong call)."""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.artifacts import Artifact
    from workflow_dsl.asl import Machine
    from workflow_dsl.deployment import Stack
    from workflow_dsl.generation import Generation
    from workflow_dsl.reports import Lines
    from workflow_dsl.usage.shown import By
    from workflow_dsl.validation import Type

FOUND, WRONG_CALL, INTERRUPTED = 1, 2, 130
_FORMATS = ("text", "json", "sarif", "github")
_NOT_CURRENT = {True: "stale", False: "written"}  # by whether the files are only compared


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workflow-dsl", message="%(package)s %(version)s")
def main() -> None:
    """Workflows in Python for AWS Step Functions: compiled to ASL, checked, and kept from drifting.

    Where things lie is set in pyproject.toml under [tool.workflow-dsl]: workflows, generated, template.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to fail


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", "comparing", is_flag=True, help="Write nothing; exit 1 when a generated file is not current.")
def generate(names: tuple[str, ...], comparing: bool) -> None:
    """Compile and check every workflow, or those named, and write their definitions and pictures to generated/.

    Nothing is written while any of them has an error. Where template, workflows and functions disagree, that is said
    too. With overview = "docs/state-machines.md" under [tool.workflow-dsl], that page is written as well.
    """
    from workflow_dsl import artifacts
    from workflow_dsl.generation import generation

    with _problems_reported():
        project = find_project(Path.cwd())
        ignore = _ignored(project)
        with _progress(_chosen(project, names), "Compiling") as paths:
            made = generation(project, paths, partial(_compiled, project), ignore)
        if _report(finding for build in made.builds for finding in build.findings):
            click.echo(f"Nothing is {'compared' if comparing else 'written'} until this is mended.", err=True)
            sys.exit(FOUND)
        files = {name: made.artifacts(name) for name in made.machines}
        page = made.page()
        everything = [*(each for of_one in files.values() for each in of_one), *([page] if page else [])]
        differences = [] if names else artifacts.orphans(project)
        if comparing:
            differences += [finding for name in made.machines for finding in made.drift(name)]
            differences += [artifacts.outdated(project, page)] if page and not page.is_current else []
        was_current = {each.path: each.is_current for each in everything}
        if not comparing:
            artifacts.write(everything)
        _print_table(project, made, files, was_current, _NOT_CURRENT[comparing])
        if _report([*differences, *made.disagreements]):
            sys.exit(FOUND)


@main.command("compile")
@click.argument("workflow", metavar="NAME|FILE.py")
def compile_(workflow: str) -> None:
    """Print a workflow's definition, and nothing else, to standard output.

    The definition is not checked here: `generate` and `validate` do that.
    """
    with _problems_reported():
        project = find_project(Path.cwd())
        [path] = _chosen(project, (workflow,))
        click.echo(_compiled(project, path).to_text().encode(), nl=False)


_TYPES = click.Choice(["STANDARD", "EXPRESS"])


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--type", "type_", type=_TYPES, help="The type of the state machines; else the template's, or STANDARD.")
@click.option("--format", "format_", type=click.Choice([*_FORMATS]), default="text", show_default=True)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="CODE",
    help="Leave a warning, or MISSING_PERMISSION, out (repeatable).",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
def validate(paths: tuple[str, ...], type_: Type | None, format_: str, ignored: tuple[str, ...], strict: bool) -> None:
    """Check definitions (.json, .yaml, or - for standard input), SAM templates, and workflows (.py).

    PATH is a file, a folder that is searched, or a pattern such as "**/*.asl.json". Of a template every state machine
    is checked, with its type and substitutions. Without PATH it is the project's template and generated definitions.
    Warnings can be left out for good by ignore = ["CODE"] under [tool.workflow-dsl]; `workflow-dsl rules` lists them.
    """
    from workflow_dsl import inputs
    from workflow_dsl.reports import printable

    with _problems_reported():
        found = inputs.Inputs()
        try:
            project = find_project(Path.cwd())
            ignore = _ignored(project, ignored)
        except FindingsError as problem:
            if format_ == "text":
                raise
            _print(list(problem.findings), format_, inputs.lines_of(found, Path.cwd()))
            sys.exit(FOUND)
        unreadable: list[str] = []
        files = _named(paths, unreadable) if paths else dict.fromkeys(_of_the_project(project), True)
        found = inputs.gather(project, files, partial(_compiled, project), _standard_input, type_)
        findings = [finding for finding in found.findings if finding.code not in ignore]
        with _progress(found.given, "Checking") as each:
            for given in each:
                findings += given.findings(ignore)
        for line in (*unreadable, *found.unreadable, *found.passed_over):
            click.echo(printable(line), err=True)
        _print(findings, format_, inputs.lines_of(found, project.root))
        errors = sum(finding.severity == "error" for finding in findings)
        if format_ == "text":
            counts = (len(found.given), "definition"), (errors, "error"), (len(findings) - errors, "warning")
            checked, *rest = (f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
            click.echo(f"{checked} checked: {', '.join(rest)}", err=True)
        if unreadable or found.unreadable:
            sys.exit(WRONG_CALL)
        if errors or (strict and findings):
            sys.exit(FOUND)


def _named(paths: tuple[str, ...], unreadable: list[str]) -> dict[Path, bool]:
    """The files that arguments name, and whether by name rather than by a folder or a pattern."""
    from workflow_dsl.inputs import files_of

    files: dict[Path, bool] = {}
    for path in paths:
        before = len(unreadable)
        for file in (found := files_of(path, unreadable)):
            files[file] = files.get(file, False) or file == Path(path)
        if not found and len(unreadable) == before:
            why = "no definition in it" if path and Path(path).is_dir() else "no file of that name"
            unreadable.append(f"nothing to check in {path!r}: {why}")
    return files


def _of_the_project(project: Project) -> list[Path]:
    template = project.root / project.template
    files = [*([template] if template.is_file() else []), *_generated(project)]
    if not files:
        generated = project.shown(project.root / project.generated)
        said = f"no {project.template} and no definitions in {generated}"
        raise click.UsageError(f"nothing to check in {project.root}: {said}; name a file or a folder")
    return files


@main.command("rules")
@click.argument("names", nargs=-1, metavar="[NAME|CODE]...")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write them all, as Markdown.")
def rules_(names: tuple[str, ...], output: Path | None) -> None:
    """List what `validate` checks: a rule's name, its code, and what it says.

    With a rule's name or code it tells more: where AWS says so, and what is wrong and right by it.
    """
    with _problems_reported():
        from workflow_dsl.validation import rules
        from workflow_dsl.validation.handbook import OTHERS, chapter, handbook

        known = rules()
        if output:
            output.write_text(handbook(), "utf-8")
            return
        if not names:
            for rule in known:
                click.echo(f"{rule.severity:8} {rule.code:30} {rule.name}\n    {rule.summary}")
            for code, said in OTHERS.items():
                click.echo(f"{'':8} {code}\n    {said}")
        for name in names:
            if name in OTHERS:
                click.echo(f"{name}: {OTHERS[name]}")
                continue
            chosen = [rule for rule in known if name in (rule.name, rule.code)]
            if not chosen:
                every = [each for rule in known for each in (rule.name, rule.code)]
                raise click.UsageError(f"no rule {name!r}: {closest(name, every) or 'see `workflow-dsl rules`'}")
            for rule in chosen:
                click.echo(chapter(rule))


@main.command()
@click.argument("workflow", metavar="NAME|FILE")
@click.option(
    "--input", "input_", default="{}", metavar="JSON|@FILE|-", help="The input: JSON, a file, or standard input."
)
@click.option(
    "--fail", "faults", multiple=True, metavar="STATE=ERROR[*N]", help="Fail a state's first calls (repeatable)."
)
@click.option("--mock", metavar="FILE#CASE", help="A test case of a Step Functions Local mock configuration file.")
@click.option("--history", "as_history", type=click.Choice(["json"]), help="Print the event history instead.")
@click.option("--type", "type_", type=_TYPES, help="The template's type by default.")
@click.option("--seed", type=int, default=0, show_default=True, help="Repeats jitter, UUIDs and random numbers.")
@click.option("--endpoint-url", metavar="URL", help="Call AWS services there instead of in moto in this process.")
def run(
    workflow: str,
    input_: str,
    faults: tuple[str, ...],
    mock: str | None,
    as_history: str | None,
    type_: Type | None,
    seed: int,
    endpoint_url: str | None,
) -> None:
    """Run a workflow on this computer, with the real handlers and the tables of the template.

    No account, no Docker: AWS services are answered by moto in this process, and time is virtual, so that no retry or
    wait takes any. Exits with 1 when the execution does not succeed.
    """
    with _problems_reported():
        from workflow_dsl.local.application import Application
        from workflow_dsl.local.display import Display, ending

        project = find_project(Path.cwd())
        display = Display(click.echo)
        execution = Application(project, endpoint_url).run(
            workflow,
            _input(input_),
            mocks=_mocks(faults, mock, Path(workflow).stem),
            type=type_,
            seed=seed,
            watch=None if as_history else display.watch,
        )
        if as_history:
            click.echo(json.dumps(execution.history, indent=2, ensure_ascii=False, default=str))
        else:
            for line in ending(execution):
                click.echo(line)
        if execution.status != "SUCCEEDED":
            sys.exit(FOUND)


@main.command()
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
    with _problems_reported():
        from workflow_dsl.template.triggers import triggers_of
        from workflow_dsl.usage import shown, unused_functions, uses_of

        stack = _stack(template)
        found, triggers = uses_of(stack), triggers_of(stack.template)
        unused = unused_functions(stack, found)
        if names:
            chosen = _known_names(stack, names)
            found = [use for use in found if chosen & {use.machine, use.resource, use.target}]
            triggers = [each for each in triggers if each.target in chosen]
            unused = [name for name in unused if name in chosen]
        if format_ == "json":
            click.echo(shown.as_json(found, triggers, unused))
        elif format_ == "mermaid":
            click.echo(shown.mermaid(found, triggers), nl=False)
        else:
            heading, rows = shown.rows(found, triggers, unused, by)
            if format_ == "markdown":
                click.echo(shown.markdown(heading, rows), nl=False)
            else:
                _print_rows([heading, *shown.once(rows)])


def _stack(template: str | None) -> Stack:
    """The project's template with its state machines, or another one."""
    from workflow_dsl.deployment import project_stack

    project = find_project(Path.cwd())
    if template is not None:
        project = replace(project, template=Path.cwd() / template)
    stack = project_stack(project)
    if stack is None:
        raise click.UsageError(
            f"no template {project.shown(project.root / project.template)}; name one with --template"
        )
    for deployed in stack.machines:
        _report(deployed.problems)
    return stack


def _known_names(stack: Stack, names: Iterable[str]) -> set[str]:
    """Names with the state machines of the workflows among them. Refuses one that nothing has."""
    workflows = {each.workflow: each.resource.logical_id for each in stack.machines if each.workflow}
    known = {*stack.template.resources, *workflows}
    for name in names:
        if name not in known:
            raise click.UsageError(f"the template has no {name!r}: {closest(name, known) or 'see `workflow-dsl uses`'}")
    return {*names, *(workflows[name] for name in names if name in workflows)}


@main.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to FILE: .svg or .mmd.")
@click.option("--format", "format_", type=click.Choice(["svg", "mermaid"]), help="By FILE's ending, else svg.")
def diagram(name: str, output: Path | None, format_: str | None) -> None:
    """Draw a workflow, a state machine of the template, or a definition in a .json or .yaml file, as SVG or Mermaid."""
    with _problems_reported():
        from workflow_dsl.artifacts import Artifact, write
        from workflow_dsl.diagram import to_mermaid, to_svg

        if output and format_ is None and output.suffix not in (".svg", ".mmd"):
            raise click.BadParameter("end the file in .svg or .mmd, or say --format", param_hint="--output")
        machine = _drawable(name)
        is_mermaid = (format_ or (output.suffix if output else "")) in ("mermaid", ".mmd")
        text = to_mermaid(machine) if is_mermaid else to_svg(machine, Path(name).name.removesuffix(".asl.json"))
        if output:
            write([Artifact(Path.cwd() / output, text)])
        else:
            click.echo(text.encode(), nl=False)


def _drawable(name: str) -> Machine:
    """The machine that a name or a file stands for, with what its placeholders stand for where the template says so."""
    from workflow_dsl.asl import Machine
    from workflow_dsl.deployment import project_stack
    from workflow_dsl.reading import read

    project = find_project(Path.cwd())
    if name == "-" or Path(name).suffix in (".json", ".yaml", ".yml"):
        return Machine(read(_standard_input() if name == "-" else Path(name).read_bytes()))
    stack = project_stack(project)
    for each in stack.machines if stack else ():
        if name == each.resource.logical_id and each.has_definition:
            return each.local
    [path] = _chosen(project, (name,))
    compiled = _compiled(project, path)
    stack = project_stack(project, {path.stem: compiled})
    deployed = stack.deploying(path.stem) if stack else None
    return deployed.local if deployed else compiled


@main.command()
@click.argument("name")
@click.option("--template", metavar="FILE", help="Another template than the project's.")
def policies(name: str, template: str | None) -> None:
    """Print the policy that a state machine's role needs and no more, to be pasted under its Properties.

    NAME is a workflow, or a state machine's logical id in the template.
    """
    with _problems_reported():
        from workflow_dsl.permissions import as_yaml, least_privilege, unknown_calls

        stack = _stack(template)
        [chosen] = _known_names(stack, [name]) - {name} or {name}
        deployed = next((each for each in stack.machines if each.resource.logical_id == chosen), None)
        if deployed is None or not deployed.has_definition:
            raise click.UsageError(f"{name} is no state machine with a definition here")
        for line in as_yaml(least_privilege(deployed)):
            click.echo(line)
        for state in unknown_calls(deployed):
            click.echo(f'what "{state}" needs is not known here: add it', err=True)


def _input(text: str) -> Any:
    try:
        given = sys.stdin.read() if text == "-" else Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
        return json.loads(given)
    except ValueError as problem:
        raise click.BadParameter(f"is no JSON: {problem}", param_hint="--input") from None


def _mocks(faults: tuple[str, ...], mock: str | None, machine: str) -> dict[str, Any]:
    from workflow_dsl.local.mocks import fault, read_mock_config

    found: dict[str, Any] = {}
    if mock:
        file, _, case = mock.rpartition("#")
        if not file:
            raise click.BadParameter("write FILE#CASE", param_hint="--mock")
        found = dict(read_mock_config(Path(file), case, machine))
    for text in faults:
        try:
            state, responses = fault(text)
        except ValueError as problem:
            raise click.BadParameter(str(problem), param_hint="--fail") from None
        if not isinstance(found.get(state, []), list):
            raise click.BadParameter(f"{state!r} is mocked by --mock already", param_hint="--fail")
        found[state] = [*found.get(state, []), *responses]
    return found


def _standard_input() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""


def _compiled(project: Project, path: Path) -> Machine:
    from workflow_dsl.loader import compile_file

    return compile_file(path, root=project.root)


def _generated(project: Project) -> list[Path]:
    return sorted((project.root / project.generated).glob("*.asl.json"))


def _ignored(project: Project, given: Iterable[str] = ()) -> frozenset[str]:
    """The codes of what is left out, by the call or by the project's settings."""
    from workflow_dsl.crosschecks import OPTIONAL
    from workflow_dsl.validation import rules

    codes = {rule.code for rule in rules() if rule.severity == "warning"}
    codes |= OPTIONAL
    for code in given:
        if code not in codes:
            raise click.BadParameter(f"no warning has the code {code!r}: {_hint(code, codes)}", param_hint="--ignore")
    for code in project.ignore:
        if code not in codes:
            where = Where(place=Place("pyproject.toml"))
            message = f"[tool.workflow-dsl] ignore: no warning has the code {code!r}"
            raise FindingsError([Finding("CONFIGURATION", "error", where, message, _hint(code, codes))])
    return frozenset((*given, *project.ignore))


def _hint(code: str, codes: set[str]) -> str:
    from workflow_dsl.validation import rules

    if any(code == rule.code for rule in rules()):
        return "an error cannot be left out; `workflow-dsl rules` lists the warnings"
    return closest(code, codes) or "`workflow-dsl rules` lists the warnings"


def _chosen(project: Project, names: tuple[str, ...]) -> list[Path]:
    """The workflow modules that are named, by name or by file; all of them when none is."""
    by_name = {path.stem: path for path in project.workflow_files()}
    if not names and not by_name:
        folder = project.shown(project.root / project.workflows)
        raise click.UsageError(f"no workflows in {folder}; write one, or set workflows under [tool.workflow-dsl]")
    for name in names:
        if name.endswith(".py") and not Path(name).is_file():
            raise click.UsageError(f"no file {name}")
        if not name.endswith(".py") and name not in by_name:
            hint = closest(name, by_name) or f"there are {', '.join(by_name) or 'none'}"
            raise click.UsageError(f"no workflow {name!r}: {hint}")
    paths = [Path(name) if name.endswith(".py") else by_name[name] for name in names] or list(by_name.values())
    twice = [stem for stem, count in Counter(path.stem for path in paths).items() if count > 1]
    if twice:
        raise click.UsageError(f"{twice[0]} is named twice, and a file's name is its machine's name")
    return paths


@contextmanager
def _problems_reported() -> Iterator[None]:
    """What cannot go on is said as findings or in a line, never as a traceback."""
    try:
        yield
    except FindingsError as problem:
        _report(problem.findings)
        sys.exit(FOUND)
    except BrokenPipeError:
        raise  # click ends quietly on it
    except KeyboardInterrupt:
        click.echo("Interrupted", err=True)
        sys.exit(INTERRUPTED)
    except RecursionError:
        click.echo("A value is nested too deeply for JSON; flatten it", err=True)
        sys.exit(FOUND)
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        click.echo(f"{where}{problem.strerror or problem}", err=True)
        sys.exit(WRONG_CALL)


_Item = TypeVar("_Item")


def _progress(items: Sequence[_Item], label: str) -> AbstractContextManager[Iterable[_Item]]:
    """The items one by one, with a bar for a person who would otherwise wait in the dark."""
    if len(items) < 20 or not sys.stderr.isatty():
        return nullcontext(items)
    return click.progressbar(items, label=label, file=sys.stderr)


def _report(findings: Iterable[Finding]) -> bool:
    """Prints findings to standard error; whether there is any error among them."""
    findings = list(findings)
    if not findings:
        return False
    from workflow_dsl.inputs import Inputs, lines_of
    from workflow_dsl.reports import as_text

    try:
        root = find_project(Path.cwd()).root
    except FindingsError:  # a wrong setting, which is what is being said
        root = Path.cwd()
    lines = lines_of(Inputs(), root)
    errors = False
    for finding in findings:
        errors |= finding.severity == "error"
        for line in as_text(finding, lines, _coloured):
            click.echo(line, err=True)
    return errors


def _version() -> str:
    from importlib.metadata import version  # 20 ms that no other format need wait for

    return version("workflow-dsl")


def _coloured(text: str, severity: str) -> str:
    return click.style(text, fg="red" if severity == "error" else "yellow")


def _print(findings: list[Finding], format_: str, lines: Lines) -> None:
    """Prints findings to standard output, in one of the formats of `validate`."""
    from workflow_dsl import reports
    from workflow_dsl.validation import rules

    if format_ == "json":
        click.echo(reports.as_json(findings))
    elif format_ == "sarif":
        click.echo(reports.as_sarif(findings, rules(), _version()))
    else:
        for finding in findings if format_ == "text" else ():
            for line in reports.as_text(finding, lines, _coloured):
                click.echo(line)
        for line in reports.as_github(findings) if format_ == "github" else ():
            click.echo(line)


def _print_table(
    project: Project, made: Generation, files: dict[str, list[Artifact]], was_current: dict[Path, bool], other: str
) -> None:
    """What was made: a row for each workflow, and one for the page; `other` is said of what was not current."""

    def said(artifacts: Iterable[Artifact]) -> str:
        return "unchanged" if all(was_current[each.path] for each in artifacts) else other

    table: list[tuple[str, ...]] = [("Workflow", "States", "File", "", "Time")]
    for build in made.builds:
        if build.machine:
            states = str(sum(1 for _ in build.machine.walk()))
            file = project.shown(project.generated_file(build.name))
            table.append((build.name, states, file, said(files[build.name]), f"{build.seconds * 1000:.0f} ms"))
    if page := made.page():
        table.append(("", "", project.shown(page.path), said([page]), ""))
    _print_rows(table)


def _print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    """A table for people, its first row the heading; wide cells are folded where the terminal is narrow."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    heading, *others = rows
    table = Table(*(Column(name, overflow="fold") for name in heading), box=None)
    for row in others:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else 1000).print(table)
