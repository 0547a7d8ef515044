"""Functions of dates and times. Their numbers are milliseconds since 1970, in UTC."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.library.calendar import DAY, DAYS, MONTHS, Moment, days_of
from workflow_dsl.expressions.jsonata.library.date_parsing import parse_date
from workflow_dsl.expressions.jsonata.library.date_pictures import Marker, analyse_date
from workflow_dsl.expressions.jsonata.library.integers import analyse, formatted
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.values import UNDEFINED
from workflow_dsl.regexes import lazy_regex

_ISO_PICTURE = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
_ISO = lazy_regex(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(?:T([0-2]\d):([0-5]\d):([0-5]\d))?(?:\.(\d+))?(?:([+-])([0-2]\d):?([0-5]\d)|Z)?",
    re.ASCII,
)


def millis(run: Run) -> int:
    """$millis"""
    return _millis(run.now())


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def now(run: Run, picture: Any, timezone: Any) -> Any:
    """$now"""
    return from_millis(_millis(run.now()), picture, timezone)


def from_millis(value: Any, picture: Any, timezone: Any) -> Any:
    """$fromMillis"""
    if value is UNDEFINED:
        return value
    parts = analyse_date(_ISO_PICTURE if picture is UNDEFINED else picture)
    if all(isinstance(part, str) for part in parts):
        return "".join(map(str, parts))
    hours, minutes = _offset(timezone)
    if not math.isfinite(value):
        raise Failure("D1001", value=None)
    moment = Moment(math.trunc(value) + (60 * hours + minutes) * 60_000)
    if not moment.is_valid:
        raise Failure("D1001", value=value)
    return "".join(part if isinstance(part, str) else _component(moment, part, hours, minutes) for part in parts)


def _offset(timezone: Any) -> tuple[int, int]:
    """The hours and minutes of an offset such as +0530. As in the reference, -0530 is six hours and a half."""
    if timezone is UNDEFINED:
        return 0, 0
    match = re.match(r"\s*([-+]?[0-9]{1,9})", timezone)
    if match is None:
        raise Failure("timezone", value=timezone)
    offset = int(match[1])
    return offset // 100, int(math.fmod(offset, 100))


def _component(moment: Moment, marker: Marker, hours: int, minutes: int) -> str:
    component = marker.component
    if component in "Zz":
        return _zone(marker, hours, minutes)
    if component in "CE":
        return "ISO"
    value = moment.part(component)
    if component == "P":
        text = ("am", "pm")[value]
        return text.upper() if marker.names == "upper" else text
    if marker.names is not None and component != "f":
        return _name(marker, value)
    if component == "Y" and marker.width is not None:
        value = (value % 10**marker.width) if value >= 0 else -(-value % 10**marker.width)
    return formatted(value, marker.integer or analyse("1"))


def _name(marker: Marker, value: int) -> str:
    names = {"M": MONTHS, "x": MONTHS, "F": DAYS}.get(marker.component)
    if names is None:
        raise Failure("D3133", value=marker.component)
    name = names[value - 1]
    cased = {"upper": name.upper(), "lower": name.lower()}.get(str(marker.names), name)
    return cased if marker.most is None else cased[: marker.most]


def _zone(marker: Marker, hours: int, minutes: int) -> str:
    offset, picture = hours * 100 + minutes, marker.integer or analyse("01:01")
    digits = picture.mandatory
    if offset == 0 and marker.modifier == "t":
        return "Z"
    if picture.every or digits in (3, 4):
        text = formatted(offset, picture)
    elif digits in (1, 2):
        text = formatted(hours, picture) + (f":{formatted(minutes, analyse('00'))}" if minutes else "")
    else:
        raise Failure("D3134", value=digits)
    return f"{'GMT' if marker.component == 'z' else ''}{'+' if offset >= 0 else ''}{text}"


def to_millis(run: Run, text: Any, picture: Any) -> Any:
    """$toMillis"""
    if text is UNDEFINED:
        return text
    if picture is not UNDEFINED:
        return parse_date(text, picture, lambda: Moment(_millis(run.now())))
    match = _ISO.fullmatch(text)
    value = None if match is None else _iso_millis(*match.groups())
    if value is None:
        raise Failure("D3110", value=text)
    return value


def _iso_millis(*parts: str | None) -> int | None:
    """The milliseconds of a timestamp; None if it has a month, day or hour that does not exist."""
    year, month, day, hour, minute, second = (
        int(part or fallback) for part, fallback in zip(parts, (0, 1, 1, 0, 0, 0), strict=False)
    )
    fraction, sign, offset_hours, offset_minutes = parts[6:]
    if parts[3] is None and (fraction or offset_hours):
        return None
    midnight = hour == 24 and minute == second == 0 and not int(fraction or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31 and (hour <= 23 or midnight)):
        return None
    time = ((hour * 60 + minute) * 60 + second) * 1000 + int(((fraction or "") + "000")[:3])
    offset = (int(offset_hours or 0) * 60 + int(offset_minutes or 0)) * (-1 if sign == "-" else 1)
    return days_of(year, month, day) * DAY + time - offset * 60_000
