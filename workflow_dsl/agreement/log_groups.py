"""The logging of state machines: the level, and the ARN of the log group.

CloudFormation template reference, "AWS::StepFunctions::StateMachine LoggingConfiguration"; API reference,
"CloudWatchLogsLogGroup": the ARN ends with `:*`, and the array of destinations has one item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem, certain, direct
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys

LEVELS = ("ALL", "ERROR", "FATAL", "OFF")
LOG_GROUP = "AWS::Logs::LogGroup"


def wrong_logging(template: Template, field: str, logging: Mapping[str, Json]) -> Iterator[Problem]:
    """A level without a log group, several destinations, and what is no ARN of a log group; keys below Properties."""
    destinations = logging.get("Destinations")
    level = template.known(logging.get("Level"))
    if level in LEVELS and level != "OFF" and not destinations:
        message = f"{field} has the level {level} and no log group"
        remedy = "add Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt LOG_GROUP.Arn}}]"
        yield Problem((field,), message, remedy)
    keys: Keys = (field, "Destinations")
    if isinstance(destinations, dict) and not is_intrinsic(destinations):
        yield Problem(keys, "Destinations is an object, but it takes a list", "write a - before CloudWatchLogsLogGroup")
    if (
        isinstance(destinations, list)
        and len(destinations) > 1
        and not any("Fn::If" in str(each) for each in destinations)
    ):
        yield Problem(keys, f"it has {len(destinations)} destinations, but takes one", "keep one of them")
    for index, destination in enumerate(as_list(destinations)):
        fields = dict_or_empty(destination)
        if "LogGroupArn" in fields:
            message = "a destination has LogGroupArn under CloudWatchLogsLogGroup"
            yield Problem((*keys, index), message, "write CloudWatchLogsLogGroup: {LogGroupArn: ...}")
        group = dict_or_empty(fields.get("CloudWatchLogsLogGroup"))
        if group and not is_intrinsic(group) and "LogGroupArn" not in group:
            at = (*keys, index, "CloudWatchLogsLogGroup")
            yield Problem(at, "CloudWatchLogsLogGroup has no LogGroupArn", "add LogGroupArn: !GetAtt LOG_GROUP.Arn")
        yield from _wrong_group(
            template, (*keys, index, "CloudWatchLogsLogGroup", "LogGroupArn"), group.get("LogGroupArn")
        )


# API reference of CloudWatch Logs, "PutRetentionPolicy".
_RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288),
    3653,
)


def wrong_retention(template: Template, group: Resource) -> Iterator[Problem]:
    """A retention that CloudWatch Logs does not have."""
    days = certain(template, group.properties.get("RetentionInDays"))
    if isinstance(days, int) and days not in _RETENTIONS:
        nearest = min(_RETENTIONS, key=lambda each: abs(each - days))
        keys: Keys = ("Resources", group.logical_id, "Properties", "RetentionInDays")
        yield Problem(keys, f"its RetentionInDays is {days}, which CloudWatch Logs does not accept", f"write {nearest}")


def _wrong_group(template: Template, keys: Keys, value: Json) -> Iterator[Problem]:
    resource, attribute = direct(template, value)
    if resource is not None and resource.type == LOG_GROUP and attribute == "Ref":
        message = f"LogGroupArn is the name of {resource.logical_id}, but it takes the ARN of a log group"
        yield Problem(keys, message, f"write !GetAtt {resource.logical_id}.Arn", "WRONG_RESOURCE")
    elif resource is not None and resource.type in KINDS:
        message = f"LogGroupArn is that of {KINDS[resource.type].noun}, but it takes the ARN of a log group"
        yield Problem(keys, message, "write !GetAtt LOG_GROUP.Arn", "WRONG_RESOURCE")
    text = value.get("Fn::Sub") if isinstance(value, dict) else value
    if not isinstance(text, str) or not set(references(value)).isdisjoint(template.values.parameters):
        return
    if text.startswith("arn:") and ":logs:" in text and ":log-group:" not in text:
        yield Problem(keys, "LogGroupArn is not the ARN of a log group", "write :log-group: before its name")
        return
    last = text.rpartition("${")[2] if text.endswith("}") else ""
    named = template.resources.get(last.removesuffix("}").strip())
    is_name = named is not None and named.type == LOG_GROUP
    if text.startswith("arn:") and (is_name or not text.endswith((":*", "}"))):
        yield Problem(keys, "the ARN of its log group does not end in :*", "add :* to its end")
