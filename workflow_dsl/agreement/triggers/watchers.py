"""Watchers of state machines: alarms on their metrics, and rules for the events of their executions.

Step Functions developer guide, "Monitoring Step Functions metrics using CloudWatch"; EventBridge events reference,
"AWS Step Functions events"; API reference of Step Functions, "ExecutionStatus".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem, direct, found, template_uses_macros
from workflow_dsl.agreement.triggers.event_patterns import unknown_fields
from workflow_dsl.agreement.triggers.starters import started_machine
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES, TOPIC
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, closest, did_you_mean

_ALARM, _RULE = "AWS::CloudWatch::Alarm", "AWS::Events::Rule"
_NAMESPACE, _NEVER_ALARMS, _NEVER_STARTS = "AWS/States", "NEVER_ALARMS", "NEVER_STARTS"
_LIKELY_NAMESPACES = frozenset(
    "aws/states aws/state aws/stepfunctions aws/stepfunction aws/step-functions aws/sfn".split()
)
_METRICS = (
    "ExecutionTime ExecutionThrottled ExecutionsAborted ExecutionsFailed ExecutionsStarted ExecutionsSucceeded "
    "ExecutionsThrottled ExecutionsTimedOut ExecutionsRedriven RedrivenExecutionsAborted RedrivenExecutionsFailed "
    "RedrivenExecutionsSucceeded RedrivenExecutionsTimedOut OpenExecutionCount OpenExecutionLimit "
    "ActivityRunTime ActivityScheduleTime ActivityTime ActivitiesFailed ActivitiesHeartbeatTimedOut "
    "ActivitiesScheduled ActivitiesStarted ActivitiesSucceeded ActivitiesTimedOut LambdaFunctionRunTime "
    "LambdaFunctionScheduleTime LambdaFunctionTime LambdaFunctionsFailed LambdaFunctionsScheduled "
    "LambdaFunctionsStarted LambdaFunctionsSucceeded LambdaFunctionsTimedOut ServiceIntegrationRunTime "
    "ServiceIntegrationScheduleTime ServiceIntegrationTime ServiceIntegrationsFailed ServiceIntegrationsScheduled "
    "ServiceIntegrationsStarted ServiceIntegrationsSucceeded ServiceIntegrationsTimedOut ThrottledEvents "
    "ProvisionedBucketSize ProvisionedRefillRate ConsumedCapacity ExpressExecutionMemory "
    "ExpressExecutionBilledDuration ExpressExecutionBilledMemory"
).split()
_SOURCE, _STATUS_CHANGE = "aws.states", "Step Functions Execution Status Change"
_NOT_SOURCES = frozenset("aws.stepfunctions aws.stepfunction aws.step-functions aws.sfn aws.state".split())
_TYPES = (_STATUS_CHANGE, "AWS API Call via CloudTrail", "AWS Service Event via CloudTrail")
_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")


def wrong_watchers(application: Application) -> Iterator[Finding]:
    """Alarms on metrics that no state machine has, and patterns that no event of an execution matches."""
    template = application.template
    if template_uses_macros(template):
        return
    for alarm in template.of_types(_ALARM):
        keys: Keys = ("Resources", alarm.logical_id, "Properties")
        for problem in _of_alarm(template, keys, alarm.properties):
            yield found(application, alarm.logical_id, problem)
    for resource in template.of_types(_RULE, *FUNCTIONS, *MACHINES):
        keys = ("Resources", resource.logical_id, "Properties")
        for at, pattern in _patterns(keys, resource.properties):
            for problem in unknown_fields(at, pattern) if _only_watches(template, resource) else ():
                yield found(application, resource.logical_id, problem)
            for problem in _of_pattern(template, at, pattern):
                yield found(application, resource.logical_id, problem)


def _only_watches(template: Template, resource: Resource) -> bool:
    """True for a rule that starts no state machine; the patterns of others are checked as what starts them."""
    targets = [dict_or_empty(each).get("Arn") for each in as_list(resource.properties.get("Targets"))]
    return resource.type == _RULE and not any(started_machine(template, arn) for arn in targets)


def _of_alarm(template: Template, keys: Keys, properties: Mapping[str, Json]) -> Iterator[Problem]:
    """The mistakes of the metric of an alarm, or of each metric of its Metrics."""
    yield from _of_metric(template, keys, properties)
    for field in ("AlarmActions", "InsufficientDataActions", "OKActions"):
        for index, action in enumerate(as_list(properties.get(field))):
            topic, attribute = direct(template, action)
            if topic is not None and topic.type == TOPIC and attribute == "TopicName":
                message = f"{field} has the name of {topic.logical_id}, but it takes ARNs"
                yield Problem((*keys, field, index), message, f"write !Ref {topic.logical_id}", "WRONG_RESOURCE")
    for index, query in enumerate(as_list(properties.get("Metrics"))):
        metric = dict_or_empty(dict_or_empty(dict_or_empty(query).get("MetricStat")).get("Metric"))
        yield from _of_metric(template, (*keys, "Metrics", index, "MetricStat", "Metric"), metric)


def _of_metric(template: Template, keys: Keys, metric: Mapping[str, Json]) -> Iterator[Problem]:
    namespace = metric.get("Namespace")
    if not isinstance(namespace, str) or namespace.lower() not in _LIKELY_NAMESPACES:
        return
    if namespace != _NAMESPACE:
        message = f"no metric has the namespace {namespace}"
        yield Problem((*keys, "Namespace"), message, f"write {_NAMESPACE}", _NEVER_ALARMS)
    name = metric.get("MetricName")
    is_unknown = isinstance(name, str) and name not in _METRICS
    near = closest(str(name), _METRICS, least=0.9) if is_unknown else None  # a new metric may be named like another
    if near:
        message = f"Step Functions has no metric {name}"
        yield Problem((*keys, "MetricName"), message, f'did you mean "{near}"?', _NEVER_ALARMS)
    for index, dimension in enumerate(as_list(metric.get("Dimensions"))):
        yield from _of_dimension(template, (*keys, "Dimensions", index), dict_or_empty(dimension))


def _of_dimension(template: Template, keys: Keys, dimension: Mapping[str, Json]) -> Iterator[Problem]:
    """A dimension that is the name of a state machine, where the metrics have its ARN."""
    name = dimension.get("Name")
    machine, attribute = direct(template, dimension.get("Value"))
    right = f"write {{Name: StateMachineArn, Value: !Ref {machine.logical_id if machine else 'STATE_MACHINE'}}}"
    if isinstance(name, str) and name.lower().startswith("statemachine") and name != "StateMachineArn":
        yield Problem(keys, f"the metrics of Step Functions have no dimension {name}", right, _NEVER_ALARMS)
    elif machine is not None and machine.type in MACHINES and (name, attribute) == ("StateMachineArn", "Name"):
        message = f"its dimension StateMachineArn is the name of {machine.logical_id}"
        yield Problem(keys, message, f"write !Ref {machine.logical_id}", _NEVER_ALARMS)


def _patterns(keys: Keys, properties: Mapping[str, Json]) -> Iterator[tuple[Keys, dict[str, Json]]]:
    """The event patterns of a rule, or of SAM's events of a function or state machine."""
    yield (*keys, "EventPattern"), dict_or_empty(properties.get("EventPattern"))
    for name, event in dict_or_empty(properties.get("Events")).items():
        fields = dict_or_empty(dict_or_empty(event).get("Properties"))
        yield (*keys, "Events", name, "Properties", "Pattern"), dict_or_empty(fields.get("Pattern"))


