"""The events of SAM's resources, and the rules and schedules that start a state machine: forms and expressions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from workflow_dsl.agreement.common import Problem, certain, found, is_whole, template_uses_macros
from workflow_dsl.agreement.triggers.api_integrations import INTEGRATING, integrations_of, problems_of
from workflow_dsl.agreement.triggers.event_patterns import wrong_pattern
from workflow_dsl.agreement.triggers.event_sources import wrong_source
from workflow_dsl.agreement.triggers.filters import wrong_filters
from workflow_dsl.agreement.triggers.input_transformers import wrong_transformer
from workflow_dsl.agreement.triggers.sam_events import events_of, wrong_events
from workflow_dsl.agreement.triggers.schedules import schedule_remedy, zone_remedy
from workflow_dsl.agreement.triggers.starters import STARTERS, started_machine
from workflow_dsl.agreement.triggers.stream_records import wrong_paths
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean

_RULE, _SCHEDULE, _PIPE = "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Pipes::Pipe"
_METHODS = ("any", "delete", "get", "head", "options", "patch", "post", "put")


def wrong_triggers(application: Application) -> Iterator[Finding]:
    """Events, rules and schedules that AWS or SAM refuses: the deployment fails, or the trigger never starts it."""
    template = application.template
    if template_uses_macros(template):
        return
    for sams in template.of_types("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        for problem in (*wrong_events(sams), *_of_events(template, sams)):
            yield found(application, sams.logical_id, problem)
    for resource in template.of_types(_RULE, _SCHEDULE, _PIPE, *INTEGRATING):
        _, starts = STARTERS[resource.type]
        machines = [machine for start in starts(resource) if (machine := started_machine(template, start.machine))]
        if machines or resource.type in INTEGRATING:
            for problem in _OF_TYPES.get(resource.type, _of_integrations)(template, resource):
                yield found(application, resource.logical_id, problem)


def _of_integrations(template: Template, resource: Resource) -> Iterator[Problem]:
    for integration in integrations_of(resource):
        yield from problems_of(template, integration)


def _of_events(template: Template, owner: Resource) -> Iterator[Problem]:
    """The values of an event's properties; they are the same for a function and for a state machine."""
    for event in events_of(owner):
        name, kind, properties = event.name, event.type, event.properties
        own: Keys = (*event.keys, "Properties")
        method = str(properties.get("Method", "any")).lower() if kind == "Api" else "any"
        if method not in _METHODS and (near := did_you_mean(method, _METHODS)):
            yield Problem((*own, "Method"), f"its event {name} has the Method {method}, which HTTP does not have", near)
        path = properties.get("Path") if kind == "Api" else None
        if isinstance(path, str) and not path.startswith("/") and "${" not in path:
            yield Problem((*own, "Path"), f"its event {name} has the Path {path}, without /", f"write /{path}")
        yield from wrong_pattern(template, (*own, "Pattern"), properties.get("Pattern"))
        yield from _wrong_input(template, own, properties)
        yield from _wrong_retries(template, own, properties)
        field = "ScheduleExpression" if kind == "ScheduleV2" else "Schedule"
        yield from _wrong_schedule(template, own, field, properties, of_rule=kind == "Schedule")
        yield from _wrong_window(template, own, properties)


def _of_rule(template: Template, rule: Resource) -> Iterator[Problem]:
    """API reference of EventBridge, "PutRule" and "Target"."""
    own: Keys = ("Resources", rule.logical_id, "Properties")
    if not {"EventPattern", "ScheduleExpression"} & rule.properties.keys():
        yield Problem(own, "it has no EventPattern and no ScheduleExpression", "add one of them")
    yield from wrong_pattern(template, (*own, "EventPattern"), rule.properties.get("EventPattern"))
    yield from _wrong_schedule(template, own, "ScheduleExpression", rule.properties, of_rule=True)
    for index, target in enumerate(as_list(rule.properties.get("Targets"))):
        fields, at = dict_or_empty(target), (*own, "Targets", index)
        if fields and not is_intrinsic(fields) and "Id" not in fields:
            yield Problem(at, "its target has no Id", "add Id: a name for the target")
        yield from _wrong_input(template, at, fields)
        yield from _wrong_retries(template, at, fields)


def _of_schedule(template: Template, schedule: Resource) -> Iterator[Problem]:
    own: Keys = ("Resources", schedule.logical_id, "Properties")
    yield from _wrong_schedule(template, own, "ScheduleExpression", schedule.properties, of_rule=False)
    if "FlexibleTimeWindow" not in schedule.properties and is_whole(template):
        yield Problem(own, "it has no FlexibleTimeWindow", 'add FlexibleTimeWindow: {Mode: "OFF"}')
    yield from _wrong_window(template, own, schedule.properties)
    target = dict_or_empty(schedule.properties.get("Target"))
    yield from _wrong_input(template, (*own, "Target"), target)
    yield from _wrong_retries(template, (*own, "Target"), target)


