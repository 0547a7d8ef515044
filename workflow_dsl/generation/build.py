"""Everything that `generate` creates, before any of it is written: definitions, diagrams and the overview page."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from unicodedata import normalize

from workflow_dsl.agreement import cross_check
from workflow_dsl.application.application import Application, read_application
from workflow_dsl.application.checking import check_machine, placeholders_reported
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.machines import definition_name
from workflow_dsl.application.silencing import Silencing
from workflow_dsl.definition.files import identity
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.generation.files import ENDINGS, definition_file, drift, not_current, orphans, written_by_others
from workflow_dsl.generation.writing import GeneratedFile
from workflow_dsl.project import Project
from workflow_dsl.records import Record, field, replace
from workflow_dsl.validation import check
from workflow_dsl.views.diagram import to_mermaid, to_svg
from workflow_dsl.views.page import page_of


class CompiledWorkflow(Record):
    """A workflow with its findings; `machine` is None where an author's mistake kept it from compiling."""

    name: str
    machine: Machine | None
    findings: list[Finding]
    seconds: float


class Generated(Record, slots=False):
    """Compiled workflows, and the disagreements between them, the template and the functions.

    Definitions depend on the workflows alone; diagrams and the overview page depend on the template too, and are
    neither written nor compared while there is an error among the disagreements. A new definition has its diagram in
    any case, the sign that it was generated.
    """

    project: Project
    workflows: list[CompiledWorkflow]
    application: Application | None = None
    disagreements: list[Finding] = field(default_factory=list)

    @cached_property
    def machines(self) -> Mapping[str, Machine]:
        """The machines of the workflows that compiled, by name."""
        return {workflow.name: workflow.machine for workflow in self.workflows if workflow.machine}

    @property
    def can_draw(self) -> bool:
        """True if no error keeps diagrams and the overview page from being true."""
        return not any(finding.severity == "error" for finding in self.disagreements)

    @cached_property
    def files(self) -> Mapping[str, list[GeneratedFile]]:
        """The files of each workflow: its definition, then its diagram as SVG and as Mermaid."""
        return {name: self._files(name) for name in self.machines}

    def _files(self, name: str) -> list[GeneratedFile]:
        definition = definition_file(self.project, name, self.machines[name])
        path = self.project.generated_file(name)
        is_new = not any(path.with_name(f"{name}{ending}").exists() for ending in ENDINGS)
        if not self.can_draw and not is_new:
            return [definition]
        in_template = self.application.machine_of_workflow(name) if self.application else None
        drawn = in_template.with_local_values if in_template else self.machines[name]
        diagrams = {".svg": to_svg(drawn, name), ".mmd": to_mermaid(drawn)}
        return [
            definition,
            *(GeneratedFile(path.with_name(f"{name}{suffix}"), text) for suffix, text in diagrams.items()),
        ]

    @cached_property
    def page(self) -> GeneratedFile | None:
        """The overview page, where the project wants one and has a template."""
        at = self.project.overview
        if not at or not self.application or not self.application.has_template or not self.can_draw:
            return None
        return GeneratedFile(self.project.root / at, page_of(self.project, self.application, at))

    def drift(self, name: str) -> Iterator[Finding]:
        """Differences between a workflow and its generated files; diagrams only where the definition is current."""
        definition, *diagrams = self.files[name]
        differences = drift(self.project, definition, self.machines[name])
        yield from differences
        if not differences:
            yield from (not_current(self.project, diagram) for diagram in diagrams if not diagram.is_current)

    def out_of_date(self) -> list[Finding]:
        """Every difference between the generated files and what workflows and template generate."""
        findings = [finding for name in self.machines for finding in self.drift(name)]
        if self.page and not self.page.is_current:
            findings.append(not_current(self.project, self.page))
        return findings

    def problems(self) -> list[Finding]:
        """Everything that must be fixed before a deployment: errors, or else the files that are out of date."""
        findings = [*(finding for workflow in self.workflows for finding in workflow.findings), *self.disagreements]
        errors = [finding for finding in findings if finding.severity == "error"]
        return errors or [*self.orphans(), *self.out_of_date()]

    def orphans(self) -> list[Finding]:
        """The files in the generated folder that neither a workflow generates nor the template deploys."""
        if self.application is None:
            return []
        files = (machine.resource.definition for machine in self.application.machines)
        folder = identity(self.project.root / self.project.generated)
        names = {definition_name(file) for file in files if isinstance(file, Path) and identity(file.parent) == folder}
        return orphans(self.project, names)

    def written_by_others(self) -> list[Finding]:
        """The files that writing would replace, although an earlier run did not write them."""
        files = {**self.files, **({"": [self.page]} if self.page else {})}
        return [finding for name in files for finding in written_by_others(self.project, name, files[name])]


