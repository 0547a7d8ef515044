"""The events that a pipe of EventBridge reads from its source, as documented.

EventBridge user guide, the example events of "Amazon Simple Queue Service as a source", "Amazon Kinesis stream as a
source" and "Amazon DynamoDB stream as a source"; SQS API reference, ReceiveMessage, for the attributes of a message.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Presence,
    Shape,
    one_of,
    record,
)


def pipe_event(service: str) -> Shape:
    """Return one event of a source: sqs, kinesis or dynamodb; UNKNOWN for any other."""
    return _EVENTS.get(service, UNKNOWN)


def _fields(sure: str, optional: str = "") -> dict[str, Shape | Field]:
    return {
        **dict.fromkeys(sure.split(), STRING),
        **{name: Field(STRING, Presence.UNSTATED) for name in optional.split()},
    }


# Bodies and data are strings, but filters and templates of a pipe read JSON in them: "implicit body data parsing".
_EVENTS: Mapping[str, Shape] = {
    "sqs": record(
        {
            **_fields(
                "messageId receiptHandle md5OfBody eventSource eventSourceARN awsRegion", "md5OfMessageAttributes"
            ),
            "body": UNKNOWN,
            "attributes": record(
                _fields(
                    "ApproximateReceiveCount SentTimestamp SenderId ApproximateFirstReceiveTimestamp",
                    "SequenceNumber MessageGroupId MessageDeduplicationId AWSTraceHeader DeadLetterQueueSourceArn",
                )
            ),
            "messageAttributes": ANY_RECORD,
        }
    ),
    "kinesis": record(
        {
            **_fields(
                "kinesisSchemaVersion partitionKey sequenceNumber eventSource eventVersion eventID eventName "
                "invokeIdentityArn awsRegion eventSourceARN"
            ),
            "data": UNKNOWN,
            "approximateArrivalTimestamp": NUMBER,
        }
    ),
    "dynamodb": record(
        {
            **_fields("eventID eventVersion awsRegion eventSourceARN eventSource"),
            "eventName": one_of("string", ["INSERT", "MODIFY", "REMOVE"]),
            "userIdentity": Field(ANY_RECORD, Presence.UNSTATED),
            "dynamodb": record(
                {
                    **_fields("SequenceNumber StreamViewType"),
                    "ApproximateCreationDateTime": Field(NUMBER, Presence.UNSTATED),
                    "Keys": ANY_RECORD,
                    "NewImage": Field(ANY_RECORD, Presence.UNSTATED),
                    "OldImage": Field(ANY_RECORD, Presence.UNSTATED),
                    "SizeBytes": NUMBER,
                }
            ),
        }
    ),
}
