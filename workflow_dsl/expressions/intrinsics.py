"""Intrinsic functions: parsing a call such as `States.Format('{} bought', $.qty)`.

Rules and limits: developer guide, "Intrinsic functions for JSONPath states"; States Language, "Intrinsic Functions".
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any

from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_NAME = lazy_regex(r"\s*(States\.\w+)\s*\(")
_NUMBER = lazy_regex(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?(?![0-9])")
_WORDS = {"true": True, "false": False, "null": None}
_DEEPEST = 10


class IntrinsicCall(Record):
    """A call of an intrinsic function; its arguments are JSON values, Literals, Paths and calls."""

    text: str
    name: str
    arguments: tuple[Any, ...]


class Literal(Record):
    """A string in single quotes, without escapes; `parts` are the pieces around each `{}`."""

    text: str
    parts: tuple[str, ...]


def is_intrinsic(text: str) -> bool:
    """True for text that is a call of an intrinsic function rather than a path."""
    return text.lstrip().startswith("States.")


@lru_cache(maxsize=1024)
def parse_call(text: str) -> IntrinsicCall:
    """Parse a call. Raises SyntaxProblem for malformed text, an unknown function or a wrong number of arguments."""
    call, end = _call(text, 0, 1)
    if text[end:].strip():
        raise SyntaxProblem(f"{text[end:].strip()!r} follows the call")
    return call


def _call(text: str, start: int, depth: int) -> tuple[IntrinsicCall, int]:
    match = _NAME.match(text, start)
    if not match:
        raise SyntaxProblem(f"{text[start:]!r} is not a call of an intrinsic function")
    if depth > _DEEPEST:
        raise SyntaxProblem(f"intrinsic functions are nested more than {_DEEPEST} deep")
    arguments: list[Any] = []
    position = _skip_spaces(text, match.end())
    while text[position : position + 1] != ")":
        if arguments:
            position = _expect(text, position, ",")
        value, position = _argument(text, _skip_spaces(text, position), depth)
        arguments.append(value)
        position = _skip_spaces(text, position)
    _check_signature(match[1], len(arguments))
    return IntrinsicCall(text[match.start(1) : position + 1], match[1], tuple(arguments)), position + 1


def _skip_spaces(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise SyntaxProblem(f"{character!r} is missing before {text[position:]!r}")
    return position + 1


def _argument(text: str, start: int, depth: int) -> tuple[Any, int]:
    first = text[start : start + 1]
    if first == "'":
        return _string(text, start + 1)
    if first == "$":
        end = _end_of_path(text, start)
        return parse_path(text[start:end].strip()), end
    if text.startswith("States.", start):
        return _call(text, start, depth + 1)
    for word, value in _WORDS.items():
        if text.startswith(word, start):
            return value, start + len(word)
    number = _NUMBER.match(text, start)
    if not number:
        raise SyntaxProblem(f"{text[start:]!r} is not a string, number, path or call")
    return json.loads(number[0]), number.end()


def _string(text: str, start: int) -> tuple[Literal, int]:
    """A string in single quotes; a backslash escapes ', {, } and itself."""
    parts: list[list[str]] = [[]]
    while start < len(text):
        character = text[start]
        if character == "'":
            pieces = tuple("".join(part) for part in parts)
            return Literal("{}".join(pieces), pieces), start + 1
        if character == "\\":
            start += 1
            character = text[start : start + 1]
            if character not in ("'", "{", "}", "\\"):
                raise SyntaxProblem(f"\\{character} is not an escape; only \\', \\{{, \\}} and \\\\ are")
        elif text.startswith("{}", start):
            parts.append([])
            start += 2
            continue
        parts[-1].append(character)
        start += 1
    raise SyntaxProblem("a string is not closed")


def _end_of_path(text: str, start: int) -> int:
    depth, quote = 0, ""
    for position in range(start, len(text)):
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            if depth == 0:
                return position
            depth -= 1
        elif character == "," and depth == 0:
            return position
    return len(text)


ALGORITHMS = ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512")  # of States.Hash
LONGEST_RANGE = 1_000  # numbers that States.ArrayRange gives at most
# The kinds of arguments by position, of functions that take one kind only (developer guide, "Intrinsic functions").
ARGUMENT_KINDS: dict[str, tuple[str, ...]] = {
    "States.ArrayContains": ("list",),
    "States.ArrayGetItem": ("list", "number"),
    "States.ArrayLength": ("list",),
    "States.ArrayPartition": ("list", "number"),
    "States.ArrayRange": ("number", "number", "number"),
    "States.ArrayUnique": ("list",),
    "States.Base64Decode": ("string",),
    "States.Base64Encode": ("string",),
    "States.Format": ("string",),
    "States.JsonMerge": ("object", "object", "boolean"),
    "States.MathAdd": ("number", "number"),
    "States.MathRandom": ("number", "number", "number"),
    "States.StringSplit": ("string", "string"),
    "States.StringToJson": ("string",),
}
_SIGNATURES: dict[str, tuple[int, float]] = {  # fewest and most arguments
    "States.Array": (0, math.inf),
    "States.ArrayContains": (2, 2),
    "States.ArrayGetItem": (2, 2),
    "States.ArrayLength": (1, 1),
    "States.ArrayPartition": (2, 2),
    "States.ArrayRange": (3, 3),
    "States.ArrayUnique": (1, 1),
    "States.Base64Decode": (1, 1),
    "States.Base64Encode": (1, 1),
    "States.Format": (1, math.inf),
    "States.Hash": (2, 2),
    "States.JsonMerge": (3, 3),
    "States.JsonToString": (1, 1),
    "States.MathAdd": (2, 2),
    "States.MathRandom": (2, 3),
    "States.StringSplit": (2, 2),
    "States.StringToJson": (1, 1),
    "States.UUID": (0, 0),
}


def _check_signature(name: str, count: int) -> None:
    if name not in _SIGNATURES:
        raise SyntaxProblem(f"{name} is not an intrinsic function")
    fewest, most = _SIGNATURES[name]
    if not fewest <= count <= most:
        expected = fewest if fewest == most else f"{fewest} or more" if most == math.inf else f"{fewest} to {most}"
        raise SyntaxProblem(f"{name} takes {expected} argument{'' if expected == 1 else 's'}, not {count}")
