"""JSON text inside a YAML document, such as a DefinitionString: where each of its characters stands in the file.

The text can be a scalar of any style, Fn::Sub's, or the pieces of Fn::Join; references in it stay as `${Name}`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex


class _Anchor(Record):
    """The beginning of a line of the file in the text: its index there, and its line and column in the file."""

    start: int
    line: int
    column: int


class Embedded(Record):
    """A string and the places of its lines in a file."""

    text: str
    anchors: Sequence[_Anchor]

    def place(self, index: int) -> tuple[int, int]:
        """The line and the column of a character, both from 1."""
        before = bisect_right(self.anchors, index, key=lambda anchor: anchor.start)
        anchor = self.anchors[max(before - 1, 0)]
        return anchor.line, anchor.column + max(index - anchor.start, 0)


def embedded(node: Any, lines: Sequence[str]) -> Embedded | None:
    """Return the text of a YAML node in a file of these lines; None for one of another kind."""
    pieces = _pieces(node)
    if not pieces:
        return None
    text, anchors = "", list[_Anchor]()
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            anchors += _anchors(piece, lines, len(text))
            text += piece.value
    return Embedded(text, anchors) if anchors else None


def _pieces(node: Any) -> list[Any]:
    """The parts of a node's text: strings, and the scalar nodes that stand in the file; [] for another node."""
    function, operand = _call(node)
    items = operand.value if operand.id == "sequence" else []
    if operand.id == "scalar" and function in ("", "Sub"):
        return [operand]
    if function == "Sub" and items and items[0].id == "scalar":
        return [items[0]]
    if function == "Join" and len(items) == 2 and items[0].id == "scalar" and items[1].id == "sequence":
        return [*_joined(items[0].value, items[1].value)]
    return []


def _call(node: Any) -> tuple[str, Any]:
    """The intrinsic function of a node, without its `Fn::` or `!`, and its operand; "" and the node without one."""
    if node.id == "mapping" and len(node.value) == 1 and node.value[0][0].value in ("Fn::Sub", "Fn::Join"):
        key, operand = node.value[0]
        return key.value.removeprefix("Fn::"), operand
    return (node.tag[1:] if node.tag.startswith("!") else ""), node


def _joined(delimiter: str, items: Sequence[Any]) -> Iterator[Any]:
    for index, item in enumerate(items):
        if index:
            yield delimiter
        yield from _pieces(item) or ["${Value}"]


def _anchors(node: Any, lines: Sequence[str], start: int) -> Iterator[_Anchor]:
    """Yield the places of a scalar's lines, which follow each other in its value whatever its style."""
    first, last = node.start_mark, node.end_mark
    is_block = node.style in ("|", ">")
    position = 0
    for number in range(first.line + is_block, min(last.line + 1, len(lines))):
        begin = _begin(lines[number], first.column) if number == first.line else 0
        line = lines[number][begin : last.column - (node.style in ("'", '"')) if number == last.line else None]
        content = line.strip()
        index = node.value.find(content, position) if content else -1
        if index >= 0:
            yield _Anchor(start + index, number + 1, begin + line.index(content) + 1)
            position = index + len(content)


_BEFORE_TEXT = lazy_regex(r"(?:[!&]\S*\s+)*['\"]?")  # a tag, an anchor, a quote


def _begin(line: str, column: int) -> int:
    """The column of a scalar's first character in its first line."""
    match = _BEFORE_TEXT.match(line, column)
    return match.end() if match else column
