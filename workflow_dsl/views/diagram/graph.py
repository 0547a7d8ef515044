"""Machine -> a graph to draw: what stands in each box, and which lines lead from box to box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from workflow_dsl.definition.calls import call_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.views.diagram.captions import condition_in_words, does, retried

Line = Literal["next", "choice", "default", "catch"]
Run = Literal["", "ran", "failed", "idle"]  # what an execution did with a state, where one is drawn
START, END, MISSING = "Start", "End", "Missing"


@dataclass(frozen=True, slots=True)
class Box:
    """A box: a state, or the Start or End of a scope, or the name of a state that is missing."""

    id: str
    kind: str  # the state's Type, or START, END, MISSING
    name: str
    details: tuple[str, ...] = ()  # what it does, and how it is retried
    service: str = ""  # of a Task
    scopes: tuple[Graph, ...] = ()  # what is drawn inside the box
    run: Run = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from a box to another; `label` says when it is taken."""

    source: str
    target: str
    line: Line
    label: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A scope of a machine: its states in their order, Start first and End last."""

    nodes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def graph_of(machine: Machine, entered: Mapping[str, tuple[int, bool]] | None = None) -> Graph:
    """What is to be drawn of a machine. Each box has an id of its own; lines to nowhere lead to a box that says so.

    `entered` says of an execution how often each state was entered, and whether it was left every time.
    """
    return _graph(machine, (f"s{number}" for number in count(1)), entered)


def _graph(machine: Machine, ids: Iterator[str], entered: Mapping[str, tuple[int, bool]] | None) -> Graph:
    start, states = next(ids), {name: (next(ids), state) for name, state in machine.states.items()}
    names = {name: id_ for name, (id_, _) in states.items()}
    end = next(ids)
    missing: dict[str, Box] = {}

    def target(name: Json) -> str:
        if isinstance(name, str) and name in names:
            return names[name]
        if str(name) not in missing:
            missing[str(name)] = Box(next(ids), MISSING, str(name), ("no such state",))
        return missing[str(name)].id

    edges = [Edge(start, target(machine.start_at), "next")] if states else [Edge(start, end, "next")]
    for id_, state in states.values():
        edges += [Edge(id_, target(name), line, label) for name, line, label in _ways_on(state)]
        edges += [Edge(id_, end, "next")] if state.fields.get("End") is True else []
    nodes = [Box(start, START, START)]
    nodes += [_node(id_, state, ids, entered) for id_, state in states.values()]
    nodes += missing.values()
    if any(edge.target == end for edge in edges):
        nodes.append(Box(end, END, END))
    return Graph(tuple(nodes), tuple(_merged(edges)))


def _node(id_: str, state: State, ids: Iterator[str], entered: Mapping[str, tuple[int, bool]] | None) -> Box:
    call = call_of(state)
    details = (*does(state, call), *retried(state))
    scopes = tuple(_graph(scope, ids, entered) for scope in state.nested)
    run: Run = ""
    if entered is not None:
        times, is_left = entered.get(state.name, (0, True))
        run = "idle" if not times else "ran" if is_left else "failed"
        details = (*details, *([f"entered {times} times"] if times > 1 else []))
    return Box(id_, str(state.type), state.name, details, call.service if call else "", scopes, run)


def _ways_on(state: State) -> Iterator[tuple[Json, Line, str]]:
    """The transitions in the order that a person reads them: rules, default, next, catchers."""
    for _, rule in state.items_of("Choices"):
        yield rule.get("Next"), "choice", condition_in_words(rule)
    if "Default" in state.fields:
        yield state.fields["Default"], "default", "otherwise"
    if "Next" in state.fields:
        yield state.fields["Next"], "next", ""
    for _, catcher in state.items_of("Catch"):
        yield catcher.get("Next"), "catch", _errors(catcher)


def _errors(catcher: Mapping[str, Json]) -> str:
    errors = catcher.get("ErrorEquals")
    names = [str(each) for each in errors] if isinstance(errors, list) else []
    return "any error" if names == ["States.ALL"] else "\n".join(names)


def _merged(edges: list[Edge]) -> list[Edge]:
    """Lines of one kind between the same two boxes as one, their labels below each other."""
    labels: dict[tuple[str, str, Line], list[str]] = {}
    for edge in edges:
        labels.setdefault((edge.source, edge.target, edge.line), []).append(edge.label)
    return [Edge(*ends, "\n".join(dict.fromkeys(said))) for ends, said in labels.items()]
