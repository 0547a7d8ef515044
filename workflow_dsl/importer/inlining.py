"""States that are written where they are used, without a variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from workflow_dsl.importer.code import Atom, Call, Node, within
from workflow_dsl.records import Record, replace

_INLINE = ("Succeed", "Fail", "Pass", "Wait")
_LONGEST_INLINE = 60
_LONGEST_RETURNED = 108


class Statement(Record):
    """`target = value`, or `value` alone, after comments."""

    value: Node
    target: str = ""
    comments: tuple[str, ...] = ()


class Body(Record):
    """The statements of a function, those that create states and those that link them, and its value."""

    created: tuple[Statement, ...]
    links: tuple[Statement, ...]
    value: Node

    def nodes(self) -> Iterator[Node]:
        """Yield every expression."""
        yield from (statement.value for statement in (*self.created, *self.links))
        yield self.value


def inlined(body: Body) -> Body:
    """Return a body with each short state that is mentioned once where it is mentioned."""
    counts = _mentions(body.nodes())
    is_only = len(body.created) == 1 and not body.links
    short = {
        statement.target: statement.value
        for statement in body.created
        if counts[statement.target] == 1
        and not statement.comments
        and (_is_short(statement.value) or (is_only and _fits(statement.value, body.value)))
    }
    last = body.created[-1:] if not body.links else ()
    short |= {
        statement.target: statement.value
        for statement in last
        if statement.target == body.value.flat() and not statement.comments
    }

    def change(node: Node) -> Node:
        if isinstance(node, Atom) and node.text in short:
            return change(short[node.text])
        return node.mapped(change)

    def changed(statements: Iterable[Statement]) -> tuple[Statement, ...]:
        return tuple(
            replace(statement, value=change(statement.value))
            for statement in statements
            if statement.target not in short
        )

    return Body(changed(body.created), changed(body.links), change(body.value))


def with_start(body: Body, name: str) -> Body:
    """Return the body of `build` with the Chain of a long `return Workflow(Chain([...]), ...)` in a variable."""
    value = body.value
    start = value.arguments[0][1] if isinstance(value, Call) and len(value.arguments) > 1 else None
    if not isinstance(value, Call) or not isinstance(start, Call) or len(value.flat()) <= _LONGEST_RETURNED:
        return body
    statement = Statement(start, name)
    value = replace(value, arguments=(("", Atom(name)), *value.arguments[1:]))
    if body.links:
        return Body(body.created, (*body.links, statement), value)
    return Body((*body.created, statement), (), value)


def _mentions(nodes: Iterable[Node]) -> Counter[str]:
    """The number of mentions of each variable; one whose method is called counts more than once."""
    counts: Counter[str] = Counter()
    for node in nodes:
        for _, inner in within(node):
            if isinstance(inner, Atom):
                counts[inner.text] += 1
            elif isinstance(inner, Call) and "." in inner.function:
                counts[inner.function.partition(".")[0]] += 2
    return counts


def _fits(value: Node, returned: Node) -> bool:
    return len(value.flat()) + len(returned.flat()) <= _LONGEST_RETURNED


def _is_short(node: Node) -> bool:
    return isinstance(node, Call) and node.function in _INLINE and len(node.flat()) <= _LONGEST_INLINE
