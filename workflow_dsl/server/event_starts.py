"""Events that start state machines: rules of EventBridge in moto, with those of the template.

moto delivers events to queues, logs and buses; here its rules start executions too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from typing import Any

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import BUCKET, BUS, MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.server.arns import machine_arn

Start = Callable[[str, str], None]  # of an execution: the state machine's ARN, and the input as JSON
_VARIABLE = lazy_regex(r"<([\w.-]+)>")
_PARTS = lazy_regex(r'"(?:[^"\\]|\\.)*"|[^"]+')  # strings of a template, and what is between them
_PATTERNED = ("EventBridgeRule", "CloudWatchEvent")
_DELIVERED = ("states", "sqs", "logs", "events")  # services that an event in moto gets to


@contextmanager
def rules_start(start: Start) -> Iterator[None]:
    """Let moto's rules start executions."""
    from moto.events import models

    moto_rule: Any = models.Rule
    original = moto_rule.send_to_targets

    def send_to_targets(rule: Any, event: Any, transform_input: bool = True) -> None:
        own = [target for target in rule.targets if _service(target) == "states"]
        if own and rule.event_pattern.matches_event(event):
            for target in own:
                start(target["Arn"], input_of(target, _as_sent(event)))
        others = copy(rule)
        others.targets = [target for target in rule.targets if target not in own]
        original(others, event, transform_input)

    moto_rule.send_to_targets = send_to_targets  # moto has no other way in
    try:
        yield
    finally:
        moto_rule.send_to_targets = original


def _service(target: Mapping[str, Json]) -> str:
    parts = str(target.get("Arn")).split(":")
    return parts[2] if len(parts) > 2 else ""


def _as_sent(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with its time as text: moto keeps a number."""
    time = event.get("time")
    if not isinstance(time, (int, float)):
        return dict(event)
    return {**event, "time": datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def input_of(target: Mapping[str, Any], event: Json) -> str:
    """Return the input, as JSON, that a target of a rule gets of an event.

    EventBridge's user guide, "Amazon EventBridge input transformation"; API reference, Target.
    """
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_read_or_none(target["InputPath"], event))
    transformer = dict_or_empty(target.get("InputTransformer"))
    if not transformer:
        return json.dumps(event)
    paths = dict_or_empty(transformer.get("InputPathsMap"))
    values = {name: _read_or_none(path, event) for name, path in paths.items()}
    return "".join(_filled(part, values) for part in _PARTS.findall(str(transformer.get("InputTemplate", ""))))


def _read_or_none(path: str, event: Json) -> Json:
    try:
        return parse_path(path).read(event, dict, {})
    except Exception:  # a path that is wrong, or that leads to nothing
        return None


def _filled(part: str, values: Mapping[str, Json]) -> str:
    """A part of a template with its variables: in a string as text, elsewhere as JSON."""
    in_string = part.startswith('"')

    def value(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        text = json.dumps(value)
        if not in_string:
            return text
        return text[1:-1] if isinstance(value, str) else json.dumps(text)[1:-1]

    return _VARIABLE.sub(value, part)


def create_rules(client: Callable[[str], Any], template: Template) -> None:
    """Create the template's buses and rules in moto, and let its buckets send their events."""
    for name, _ in template.of_type(BUS):
        client("events").create_event_bus(Name=name)
    for name, properties in template.of_type("AWS::Events::Rule"):
        targets = [target for target in properties.get("Targets", ()) if _service(target) in _DELIVERED]
        _put_rule(client, name, properties, targets)
    for machine in template.of_types(*MACHINES):
        target = {"Id": "Target", "Arn": machine_arn(template.values.name(machine))}
        events = dict_or_empty(template.value(machine.properties.get("Events")))
        for name, event in events.items():
            properties = dict_or_empty(event.get("Properties"))
            inputs = {field: properties[field] for field in ("Input", "InputPath") if field in properties}
            pattern = properties.get("Pattern") if event.get("Type") in _PATTERNED else None
            if pattern is not None:
                rule = {**properties, "EventPattern": pattern}
                _put_rule(client, f"{machine.logical_id}{name}", rule, [{**target, **inputs}])
    for name, properties in template.of_type(BUCKET):
        if "EventBridgeConfiguration" in dict_or_empty(properties.get("NotificationConfiguration")):
            configuration: dict[str, Json] = {"EventBridgeConfiguration": {}}
            client("s3").put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)


def _put_rule(client: Callable[[str], Any], name: str, rule: Mapping[str, Json], targets: list[Any]) -> None:
    fields: dict[str, Json] = {"Name": name}
    if rule.get("EventPattern") is not None:
        fields["EventPattern"] = json.dumps(rule["EventPattern"])
    if rule.get("ScheduleExpression"):
        fields["ScheduleExpression"] = rule["ScheduleExpression"]
    bus = {"EventBusName": rule["EventBusName"]} if rule.get("EventBusName") else {}
    client("events").put_rule(**fields, **bus, State=rule.get("State", "ENABLED"))
    kept = ("Id", "Arn", "Input", "InputPath", "InputTransformer", "SqsParameters")
    chosen = [{field: target[field] for field in kept if field in target} for target in targets]
    if chosen:
        client("events").put_targets(Rule=name, Targets=chosen, **bus)
