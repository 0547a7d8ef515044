"""schedules.py: the expressions of schedules."""

from __future__ import annotations

import pytest

from workflow_dsl.agreement.triggers.schedules import schedule_remedy, zone_remedy

SIX = "write six fields: cron(minutes hours day-of-month month day-of-week year)"
DAY = "write ? for the day of the month, or for that of the week"
FORMS = "write rate(5 minutes) or cron(0 8 * * ? *)"


RIGHT_FIELDS = [
    "0/5 8-17 ? JAN,MAR MON-FRI 2025-2030",
    "0 12 L * ? *",
    "0 10 ? * 6#3 *",
    "0 9 1W * ? *",
    "0 9 ? * 6L *",
]
WRONG_FIELDS = [
    ("60 3 * * ? *", "write another minute than 60: 0 to 59"),
    ("0 25 * * ? *", "write another hour than 25: 0 to 23"),
    ("0 3 32 * ? *", "write another day of the month than 32: 1 to 31"),
    ("0 3 * MARCH ? *", "write another month than MARCH: 1 to 12, or JAN to DEC"),
    ("0 3 ? * MO-FR *", "write another day of the week than MO-FR: 1 to 7, or SUN to SAT"),
]


@pytest.mark.parametrize(
    ("expression", "of_rule", "of_schedule"),
    [
        ("rate(1 minute)", "", ""),
        ("rate(12 hours)", "", ""),
        ("rate(1 hours)", "write rate(1 hour)", ""),
        ("rate(2 day)", "write rate(2 days)", ""),
        ("rate(0 minutes)", "write rate(1 minute)", "write rate(1 minute)"),
        ("rate(5 min)", FORMS, f"{FORMS}, or at(2030-01-31T08:00:00)"),
        ("5 minutes", FORMS, f"{FORMS}, or at(2030-01-31T08:00:00)"),
        ("cron(0 8 * * ? *)", "", ""),
        ("cron(0/15 8 ? * MON-FRI 2030)", "", ""),
        ("cron(0 8 * * *)", SIX, SIX),
        ("cron(0 8 * * * *)", DAY, DAY),
        *((f"cron({fields})", "", "") for fields in RIGHT_FIELDS),
        *((f"cron({fields})", remedy, remedy) for fields, remedy in WRONG_FIELDS),
        ("at(2030-01-31T08:00:00)", FORMS, ""),
        ("at(2030-01-31 08:00)", FORMS, f"{FORMS}, or at(2030-01-31T08:00:00)"),
    ],
)
def test_a_wrong_expression_has_a_remedy(expression: str, of_rule: str, of_schedule: str) -> None:
    assert schedule_remedy(expression, of_rule=True) == of_rule
    assert schedule_remedy(expression, of_rule=False) == of_schedule


@pytest.mark.parametrize(
    ("zone", "remedy"),
    [("Europe/Berln", 'did you mean "Europe/Berlin"?'), ("Europe/Berlin", ""), ("UTC+02:00", ""), ("Mars", "")],
)
def test_a_misspelt_time_zone_has_a_remedy(zone: str, remedy: str) -> None:
    assert zone_remedy(zone) == remedy
