"""`validate` and `rules`: the findings in definitions, and the rules behind them."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import (
    FOUND,
    TYPES,
    WRONG_CALL,
    coloured,
    compiled,
    format_option,
    ignored_codes,
    problems_reported,
    progress,
    report,
    standard_input,
)
from workflow_dsl.findings import Finding, FindingsError, did_you_mean
from workflow_dsl.project import Project, find_project, missing_template

if TYPE_CHECKING:
    from collections.abc import Collection

    from workflow_dsl.cli.targets import Target, Targets
    from workflow_dsl.validation import Type
    from workflow_dsl.views.reports import Lines

_FORMATS = ("text", "json", "sarif", "github")


@click.command(short_help="Check definitions and SAM templates.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--type",
    "type_",
    type=TYPES,
    metavar="[STANDARD|EXPRESS]",
    help="Check as this type instead of the template's, or STANDARD.",
)
@format_option(*_FORMATS, help="Print the findings in this format.")
@click.option(
    "--ignore",
    "codes",
    multiple=True,
    metavar="CODE",
    help="Suppress this warning or note, or MISSING_PERMISSION, UNDECLARED_FIELD or WRONG_ARGUMENT (repeatable).",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too, but not for notes.")
@click.option("--baseline", metavar="FILE", type=click.Path(path_type=Path), help="Skip the findings listed in FILE.")
@click.option("--update-baseline", "is_update", is_flag=True, help="Write all findings to the baseline's FILE.")
def validate(
    paths: tuple[str, ...],
    type_: Type | None,
    format_: str,
    codes: tuple[str, ...],
    strict: bool,
    baseline: Path | None,
    is_update: bool,
) -> None:
    """Check definitions (.json, .yaml, - for standard input), SAM templates, and workflows (.py).

    PATH is a file, a folder to search, or a pattern such as "**/*.asl.json". In a template, every state machine is
    checked with its type and DefinitionSubstitutions. Without PATH: the project's template and generated definitions.
    To suppress a code for good, set ignore = ["CODE"] under [tool.workflow-dsl]; `workflow-dsl rules` lists the codes.
    """
    from workflow_dsl.cli.source_lines import lines_of
    from workflow_dsl.cli.targets import collect_targets
    from workflow_dsl.views.folding import by_application
    from workflow_dsl.views.inert import for_terminal

    with problems_reported():
        try:
            project = find_project(Path.cwd())
            ignore = ignored_codes(project, codes)
        except FindingsError as problem:
            if format_ == "text":
                raise
            _print([list(problem.findings)], format_, lines_of({}, Path.cwd()))
            sys.exit(FOUND)
        unreadable: list[str] = []
        files = _named_files(paths, unreadable) if paths else dict.fromkeys(_files_of_project(project), True)
        collected = collect_targets(project, files, partial(compiled, project), standard_input, type_)
        templates, by_machine = _check_targets(collected, project, ignore)
        hints = [] if collected.targets or unreadable else _commands_to_run_first(paths)
        for line in (*unreadable, *collected.unreadable, *collected.skipped, *hints):
            click.echo(for_terminal(line), err=True)
        is_readable = not unreadable and not collected.unreadable
        by_machine, known = _without_known(by_machine, baseline, is_update and is_readable)
        by_machine = [*by_application(templates, by_machine)]
        _print(by_machine, format_, lines_of(collected.sources, project.root))
        if format_ == "text":
            click.echo(_summary(len(collected.targets), by_machine, known), err=True)
        if not is_readable:
            sys.exit(WRONG_CALL)
        failing = ("error", "warning") if strict else ("error",)
        if any(finding.severity in failing for findings in by_machine for finding in findings):
            sys.exit(FOUND)


def _check_targets(
    collected: Targets, project: Project, ignore: Collection[str]
) -> tuple[list[str], list[list[Finding]]]:
    """The findings in each definition, after those in comments and in templates; the template of each list, or ""."""
    by_machine = [[finding for finding in collected.findings if finding.code not in ignore]]
    with progress(collected.targets, "Checking") as targets:
        by_machine += (target.findings(ignore) for target in targets)
    templates = ["", "", *map(_template_of, collected.targets)]
    return templates, _unsilenced(by_machine, collected, project)


def _template_of(target: Target) -> str:
    """The path of the template that deploys a definition; "" for a definition by itself."""
    template = getattr(target.definition, "template", None)
    return str(template.path) if template else ""


def _unsilenced(by_machine: list[list[Finding]], targets: Targets, project: Project) -> list[list[Finding]]:
    """The findings that no comment silences, after the mistakes in such comments."""
    from workflow_dsl.application.silencing import Silencing

    def text(file: str) -> str | None:
        source = targets.sources.get(file)
        return source.text if source else None

    silencing = Silencing(project, text)
    mistakes = silencing.mistakes(targets.sources)
    return [mistakes, *map(silencing.left, by_machine)]


def _commands_to_run_first(paths: tuple[str, ...]) -> list[str]:
    """For each folder with the source of another tool, the command that writes a template from it."""
    from workflow_dsl.application.template.infrastructure import run_first

    folders = [path for path in paths if Path(path).is_dir()]
    return [f"nothing to check in {path!r}: {remedy}" for path in folders if (remedy := run_first(Path(path)))]


def _without_known(
    by_machine: list[list[Finding]], baseline: Path | None, is_update: bool
) -> tuple[list[list[Finding]], int]:
    """The findings of each machine that the baseline lacks, and the number of the others; writes it if asked to."""
    if baseline is None:
        if is_update:
            raise click.UsageError("--update-baseline needs --baseline FILE")
        return by_machine, 0
    from workflow_dsl.definition.files import read_text
    from workflow_dsl.views.baseline import baseline_text, known_fingerprints, new_findings

    every = [finding for findings in by_machine for finding in findings]
    if is_update:
        from workflow_dsl.generation.writing import write_one

        write_one(baseline, baseline_text(every))
    try:
        new = set(map(id, new_findings(every, known_fingerprints(read_text(baseline)))))
    except FileNotFoundError:
        raise click.UsageError(f"no baseline {baseline}; write it with --update-baseline") from None
    except ValueError as problem:
        raise click.UsageError(f"{baseline}: {problem}") from None
    kept = [[finding for finding in findings if id(finding) in new] for findings in by_machine]
    return kept, len(every) - len(new)


def _summary(definitions: int, by_machine: list[list[Finding]], known: int) -> str:
    from workflow_dsl.views.folding import count_of, folded

    repeated = [group for findings in by_machine for group in folded(findings)]
    errors, warnings, notes = (count_of(repeated, severity) for severity in ("error", "warning", "note"))
    counts = (definitions, "definition"), (errors, "error"), (warnings, "warning"), (notes, "note")
    checked, *rest = (f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count or noun != "note")
    places = sum(group.count for group in repeated)
    where = f" in {places} places" if places > len(repeated) else ""
    return f"{checked} checked: {', '.join(rest)}{where}{f'; {known} in the baseline' if known else ''}"


def _named_files(paths: tuple[str, ...], unreadable: list[str]) -> dict[Path, bool]:
    """The files of arguments, and whether an argument is the file itself rather than a folder or a pattern."""
    from workflow_dsl.application.template.infrastructure import run_first
    from workflow_dsl.cli.targets import files_of

    files: dict[Path, bool] = {}
    for path in paths:
        before = len(unreadable)
        for file in (matches := files_of(path, unreadable)):
            files[file] = files.get(file, False) or file == Path(path)
        if not matches and len(unreadable) == before:
            why = "it has no definitions" if path and Path(path).is_dir() else "no such file"
            if path and (remedy := run_first(Path(path))):
                why += f"; {remedy}"
            unreadable.append(f"nothing to check in {path!r}: {why}")
    return files


def _files_of_project(project: Project) -> list[Path]:
    from workflow_dsl.application.template.infrastructure import run_first

    report(missing_template(project))
    template = project.root / project.template
    files = [*([template] if template.is_file() else []), *_generated(project)]
    if not files:
        generated = project.display_path(project.root / project.generated)
        missing = f"no {project.template} and no definitions in {generated}"
        remedy = run_first(project.root) or "name a file or a folder"
        raise click.UsageError(f"nothing to check in {project.root}: {missing}; {remedy}")
    return files


def _generated(project: Project) -> list[Path]:
    return sorted((project.root / project.generated).glob("*.asl.json"))


def _print(by_machine: list[list[Finding]], format_: str, lines: Lines) -> None:
    """Print the findings of each machine to standard output in one of the formats of `validate`."""
    findings = [finding for of_machine in by_machine for finding in of_machine]
    if not findings and format_ in ("text", "github"):
        return  # without them these are empty
    from workflow_dsl.validation import rules
    from workflow_dsl.views import reports
    from workflow_dsl.views.folding import folded

    repeated = [group for of_machine in by_machine for group in folded(of_machine)]
    if format_ == "json":
        click.echo(reports.as_json(findings))
    elif format_ == "sarif":
        click.echo(reports.as_sarif(findings, rules(), _version()))
    elif format_ == "github":
        for line in reports.as_github(repeated):
            click.echo(line)
    else:
        for group in repeated:
            for line in reports.as_text(group.first, lines, coloured, group.lines):
                click.echo(line)


def _version() -> str:
    from importlib.metadata import version  # 20 ms that the other formats do without

    return version("workflow-dsl")


@click.command("rules", short_help="List the rules of validate.")
@click.argument("names", nargs=-1, metavar="[NAME|CODE]...")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write all rules to FILE as Markdown."
)
def rules_(names: tuple[str, ...], output: Path | None) -> None:
    """List the rules of `validate`: severity, code, name and summary.

    Given a rule's name or code, prints its AWS source and a failing and a passing example.
    """
    with problems_reported():
        from workflow_dsl.generation.writing import write_one
        from workflow_dsl.validation import rules
        from workflow_dsl.validation.rules_page import OTHER_CODES, render_rule, render_rules

        every = rules()
        if output:
            write_one(output, render_rules())
            return
        if not names:
            for rule in every:
                click.echo(f"{rule.severity:8} {rule.code:30} {rule.name}\n    {rule.summary}")
            for code, text in OTHER_CODES.items():
                click.echo(f"{'':8} {code}\n    {text}")
        for name in names:
            code = name.upper()
            if code in OTHER_CODES:
                click.echo(f"{code}: {OTHER_CODES[code]}")
                continue
            chosen = [rule for rule in every if rule.code == code or rule.name == name.lower()]
            if not chosen:
                known = [key for rule in every for key in (rule.name, rule.code)] + [*OTHER_CODES]
                raise click.UsageError(f"no rule {name!r}; {did_you_mean(name, known) or 'see `workflow-dsl rules`'}")
            for rule in chosen:
                click.echo(render_rule(rule))
