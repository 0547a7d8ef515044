"""Pictures of dates and times: `[Y0001]-[M01]-[D01]`.

XPath and XQuery Functions, "fn:format-dateTime", as docs.jsonata.org, "Date/Time processing", takes it over.
"""

from __future__ import annotations

import re

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.library.integers import LONGEST_PICTURE, IntegerPicture, analyse
from workflow_dsl.records import Record

_DEFAULTS = {
    **dict.fromkeys("YMDdWwXxHhf", "1"),
    **dict.fromkeys("FPCE", "n"),
    **dict.fromkeys("ms", "01"),
    **dict.fromkeys("Zz", "01:01"),
}
_INTEGERS = "YMDdFWwXxHhmsf"
_CALENDAR = "YMD"  # parts whose width says how many digits they have


class Marker(Record):
    """A part in brackets: the component, and how it is written."""

    component: str
    names: str | None = None  # lower, upper or title
    modifier: str | None = None
    most: int | None = None  # the greatest width
    integer: IntegerPicture | None = None
    width: int | None = None  # digits of a year, month or day; None if any number


def analyse_date(picture: str) -> list[str | Marker]:
    """Return the parts of a picture: text, and markers. Raises Failure D3131, D3132 or D3135."""
    if len(picture) > LONGEST_PICTURE:
        raise Failure("memory")
    parts: list[str | Marker] = []
    start = at = 0
    while at < len(picture):
        if picture[at] != "[":
            at += 1
            continue
        if at > start:
            parts.append(picture[start:at].replace("]]", "]"))
        if picture.startswith("[[", at):
            parts.append("[")
            start = at = at + 2
            continue
        end = picture.find("]", at)
        if end < 0:
            raise Failure("D3135")
        parts.append(_marker(re.sub(r"\s+", "", picture[at + 1 : end])))
        start = at = end + 1
    if at > start:
        parts.append(picture[start:at].replace("]]", "]"))
    return parts


def _marker(text: str) -> Marker:
    component, body = text[:1], text[1:]
    body, comma, widths = body.rpartition(",")
    if not comma:
        body, widths = widths, ""
    modifier = None
    if len(body) > 1 and body[-1] in "atco":
        body, modifier = body[:-1], body[-1]
    presentation = body or _DEFAULTS.get(component)
    if presentation is None or component not in _DEFAULTS:
        raise Failure("D3132", value=component)
    least, most = _widths(widths)
    names = _names(presentation)
    integer = width = None
    if component in "Zz":
        integer = analyse(presentation)
    elif names is None and component in _INTEGERS:
        integer = analyse(f"{presentation};{modifier}" if modifier else presentation)
        integer = integer.widened(least) if least and 0 < integer.mandatory < least else integer
        if component in _CALENDAR:
            digits = integer.mandatory + integer.optional
            width = most if most is not None else digits if digits >= 2 else None
            integer = integer.widened(most) if most is not None else integer
    return Marker(component, names, modifier, most, integer, width)


def _names(presentation: str) -> str | None:
    if presentation[0] == "n":
        return "lower"
    if presentation[0] == "N":
        return "title" if presentation[1:2] == "n" else "upper"
    return None


def _widths(text: str) -> tuple[int | None, int | None]:
    least, _, most = text.partition("-")
    return _width(least), _width(most)


def _width(text: str) -> int | None:
    match = re.match(r"[0-9]{1,4}", text)
    return int(match[0]) if match else None
