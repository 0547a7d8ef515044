"""The visits to states in an execution, with all that TestState needs to repeat each of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from workflow_dsl.definition.integrations import has_task_token
from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.execution_paths import ExecutionPath
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search.flow import NOTHING, Flow, context_of
from workflow_dsl.exploration.search.symbols import INPUT
from workflow_dsl.exploration.search.worlds import World
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.stand_ins.mocks import Response
from workflow_dsl.records import Record


class Visit(Record):
    """A visit to a state that does not fail: its input, the variables, the response to its call, and what follows."""

    state: str
    input: Json
    variables: Mapping[str, Json]
    response: Response | None  # None for a state without a call
    context: Json  # of a state that reads it
    output: Json
    next: str | None


def visits_of(exploration: Exploration, path: ExecutionPath) -> Iterator[Visit]:
    """Yield the visits at the top level of an execution path, each with one call at most.

    Retried calls, a Map and a Parallel are left out, since TestState takes them from the execution around them; so is a
    state without a call that reads the context object, which TestState takes beside a mock alone.
    """
    scope = exploration.machine.scope.states
    steps = [event for event in path.run.history if _name(event) in scope]
    calls = Counter(call.state for call in path.run.calls)
    entries = Counter(_name(event) for event in steps if "stateEnteredEventDetails" in event)
    seen: Counter[str] = Counter()
    variables: dict[str, Json] = {}
    for number in range(0, len(steps) - 1, 2):
        entered, exited = steps[number]["stateEnteredEventDetails"], steps[number + 1]["stateExitedEventDetails"]
        state = scope[entered["name"]]
        response = _response(path, state, seen[state.name])
        seen[state.name] += 1
        if not state.scopes and calls[state.name] in (0, entries[state.name]) and (response or not _reads(state)):
            target = _name(steps[number + 2]) if number + 2 < len(steps) else None
            context = _context(path, state, steps[number]) if _reads(state) else None
            given, output = json.loads(entered["input"]), json.loads(exited["output"])
            yield Visit(state.name, given, dict(variables), response, context, output, target)
        assigned = exited.get("assignedVariables", {})
        variables |= {name: json.loads(value) for name, value in assigned.items()}


def _name(event: Mapping[str, Any]) -> str:
    details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}
    return str(details.get("name", ""))


def _response(path: ExecutionPath, state: PreparedState, number: int) -> Response | None:
    responses = path.scenario.responses.get(state.name, ()) if state.type == "Task" else ()
    return responses[min(number, len(responses) - 1)] if responses else None


def _reads(state: PreparedState) -> bool:
    text = str(state.fields)
    return "$$" in text or "states.context" in text


def _context(path: ExecutionPath, state: PreparedState, entered: Mapping[str, Any]) -> Json:
    """The context object of a task that has a mock."""
    token = has_task_token(str(state.fields.get("Resource", "")))
    flow = Flow(NOTHING, has_token=token, counts_retries=state.counts_retries)
    context: Any = World(bases={INPUT: path.scenario.input}).value(context_of(flow, state.name))
    return {**context, "State": {**context["State"], "EnteredTime": format_timestamp(entered["timestamp"])}}
