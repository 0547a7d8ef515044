"""The schedules of a template that start state machines: at their times in real time, and never in virtual time.

Virtual time passes only inside an execution, so no schedule can be due between two executions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_REGION, MACHINES
from workflow_dsl.records import Record
from workflow_dsl.server.arns import machine_arn
from workflow_dsl.server.event_starts import Start, input_of
from workflow_dsl.server.live.schedule_times import next_time
from workflow_dsl.server.state_machines import new_id

_UNIVERSAL = ":aws-sdk:sfn:startExecution"  # the target of EventBridge Scheduler that is an API call
After = Callable[[float, Callable[[], None]], None]  # does work after so many seconds


class Schedule(Record):
    """A schedule: its expression and time zone, the state machine's ARN, and the input at a moment."""

    name: str
    expression: str
    machine: str
    input_at: Callable[[datetime], str]
    zone: str = "UTC"

    def next(self, after: datetime) -> datetime | None:
        """Return the next time. Raises ValueError or KeyError for an unknown expression or time zone."""
        zone: tzinfo = UTC if self.zone == "UTC" else ZoneInfo(self.zone)
        return next_time(self.expression, after.astimezone(zone))


def begin(schedule: Schedule, start: Start, after: After, now: Callable[[], datetime]) -> None:
    """Start executions at the times of a schedule. Raises ValueError or KeyError as Schedule.next does."""

    def wait_for(moment: datetime | None) -> None:
        if moment is not None:
            seconds = max(0.0, (moment - now()).total_seconds())
            after(seconds, lambda: fire(moment))

    def fire(moment: datetime) -> None:
        start(schedule.machine, schedule.input_at(moment))
        following = schedule.next(moment)
        while following is not None and following <= now():  # passed while the computer slept
            following = schedule.next(following)
        wait_for(following)

    wait_for(schedule.next(now()))


def schedules_of(template: Template) -> Iterator[Schedule]:
    """Yield the enabled schedules of a template whose target is a state machine."""
    for name, rule in template.of_type("AWS::Events::Rule"):
        if rule.get("ScheduleExpression") and _is_enabled(rule):
            yield from _of_rule(name, rule)
    for name, properties in template.of_type("AWS::Scheduler::Schedule"):
        if _is_enabled(properties):
            yield from _of_scheduler(name, properties, dict_or_empty(properties.get("Target")))
    for machine in template.of_types(*MACHINES):
        arn = machine_arn(template.values.name(machine))
        events = dict_or_empty(template.value(machine.properties.get("Events")))
        for name, event in events.items():
            properties = dict_or_empty(event.get("Properties"))
            if _is_enabled(properties):
                yield from _of_event(f"{machine.logical_id}{name}", event.get("Type"), properties, arn)


def _of_rule(name: str, rule: Mapping[str, Any]) -> Iterator[Schedule]:
    for target in rule.get("Targets", ()):
        if _is_machine(target.get("Arn")):
            yield Schedule(name, str(rule["ScheduleExpression"]), target["Arn"], _event_input(name, target))


def _of_event(name: str, type_: object, properties: Mapping[str, Any], machine: str) -> Iterator[Schedule]:
    """The schedule of an event source of SAM."""
    if type_ == "Schedule":
        yield Schedule(name, str(properties.get("Schedule")), machine, _event_input(name, properties))
    elif type_ == "ScheduleV2":
        yield from _of_scheduler(name, properties, {"Arn": machine, "Input": properties.get("Input")})


def _of_scheduler(name: str, schedule: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[Schedule]:
    machine, value = str(target.get("Arn")), target.get("Input")
    if machine.endswith(_UNIVERSAL):
        request = json.loads(value or "{}")
        machine, value = str(request.get("StateMachineArn")), request.get("Input")
    if _is_machine(machine):
        expression, zone = str(schedule.get("ScheduleExpression")), schedule.get("ScheduleExpressionTimezone", "UTC")
        yield Schedule(name, expression, machine, lambda _: value or "{}", str(zone))


def _is_machine(arn: object) -> bool:
    return str(arn).startswith("arn:") and ":stateMachine:" in str(arn)


def _is_enabled(properties: Mapping[str, Any]) -> bool:
    return properties.get("State", "ENABLED") != "DISABLED" and properties.get("Enabled", True) in (True, "true")


def _event_input(name: str, target: Mapping[str, Any]) -> Callable[[datetime], str]:
    """The input of a rule's target: EventBridge's user guide, "Events from scheduled rules"."""

    def input_at(moment: datetime) -> str:
        event = {
            "version": "0",
            "id": new_id(),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": LOCAL_ACCOUNT,
            "time": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": LOCAL_REGION,
            "resources": [f"arn:aws:events:{LOCAL_REGION}:{LOCAL_ACCOUNT}:rule/{name}"],
            "detail": {},
        }
        return input_of(target, event)

    return input_at
