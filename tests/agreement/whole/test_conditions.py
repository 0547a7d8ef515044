"""conditions.py: references to what a stack may lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of
from workflow_dsl.agreement.whole.conditions import conditional_references

# The conditions of application_of(): Is, if Stage is x, and IsBeta, if it is beta.
RULES = "Topic: {Type: AWS::SNS::Topic, Condition: Is}\n"
SAFE = [
    "Sub: {Type: AWS::SNS::Subscription, Condition: Is, Properties: {TopicArn: !Ref Topic}}",
    "Sub: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !If [Is, !Ref Topic, x]}}",
    "Sub: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !If [IsBeta, x, !If [Is, !Sub '${Topic}', y]]}}",
    "Sub: {Type: AWS::SNS::Subscription, DependsOn: Topic, Properties: {TopicArn: x}}",
]
UNSAFE = [
    "Sub: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic}}",
    "Sub: {Type: AWS::SNS::Subscription, Condition: IsBeta, Properties: {TopicArn: !Ref Topic}}",
    "Sub: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !If [Is, x, !Ref Topic]}}",
    "Sub: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !If [IsBeta, x, !Sub ['${T}', {T: !GetAtt Topic.TopicName}]]}}",
]


@pytest.mark.parametrize("more", SAFE)
def test_a_reference_that_every_stack_resolves_is_not_reported(tmp_path: Path, more: str) -> None:
    assert [*conditional_references(application_of(tmp_path, more=RULES + more))] == []


@pytest.mark.parametrize("more", UNSAFE)
def test_a_reference_that_some_stacks_cannot_resolve_is_a_warning(tmp_path: Path, more: str) -> None:
    [finding] = conditional_references(application_of(tmp_path, more=RULES + more))
    assert (finding.code, finding.severity, finding.text) == (
        "CONDITIONAL_REFERENCE",
        "warning",
        "Sub: it refers to Topic, which exists only if Is holds; "
        "add Condition: Is to Sub, or choose the reference by Fn::If",
    )
