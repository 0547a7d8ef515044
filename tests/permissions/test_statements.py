"""statements.py: least privilege, in a template's YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.permissions.support import machines_of, task
from workflow_dsl.application.application import read_application
from workflow_dsl.permissions import as_yaml, least_privilege
from workflow_dsl.permissions.statements import statement
from workflow_dsl.project import find_project

RESOURCES = """
Buyer: {Type: AWS::Serverless::Function}
Inner: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {}}}
News: {Type: AWS::SNS::Topic}
Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
Limit: {Type: AWS::SSM::Parameter}
"""
HERE = "${AWS::Region}:${AWS::AccountId}"


def privilege_of(folder: Path, state: dict[str, Any], properties: str = "") -> list[tuple[list[str], list[str]]]:
    return least_privilege(machines_of(folder, {"S": state}, properties, RESOURCES)[0])


def test_the_stock_trader_has_no_more_than_these_privileges() -> None:
    trader = read_application(find_project(ROOT)).machine_of_workflow("stock_trader")
    assert trader
    logs = [
        *(
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
        ),
        *("logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"),
    ]
    functions = [f"!GetAtt Stock{name}Function.Arn" for name in ("Checker", "Seller", "Buyer")]
    assert least_privilege(trader) == [
        (["lambda:InvokeFunction"], functions),
        (["dynamodb:PutItem"], ["!GetAtt TransactionTable.Arn"]),
        (logs, ["*"]),
    ]


PARAMETERS = """
Parameters:
  TableName: {Type: String}
  BusName: {Type: String, Default: orders}
  Topic: {Type: String, Default: "arn:aws:sns:us-east-1:111111111111:News"}
  JobName: {Type: String}
  FunctionArn: {Type: String}
  Queue: {Type: String}
"""
ARN = "!Sub arn:${AWS::Partition}:"
OF_PARAMETERS: list[tuple[str, dict[str, Any], str]] = [
    ("dynamodb:getItem", {"TableName": "${TableName}"}, f"{ARN}dynamodb:{HERE}:table/${{TableName}}"),
    ("events:putEvents", {"Entries": [{"EventBusName": "${BusName}"}]}, f"{ARN}events:{HERE}:event-bus/${{BusName}}"),
    ("sns:publish", {"TopicArn": "${Topic}"}, "!Ref Topic"),
    ("glue:startJobRun", {"JobName": "${JobName}"}, f"{ARN}glue:{HERE}:job/${{JobName}}"),
    ("lambda:invoke", {"FunctionName": "${FunctionArn}"}, "!Ref FunctionArn"),
    ("sqs:sendMessage", {"QueueUrl": "${Queue}"}, "*"),
]


@pytest.mark.parametrize(("call", "parameters", "resource"), OF_PARAMETERS)
def test_a_target_that_a_parameter_names_is_that_parameter(
    tmp_path: Path, call: str, parameters: dict[str, Any], resource: str
) -> None:
    names = ("TableName", "BusName", "Topic", "JobName", "FunctionArn", "Queue")
    substitutions = ", ".join(f"{name}: !Ref {name}" for name in names)
    state = task(f"arn:aws:states:::{call}", **parameters)
    [machine] = machines_of(
        tmp_path, {"S": state}, f"DefinitionSubstitutions: {{{substitutions}}}", sections=PARAMETERS
    )
    assert [resources for _, resources in least_privilege(machine)] == [[resource]]


def test_each_kind_of_resource_is_written_as_iam_expects_it(tmp_path: Path) -> None:
    inner = "arn:aws:states:us-east-1:111111111111:stateMachine:Inner"
    privileges = [
        privilege_of(tmp_path, state)
        for state in (
            task("arn:aws:states:::states:startExecution.sync", StateMachineArn=inner),
            task("arn:aws:states:::sns:publish", TopicArn="arn:aws:sns:us-east-1:111111111111:News"),
            task("arn:aws:states:::aws-sdk:s3:getObject", Bucket="files"),
            task("arn:aws:states:::aws-sdk:s3:getObject", Bucket="elsewhere"),
            task("arn:aws:states:::dynamodb:getItem", TableName="elsewhere"),
            task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/1/far"),
            task("arn:aws:lambda:eu-west-1:222222222222:function:far"),
            task("arn:aws:lambda:us-east-1:111111111111:function:Buyer:live"),
            task("arn:aws:states:::lambda:invoke", FunctionName="222222222222:function:far"),
            task("arn:aws:states:::aws-sdk:ssm:getParameter", Name="Limit"),
            task("arn:aws:states:::glue:startJobRun", JobName="job"),
            task("arn:aws:states:::aws-sdk:kendra:query", IndexId="i"),
        )
    ]
    rule = f"!Sub arn:${{AWS::Partition}}:events:{HERE}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    assert privileges == [
        [
            (["states:StartExecution"], ["!Ref Inner"]),
            (
                ["states:DescribeExecution", "states:StopExecution"],
                [f"!Sub arn:${{AWS::Partition}}:states:{HERE}:execution:${{Inner.Name}}:*"],
            ),
            (["events:DescribeRule", "events:PutRule", "events:PutTargets"], [rule]),
        ],
        [(["sns:Publish"], ["!Ref News"])],
        [(["s3:GetObject"], ["!Sub ${Files.Arn}/*"])],
        [(["s3:GetObject"], ["!Sub arn:${AWS::Partition}:s3:::elsewhere/*"])],
        [(["dynamodb:GetItem"], [f"!Sub arn:${{AWS::Partition}}:dynamodb:{HERE}:table/elsewhere"])],
        [(["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:1:far"])],
        [(["lambda:InvokeFunction"], ["arn:aws:lambda:eu-west-1:222222222222:function:far"])],
        [(["lambda:InvokeFunction"], ["!Sub ${Buyer.Arn}:*"])],
        [(["lambda:InvokeFunction"], ["*"])],
        [(["ssm:GetParameter"], ["!GetAtt Limit.Arn"])],
        [(["glue:StartJobRun"], [f"!Sub arn:${{AWS::Partition}}:glue:{HERE}:job/job"])],
        [(["kendra:Query"], ["*"])],
    ]


def test_a_distributed_map_starts_its_own_state_machine_by_name(tmp_path: Path) -> None:
    state = {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}
    start = f"!Sub arn:${{AWS::Partition}}:states:{HERE}"
    names = [
        ("Type: STANDARD", "M-*"),
        ("Name: import", "import"),
        ("Name: !Sub '${AWS::StackName}-x'", "${AWS::StackName}-x"),
        ("Name: !Join ['-', [a, b]]", "*"),
    ]
    assert [privilege_of(tmp_path, state, properties) for properties, _ in names] == [
        [
            (["states:StartExecution"], [f"{start}:stateMachine:{name}"]),
            (["states:DescribeExecution", "states:StopExecution"], [f"{start}:execution:{name}:*"]),
        ]
        for _, name in names
    ]


class Loader(yaml.SafeLoader):
    """Reads a value with a short tag of CloudFormation as a string with its tag."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {loader.construct_scalar(node)}")


