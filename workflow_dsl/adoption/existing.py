"""The plan that adds workflows to an existing SAM project: which files are written, and what the template says then."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shlex import quote

from workflow_dsl.adoption.plan import Plan, Refused, Step, step
from workflow_dsl.adoption.project_files import ci_step, has_settings, settings_step
from workflow_dsl.adoption.template_edits import Target, with_definition_files
from workflow_dsl.agreement import cross_check
from workflow_dsl.application.application import Application, UnknownName, read_application
from workflow_dsl.application.machines import TemplateMachine, template_machines
from workflow_dsl.application.template import template_of
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.files import existing_text, identity, read_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.exploration.in_application import explore_machine
from workflow_dsl.exploration.pytest_files.cases import first_case
from workflow_dsl.exploration.pytest_files.naming import identifier
from workflow_dsl.exploration.pytest_files.text import file_in, new_file
from workflow_dsl.findings import Finding, FindingsError, Place, Where, did_you_mean, short_list
from workflow_dsl.generation.build import CompiledWorkflow, Generated
from workflow_dsl.generation.files import ENDINGS
from workflow_dsl.generation.layout import text_like
from workflow_dsl.importer import import_definition
from workflow_dsl.importer.names import module_name
from workflow_dsl.importer.sources import Definition, definition_in
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project, find_project
from workflow_dsl.records import Record, replace

_TESTS = "tests/test_*_paths.py"
_MOST_RUNS = 200  # of the search for the first test of a workflow
_TEMPLATES = ("template.yaml", "template.yml", "template.json")


class _Adoption(Record):
    """A definition that becomes a workflow, its module's text, and the state machines that deploy it."""

    definition: Definition
    module: str
    owners: Sequence[TemplateMachine]

    @property
    def name(self) -> str:
        return self.definition.name


def plan_adoption(
    root: Path, machines: Sequence[str] = (), *, template: Path | None = None, workflows: Path | None = None
) -> Plan:
    """Return the plan that adopts state machines of the SAM project in a folder: those named, or all.

    A name is a logical ID, or the name of a definition's file. `template` and `workflows` are paths from the root, for
    a project whose settings do not have them. Raises FindingsError for a folder without a template or state machines,
    for an unknown name, and for a template or pyproject.toml that cannot be read; OSError for an unreadable file.
    """
    project = _project(root.resolve(), template, workflows)
    application = _application(project)
    _refuse_other_modules(project)
    chosen = _machines_to_adopt(application, machines)
    done = {machine.logical_id: machine.workflow for machine in chosen if _is_adopted(application, machine)}
    adoptions, refused = _imported(project, [machine for machine in chosen if machine.logical_id not in done])
    text, adoptions, not_edited = _edited(application, project, adoptions)
    generated = _generated(project, application.template.path, text, adoptions)
    adopted = done | {owner.logical_id: adoption.name for adoption in adoptions for owner in adoption.owners}
    steps, advice = [*_steps(project, generated, adoptions, text)], [*_advice(generated, adoptions)]
    if adopted:
        ci, ci_advice = ci_step(project.root, _TESTS)
        steps += [settings_step(project), *([ci] if ci else [])]
        advice += [*ci_advice, *_errors(generated)]
    return Plan(project.root, tuple(steps), adopted, (*refused, *not_edited), tuple(advice))


def _project(root: Path, template: Path | None, workflows: Path | None) -> Project:
    if not root.is_dir():
        raise _refusal("CONFIGURATION", f"there is no folder {root.name}", "pass the folder of the project's template")
    if has_settings(root):
        if template or workflows:
            remedy = "edit them there, and leave out --template and --workflows"
            raise _refusal("CONFIGURATION", "pyproject.toml already has [tool.workflow-dsl]", remedy)
        return find_project(root)
    name = next((name for name in _TEMPLATES if (root / name).is_file()), _TEMPLATES[0])
    return Project(root, template=template or Path(name), workflows=workflows or Path("workflows"))


def _refusal(code: str, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding(code, "error", Where(), message, remedy)])


def _refuse_other_modules(project: Project) -> None:
    """Refuse a folder with Python files that are not workflows: `generate` would compile them."""
    others = [path for path in project.workflow_files() if "def build(" not in (existing_text(path) or "")]
    if others:
        shown = short_list([project.display_path(path) for path in others])
        raise _refusal("CONFIGURATION", f"{shown}: not a workflow", "choose another folder with --workflows")


def _application(project: Project) -> Application:
    path = project.root / project.template
    if not path.is_file():
        message = f"{project.template.as_posix()} does not exist in {project.root.name}, so this is not a SAM project"
        remedy = "name its template with --template, or start a new project with `workflow-dsl init FOLDER`"
        raise _refusal("TEMPLATE", message, remedy)
    application = read_application(project)
    if not application.machines:
        where = Where(place=Place(project.template.as_posix()))
        remedy = f"write a workflow in {project.workflows.as_posix()}/, then run `workflow-dsl policies NAME --apply`"
        raise FindingsError([Finding("TEMPLATE", "error", where, "has no state machine to adopt", remedy)])
    return application


