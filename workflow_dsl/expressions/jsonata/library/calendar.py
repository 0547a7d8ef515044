"""The calendar: days, weeks and months of any year that JavaScript has, which are more than Python's datetime has."""

from __future__ import annotations

from workflow_dsl.records import Record

DAY = 86_400_000  # milliseconds
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
_LATEST = 8_640_000_000_000_000


def days_of(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date. Months count from 1; those beyond 12 are in later years."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    shifted = year - (month <= 2)
    era, of_era = divmod(shifted, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468 + day - 1


def first_week(year: int, month: int) -> int:
    """Return the day with which the first week of a month begins: the Monday of the week with its first Thursday."""
    first = days_of(year, month, 1)
    weekday = (first + 3) % 7  # 0 is Monday
    return first + 7 - weekday if weekday > 3 else first - weekday


class Moment(Record):
    """A moment in UTC, in milliseconds since 1970."""

    millis: int

    @property
    def is_valid(self) -> bool:
        """True for a moment that JavaScript has."""
        return abs(self.millis) <= _LATEST

    def part(self, component: str) -> int:
        """Return a component of a picture: Y, M, D and so on."""
        day, time = divmod(self.millis, DAY)
        year, month, date = _civil(day)
        if component in "WwXx":
            return _week_part(component, day, year, month)
        return {
            "Y": year,
            "M": month,
            "D": date,
            "d": day - days_of(year, 1, 1) + 1,
            "F": (day + 3) % 7 + 1,
            "H": time // 3_600_000,
            "h": (time // 3_600_000 + 11) % 12 + 1,
            "P": time // 43_200_000,
            "m": time // 60_000 % 60,
            "s": time // 1000 % 60,
            "f": time % 1000,
        }[component]


def _civil(days: int) -> tuple[int, int, int]:
    era, of_era = divmod(days + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def _week_part(component: str, day: int, year: int, month: int) -> int:
    """The week in the year or month, and the year or month that the week belongs to."""
    step = 12 if component in "WX" else 1
    own = month if step == 1 else 1
    offset = 0
    if day < first_week(year, own):
        offset = -step
    elif day >= first_week(year, own + step):
        offset = step
    if component == "X":
        return year + offset // 12
    if component == "x":
        return (own + offset - 1) % 12 + 1
    return (day - first_week(year, own + offset)) // 7 + 1
