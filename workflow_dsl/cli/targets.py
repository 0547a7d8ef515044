"""What is to be checked: files, folders, patterns and standard input -> definitions, with what their templates say."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import Source, is_template, read_source
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.project import Project
from workflow_dsl.validation import Type, check

if TYPE_CHECKING:
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.application.template import Template

_SUFFIXES = (".json", ".yaml", ".yml")
_DEFINITIONS = tuple(f".asl{suffix}" for suffix in _SUFFIXES)
_NOT_SEARCHED = ("node_modules", "site-packages", "__pycache__", "cdk.out", "venv")
_MOST_BYTES = 64_000_000  # of a file; the service takes definitions of 1 MB, and CloudFormation templates of 1 MB


@dataclass(frozen=True, slots=True)
class Given:
    """A definition to check: its text or its machine, and what the template that deploys it says."""

    definition: Source | Machine
    type: Type = "STANDARD"
    substitutions: Mapping[str, Json] | None = None
    place: Callable[[], Place] | None = None  # where a definition stands that has no places of its own

    def findings(self, ignore: Collection[str] = ()) -> list[Finding]:
        """What is wrong with it, each finding with a place."""
        found = check(self.definition, type=self.type, substitutions=self.substitutions, ignore=ignore)
        if self.place is None or not found:
            return found
        place = self.place()
        return [finding if finding.where.place else finding.at(place) for finding in found]


@dataclass
class Inputs:
    """What was found: definitions, what is wrong before they can be checked, and what could not be read."""

    given: list[Given] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)  # state machines whose definition is not to be had here
    sources: dict[str, Source] = field(default_factory=dict)  # by the file's name as it is printed


def files_of(argument: str, unreadable: list[str]) -> list[Path]:
    """The files that an argument names: itself, those of a pattern, or those in a folder that may hold a definition.

    Folders that cannot be read are added to `unreadable`.
    """
    path = Path(argument)
    if argument and os.path.isdir(argument):  # noqa: PTH112  # which takes a name that is too long for no folder
        return sorted(_searched(path, unreadable))
    if glob.has_magic(argument) and not os.path.exists(argument):  # noqa: PTH110
        return sorted(Path(name) for name in glob.glob(argument, recursive=True) if Path(name).is_file())  # noqa: PTH207
    return [path] if argument else []


def _searched(folder: Path, unreadable: list[str]) -> Iterator[Path]:
    def failed(problem: OSError) -> None:
        unreadable.append(f"{problem.filename}: {problem.strerror}")

    for root, folders, names in os.walk(folder, onerror=failed):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_SEARCHED]
        files = (Path(root, name) for name in names if name.endswith(_SUFFIXES) and not name.startswith("."))
        yield from (path for path in files if path.is_symlink() or path.is_file())


def gather(
    project: Project,
    files: Mapping[Path, bool],
    compiled: Callable[[Path], Machine],
    standard_input: Callable[[], bytes],
    type_: Type | None = None,
) -> Inputs:
    """The definitions in files, each with its type and substitutions where a template among them names it.

    A file that is not marked as named was come upon in a folder: it is passed over when it is neither definition nor
    template. A `.py` file is a workflow, given to `compiled`; `-` is standard input. `type_` is for all of them,
    whatever a template says.
    """
    return _Gathering(project, compiled, standard_input, type_).gathered(files)


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
        self._deployed: set[str] = set()

    def gathered(self, files: Mapping[Path, bool]) -> Inputs:
        plain: list[tuple[Path, Source]] = []
        for path, named in self._each_once(files).items():
            try:
                source = self._read(path, named)
                if source and is_template(source.document):
                    self._deploy(source, path)
                elif source:
                    plain.append((path, source))
            except (OSError, ValueError) as problem:
                said = problem.strerror if isinstance(problem, OSError) else problem
                self._found.unreadable.append(f"{path}: {said}")
            except FindingsError as problem:
                self._found.findings += problem.findings
            except RecursionError:
                where = Where(place=Place(self._shown(path)))
                finding = Finding("TOO_DEEPLY_NESTED", "error", where, "is nested too deeply", "flatten it")
                self._found.findings.append(finding)
        for path, text in plain:
            if _identity(path) not in self._deployed:
                self._found.given.append(self._as_deployed(path) or Given(text, self._type or "STANDARD"))
        return self._found

    def _each_once(self, files: Mapping[Path, bool]) -> dict[Path, bool]:
        first: dict[str, Path] = {}
        chosen: dict[Path, bool] = {}
        for path, named in files.items():
            same = first.setdefault(_identity(path), path)
            chosen[same] = chosen.get(same, False) or named
        return chosen

    def _read(self, path: Path, named: bool) -> Source | None:
        """The text of a file; None for a workflow, which is compiled, and for what is not looked for."""
        if path.suffix == ".py":
            path.stat()  # one that is not there is the caller's mistake, not an author's
            self._found.given.append(Given(self._compiled(path), self._type or "STANDARD"))
            return None
        text = self._standard_input() if str(path) == "-" else _content(path, named)
        is_definition = named or path.name.endswith(_DEFINITIONS)
        if not is_definition and not _may_be_one(text):
            return None
        try:
            source = _source(text, self._shown(path))
        except FindingsError:
            if is_definition or path.stem == "template":
                raise
            return None
        if not is_definition and not _is_either(source.document):
            return None
        if named and not path.name.endswith(_DEFINITIONS) and _is_neither(source.document):
            self._found.passed_over.append(f"{source.file} is neither a state machine nor a template")
            return None
        self._found.sources[source.file] = source
        return source

    def _shown(self, path: Path) -> str:
        """A file's name from the root of the project where it lies below it, as that of a workflow is."""
        if str(path) == "-":
            return "standard input"
        shown = self._project.shown(Path(os.path.normpath(path.absolute())))
        return os.path.normpath(path) if Path(shown).is_absolute() and not path.is_absolute() else shown

    @cached_property
    def _template(self) -> Template | None:
        """The project's own template, where it can be read; what is wrong with it is said where it is checked."""
        from workflow_dsl.application.template import read_template  # 3 ms that a plain definition need not wait for

        try:
            return read_template(self._project.root / self._project.template)
        except (FindingsError, OSError):
            return None

    def _as_deployed(self, path: Path) -> Given | None:
        """A definition as the project's own template deploys it, where it does."""
        below = _identity(path).startswith(_identity(self._project.root) + os.sep)
        if not below or str(path) == "-" or not self._template:
            return None
        for machine in self._template.state_machines():
            if isinstance(machine.definition, Path) and _identity(machine.definition) == _identity(path):
                from workflow_dsl.application.machines import TemplateMachine

                return self._given(TemplateMachine(self._template, machine, self._found.sources[self._shown(path)]))
        return None

    def _deploy(self, source: Source, path: Path) -> None:
        from workflow_dsl.agreement import cross_check, reported_placeholders
        from workflow_dsl.application.machines import Stack, deployments
        from workflow_dsl.application.template import template_of

        template = template_of(source, path)
        machines = deployments(template, self._definition, self._shown)
        own = self._project.root / self._project.template
        project = self._project if _identity(path) == _identity(own) else None
        found = cross_check(Stack(template, machines, project))
        reported = reported_placeholders(found)
        self._found.findings += found
        for each in machines:
            self._found.findings += each.problems
            if each.has_definition:
                self._found.given.append(self._given(each, reported.get(each.resource.logical_id, ())))
            elif not each.problems:
                said = "not checked: its definition is not here, or is made when it is deployed"
                self._found.passed_over.append(f"{source.file}: {each.resource.logical_id} is {said}")

    def _given(self, deployed: TemplateMachine, reported: Iterable[str] = ()) -> Given:
        """A definition to check; nothing is said of what the placeholders in doubt stand for."""
        source = deployed.source
        assert source  # noqa: S101  # as has_definition says
        place = None if source.file else lambda: deployed.place("Properties", "DefinitionString")
        known = deployed.substitutions
        substitutions = None if known is None else {**known, **dict.fromkeys(reported)}
        return Given(source, self._type or deployed.resource.type, substitutions, place)

    def _definition(self, path: Path) -> Source:
        """The definition in a file that a template names."""
        shown = self._shown(path)
        self._deployed.add(_identity(path))
        found = self._found.sources.get(shown) or read_source(_content(path, False), shown)
        self._found.sources[shown] = found
        return found


