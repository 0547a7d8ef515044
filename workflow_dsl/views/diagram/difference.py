"""The graph of two definitions: the new one with the removed states, and a mark on each state that differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.state_diff import MachineDiff, StateChange
from workflow_dsl.definition.state_matching import own_fields
from workflow_dsl.findings import Keys
from workflow_dsl.views.diagram.graph import Graph, Run, graph_of


def graph_of_difference(diff: MachineDiff) -> Graph:
    """The graph of a difference. A removed state stands where it was, with the transitions that it had."""
    document = diff.after.document()
    names = {change.before.keys: change.after.name for change in diff.states if change.before and change.after}
    for change in diff.states:
        if change.before and change.after is None:
            _insert(document, change.before, names, diff.after)
    marks = {change.state.name: _mark(change) for change in diff.states}
    return _marked(graph_of(Machine.without_copying(document)), marks)


def _mark(change: StateChange) -> Run:
    return "added" if change.before is None else "removed" if change.after is None else "changed"


def _insert(document: dict[str, Json], state: State, names: Mapping[Keys, str], after: Machine) -> None:
    """Put a removed state into the scope where it was; into the top level where the scope is gone, too."""

    def renamed(scope: Machine, name: Json) -> Json:
        target = scope.states.get(name) if isinstance(name, str) else None
        return names.get(target.keys, name) if target else name

    owner = state.scope.owner
    name = names.get(owner.keys, owner.name) if owner else None
    now = next((each for each in after.walk() if each.name == name), None)
    scopes = [scope.keys for scope in now.nested] if now else []
    same = [keys for keys in scopes if keys[-1] == state.scope.keys[-1]] or scopes or [()]
    states = value_at(document, (*same[0], "States"))
    if isinstance(states, dict):
        states.setdefault(state.name, own_fields(state, renamed))


def _marked(graph: Graph, marks: Mapping[str, Run]) -> Graph:
    return replace(
        graph,
        boxes=tuple(
            replace(box, run=marks.get(box.name, ""), scopes=tuple(_marked(scope, marks) for scope in box.scopes))
            for box in graph.boxes
        ),
    )
