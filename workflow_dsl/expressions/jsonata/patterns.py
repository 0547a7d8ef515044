"""Regular expressions of JavaScript, by the `regex` module, which is imported when an expression has one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Code, Function, invoke
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.syntax.tree import Pattern
from workflow_dsl.expressions.jsonata.values import ARRAYS, NUMBERS, UNDEFINED
from workflow_dsl.regexes import lazy_regex

_SPACE = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_LINE = r"\n\r\u2028\u2029"
_CLASSES = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": _SPACE,
}
_CLASS = {
    **{name: f"[{members}]" for name, members in _CLASSES.items()},
    **{name.upper(): f"[^{members}]" for name, members in _CLASSES.items()},
}
_CLASS_IN_BRACKETS = {
    **_CLASSES,
    "D": r"\x00-/:-\U0010ffff",
    "W": r"\x00-/:-@\[-\^`{-\U0010ffff",
    "S": r"\S",
}
_CONTROLS = {"b": r"\x08", "0": r"\x00", "n": r"\n", "r": r"\r", "t": r"\t", "v": r"\x0b", "f": r"\x0c"}
_EDGE = "(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))"
_TOKEN = lazy_regex(
    r"\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<\w+>|[1-9]\d*|.)"
    r"|\[\^?\]|\[\^?|\]|\(\?<(?![=!])\w+>|[*+?]\+|\}\+|.",
    re.DOTALL,
)


def compile_pattern(node: Pattern) -> Code:
    """Return the code of a regular expression: a function that finds its first match in a string."""
    matcher = Matcher(node.source, compiled(node.source, node.flags))
    return lambda context, frame: matcher


@lru_cache(maxsize=512)
def compiled(source: str, flags: str) -> Any:
    """Return a compiled pattern. Raises Failure S0303 for an invalid pattern."""
    import regex

    try:
        return regex.compile(_translated(source, "m" in flags), (regex.I if "i" in flags else 0) | regex.V0)
    except (regex.error, RecursionError, OverflowError, ValueError) as problem:
        raise Failure("S0303", value=f"{source}: {problem}") from None


def _translated(source: str, is_multiline: bool) -> str:
    """Return a pattern of JavaScript as the `regex` module writes it.

    There \\d and \\w are ASCII, \\s and the ends of lines are Unicode's, and [] matches nothing.
    """
    pieces, in_class = [], False
    for match in _TOKEN.finditer(source):
        token = match[0]
        if token.startswith("\\"):
            pieces.append(_escape(token[1:], in_class))
        elif in_class:
            in_class = not token.endswith("]")
            pieces.append(token.replace("[", "\\["))
        elif token in ("[", "[^"):
            in_class = True
            pieces.append(token)
        else:
            pieces.append(_outside(token, is_multiline))
    return "".join(pieces)


def _outside(token: str, is_multiline: bool) -> str:
    if token in ("*+", "++", "?+", "}+"):
        raise ValueError("nothing to repeat")
    if token.startswith("(?<"):
        return f"(?P<{token[3:]}"
    return {
        ".": f"[^{_LINE}]",
        "^": f"(?:^|(?<=[{_LINE}]))" if is_multiline else r"\A",
        "$": f"(?=[{_LINE}]|\\Z)" if is_multiline else r"\Z",
        "[]": r"(?!)",
        "[^]": r"[\s\S]",
    }.get(token, token)


def _escape(escape: str, in_class: bool) -> str:
    """The escape sequence after a backslash, in brackets or outside."""
    kind, rest = escape[0], escape[1:]
    if kind.lower() in _CLASSES:
        return (_CLASS_IN_BRACKETS if in_class else _CLASS)[kind]
    if kind in "bB" and not in_class:
        return _EDGE if kind == "b" else f"(?!{_EDGE})"
    if kind in "ux" and rest:
        return re.escape(chr(int(rest.strip("{}"), 16)))
    if kind in "ck" and rest:
        return f"(?P={rest[1:-1]})" if kind == "k" else re.escape(chr(ord(rest) % 32))
    if kind in "123456789" and not in_class:
        return f"(?({escape})\\{escape}|)"  # a group that took no part matches the empty string
    return _CONTROLS.get(escape) or re.escape(escape)


class Matcher(Function):
    """A regular expression as a value: a function of a string and the place to start from."""

    __slots__ = ("pattern", "source")
    arity = 2
    is_object = False

    def __init__(self, source: str, pattern: Any) -> None:
        self.source = source
        self.pattern = pattern

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        text, start = [*arguments, UNDEFINED, UNDEFINED][:2]
        if type(text) is not str:
            return UNDEFINED
        match = self.search(run, text, start if type(start) is int else 0)
        if match is None:
            return UNDEFINED
        return {**described(match, text), "end": _units(text, match.end()), "next": _Next(self, text, match.end())}

    def search(self, run: Run, text: str, start: int) -> Any:
        """Return the first match from a place on, or None. Raises Failure if it takes too long."""
        try:
            return self.pattern.search(text, start, timeout=run.pattern_seconds())
        except TimeoutError:
            raise Failure("time") from None


class _Next(Function):
    """The function `next` of a match."""

    __slots__ = ("matcher", "start", "text")
    arity = 0
    is_object = False

    def __init__(self, matcher: Matcher, text: str, start: int) -> None:
        self.matcher = matcher
        self.text = text
        self.start = start

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        if self.start >= len(self.text):
            return UNDEFINED
        match = self.matcher.search(run, self.text, self.start)
        if match is not None and match.end() == match.start():
            raise Failure("D1004", value=self.matcher.source)
        return UNDEFINED if match is None else self.matcher.call(run, [self.text, self.start], None)


def described(match: Any, text: str) -> dict[str, Any]:
    """Return a match as JSONata has it; a group that took no part is undefined."""
    return {
        "match": match[0],
        "start": _units(text, match.start()),
        "groups": [UNDEFINED if group is None else group for group in match.groups()],
    }


def _units(text: str, place: int) -> int:
    """The place in UTF-16 units, as JavaScript counts."""
    return place if text.isascii() else len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def matches(run: Run, matcher: Any, text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the matches of a string with their place and end. Raises Failure D1004 for a second empty match."""
    if not isinstance(matcher, Matcher):
        yield from _custom_matches(run, matcher, text)
        return
    match = matcher.search(run, text, 0)
    while match is not None:
        yield match.start(), match.end(), described(match, text)
        if match.end() >= len(text):
            return
        match = matcher.search(run, text, match.end())
        if match is not None and match.end() == match.start():
            raise Failure("D1004", value=matcher.source)


def _custom_matches(run: Run, matcher: Any, text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The matches of a function of the expression: it returns an object with match, start, end, groups and next."""
    match = invoke(matcher, run, [text], None)
    while match is not UNDEFINED:
        if type(match) is not dict or not _is_match(match):
            raise Failure("T1010")
        start = match.get("start", 0)
        matched = match.get("match", "")
        yield (
            start,
            match.get("end", start + len(matched)),
            {"match": matched, "start": start, "groups": match.get("groups", [])},
        )
        match = invoke(match.get("next"), run, [], None)


def _is_match(match: dict[str, Any]) -> bool:
    return (
        type(match.get("start")) in NUMBERS
        or type(match.get("end")) in NUMBERS
        or type(match.get("groups")) in ARRAYS
        or isinstance(match.get("next"), Function)
    )
