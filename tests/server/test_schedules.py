"""live/schedules.py and live/schedule_times.py: times of expressions, and the executions that start at them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.project import find_project
from workflow_dsl.server.live.schedule_times import next_time
from workflow_dsl.server.live.schedules import Schedule, begin, schedules_of

SUNDAY = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
PREFIX = "arn:aws:states:us-east-1:111111111111:stateMachine"


@pytest.mark.parametrize(
    ("expression", "time"),
    [
        ("rate(1 minute)", "2026-11-29T02:01"),
        ("rate(12 hours)", "2026-11-29T14:00"),
        ("rate(7 days)", "2026-12-06T02:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-30T08:00"),
        ("cron(0/25 2 * * ? *)", "2026-11-29T02:25"),
        ("cron(0 2 * * ? *)", "2026-11-30T02:00"),
        ("cron(15 10 ? * 6L *)", "2026-12-25T10:15"),
        ("cron(0 0 ? * 6#2 *)", "2026-12-11T00:00"),
        ("cron(0 0 L * ? *)", "2026-11-30T00:00"),
        ("cron(0 9 1W AUG ? *)", "2027-08-02T09:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00"),
        ("cron(0 22 ? * FRI-MON *)", "2026-11-29T22:00"),
        ("cron(0 0 1 1 ? 2025)", None),
        ("at(2027-01-01T08:00:00)", "2027-01-01T08:00"),
        ("at(2026-01-01T08:00:00)", None),
    ],
)
def test_the_next_time_of_an_expression(expression: str, time: str | None) -> None:
    found = next_time(expression, SUNDAY)
    assert (found and found.strftime("%Y-%m-%dT%H:%M")) == time


@pytest.mark.parametrize("text", ["daily", "rate(0 days)", "rate(2 weeks)", "cron(0 8 * * *)", "cron(60 8 * * ? *)"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        next_time(text, SUNDAY)


def test_a_cron_has_the_hours_of_its_time_zone() -> None:
    after = SUNDAY.astimezone(ZoneInfo("Europe/Berlin"))
    assert next_time("cron(0 8 * * ? *)", after) == datetime(2026, 11, 29, 7, 0, tzinfo=UTC)


RESOURCES = {
    "Order": {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {
            "Name": "order",
            "Definition": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
            "Events": {
                "Hourly": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)", "Input": "[1]"}},
                "Off": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)", "Enabled": False}},
                "Daily": {"Type": "ScheduleV2", "Properties": {"ScheduleExpression": "rate(1 day)"}},
            },
        },
    },
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": "minutely",
            "ScheduleExpression": "rate(1 minute)",
            "Targets": [{"Id": "a", "Arn": {"Ref": "Order"}}],
        },
    },
    "Call": {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Name": "call",
            "ScheduleExpression": "at(2026-11-29T02:00:30)",
            "ScheduleExpressionTimezone": "UTC",
            "Target": {
                "Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
                "Input": json.dumps({"StateMachineArn": f"{PREFIX}:order", "Input": "[2]"}),
            },
        },
    },
}


def test_the_schedules_of_a_template_start_their_state_machine_at_their_times(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(json.dumps({"Resources": RESOURCES}))
    template = read_application(find_project(tmp_path)).template
    clock, alarms, started = [SUNDAY], [], []  # type: ignore[var-annotated]

    def after(seconds: float, work: Callable[[], None]) -> None:
        alarms.append((clock[0] + timedelta(seconds=seconds), len(alarms), work))

    def start(machine: str, value: str) -> None:
        event: Any = json.loads(value)
        shown = [event["detail-type"], event["time"]] if isinstance(event, dict) and event else event
        started.append((clock[0].strftime("%H:%M:%S"), machine.rpartition(":")[2], shown))

    for schedule in schedules_of(template):
        begin(schedule, start, after, lambda: clock[0])
    while (alarm := min(alarms))[0] < SUNDAY + timedelta(minutes=3):
        alarms.remove(alarm)
        clock[0] = alarm[0]
        alarm[2]()
    assert started == [
        ("02:00:30", "order", [2]),
        ("02:01:00", "order", ["Scheduled Event", "2026-11-29T02:01:00Z"]),
        ("02:02:00", "order", ["Scheduled Event", "2026-11-29T02:02:00Z"]),
    ]
    assert sorted(alarm[0] - SUNDAY for alarm in alarms)[1:] == [timedelta(hours=1), timedelta(days=1)]


def test_the_times_at_which_the_computer_slept_start_one_execution() -> None:
    clock, alarms, started = [SUNDAY], [], []

    def after(seconds: float, work: Callable[[], None]) -> None:
        alarms.append((clock[0] + timedelta(seconds=seconds), work))

    schedule = Schedule("minutely", "rate(1 minute)", f"{PREFIX}:order", lambda _: "{}")
    begin(schedule, lambda *_: started.append(clock[0]), after, lambda: clock[0])
    clock[0] = SUNDAY + timedelta(hours=8, seconds=30)
    alarms.pop()[1]()
    [(moment, _)] = alarms
    assert (started, moment) == ([clock[0]], SUNDAY + timedelta(hours=8, minutes=1))
