"""properties.py: the names that properties take."""

from __future__ import annotations

import pytest

from workflow_dsl.application.template.properties import Member, members_of, objects_in, types_with_properties


@pytest.mark.parametrize(
    ("type_", "object_", "member"),
    [
        ("AWS::SQS::Queue", "", Member("QueueName", kind="p")),
        ("AWS::SQS::Queue", "", Member("VisibilityTimeout", kind="p", least=0, most=43_200)),
        ("AWS::DynamoDB::Table", "", Member("KeySchema", is_required=True, inner=".KeySchema[]")),
        ("AWS::DynamoDB::Table", "", Member("BillingMode", kind="p", values=("PAY_PER_REQUEST", "PROVISIONED"))),
        ("AWS::DynamoDB::Table", "", Member("Tags", kind="l", inner="Tag")),
        ("AWS::DynamoDB::Table", "AttributeDefinition", Member("AttributeName", is_required=True, kind="p")),
        (
            "AWS::Lambda::EventSourceMapping",
            "",
            Member("FunctionResponseTypes", kind="l", values=("ReportBatchItemFailures",)),
        ),
        ("AWS::Serverless::Function", "", Member("CodeUri")),
        ("AWS::Serverless::Function", "Events.SQS", Member("Queue", is_required=True)),
        ("Globals", "Function", Member("Timeout")),
    ],
)
def test_a_member_has_its_kind_and_what_is_in_it(type_: str, object_: str, member: Member) -> None:
    assert members_of(type_, object_)[member.name] == member


def test_an_unknown_type_has_no_members() -> None:
    assert (members_of("Custom::Thing"), objects_in("Custom::Thing")) == ({}, [])


def test_the_types_are_those_of_resources() -> None:
    types = types_with_properties()
    assert {"AWS::SQS::Queue", "AWS::Serverless::Function"} <= {*types}
    assert {"Globals", "source"}.isdisjoint(types)
