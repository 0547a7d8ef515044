"""schedules.py: the expressions of schedules."""

from __future__ import annotations

import pytest

from workflow_dsl.agreement.triggers.schedules import schedule_remedy

SIX = "write six fields: cron(minutes hours day-of-month month day-of-week year)"
DAY = "write ? for the day of the month, or for that of the week"
FORMS = "write rate(5 minutes) or cron(0 8 * * ? *)"


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
        ("at(2030-01-31T08:00:00)", FORMS, ""),
        ("at(2030-01-31 08:00)", FORMS, f"{FORMS}, or at(2030-01-31T08:00:00)"),
    ],
)
def test_a_wrong_expression_has_a_remedy(expression: str, of_rule: str, of_schedule: str) -> None:
    assert schedule_remedy(expression, of_rule=True) == of_rule
    assert schedule_remedy(expression, of_rule=False) == of_schedule
