"""The application: a template, its state machines with their definitions, its functions, and the project's workflows.

Every command asks it, so that each takes the same names and says the same of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from workflow_dsl.application.definition_files import without_functions
from workflow_dsl.application.machines import TemplateMachine, machine_outside, template_machines
from workflow_dsl.application.template import Template, empty_template, read_template
from workflow_dsl.application.template.infrastructure import run_first
from workflow_dsl.definition.files import DEFINITION_SUFFIXES, identity, read_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import Source, is_template, read_source
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean, short_list
from workflow_dsl.project import Project
from workflow_dsl.records import Record, replace

Compile = Callable[[Path], Machine]


class UnknownName(FindingsError):
    """Nothing in the application has this name."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__([Finding("UNKNOWN_NAME", "error", Where(), message, remedy)])


class Application(Record, slots=False):
    """A template with its state machines, and the project where the template is a project's own.

    `undeployed` are the compiled workflows that no state machine of the template deploys.
    """

    template: Template
    machines: Sequence[TemplateMachine]
    project: Project | None = None
    undeployed: Sequence[TemplateMachine] = ()
    compile_workflow: Compile | None = None
    has_template: bool = True

    @property
    def root(self) -> Path:
        """The folder that printed paths begin at."""
        return self.project.root if self.project else self.template.path.parent

    def shown(self, path: Path) -> str:
        """A path as it is printed: relative to the root where it lies below it."""
        return Project(self.root).display_path(path)

    @cached_property
    def workflow_files(self) -> Mapping[str, Path]:
        """The project's workflow modules by name."""
        return {path.stem: path for path in self.project.workflow_files()} if self.project else {}

    def machine_of_workflow(self, name: str) -> TemplateMachine | None:
        """The first state machine that deploys a workflow's generated file, else the compiled workflow itself."""
        path = self.project.generated_file(name) if self.project else Path(name)
        deployed = self._deploying(path)
        return deployed[0] if deployed else next((each for each in self.undeployed if each.workflow == name), None)

    def _deploying(self, path: Path) -> Sequence[TemplateMachine]:
        """The state machines of the template that deploy a definition's file."""
        return self._by_file.get(identity(path), [])

    @cached_property
    def _by_file(self) -> Mapping[str, list[TemplateMachine]]:
        machines: dict[str, list[TemplateMachine]] = {}
        for machine in self.machines:
            if isinstance(machine.resource.definition, Path):
                machines.setdefault(identity(machine.resource.definition), []).append(machine)
        return machines

    def named(self, name: str) -> TemplateMachine:
        """The state machine of a name, its workflow compiled, and its definition available.

        The first of several that deploy one workflow. Raises as `all_named`, and for a definition that is missing.
        """
        return self._available(name, self.all_named(name)[0])

    def only_named(self, name: str) -> TemplateMachine:
        """The one state machine of a name. Raises as `named`, and UnknownName where several deploy one workflow."""
        return self._available(name, _only(name, self.all_named(name)))

    def deployed_as(self, name: str) -> TemplateMachine:
        """The one state machine of the template that a name means, without compiling a workflow. Raises UnknownName."""
        return _only(name, self._deployed_as(name) or self._unknown(name))

    def all_named(self, name: str) -> list[TemplateMachine]:
        """The state machines of a name: a logical ID, a workflow, or the path or name of a definition's file.

        A workflow is compiled. Raises UnknownName for another name, OSError for a file that cannot be read, and
        FindingsError for one that is not a workflow or definition.
        """
        if any(machine.logical_id == name for machine in self.machines):
            return [self._as_compiled(machine) for machine in self._deployed_as(name)]
        path = self.workflow_files.get(name, Path(name))
        if path.suffix == ".py":
            return self._of_workflow(path)
        if path.suffix in DEFINITION_SUFFIXES:
            return self._of_file(path)
        return self._deployed_as(name) or self._unknown(name)

    def _deployed_as(self, name: str) -> list[TemplateMachine]:
        """The state machines of the template that a name means, with their definitions as they are on disk."""
        by_id = [machine for machine in self.machines if machine.logical_id == name]
        if by_id:
            return by_id
        path = self.workflow_files.get(name, Path(name))
        if path.suffix == ".py":
            return [machine for machine in self.machines if self._is_workflow_of(path, machine)]
        if path.suffix in DEFINITION_SUFFIXES:
            return [*self._deploying(path)]
        machines = [machine for machine in self.machines if name and machine.workflow == name]
        definitions = [machine.resource.definition for machine in machines]
        if len({identity(definition) for definition in definitions if isinstance(definition, Path)}) > 1:
            ids = " or ".join(machine.logical_id for machine in machines)
            raise UnknownName(f"several definitions are called {name}", f"name {ids}")
        return machines

    def _unknown(self, name: str) -> NoReturn:
        known = list(dict.fromkeys([*self.workflow_files, *(machine.logical_id for machine in self.machines)]))
        other = self.template.resources.get(name)
        if other:
            raise UnknownName(f"{name} is an {other.type}, not a state machine", _choices(known))
        if (command := run_first(Path(name))) and Path(name).exists():
            raise UnknownName(f"{name} is not a definition", command)
        raise UnknownName(f"no workflow or state machine {name!r}", did_you_mean(name, known) or _choices(known))

    def _available(self, name: str, machine: TemplateMachine) -> TemplateMachine:
        if machine.problems:
            raise FindingsError(machine.problems)
        if not machine.has_definition:
            reason = "it is in a bucket, or is created at deployment"
            raise UnknownName(f"the definition of {name} is not on this computer", reason)
        return machine

    @cached_property
    def _workflow_of_file(self) -> Mapping[str, Path]:
        """The workflow that generates a definition's file."""
        if self.project is None:
            return {}
        return {identity(self.project.generated_file(name)): path for name, path in self.workflow_files.items()}

    def _workflow_of(self, machine: TemplateMachine) -> Path | None:
        """The workflow that generates a state machine's definition."""
        definition = machine.resource.definition
        return self._workflow_of_file.get(identity(definition)) if isinstance(definition, Path) else None

    def _is_workflow_of(self, path: Path, machine: TemplateMachine) -> bool:
        workflow = self._workflow_of(machine)
        return workflow is not None and identity(workflow) == identity(path)

    def _as_compiled(self, machine: TemplateMachine) -> TemplateMachine:
        """A state machine with its workflow's machine in the place of the generated file."""
        workflow = self._workflow_of(machine)
        if machine.compiled or workflow is None:
            return machine
        return replace(machine, compiled=self._compiled(workflow), problems=())

    def _of_workflow(self, path: Path) -> list[TemplateMachine]:
        """The state machines that deploy a workflow, else the workflow by itself."""
        path.stat()  # a missing file is the caller's mistake, not an author's
        compiled = self._compiled(path)
        deployed = [machine for machine in self.machines if self._is_workflow_of(path, machine)]
        return [replace(machine, compiled=compiled, problems=()) for machine in deployed] or [
            machine_outside(self.template, path, compiled=compiled)
        ]

    def _of_file(self, path: Path) -> list[TemplateMachine]:
        source = read_source(read_file(path, is_named=True), self.shown(path.absolute()))
        if is_template(source.document):
            raise UnknownName(f"{path} is a template", "name one of its state machines, or a definition's file")
        if not {"StartAt", "States"} <= source.document.keys():
            raise UnknownName(f"{path} is not a definition", run_first(path) or "name a file with StartAt and States")
        deployed = self._deploying(path)
        return [replace(machine, source=source, compiled=None, problems=()) for machine in deployed] or [
            machine_outside(self.template, path, without_functions(source))
        ]

    def _compiled(self, path: Path) -> Machine:
        if self.compile_workflow is not None:
            return self.compile_workflow(path)
        from workflow_dsl.compiler.loading import compile_file  # the SDK, which most commands do without

        return compile_file(path, root=self.root)


