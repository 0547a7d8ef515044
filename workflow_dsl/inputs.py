"""What is to be checked: files, folders, patterns and standard input -> definitions, with what their templates say."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_dsl.asl import Json, Machine
from workflow_dsl.expressions.placeholders import filled
from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest
from workflow_dsl.project import Project
from workflow_dsl.reading import Source, is_template, read_source
from workflow_dsl.validation import Type, check

if TYPE_CHECKING:
    from workflow_dsl.template import StateMachine, Template

_SUFFIXES = (".json", ".yaml", ".yml")
_DEFINITIONS = tuple(f".asl{suffix}" for suffix in _SUFFIXES)
_NOT_SEARCHED = ("node_modules", "site-packages", "__pycache__", "cdk.out", "venv")


@dataclass(frozen=True, slots=True)
class Given:
    """A definition to check: its text or its machine, and what the template that deploys it says."""

    definition: Source | Machine
    type: Type = "STANDARD"
    substitutions: Mapping[str, Json] | None = None
    place: Place | None = None  # where a definition stands that has no places of its own

    def findings(self, ignore: Collection[str] = ()) -> list[Finding]:
        """What is wrong with it, each finding with a place."""
        found = check(self.definition, type=self.type, substitutions=self.substitutions, ignore=ignore)
        return [finding if finding.where.place else finding.placed(self.place) for finding in found]


@dataclass
class Inputs:
    """What was found: definitions, what is wrong before they can be checked, and what could not be read."""

    given: list[Given] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)  # by the file's name as it is printed


def files_of(argument: str) -> list[Path]:
    """The files that an argument names: itself, those of a pattern, or those in a folder that may hold a definition."""
    path = Path(argument)
    if path.is_dir():
        return sorted(_searched(path))
    if not path.exists() and glob.has_magic(argument):
        return sorted(Path(name) for name in glob.glob(argument, recursive=True) if Path(name).is_file())  # noqa: PTH207
    return [path]


def _searched(folder: Path) -> Iterator[Path]:
    def failed(problem: OSError) -> None:
        raise problem

    for root, folders, names in os.walk(folder, onerror=failed):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_SEARCHED]
        yield from (Path(root, name) for name in names if name.endswith(_SUFFIXES))


def gather(
    project: Project,
    files: Iterable[Path],
    compiled: Callable[[Path], Machine],
    standard_input: Callable[[], bytes],
    type_: Type | None = None,
    chosen: Callable[[Path], bool] = lambda path: True,
) -> Inputs:
    """The definitions in files, each with its type and substitutions where a template among them names it.

    A `.py` file is a workflow, given to `compiled`; `-` is standard input. `type_` is for all of them, whatever a
    template says. A file for which `chosen` is false was come upon in a folder: it is passed over when it is neither
    definition nor template.
    """
    return _Gathering(project, compiled, standard_input, type_).gathered(files, chosen)


class _Gathering:
    def __init__(
        self,
        project: Project,
        compiled: Callable[[Path], Machine],
        standard_input: Callable[[], bytes],
        type_: Type | None,
    ) -> None:
        self._project, self._compiled, self._standard_input, self._type = project, compiled, standard_input, type_
        self._found = Inputs()
        self._deployed: set[Path] = set()

    def gathered(self, files: Iterable[Path], chosen: Callable[[Path], bool]) -> Inputs:
        plain: list[tuple[Path, Source]] = []
        for path in files:
            try:
                source = self._read(path, chosen(path))
            except OSError as problem:
                self._found.unreadable.append(f"{path}: {problem.strerror or problem}")
            except FindingsError as problem:
                self._found.findings += problem.findings
            else:
                if source and is_template(source.document):
                    self._deploy(source, path)
                elif source:
                    plain.append((path, source))
        for path, text in plain:
            if path.resolve() not in self._deployed:
                self._found.given.append(self._as_deployed(path) or Given(text, self._type or "STANDARD"))
        return self._found

    def _read(self, path: Path, is_chosen: bool) -> Source | None:
        """The text of a file; None for a workflow, which is compiled, and for what is not looked for."""
        if path.suffix == ".py":
            path.stat()  # one that is not there is the caller's mistake, not an author's
            self._found.given.append(Given(self._compiled(path), self._type or "STANDARD"))
            return None
        is_definition = is_chosen or path.name.endswith(_DEFINITIONS)
        text = self._standard_input() if str(path) == "-" else path.read_bytes()
        if not is_definition and not _may_be_one(text):
            return None
        shown = "standard input" if str(path) == "-" else self._project.shown(path)
        try:
            source = read_source(text, shown, strict=b"Resources" not in text)
        except FindingsError:
            if not is_definition:
                return None
            raise
        if not is_definition and not is_template(source.document) and not {"StartAt", "States"} <= {*source.document}:
            return None
        self._found.sources[shown] = source
        return source

    def _as_deployed(self, path: Path) -> Given | None:
        """A definition of this project as the project's own template deploys it."""
        template = self._project.root / self._project.template
        if path.resolve().parent != self._project.root / self._project.generated or not template.is_file():
            return None
        from workflow_dsl.template import read_template

        try:
            machines = [*(found := read_template(template)).state_machines()]
        except FindingsError:
            return None  # which is said where the template is checked
        for machine in machines:
            if isinstance(machine.definition, Path) and machine.definition.resolve() == path.resolve():
                return self._given(found, machine, self._found.sources[self._project.shown(path)])
        return None

    def _deploy(self, source: Source, path: Path) -> None:
        from workflow_dsl.permissions import (
            missing,  # as the template, milliseconds that a definition need not wait for
        )
        from workflow_dsl.template import template_of

        template = template_of(source, path)
        for machine in template.state_machines():
            try:
                definition = self._definition_of(template, machine)
            except FindingsError as problem:
                self._found.findings += problem.findings
            else:
                if definition:
                    given = self._given(template, machine, definition)
                    self._found.given.append(given)
                    deployed = Machine(filled(definition.document, given.substitutions or {}))
                    self._found.findings += missing(template, machine.logical_id, deployed)

    def _given(self, template: Template, machine: StateMachine, source: Source) -> Given:
        known = template.known_substitutions(machine.logical_id)
        place = (
            None if source.file else template.place("Resources", machine.logical_id, "Properties", "DefinitionString")
        )
        return Given(source, self._type or machine.type, known, place)

    def _definition_of(self, template: Template, machine: StateMachine) -> Source | None:
        """The definition of a template's state machine; None where it is in another account's bucket, or made later."""
        keys = ("Resources", machine.logical_id, "Properties")
        if isinstance(machine.definition, Path):
            return self._deployed_file(template, machine, machine.definition)
        if isinstance(machine.definition, str):
            try:
                return Source(read_source(machine.definition).document)
            except FindingsError as problem:
                place = template.place(*keys, "DefinitionString")
                raise FindingsError(finding.placed(place) for finding in problem.findings) from None
        if machine.definition is None or "Fn::Transform" in machine.definition:
            return None
        source = template.source.within(*keys, "Definition")
        return replace(source, document=template.resolved(source.document))

    def _deployed_file(self, template: Template, machine: StateMachine, path: Path) -> Source:
        self._deployed.add(path.resolve())
        shown = self._project.shown(path)
        if not path.is_file():
            raise FindingsError([_no_such_file(template, machine, path, shown)])
        found = self._found.sources.get(shown) or read_source(path.read_bytes(), shown)
        self._found.sources[shown] = found
        return found


def _may_be_one(text: bytes) -> bool:
    return (b"StartAt" in text and b"States" in text) or b"::StateMachine" in text


def _no_such_file(template: Template, machine: StateMachine, path: Path, shown: str) -> Finding:
    folder = path.parent
    beside = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    place = template.place("Resources", machine.logical_id, "Properties", "DefinitionUri")
    where = Where(("Resources", machine.logical_id, "Properties", "DefinitionUri"), place=place)
    remedy = closest(path.name, beside) or "write the path as it is from the template's folder, letter for letter"
    return Finding("NO_DEFINITION", "error", where, f"{machine.logical_id}: there is no file {shown}", remedy)


def lines_of(inputs: Inputs, root: Path) -> Callable[[Place], list[str]]:
    """For a place, the lines of its file: of one that was read, or of the author's Python; none of one that is gone."""
    known: dict[str, list[str]] = {}

    def lines(place: Place) -> list[str]:
        if place.file not in known:
            source = inputs.sources.get(place.file)
            try:
                known[place.file] = source.lines if source else (root / place.file).read_text("utf-8").splitlines()
            except (OSError, ValueError):
                known[place.file] = []
        return known[place.file]

    return lines
