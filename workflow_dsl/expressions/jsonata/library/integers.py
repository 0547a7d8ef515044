"""$formatInteger and $parseInteger: integers by a picture, as digits, letters, Roman numerals or words.

Pictures: XPath and XQuery Functions, "fn:format-integer", which docs.jsonata.org refers to.
"""

from __future__ import annotations

import math
import re
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.library.words import number_of_words, words_of_number
from workflow_dsl.expressions.jsonata.text import number_text
from workflow_dsl.expressions.jsonata.values import UNDEFINED, as_number
from workflow_dsl.records import Record, replace

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_ZEROS = (
    *(0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6),
    *(0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40),
    *(0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10),
)
LONGEST_PICTURE = 1_000  # characters; our own limit
_LARGEST_ROMAN = 1_000_000
_KINDS = {"A": "letters", "a": "letters", "I": "roman", "i": "roman", "W": "words", "w": "words", "Ww": "words"}


class IntegerPicture(Record):
    """A picture: how an integer is written."""

    text: str
    kind: str  # decimal, letters, roman, words or sequence
    is_ordinal: bool = False
    zero: int = 0x30
    mandatory: int = 0
    optional: int = 0
    separators: tuple[tuple[int, str], ...] = ()  # place from the right, and the character
    every: int = 0  # digits between separators, if they repeat

    def widened(self, digits: int) -> IntegerPicture:
        """Return the picture with that many mandatory digits."""
        return replace(self, mandatory=digits)


def analyse(picture: str) -> IntegerPicture:
    """Return a parsed picture. Raises Failure D3131."""
    if len(picture) > LONGEST_PICTURE:
        raise Failure("memory")
    primary, semicolon, modifier = picture.rpartition(";")
    if not semicolon:
        primary, modifier = picture, ""
    is_ordinal = modifier.startswith("o")
    if primary in _KINDS:
        return IntegerPicture(primary, _KINDS[primary], is_ordinal)
    zeros, digits, optional, separators = set(), 0, 0, []
    for character in reversed(primary):
        zero = next((zero for zero in _ZEROS if zero <= ord(character) <= zero + 9), None)
        if zero is not None:
            zeros.add(zero)
            digits += 1
        elif character == "#":
            optional += 1
        else:
            separators.append((digits + optional, character))
    if len(zeros) > 1:
        raise Failure("D3131")
    if not zeros:
        return IntegerPicture(primary, "sequence", is_ordinal)
    every = _repeat(separators)
    return IntegerPicture(primary, "decimal", is_ordinal, zeros.pop(), digits, optional, tuple(separators), every)


def _repeat(separators: list[tuple[int, str]]) -> int:
    """The distance of separators that are one character at regular places; 0 for others."""
    if len({character for _, character in separators}) != 1:
        return 0
    places = [place for place, _ in separators]
    factor = math.gcd(*places)
    return factor if all(number * factor in places for number in range(1, len(places) + 1)) else 0


def format_integer(value: Any, picture: Any) -> Any:
    """$formatInteger"""
    return value if value is UNDEFINED else formatted(math.floor(value), analyse(picture))


def formatted(value: int, picture: IntegerPicture) -> str:
    """Return an integer as a picture writes it. Raises Failure D3130."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    is_upper = picture.text in ("A", "I", "W")
    if picture.kind == "decimal":
        return sign + _digits(size, picture)
    if picture.kind == "letters":
        text = _letters(size)
    elif picture.kind == "roman":
        text = _roman(size)
    elif picture.kind == "words":
        text = words_of_number(size, picture.is_ordinal)
        text = text if picture.text == "Ww" else text.lower()
    else:
        raise Failure("D3130", value=picture.text)
    return sign + (text.upper() if is_upper else text)


def _digits(value: int, picture: IntegerPicture) -> str:
    text = number_text(value).rjust(picture.mandatory, "0")
    if picture.zero != 0x30:
        text = "".join(chr(ord(digit) + picture.zero - 0x30) for digit in text)
    separators = list(picture.separators)
    if picture.every:
        count = (len(text) - 1) // picture.every
        separators = [(number * picture.every, picture.separators[0][1]) for number in range(1, count + 1)]
    for place, character in reversed(separators):
        at = len(text) - place
        text = f"{text[: max(at, 0)]}{character}{text[at:]}"
    if not picture.is_ordinal:
        return text
    suffix = {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")
    return text + ("th" if text[-2:-1] == "1" else suffix)


def _letters(value: int) -> str:
    text = ""
    while value > 0:
        value, letter = divmod(value - 1, 26)
        text = chr(ord("a") + letter) + text
    return text


def _roman(value: int) -> str:
    if value > _LARGEST_ROMAN:
        raise Failure("memory")
    text = "m" * (value // 1000)
    value %= 1000
    for number, numeral in _ROMAN:
        text += numeral * (value // number)
        value %= number
    return text


def parse_integer(text: Any, picture: Any) -> Any:
    """$parseInteger"""
    return text if text is UNDEFINED else parsed(text, analyse(picture))


def parsed(text: str, picture: IntegerPicture) -> int | float:
    """Return the integer that a picture reads from a string; NaN if it is not one. Raises Failure D3130."""
    if picture.kind == "letters":
        return _letters_value(text, "A" if picture.text == "A" else "a")
    if picture.kind == "roman":
        return _roman_value(text if picture.text == "I" else text.upper())
    if picture.kind == "words":
        return number_of_words(text.lower())
    if picture.kind == "sequence":
        raise Failure("D3130", value=picture.text)
    digits = text[:-2] if picture.is_ordinal else text
    for separator in {","} if picture.every else {character for _, character in picture.separators}:
        digits = digits.replace(separator, "")
    if picture.zero != 0x30:
        digits = "".join(chr(max(ord(digit) - picture.zero + 0x30, 0)) for digit in digits)
    match = re.match(r"\s*([-+]?[0-9]+)", digits, re.ASCII)
    return as_number(int(match[1][:400])) if match else math.nan


def _letters_value(text: str, first: str) -> int:
    value = 0
    for letter in text[:64]:
        value = value * 26 + ord(letter) - ord(first) + 1
    return value


def _roman_value(text: str) -> int | float:
    values = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
    total, largest = 0, 1
    for letter in reversed(text):
        if letter not in values:
            return math.nan
        value = values[letter]
        total += -value if value < largest else value
        largest = max(largest, value)
    return total


def pattern_of(picture: IntegerPicture, width: int | None) -> str:
    """Return a regular expression for the texts of a picture. Raises Failure D3130."""
    is_upper = picture.text in ("A", "I")
    if picture.kind == "letters":
        return "[A-Z]+" if is_upper else "[a-z]+"
    if picture.kind == "roman":
        return "[MDCLXVI]+" if is_upper else "[mdclxvi]+"
    if picture.kind == "words":
        return "[a-z, -]+"
    if picture.kind == "sequence":
        raise Failure("D3130", value=picture.text)
    least = f"{width - picture.optional}," if width and picture.optional else ""
    count = f"{{{least}{width}}}" if width and width > 0 else "+"
    return f"[0-9]{count}{'(?:th|st|nd|rd)' if picture.is_ordinal else ''}"
