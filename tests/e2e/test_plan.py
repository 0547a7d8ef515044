"""`plan` agrees with CloudFormation: the account is changed by a deployment as the plan said, and in nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import Application, Emulator

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters: {Size: {Type: String, Default: SMALL}}
Resources:
  Jobs: {Type: AWS::SQS::Queue}
"""
MACHINE = """\
  %s:
    Type: AWS::Serverless::StateMachine
    Properties:
      %s
      Policies: [{Statement: [{Effect: Allow, Action: %s, Resource: %s}]}]
"""
WAIT = "Definition: {StartAt: Ask, States: {Ask: {Type: Wait, Seconds: %s, Comment: %s, End: true}}}"
FILE = {"StartAt": "Ask", "States": {"Ask": {"Type": "Wait", "Seconds": 1, "Comment": "${Size}", "End": True}}}
URI = "DefinitionUri: file.asl.json\n      DefinitionSubstitutions: {Size: !Ref Size}"


def template(*machines: tuple[str, str, str]) -> str:
    return TEMPLATE + "".join(MACHINE % (*machine, "!GetAtt Jobs.Arn") for machine in machines)


SEND = "sqs:SendMessage"
BEFORE = template(
    ("Inline", WAIT % (3, "old"), SEND), ("File", URI, SEND), ("Sized", WAIT % (3, "!Ref Size"), SEND),
    ("Edited", WAIT % (3, "old"), SEND), ("Same", WAIT % (3, "old"), SEND), ("Gone", WAIT % (3, "old"), SEND),
    ("Allowed", WAIT % (3, "old"), SEND), ("EditedFile", "DefinitionUri: same.asl.json", SEND),
)  # fmt: skip
AFTER = template(
    ("Inline", WAIT % (4, "new"), SEND), ("File", URI, SEND), ("Sized", WAIT % (3, "!Ref Size"), SEND),
    ("Edited", WAIT % (3, "old"), SEND), ("Same", WAIT % (3, "old"), SEND), ("Added", WAIT % (5, "new"), SEND),
    ("Allowed", WAIT % (3, "old"), "[sqs:ReceiveMessage]"), ("EditedFile", "DefinitionUri: same.asl.json", SEND),
)  # fmt: skip
PLAN = """\
Inline: changes in 2 places
  ~ Ask: waits 4 s instead of 3 s
  ~ Ask: has Comment "new" instead of "old"
File: changes in 2 places
  ~ Ask: waits 2 s instead of 1 s
  ~ Ask: has Comment "BIG" instead of "SMALL"
Sized: changes in 1 place
  ~ Ask: has Comment "BIG" instead of "SMALL"
Edited: was edited in the account (1 change); deploying an unchanged template will not overwrite it
  ~ Ask: waits 3 s instead of 77 s
Same: does not change
Added: is new
Allowed: does not change
  its role may now sqs:ReceiveMessage on QUEUE
  its role may no longer sqs:SendMessage on QUEUE
EditedFile: was edited in the account (1 change); deploying an unchanged template will not overwrite it
  ~ Ask: waits 3 s instead of 77 s
Gone: will be deleted: it is not in the template
"""
EDITED = {"StartAt": "Ask", "States": {"Ask": {"Type": "Wait", "Seconds": 77, "Comment": "old", "End": True}}}
# The values that the plan names, by state machine: those of the account before and after the deployment.
VALUES = {
    "Inline": ([3, "old"], [4, "new"]), "File": ([1, "SMALL"], [2, "BIG"]), "Sized": ([3, "SMALL"], [3, "BIG"]),
    "Edited": ([77, "old"], [77, "old"]), "Same": ([3, "old"], [3, "old"]), "Allowed": ([3, "old"], [3, "old"]),
    "EditedFile": ([77, "old"], [77, "old"]), "Gone": ([3, "old"], None), "Added": (None, [5, "new"]),
}  # fmt: skip


@pytest.fixture
def planned(emulator: Emulator, tmp_path: Path) -> Application:
    """A stack, an edit of one of its state machines in the account, and changes that are not deployed yet."""
    application = Application(emulator, tmp_path, "planned")
    (tmp_path / "template.yaml").write_text(BEFORE)
    (tmp_path / "file.asl.json").write_text(json.dumps(FILE))
    (tmp_path / "same.asl.json").write_text(json.dumps(EDITED).replace("77", "3"))
    deploy(application)
    for name in ("Edited", "EditedFile"):
        arn = application.resources[name][1]
        emulator.client("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(EDITED))
    (tmp_path / "template.yaml").write_text(AFTER)
    (tmp_path / "file.asl.json").write_text(json.dumps(FILE).replace('"Seconds": 1', '"Seconds": 2'))
    return application


def deploy(application: Application, *parameters: str) -> None:
    options = ("--resolve-s3", "--no-confirm-changeset", "--capabilities", "CAPABILITY_IAM")
    application.sam("deploy", "--stack-name", application.stack, *options, *parameters)


def values(application: Application) -> dict[str, list[Any]]:
    machines = [name for name, (type_, _) in application.resources.items() if type_.endswith("StateMachine")]
    states = {name: application.definition(name)["States"]["Ask"] for name in machines}
    return {name: [state["Seconds"], state["Comment"]] for name, state in states.items()}


def actions(application: Application) -> dict[str, Any]:
    """The actions that the roles of the state machines allow, by logical ID."""
    iam = application.emulator.client("iam")
    roles = {name: role for name, (type_, role) in application.resources.items() if type_ == "AWS::IAM::Role"}
    policies = {
        name: iam.get_role_policy(RoleName=role, PolicyName=iam.list_role_policies(RoleName=role)["PolicyNames"][0])
        for name, role in roles.items()
    }
    return {
        name.removesuffix("Role"): policy["PolicyDocument"]["Statement"][0]["Action"]
        for name, policy in policies.items()
    }


def test_a_deployment_does_what_the_plan_printed_and_nothing_else(planned: Application) -> None:
    overridden = ("--parameter-overrides", "Size=BIG")
    plan = planned.dsl("plan", "--stack-name", planned.stack, *overridden)
    queue = f"arn:aws:sqs:us-east-1:000000000000:{planned.resources['Jobs'][1].rpartition('/')[2]}"
    assert (plan.stdout.splitlines(), plan.stderr, plan.returncode) == (
        PLAN.replace("QUEUE", queue).splitlines(),
        "",
        0,
    )
    assert values(planned) == {name: before for name, (before, _) in VALUES.items() if before}
    allowed = actions(planned)

    deploy(planned, *overridden)
    assert values(planned) == {name: after for name, (_, after) in VALUES.items() if after}
    assert actions(planned) == {
        **{name: action for name, action in allowed.items() if name != "Gone"},
        "Added": SEND,
        "Allowed": ["sqs:ReceiveMessage"],
    }
    again = planned.dsl("plan", "--stack-name", planned.stack, *overridden).stdout.splitlines()
    unchanged = [f"{name}: does not change" for name in VALUES if name not in ("Edited", "EditedFile", "Gone")]
    edited = [line for line in PLAN.splitlines() if line.startswith("Edited") or "77 s" in line]
    assert sorted(again) == sorted([*unchanged, *edited])
