"""The targets of `validate`: definitions in files, folders, patterns, templates and standard input."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_dsl.cli.file_problems import file_problem
from workflow_dsl.cli.source_lines import STANDARD_INPUT
from workflow_dsl.definition.files import DEFINITION_SUFFIXES, identity, read_file
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import Source, is_template, read_source
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.project import Project
from workflow_dsl.records import Record, field
from workflow_dsl.shapes.declared import Declared
from workflow_dsl.shapes.sources.input_schemas import schema_beside, schema_problems
from workflow_dsl.validation import Type, check

if TYPE_CHECKING:
    from workflow_dsl.application.declarations import Declarations
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.application.template import Template

_DEFINITIONS = tuple(f".asl{suffix}" for suffix in DEFINITION_SUFFIXES)
_NOT_SEARCHED = ("node_modules", "site-packages", "__pycache__", "cdk.out", "venv")


class Target(Record):
    """A definition to check: by itself, or as a template deploys it.

    `reported` are the placeholders that the template's cross-check is about, `type` overrides the template's type.
    `declarations` are those around the state machines of a template, `declared` those around a definition by itself.
    """

    definition: Source | Machine | TemplateMachine
    type: Type | None = None
    reported: Mapping[str, Collection[str]] = field(default_factory=dict)
    declarations: Declarations | None = None
    declared: Declared | None = None

    def findings(self, ignore: Collection[str] = ()) -> list[Finding]:
        """The findings in it, each with a place."""
        if isinstance(self.definition, (Source, Machine)):
            return check(self.definition, type=self.type or "STANDARD", ignore=ignore, declared=self.declared)
        from workflow_dsl.application.checking import check_machine

        options: dict[str, Any] = {"type": self.type, "ignore": ignore, "declarations": self.declarations}
        return check_machine(self.definition, self.reported, **options)


class Targets(Record, frozen=False):
    """The definitions to check, the findings that stopped others from being checked, and the unreadable files.

    `skipped` says why a file or state machine was not checked; `sources` are the texts by printed name.
    """

    targets: list[Target] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)


def files_of(argument: str, unreadable: list[str]) -> list[Path]:
    """The files that an argument means: itself, the matches of a pattern, or those in a folder that may be definitions.

    A message for each folder that cannot be read is added to `unreadable`.
    """
    path = Path(argument)
    if argument and os.path.isdir(argument):  # noqa: PTH112  # False for a name that is too long, where Path raises
        return sorted(_searched(path, unreadable))
    if os.path.exists(argument):  # noqa: PTH110
        return [path]
    import glob

    if glob.has_magic(argument):
        return sorted(Path(name) for name in glob.glob(argument, recursive=True) if Path(name).is_file())  # noqa: PTH207
    return [path] if argument else []


def _searched(folder: Path, unreadable: list[str]) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, onerror=lambda problem: unreadable.append(file_problem(problem))):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_SEARCHED]
        files = (Path(root, name) for name in names if name.endswith(DEFINITION_SUFFIXES) and not name.startswith("."))
        yield from (path for path in files if path.is_symlink() or path.is_file())


def collect_targets(
    project: Project,
    files: Mapping[Path, bool],
    compile_workflow: Callable[[Path], Machine],
    standard_input: Callable[[], bytes],
    type_: Type | None = None,
) -> Targets:
    """The definitions in files, each with its type and substitutions where a template among them deploys it.

    The value of a file says whether a person named it: a file that was found in a folder is skipped when it is neither
    a definition nor a template. A `.py` file is a workflow, `-` is standard input. `type_` overrides that of templates.
    """
    return _Collector(project, compile_workflow, standard_input, type_).collect(files)


class _Collector:
    def __init__(
        self,
        project: Project,
        compile_workflow: Callable[[Path], Machine],
        standard_input: Callable[[], bytes],
        type_: Type | None,
    ) -> None:
        self._project, self._compile, self._standard_input = project, compile_workflow, standard_input
        self._type = type_
        self._targets = Targets()
        self._deployed: set[str] = set()
        self._checked: set[str] = set()  # templates

    def collect(self, files: Mapping[Path, bool]) -> Targets:
        plain: list[tuple[Path, Source]] = []
        for path, is_named in self._without_duplicates(files).items():
            try:
                source = self._read(path, is_named)
                if source and is_template(source.document):
                    self._add_template(source, path)
                elif source:
                    plain.append((path, source))
            except (OSError, ValueError) as problem:
                line = (
                    file_problem(problem, self._shown(path)) if isinstance(problem, OSError) else f"{path}: {problem}"
                )
                self._targets.unreadable.append(line)
            except FindingsError as problem:
                self._targets.findings += problem.findings
            except RecursionError:
                where = Where(place=Place(self._shown(path)))
                finding = Finding("TOO_DEEPLY_NESTED", "error", where, "is nested too deeply", "flatten it")
                self._targets.findings.append(finding)
        for path, source in plain:
            if identity(path) not in self._deployed:
                self._targets.targets += self._deployed_by_project(path) or [self._by_itself(path, source)]
        # A file that is no definition is reported as itself and as what a template deploys.
        self._targets.findings = list(dict.fromkeys(self._targets.findings))
        return self._targets

    def _without_duplicates(self, files: Mapping[Path, bool]) -> dict[Path, bool]:
        first: dict[str, Path] = {}
        chosen: dict[Path, bool] = {}
        for path, is_named in files.items():
            same = first.setdefault(identity(path), path)
            chosen[same] = chosen.get(same, False) or is_named
        return chosen

    def _read(self, path: Path, is_named: bool) -> Source | None:
        """The document of a file; None for a workflow, which is compiled, and for a file that holds something else."""
        if path.suffix == ".py":
            path.stat()  # a missing file is the caller's mistake, not an author's
            self._targets.targets += self._of_workflow(path)
            return None
        text = self._standard_input() if str(path) == "-" else read_file(path, is_named=is_named)
        is_definition = is_named or path.name.endswith(_DEFINITIONS)
        if not is_definition and not _may_be_target(text):
            return None
        try:
            source = _adapted(_source(text, self._shown(path)), path)
        except FindingsError as problem:
            if is_named:
                _refuse_foreign(path)
            if identity(path) == identity(self._project.root / self._project.template):
                from workflow_dsl.application.template import read_template

                read_template(path, self._shown(path))  # refuses it in words for a template
            if is_definition or path.stem == "template":
                raise
            if _is_half_readable(text):
                first = problem.findings[0]
                line = f"{self._shown(path)} is not checked: it {first.message}; {first.remedy}"
                self._targets.skipped.append(line)
            return None
        if not is_definition and not _is_target(source.document):
            return None
        _refuse_foreign(path, source.document)
        if is_named and not path.name.endswith(_DEFINITIONS) and _is_something_else(source.document):
            self._targets.skipped.append(f"{source.file} is neither a state machine nor a template")
            return None
        self._targets.sources[source.file] = source
        return source

    def _shown(self, path: Path) -> str:
        """A file's printed name: relative to the project's root if it is inside."""
        if str(path) == "-":
            return STANDARD_INPUT
        shown = self._project.display_path(Path(os.path.normpath(path.absolute())))
        return os.path.normpath(path) if Path(shown).is_absolute() and not path.is_absolute() else shown

    @cached_property
    def _template(self) -> Template | None:
        """The project's own template where it can be read; its problems are reported where it is checked."""
        from workflow_dsl.application.template import read_template  # 3 ms that a plain definition does without

        try:
            return read_template(self._project.root / self._project.template)
        except (FindingsError, OSError, ValueError):
            return None

    def _by_itself(self, path: Path, source: Source) -> Target:
        """A definition that no template deploys, with the schema of its input that stands beside it."""
        if str(path) == "-":
            return Target(source, self._type)
        self._targets.findings += schema_problems(path, self._shown)
        declared = schema_beside(path, self._shown)
        if source.calls_functions:
            from workflow_dsl.application.definition_files import without_functions

            source = without_functions(source)
        return Target(source, self._type, declared=Declared(declared) if declared else None)

    def _deployed_by_project(self, path: Path) -> list[Target]:
        """The state machines of the project's own template that deploy a definition's file."""
        is_below = identity(path).startswith(identity(self._project.root) + os.sep)
        if not is_below or str(path) == "-" or not self._template:
            return []
        from workflow_dsl.application.application import Application
        from workflow_dsl.application.declarations import Declarations
        from workflow_dsl.application.machines import machine_in_template

        machines = [
            machine_in_template(self._template, resource, self._definition, self._shown)
            for resource in self._template.state_machines()
            if isinstance(resource.definition, Path) and identity(resource.definition) == identity(path)
        ]
        declarations = Declarations(Application(self._template, machines, self._project))
        return [Target(machine, self._type, declarations=declarations) for machine in machines]

    def _of_workflow(self, path: Path) -> list[Target]:
        """The state machines that deploy a workflow, else the workflow by itself."""
        from workflow_dsl.application.application import read_application
        from workflow_dsl.application.declarations import Declarations

        try:
            application = read_application(self._project, compile_workflow=self._compile)
        except (FindingsError, OSError, ValueError):  # reported where the template is checked
            return [Target(self._compile(path), self._type)]
        declarations = Declarations(application)
        machines = application.all_named(str(path))
        return [Target(machine, self._type, declarations=declarations) for machine in machines]

    def _add_template(self, source: Source, path: Path) -> None:
        """Add the state machines of a template once, and those of its nested stacks whose templates are files."""
        if identity(path) in self._checked:
            return
        from workflow_dsl.agreement import cross_check, nested_templates, stepped_back
        from workflow_dsl.application.application import Application
        from workflow_dsl.application.checking import placeholders_reported
        from workflow_dsl.application.declarations import Declarations
        from workflow_dsl.application.machines import template_machines
        from workflow_dsl.application.template import template_of

        template = template_of(source, path)
        machines = template_machines(template, self._definition, self._shown)
        self._checked.add(identity(path))
        own = self._project.root / self._project.template
        project = self._project if identity(path) == identity(own) else None
        application = Application(template, machines, project)
        declarations = Declarations(application)
        findings = cross_check(application)
        reported = placeholders_reported(findings)
        self._targets.findings += findings
        self._targets.skipped += [f"{source.file}: {line}" for line in stepped_back(application)]
        for machine in machines:
            self._targets.findings += machine.problems
            if machine.has_definition:
                self._targets.targets.append(Target(machine, self._type, reported, declarations))
            elif not machine.problems:
                reason = "its definition is in a bucket, or is created at deployment"
                self._targets.skipped.append(f"{source.file}: {machine.logical_id} is not checked: {reason}")
        for nested in nested_templates(template):
            with suppress(FindingsError, OSError, ValueError):  # an argument names it, or it is no template yet
                inner = self._read(nested, is_named=False)
                if inner and is_template(inner.document):
                    self._add_template(inner, nested)

    def _definition(self, path: Path) -> Source:
        """The definition in a file that a template names."""
        shown = self._shown(path)
        self._deployed.add(identity(path))
        source = self._targets.sources.get(shown) or read_source(read_file(path), shown)
        self._targets.sources[shown] = source
        return source


