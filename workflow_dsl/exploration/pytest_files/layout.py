"""The layout of Python values in a test: on one line if they fit, else on several, as `ruff format` leaves them."""

from __future__ import annotations

from workflow_dsl.records import Record

WIDTH = 88  # of a line: what is formatted for it stays so for longer ones


class Code(Record):
    """The call of a constructor."""

    name: str
    arguments: tuple[object, ...]
    named: tuple[tuple[str, object], ...] = ()


class Variable(str):
    """A string that stands in the test as the variable with this name."""


def quoted(text: str) -> str:
    """Return a string as ruff quotes it: with double quotes, unless single ones need fewer escapes."""
    inner = repr(f'"{text}')[2:-1]  # in single quotes, whatever is in the text
    if text.count('"') > text.count("'"):
        return f"'{inner}'"
    inner = inner.replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'


def flat(value: object) -> str:
    """Return a value on one line."""
    if isinstance(value, Variable):
        return str(value)
    if isinstance(value, Code):
        named = [f"{name}={flat(argument)}" for name, argument in value.named]
        return f"{value.name}({', '.join([*map(flat, value.arguments), *named])})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(name)}: {flat(member)}" for name, member in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flat, value)) + "]"
    return quoted(value) if isinstance(value, str) else repr(value)


def lines_of(value: object, prefix: str, indent: int) -> list[str]:
    """Return the lines of a value and its trailing comma: one if it fits, else several."""
    pad = " " * (indent - 4)
    line = f"{pad}{prefix}{flat(value)},"
    if len(line) + 4 <= WIDTH or not isinstance(value, (dict, list, Code)) or value in ({}, []):
        return [line]
    if isinstance(value, Code):
        return _lines_of_call(value, prefix, indent)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    inner: list[str] = []
    for name, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        inner += lines_of(item, "" if name is None else f"{quoted(name)}: ", indent + 4)
    return [f"{pad}{prefix}{opening}", *inner, f"{pad}{closing},"]


def _lines_of_call(call: Code, prefix: str, indent: int) -> list[str]:
    pad = " " * (indent - 4)
    lines: list[str] = []
    for argument in call.arguments:
        lines += lines_of(argument, "", indent + 4)
    for name, argument in call.named:
        lines += lines_of(argument, f"{name}=", indent + 4)
    return [f"{pad}{prefix}{call.name}(", *lines, f"{pad}),"]
