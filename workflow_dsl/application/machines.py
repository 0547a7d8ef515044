"""A template's state machines with their definitions, as they stand and as they are deployed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from workflow_dsl.application.template import StateMachine, Template, read_template
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, ReferenceTarget, State
from workflow_dsl.definition.placeholders import placeholders_in, substitute
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest
from workflow_dsl.project import Project

Read = Callable[[Path], Source]


@dataclass(frozen=True)
class TemplateMachine:
    """A state machine of a template with its definition.

    `source` is None where the definition is in a bucket or made later, and where it cannot be read: `problems` says so.
    """

    template: Template
    resource: StateMachine
    source: Source | None = None
    reference_targets: Mapping[str, ReferenceTarget] = field(
        default_factory=dict
    )  # by placeholder, where it is a workflow's
    unknown: tuple[str, ...] = ()  # placeholders that were put in for what only the stack has
    problems: tuple[Finding, ...] = ()

    @property
    def keys(self) -> tuple[str, str]:
        """The keys in the template that lead to it."""
        return "Resources", self.resource.logical_id

    @cached_property
    def substitutions(self) -> dict[str, Json] | None:
        """What its placeholders will stand for; None for what only the stack has, or where it has all of them."""
        if not self.template.substitutions_are_static(self.resource.logical_id):
            return None
        return {**dict.fromkeys(self.unknown), **self.template.known_substitutions(self.resource.logical_id)}

    @property
    def has_definition(self) -> bool:
        return self.source is not None and isinstance(self.source.document, dict)

    @cached_property
    def written(self) -> Machine:
        """The definition with its placeholders; an empty one where there is none."""
        return Machine(self.source.document if self.source and self.has_definition else {})

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The names of all placeholders in the definition, wherever they stand."""
        return frozenset(placeholders_in(json.dumps(self.written.document(), ensure_ascii=False)))

    @cached_property
    def local(self) -> Machine:
        """The definition with what its placeholders stand for on this computer, made up where only the stack has it."""
        document = self.written.document()
        keys = (*self.keys, "Properties", "Definition")
        if isinstance(self.resource.definition, dict):
            document = self.template.value(self.template.source.subdocument(*keys).document)
        made_up = {name: name.rpartition("Stack.")[2] for name in self.unknown}
        return Machine(substitute(document, {**made_up, **self.resource.substitutions}))

    @cached_property
    def known(self) -> Machine:
        """The definition with what is known of its placeholders, or meant by those that the template lacks."""
        reference_targets = {name: self.template.known(each.value) for name, each in self.reference_targets.items()}
        return Machine(substitute(self.written.document(), {**reference_targets, **(self.substitutions or {})}))

    def states(self) -> Iterator[tuple[State, State]]:
        """Every state as it is written, and as it is on this computer."""
        written, local = list(self.written.walk()), list(self.local.walk())
        if len(written) == len(local):  # by their order, for a placeholder may stand in a name
            return zip(written, local, strict=True)
        there = {state.keys: state for state in local}
        return ((state, there[state.keys]) for state in written if state.keys in there)

    def place(self, *keys: str) -> Place:
        """The line of one of its properties in the template, or where it begins when it has none of that name."""
        return self.template.place_around(*self.keys, *keys)

    @property
    def workflow(self) -> str:
        """The name of the workflow that its definition's file has, or would have; "" for an inline definition."""
        path = self.resource.definition
        return path.name.removesuffix(".asl.json") if isinstance(path, Path) else ""


@dataclass(frozen=True)
class Stack:
    """A template with its state machines, and the project where the template is a project's own."""

    template: Template
    machines: Sequence[TemplateMachine]
    project: Project | None = None
    undeployed: Sequence[Machine] = ()  # of workflows for which the template has no state machine yet

    def deploying(self, workflow: str) -> TemplateMachine | None:
        """The first state machine that is deployed from a workflow's generated file."""
        return next((each for each in self.machines if each.workflow == workflow), None)


def project_stack(project: Project, compiled: Mapping[str, Machine] = MappingProxyType({})) -> Stack | None:
    """The stack of a project; None where it has no template. Raises FindingsError for one that cannot be read.

    `compiled` are machines, by the name of their workflow, that take the place of what their generated files hold.
    """
    path = project.root / project.template
    if not path.is_file():
        return None

    made = {project.generated_file(name).resolve(): machine for name, machine in compiled.items()}

    def read(file: Path) -> Source:
        machine = made.get(file.resolve())
        return Source(machine.document()) if machine else read_source(file.read_bytes(), project.shown(file))

    template = read_template(path, project.shown(path))
    machines = [_with_meant(each, _meant(each, made)) for each in deployments(template, read, project.shown)]
    deployed = {each.resource.definition.resolve() for each in machines if isinstance(each.resource.definition, Path)}
    undeployed = [machine for file, machine in made.items() if file not in deployed]
    return Stack(template, machines, project, undeployed)


