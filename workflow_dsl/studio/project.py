"""The content of the page for a project as its files are now, and again whenever one of them changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from workflow_dsl.application.application import Application, read_application
from workflow_dsl.application.checking import check_machine
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.silencing import Silencing
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.generation.build import Generated, generate
from workflow_dsl.local.saved_coverage import FILE
from workflow_dsl.project import Project
from workflow_dsl.records import Record, field, replace
from workflow_dsl.studio.content import content_of

Compile = Callable[[Path], Machine]
_SUFFIXES = (".py", ".js", ".mjs", ".cjs", ".ts", ".json", ".yaml", ".yml", ".toml")
_NOT_WATCHED = ("node_modules", "__pycache__", ".aws-sam", "site-packages")


class Look(Record):
    """A project at one moment: its application, None where it cannot be read, and the content of the page.

    `broken` are the state machines of workflows that do not compile, and those whose definition cannot be read.
    """

    application: Application | None
    content: dict[str, Json]
    broken: frozenset[str] = frozenset()


def look_at(project: Project, compile_workflow: Compile, ignore: Collection[str] = ()) -> Look:
    """Read a project: every state machine of its template and workflows, with the findings in them."""
    generated = generate(project, project.workflow_files(), compile_workflow, ignore)
    application = generated.application or _without_template(project, generated)
    findings = [*_findings(generated, application, ignore)]
    names = [workflow.name for workflow in generated.workflows if workflow.machine is None]
    broken = [machine.logical_id for name in names if (machine := application.machine_of_workflow(name))]
    unread = [machine.logical_id for machine in application.machines if machine.problems and not machine.has_definition]
    return Look(application, content_of(application, findings), frozenset([*broken, *names, *unread]))


def _without_template(project: Project, generated: Generated) -> Application:
    return read_application(replace(project, template=Path("no template")), generated.machines)


def _findings(generated: Generated, application: Application, ignore: Collection[str]) -> Iterator[tuple[str, Finding]]:
    """Yield each finding after the logical ID of its state machine, "" where it is about none."""
    ids = {machine.logical_id for machine in application.machines}
    silencing = Silencing(generated.project)
    for workflow in generated.workflows:
        machine = application.machine_of_workflow(workflow.name)
        yield from ((machine.logical_id if machine else "", finding) for finding in workflow.findings)
    for finding in generated.disagreements:
        keys = finding.where.keys
        unread = next((machine.logical_id for machine in application.machines if finding in machine.problems), "")
        yield (str(keys[1]) if len(keys) > 1 and keys[1] in ids else unread, finding)
    declarations = Declarations(application)
    for machine in application.machines:
        if machine.compiled is None and machine.has_definition and not machine.problems:
            findings = silencing.left(check_machine(machine, ignore=ignore, declarations=declarations))
            yield from ((machine.logical_id, finding) for finding in findings)


class Watched(Record, frozen=False):
    """A watched project: `look` is the last reading of it, `version` counts them."""

    project: Project
    compile_workflow: Compile
    ignore: Collection[str] = ()
    add: Callable[[Application, dict[str, Json]], None] | None = None  # more content
    version: int = 0
    look: Look | None = None
    _state: dict[str, int] = field(default_factory=dict)

    def refresh(self) -> bool:
        """Read the project again if a file has changed; True if one has."""
        state = {str(path): modified for path, modified in (*_files_of(self.project), *_tests_of(self.project))}
        if state == self._state and self.look:
            return False
        self._state = state
        look = self._look()
        self.look, self.version = look, self.version + 1
        return True

    def _look(self) -> Look:
        """Read the project; where a workflow does not compile, its last good state machine stays."""
        try:
            look = look_at(self.project, self.compile_workflow, self.ignore)
            if self.add and look.application:
                self.add(look.application, look.content)
        except FindingsError as problem:
            content = dict(self.look.content) if self.look else {"name": self.project.root.name, "machines": []}
            findings: list[Json] = [
                {"machine": "", "field": finding.where.field, **finding.as_json()} for finding in problem.findings
            ]
            content["findings"] = findings
            return Look(self.look.application if self.look else None, content)
        if self.look:
            look.content["machines"] = _with_last_good(look, self.look.content["machines"])
        return look


def _with_last_good(look: Look, before: list[Any]) -> list[Any]:
    """The state machines of a look; a broken one as it last compiled."""
    now, last = ({machine["id"]: machine for machine in machines} for machines in (look.content["machines"], before))
    kept = {name: last[name] for name in last if name in look.broken}
    return [{**now, **kept}[name] for name in dict.fromkeys([*last, *now]) if name in now or name in kept]


def _tests_of(project: Project) -> Iterator[tuple[Path, int]]:
    """Yield the file with the coverage of the last tests, in a hidden folder."""
    path = project.root / FILE
    with suppress(OSError):
        yield path, path.stat().st_mtime_ns


def _files_of(project: Project) -> Iterator[tuple[Path, int]]:
    """Yield the files that a page depends on, with the time of their last change."""
    waiting = [project.root]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(folder.iterdir())
        except OSError:
            continue
        for path in entries:
            is_hidden = path.name.startswith(".") or path.name in _NOT_WATCHED
            try:
                if path.is_dir() and not path.is_symlink() and not is_hidden:
                    waiting.append(path)
                elif path.suffix in _SUFFIXES and not is_hidden:
                    yield path, path.stat().st_mtime_ns
            except OSError:
                continue