def _of_pattern(template: Template, keys: Keys, pattern: dict[str, Json]) -> Iterator[Problem]:
    sources = [each for each in as_list(pattern.get("source")) if isinstance(each, str)]
    for source in sources:
        if source.lower() in _NOT_SOURCES:
            message = f"no event has the source {source} of its event pattern"
            yield Problem((*keys, "source"), message, f"write {_SOURCE}", _NEVER_STARTS)
    if is_intrinsic(pattern) or not sources or not {*sources} <= {_SOURCE, *_NOT_SOURCES}:
        return
    for type_ in as_list(pattern.get("detail-type")):
        if isinstance(type_, str) and type_ not in _TYPES and closest(type_, _TYPES):
            message = f"Step Functions sends no event of the type {type_}"
            yield Problem((*keys, "detail-type"), message, did_you_mean(type_, _TYPES), _NEVER_STARTS)
    yield from _of_detail(template, (*keys, "detail"), dict_or_empty(pattern.get("detail")))


def _of_detail(template: Template, keys: Keys, detail: Mapping[str, Json]) -> Iterator[Problem]:
    for status in as_list(detail.get("status")):
        if isinstance(status, str) and status not in _STATUSES:
            remedy = did_you_mean(status, _STATUSES) or f"write one of {', '.join(_STATUSES)}"
            yield Problem((*keys, "status"), f"no execution has the status {status}", remedy, _NEVER_STARTS)
    for arn in as_list(detail.get("stateMachineArn")):
        machine, attribute = direct(template, arn)
        if machine is not None and machine.type in MACHINES and attribute == "Name":
            message = f"the stateMachineArn of an event is not the name of {machine.logical_id}"
            yield Problem((*keys, "stateMachineArn"), message, f"write !Ref {machine.logical_id}", _NEVER_STARTS)
