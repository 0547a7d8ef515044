"""How wide a text is, and how it breaks into lines that fit.

The widths are Helvetica's, as its font metrics have them; Arial and Liberation Sans share them. Where another font is
all there is, each text is told its width (SVG's textLength), so that none is ever wider than its box.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_BY_WIDTH = {  # in thousandths of the font's size
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
_WIDTHS = {letter: width for width, letters in _BY_WIDTH.items() for letter in letters}
_BOLD = 1.07
_ELLIPSIS = "\u2026"


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text in a font of a size."""
    return round(sum(map(_width, text)) * size * (_BOLD if bold else 1) / 1000, 1)


def _width(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.combining(letter):
        return 0
    return 1000 if unicodedata.east_asian_width(letter) in "WF" else 700


def lines(text: str, size: float, room: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than the room, at most so many; the last ends with an ellipsis where more is left."""
    found: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _pieces(paragraph, size, room, bold):
            longer = f"{line} {word}" if line else word
            if line and width(longer, size, bold=bold) > room:
                found.append(line)
                line = word
            else:
                line = longer
        found.append(line)
    if len(found) <= most:
        return found
    last = found[most - 1]
    while last and width(last + _ELLIPSIS, size, bold=bold) > room:
        last = last[:-1]
    return [*found[: most - 1], last.rstrip() + _ELLIPSIS]


def _pieces(text: str, size: float, room: float, bold: bool) -> list[str]:
    """The words of a text, those that are wider than the room cut into pieces that are not."""
    pieces = []
    for word in text.split():
        piece = ""
        for letter in word:
            if piece and width(piece + letter, size, bold=bold) > room:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces.append(piece)
    return pieces
