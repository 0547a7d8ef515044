"""The steps that `%` refers to: the step of a path whose input is the parent, found before the expression is evaluated.

A `%` seeks a step to its left, one more for every other `%` on the way. docs.jsonata.org, "Path Operators", `%`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.syntax.tree import (
    Array,
    Binary,
    Bind,
    Block,
    Call,
    Condition,
    Filtered,
    Grouped,
    Name,
    Negation,
    Node,
    Object,
    Parent,
    PartialCall,
    Path,
    Sort,
    Step,
    Wildcard,
    parts,
    walk,
)
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.records import Record, field


class _Slot(Record, frozen=False):
    """A `%` that seeks its step: the variable that will hold the parent, and how many steps out it is."""

    label: str
    node: Parent
    level: int = 1


class Ancestry(Record, frozen=False):
    """By node: the variable that a `%` reads, and that a step binds to its input; and the nodes that make streams."""

    labels: dict[int, str] = field(default_factory=dict)
    ancestors: dict[int, str] = field(default_factory=dict)
    streams: set[int] = field(default_factory=set)


def ancestry_of(tree: Node) -> Ancestry:
    """Return what each `%` of an expression refers to. Raises Failure S0217 where that cannot be known."""
    found = Ancestry()
    if any(isinstance(node, Parent) for node in walk(tree)):
        resolver = _Resolver(found)
        if resolver.slots(tree):
            raise Failure("S0217")
    return found


_MOST_SOUGHT = 200_000  # steps in all: each % may look through every step to its left, which is quadratic


class _Resolver:
    def __init__(self, found: Ancestry) -> None:
        self._found = found
        self._sought = 0

    def slots(self, node: Node) -> list[_Slot]:
        """Return the `%` in a node that are still sought to its left, and settle the others."""
        if isinstance(node, Parent):
            slot = _Slot(f"!{len(self._found.labels)}", node)
            self._found.labels[id(node)] = slot.label
            return [slot]
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Filtered):
            return [*self.slots(node.node), *self._predicates(node.node, node.predicates)]
        if isinstance(node, Grouped):
            self._settle_apart(pair for pairs in node.pairs for pair in pairs)
            return self.slots(node.node)
        inner = [slot for part in parts(node) for slot in self.slots(part)]
        return inner if isinstance(node, _PASSING) else []

    def _settle_apart(self, nodes: Any) -> None:
        for node in nodes:
            self.slots(node)

    def _path(self, path: Path) -> list[_Slot]:
        sought: list[_Slot] = []
        for number, step in enumerate(path.steps):
            own = [*self.slots(step.node), *self._predicates(step.node, step.stages)]
            sought += [slot for slot in own if slot.level > 0 and not self._found_left(path.steps, number, slot)]
        self._settle_apart(part for pair in path.group or () for part in pair)
        return sought

    def _predicates(self, node: Node, predicates: tuple[Node, ...]) -> list[_Slot]:
        """The `%` in predicates: the first parent is that of the filtered step itself."""
        slots = [slot for predicate in predicates for slot in self.slots(predicate)]
        for slot in slots:
            if slot.level == 1:
                self._seek(node, slot)
            else:
                slot.level -= 1
        return [slot for slot in slots if slot.level > 0]

    def _found_left(self, steps: tuple[Step, ...], end: int, slot: _Slot) -> bool:
        at = end - 1
        while slot.level > 0 and at >= 0:
            step, at = steps[at], at - 1
            while at >= 0 and step.focus and steps[at].focus:
                step, at = steps[at], at - 1
            self._seek(step.node, slot)
        return slot.level == 0

    def _seek(self, node: Node, slot: _Slot) -> None:
        """Take the `%` one step to the left: through this node. Raises SyntaxProblem once there are too many steps."""
        self._sought += 1
        if self._sought > _MOST_SOUGHT:
            raise SyntaxProblem("the % of the expression look through too many steps")
        seek = _SEEKS.get(type(node))
        if seek is None:
            raise Failure("S0217")
        seek(self, node, slot)

    def _seek_name(self, node: Node, slot: _Slot) -> None:
        slot.level -= 1
        if slot.level == 0:
            slot.label = self._found.ancestors.setdefault(id(node), slot.label)
            self._found.labels[id(slot.node)] = slot.label
            self._found.streams.add(id(node))

    def _seek_parent(self, node: Node, slot: _Slot) -> None:
        slot.level += 1

    def _seek_block(self, node: Block, slot: _Slot) -> None:
        if node.expressions:
            self._found.streams.add(id(node))
            self._seek(node.expressions[-1], slot)

    def _seek_path(self, node: Path, slot: _Slot) -> None:
        self._found.streams.add(id(node))
        self._seek(node.steps[-1].node, slot)
        self._found_left(node.steps, len(node.steps) - 1, slot)


_SEEKS: dict[type[Node], Callable[[_Resolver, Any, _Slot], None]] = {
    Name: _Resolver._seek_name,
    Wildcard: _Resolver._seek_name,
    Parent: _Resolver._seek_parent,
    Block: _Resolver._seek_block,
    Path: _Resolver._seek_path,
}
# The others, such as functions, end the search: what they refer to is not known.
_PASSING = (Array, Binary, Bind, Block, Call, Condition, Negation, Object, PartialCall, Sort)
