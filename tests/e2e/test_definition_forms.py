"""Every form of definition in one deployed stack: equal at once, and one edit in the account is found in each."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.support import Application, Emulator

EXPORTING = """\
Resources:
  Shared: {Type: AWS::SQS::Queue}
Outputs:
  Queue: {Value: !GetAtt Shared.QueueName, Export: {Name: forms-SMALL-queue}}
"""
CHILD = """\
Parameters: {Seconds: {Type: Number}}
Resources:
  Waiter:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/any
      Definition: {StartAt: Ask, States: {Ask: {Type: Wait, Seconds: !Ref Seconds, Comment: nested, End: true}}}
  Jobs: {Type: AWS::SQS::Queue}
Outputs:
  Jobs: {Value: !GetAtt Jobs.QueueName}
"""
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Seconds: {Type: Number, Default: 5}
  Size: {Type: String, Default: BIG}
  Secret: {Type: String, NoEcho: true}
Conditions: {IsBig: !Equals [!Ref Size, BIG]}
Mappings: {Speed: {SMALL: {Seconds: 9}, BIG: {Seconds: 1}}}
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Seconds: !Ref Seconds}}}
"""
SAM = """\
  {name}:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: arn:aws:iam::000000000000:role/any
      {properties}
"""
PLAIN = """\
  {name}:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/any
      {properties}
"""
OBJECT = "Definition: {StartAt: Ask, States: {Ask: {Type: Wait, Seconds: %s, Comment: %s, End: true}}}"
STRING = '{"StartAt":"Ask","States":{"Ask":{"Type":"Wait","Seconds":%s,"Comment":"%s","End":true}}}'
JOINED = json.dumps(["", [
    '{"StartAt":"Ask","States":{"Ask":{"Type":"Wait","Seconds":', {"Ref": "Seconds"}, ',"Comment":"',
    {"Fn::GetAtt": ["Jobs", "Arn"]}, '","End":true}}}',
]])  # fmt: skip
# The form of the resource and its properties that hold a definition.
FORMS = {
    "File": (SAM, "DefinitionUri: forms.asl.json\n      DefinitionSubstitutions: {Seconds: !Ref Seconds, Jobs: !GetAtt Jobs.Arn}"),
    "FileOfCloudFormation": (PLAIN, "DefinitionS3Location: forms.asl.json\n      DefinitionSubstitutions: {Seconds: 4, Jobs: !Ref Jobs}"),
    "Inline": (SAM, OBJECT % (7, "!GetAtt Jobs.Arn")),
    "InlineOfCloudFormation": (PLAIN, OBJECT % (7, "!Ref Jobs")),
    "Text": (PLAIN, f"DefinitionString: '{STRING % (7, 'text')}'"),
    "Sub": (PLAIN, f"DefinitionString: !Sub '{STRING % ('${Seconds}', '${Jobs.Arn} ${AWS::Region} ${!x}')}'"),
    "SubWithMap": (PLAIN, f"DefinitionString: !Sub ['{STRING % ('${S}', '${C}')}', {{S: !Ref Seconds, C: !Ref Jobs}}]"),
    "Join": (PLAIN, f"DefinitionString: {{'Fn::Join': {JOINED}}}"),
    "If": (SAM, OBJECT % ("!If [IsBig, 1, 2]", "!If [IsBig, big, !Ref Jobs]")),
    "FindInMap": (SAM, OBJECT % ("!FindInMap [Speed, !Ref Size, Seconds]", "map")),
    "Parameters": (SAM, OBJECT % ("!Ref Seconds", "!Sub '${Size} of ${AWS::StackName}'")),
    "ParametersOfCloudFormation": (PLAIN, OBJECT % ("!Ref Seconds", "!Ref Size")),
    "NoEcho": (PLAIN, OBJECT % (7, "!Sub 'is ${Secret}'")),
    "Import": (SAM, OBJECT % (7, "!ImportValue forms-SMALL-queue")),
    "ImportOfSub": (SAM, OBJECT % (7, "{'Fn::ImportValue': !Sub 'forms-${Size}-queue'}")),
    "OutputOfNested": (SAM, OBJECT % (7, "!GetAtt Child.Outputs.Jobs")),
}  # fmt: skip


@pytest.fixture(scope="module")
def forms(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Application:
    """A stack with a state machine for each form, and one nested stack with another."""
    folder = tmp_path_factory.mktemp("forms")
    machines = [form.replace("{name}", name).replace("{properties}", text) for name, (form, text) in FORMS.items()]
    (folder / "template.yaml").write_text(TEMPLATE + "".join(machines))
    (folder / "child.yaml").write_text(CHILD)
    (folder / "forms.asl.json").write_text(re.sub(r"%s", "${Seconds}", STRING, count=1).replace("%s", "of ${Jobs}"))
    emulator.client("cloudformation").create_stack(StackName="exporting", TemplateBody=EXPORTING)
    deployed = Application(emulator, folder, "forms")
    parameters = ("--parameter-overrides", "Size=SMALL Secret=hunter2 Seconds=3")
    deployed.sam("deploy", "--stack-name", deployed.stack, "--resolve-s3", "--no-confirm-changeset", *parameters)
    return deployed


def compared(forms: Application) -> dict[str, Any]:
    result = forms.dsl("deployed", "--stack-name", forms.stack, "--format", "json")
    assert result.stderr == "", result
    return {machine["logicalId"]: machine for machine in json.loads(result.stdout)["stateMachines"]}


def test_every_form_is_equal_right_after_its_deployment(forms: Application) -> None:
    standing = {name: (machine["standing"], machine["changes"]) for name, machine in compared(forms).items()}
    assert standing == {name: ("equal", []) for name in (*FORMS, "Child/Waiter")}


def test_one_edit_in_the_account_is_found_in_each_form(forms: Application) -> None:
    stepfunctions = forms.emulator.client("stepfunctions")
    for machine in compared(forms).values():
        definition = json.loads(stepfunctions.describe_state_machine(stateMachineArn=machine["arn"])["definition"])
        definition["States"]["Ask"]["Seconds"] = 77
        stepfunctions.update_state_machine(stateMachineArn=machine["arn"], definition=json.dumps(definition))
    found = {
        name: [(change["state"], change["field"], change["deployed"]) for change in machine["changes"]]
        for name, machine in compared(forms).items()
    }
    assert found == {name: [("Ask", "Seconds", 77)] for name in (*FORMS, "Child/Waiter")}
