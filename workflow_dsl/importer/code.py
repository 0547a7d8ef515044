"""Python expressions as data, and their text in the layout of `ruff format`: lines of up to 120 columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from workflow_dsl.records import Record, replace

WIDTH = 120
_STEP = 4


class Node(Record):
    """An expression. `flat` is its text on one line."""

    def flat(self) -> str:
        """Return the expression on one line."""
        raise NotImplementedError

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return the expression on several lines."""
        return [f"{' ' * indent}{before}{self.flat()}{after}"]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the expressions inside, each after its name, which is "" for one without."""
        yield from ()

    def mapped(self, change: Callable[[Node], Node]) -> Node:
        """Return the expression with each one inside it changed."""
        del change
        return self


class Atom(Node):
    """A name, a number or a word."""

    text: str

    def flat(self) -> str:
        """Return the text."""
        return self.text


class Text(Node):
    """A string."""

    value: str

    def flat(self) -> str:
        """Return the literal, in the quotes that need fewer escapes."""
        return quoted(self.value)

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return the literal in pieces that Python joins."""
        space, inner = " " * indent, " " * (indent + _STEP)
        pieces = [f"{inner}{quoted(piece)}" for piece in _pieces(self.value, WIDTH - indent - _STEP)]
        return [f"{space}{before}(", *pieces, f"{space}){after}"]


class Call(Node):
    """A call; an argument without a name is positional."""

    function: str
    arguments: tuple[tuple[str, Node], ...] = ()

    def flat(self) -> str:
        """Return the call on one line."""
        return f"{self.function}({self._joined()})"

    def _joined(self) -> str:
        return ", ".join(f"{name}={value.flat()}" if name else value.flat() for name, value in self.arguments)

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return the arguments on a line of their own, or each on one."""
        space, inner = " " * indent, indent + _STEP
        joined = f"{' ' * inner}{self._joined()}"
        if width(joined) <= WIDTH or not self.arguments:
            return [f"{space}{before}{self.function}(", joined, f"{space}){after}"]
        if len(self.arguments) == 1 and isinstance(only := self.arguments[0][1], Text) and not self.arguments[0][0]:
            return [f"{space}{before}{self.function}(", *only.split(indent, "", "")[1:-1], f"{space}){after}"]
        comma = "," if len(self.arguments) > 1 or self.arguments[0][0] else ""
        rows = [row for name, value in self.arguments for row in lines(value, inner, f"{name}=" if name else "", comma)]
        return [f"{space}{before}{self.function}(", *rows, f"{space}){after}"]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the arguments."""
        yield from self.arguments

    def mapped(self, change: Callable[[Node], Node]) -> Node:
        """Return the call with each argument changed."""
        return replace(self, arguments=tuple((name, change(value)) for name, value in self.arguments))


class Method(Node):
    """A call of a method of what another call returns: `Task(...).call(...)`."""

    inner: Call
    call: Call

    def flat(self) -> str:
        """Return both calls on one line."""
        return f"{self.inner.flat()}.{self.call.flat()}"

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return the last call on several lines; the first one too, if it is too wide."""
        head = f"{before}{self.inner.flat()}."
        if width(f"{' ' * indent}{head}{self.call.function}(") <= WIDTH:
            return self.call.split(indent, head, after)
        rows = self.inner.split(indent, before, "")
        last = f"{rows[-1]}.{self.call.flat()}{after}"
        return [*rows[:-1], *([last] if width(last) <= WIDTH else self.call.split(indent, ").", after))]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the arguments of both calls."""
        yield from (*self.inner.arguments, *self.call.arguments)


class Items(Node):
    """A list."""

    items: tuple[Node, ...]

    def flat(self) -> str:
        """Return the list on one line."""
        return f"[{', '.join(item.flat() for item in self.items)}]"

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return each item on its line."""
        rows = [row for item in self.items for row in lines(item, indent + _STEP, "", ",")]
        return [f"{' ' * indent}{before}[", *rows, f"{' ' * indent}]{after}"]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the items."""
        yield from (("", item) for item in self.items)

    def mapped(self, change: Callable[[Node], Node]) -> Node:
        """Return the list with each item changed."""
        return Items(tuple(map(change, self.items)))


class Fields(Node):
    """A dict with strings as keys."""

    fields: tuple[tuple[str, Node], ...]

    def flat(self) -> str:
        """Return the dict on one line."""
        return f"{{{', '.join(f'{quoted(name)}: {value.flat()}' for name, value in self.fields)}}}"

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return each field on its line."""
        rows = [row for name, value in self.fields for row in lines(value, indent + _STEP, f"{quoted(name)}: ", ",")]
        return [f"{' ' * indent}{before}{{", *rows, f"{' ' * indent}}}{after}"]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the values, each after its key."""
        yield from self.fields

    def mapped(self, change: Callable[[Node], Node]) -> Node:
        """Return the dict with each value changed."""
        return Fields(tuple((name, change(value)) for name, value in self.fields))


class Joined(Node):
    """Operands with an operator between them, each in parentheses if it is not a call."""

    operator: str
    operands: tuple[Node, ...]

    def flat(self) -> str:
        """Return the operation on one line."""
        return f" {self.operator} ".join(operand.flat() for operand in self.operands)

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return each operand on its line; the operator begins the line."""
        first, *others = self.operands
        rows = lines(first, indent, before)
        for operand in others:
            rows += lines(operand, indent, f"{self.operator} ")
        return [*rows[:-1], f"{rows[-1]}{after}"]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the operands."""
        yield from (("", operand) for operand in self.operands)


class Wrapped(Node):
    """An expression in parentheses, after `prefix`."""

    inner: Node
    prefix: str = ""

    def flat(self) -> str:
        """Return it on one line."""
        return f"{self.prefix}({self.inner.flat()})"

    def split(self, indent: int, before: str, after: str) -> list[str]:
        """Return the inner expression between two lines."""
        space = " " * indent
        return [f"{space}{before}{self.prefix}(", *lines(self.inner, indent + _STEP), f"{space}){after}"]

    def children(self) -> Iterator[tuple[str, Node]]:
        """Yield the expression."""
        yield "", self.inner


def lines(node: Node, indent: int = 0, before: str = "", after: str = "") -> list[str]:
    """Return the lines of an expression: one if it fits."""
    flat = f"{' ' * indent}{before}{node.flat()}{after}"
    return [flat] if width(flat) <= WIDTH else node.split(indent, before, after)


def within(node: Node, name: str = "") -> Iterator[tuple[str, Node]]:
    """Yield an expression and all inside it, outer ones first, each after its name."""
    yield name, node
    for inner_name, inner in node.children():
        yield from within(inner, inner_name or name)


def width(line: str) -> int:
    """Return the columns of a line; a wide character takes two."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def quoted(text: str) -> str:
    """Return a string literal without a character that is not printable."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return f"{quote}{''.join(_escaped(character, quote) for character in text)}{quote}"


def _escaped(character: str, quote: str) -> str:
    if character in (quote, "\\"):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def _pieces(text: str, size: int) -> Iterator[str]:
    """The pieces of a long text: after each end of a line, or else after the last space that fits."""
    size = max(size, 20)
    for line in text.splitlines(keepends=True):
        rest = line
        while width(quoted(rest)) > size:
            end = size
            while width(quoted(rest[:end])) > size:
                end -= 1
            end = rest.rfind(" ", 1, end) + 1 or end
            yield rest[:end]
            rest = rest[end:]
        yield rest