def test_printed_policies_are_yaml_of_the_same_statements() -> None:
    statements = [(["a:B"], ["*"]), (["a:C", "a:D"], ["!GetAtt F.Arn", "!Sub ${B.Arn}/*"])]
    assert yaml.load("\n".join(as_yaml(statements)), Loader) == {  # noqa: S506  # a safe loader
        "Policies": [
            {
                "Statement": [
                    {"Effect": "Allow", "Action": "a:B", "Resource": "*"},
                    {"Effect": "Allow", "Action": ["a:C", "a:D"], "Resource": ["!GetAtt F.Arn", "!Sub ${B.Arn}/*"]},
                ]
            }
        ]
    }
    assert as_yaml([]) == ["Policies: []"]


def test_the_line_of_a_remedy_is_yaml_of_the_same_statement() -> None:
    line = statement(["a:B", "a:C"], ["!Sub ${B.Arn}/*", "*", "!Ref Q"])
    assert yaml.load(line, Loader) == [  # noqa: S506  # a safe loader
        {"Statement": [{"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": ["!Sub ${B.Arn}/*", "*", "!Ref Q"]}]}
    ]


def test_the_account_of_a_role_and_of_another_region_is_that_of_the_stack(tmp_path: Path) -> None:
    substitutions = "DefinitionSubstitutions: {Account: !Ref AWS::AccountId}\nPolicies: []"
    job = task(
        "arn:aws:states:::mediaconvert:createJob", Role="arn:aws:iam::${Account}:role/service-role/media", Settings={}
    )
    call = task("arn:aws:states:::lambda:invoke", FunctionName="arn:aws:lambda:eu-west-1:${Account}:function:f")
    states = {"Job": {**job, "End": False}, "Call": call}
    [machine, *_] = machines_of(tmp_path, states, substitutions)
    resources = [resource for _, resources in least_privilege(machine) for resource in resources]
    assert [resource for resource in resources if "Account" in resource] == [
        "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/service-role/media",
        "!Sub arn:${AWS::Partition}:lambda:eu-west-1:${AWS::AccountId}:function:f",
    ]
