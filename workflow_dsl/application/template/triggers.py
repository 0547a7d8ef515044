"""What starts a state machine or calls a function beside a state: schedules, events, queues, APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.application.template.model import Template
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.application.template.values import Resource, as_list, dict_or_empty, references
from workflow_dsl.definition.json import Json


class Trigger(NamedTuple):
    """What starts a resource: its kind, the name it has in the template, and when: `rate(1 hour), DISABLED`."""

    target: str
    kind: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}{f': {self.detail}' if self.detail else ''}"


def triggers_of(template: Template) -> list[Trigger]:
    """Everything that starts a state machine or calls a function of the template, in its order."""
    started = {each.logical_id for each in template.of_types(*MACHINES, *FUNCTIONS)}
    return [
        trigger
        for resource in template.resources.values()
        for trigger in (*_own_events(template, resource), *_from(template, resource))
        if trigger.target in started
    ]


def _own_events(template: Template, resource: Resource) -> Iterator[Trigger]:
    """The Events of a SAM resource."""
    if resource.type not in (*MACHINES, *FUNCTIONS):
        return
    for name, event in dict_or_empty(resource.properties.get("Events")).items():
        kind = str(dict_or_empty(event).get("Type"))
        properties = dict_or_empty(template.value(dict_or_empty(dict_or_empty(event).get("Properties"))))
        yield Trigger(resource.logical_id, kind, name, _detail(kind, properties))
    if "FunctionUrlConfig" in resource.properties:
        yield Trigger(resource.logical_id, "FunctionUrl", resource.logical_id)


def _from(template: Template, resource: Resource) -> Iterator[Trigger]:
    """The targets of a resource that starts others."""
    where = _STARTERS.get(resource.type)
    if where:
        properties = dict_or_empty(template.value(dict(resource.properties)))
        kind = resource.type.rpartition("::")[2]
        for field in where:
            for name in dict.fromkeys(references(resource.properties.get(field))):
                yield Trigger(name, kind, resource.logical_id, _detail(kind, properties))


_STARTERS = {
    "AWS::ApiGateway::Method": ("Integration",),
    "AWS::ApiGatewayV2::Integration": ("IntegrationUri", "RequestParameters"),
    "AWS::Events::Rule": ("Targets",),
    "AWS::IoT::TopicRule": ("TopicRulePayload",),
    "AWS::Lambda::EventSourceMapping": ("FunctionName",),
    "AWS::Lambda::Permission": ("FunctionName",),
    "AWS::Lambda::Url": ("TargetFunctionArn",),
    "AWS::Pipes::Pipe": ("Target", "Enrichment"),
    "AWS::S3::Bucket": ("NotificationConfiguration",),
    "AWS::SNS::Subscription": ("Endpoint",),
    "AWS::Scheduler::Schedule": ("Target",),
    "AWS::Serverless::Api": ("DefinitionBody", "Auth"),
    "AWS::Serverless::HttpApi": ("DefinitionBody", "Auth"),
    "AWS::StepFunctions::StateMachineAlias": ("RoutingConfiguration", "DeploymentPreference"),
}


def _detail(kind: str, properties: Mapping[str, Json]) -> str:
    """When it happens, in few words."""
    if kind in ("Api", "HttpApi", "Method"):
        method = str(properties.get("Method", properties.get("HttpMethod", "ANY"))).upper()
        return f"{method} {properties.get('Path', '')}".strip()
    expression = properties.get("Schedule", properties.get("ScheduleExpression"))
    said = [str(expression)] if expression else []
    said += [pattern] if (pattern := _pattern(properties.get("Pattern", properties.get("EventPattern")))) else []
    said += [str(properties[name]).rpartition(":")[2] for name in _SOURCES if isinstance(properties.get(name), str)]
    enabled = properties.get("State", properties.get("Enabled"))
    return ", ".join([*said, *(["disabled"] if str(enabled) in ("DISABLED", "False", "false") else [])])


_SOURCES = ("Queue", "Topic", "Bucket", "Stream", "EventSourceArn", "TopicArn", "Source", "Principal")


def _pattern(pattern: Json) -> str:
    """What an event pattern looks for: `aws.s3, Object Created`."""
    found = [each for name in ("source", "detail-type") for each in as_list(dict_or_empty(pattern).get(name))]
    return ", ".join(str(each) for each in found)
