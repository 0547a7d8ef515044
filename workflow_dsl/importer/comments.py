"""The comments of a definition in YAML, each at the keys of the value that it is about."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from workflow_dsl.definition.reading import Source
from workflow_dsl.findings import Key, Keys
from workflow_dsl.regexes import lazy_regex

Comments = Mapping[Keys, tuple[str, ...]]
_COMMENT = lazy_regex(r"(?:^|(?<=[ \t]))#[^\n\r]*", re.MULTILINE)
_WIDTH = 100
# What tools take for an instruction; in quotes it is a comment.
_PRAGMA = lazy_regex(r"#|^(noqa|type:|fmt:|isort:|ruff:|mypy:|pyright:|pylint:|pragma|!)", re.IGNORECASE)


def comments_of(source: Source, places: Collection[Keys]) -> Comments:
    """Return the comments of a definition in YAML at the innermost of these places around each, () for the others.

    A comment on a line of its own is about what follows, one after a value about that value. JSON has no comments.
    """
    root = source.node()
    if root is None:
        return {}
    starts, all_keys, scalars = _positions(root)
    found: dict[Keys, tuple[str, ...]] = {}
    first, last = 0, len(source.text)
    if source.is_part and scalars:
        first, last = _above(source.text, root.start_mark.index), scalars[-1][1]
    for match in _COMMENT.finditer(source.text, first):
        at = match.start()
        if _is_inside(at, scalars):
            continue
        is_alone = not source.text[source.text.rfind("\n", 0, at) + 1 : at].strip()
        if at > last and is_alone:
            break
        keys = _about(at, is_alone, starts, all_keys)
        while keys and keys not in places:
            keys = keys[:-1]
        found[keys] = (*found.get(keys, ()), *_comment_lines(match[0]))
    return found


def _above(text: str, start: int) -> int:
    """The index at which the comments on the lines right above a value begin."""
    line = text.rfind("\n", 0, start) + 1
    while line and text[text.rfind("\n", 0, line - 1) + 1 : line].lstrip()[:1] in ("", "#"):
        line = text.rfind("\n", 0, line - 1) + 1
    return line


def _positions(root: Any) -> tuple[list[int], list[Keys], list[tuple[int, int]]]:
    """The places where values begin, in order, their keys, and the spans of the scalars."""
    rows = sorted(_scalars(root, ()), key=lambda row: row[0])
    spans = sorted(span for *_, span in rows if span)
    return [start for start, *_ in rows], [keys for _, keys, _ in rows], spans


def _scalars(node: Any, keys: Keys) -> Iterator[tuple[int, Keys, tuple[int, int] | None]]:
    waiting: list[tuple[Any, Keys]] = [(node, keys)]
    seen: set[int] = set()  # an alias is where its anchor is
    while waiting:
        node, keys = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        members: list[tuple[Key, Any, Any]] = []
        if node.id == "mapping":
            members = [(key.value, key, value) for key, value in node.value if key.id == "scalar"]
        elif node.id == "sequence":
            members = [(index, value, value) for index, value in enumerate(node.value)]
        for key, first, value in members:
            yield first.start_mark.index, (*keys, key), None
            for scalar in {id(first): first, id(value): value}.values():
                if scalar.id == "scalar":
                    yield scalar.start_mark.index, (*keys, key), (scalar.start_mark.index, scalar.end_mark.index)
            waiting.append((value, (*keys, key)))


def _is_inside(at: int, spans: list[tuple[int, int]]) -> bool:
    index = bisect_right(spans, (at, at)) - 1
    return index >= 0 and spans[index][0] < at < spans[index][1]


def _about(at: int, is_alone: bool, starts: list[int], keys: list[Keys]) -> Keys:
    index = bisect_right(starts, at) if is_alone else bisect_left(starts, at) - 1
    return keys[min(max(index, 0), len(keys) - 1)] if keys else ()


def _comment_lines(comment: str) -> list[str]:
    text = "".join(letter if letter.isprintable() else " " for letter in comment.lstrip("#")).strip()
    if _PRAGMA.search(text):
        text = f'"{text.replace("#", "")}"'
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]
