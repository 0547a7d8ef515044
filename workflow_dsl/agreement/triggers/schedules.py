"""The expressions of schedules: rate(), cron() and at()."""

from __future__ import annotations

import re

from workflow_dsl.findings import did_you_mean
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex


class _Field(Record):
    """A field of a cron expression: its lowest and highest value, and the names of its values."""

    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()
    extra: str = r"(?!)"  # what else it may be

    @property
    def values(self) -> str:
        """The values as a message lists them."""
        named = f", or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return f"{self.lowest} to {self.highest}{named}"


# EventBridge user guide, "Cron expressions", "Fields".
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31, extra=r"\?|LW?|L-\d+|\d+W"),
    _Field("month", 1, 12, tuple("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())),
    _Field("day of the week", 1, 7, tuple("SUN MON TUE WED THU FRI SAT".split()), r"\?|\w*L|\w+#\d"),
    _Field("year", 1970, 2199),
)


def _is_field(text: str, field: _Field) -> bool:
    """True for a list of values, ranges and steps of a field, or for one of its wildcards."""
    return all(_is_item(item, field) for item in text.upper().split(","))


def _is_item(item: str, field: _Field) -> bool:
    if re.fullmatch(field.extra, item):
        return True
    values, slash, step = item.partition("/")
    if slash and not step.isdecimal():
        return False
    return values == "*" or (bool(values) and all(_is_value(each, field) for each in values.split("-", 1)))


def _is_value(value: str, field: _Field) -> bool:
    is_number = value.isdecimal() and len(value) < 5
    return value in field.names or (is_number and field.lowest <= int(value) <= field.highest)


_RATE = lazy_regex(r"rate\((\d+) (minute|hour|day)(s?)\)")
_AT = lazy_regex(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")


def schedule_remedy(expression: str, *, of_rule: bool) -> str:
    """Return the remedy of a schedule's wrong expression; "" for a right one.

    EventBridge user guide, "Cron expressions" and "Rate expressions"; EventBridge Scheduler user guide, "Schedule
    types": it takes a plural after 1, too, and a single time by at().
    """
    rate, cron = _RATE.fullmatch(expression), re.fullmatch(r"cron\((.*)\)", expression)
    if rate:
        number, unit, plural = rate.groups()
        is_right = int(number) > 0 and (not of_rule or (int(number) == 1) != bool(plural))
        return "" if is_right else f"write rate({max(1, int(number))} {unit}{'s' if int(number) > 1 else ''})"
    if cron:
        fields = cron[1].split()
        if len(fields) != 6:
            return "write six fields: cron(minutes hours day-of-month month day-of-week year)"
        wrong = next((each for each in zip(fields, _FIELDS, strict=True) if not _is_field(*each)), None)
        if wrong:
            return f"write another {wrong[1].name} than {wrong[0]}: {wrong[1].values}"
        return "" if "?" in (fields[2], fields[4]) else "write ? for the day of the month, or for that of the week"
    if not of_rule and _AT.fullmatch(expression):
        return ""
    return "write rate(5 minutes) or cron(0 8 * * ? *)" + ("" if of_rule else ", or at(2030-01-31T08:00:00)")


def zone_remedy(zone: str) -> str:
    """Return the remedy of a time zone that nearly has the name of one; "" for a known one, or another text."""
    from zoneinfo import ZoneInfo, available_timezones  # lazy import: 2 ms, and few schedules name a zone

    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # of a name, of a text that is no name, of a folder
        is_offset = zone.upper().startswith(("UTC", "GMT"))
        return "" if is_offset else did_you_mean(zone, available_timezones())  # all names take longer than one
    return ""
