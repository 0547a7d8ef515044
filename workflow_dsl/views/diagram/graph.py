"""The graph that a diagram draws: boxes with their texts, and the lines between them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Literal

from workflow_dsl.definition.calls import call_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.records import Record, replace
from workflow_dsl.views.diagram.captions import action_of, condition_in_words, errors_in_words, retries_of

LineKind = Literal["next", "choice", "default", "catch"]
# The state's part in an execution, or in the difference of two definitions, if one is drawn.
Run = Literal["", "ran", "failed", "idle", "added", "removed", "changed"]
START, END, MISSING = "Start", "End", "Missing"


class Box(Record):
    """A box: a state, the Start or End of a scope, or the target of a transition to a missing state."""

    id: str
    kind: str  # the state's Type, or START, END, MISSING
    name: str
    details: tuple[str, ...] = ()  # the action, and a line for each retrier
    service: str = ""  # of a Task
    scopes: tuple[Graph, ...] = ()  # drawn inside the box
    run: Run = ""
    tip: tuple[str, ...] = ()  # more lines of its tip, which are not drawn


class Edge(Record):
    """A line between two boxes; `label` is the condition or the errors that take it."""

    source: str
    target: str
    kind: LineKind
    label: str = ""
    run: Run = ""


class Graph(Record):
    """A scope of a machine: its states in order, Start first and End last."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def graph_of(
    machine: Machine, entered: Mapping[str, tuple[int, bool]] | None = None, folded: Collection[str] = ()
) -> Graph:
    """The graph of a machine, valid or not. Box IDs are unique; a missing target gets a box of its own.

    `entered` holds, for each state of an execution, how often it was entered, and whether it exited every time.
    Of the states in `folded` only the number of states inside is drawn.
    """
    return _graph(machine, (f"s{number}" for number in count(1)), entered, folded)


def with_tips(graph: Graph, tips: Mapping[str, tuple[str, ...]]) -> Graph:
    """The graph with more lines in the tips of its states, by their names."""
    boxes = (
        replace(box, tip=tips.get(box.name, ()), scopes=tuple(with_tips(scope, tips) for scope in box.scopes))
        for box in graph.boxes
    )
    return replace(graph, boxes=tuple(boxes))


def _graph(
    machine: Machine, ids: Iterator[str], entered: Mapping[str, tuple[int, bool]] | None, folded: Collection[str]
) -> Graph:
    start, states = next(ids), {name: (next(ids), state) for name, state in machine.states.items()}
    state_ids = {name: id_ for name, (id_, _) in states.items()}
    end = next(ids)
    missing: dict[str, Box] = {}

    def target_id(name: Json) -> str:
        if isinstance(name, str) and name in state_ids:
            return state_ids[name]
        if str(name) not in missing:
            missing[str(name)] = Box(next(ids), MISSING, str(name), ("no such state",))
        return missing[str(name)].id

    edges = [Edge(start, target_id(machine.start_at), "next")] if states else [Edge(start, end, "next")]
    for id_, state in states.values():
        edges += [Edge(id_, target_id(name), kind, label) for name, kind, label in _transitions(state)]
        edges += [Edge(id_, end, "next")] if state.fields.get("End") is True else []
    boxes = [Box(start, START, START)]
    boxes += [_state_box(id_, state, ids, entered, folded) for id_, state in states.values()]
    boxes += missing.values()
    if any(edge.target == end for edge in edges):
        boxes.append(Box(end, END, END))
    return Graph(tuple(boxes), tuple(_merge_parallel_lines(edges)))


def _state_box(
    id_: str,
    state: State,
    ids: Iterator[str],
    entered: Mapping[str, tuple[int, bool]] | None,
    folded: Collection[str],
) -> Box:
    call = call_of(state)
    details = [*filter(None, [action_of(state, call)]), *retries_of(state)]
    scopes = tuple(_graph(scope, ids, entered, folded) for scope in state.nested if state.name not in folded)
    if state.nested and state.name in folded:
        inside = sum(1 for scope in state.nested for _ in scope.walk())
        details.append(f"{inside} state{'' if inside == 1 else 's'} inside")
    run: Run = ""
    if entered is not None:
        times, has_exited = entered.get(state.name, (0, True))
        run = "idle" if not times else "ran" if has_exited else "failed"
        details += [f"entered {times} times"] if times > 1 else []
    return Box(id_, str(state.type), state.name, tuple(details), call.service if call else "", scopes, run)


def _transitions(state: State) -> Iterator[tuple[Json, LineKind, str]]:
    """The target, kind and label of each transition, in reading order: Choice rules, Default, Next, catchers."""
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
    return "\n".join(errors_in_words(errors)) if isinstance(errors, list) else ""


def _merge_parallel_lines(edges: list[Edge]) -> list[Edge]:
    """One line for all lines of a kind between the same two boxes, with their labels below each other."""
    labels: dict[tuple[str, str, LineKind], list[str]] = {}
    for edge in edges:
        labels.setdefault((edge.source, edge.target, edge.kind), []).append(edge.label)
    return [Edge(*ends, "\n".join(dict.fromkeys(texts))) for ends, texts in labels.items()]
