"""The width of a string in Helvetica, and line breaks that keep it within a width.

The widths are those of Helvetica's font metrics, which Arial and Liberation Sans share. For any other font, each line
in the SVG has its textLength, so that no line is ever wider than its box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from workflow_dsl.regexes import lazy_regex

_BY_WIDTH = {  # in thousandths of the font size
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckszvxy",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_WIDTHS = {letter: units for units, letters in _BY_WIDTH.items() for letter in letters}
_BOLD = 1.07
_MOST_IN_LINE = 500  # characters: letters without width, such as accents, would have no end
_ELLIPSIS = "\u2026"


@lru_cache(maxsize=4096)
def text_width(line: str, size: float, *, bold: bool = False) -> float:
    """The width of one line at a font size, in the same unit."""
    return round(sum(map(_letter_width, line)) * size * (_BOLD if bold else 1) / 1000, 1)


def _letter_width(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter):
        return 0
    return 1000 if unicodedata.east_asian_width(letter) in "WF" else 700


def wrap(text: str, size: float, max_width: float, max_lines: int, *, bold: bool = False) -> list[str]:
    """Break a string into at most `max_lines` lines of at most `max_width`; an ellipsis marks what was cut off."""
    lines: list[str] = []
    for paragraph in text[: _MOST_IN_LINE * (max_lines + 1)].split("\n"):
        line = ""
        for word, is_rest in _words(paragraph, size, max_width, bold):
            longer = f"{line}{'' if is_rest else ' '}{word}" if line else word
            if line and text_width(longer, size, bold=bold) > max_width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    if len(lines) <= max_lines:
        return lines
    last = lines[max_lines - 1]
    while last and text_width(last + _ELLIPSIS, size, bold=bold) > max_width:
        last = last[:-1]
    return [*lines[: max_lines - 1], last.rstrip() + _ELLIPSIS]


_PARTS = lazy_regex(
    r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z0-9]+[^A-Za-z0-9]*|[^A-Za-z0-9]+|.", re.DOTALL
)  # GetItem: Get, Item


def _words(text: str, size: float, max_width: float, bold: bool) -> Iterator[tuple[str, bool]]:
    """The words of a string, and whether each goes on a word: one wider than `max_width` is cut into its parts.

    A part begins at a capital or after a sign, as in GetItem, get_item and get-item; one that is too wide is cut too.
    """
    for word in text.split():
        fits = text_width(word, size, bold=bold) <= max_width
        pieces = [word] if fits else _cut(_PARTS.findall(word), size, max_width, bold)
        yield from ((piece, index > 0) for index, piece in enumerate(pieces))


def _cut(parts: list[str], size: float, max_width: float, bold: bool) -> list[str]:
    """The parts, with one that is wider than `max_width` cut into letters."""
    return [
        piece for part in parts for piece in ([part] if text_width(part, size, bold=bold) <= max_width else list(part))
    ]
