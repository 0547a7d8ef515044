"""The syntax tree of a JSONata expression: frozen nodes, and a walk over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of an expression. With `[]` after it, it keeps an array of one item."""

    position: int = field(default=0, kw_only=True)
    keep_array: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    """A string, a number, true, false or null."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Pattern(Node):
    """A regular expression."""

    source: str
    flags: str


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Node):
    """A variable without its `$`; the name of the context `$` is empty."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Name(Node):
    """A field's name, which is always a step of a path."""

    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Wildcard(Node):
    """`*`: the values of an object's fields."""


@dataclass(frozen=True, slots=True, eq=False)
class Descendants(Node):
    """`**`: a value, and all values in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Parent(Node):
    """`%`: the object that the context came from."""


@dataclass(frozen=True, slots=True, eq=False)
class Array(Node):
    """`[...]`. As a step of a path it makes one array for each item, which is not flattened."""

    items: tuple[Node, ...]
    is_step: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Object(Node):
    """`{...}`."""

    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Negation(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Node):
    """An operator between two operands; `..` is one of them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Condition(Node):
    """`condition ? then : otherwise`; the last part may be absent."""

    condition: Node
    then: Node
    otherwise: Node | None


@dataclass(frozen=True, slots=True, eq=False)
class Block(Node):
    """`(...; ...)`."""

    expressions: tuple[Node, ...]
    is_array_step: bool = False  # begins with `[...]`, so that as a first step it is evaluated once


@dataclass(frozen=True, slots=True, eq=False)
class Bind(Node):
    """`$name := value`."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """`procedure(arguments)`."""

    procedure: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Placeholder(Node):
    """`?` as an argument."""


@dataclass(frozen=True, slots=True, eq=False)
class PartialCall(Node):
    """`procedure(arguments)` with a `?` among the arguments."""

    procedure: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lambda(Node):
    """`function($a, $b)<signature>{body}`."""

    parameters: tuple[str, ...]
    body: Node
    signature: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Apply(Node):
    """`value ~> function`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True, eq=False)
class Transform(Node):
    """`|pattern|update, delete|`."""

    pattern: Node
    update: Node
    delete: Node | None


@dataclass(frozen=True, slots=True, eq=False)
class Index(Node):
    """`#$name` after a predicate."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Filtered(Node):
    """A node that is not a path, with predicates."""

    node: Node
    predicates: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grouped(Node):
    """A node that is not a path, with a group."""

    node: Node
    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sort(Node):
    """`^(...)`, a step of a path: terms, each with True where it descends."""

    terms: tuple[tuple[bool, Node], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Step(Node):
    """A step of a path: predicates and `#$index` in their order, and the variables that it binds."""

    node: Node
    stages: tuple[Node, ...] = ()
    focus: str | None = None
    index: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Path(Node):
    """Steps, and the group after them."""

    steps: tuple[Step, ...]
    keep_singleton: bool = False
    group: tuple[tuple[Node, Node], ...] | None = None


def parts(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below a node."""
    for name in type(node).__dataclass_fields__:
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