def generate(
    project: Project, paths: Iterable[Path], compile_workflow: Callable[[Path], Machine], ignore: Collection[str] = ()
) -> Generated:
    """Compile workflows and check each as the template deploys it, without the warnings in `ignore`."""
    silencing = Silencing(project)
    compiled = [_compiled(path, compile_workflow) for path in paths]
    alike = _names_alike(project)
    compiled = [
        replace(workflow, findings=[*workflow.findings, *alike.get(workflow.name, [])]) for workflow in compiled
    ]
    machines = {workflow.name: workflow.machine for workflow in compiled if workflow.machine}
    try:
        application = read_application(project, machines)
    except FindingsError as problem:
        checked = [_checked(workflow, None, {}, ignore) for workflow in compiled]
        return Generated(project, _unsilenced(checked, silencing, project), None, [*problem.findings])
    findings = cross_check(application)
    findings += (problem for machine in application.machines for problem in machine.problems)
    if not application.has_template and project.overview:
        findings = [_no_template(project)]
    reported = placeholders_reported(findings)
    declarations = Declarations(application)
    checked = [_checked(workflow, application, reported, ignore, declarations) for workflow in compiled]
    findings = silencing.left(finding for finding in findings if finding.code not in ignore)
    return Generated(project, _unsilenced(checked, silencing, project), application, findings)


def _names_alike(project: Project) -> dict[str, list[Finding]]:
    """Errors for workflows whose names differ in nothing but letter case: on some file systems their files are one."""
    by_name: dict[str, list[Path]] = {}
    for path in project.workflow_files():
        by_name.setdefault(normalize("NFC", path.stem).casefold(), []).append(path)
    return {
        path.stem: [_name_alike(project, path, other)]
        for paths in by_name.values()
        for path, other in zip(paths[1:], paths, strict=False)
    }


def _name_alike(project: Project, path: Path, other: Path) -> Finding:
    message = f"differs from {other.name} only in letter case, and some file systems cannot keep both generated files"
    return Finding("AUTHORING", "error", Where(place=Place(project.display_path(path))), message, "rename one of them")


def _no_template(project: Project) -> Finding:
    message = f"does not exist, and {project.overview} is generated from it"
    remedy = "write it, or remove overview from [tool.workflow-dsl]"
    return Finding("TEMPLATE", "error", Where(place=Place(str(project.template))), message, remedy)


def _compiled(path: Path, compile_workflow: Callable[[Path], Machine]) -> CompiledWorkflow:
    started = time.perf_counter()
    try:
        machine = compile_workflow(path)
    except FindingsError as problem:
        return CompiledWorkflow(path.stem, None, list(problem.findings), time.perf_counter() - started)
    return CompiledWorkflow(path.stem, machine, [], time.perf_counter() - started)


def _unsilenced(workflows: list[CompiledWorkflow], silencing: Silencing, project: Project) -> list[CompiledWorkflow]:
    """Workflows without the findings that comments silence, and with the mistakes in the comments of their modules."""
    modules = [project.display_path(project.root / project.workflows / f"{workflow.name}.py") for workflow in workflows]
    return [
        replace(each, findings=[*silencing.left(each.findings), *silencing.mistakes([module])])
        for each, module in zip(workflows, modules, strict=True)
    ]


def _checked(
    workflow: CompiledWorkflow,
    application: Application | None,
    reported: Mapping[str, Collection[str]],
    ignore: Collection[str],
    declarations: Declarations | None = None,
) -> CompiledWorkflow:
    """A workflow with the findings in its machine."""
    if workflow.machine is None:
        return workflow
    started = time.perf_counter()
    machine = application.machine_of_workflow(workflow.name) if application else None
    if machine:
        findings = check_machine(machine, reported, ignore=ignore, declarations=declarations)
    else:
        findings = check(workflow.machine, ignore=ignore)
    seconds = workflow.seconds + time.perf_counter() - started
    return replace(workflow, findings=[*workflow.findings, *findings], seconds=seconds)
