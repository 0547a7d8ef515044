"""buses.py: rules on a bus that never gets the events that they look for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agreement.test_agreement import application_of, reports

BUS = "Bus: {Type: AWS::Events::EventBus, Properties: {Name: orders}}\n"
SCANNED = "{source: [scans.app], detail-type: [Scanned]}"
ON_BUS, ON_DEFAULT = "EventBusName: !Ref Bus, ", ""


def rule(pattern: str, bus: str = ON_BUS, name: str = "R", target: str = "!Ref M") -> str:
    properties = f"{{{bus}EventPattern: {pattern}, Targets: [{{Id: t, Arn: {target}, RoleArn: arn:r}}]}}"
    return f"{name}: {{Type: AWS::Events::Rule, Properties: {properties}}}\n"


def putting(**entry: Any) -> dict[str, Any]:
    entries = [{"Source": "scans.app", "DetailType": "Scanned", "Detail": {}, **entry}]
    put = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": entries}}
    return {"StartAt": "Emit", "States": {"Emit": {**put, "End": True}}}


def found_in(folder: Path, more: str, definition: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    application = application_of(folder, "{Bus: !Ref Bus}", more=BUS + more, definition=definition or putting())
    return [(message, remedy) for _, message, remedy in reports(application, "NEVER_STARTS")]


S3 = "{source: [aws.s3], detail-type: [Object Created]}"
FORWARDING = rule("{source: [aws.s3]}", ON_DEFAULT, "F", "!GetAtt Bus.Arn")
POLICY = "P: {Type: AWS::Events::EventBusPolicy, Properties: {EventBusName: !Ref Bus, StatementId: s}}\n"
OF_AWS = [
    (
        rule(S3),
        [("R: no event of the source aws.s3 comes to Bus: AWS sends it to the default bus", "remove EventBusName")],
    ),
    (rule(S3, ON_DEFAULT), []),
    (rule(S3) + FORWARDING, []),
    (rule(S3) + POLICY, []),
    (rule(S3) + POLICY.replace("!Ref Bus", "orders"), []),
    (rule("{source: [aws.s3, scans.app]}"), []),
    (rule("{source: [{prefix: aws.}]}"), []),
]


@pytest.mark.parametrize(("more", "expected"), OF_AWS)
def test_events_of_aws_come_to_the_default_bus(tmp_path: Path, more: str, expected: list[tuple[str, str]]) -> None:
    assert found_in(tmp_path, more, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}) == expected


ON_THE_BUS = putting(EventBusName="${Bus}")
TO_BUS = ('R: its rule is on the default bus, but "Emit" puts the event on Bus', "write EventBusName: !Ref Bus")
TO_DEFAULT = ('R: its rule is on Bus, but "Emit" puts the event on the default bus', "remove EventBusName")
PUTTER = "F: {Type: AWS::Lambda::Function, Properties: {Policies: [{EventBridgePutEventsPolicy: {EventBusName: default}}]}}\n"
OF_STATES = [
    (ON_THE_BUS, rule(SCANNED), []),
    (ON_THE_BUS, rule(SCANNED, ON_DEFAULT), [TO_BUS]),
    (putting(EventBusName="orders"), rule(SCANNED, ON_DEFAULT), [TO_BUS]),
    (putting(), rule(SCANNED), [TO_DEFAULT]),
    (putting(), rule(SCANNED, ON_DEFAULT), []),
    (putting(), rule("{source: [others.app]}"), []),
    (putting(), rule(SCANNED) + rule(SCANNED, ON_DEFAULT, "Other"), []),
    (putting(), rule(SCANNED) + PUTTER, []),
    (putting(**{"EventBusName.$": "$.bus"}), rule(SCANNED), []),
    (
        putting(Source="scan.app"),
        rule(SCANNED, ON_DEFAULT),
        [('R: no event has the source of its event pattern: "Emit" puts scan.app', "write scan.app")],
    ),
    (
        putting(DetailType="ScanDone"),
        rule("{source: [scans.app], detail-type: [Scan Done]}", ON_DEFAULT),
        [('R: no event has the detail-type of its event pattern: "Emit" puts ScanDone', "write ScanDone")],
    ),
    (putting(DetailType="Rejected"), rule(SCANNED, ON_DEFAULT), []),
    (putting(DetailType="ScanDone"), rule("{source: [scans.app], detail-type: [{prefix: Scan}]}", ON_DEFAULT), []),
]


@pytest.mark.parametrize(("definition", "more", "expected"), OF_STATES)
def test_events_of_a_state_come_to_the_bus_on_which_it_puts_them(
    tmp_path: Path, definition: dict[str, Any], more: str, expected: list[tuple[str, str]]
) -> None:
    assert found_in(tmp_path, more, definition) == expected
