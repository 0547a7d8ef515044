"""The triggers of state machines and functions: schedules, events, queues, APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, references
from workflow_dsl.application.template.model import Template
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.application.template.values import Resource
from workflow_dsl.definition.json import Json


class Trigger(NamedTuple):
    """A trigger of a resource: its kind, its name in the template, and its details, as `rate(1 hour), disabled`."""

    target: str
    kind: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}{f': {self.detail}' if self.detail else ''}"


def triggers_of(template: Template) -> list[Trigger]:
    """The triggers of the template's state machines and functions, in the template's order."""
    targets = {resource.logical_id for resource in template.of_types(*MACHINES, *FUNCTIONS)}
    return [
        trigger
        for resource in template.resources.values()
        for trigger in (*_events_of(template, resource), *_triggered_by(template, resource))
        if trigger.target in targets
    ]


def _events_of(template: Template, resource: Resource) -> Iterator[Trigger]:
    """The triggers of a SAM resource in its own Events."""
    if resource.type not in (*MACHINES, *FUNCTIONS):
        return
    for name, event in dict_or_empty(resource.properties.get("Events")).items():
        kind = str(dict_or_empty(event).get("Type"))
        properties = dict_or_empty(template.value(dict_or_empty(dict_or_empty(event).get("Properties"))))
        yield Trigger(resource.logical_id, kind, name, _detail(kind, properties))
    if "FunctionUrlConfig" in resource.properties:
        yield Trigger(resource.logical_id, "FunctionUrl", resource.logical_id)


def _triggered_by(template: Template, resource: Resource) -> Iterator[Trigger]:
    """The triggers that a resource is for others."""
    fields = _TARGET_FIELDS.get(resource.type)
    if fields:
        properties = dict_or_empty(template.value(dict(resource.properties)))
        kind = resource.type.rpartition("::")[2]
        for field in fields:
            body = resource.properties.get(field) if field in ("Body", "DefinitionBody") else None
            for name in dict.fromkeys(references(resource.properties.get(field))):
                detail = _routes(body, name) if body else _detail(kind, properties)
                yield Trigger(name, kind, resource.logical_id, detail)


def _routes(document: Json, name: str) -> str:
    """The routes of an OpenAPI document that lead to a resource: `POST /orders, GET /orders`."""
    routes = [
        f"{method.upper().replace('X-AMAZON-APIGATEWAY-ANY-METHOD', 'ANY')} {path}"
        for path, methods in dict_or_empty(dict_or_empty(document).get("paths")).items()
        for method, operation in dict_or_empty(methods).items()
        if name in references(operation)
    ]
    return ", ".join(routes)


_TARGET_FIELDS = {
    "AWS::ApiGateway::Method": ("Integration",),
    "AWS::ApiGateway::RestApi": ("Body",),
    "AWS::ApiGatewayV2::Api": ("Body",),
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
    """The route, schedule, pattern or source of a trigger."""
    if kind in ("Api", "HttpApi", "Method"):
        method = str(properties.get("Method", properties.get("HttpMethod", "ANY"))).upper()
        return f"{method} {properties.get('Path', '')}".strip()
    expression = properties.get("Schedule", properties.get("ScheduleExpression"))
    details = [str(expression)] if expression else []
    details += [pattern] if (pattern := _pattern(properties.get("Pattern", properties.get("EventPattern")))) else []
    details += [str(properties[name]).rpartition(":")[2] for name in _SOURCES if isinstance(properties.get(name), str)]
    return ", ".join([*details, *(["disabled"] if is_disabled(properties) else [])])


def is_disabled(properties: Mapping[str, Json]) -> bool:
    """True for an event, rule, schedule or pipe that is off; a reference in its properties says nothing."""
    states = [properties.get(name) for name in ("State", "Enabled", "DesiredState")]
    return any(str(state) in ("DISABLED", "STOPPED", "False", "false") for state in states)


_SOURCES = ("Queue", "Topic", "Bucket", "Stream", "EventSourceArn", "TopicArn", "Source", "Principal")


def _pattern(pattern: Json) -> str:
    """The sources and detail types of an event pattern: `aws.s3, Object Created`."""
    values = [value for name in ("source", "detail-type") for value in as_list(dict_or_empty(pattern).get(name))]
    return ", ".join(str(value) for value in values)
