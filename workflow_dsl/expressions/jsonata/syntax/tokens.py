"""The tokens of JSONata 2.0.6, read one by one: a slash is division or a regular expression, as the parser says."""

from __future__ import annotations

from typing import Any, Literal

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

Kind = Literal["operator", "name", "variable", "string", "number", "value", "regex", "end"]

_SPACE = lazy_regex(r"[ \t\n\r\v]*")
_OPERATOR = lazy_regex(r"\.\.|:=|!=|>=|<=|\*\*|~>|[.\[\]{}(),@#;:?+\-*/%|=<>^&!~]")
_NUMBER = lazy_regex(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?")
_WORD = lazy_regex(r"[^ \t\n\r\v.\[\]{}(),@#;:?+\-*/%|=<>^&!~]*")
_HEX = lazy_regex(r"[0-9a-fA-F]{4}")
_FLAGS = lazy_regex("[im]*")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_VALUES = {"true": True, "false": False, "null": None}
_WORD_OPERATORS = ("and", "or", "in")


class Token(Record):
    """A token, its value and its place in the text. The value of a regex is its pattern and its flags."""

    kind: Kind
    value: Any
    position: int


class Tokens:
    """The tokens of a string. Raises Failure for text that is not a token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self, *, operand: bool) -> Token:
        """Return the next token. If an operand may follow, a slash begins a regular expression."""
        self._skip()
        start, text = self._at, self._text
        if start >= len(text):
            return Token("end", "(end)", len(text))
        first = text[start]
        if first == "/" and operand:
            return Token("regex", self._pattern(), start)
        if match := _OPERATOR.match(text, start):
            self._at = match.end()
            return Token("operator", match[0], start)
        if first in "\"'":
            return Token("string", self._string(first), start)
        if match := _NUMBER.match(text, start):
            self._at = match.end()
            return Token("number", _number(match[0]), start)
        return self._quoted_name() if first == "`" else self._word()

    def _skip(self) -> None:
        """Skip white space and comments."""
        while True:
            if match := _SPACE.match(self._text, self._at):
                self._at = match.end()
            if not self._text.startswith("/*", self._at):
                return
            end = self._text.find("*/", self._at + 2)
            if end < 0:
                raise Failure("S0106")
            self._at = end + 2

    def _string(self, quote: str) -> str:
        text, at, parts = self._text, self._at + 1, []
        while True:
            end = at
            while end < len(text) and text[end] not in (quote, "\\"):
                end += 1
            parts.append(text[at:end])
            if end >= len(text):
                raise Failure("S0101")
            if text[end] == quote:
                self._at = end + 1
                return _joined_surrogates("".join(parts))
            character, at = self._escape(end + 1)
            parts.append(character)

    def _escape(self, at: int) -> tuple[str, int]:
        """Return the character of an escape sequence, and the place after it."""
        character = self._text[at : at + 1]
        if character in _ESCAPES:
            return _ESCAPES[character], at + 1
        if character != "u":
            raise Failure("S0103", token=character)
        match = _HEX.match(self._text, at + 1)
        if not match:
            raise Failure("S0104")
        return chr(int(match[0], 16)), match.end()

    def _quoted_name(self) -> Token:
        start = self._at
        end = self._text.find("`", start + 1)
        if end < 0:
            raise Failure("S0105")
        self._at = end + 1
        return Token("name", self._text[start + 1 : end], start)

    def _word(self) -> Token:
        start = self._at
        match = _WORD.match(self._text, start)
        word = match[0] if match else ""
        self._at = start + len(word)
        if word.startswith("$"):
            return Token("variable", word[1:], start)
        if word in _WORD_OPERATORS:
            return Token("operator", word, start)
        return Token("value", _VALUES[word], start) if word in _VALUES else Token("name", word, start)

    def _pattern(self) -> tuple[str, str]:
        """Read a regular expression: it ends at the first slash outside of brackets that is not escaped."""
        text, start, depth = self._text, self._at + 1, 0
        for at in range(start, len(text)):
            character, before = text[at], text[at - 1]
            if character == "/" and depth == 0 and _backslashes_before(text, at) % 2 == 0:
                if at == start:
                    raise Failure("S0301")
                flags = _FLAGS.match(text, at + 1)
                self._at = flags.end() if flags else at + 1
                return text[start:at], flags[0] if flags else ""
            if before != "\\":
                depth += (character in "([{") - (character in ")]}")
        raise Failure("S0302")


def _backslashes_before(text: str, at: int) -> int:
    return len(text[:at]) - len(text[:at].rstrip("\\"))


def _number(text: str) -> int | float:
    number = float(text)
    if number == float("inf"):
        raise Failure("S0102", token=text)
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _joined_surrogates(text: str) -> str:
    r"""Return text in which two escapes such as \uD83D\uDE00 are one character."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
