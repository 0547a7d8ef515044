"""A plan says what the role of a state machine may do more or less after a deployment."""

from __future__ import annotations

import pytest

from tests.account.conftest import TEMPLATE, run, running
from tests.fake_aws import FakeAws
from workflow_dsl.project import Project

LAST = TEMPLATE.replace("generated/trader.asl.json", "{Bucket: code}")
NEEDED = (
    "{Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Checker.Arn}, "
    "{Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Trades.Arn}]}"
)
READ = "{Statement: {Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt Trades.Arn}}"
WRITE = "{Statement: [{Effect: Allow, Action: [dynamodb:GetItem, dynamodb:Query], Resource: !GetAtt Trades.Arn}]}"
ANY = "{Statement: {Effect: Allow, Action: 'dynamodb:*', Resource: '*'}}"
NOT_FIRST = (
    "{Statement: {Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt Trades.Arn, Condition: {Bool: {a: 1}}}}"
)
INVOKE = "{LambdaInvokePolicy: {FunctionName: !Ref Checker}}"
START = "{StepFunctionsExecutionPolicy: {StateMachineName: app-Trader-X1}}"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/app-Trades-X3"
ROLE = "arn:aws:iam::123456789012:role"
# The policies of the last deployment, those of the template, and the lines of the plan.
CHANGES = {
    "nothing": (READ, READ, []),
    "the same in another form": (READ, READ.replace("dynamodb:GetItem", "[dynamodb:GetItem]"), []),
    "a new action": (READ, WRITE, [f"its role may now dynamodb:Query on {TABLE}"]),
    "an action less": (WRITE, READ, [f"its role may no longer dynamodb:Query on {TABLE}"]),
    "wider": (READ, ANY, ["its role may now dynamodb:* on any resource"]),
    "narrower": (ANY, READ, ["its role may no longer dynamodb:* on any resource"]),
    "already allowed": (ANY, f"{ANY}, {READ}", []),
    "a policy template": (
        READ, f"{READ}, {START}", ["its role may now states:StartExecution on app-Trader-X1"],
    ),
    "a policy template for what is allowed": (READ, f"{READ}, {INVOKE}", []),
    "a condition": (
        READ, NOT_FIRST,
        ["its role is restricted differently: conditions, denials or boundaries of its policies change"],
    ),
    "a managed policy": (
        READ, "AWSLambdaRole",
        ["its role may now lambda:InvokeFunction on any resource", f"its role may no longer dynamodb:GetItem on {TABLE}"],
    ),
    "an unknown policy, unchanged": ("SomeonesPolicy", "SomeonesPolicy", []),
}  # fmt: skip


def with_policies(template: str, policies: str) -> str:
    return template.replace("[SomeonesPolicy]", f"[{NEEDED}, {policies}]")


def planned(application: FakeAws, project: Project, last: str, now: str) -> tuple[int, list[str]]:
    (project.root / "template.yaml").write_text(now)
    application.responses |= {"GetTemplate": {"TemplateBody": last}, "ListExecutions": running(0)}
    result = run(application, "plan")
    assert result.stdout.startswith("Trader: does not change\n"), result
    return result.exit_code, result.stdout.splitlines()[1:]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_policies_is_said_by_action_and_resource(
    change: str, application: FakeAws, project: Project
) -> None:
    before, after, lines = CHANGES[change]
    last, now = with_policies(LAST, before), with_policies(TEMPLATE, after)
    assert planned(application, project, last, now) == (0, [f"  {line}" for line in lines])


def test_a_change_to_an_unknown_policy_is_said_as_not_compared(application: FakeAws, project: Project) -> None:
    last, now = with_policies(LAST, READ), with_policies(TEMPLATE, "SomeonesPolicy")
    assert planned(application, project, last, now) == (
        1,
        [
            "Trader: the changed policies of its role were not compared: "
            "the statements of SomeonesPolicy are not in the template"
        ],
    )


def test_another_role_is_said(application: FakeAws, project: Project) -> None:
    own = "  TraderRole: {Type: AWS::IAM::Role}\n"
    last, now = (each.replace("Policies: [SomeonesPolicy]", "Role: %s") + own for each in (LAST, TEMPLATE))
    assert planned(application, project, last % f"{ROLE}/old", now % f"{ROLE}/new") == (
        0,
        [f"  its role changes from {ROLE}/old to {ROLE}/new"],
    )


def test_the_policies_of_a_role_in_the_template_are_compared(application: FakeAws, project: Project) -> None:
    role = "  TraderRole: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: a, PolicyDocument: %s}, {PolicyName: b, PolicyDocument: %s}]}}\n"
    last, now = (
        each.replace("Policies: [SomeonesPolicy]", "Role: !GetAtt TraderRole.Arn") + role for each in (LAST, TEMPLATE)
    )
    assert planned(application, project, last % (NEEDED, READ), now % (NEEDED, WRITE)) == (
        0,
        [f"  its role may now dynamodb:Query on {TABLE}"],
    )
