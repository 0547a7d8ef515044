"""Signatures of functions, such as `<s-n?:b>`: how arguments are checked and completed.

Grammar: docs.jsonata.org, "Function Signatures". A signature is a regular expression over one letter an argument.
"""

from __future__ import annotations

import re
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.values import ARRAYS, UNDEFINED
from workflow_dsl.records import Record

_ANY, _JSON = "asnblfom", "asnblom"
_LETTERS: dict[type, str] = {
    str: "s",
    int: "n",
    float: "n",
    bool: "b",
    type(None): "l",
    dict: "o",
    type(UNDEFINED): "m",
    **dict.fromkeys(ARRAYS, "a"),
}
_NAMES = {"a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings"}


def letter_of(value: Any) -> str:
    """Return the letter of a value's type: `s` for a string, `m` for undefined, `f` for a function."""
    return _LETTERS.get(type(value), "f")


class _Parameter(Record, frozen=False):
    type: str
    letters: str
    suffix: str = ""
    takes_context: bool = False
    subtype: str | None = None


class Signature:
    """A parsed signature. Raises Failure S0401 or S0402."""

    def __init__(self, text: str) -> None:
        self._parameters = _parameters(text)
        self._is_plain: dict[str, bool] = {}

    @property
    def most(self) -> int | None:
        """The largest number of arguments; None for a function that takes any number."""
        return None if any(part.suffix == "+" for part in self._parameters) else len(self._parameters)

    def arguments(self, given: list[Any], context: Any) -> list[Any]:
        """Return the arguments as the function takes them. Raises Failure T0410, T0411 or T0412."""
        letters = "".join([_LETTERS.get(type(value), "f") for value in given])
        if letters not in self._is_plain:
            if len(self._is_plain) > 1_000:
                self._is_plain.clear()
            self._is_plain[letters] = self._takes_as_they_are(letters)
        return given if self._is_plain[letters] else self._completed(given, letters, context)

    def _takes_as_they_are(self, letters: str) -> bool:
        return len(letters) == len(self._parameters) and all(
            letter in part.letters and (part.type != "a" or (letter in "am" and part.subtype is None) or letter == "m")
            for letter, part in zip(letters, self._parameters, strict=True)
        )

    def _completed(self, given: list[Any], letters: str, context: Any) -> list[Any]:
        pattern = "".join(f"([{part.letters}]{part.suffix})" for part in self._parameters)
        match = re.fullmatch(pattern, letters)
        if match is None:
            raise self._mismatch(letters)
        complete: list[Any] = []
        at = 0
        for number, part in enumerate(self._parameters, 1):
            taken = match[number]
            if not taken and part.takes_context:
                if letter_of(context) not in part.letters:
                    raise Failure("T0411", value=context, index=at + 1)
                complete.append(context)
            elif not taken:
                complete.append(given[at] if at < len(given) else UNDEFINED)
                at += 1
            elif part.type == "a":
                for letter in taken:
                    complete.append(_array(given[at], letter, taken, part, at))
                    at += 1
            else:  # every value of a repeated parameter is its first one, as in the reference
                complete += [given[at]] * len(taken)
                at += len(taken)
        return complete

    def _mismatch(self, letters: str) -> Failure:
        pattern, good = "", 0
        for part in self._parameters:
            pattern += f"[{part.letters}]{part.suffix}"
            match = re.match(pattern, letters)
            if match is None:
                break
            good = match.end()
        return Failure("T0410", index=good + 1)


def _array(value: Any, letter: str, taken: str, part: _Parameter, at: int) -> Any:
    """An argument of type array: a single value becomes an array of one."""
    if letter == "m":
        return UNDEFINED
    if part.subtype is not None:
        first = part.subtype[:1]
        fits = all(letter_of(item) == first for item in value) if letter == "a" else taken == part.subtype
        if not fits:
            raise Failure("T0412", value=value, index=at + 1, type=_NAMES.get(part.subtype, part.subtype))
    return value if letter == "a" else [value]


def _parameters(text: str) -> list[_Parameter]:
    """The parameters of a signature, up to the colon before the type of the result."""
    parameters: list[_Parameter] = []
    at = 1
    while at < len(text) and text[at] != ":":
        sign, at = text[at], at + 1
        if sign == "<":
            at = _add_subtype(parameters, text, at)
        elif sign == "(":
            end = text.find(")", at)
            end = len(text) if end < 0 else end
            parameters.append(_choice(text[at:end]))
            at = end + 1
        elif sign in "-?+":
            _add_suffix(parameters, sign)
        elif sign in _LETTERS_OF:
            parameters.append(_Parameter(sign, _LETTERS_OF[sign]))
    return parameters


_LETTERS_OF = {**{sign: f"{sign}m" for sign in "snblo"}, "a": _ANY, "x": _ANY, "f": "f", "j": _JSON}


def _choice(types: str) -> _Parameter:
    if "<" in types:
        raise Failure("S0402")
    return _Parameter(f"({types})", f"{re.sub('[^a-z]', '', types)}m")


def _add_suffix(parameters: list[_Parameter], sign: str) -> None:
    if parameters:
        last = parameters[-1]
        last.takes_context = last.takes_context or sign == "-"
        last.suffix = last.suffix or sign.replace("-", "?")


def _add_subtype(parameters: list[_Parameter], text: str, at: int) -> int:
    """Read a type in angle brackets, and return the place after it."""
    if not parameters or parameters[-1].type not in ("a", "f"):
        raise Failure("S0401")
    depth, start = 1, at
    while at < len(text) and depth:
        depth += (text[at] == "<") - (text[at] == ">")
        at += 1
    parameters[-1].subtype = text[start : at - 1]
    return at