def _machines_to_adopt(application: Application, names: Sequence[str]) -> list[TemplateMachine]:
    """The state machines that are named, in the template's order; all without names."""
    by_workflow = {machine.workflow: machine for machine in application.machines if machine.workflow}
    known = {**by_workflow, **{machine.logical_id: machine for machine in application.machines}}
    for name in names:
        if name not in known:
            remedy = did_you_mean(name, known) or f"the state machines are {short_list(known)}"
            raise UnknownName(f"no state machine {name!r}", remedy)
    wanted = {known[name].logical_id for name in names}
    return [machine for machine in application.machines if not names or machine.logical_id in wanted]


def _is_adopted(application: Application, machine: TemplateMachine) -> bool:
    """True if a workflow of the project generates the definition already."""
    project, definition = application.project, machine.resource.definition
    if project is None or not isinstance(definition, Path) or machine.workflow not in application.workflow_files:
        return False
    return identity(project.generated_file(machine.workflow)) == identity(definition)


def _imported(project: Project, machines: Iterable[TemplateMachine]) -> tuple[list[_Adoption], list[Refused]]:
    """The definitions that can be imported, and the machines whose definition cannot."""
    definitions, refused = _definitions(machines)
    names = Counter(definition.name for definition, _ in definitions)
    adoptions: list[_Adoption] = []
    for definition, owners in definitions:
        alone = names[definition.name] == 1
        try:
            name = _name(project, definition, alone=alone, taken=[adoption.name for adoption in adoptions])
            module = import_definition(definition.source, definition.references, type=definition.type)
            adoptions.append(_Adoption(replace(definition, name=name), module, owners))
        except FindingsError as problem:
            refused += [Refused(owner.logical_id, problem.findings) for owner in owners]
    return adoptions, refused


def _definitions(
    machines: Iterable[TemplateMachine],
) -> tuple[list[tuple[Definition, list[TemplateMachine]]], list[Refused]]:
    """The definitions with the machines that deploy them, and the machines whose definition cannot be read."""
    definitions: dict[str, tuple[Definition, list[TemplateMachine]]] = {}
    refused = []
    for machine in machines:
        try:
            definition = definition_in(machine)
        except FindingsError as problem:
            refused.append(Refused(machine.logical_id, problem.findings))
            continue
        key = identity(definition.path) if definition.path else machine.logical_id
        if key in definitions:
            shared, owners = definitions[key]
            definitions[key] = (_shared(shared, definition), [*owners, machine])
        else:
            definitions[key] = (definition, [machine])
    return [*definitions.values()], refused


def _shared(one: Definition, other: Definition) -> Definition:
    """A definition that several machines deploy; it keeps the references that they all give one meaning."""
    both = {name: target for name, target in one.references.items() if other.references.get(name) == target}
    return replace(one, references=both)


def _name(project: Project, definition: Definition, *, alone: bool, taken: Sequence[str]) -> str:
    """The name of a workflow: that of its definition's file where it is free and the only one, else its machine's.

    Raises FindingsError if files of these names are in the way.
    """
    in_the_way: list[Path] = []
    for name in dict.fromkeys((*([definition.name] if alone else []), module_name(definition.owner))):
        own = identity(definition.path) if definition.path else ""
        files = [path for path in _files_of(project, name) if path.exists() and identity(path) != own]
        if not files and name not in taken:
            return name
        in_the_way += files
    if not in_the_way:
        message = f"another workflow would be called {module_name(definition.owner)} too"
        raise _refusal("IMPORT", message, "adopt one of them, and rename its files, before the other")
    shown = short_list([project.display_path(path) for path in in_the_way])
    raise _refusal("IMPORT", f"{shown} would be overwritten", "move the file away, or name a folder with --workflows")


def _files_of(project: Project, name: str) -> list[Path]:
    generated = project.generated_file(name)
    diagrams = [generated.with_name(f"{name}{ending}") for ending in ENDINGS[1:]]
    return [project.root / project.workflows / f"{name}.py", generated, *diagrams]


def _edited(
    application: Application, project: Project, adoptions: Iterable[_Adoption]
) -> tuple[str, list[_Adoption], list[Refused]]:
    """The template's new text, and the adoptions that it deploys; those refused whose machines it cannot edit."""
    path, targets = application.template.path, []
    for adoption in adoptions:
        uri = Path(os.path.relpath(project.generated_file(adoption.name), path.parent)).as_posix()
        added = {name: adoption.definition.references[name] for name in adoption.definition.added}
        others = [owner for owner in adoption.owners if _file(owner) != identity(path.parent / uri)]
        targets += [Target(owner.logical_id, uri, added) for owner in others]
    text, findings = with_definition_files(existing_text(path) or "", targets)
    edited = [
        replace(adoption, owners=[owner for owner in adoption.owners if owner.logical_id not in findings])
        for adoption in adoptions
    ]
    refused = [Refused(logical_id, (finding,)) for logical_id, finding in findings.items()]
    return text, [adoption for adoption in edited if adoption.owners], refused


