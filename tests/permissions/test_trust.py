"""trust.py: the services that may assume a role, with the conditions of its trust policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.application.template import read_template
from workflow_dsl.permissions import may_assume

STATES = "Principal: {Service: states.amazonaws.com}"
EVENTS = "Principal: {Service: events.amazonaws.com}"
ANY_MACHINE = "!Sub 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*'"
STATEMENTS = [
    (f"{{Effect: Allow, {STATES}}}", True),
    (f"{{Effect: Allow, {EVENTS}}}", False),
    (f"{{Effect: Allow, {STATES}, Condition: {{ArnLike: {{aws:SourceArn: {ANY_MACHINE}}}}}}}", True),
    (f"{{Effect: Allow, {STATES}, Condition: {{ArnLike: {{aws:SourceArn: 'arn:aws:states:*:*:*'}}}}}}", True),
    (f"{{Effect: Allow, {STATES}, Condition: {{ArnLike: {{aws:SourceArn: !Ref Sources}}}}}}", True),
    (f"{{Effect: Allow, {STATES}, Condition: {{StringEquals: {{aws:SourceAccount: '1'}}}}}}", True),
    (f"{{Effect: Allow, {STATES}, Condition: {{ArnLike: {{aws:SourceArn: 'arn:aws:states:*:*:activity:*'}}}}}}", False),
    (f"{{Effect: Allow, {STATES}, Condition: {{ArnLikeIfExists: {{aws:SourceArn: 'arn:aws:lambda:*:*:*'}}}}}}", False),
    (f"{{Effect: Allow, {STATES}, Condition: {{ArnNotLike: {{aws:SourceArn: 'arn:aws:lambda:*:*:*'}}}}}}", True),
    (
        f"{{Effect: Allow, {STATES}, Condition: "
        "{ArnLike: {aws:SourceArn: ['arn:aws:states:*:*:activity:*', 'arn:aws:states:*:*:stateMachine:a']}}}",
        True,
    ),
]


@pytest.mark.parametrize(("statement", "is_allowed"), STATEMENTS)
def test_a_condition_on_the_source_excludes_what_it_never_matches(
    tmp_path: Path, statement: str, is_allowed: bool
) -> None:
    text = statement.replace("{Effect: Allow,", "{Effect: Allow, Action: sts:AssumeRole,")
    path = tmp_path / "template.yaml"
    path.write_text(
        "Parameters: {Sources: {Type: String}}\nResources:\n  R:\n    Type: AWS::IAM::Role\n"
        f"    Properties: {{AssumeRolePolicyDocument: {{Statement: [{text}]}}}}\n"
    )
    assert may_assume(read_template(path, "template.yaml"), "R", "states") is is_allowed
