"""The evaluation of one JSONata expression with shapes in place of values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field
from workflow_dsl.shapes.jsonata.functions import FUNCTIONS
from workflow_dsl.shapes.jsonata.narrowing import Names
from workflow_dsl.shapes.misuses import Misuse
from workflow_dsl.shapes.reading import Miss
from workflow_dsl.shapes.scene import ARITHMETIC, Operation, Read
from workflow_dsl.shapes.shape import UNKNOWN, Shape


class Typed(Record):
    """The shape of a value, and whether the expression may be undefined instead."""

    shape: Shape
    may_be_absent: bool = True


UNDECIDED = Typed(UNKNOWN)


class Query(Record, frozen=False):
    """One expression: its place, and a function for each kind of node.

    It collects the `reads` that have no value, the `operations` whose operands never suit each other, and in `misuses`
    other values that do not fit.
    """

    nodes: Mapping[type, Callable[[Query, Any, Names], Typed]]
    keys: Keys
    reads: list[Read]
    operations: list[Operation]
    misuses: list[Misuse]
    whole: tree.Node | None = None  # the whole expression: without a value of it, the state fails
    tolerant: int = field(default=0)  # above 0 where no value is as good as false
    operands: int = field(default=0)  # above 0 in an operand, which is no test of a value

    def typed(self, node: tree.Node, names: Names) -> Typed:
        """Return the shape of a node of the expression's tree."""
        shape = self.nodes.get(type(node))
        return UNDECIDED if shape is None else shape(self, node, names)

    def tolerantly(self, node: tree.Node, names: Names) -> Typed:
        """Return the shape of a node that may well be undefined."""
        self.tolerant += 1
        try:
            return self.typed(node, names)
        finally:
            self.tolerant -= 1

    def operand(self, node: tree.Node, names: Names) -> Typed:
        """Return the shape of an operand of a comparison or another operator, for which a value is expected."""
        self.operands += 1
        try:
            return self.typed(node, names)
        finally:
            self.operands -= 1

    def note(self, node: tree.Node, root: str, steps: Sequence[str | int], miss: Miss) -> None:
        """Collect the read of a path that has no value, or may have none, so that the whole expression has none."""
        is_whole = self.whole is not None and any(node is each for each in _deciding(self.whole))
        if miss.is_sure or (is_whole and not self.tolerant):
            text = ".".join([root, *map(str, steps)])
            fails, is_test = is_whole and not self.tolerant, bool(self.tolerant) and not self.operands
            self.reads.append(Read(self.keys, text, root, tuple(steps), miss, fails, is_test))


ORDERING = ("<", "<=", ">", ">=")


def _deciding(node: Any) -> Iterator[tree.Node]:
    """Yield the parts of an expression without whose value it has none itself."""
    if isinstance(node, tree.Path) and node.group is not None:
        return  # a group of nothing is an empty object
    yield node
    inner: tuple[tree.Node, ...] = ()
    if isinstance(node, tree.Binary) and node.operator in (*ARITHMETIC, *ORDERING):
        inner = (node.left, node.right)
    elif isinstance(node, tree.Negation):
        inner = (node.operand,)
    elif isinstance(node, tree.Block):
        inner = node.expressions[-1:]
    elif isinstance(node, tree.Call) and isinstance(node.procedure, tree.Variable):
        function = FUNCTIONS.get(node.procedure.name)
        inner = node.arguments[:1] if function and function.of_arguments else ()
    for part in inner:
        yield from _deciding(part)
