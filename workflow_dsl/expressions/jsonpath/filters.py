"""The expression of a filter, `[?(@.price < 10 && @.isbn)]`: text to nodes.

Source: README ("Filter Operators") and FilterCompiler of json-path/JsonPath.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    Exists,
    Expression,
    Literal,
    Not,
    Operand,
    PathStep,
    Pattern,
)
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.regexes import lazy_regex

_DEEPEST = 20
_OPERATOR = lazy_regex(
    r" *(?P<sign>===|!==|==|!=|<=|>=|=~|<|>)"
    r"|\s+(?P<word>nin|in|contains|all|size|empty|subsetof|anyof|noneof)(?=\s)",
    re.IGNORECASE,
)
_STRING = lazy_regex(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_NUMBER = lazy_regex(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?(?![\w.])")
_PATTERN = lazy_regex(r"/((?:[^/\\]|\\.)*)/([imsxudU]*)(?!\w)", re.DOTALL)
_WORD = lazy_regex(r"[A-Za-z_]\w*")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_JSON_PART = lazy_regex(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\[\]{}]|[^'"\[\]{}]+""", re.DOTALL)
_ESCAPE = lazy_regex(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

StepReader = Callable[[str, int, int], tuple[tuple[PathStep, ...], int]]


def read_filter(text: str, start: int, depth: int, read_steps: StepReader) -> tuple[Expression, int]:
    """Return the expression that begins behind `[?(`, and the position behind `)]`. Raises SyntaxProblem."""
    reader = _Reader(text, start, depth, read_steps)
    expression = reader.any_of()
    reader.expect(")")
    reader.expect("]")
    return expression, reader.position


class _Reader:
    """A recursive descent over the text of a filter; how deep it goes is limited."""

    def __init__(self, text: str, position: int, depth: int, read_steps: StepReader) -> None:
        self.text, self.position, self.depth, self.read_steps = text, position, depth, read_steps
        self.deepen()

    def deepen(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise SyntaxProblem(f"a filter is nested more than {_DEEPEST} levels deep")

    def found(self, token: str) -> bool:
        """Move behind the token if it comes next."""
        while self.text[self.position : self.position + 1] == " ":
            self.position += 1
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def expect(self, token: str) -> None:
        if not self.found(token):
            raise SyntaxProblem(f"{token!r} is missing before {self.rest()!r} in a filter")

    def rest(self) -> str:
        return self.text[self.position :]

    def any_of(self) -> Expression:
        """Any = all ("||" all)*."""
        parts = [self.all_of()]
        while self.found("||"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self) -> Expression:
        """All = term ("&&" term)*."""
        parts = [self.term()]
        while self.found("&&"):
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def term(self) -> Expression:
        """Term = "!" term | "(" any ")" | operand [operator operand]."""
        if self.found("!"):
            self.deepen()
            inner = Not(self.term())
            self.depth -= 1
            return inner
        if self.found("("):
            self.deepen()
            expression = self.any_of()
            self.depth -= 1
            self.expect(")")
            return expression
        left = self.operand()
        operator = _OPERATOR.match(self.text, self.position)
        if operator:
            self.position = operator.end()
            return Comparison(left, (operator["sign"] or operator["word"]).lower(), self.operand())
        if not isinstance(left, Operand):
            raise SyntaxProblem(f"an operator is missing before {self.rest()!r} in a filter")
        return Exists(left)

    def operand(self) -> Literal | Pattern | Operand:
        """Operand = path | string | number | pattern | array | object | word."""
        self.found("")
        first = self.text[self.position : self.position + 1]
        if first in ("@", "$"):
            steps, self.position = self.read_steps(self.text, self.position + 1, self.depth)
            return Operand(first == "@", steps)
        if first in ("[", "{"):
            return Literal(self.json())
        for pattern, make in _LITERALS:
            match = pattern.match(self.text, self.position)
            if match:
                self.position = match.end()
                return make(match)
        raise SyntaxProblem(f"a filter has no path, string, number or pattern before {self.rest()!r}")

    def json(self) -> Json:
        """JSON in which strings may stand in single quotes, as in ['pen', 'ink']."""
        start, open_, parts = self.position, 0, []
        for match in _JSON_PART.finditer(self.text, self.position):
            part = match[0]
            open_ += (part in ("[", "{")) - (part in ("]", "}"))
            parts.append(json.dumps(_unescaped(part[1:-1])) if part[0] in "'\"" else part)
            if open_ == 0:
                self.position = match.end()
                break
        try:
            return json.loads("".join(parts))
        except (ValueError, RecursionError):
            raise SyntaxProblem(f"{self.text[start:]!r} does not begin with a JSON value") from None


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2]), text)


def _string(match: re.Match[str]) -> Literal:
    return Literal(_unescaped(match[1] if match[1] is not None else match[2]))


def _number(match: re.Match[str]) -> Literal:
    whole = match[0].lstrip("-").isdigit()
    if whole and len(match[0]) > 400:
        raise SyntaxProblem("a number in a filter has more than 400 digits")
    return Literal(int(match[0]) if whole else float(match[0]))


def _word(match: re.Match[str]) -> Literal:
    """A word without quotes is a string (aws-samples, step-functions-workflows-collection, parallel-translate)."""
    return Literal(_WORDS.get(match[0], match[0]))


_LITERALS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Literal | Pattern]], ...] = (
    (_STRING, _string),
    (_NUMBER, _number),
    (_PATTERN, lambda match: Pattern(match[1], match[2])),
    (_WORD, _word),
)
