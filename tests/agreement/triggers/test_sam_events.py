"""sam_events.py: the Events of SAM's functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

WRONG = [
    (
        "{Type: EventBridgeRule, Properties: {EventPattern: {source: [aws.s3]}}}",
        "its event E of the type EventBridgeRule takes no EventPattern",
        'did you mean "Pattern"?',
    ),
    (
        "{Type: ScheduleV2, Properties: {Schedule: rate(1 hour)}}",
        "its event E of the type ScheduleV2 takes no Schedule",
        'did you mean "ScheduleExpression"?',
    ),
    (
        "{Type: Schedule, Properties: {Enabled: true}}",
        "its event E of the type Schedule has no Schedule",
        "add Schedule",
    ),
    (
        "{Type: SQS, Properties: {QueueArn: !GetAtt Queue.Arn}}",
        "its event E of the type SQS takes no QueueArn",
        'did you mean "Queue"?',
    ),
    ("{Type: Api, Properties: {Path: /x}}", "its event E of the type Api has no Method", "add Method"),
    (
        "{Type: Sns, Properties: {Topic: x}}",
        "its event E has the type Sns, which SAM does not have",
        'did you mean "SNS"?',
    ),
    (
        "{Type: Schedule, Properties: {Schedule: rate(1 hours)}}",
        "its schedule rate(1 hours) is not valid",
        "write rate(1 hour)",
    ),
]
RIGHT = [
    "{Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 5}}",
    "{Type: HttpApi}",
    "{Type: Api, Properties: {Path: /x, Method: get}}",
    "{Type: Schedule, Properties: {Schedule: rate(1 hour), SomethingNew: 1}}",
    "{Type: Kinesis, Properties: {Stream: !ImportValue Stream, StartingPosition: LATEST, BatchSize: 5}}",
    "{Type: MSK, Properties: {Stream: !ImportValue Cluster, Topics: [orders], StartingPosition: TRIM_HORIZON}}",
    "!If [Is, {Type: HttpApi}, !Ref AWS::NoValue]",
]


def found_in(folder: Path, event: str) -> list[tuple[str, str]]:
    properties = f"{{CodeUri: checker/, Handler: app.handler, Runtime: python3.13, Events: {{E: {event}}}}}"
    more = f"New: {{Type: AWS::Serverless::Function, Properties: {properties}}}\n"
    found = reports(application_of(folder, more=more), "SCHEMA_VALIDATION_FAILED", "UNKNOWN_VALUE")
    return [(message.removeprefix("New: "), remedy) for _, message, remedy in found]


@pytest.mark.parametrize(("event", "message", "remedy"), WRONG)
def test_a_wrong_event_of_a_function_is_one_finding(tmp_path: Path, event: str, message: str, remedy: str) -> None:
    assert found_in(tmp_path, event) == [(message, remedy)]


@pytest.mark.parametrize("event", RIGHT)
def test_an_event_that_sam_takes_has_no_finding(tmp_path: Path, event: str) -> None:
    assert found_in(tmp_path, event) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Api", []), ("ApiDeployment5f1", []), ("Apis", ["Events refers to Apis, which the template does not define"])],
)
def test_the_names_that_sam_gives_to_the_parts_of_an_api_are_known(
    tmp_path: Path, name: str, expected: list[str]
) -> None:
    event = f"Events: {{E: {{Type: Api, Properties: {{Path: /x, Method: get, RestApiId: !Ref {name}}}}}}}"
    more = f"New: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: x, {event}}}}}\n"
    more += "Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1}}\n"
    found = reports(application_of(tmp_path, more=more), "UNKNOWN_REFERENCE")
    assert [message.removeprefix("New: ") for _, message, _ in found] == expected
