"""The project in the account: its state machines by their names and logical IDs, as the files have them now."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from workflow_dsl.application.application import Application, read_application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import ACTIVITY, LOCAL_ACCOUNT, LOCAL_PARTITION
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.lambda_functions.template_functions import TemplateFunctions
from workflow_dsl.records import replace
from workflow_dsl.server.account import Account, Activity
from workflow_dsl.server.arns import activity_arn, machine_arn
from workflow_dsl.server.settings import Settings
from workflow_dsl.server.state_machines import NO_LOGGING, NO_TRACING, Revision, StateMachine, new_id, now

Stamp = tuple[tuple[str, int, int], ...]
_NOT_CODE = ("node_modules", "__pycache__")
_MOST_FILES = 2_000  # of one function: more are not watched


class ProjectInAccount:
    """Puts the state machines and activities of a template into an account, and keeps them as the files are.

    `report` gets the findings of a file that cannot be read: the account keeps what it had.
    """

    def __init__(
        self, application: Application, account: Account, settings: Settings, report: Callable[[Finding], None]
    ) -> None:
        self._application, self._account, self._settings, self._report = application, account, settings, report
        self._url: str | None = None
        self._functions = self._new_functions()
        self._files = self._watched()
        self._stamp = _stamp(self._files)
        self._to_compile: list[TemplateMachine] = []
        self._put()
        account.refresh = self.refresh

    @property
    def template(self) -> Template:
        """The template as it is now."""
        return self._application.template

    def use(self, url: str) -> None:
        """Let handlers in other processes call AWS at a URL."""
        self._url = url
        self._functions = self._new_functions()

    def functions_of(self, _: Machine) -> Mapping[str, Handler | Function]:
        """Return the functions that a state machine may call; it may name them as late as in its input."""
        return self._functions.by_any_name

    def refresh(self) -> None:
        """Read changed files again."""
        stamp = _stamp(self._files)
        if stamp == self._stamp and not self._to_compile:
            return
        with self._account.lock:
            if stamp == self._stamp:
                self._compile()
                return
            self._stamp = stamp
            application = self._application
            try:
                if application.project:
                    application = read_application(application.project, compile_workflow=application.compile_workflow)
            except FindingsError as problem:
                self._refuse(problem)
                return
            self._application = application
            self._functions = self._new_functions()
            self._files = self._watched()
            self._stamp = _stamp(self._files)
            self._put()
            self._compile()

    def _new_functions(self) -> TemplateFunctions:
        settings = self._settings
        at_endpoint = (settings.lambda_endpoint, settings.lambda_endpoint_for)
        return TemplateFunctions(self._application.template, settings.endpoint_url or self._url, *at_endpoint)

    def _refuse(self, problem: FindingsError) -> None:
        for finding in problem.findings:
            self._report(finding)

    def _put(self) -> None:
        """Put the state machines as their files have them. What is newer as a workflow is compiled at the next call."""
        machines = self._application.machines
        self._to_compile = [machine for machine in machines if self._is_newer(machine)]
        self._put_machines(machine for machine in machines if machine.has_definition or machine not in self._to_compile)
        for name, _ in self._application.template.of_type(ACTIVITY):
            arn = activity_arn(name)
            self._account.activities.setdefault(arn, Activity(arn, name, now()))

    def _compile(self) -> None:
        machines, self._to_compile = self._to_compile, []
        self._put_machines(machines, self._compiled)

    def _compiled(self, machine: TemplateMachine) -> TemplateMachine:
        """A state machine with its workflow compiled: once for the same files, whichever server asks."""
        path = self._application.workflow_files[machine.workflow]
        stamp = _stamp(map(str, self._application.workflow_files.values()))
        known = _compiled.get(path)
        if known is None or known[0] != stamp:
            _compiled[path] = known = stamp, self._application.named(machine.logical_id).definition
        return replace(machine, compiled=known[1], problems=())

    def _put_machines(
        self,
        machines: Iterable[TemplateMachine],
        complete: Callable[[TemplateMachine], TemplateMachine] = lambda machine: machine,
    ) -> None:
        for machine in machines:
            try:
                self._put_machine(complete(machine))
            except FindingsError as problem:
                self._refuse(problem)

    def _put_machine(self, machine: TemplateMachine) -> None:
        name = machine.resource.name
        arn = machine_arn(name)
        role = f"arn:{LOCAL_PARTITION}:iam::{LOCAL_ACCOUNT}:role/{machine.logical_id}Role"
        if machine.problems:
            raise FindingsError(machine.problems)
        text = json.dumps(machine.with_local_values.document(), ensure_ascii=False)
        known = self._account.machines.get(arn)
        self._account.logical_ids[machine_arn(machine.logical_id)] = arn
        if known is None:
            revision = Revision(text, role, machine.resource.type, NO_LOGGING, NO_TRACING)
            self._account.machines[arn] = StateMachine(arn, name, revision, revision.date)
        elif known.revision.definition != text:
            logging, tracing = known.revision.logging, known.revision.tracing
            known.revision = Revision(text, role, known.type, logging, tracing, id=new_id())

    def _is_newer(self, machine: TemplateMachine) -> bool:
        """True if a workflow is newer than the file that it generates."""
        workflow = self._application.workflow_files.get(machine.workflow)
        file = machine.resource.definition
        if workflow is None or not isinstance(file, Path):
            return False
        return not file.is_file() or workflow.stat().st_mtime_ns > file.stat().st_mtime_ns

    def _watched(self) -> list[str]:
        """The files whose change the next execution sees."""
        application = self._application
        definitions = [machine.resource.definition for machine in application.machines]
        folders = {code.folder for code in application.template.functions()}
        code = [path for folder in folders for path in _code_in(folder)]
        workflows = application.workflow_files.values()
        others = [path for path in definitions if isinstance(path, Path)]
        return [str(path) for path in (application.template.path, *workflows, *others, *code)]


_compiled: dict[Path, tuple[Stamp, Machine]] = {}


def _code_in(folder: Path) -> list[Path]:
    """The files of a function, and its folders, which change with the names in them; what is installed is left out."""
    files_found: list[Path] = []
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_CODE and not name.startswith(".")]
        files_found += [Path(path), *(Path(path, name) for name in files if not name.endswith(".pyc"))]
        if len(files_found) > _MOST_FILES:
            break
    return files_found[:_MOST_FILES]


def _stamp(files: Iterable[str]) -> Stamp:
    """The times and sizes of files; of a folder, which changes with its files' names, only the time."""
    return tuple([_stamp_of(file) for file in files])


def _stamp_of(file: str) -> tuple[str, int, int]:
    try:
        status = os.stat(file)  # noqa: PTH116  # each start of an execution asks: Path takes as long again
    except OSError:
        return file, 0, 0
    return file, status.st_mtime_ns, status.st_size
