"""The operations that the page asks for: running a state machine, and comparing two definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import FindingsError
from workflow_dsl.studio.content import comparison
from workflow_dsl.studio.project import Watched

Pair = tuple[TemplateMachine, TemplateMachine]


class Refused(Exception):
    """A request that cannot be answered; the message says why and what to do."""


@dataclass
class Operations:
    """The operations of a watched project, by name. `pair_of` finds the two definitions of a comparison."""

    watched: Watched
    pair_of: Callable[[Application, str, str], Pair]
    _running: Lock = field(default_factory=Lock)

    def call(self, name: str, body: Json) -> dict[str, Json]:
        """The result of an operation. Raises Refused with a message for the page, KeyError for an unknown operation."""
        operation = {"run": self._run, "compare": self._compare}[name]
        if not isinstance(body, dict):
            raise Refused("the request is not a JSON object")
        look = self.watched.look
        if look is None or look.application is None:
            raise Refused("the project cannot be read; fix the findings first")
        try:
            return operation(look.application, body)
        except FindingsError as problem:
            raise Refused("\n".join(str(finding) for finding in problem.findings)) from None
        except OSError as problem:
            raise Refused(f"{problem.filename or ''}: {problem.strerror or problem}") from None

    def _run(self, application: Application, body: Mapping[str, Json]) -> dict[str, Json]:
        """Run a state machine with an input; `states` has the error or the result of each mocked state."""
        from workflow_dsl.local.project_run import ProjectRunner
        from workflow_dsl.local.replay.recording import events_as_json

        with self._running:  # one at a time: a run replaces boto3's calls in this process
            execution = ProjectRunner(application).run(
                str(body.get("machine")), body.get("input"), mocks=_mocks(body.get("states"))
            )
        return {"status": execution.status, "events": events_as_json(execution.history)}

    def _compare(self, application: Application, body: Mapping[str, Json]) -> dict[str, Json]:
        """Compare the definitions named `old` and `new`."""
        old, new = str(body.get("old")), str(body.get("new"))
        return comparison(old, new, *self.pair_of(application, old, new))


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