def _source(text: bytes, shown: str) -> Source:
    """A definition, read strictly, or a template, where duplicate keys are allowed."""
    try:
        return read_source(text, shown)
    except FindingsError:
        if b"Resources" not in text:
            raise
        source = read_source(text, shown, strict=False)
        if not is_template(source.document):
            raise
        return source


def _adapted(source: Source, path: Path) -> Source:
    """A source, or the template in what another tool wrote."""
    if isinstance(source.document, dict) and "States" in source.document:
        return source
    # Lazy import: 3 ms that a plain definition does without.
    from workflow_dsl.application.template.infrastructure import as_template

    return as_template(source, path)


def _refuse_foreign(path: Path, document: Json = None) -> None:
    """Raise ValueError with the command to run first for the source of another tool."""
    if _is_target(document):
        return
    from workflow_dsl.application.template.infrastructure import run_first

    if remedy := run_first(path):
        raise ValueError(f"is not a template; {remedy}")


def _is_half_readable(text: bytes) -> bool:
    """True for JSON with a mistake that has a definition's fields; YAML can be meant for another tool."""
    return text.lstrip()[:1] == b"{" and b'"StartAt"' in text and b'"States"' in text


def _may_be_target(text: bytes) -> bool:
    return (b"StartAt" in text and b"States" in text) or b"::StateMachine" in text or b"aws_sfn_state_machine" in text


def _is_target(document: Json) -> bool:
    return is_template(document) or (isinstance(document, dict) and {"StartAt", "States"} <= document.keys())


def _is_something_else(document: Json) -> bool:
    """True if a document has fields, but none that a definition or template has (ignoring case)."""
    names = {str(name).lower() for name in document}
    return bool(names) and names.isdisjoint(("startat", "states", "resources", "transform", "awstemplateformatversion"))