def _with_meant(each: TemplateMachine, reference_targets: Mapping[str, ReferenceTarget]) -> TemplateMachine:
    """A state machine with what its author means by placeholders, which stands for those that the template lacks."""
    given = {name: each.template.value(reference.value) for name, reference in reference_targets.items()}
    known = {name: value for name, value in given.items() if isinstance(value, str)}
    resource = replace(each.resource, substitutions={**known, **each.resource.substitutions})
    return replace(each, reference_targets=reference_targets, resource=resource)


def _meant(each: TemplateMachine, made: Mapping[Path, Machine]) -> Mapping[str, ReferenceTarget]:
    path = each.resource.definition
    machine = made.get(path.resolve()) if isinstance(path, Path) else None
    return machine.reference_targets if machine else {}


def deployments(template: Template, read: Read, shown: Callable[[Path], str] = str) -> list[TemplateMachine]:
    """The state machines of a template, in its order, their files read by `read` and named in findings as by `shown`.

    `read` raises OSError, ValueError or FindingsError for a file that cannot be read.
    """
    return [_deployed(template, machine, read, shown) for machine in template.state_machines()]


def _deployed(template: Template, machine: StateMachine, read: Read, shown: Callable[[Path], str]) -> TemplateMachine:
    found = TemplateMachine(template, machine)
    try:
        if isinstance(machine.definition, Path):
            return replace(found, source=_read(found, machine.definition, read, shown))
        if isinstance(machine.definition, str):
            source = Source(_of_text(found, machine.definition))
            return replace(found, source=source, unknown=tuple(template.unknown_in(machine.definition)))
        if machine.definition is None:
            return found
        source = template.source.subdocument(*found.keys, "Properties", "Definition")
        unknown: set[str] = set()
        source = replace(source, document=template.resolved(source.document, unknown))
        return replace(found, source=source, unknown=tuple(sorted(unknown)))
    except FindingsError as problem:
        return replace(found, problems=problem.findings)


def _of_text(found: TemplateMachine, text: str) -> Json:
    try:
        return read_source(text).document
    except FindingsError as problem:
        place = found.place("Properties", "DefinitionString")
        raise FindingsError(finding.at(place) for finding in problem.findings) from None


def _read(found: TemplateMachine, path: Path, read: Read, shown: Callable[[Path], str]) -> Source:
    folder = found.template.path.parent
    try:
        source = read(path)
        if path.exists() and is_spelled_otherwise(path, folder):
            raise FileNotFoundError  # it is found on this computer, and not where letter case counts
        return source
    except (OSError, ValueError) as problem:
        finding = _no_such_file(found.resource, path, folder, shown(path), problem)
        raise FindingsError([finding.at(found.place("Properties", "DefinitionUri"))]) from None


def is_spelled_otherwise(path: Path, folder: Path, names_in: Callable[[Path], Sequence[str]] | None = None) -> bool:
    """Whether a path is written in other letters, from a folder on, than its file is; `names_in` lists a folder."""
    if not path.is_relative_to(folder):
        return False
    at = folder
    for part in path.relative_to(folder).parts:
        names = (names_in or _names_in)(at)
        if part not in names and part.lower() in {name.lower() for name in names}:
            return True
        at = at / part
    return False


def _no_such_file(machine: StateMachine, path: Path, folder: Path, shown: str, problem: Exception) -> Finding:
    where = Where(("Resources", machine.logical_id, "Properties", "DefinitionUri"))
    if isinstance(problem, FileNotFoundError):
        message = f"{machine.logical_id}: there is no file {shown}"
        remedy = nearest(path, folder) or "write the path as it is from the template's folder, letter for letter"
        return Finding("NO_DEFINITION", "error", where, message, remedy)
    said = (problem.strerror if isinstance(problem, OSError) else str(problem)) or "cannot be read"
    message = f"{machine.logical_id}: {shown!r} cannot be read: {said}"
    return Finding("NO_DEFINITION", "error", where, message, "name the file with the definition")


def nearest(path: Path, folder: Path) -> str:
    """The file that may be meant, from a folder on: one whose path has other letter cases, or whose name is near."""
    found = Path(path.anchor)
    for part in path.parts[len(found.parts) :]:
        beside = _names_in(found)
        same = (
            part
            if part in beside or part == ".."
            else next((each for each in beside if each.lower() == part.lower()), None)
        )
        if same is None:
            near = closest(path.name, _names_in(path.parent))
            return near.replace('"', f'"{_from(path.parent, folder)}', 1)
        found = found / same
    return f'did you mean "{_from(found.parent, folder)}{found.name}"?'


def _from(path: Path, folder: Path) -> str:
    """A folder's path as it is written before a name, from another folder on."""
    shown = Path(os.path.relpath(path, folder)).as_posix()
    return "" if shown == "." else f"{shown}/"


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir())
    except OSError:
        return []
