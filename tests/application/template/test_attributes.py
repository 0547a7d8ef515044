"""attributes.py: what GetAtt can return."""

from __future__ import annotations

import pytest

from workflow_dsl.application.template.attributes import (
    attribute_references,
    attributes_of,
    has_attribute,
    similar_type,
)
from workflow_dsl.definition.json import Json


@pytest.mark.parametrize(
    ("type_", "attribute", "is_known"),
    [
        ("AWS::Lambda::Function", "Arn", True),
        ("AWS::Lambda::Function", "Role", False),
        ("AWS::Serverless::Function", "Arn", True),
        ("AWS::Serverless::Function", "Alias", True),
        ("AWS::Serverless::Function", "Arnn", False),
        ("AWS::Serverless::StateMachine", "Name", True),
        ("AWS::CloudFormation::Stack", "Outputs.Anything", True),
        ("AWS::CloudFormation::Stack", "Arn", False),
        ("AWS::Serverless::Api", "RootResourceId", True),
        ("Custom::Thing", "Anything", None),
    ],
)
def test_an_attribute_belongs_to_its_type(type_: str, attribute: str, is_known: bool | None) -> None:
    assert has_attribute(type_, attribute) is is_known


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ({"Fn::GetAtt": "A.Arn"}, [("A", "Arn")]),
        ([{"Fn::GetAtt": ["A", "Outputs.B"]}], [("A", "Outputs.B")]),
        ({"Fn::Sub": "${A.Arn}-${!B.Arn}-${C}"}, [("A", "Arn")]),
        ({"Fn::Sub": ["${A.Arn}${B.Arn}", {"A.Arn": {"Fn::GetAtt": "C.D"}}]}, [("B", "Arn"), ("C", "D")]),
        ({"Fn::GetAtt": ["A", {"Ref": "Attribute"}]}, []),
    ],
)
def test_attributes_are_referred_to_by_getatt_and_sub(value: Json, pairs: list[tuple[str, str]]) -> None:
    assert [*attribute_references(value)] == pairs


def test_the_table_says_where_it_is_from() -> None:
    assert "cfn-lint" in " ".join(attributes_of("source"))


@pytest.mark.parametrize(
    ("type_", "meant"),
    [
        ("AWS::DynamoDB::Tabel", "AWS::DynamoDB::Table"),
        ("AWS::Dynamodb::Tables", "AWS::DynamoDB::Table"),
        ("AWS::SQS::Que", "AWS::SQS::Queue"),
        ("AWS:SQS::Queue", "AWS::SQS::Queue"),
        ("AWS::Serverless::StateMachin", "AWS::Serverless::StateMachine"),
        ("AWS::Serverles::Function", "AWS::Serverless::Function"),
        ("AWS::Serverless::Table", "AWS::Serverless::SimpleTable"),
        ("AWS::EventBridge::Rule", "AWS::Events::Rule"),
        ("AWS::CloudWatch::LogGroup", "AWS::Logs::LogGroup"),
        ("AWS::SQS::Queue", ""),
        ("AWS::Serverless::WebFunction", ""),
        ("AWS::ApiGatewayV3::Stage", ""),
        ("AWS::Batch::JobPlan", ""),
        ("AWS::CloudFormation::CustomResource", ""),
        ("Custom::Tabel", ""),
        ("Acme::SQS::Que::MODULE", ""),
    ],
)
def test_a_misspelt_type_is_similar_to_one_of_aws_or_sam(type_: str, meant: str) -> None:
    assert similar_type(type_) == meant
