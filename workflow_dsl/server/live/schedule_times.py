"""The times of schedule expressions: `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)` and `at(2027-01-01T08:00:00)`.

EventBridge Scheduler's user guide, "Schedule types in EventBridge Scheduler"; EventBridge's user guide, "Setting a
schedule pattern for scheduled rules (legacy) in Amazon EventBridge".
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from workflow_dsl.regexes import lazy_regex

_EXPRESSION = lazy_regex(r"(rate|cron|at)\((.*)\)")
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = dict(zip("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), range(1, 13), strict=True))
_DAYS = dict(zip("SUN MON TUE WED THU FRI SAT".split(), range(1, 8), strict=True))
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 1, 7),
    ("year", 1970, 2199),
)
_MOST_DAYS = 366 * 30  # that are searched for the next time


def next_time(expression: str, after: datetime) -> datetime | None:
    """Return the first time after a moment, None if there is none; `after` has the time zone of the schedule.

    A rate counts from that moment. Raises ValueError for a string that is not a schedule expression.
    """
    match = _EXPRESSION.fullmatch(expression.strip())
    if match is None:
        raise ValueError(f"{expression!r} is not rate(...), cron(...) or at(...)")
    kind, content = match[1], match[2].strip()
    if kind == "rate":
        return after + _period(content)
    if kind == "at":
        moment = datetime.fromisoformat(content).replace(tzinfo=after.tzinfo)
        return moment if moment > after else None
    return next(_cron_times(content, after), None)


def _period(text: str) -> timedelta:
    number, _, unit = text.partition(" ")
    seconds = _UNITS.get(unit.strip().removesuffix("s"))
    if not number.isdecimal() or int(number) == 0 or seconds is None:
        raise ValueError(f"rate({text}) is not a number of minutes, hours or days")
    return timedelta(seconds=int(number) * seconds)


def _cron_times(text: str, after: datetime) -> Iterator[datetime]:
    fields = text.upper().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"cron({text}) does not have six fields")
    minutes, hours, _, months, _, years = (
        frozenset() if name in ("day", "weekday") else frozenset(_numbers(field, low, high, _MONTHS))
        for field, (name, low, high) in zip(fields, _FIELDS, strict=True)
    )
    day = after.date()
    for _ in range(_MOST_DAYS):
        if day.year > max(years):
            return
        if day.year in years and day.month in months and _is_day(day, fields[2], fields[4]):
            times = (time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
            moments = (datetime.combine(day, clock_time, after.tzinfo) for clock_time in times)
            yield from (moment for moment in moments if moment > after)
        day += timedelta(days=1)


def _is_day(day: date, of_month: str, of_week: str) -> bool:
    is_of_month = of_month in ("*", "?") or any(_is_day_of_month(day, part) for part in of_month.split(","))
    return is_of_month and (of_week in ("*", "?") or any(_is_weekday(day, part) for part in of_week.split(",")))


def _is_day_of_month(day: date, part: str) -> bool:
    last = monthrange(day.year, day.month)[1]
    if part == "L":
        return day.day == last
    if part.endswith("W"):  # the nearest weekday, in the same month
        wanted = day.replace(day=last if part == "LW" else min(int(part[:-1]), last))
        shift = {5: -1 if wanted.day > 1 else 2, 6: 1 if wanted.day < last else -2}.get(wanted.weekday(), 0)
        return day == wanted + timedelta(days=shift)
    return day.day in _numbers(part, 1, 31, {})


def _is_weekday(day: date, part: str) -> bool:
    number = day.isoweekday() % 7 + 1  # Sunday is 1
    if part == "L":
        return number == 7
    if part.endswith("L"):
        return number == _number(part[:-1], _DAYS) and day.day + 7 > monthrange(day.year, day.month)[1]
    if "#" in part:
        weekday, _, which = part.partition("#")
        return number == _number(weekday, _DAYS) and (day.day - 1) // 7 + 1 == int(which)
    return number in _numbers(part, 1, 7, _DAYS)


def _numbers(field: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    """The numbers that a field means: a list of numbers, ranges and steps."""
    numbers: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = low if first in ("*", "?") else _number(first, names)
        end = _number(last, names) if last else high if step or first in ("*", "?") else begin
        if not low <= begin <= high or not low <= end <= high or (step and int(step) < 1):
            raise ValueError(f"{field!r} is outside of {low} to {high}")
        span_of = range(begin, end + 1) if begin <= end else [*range(begin, high + 1), *range(low, end + 1)]
        numbers.update(list(span_of)[:: int(step or 1)])
    return numbers


def _number(text: str, names: dict[str, int]) -> int:
    return names[text] if text in names else int(text)
