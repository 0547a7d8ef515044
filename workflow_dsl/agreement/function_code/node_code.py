"""The tokens of a file in JavaScript or TypeScript, with the brackets that belong together. The code is never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from workflow_dsl.definition.files import read_file
from workflow_dsl.regexes import lazy_regex

_MOST_CODE = 200_000  # bytes: more is a bundle
Kind = Literal["name", "number", "string", "template", "regex", "mark"]


class Token(NamedTuple):
    """A token of the code: its kind, its text, and its line."""

    kind: Kind
    text: str
    line: int


class NodeCode(NamedTuple):
    """The tokens of a file, and the positions of closing brackets by those of the opening ones."""

    tokens: list[Token]
    closing: Mapping[int, int]

    def texts(self, start: int, length: int) -> list[str]:
        """The texts of some tokens, fewer at the end of the file."""
        return [token.text for token in self.tokens[start : start + length]]


def node_code(file: Path) -> NodeCode | None:
    """Return the tokens of a file; None if it cannot be read, is a bundle, or its brackets do not fit."""
    try:
        text = read_file(file, most=_MOST_CODE).decode("utf-8")
    except (OSError, ValueError):
        return None
    tokens = _tokens(text)
    closing = _brackets(tokens) if tokens is not None else None
    return None if tokens is None or closing is None else NodeCode(tokens, closing)


def parts_between(code: NodeCode, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The positions of the parts between two positions, which commas separate."""
    first = index = start
    while index < end:
        if code.tokens[index].text == ",":
            yield first, index
            first = index + 1
        index = code.closing[index] + 1 if index in code.closing else index + 1
    if first < end:
        yield first, end


_SKIPPED = lazy_regex(r"(?:\s|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
_REGEX = lazy_regex(r"/(?![/*])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_PART = lazy_regex(
    r"(?P<name>[A-Za-z_$][\w$]*)|(?P<number>\d[\w.]*)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<template>`(?:[^`\\$]|\\.|\$(?!\{)|\$\{[^`{}]*\})*`)"
    r"|(?P<mark>=>|\.\.\.|\?\.|\?\?|===|!==|==|!=|<=|>=|&&|\|\||[-+*/%&|^]=|[^\s\w\"'`])"
)
# A slash after one of these begins a regular expression, and divides after any other token.
_BEFORE_A_VALUE = frozenset("( , = : [ ! & | ? { } ; => && || == === != !== return typeof case".split())


def _tokens(text: str) -> list[Token] | None:
    """The tokens of a text; None if a part of it is none, such as a template inside a template."""
    tokens: list[Token] = []
    position, line = 0, 1
    while True:
        skipped = _SKIPPED.match(text, position)
        end = skipped.end() if skipped else position
        line += text.count("\n", position, end)
        if end == len(text):
            return tokens
        is_value = not tokens or tokens[-1].text in _BEFORE_A_VALUE
        found = _REGEX.match(text, end) if text[end] == "/" and is_value else None
        part = None if found else _PART.match(text, end)
        if found is None and part is None:
            return None
        kind: Kind = "regex" if found else part.lastgroup or "mark"  # type: ignore[assignment, union-attr]
        text_of = found[0] if found else part[0]  # type: ignore[index]
        tokens.append(Token(kind, text_of, line))
        position, line = end + len(text_of), line + text_of.count("\n")


_PAIRS = {")": "(", "]": "[", "}": "{"}


def _brackets(tokens: list[Token]) -> dict[int, int] | None:
    """The positions of closing brackets by those of opening ones; None if they do not fit."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for position, token in enumerate(tokens):
        if token.kind == "mark" and token.text in _PAIRS.values():
            opened.append(position)
        elif token.kind == "mark" and token.text in _PAIRS:
            if not opened or tokens[opened[-1]].text != _PAIRS[token.text]:
                return None
            closing[opened.pop()] = position
    return None if opened else closing
