"""Text to steps: the paths that Jayway's JsonPath reads, whose syntax the service has.

Source: README and PathCompiler of json-path/JsonPath. Where its versions 2.0 and 2.10 agree, so does this grammar; a
function at the end of a path is a name like any other, as in 2.0. Filters are in filters.py.
"""

from __future__ import annotations

import re

from workflow_dsl.expressions.jsonpath.nodes import (
    Filter,
    Index,
    Indexes,
    Name,
    Names,
    PathStep,
    Scan,
    Slice,
    Wildcard,
)
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.regexes import lazy_regex

LARGEST_INDEX = 2**31 - 1
_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_EACH_QUOTED = lazy_regex(_QUOTED, re.DOTALL)
_ESCAPE = lazy_regex(r"\\(.)", re.DOTALL)
_STEP = r"""
      \.(?P<scan>(?=\.[^.\ ]))
    | \.(?P<dot_star>\*)(?=[.\[%(ends)s]|$)
    | %(before)s(?P<name>%(name)s)
    | \.?\[\ *(?:
        (?P<names>%(quoted)s(?:\ *,\ *%(quoted)s)*)\ *\]
      | (?P<indexes>-?[0-9]+(?:\ *,\ *-?[0-9]+)*)\ *\]
      | (?P<slice>(?P<start>-?[0-9]+)?\ *:\ *(?P<end>-?[0-9]+)?\ *(?::[-0-9:\ ]*)?)\]
      | (?P<star>\*)\ *\]
      | \(\ *@\.(?:length|size)(?:\(\))?\ *-\ *(?P<from_end>[0-9]+)\ *\)\ *\]
      | (?P<filter>\?)\ *\(
      )"""


def _compiled(name: str, ends: str, before: str) -> re.Pattern[str]:
    parts = {"name": name, "ends": ends, "quoted": _QUOTED, "before": before}
    return lazy_regex(_STEP % parts, re.VERBOSE | re.DOTALL)


# A name behind a bracket needs no dot: PathCompiler.readNextToken reads a property there.
_PATH = _compiled(r"[^.\[\]\ ]+", r"\ ", r"(?:\.|(?<=\])(?!\*))")
# In a filter, an operator or a bracket ends a name; `length()` is one.
_OPERAND = _compiled(r"[^.\[\]\ ()=!<>~&|]+(?:\([^()]*\))?", r"\ )=!<>~&|", r"\.")


def read_steps(text: str, start: int) -> tuple[PathStep, ...]:
    """Return the steps of a path from its root to its end. Raises SyntaxProblem."""
    steps, end = _read(_PATH, text, start, 0)
    if end < len(text):
        raise SyntaxProblem(_refusal(text, end))
    return steps


def read_operand_steps(text: str, start: int, depth: int) -> tuple[tuple[PathStep, ...], int]:
    """Return the steps of a path in a filter, and the position behind them. Raises SyntaxProblem."""
    return _read(_OPERAND, text, start, depth)


def _read(pattern: re.Pattern[str], text: str, position: int, depth: int) -> tuple[tuple[PathStep, ...], int]:
    steps: list[PathStep] = []
    while match := pattern.match(text, position):
        position = match.end()
        if match["filter"]:
            from workflow_dsl.expressions.jsonpath.filters import read_filter

            expression, position = read_filter(text, position, depth, read_operand_steps)
            steps.append(Filter(expression))
        else:
            steps.append(_step(match))
    return tuple(steps), position


def _step(match: re.Match[str]) -> PathStep:
    if match["name"] is not None:
        return Name(match["name"])
    if match["names"] is not None:
        names = tuple(_ESCAPE.sub(r"\1", quoted[1:-1]) for quoted in _EACH_QUOTED.findall(match["names"]))
        return Name(names[0]) if len(names) == 1 else Names(names)
    if match["indexes"] is not None:
        indexes = tuple(map(_integer, match["indexes"].split(",")))
        return Index(indexes[0]) if len(indexes) == 1 else Indexes(indexes)
    if match["slice"] is not None:
        return _slice(match["start"], match["end"])
    if match["from_end"] is not None:
        return Index(-_integer(match["from_end"]))
    return Scan() if match["scan"] is not None else Wildcard()


def _slice(start: str | None, end: str | None) -> Slice:
    if start is None and end is None:
        raise SyntaxProblem("a slice needs a start or an end")
    return Slice(None if start is None else _integer(start), None if end is None else _integer(end))


def _integer(digits: str) -> int:
    if len(digits.strip()) > len(str(LARGEST_INDEX)) or abs(int(digits)) > LARGEST_INDEX:
        raise SyntaxProblem(f"the index {digits.strip()[:20]} is larger than {LARGEST_INDEX}")
    return int(digits)


def _refusal(text: str, position: int) -> str:
    rest = text[position:]
    if rest.strip(".") == "":
        return "it ends with a dot"
    if rest.startswith((" ", ". ")):
        return f"there is a space before {rest.strip(' .')!r}; quote a name that has one, as in $['my name']"
    if rest.startswith("[?"):
        return f"the filter {rest!r} is not of the form [?(@.name == 'value')]"
    return f"{rest!r} is not a step; write .name, ['name'], [0], [0:2], [*], ..name or [?(@.name == 'value')]"
