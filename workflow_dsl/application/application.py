"""The application: a template, its state machines with their definitions, its functions, and the project's workflows.

Every command asks it, so that each takes the same names and says the same of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from workflow_dsl.application.machines import TemplateMachine, machine_outside, template_machines
from workflow_dsl.application.template import Template, empty_template, read_template
from workflow_dsl.definition.files import DEFINITION_SUFFIXES, identity, read_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import Source, is_template, read_source
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean, short_list
from workflow_dsl.project import Project

Compile = Callable[[Path], Machine]


class UnknownName(FindingsError):
    """Nothing in the application has this name."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__([Finding("UNKNOWN_NAME", "error", Where(), message, remedy)])


@dataclass(frozen=True)
class Application:
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
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    @cached_property
    def workflow_files(self) -> Mapping[str, Path]:
        """The project's workflow modules by name."""
        return {path.stem: path for path in self.project.workflow_files()} if self.project else {}

    def machine_of_workflow(self, name: str) -> TemplateMachine | None:
        """The first state machine that deploys a workflow's definition, else the compiled workflow itself."""
        return next((machine for machine in (*self.machines, *self.undeployed) if machine.workflow == name), None)

    def named(self, name: str) -> TemplateMachine:
        """The state machine of a name, the first of several that deploy one workflow. Raises as `all_named`."""
        return self.all_named(name)[0]

    def only_named(self, name: str) -> TemplateMachine:
        """The one state machine of a name. Raises as `all_named`, and UnknownName where several deploy one workflow."""
        machines = self.all_named(name)
        if len(machines) > 1:
            ids = " or ".join(machine.logical_id for machine in machines)
            raise UnknownName(f"{len(machines)} state machines deploy {name}", f"name {ids}")
        return machines[0]

    def all_named(self, name: str) -> list[TemplateMachine]:
        """The state machines of a name: a logical ID, a workflow, or the path or name of a definition's file.

        A workflow is compiled. Raises UnknownName for another name, OSError for a file that cannot be read, and
        FindingsError for one that is not a workflow or definition.
        """
        by_id = [self._as_compiled(machine) for machine in self.machines if machine.logical_id == name]
        if by_id:
            return by_id
        if name in self.workflow_files:
            return self._of_workflow(self.workflow_files[name])
        path = Path(name)
        if path.suffix in (".py", *DEFINITION_SUFFIXES):
            return self._of_file(path)
        by_file = [machine for machine in self.machines if name and machine.workflow == name]
        if by_file:
            return by_file
        known = [*self.workflow_files, *(machine.logical_id for machine in self.machines)]
        raise UnknownName(f"no workflow or state machine {name!r}", did_you_mean(name, known) or _choices(known))

    @cached_property
    def _workflow_of_file(self) -> Mapping[str, Path]:
        """The workflow that generates a definition's file."""
        project = self.project
        return (
            {identity(project.generated_file(name)): path for name, path in self.workflow_files.items()}
            if project
            else {}
        )

    def _workflow_of(self, machine: TemplateMachine) -> Path | None:
        """The workflow that generates a state machine's definition: that of its file, else the only one of its name."""
        definition = machine.resource.definition
        if not isinstance(definition, Path):
            return None
        same_name = [each for each in self.machines if each.workflow == machine.workflow]
        by_name = self.workflow_files.get(machine.workflow) if len(same_name) == 1 else None
        return self._workflow_of_file.get(identity(definition), by_name)

    def _as_compiled(self, machine: TemplateMachine) -> TemplateMachine:
        """A state machine with its workflow's machine in the place of the generated file."""
        workflow = self._workflow_of(machine)
        if machine.compiled or workflow is None:
            return machine
        return replace(machine, compiled=self._compiled(workflow), problems=())

    def _of_workflow(self, path: Path) -> list[TemplateMachine]:
        """The state machines that deploy a workflow, else the workflow by itself."""
        compiled = self._compiled(path)
        deployed = [machine for machine in self.machines if self._workflow_of(machine) == path]
        return [replace(machine, compiled=compiled, problems=()) for machine in deployed] or [
            machine_outside(self.template, path, compiled=compiled)
        ]

    def _of_file(self, path: Path) -> list[TemplateMachine]:
        if path.suffix == ".py":
            path.stat()  # a missing file is the caller's mistake, not an author's
            own = (each for each in self.workflow_files.values() if identity(each) == identity(path))
            return self._of_workflow(next(own, path))
        source = read_source(read_file(path, is_named=True), self.shown(path.absolute()))
        if is_template(source.document):
            raise UnknownName(f"{path} is a template", "name one of its state machines, or a definition's file")
        deployed = [machine for machine in self.machines if _is_deployed_by(path, machine)]
        return [replace(machine, source=source, compiled=None, problems=()) for machine in deployed] or [
            machine_outside(self.template, path, source)
        ]

    def _compiled(self, path: Path) -> Machine:
        if self.compile_workflow is not None:
            return self.compile_workflow(path)
        from workflow_dsl.compiler.loading import compile_file  # the SDK, which most commands do without

        return compile_file(path, root=self.root)


def _is_deployed_by(path: Path, machine: TemplateMachine) -> bool:
    definition = machine.resource.definition
    return isinstance(definition, Path) and identity(definition) == identity(path)


def _choices(names: Sequence[str]) -> str:
    return f"the application has {short_list(names)}" if names else "the application has none"


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
