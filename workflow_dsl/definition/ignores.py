"""The comments that silence findings: `# workflow-dsl: ignore[CODE]` in Python and in YAML. JSON has no comments."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from workflow_dsl.definition.yaml_reading import parse_yaml
from workflow_dsl.findings import FindingsError
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_MARKER = "workflow-dsl:"
_IGNORE = lazy_regex(r"#\s*workflow-dsl:\s*ignore\b\s*(?:\[([^\]\n]*)\])?")


class Ignore(Record):
    """A comment: its line, the line whose findings it silences, and their codes; both lines count from 1."""

    line: int
    silenced_line: int
    codes: tuple[str, ...]


def ignores_in(text: str, file: str) -> list[Ignore]:
    """Return the comments in a text that silence findings, in the order of lines.

    A comment is about its own line, or about the next line with content if it stands alone. Text that cannot be read
    has none.
    """
    if _MARKER not in text:
        return []
    try:
        comments = _in_python(text) if file.endswith(".py") else _in_yaml(text)
        return [_ignore(text.split("\n"), line, comment) for line, comment in comments]
    except (SyntaxError, FindingsError, RecursionError):
        return []


def _ignore(lines: list[str], line: int, comment: re.Match[str]) -> Ignore:
    codes = tuple(filter(None, (code.strip() for code in (comment[1] or "").split(","))))
    silenced = line
    if lines[line - 1].lstrip().startswith("#"):
        following = enumerate(lines[line:], line + 1)
        silenced = next((number for number, other in following if other.strip() and other.strip()[0] != "#"), line)
    return Ignore(line, silenced, codes)


def _in_python(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    import tokenize  # lazy import: 1 ms, not needed for YAML

    try:
        tokens = [*tokenize.generate_tokens(io.StringIO(text).readline)]
    except tokenize.TokenError:
        return
    for token in tokens:
        if token.type == tokenize.COMMENT and (comment := _IGNORE.search(token.string)):
            yield token.start[0], comment


def _in_yaml(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    if text.lstrip()[:1] in ("{", "["):
        return
    scalars = sorted(_scalars(parse_yaml(text, strict=False)[1]))
    for comment in _IGNORE.finditer(text):
        index = bisect_right(scalars, (comment.start(), comment.start())) - 1
        if index < 0 or not scalars[index][0] <= comment.start() < scalars[index][1]:
            yield text.count("\n", 0, comment.start()) + 1, comment


def _scalars(root: Any) -> Iterator[tuple[int, int]]:
    """Yield where each scalar begins and ends in the text: a `#` in one begins no comment."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "scalar":
            yield node.start_mark.index, node.end_mark.index
        elif node.id == "sequence":
            waiting += node.value
        else:
            waiting += (part for pair in node.value for part in pair)
