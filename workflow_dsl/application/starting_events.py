"""The input that rules, schedules and pipes of a template, and the events of SAM, give a state machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, references
from workflow_dsl.application.template.resource_types import QUALIFIED_MACHINES
from workflow_dsl.application.template.triggers import is_disabled
from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.shape import UNKNOWN, Shape, joined
from workflow_dsl.shapes.sources.events import event_shape, pipe_shape, rule_shape, schedule_shape

_RULE, _SCHEDULE, _PIPE = "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Pipes::Pipe"
_ROLE, _POLICIES = "AWS::IAM::Role", ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")


def input_of_events(template: Template, machine: TemplateMachine) -> Shape:
    """Return the shape of the inputs that a machine's events give it.

    It is UNKNOWN without events that are enabled, where a condition decides what they give, and where another resource
    may start the machine too: what refers to it, but a rule, a schedule, a pipe, their roles, and what only watches it.
    """
    shapes = [*_of_sam(template, machine)]
    names = aliases_of(template, machine.logical_id)
    referrers = {each.logical_id: each for name in names for each in template.referrers(name)}
    for resource in referrers.values():
        if resource.logical_id in names:
            continue
        if resource.type in _STARTERS and not _is_decided_by_condition(resource):
            if not is_disabled(resource.properties):  # by a parameter it may be on
                shapes += _STARTERS[resource.type](template, resource, names)
        elif not _is_watching(resource) and not _is_of_starters(template, resource) and _may_start(resource, names):
            return UNKNOWN
    return UNKNOWN if any(shape.parts is None for shape in shapes) else joined(shapes) if shapes else UNKNOWN


def aliases_of(template: Template, machine: str) -> list[str]:
    """The logical ID of a state machine, and those of its versions and aliases."""
    names = [machine]
    for name in names:
        others = (each for each in template.referrers(name) if each.type in QUALIFIED_MACHINES)
        names += [each.logical_id for each in others if each.logical_id not in names]
    return names


def _is_decided_by_condition(starter: Resource) -> bool:
    """True if a condition decides a property, other than those that say whether and when an event comes."""
    deciding = {name: value for name, value in starter.properties.items() if name not in _ABOUT_TIME}
    return "Fn::If" in json.dumps(deciding, default=str)


_ABOUT_TIME = ("State", "DesiredState", "Name", "Description", "FlexibleTimeWindow")


def _is_watching(resource: Resource) -> bool:
    return resource.type in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Logs::SubscriptionFilter")


def _may_start(resource: Resource, names: list[str]) -> bool:
    """False for what refers to a state machine only in statements that let nobody start it."""
    return not {*names}.isdisjoint(references(_without_others(dict(resource.properties))))


def _without_others(value: Json) -> Json:
    """A value without the statements of policies that only allow to answer tasks or to look at executions."""
    if isinstance(value, list):
        return [_without_others(each) for each in value]
    if not isinstance(value, dict):
        return value
    actions = as_list(value.get("Action"))
    if actions and all(isinstance(each, str) and each.lower().startswith(_NO_STARTS) for each in actions):
        return None
    return {name: _without_others(each) for name, each in value.items()}


_NO_STARTS = tuple(f"states:{verb}" for verb in ("sendtask", "describe", "get", "list", "stop"))


def _is_of_starters(template: Template, resource: Resource) -> bool:
    """True for a role that only rules, schedules and pipes use, and for a policy of such roles."""
    if resource.type in _POLICIES:
        names = references([resource.properties.get(field) for field in ("Roles", "RoleName")])
        roles = [template.resources[name] for name in names if name in template.resources]
        others = [resource.properties.get(field) for field in ("Users", "Groups")]
        users = [each for each in template.referrers(resource.logical_id) if each not in roles]
        return bool(roles) and not any(others) and all(_is_of_starters(template, each) for each in (*roles, *users))
    if resource.type != _ROLE:
        return False
    users = [each for each in template.referrers(resource.logical_id) if each.type not in _POLICIES]
    return bool(users) and all(each.type in _STARTERS for each in users)


def _of_sam(template: Template, machine: TemplateMachine) -> Iterator[Shape]:
    for name, event in dict_or_empty(machine.properties.get("Events")).items():
        about = dict_or_empty(event)
        properties = _values(template, about.get("Properties"))
        if not is_disabled(dict_or_empty(about.get("Properties"))):
            yield event_shape(str(about.get("Type")), properties, f"the event {name}")


def _of_rule(template: Template, rule: Resource, names: list[str]) -> Iterator[Shape]:
    properties = _values(template, rule.properties)
    written = as_list(rule.properties.get("Targets"))
    targets = as_list(properties.get("Targets"))
    if len(written) != len(targets):
        yield UNKNOWN
    for target, resolved in zip(written, targets, strict=False):
        if not {*names}.isdisjoint(references(dict_or_empty(target).get("Arn"))):
            yield rule_shape(dict_or_empty(resolved), properties, f"the rule {rule.logical_id}")


def _of_schedule(template: Template, schedule: Resource, names: list[str]) -> Iterator[Shape]:
    target = dict_or_empty(schedule.properties.get("Target"))
    is_direct = not {*names}.isdisjoint(
        references(target.get("Arn"))
    )  # not by the universal target, whose Input names the machine
    values = _values(template, schedule.properties.get("Target"))
    yield schedule_shape(values, f"the schedule {schedule.logical_id}") if is_direct else UNKNOWN


def _of_pipe(template: Template, pipe: Resource, names: list[str]) -> Iterator[Shape]:
    properties = _values(template, pipe.properties)
    is_direct = not {*names}.isdisjoint(references(pipe.properties.get("Target")))
    is_target = is_direct and "Enrichment" not in properties
    source = service_of_source(template, pipe.properties.get("Source"))
    yield pipe_shape(properties, source, f"the pipe {pipe.logical_id}") if is_target else UNKNOWN


def service_of_source(template: Template, source: Json) -> str:
    """The service of a queue or stream, as ARNs name it: sqs, kinesis, dynamodb; "" if it is not known."""
    resource = next((template.resources[name] for name in references(source) if name in template.resources), None)
    if resource is not None:
        return _SOURCES.get(resource.type, "")
    parts = source.split(":") if isinstance(source, str) else []
    return parts[2] if len(parts) > 2 else ""


_SOURCES = {
    "AWS::SQS::Queue": "sqs",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
}


def _values(template: Template, properties: Json) -> Mapping[str, Json]:
    return dict_or_empty(template.value(dict(dict_or_empty(properties))))


_STARTERS = {_RULE: _of_rule, _SCHEDULE: _of_schedule, _PIPE: _of_pipe}
