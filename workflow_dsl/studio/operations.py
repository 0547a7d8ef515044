"""The operations that the page asks for: running, exploring and comparing state machines, and writing tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import FindingsError
from workflow_dsl.records import Record, field
from workflow_dsl.studio.content import comparison
from workflow_dsl.studio.project import Watched

if TYPE_CHECKING:
    from workflow_dsl.local.replay.recording import Recording

_SECONDS_TO_EXPLORE = 20.0
Pair = tuple[TemplateMachine, TemplateMachine]


class Refused(Exception):
    """A request that cannot be answered; the message says why and what to do."""


class Operations(Record, frozen=False):
    """The operations of a watched project, by name. `pair_of` finds the two definitions of a comparison."""

    watched: Watched
    pair_of: Callable[[Application, str, str], Pair]
    _running: Lock = field(default_factory=Lock)

    def call(self, name: str, body: Json) -> dict[str, Json]:
        """The result of an operation. Raises Refused with a message for the page, KeyError for an unknown operation."""
        operation = {
            "run": self._run,
            "explore": self._explore,
            "test": self._test,
            "compare": self._compare,
        }[name]
        if not isinstance(body, dict):
            raise Refused("the request is not a JSON object")
        look = self.watched.look
        if look is None or look.application is None:
            raise Refused("the project cannot be read; fix the findings first")
        try:
            return operation(look.application, body)
        except FindingsError as problem:
            raise Refused("\n".join(str(finding) for finding in problem.findings)) from None
        except SyntaxError as problem:
            raise Refused(f"{problem.filename or 'the file of tests'} is not Python: {problem.msg}") from None
        except OSError as problem:
            raise Refused(f"{problem.filename or ''}: {problem.strerror or problem}") from None

    def _run(self, application: Application, body: Mapping[str, Json]) -> dict[str, Json]:
        """Run a state machine with an input; `states` has the error or the result of each mocked state."""
        from workflow_dsl.local.project_run import ProjectRunner
        from workflow_dsl.local.replay.recording import events_as_json

        with self._running:  # one at a time: a run replaces boto3's calls in this process
            execution = ProjectRunner(application).run(
                str(body.get("machine")), body.get("input"), mocks=_mocks(body.get("states")) or None
            )
        return {"status": execution.status, "events": events_as_json(execution.history)}

    def _explore(self, application: Application, body: Mapping[str, Json]) -> dict[str, Json]:
        """Find the execution paths of a state machine; no handler and no service is called."""
        from workflow_dsl.exploration.in_application import explore_machine
        from workflow_dsl.exploration.path_groups import paths_to_show
        from workflow_dsl.exploration.pytest_files.naming import sentences_of
        from workflow_dsl.exploration.reports.unreached import unreached
        from workflow_dsl.local.replay.recording import events_as_json

        machine = application.named(str(body.get("machine")))
        exploration = explore_machine(application, machine, most_seconds=_SECONDS_TO_EXPLORE)
        entries = paths_to_show(exploration)
        titles = sentences_of(exploration, [group.nameless for group in entries])
        paths = [
            {"title": title, "status": group.first.run.status, "events": events_as_json(group.first.run.history)}
            for group, title in zip(entries, titles, strict=True)
        ]
        return {
            "paths": paths,
            "percent": round(exploration.percent),
            "missing": [element.shown for element in unreached(exploration)],
        }

    def _test(self, application: Application, body: Mapping[str, Json]) -> dict[str, Json]:
        """Write a test of the execution whose events the page has; says its file and name."""
        from workflow_dsl.exploration.pytest_files.cases import recorded_case
        from workflow_dsl.exploration.pytest_files.text import added_to, file_in, names_in, new_file
        from workflow_dsl.generation.writing import write_one
        from workflow_dsl.local.project_run import ProjectRunner

        machine = application.named(str(body.get("machine")))
        label = machine.workflow or machine.logical_id
        path = file_in(application.root / "tests", label)
        recording = _recording(machine, body.get("events"))
        with self._running:
            text = read_text(path) if path.is_file() else ""
            case = recorded_case(recording, label, ProjectRunner(application), names_in(text), with_output=True)
            text, new = added_to(text, [case]) if text else (new_file(label, [case]), [case])
            path.parent.mkdir(parents=True, exist_ok=True)
            write_one(path, text)
        return {"file": application.shown(path), "name": new[0].name if new else ""}

    def _compare(self, application: Application, body: Mapping[str, Json]) -> dict[str, Json]:
        """Compare the definitions named `old` and `new`."""
        old, new = str(body.get("old")), str(body.get("new"))
        with self._running:  # a run's boto3 calls do not leave this computer, those of `deployed:NAME` do
            return comparison(old, new, *self.pair_of(application, old, new))


def _recording(machine: TemplateMachine, events: Json) -> Recording:
    """The recording of an execution that the page shows."""
    from workflow_dsl.local.replay.cli_output import recording_of_history, with_definition

    recording = recording_of_history(events, "played")
    return with_definition(recording, machine.definition, machine.local_substitutions)


def _mocks(states: Json) -> dict[str, Any]:
    """The mocks of the states whose error or result the page chose."""
    from workflow_dsl.local.stand_ins.mocks import ConfiguredMock, Return, parse_fault

    mocks: dict[str, Any] = {}
    for state, answer in states.items() if isinstance(states, dict) else ():
        if isinstance(answer, dict) and "result" in answer:
            mocks[state] = ConfiguredMock(state, {0: Return(answer["result"])}, repeats_last=True)
        elif isinstance(answer, dict) and answer.get("error"):
            try:
                mocks[state] = parse_fault(f"{state}={answer['error']}")[1]
            except ValueError as problem:
                raise Refused(str(problem)) from None
    return mocks
