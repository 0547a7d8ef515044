"""The event patterns of rules: their form, and patterns that no event of AWS matches.

EventBridge user guide, "Event patterns" and "Events from AWS services"; S3 user guide, "Using EventBridge".
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, direct
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import BUCKET
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys, did_you_mean

_NEVER = "NEVER_STARTS"
_FIELDS = (
    "account",
    "detail",
    "detail-type",
    "id",
    "region",
    "resources",
    "source",
    "time",
    "version",
    "replay-name",
    "$or",
)
_OF_S3 = (
    "Object Created",
    "Object Deleted",
    "Object Restore Initiated",
    "Object Restore Completed",
    "Object Restore Expired",
    "Object Tags Added",
    "Object Tags Deleted",
    "Object ACL Updated",
    "Object Storage Class Changed",
    "Object Access Tier Changed",
    "AWS API Call via CloudTrail",
    "AWS Service Event via CloudTrail",
)


def wrong_pattern(template: Template, keys: Keys, pattern: Json) -> Iterator[Problem]:
    """Mistakes in a pattern that EventBridge refuses, and parts that no event has."""
    fields = dict_or_empty(pattern)
    if is_intrinsic(fields):
        return
    yield from _plain_values(keys, fields)
    yield from unknown_fields(keys, fields)
    sources = [each for each in as_list(fields.get("source")) if isinstance(each, str)]
    for source in sources:
        if source.lower().startswith("aws.") and source != source.lower():
            message = f"no event has the source {source} of its event pattern"
            yield Problem((*keys, "source"), message, f"write {source.lower()}", _NEVER)
        if "*" in source:
            message = f"no event has the source {source} of its event pattern, where * is a character"
            yield Problem((*keys, "source"), message, f"write {{wildcard: {source}}}", _NEVER)
    if sources == ["aws.s3"]:
        yield from _of_s3(template, keys, fields)


def unknown_fields(keys: Keys, pattern: dict[str, Json]) -> Iterator[Problem]:
    """Fields at the top of a pattern that no event has there."""
    for name, value in pattern.items():
        if name not in _FIELDS and value != [{"exists": False}]:
            remedy = did_you_mean(name, _FIELDS) or f"write detail: {{{name}: ...}}"
            yield Problem((*keys, name), f"no event has the field {name} of its event pattern", remedy, _NEVER)


def _plain_values(keys: Keys, pattern: Json) -> Iterator[Problem]:
    """A field of an event pattern with a plain value: it takes a list."""
    waiting: list[tuple[Keys, Json]] = [(keys, pattern)]
    while waiting:
        at, item = waiting.pop()
        fields = dict_or_empty(item)
        for name, value in {} if is_intrinsic(fields) else fields.items():
            if isinstance(value, dict):
                waiting.append(((*at, name), value))
            elif isinstance(value, list):
                yield from _unknown_operators((*at, name), value) if name != "$or" else ()
            else:
                yield Problem((*at, name), f"{name} in its event pattern is not a list", f"write {name}: [{value}]")


def _unknown_operators(keys: Keys, values: list[Json]) -> Iterator[Problem]:
    """Comparisons that EventBridge almost has (user guide, "Comparison operators for use in event patterns")."""
    for value in values:
        for name in value if isinstance(value, dict) and not is_intrinsic(value) else ():
            near = did_you_mean(name, _OPERATORS) if name not in _OPERATORS else ""
            if near:
                yield Problem(keys, f"its event pattern compares by {name}, which EventBridge does not have", near)


_OPERATORS = ("anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard")


def _of_s3(template: Template, keys: Keys, pattern: dict[str, Json]) -> Iterator[Problem]:
    types = [each for each in as_list(pattern.get("detail-type")) if isinstance(each, str)]
    for type_ in types:
        remedy = did_you_mean(type_, _OF_S3) if type_ not in _OF_S3 else ""
        if remedy:
            yield Problem((*keys, "detail-type"), f"S3 sends no event of the type {type_}", remedy, _NEVER)
    at: Keys = (*keys, "detail", "bucket", "name")
    names = dict_or_empty(dict_or_empty(pattern.get("detail")).get("bucket")).get("name")
    for name in as_list(names):
        bucket, attribute = direct(template, name)
        bucket = bucket or next(
            (each for each in template.of_types(BUCKET) if each.properties.get("BucketName") == name), None
        )
        if bucket is None or bucket.type != BUCKET:
            continue
        if attribute == "Arn":
            message = f"the name of a bucket in an event is not the ARN of {bucket.logical_id}"
            yield Problem(at, message, f"write !Ref {bucket.logical_id}", _NEVER)
        elif types and all(each in _OF_S3[:-2] for each in types) and not _sends_events(template, bucket):
            message = f"{bucket.logical_id} sends no events to EventBridge"
            remedy = (
                f"add NotificationConfiguration: {{EventBridgeConfiguration: {{EventBridgeEnabled: true}}}} "
                f"to {bucket.logical_id}"
            )
            yield Problem(at, message, remedy, _NEVER)


def _sends_events(template: Template, bucket: Resource) -> bool:
    """True if a bucket sends its events to EventBridge, or if a custom resource or a reference may make it do so."""
    configuration = bucket.properties.get("NotificationConfiguration")
    if any(
        each.type.startswith(("Custom::", "AWS::CloudFormation::")) for each in template.referrers(bucket.logical_id)
    ):
        return True
    fields = dict_or_empty(configuration)
    enabled = fields.get("EventBridgeConfiguration")
    is_off = isinstance(enabled, dict) and enabled.get("EventBridgeEnabled") in (False, "false")
    return is_intrinsic(fields) or ("EventBridgeConfiguration" in fields and not is_off)
