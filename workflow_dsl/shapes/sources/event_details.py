"""The details of the events that services send to EventBridge, as their guides have them.

S3 user guide, "EventBridge event message structure"; CloudWatch user guide, "Alarm events and EventBridge"; ECR user
guide, "Amazon ECR events and EventBridge"; CodePipeline user guide, "Monitoring CodePipeline events"; GuardDuty API
reference, "Finding"; Step Functions developer guide, "Automating Step Functions event delivery with EventBridge";
EventBridge user guide, "Creating a rule that runs on a schedule". Services add fields to their events, so that a detail
may have others; a scheduled event has none. An alarm starts no state machine by its actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    join,
    joined,
    one_of,
    record,
)


def detail_of(sources: Sequence[str], types: Sequence[str]) -> Shape:
    """Return the detail of events of some sources and types; any object for one that is not known here."""
    details = [_detail_of(source, _general(type_)) for source in sources for type_ in types]
    return joined(details) if details else ANY_RECORD


def _detail_of(source: str, type_: str) -> Shape:
    known = _DETAILS.get((source, type_), ANY_RECORD).records[0]
    origin = Origin(f"the events of {source}", is_guide=True)
    return record(known.fields, known.rest, origin) if known.fields else record(known.fields, known.rest)


def _general(type_: str) -> str:
    return "Object" if type_.startswith("Object ") else type_


_OPTIONAL = Presence.UNSTATED


def _detail(sure: str, optional: str = "", **others: Shape | Field) -> Shape:
    """A detail with texts, some of which may be missing, and other fields."""
    texts: dict[str, Shape | Field] = dict.fromkeys(sure.split(), STRING)
    return record({**texts, **dict.fromkeys(optional.split(), Field(STRING, _OPTIONAL)), **others}, UNKNOWN)


_S3 = record(
    {
        "version": STRING,
        "bucket": record({"name": STRING}),
        "object": record(
            {
                "key": STRING,
                "size": Field(NUMBER, _OPTIONAL),
                "etag": Field(STRING, _OPTIONAL),
                "version-id": Field(STRING, _OPTIONAL),
                "sequencer": Field(STRING, _OPTIONAL),
            }
        ),
        "request-id": STRING,
        "requester": STRING,
        "source-ip-address": Field(STRING, _OPTIONAL),
        "reason": Field(STRING, _OPTIONAL),
        "deletion-type": Field(STRING, _OPTIONAL),
    },
    UNKNOWN,
)
_ALARM_STATE = _detail("", "reason reasonData timestamp", value=one_of("string", ["OK", "ALARM", "INSUFFICIENT_DATA"]))
_TEXT_OR_NULL = Field(join(STRING, NULL), _OPTIONAL)
_DETAILS: Mapping[tuple[str, str], Shape] = {
    ("aws.s3", "Object"): _S3,
    ("aws.events", "Scheduled Event"): record({}),
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): _detail(
        "alarmName",
        state=_ALARM_STATE,
        previousState=Field(_ALARM_STATE, _OPTIONAL),
        configuration=Field(ANY_RECORD, _OPTIONAL),
    ),
    ("aws.ecr", "ECR Image Action"): _detail("result repository-name action-type", "image-digest image-tag"),
    ("aws.codepipeline", "CodePipeline Pipeline Execution State Change"): _detail("pipeline execution-id state"),
    ("aws.guardduty", "GuardDuty Finding"): _detail(
        "accountId arn createdAt id region schemaVersion type updatedAt",
        "description partition title",
        severity=NUMBER,
        resource=ANY_RECORD,
        service=Field(ANY_RECORD, _OPTIONAL),
    ),
    ("aws.states", "Step Functions Execution Status Change"): _detail(
        "executionArn stateMachineArn name status", input=_TEXT_OR_NULL, output=_TEXT_OR_NULL, startDate=NUMBER
    ),
}
