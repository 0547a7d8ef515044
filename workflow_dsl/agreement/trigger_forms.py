"""The events of SAM's state machines, and the rules and schedules that start one: their forms and their expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import finding_at, template_uses_macros
from workflow_dsl.agreement.starters import STARTERS
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_RULE, _SCHEDULE = "AWS::Events::Rule", "AWS::Scheduler::Schedule"
# The events of a state machine, each with the properties that it needs (SAM guide, "StateMachine EventSource").
_EVENTS: Mapping[str, tuple[str, ...]] = {
    "Api": ("Path", "Method"),
    "CloudWatchEvent": ("Pattern",),
    "EventBridgeRule": ("Pattern",),
    "Schedule": (),
    "ScheduleV2": (),
}


class _Problem(Record):
    """A mistake in a trigger: the keys to it in the template, what is wrong, and the remedy."""

    keys: Keys
    message: str
    remedy: str


def wrong_triggers(application: Application) -> Iterator[Finding]:
    """Events, rules and schedules that AWS or SAM refuses: the deployment fails, or the trigger never starts it."""
    template = application.template
    if template_uses_macros(template):
        return
    for machine in template.of_types("AWS::Serverless::StateMachine"):
        for problem in _of_events(template, machine):
            yield _found(application, machine.logical_id, problem)
    for resource in template.of_types(_RULE, _SCHEDULE):
        _, starts = STARTERS[resource.type]
        starting = (name for start in starts(resource) for name in references(start.machine))
        if any(name in template.resources and template.resources[name].type in MACHINES for name in starting):
            problems = _of_rule(template, resource) if resource.type == _RULE else _of_schedule(template, resource)
            for problem in problems:
                yield _found(application, resource.logical_id, problem)


def _found(application: Application, name: str, problem: _Problem) -> Finding:
    message = f"{name}: {problem.message}"
    return finding_at(application, "SCHEMA_VALIDATION_FAILED", problem.keys, message, problem.remedy)


def _of_events(template: Template, machine: Resource) -> Iterator[_Problem]:
    for name, event in dict_or_empty(machine.properties.get("Events")).items():
        fields = dict_or_empty(event)
        kind, properties = str(fields.get("Type")), dict_or_empty(fields.get("Properties"))
        keys: Keys = ("Resources", machine.logical_id, "Properties", "Events", name)
        if kind not in _EVENTS:
            remedy = did_you_mean(kind, _EVENTS) or f"write one of {', '.join(_EVENTS)}"
            yield _Problem((*keys, "Type"), f"its event {name} has the type {kind}, which SAM does not have", remedy)
            continue
        if is_intrinsic(properties):
            continue
        own: Keys = (*keys, "Properties")
        for missing in (each for each in _EVENTS[kind] if each not in properties):
            yield _Problem(own, f"its event {name} of the type {kind} has no {missing}", f"add {missing}")
        yield from _wrong_pattern(own, "Pattern", properties)
        yield from _wrong_input(template, own, properties)
        field = "ScheduleExpression" if kind == "ScheduleV2" else "Schedule"
        yield from _wrong_schedule(template, own, field, properties, of_rule=kind == "Schedule")


def _of_rule(template: Template, rule: Resource) -> Iterator[_Problem]:
    """API reference of EventBridge, "PutRule" and "Target"."""
    own: Keys = ("Resources", rule.logical_id, "Properties")
    if not {"EventPattern", "ScheduleExpression"} & rule.properties.keys():
        yield _Problem(own, "it has no EventPattern and no ScheduleExpression", "add one of them")
    yield from _wrong_pattern(own, "EventPattern", rule.properties)
    yield from _wrong_schedule(template, own, "ScheduleExpression", rule.properties, of_rule=True)
    for index, target in enumerate(as_list(rule.properties.get("Targets"))):
        fields, at = dict_or_empty(target), (*own, "Targets", index)
        if fields and not is_intrinsic(fields) and "Id" not in fields:
            yield _Problem(at, "its target has no Id", "add Id: a name for the target")
        yield from _wrong_input(template, at, fields)


def _of_schedule(template: Template, schedule: Resource) -> Iterator[_Problem]:
    own: Keys = ("Resources", schedule.logical_id, "Properties")
    yield from _wrong_schedule(template, own, "ScheduleExpression", schedule.properties, of_rule=False)


def _wrong_pattern(keys: Keys, field: str, properties: Mapping[str, Json]) -> Iterator[_Problem]:
    """A field of an event pattern with a plain value: it takes a list (EventBridge user guide, "Event patterns")."""
    waiting: list[tuple[Keys, Json]] = [((*keys, field), properties.get(field))]
    while waiting:
        at, pattern = waiting.pop()
        fields = dict_or_empty(pattern)
        for name, value in {} if is_intrinsic(fields) else fields.items():
            if isinstance(value, dict):
                waiting.append(((*at, name), value))
            elif not isinstance(value, list):
                yield _Problem((*at, name), f"{name} in its event pattern is not a list", f"write {name}: [{value}]")


def _wrong_input(template: Template, keys: Keys, properties: Mapping[str, Json]) -> Iterator[_Problem]:
    """An Input that is not JSON: EventBridge refuses its target (API reference, "Target").

    EventBridge Scheduler replaces <aws.scheduler.attempt-number> and others first (its user guide, "Adding context
    attributes").
    """
    text = template.known(properties.get("Input"))
    if isinstance(text, str) and "<aws.scheduler." not in text:
        try:
            json.loads(text)
        except ValueError:
            yield _Problem((*keys, "Input"), "its Input is not JSON", 'write JSON, as \'{"name": "value"}\'')


def _wrong_schedule(
    template: Template, keys: Keys, field: str, properties: Mapping[str, Json], *, of_rule: bool
) -> Iterator[_Problem]:
    expression = template.known(properties.get(field))
    remedy = schedule_remedy(expression, of_rule=of_rule) if isinstance(expression, str) else ""
    if remedy:
        yield _Problem((*keys, field), f"its schedule {expression} is not valid", remedy)


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
        return "" if "?" in (fields[2], fields[4]) else "write ? for the day of the month, or for that of the week"
    if not of_rule and _AT.fullmatch(expression):
        return ""
    return "write rate(5 minutes) or cron(0 8 * * ? *)" + ("" if of_rule else ", or at(2030-01-31T08:00:00)")
