"""The graph of two definitions: the new one with what is gone, and a mark on each state and transition that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import placeholders_in, substitute
from workflow_dsl.definition.state_diff import MachineDiff, StateChange
from workflow_dsl.definition.state_matching import own_fields
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, replace
from workflow_dsl.views.diagram.graph import END, START, Box, Edge, Graph, Run, graph_of

_Transition = tuple[str | None, str | None]  # the names of both states; None for the start or the end


def graph_of_difference(diff: MachineDiff, substitutions: Mapping[str, Json] | None = None) -> Graph:
    """The graph of a difference, with the values of placeholders that are known.

    A removed state stands where it was, with the transitions that it had.
    """
    document = diff.after.document()
    names = {change.before.keys: change.after.name for change in diff.states if change.before and change.after}
    for change in diff.states:
        if change.before and change.after is None:
            _insert(document, change.before, names, diff.after)
    marks = _Marks(
        {change.state.name: _mark(change) for change in diff.states},
        frozenset(_transitions(diff.before, names)),
        frozenset(_transitions(diff.after, {})),
    )
    named = {
        name
        for machine in (diff.before, diff.after)
        for state in machine.walk()
        for name in placeholders_in(state.name)
    }
    values = {name: value for name, value in (substitutions or {}).items() if name not in named}  # marks go by names
    return marks.on(graph_of(Machine(substitute(document, values))))


def _mark(change: StateChange) -> Run:
    return "added" if change.before is None else "removed" if change.after is None else "changed"


def _renamed(names: Mapping[Keys, str], scope: Machine, name: Json) -> Json:
    state = scope.states.get(name) if isinstance(name, str) else None
    return names.get(state.keys, name) if state else name


def _transitions(machine: Machine, names: Mapping[Keys, str]) -> Iterator[_Transition]:
    """Yield the transitions of a machine, with the new names of renamed states."""
    for scope in machine.scopes():
        yield None, _text(_renamed(names, scope, scope.start_at))
        for state in scope.states.values():
            source = names.get(state.keys, state.name)
            yield from ((source, _text(_renamed(names, scope, target.name))) for target in state.targets)
            if state.fields.get("End") is True:
                yield source, None


def _text(name: Json) -> str:
    return str(name)


def _insert(document: dict[str, Json], state: State, names: Mapping[Keys, str], after: Machine) -> None:
    """Put a removed state into the scope where it was; into the top level where the scope is gone, too."""
    owner = state.scope.owner
    name = names.get(owner.keys, owner.name) if owner else None
    now = next((candidate for candidate in after.walk() if candidate.name == name), None)
    scopes = [scope.keys for scope in now.nested] if now else []
    same = [keys for keys in scopes if keys[-1] == state.scope.keys[-1]] or scopes or [()]
    states = value_at(document, (*same[0], "States"))
    if isinstance(states, dict):
        states.setdefault(state.name, own_fields(state, lambda scope, target: _renamed(names, scope, target)))


class _Marks(Record):
    """The marks of states by name, and the transitions of both machines."""

    states: Mapping[str, Run]
    before: frozenset[_Transition]
    after: frozenset[_Transition]

    def on(self, graph: Graph) -> Graph:
        """The graph with the marks, and with lines for the transitions between its boxes that are gone."""
        names = {box.id: _name(box) for box in graph.boxes}
        drawn = {(names[edge.source], names[edge.target]) for edge in graph.edges}
        edges = [replace(edge, run=self._mark_of((names[edge.source], names[edge.target]))) for edge in graph.edges]
        return Graph(tuple(self._box(box) for box in graph.boxes), (*edges, *self._gone(graph, drawn)))

    def _box(self, box: Box) -> Box:
        scopes = tuple(self.on(scope) for scope in box.scopes)
        return replace(box, run=self.states.get(box.name, "") if _name(box) else "", scopes=scopes)

    def _mark_of(self, transition: _Transition) -> Run:
        if transition in self.after:
            return "" if transition in self.before else "added"
        return "removed"

    def _gone(self, graph: Graph, drawn: set[_Transition]) -> Iterator[Edge]:
        sources = {_name(box): box.id for box in graph.boxes if box.kind != END}
        targets = {_name(box): box.id for box in graph.boxes if box.kind != START}
        for source, target in sorted(self.before - self.after - drawn, key=str):
            if source in sources and target in targets:
                yield Edge(sources[source], targets[target], "next", run="removed")


def _name(box: Box) -> str | None:
    return None if box.kind in (START, END) else box.name