def _wrong_window(template: Template, keys: Keys, properties: Mapping[str, Json]) -> Iterator[Problem]:
    """A flexible window without its length (EventBridge Scheduler user guide, "Configuring flexible time windows")."""
    window = dict_or_empty(properties.get("FlexibleTimeWindow"))
    mode = certain(template, window.get("Mode"))
    if isinstance(mode, str) and mode not in ("OFF", "FLEXIBLE"):
        message = f"its FlexibleTimeWindow has the Mode {mode}, which Scheduler does not have"
        yield Problem((*keys, "FlexibleTimeWindow", "Mode"), message, 'write "OFF" or FLEXIBLE')
    if mode == "FLEXIBLE" and "MaximumWindowInMinutes" not in window:
        message = "its FlexibleTimeWindow has no MaximumWindowInMinutes"
        yield Problem((*keys, "FlexibleTimeWindow"), message, "add MaximumWindowInMinutes: 15")


def _wrong_input(template: Template, keys: Keys, properties: Mapping[str, Json]) -> Iterator[Problem]:
    """An Input that is not JSON: EventBridge refuses its target (API reference, "Target").

    EventBridge Scheduler replaces <aws.scheduler.attempt-number> and others first (its user guide, "Adding context
    attributes").
    """
    given = [field for field in ("Input", "InputPath", "InputTransformer") if field in properties]
    if len(given) > 1:
        yield Problem((*keys, given[1]), f"it has {' and '.join(given)}, but EventBridge takes one", "keep one of them")
    if isinstance(properties.get("Input"), dict) and not is_intrinsic(properties["Input"]):
        yield Problem((*keys, "Input"), "its Input is an object, but it takes a string", "write it as JSON in quotes")
    path = properties.get("InputPath")
    if isinstance(path, str) and not path.startswith("$"):
        yield Problem((*keys, "InputPath"), f"its InputPath {path} is not a JSONPath", f"write $.{path}")
    yield from wrong_transformer((*keys, "InputTransformer"), dict_or_empty(properties.get("InputTransformer")))
    text = template.known(properties.get("Input"))
    if isinstance(text, str) and "<aws.scheduler." not in text:
        try:
            json.loads(text)
        except ValueError:
            yield Problem((*keys, "Input"), "its Input is not JSON", 'write JSON, as \'{"name": "value"}\'')


# API references of EventBridge and of EventBridge Scheduler, "RetryPolicy".
_RETRIES = {"MaximumRetryAttempts": (0, 185), "MaximumEventAgeInSeconds": (60, 86_400)}


def _wrong_retries(template: Template, keys: Keys, properties: Mapping[str, Json]) -> Iterator[Problem]:
    policy = dict_or_empty(properties.get("RetryPolicy"))
    for field, (least, most) in _RETRIES.items():
        number = certain(template, policy.get(field))
        if isinstance(number, int) and not least <= number <= most:
            message = f"its {field} is {number}, but EventBridge takes {least} to {most}"
            yield Problem((*keys, "RetryPolicy", field), message, f"write {min(max(number, least), most)}")


def _wrong_schedule(
    template: Template, keys: Keys, field: str, properties: Mapping[str, Json], *, of_rule: bool
) -> Iterator[Problem]:
    expression = template.known(properties.get(field))
    remedy = schedule_remedy(expression, of_rule=of_rule) if isinstance(expression, str) else ""
    if remedy:
        yield Problem((*keys, field), f"its schedule {expression} is not valid", remedy)
    zone = certain(template, properties.get("ScheduleExpressionTimezone"))
    near = zone_remedy(zone) if isinstance(zone, str) else ""
    if near:
        yield Problem((*keys, "ScheduleExpressionTimezone"), f"there is no time zone {zone}", near)


def _of_pipe(template: Template, pipe: Resource) -> Iterator[Problem]:
    keys: Keys = ("Resources", pipe.logical_id, "Properties", "Source")
    parameters = dict_or_empty(pipe.properties.get("SourceParameters"))
    yield from wrong_source(template, keys, pipe.properties.get("Source"), parameters)
    at: Keys = (*keys[:-1], "SourceParameters", "FilterCriteria")
    yield from wrong_filters(template, at, parameters.get("FilterCriteria"), pipe.properties.get("Source"))
    for field in ("TargetParameters", "EnrichmentParameters"):
        given = dict_or_empty(pipe.properties.get(field))
        if field == "EnrichmentParameters" or "Enrichment" not in pipe.properties:  # which gives what it likes
            own: Keys = (*keys[:-1], field, "InputTemplate")
            yield from wrong_paths(template, own, pipe.properties.get("Source"), given.get("InputTemplate"))
        options = dict_or_empty(given.get("StepFunctionStateMachineParameters"))
        kind = certain(template, options.get("InvocationType"))
        if isinstance(kind, str) and kind not in _INVOCATIONS:
            at = (*keys[:-1], field, "StepFunctionStateMachineParameters", "InvocationType")
            remedy = did_you_mean(kind, _INVOCATIONS) or f"write {' or '.join(_INVOCATIONS)}"
            yield Problem(at, f"its InvocationType is {kind}, which pipes do not have", remedy)


# API reference of EventBridge Pipes, "PipeTargetStateMachineParameters".
_INVOCATIONS = ("FIRE_AND_FORGET", "REQUEST_RESPONSE")
_OF_TYPES: Mapping[str, Callable[[Template, Resource], Iterator[Problem]]] = {
    _RULE: _of_rule,
    _SCHEDULE: _of_schedule,
    _PIPE: _of_pipe,
}
