"""cycles.py: resources that wait for each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of
from workflow_dsl.agreement.whole.cycles import circular_dependencies

CIRCLES = [
    ("A: {Type: X::Y::Z, Properties: {B: !Ref B}}\nB: {Type: X::Y::Z, DependsOn: A}", "A -> B -> A"),
    ("A: {Type: X::Y::Z, Properties: {B: !Sub '${A}'}}", "A -> A"),
    (
        "F: {Type: AWS::Serverless::Function, Properties: {Policies: [{Statement: {Resource: !Ref S}}]}}\n"
        "S: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionSubstitutions: {F: !GetAtt F.Arn}}}",
        "F -> S -> F",
    ),
]
NONE = [
    "A: {Type: X::Y::Z, Properties: {B: !If [Is, !Ref B, x]}}\nB: {Type: X::Y::Z, DependsOn: A}",
    "A: {Type: X::Y::Z, Condition: Is, Properties: {B: !Ref B}}\nB: {Type: X::Y::Z, DependsOn: A}",
    "F: {Type: AWS::Serverless::Function, Properties: {Role: x, Policies: [{Statement: {Resource: !Ref F}}]}}",
    "F: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Q.Arn}}}}}\n"
    "Q: {Type: AWS::SQS::Queue, DependsOn: F}",
]


@pytest.mark.parametrize(("more", "circle"), CIRCLES)
def test_a_circle_is_one_finding(tmp_path: Path, more: str, circle: str) -> None:
    [finding] = circular_dependencies(application_of(tmp_path, more=more))
    first = circle.partition(" ")[0]
    assert finding.message == f"{first}: circular dependency between resources: {circle}"


@pytest.mark.parametrize("more", NONE)
def test_what_a_condition_or_sam_keeps_apart_is_no_circle(tmp_path: Path, more: str) -> None:
    assert [*circular_dependencies(application_of(tmp_path, more=more))] == []