def _only(name: str, machines: Sequence[TemplateMachine]) -> TemplateMachine:
    if len(machines) > 1:
        ids = " or ".join(machine.logical_id for machine in machines)
        raise UnknownName(f"{len(machines)} state machines deploy {name}", f"name {ids}")
    return machines[0]


def _choices(names: Sequence[str]) -> str:
    return (
        f"the application has {short_list(names)}"
        if names
        else "go to the folder of the project, or start one with `workflow-dsl init FOLDER`"
    )


def read_application(
    project: Project, compiled: Mapping[str, Machine] | None = None, compile_workflow: Compile | None = None
) -> Application:
    """The application of a project; one without resources where it has no template.

    `compiled` are machines of workflows by name, which take the place of their generated files. Raises FindingsError
    for a template that cannot be read.
    """
    path = project.root / project.template
    template = read_template(path, project.display_path(path)) if path.is_file() else empty_template(path)

    def read(file: Path) -> Source:
        return read_source(read_file(file), project.display_path(file))

    machines = template_machines(template, read, project.display_path)
    by_file = {identity(project.generated_file(name)): machine for name, machine in (compiled or {}).items()}
    definitions = [machine.resource.definition for machine in machines]
    files = [identity(definition) if isinstance(definition, Path) else "" for definition in definitions]
    replaced = [
        replace(machine, compiled=by_file[file], problems=()) if file in by_file else machine
        for machine, file in zip(machines, files, strict=True)
    ]
    undeployed = [
        machine_outside(template, project.generated_file(name), compiled=machine)
        for name, machine in (compiled or {}).items()
        if identity(project.generated_file(name)) not in files
    ]
    return Application(template, replaced, project, undeployed, compile_workflow, path.is_file())
