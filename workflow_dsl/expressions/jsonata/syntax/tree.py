"""The syntax tree of a JSONata expression: frozen nodes, and a walk over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflow_dsl.records import Record, field, field_names


class Node(Record, eq=False):
    """A part of an expression. With `[]` after it, it keeps an array of one item."""

    position: int = field(default=0, kw_only=True)
    keep_array: bool = field(default=False, kw_only=True)


class Literal(Node):
    """A string, a number, true, false or null."""

    value: Any


class Pattern(Node):
    """A regular expression."""

    source: str
    flags: str


class Variable(Node):
    """A variable without its `$`; the name of the context `$` is empty."""

    name: str


class Name(Node):
    """A field's name, which is always a step of a path."""

    value: str


class Wildcard(Node):
    """`*`: the values of an object's fields."""


class Descendants(Node):
    """`**`: a value, and all values in it."""


class Parent(Node):
    """`%`: the object that the context came from."""


class Array(Node):
    """`[...]`. As a step of a path it makes one array for each item, which is not flattened."""

    items: tuple[Node, ...]
    is_step: bool = False


class Object(Node):
    """`{...}`."""

    pairs: tuple[tuple[Node, Node], ...]


class Negation(Node):
    """`-operand`."""

    operand: Node


class Binary(Node):
    """An operator between two operands; `..` is one of them."""

    operator: str
    left: Node
    right: Node


class Condition(Node):
    """`condition ? then : otherwise`; the last part may be absent."""

    condition: Node
    then: Node
    otherwise: Node | None


class Block(Node):
    """`(...; ...)`."""

    expressions: tuple[Node, ...]
    is_array_step: bool = False  # begins with `[...]`, so that as a first step it is evaluated once


class Bind(Node):
    """`$name := value`."""

    name: str
    value: Node


class Call(Node):
    """`procedure(arguments)`."""

    procedure: Node
    arguments: tuple[Node, ...]


class Placeholder(Node):
    """`?` as an argument."""


class PartialCall(Node):
    """`procedure(arguments)` with a `?` among the arguments."""

    procedure: Node
    arguments: tuple[Node, ...]


class Lambda(Node):
    """`function($a, $b)<signature>{body}`."""

    parameters: tuple[str, ...]
    body: Node
    signature: str | None


class Apply(Node):
    """`value ~> function`."""

    left: Node
    right: Node


class Transform(Node):
    """`|pattern|update, delete|`."""

    pattern: Node
    update: Node
    delete: Node | None


class Index(Node):
    """`#$name` after a predicate."""

    name: str


class Filtered(Node):
    """A node that is not a path, with predicates."""

    node: Node
    predicates: tuple[Node, ...]


class Grouped(Node):
    """A node that is not a path, with a group."""

    node: Node
    pairs: tuple[tuple[Node, Node], ...]


class Sort(Node):
    """`^(...)`, a step of a path: terms, each with True where it descends."""

    terms: tuple[tuple[bool, Node], ...]


class Step(Node):
    """A step of a path: predicates and `#$index` in their order, and the variables that it binds."""

    node: Node
    stages: tuple[Node, ...] = ()
    focus: str | None = None
    index: str | None = None


class Path(Node):
    """Steps, and the group after them."""

    steps: tuple[Step, ...]
    keep_singleton: bool = False
    group: tuple[tuple[Node, Node], ...] | None = None


def parts(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below a node."""
    for name in field_names(node):
        yield from _nodes_in(getattr(node, name))


def _nodes_in(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)


def walk(tree: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(parts(node))