def _identity(path: Path) -> str:
    """What is the same for two names of one file."""
    try:
        return os.path.realpath(path) if str(path) != "-" else "-"
    except ValueError:  # a name that no file can have
        return str(path)


def _content(path: Path, named: bool) -> bytes:
    """What is in a file. Raises ValueError for one that is too large, or no file, and OSError."""
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if not named and not stat.S_ISREG(kind):
        raise ValueError("is no regular file")
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"has more than {_MOST_BYTES // 1_000_000} MB, which no definition has")
    return content


def _source(text: bytes, shown: str) -> Source:
    """A definition, read strictly, or a template, in which a key may stand twice."""
    try:
        return read_source(text, shown)
    except FindingsError:
        if b"Resources" not in text:
            raise
        source = read_source(text, shown, strict=False)
        if not is_template(source.document):
            raise
        return source


def _may_be_one(text: bytes) -> bool:
    return (b"StartAt" in text and b"States" in text) or b"::StateMachine" in text


def _is_either(document: Json) -> bool:
    return is_template(document) or (isinstance(document, dict) and {"StartAt", "States"} <= document.keys())


def _is_neither(document: Json) -> bool:
    """Whether a document has other things in it, and nothing of a state machine or a template, in whatever case."""
    names = {str(name).lower() for name in document}
    return bool(names) and names.isdisjoint(("startat", "states", "resources", "transform", "awstemplateformatversion"))


def _text(path: Path) -> str:
    return path.read_text("utf-8").removesuffix("\n")


def lines_of(inputs: Inputs, root: Path) -> Callable[[Place], list[str]]:
    """For a place, the lines of its file: of one that was read, or of the author's Python; none of one that is gone."""
    known: dict[str, list[str]] = {}

    def lines(place: Place) -> list[str]:
        if place.file not in known:
            try:
                source = inputs.sources.get(place.file) or Source(None, _text(root / place.file))
                known[place.file] = source.lines
            except (OSError, ValueError):
                known[place.file] = []
        return known[place.file]

    return lines