def _steps(project: Project, generated: Generated, adoptions: Sequence[_Adoption], template: str) -> Iterator[Step]:
    """The steps for template, workflows, generated files and tests."""
    if adoptions:
        yield step(project.root / project.template, "deploys the generated definitions", template)
    for adoption in adoptions:
        owners = " and ".join(owner.logical_id for owner in adoption.owners)
        yield step(
            project.root / project.workflows / f"{adoption.name}.py", f"the workflow of {owners}", adoption.module
        )
        definition, *diagrams = generated.files[adoption.name]
        yield step(definition.path, "its definition", _in_layout(adoption, generated.machines[adoption.name]))
        for diagram in diagrams:
            yield step(diagram.path, "its diagram", diagram.text)
        yield _test_step(project, generated, adoption.name)


def _in_layout(adoption: _Adoption, machine: Machine) -> str:
    """The text of a definition in the order and layout of the file that it comes from, if it is JSON."""
    path = adoption.definition.path
    before = existing_text(path) if path else None
    return text_like(machine.document(), before) if before else machine.to_text()


def _test_step(project: Project, generated: Generated, name: str) -> Step:
    path = file_in(project.root / "tests", name)
    if path.exists():
        return Step(path, "already exists; unchanged")
    test = _first_test(generated.application, name) if generated.application else None
    purpose = "its first test" if test else "a test that it compiles, as no execution was found"
    return step(path, purpose, test or _COMPILES.format(workflow=name, name=identifier(name)))


def _first_test(application: Application, name: str) -> str | None:
    """The text of a file with one execution of a workflow, whose tasks have mocked results; None if none is found."""
    try:
        exploration = explore_machine(application, application.named(name), most_runs=_MOST_RUNS)
        case = first_case(exploration, name, ProjectRunner(application))
    except FindingsError:
        return None
    return new_file(name, [case]) if case else None


_COMPILES = '''"""The first test of {workflow}: its module compiles. Add executions with the fixture run_workflow."""

from workflow_dsl.local import ProjectRunner


def test_{name}_is_a_workflow(workflow_runner: ProjectRunner) -> None:
    assert workflow_runner.name_of("{workflow}") == "{workflow}"
'''


def _generated(project: Project, path: Path, text: str, adoptions: Sequence[_Adoption]) -> Generated:
    """All that `generate` would write once the plan is carried out."""
    compiled = _compiled(adoptions)
    source = read_source(text.removeprefix("\ufeff"), project.display_path(path), strict=False)
    template = template_of(source, path)
    by_file = {identity(project.generated_file(name)): machine for name, machine in compiled.items()}

    def read(file: Path) -> Source:
        machine = by_file.get(identity(file))
        return Source(machine.document()) if machine else read_source(read_file(file), project.display_path(file))

    machines = [
        replace(machine, compiled=by_file.get(_file(machine)), problems=()) if _file(machine) in by_file else machine
        for machine in template_machines(template, read, project.display_path)
    ]
    workflows = [CompiledWorkflow(name, machine, [], 0) for name, machine in compiled.items()]
    return Generated(project, workflows, Application(template, machines, project))


def _file(machine: TemplateMachine) -> str:
    definition = machine.resource.definition
    return identity(definition) if isinstance(definition, Path) else ""


def _compiled(adoptions: Iterable[_Adoption]) -> dict[str, Machine]:
    with tempfile.TemporaryDirectory(prefix="workflow-dsl-") as folder:
        machines = {}
        for adoption in adoptions:
            path = Path(folder) / f"{adoption.name}.py"
            path.write_text(adoption.module, "utf-8")
            machines[adoption.name] = compile_file(path, root=Path(folder))
        return machines


def _errors(generated: Generated) -> Iterator[str]:
    """Advice on errors that the project already has: `generate --check`, and so CI, fails with them."""
    application = generated.application
    if application is not None:
        findings = [
            *cross_check(application),
            *(problem for machine in application.machines for problem in machine.problems),
        ]
        count = sum(finding.severity == "error" for finding in findings)
        if count:
            yield f"fix what `workflow-dsl validate` reports ({count} error{'' if count == 1 else 's'}), or CI fails"


def _advice(generated: Generated, adoptions: Iterable[_Adoption]) -> Iterator[str]:
    """Advice on definition files that are no longer deployed."""
    deployed = {_file(machine) for machine in generated.application.machines} if generated.application else set()
    for adoption in adoptions:
        path = adoption.definition.path
        if path is not None and identity(path) not in deployed:
            shown = generated.project.display_path(path)
            compare = f"workflow-dsl diff {quote(shown)} {adoption.name}"
            yield f"{shown} is no longer deployed: compare it (`{compare}`), then delete it"
