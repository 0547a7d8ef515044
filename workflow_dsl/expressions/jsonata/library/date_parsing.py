"""A date and time read by its picture: `$toMillis("15/03/2024", "[D01]/[M01]/[Y0001]")`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.library.calendar import DAY, DAYS, MONTHS, Moment, days_of
from workflow_dsl.expressions.jsonata.library.date_pictures import Marker, analyse_date
from workflow_dsl.expressions.jsonata.library.integers import parsed, pattern_of
from workflow_dsl.expressions.jsonata.values import UNDEFINED

_DATE_PARTS = "YXMxWwdD"
_TIME_PARTS = "PHhmsf"
_DATES = (("YMD", "YMD"), ("Yd", "YD"), ("Xxw", "XxwF"), ("XW", "XWF"))  # what a picture may have, what it needs
_TIMES = (("Hmsf", "Hmsf"), ("Phmsf", "Phmsf"))


def parse_date(text: str, picture: str, now: Callable[[], Moment]) -> Any:
    """Return the milliseconds of a string; undefined if the picture does not match. Raises Failure D3133 or D3136.

    What stands before the first part of the picture is as now; what stands after the last one is the least.
    """
    parts = analyse_date(picture)
    pattern = "".join(f"({re.escape(part) if isinstance(part, str) else _pattern(part)})" for part in parts)
    match = re.fullmatch(pattern, text, re.IGNORECASE | re.ASCII)
    if match is None:
        return UNDEFINED
    values = {
        part.component: _value(part, found)
        for part, found in zip(parts, match.groups(), strict=True)
        if isinstance(part, Marker)
    }
    return _millis(values, now) if values else UNDEFINED


def _pattern(marker: Marker) -> str:
    if marker.component in "Zz":
        gmt = "GMT" if marker.component == "z" else ""
        separator = _separator(marker)
        return rf"{gmt}[-+][0-9]+{f'{re.escape(separator)}[0-9]+' if separator else ''}"
    if marker.integer is not None:
        return pattern_of(marker.integer, marker.width)
    if marker.component not in "MxFP":
        raise Failure("D3133", value=marker.component)
    return "[a-zA-Z]+"


def _separator(marker: Marker) -> str:
    return marker.integer.separators[0][1] if marker.integer and marker.integer.every else ""


def _value(marker: Marker, text: str) -> int | float | None:
    if marker.component in "Zz":
        return _zone(text.removeprefix("GMT") if marker.component == "z" else text, _separator(marker))
    if marker.integer is not None:
        return parsed(text, marker.integer)
    if marker.component == "P":
        return {"am": 0, "AM": 0, "pm": 1, "PM": 1}.get(text)
    names = DAYS if marker.component == "F" else MONTHS
    return {name[: marker.most or None]: number for number, name in enumerate(names, 1)}.get(text)


def _zone(text: str, separator: str) -> int:
    """The minutes of an offset. The sign is that of the hours alone."""
    if separator:
        hours, _, minutes = text.partition(separator)
    else:
        hours, minutes = (text, "") if len(text) <= 3 else (text[:3], text[3:])
    return int(hours) * 60 + int(minutes or 0)


def _millis(values: dict[str, Any], now: Callable[[], Moment]) -> Any:
    date = _needed(values, _DATE_PARTS, _DATES)
    time = _needed(values, _TIME_PARTS, _TIMES)
    _complete(values, date + time, now)
    if date in ("XxwF", "XWF"):
        raise Failure("D3136")
    if any(isinstance(value, float) and math.isnan(value) for value in values.values()):
        return math.nan
    year = values["Y"] + (1900 if 0 <= values["Y"] <= 99 else 0)
    days = days_of(year, 1, values["d"]) if date == "YD" else days_of(year, max(values["M"] or 0, 1), values["D"])
    hour = values["h"] % 12 + 12 * (values["P"] == 1) if time == "Phmsf" else values["H"]
    clock = ((hour * 60 + values["m"]) * 60 + values["s"]) * 1000 + values["f"]
    return days * DAY + clock - (values.get("Z") or values.get("z") or 0) * 60_000


def _needed(values: dict[str, Any], order: str, kinds: tuple[tuple[str, str], ...]) -> str:
    """The parts that the parts of a picture are completed to: of the first kind that has them all."""
    present = {part for part in order if values.get(part)}
    for has, needs in kinds:
        if present and present <= set(has):
            return needs
    return kinds[0][1]


def _complete(values: dict[str, Any], parts: str, now: Callable[[], Moment]) -> None:
    is_started = is_ended = False
    for part in parts:
        if values.get(part) is not None:
            is_started = True
            if is_ended:
                raise Failure("D3136")
        elif is_started:
            values[part] = int(part in "MDd")
            is_ended = True
        else:
            values[part] = now().part(part)
