"""passed_roles.py and the needs that come of it: iam:PassRole, tags and keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.permissions.support import machines_of, task
from workflow_dsl.permissions.needs import Need, needs_of
from workflow_dsl.permissions.passed_roles import passed_roles
from workflow_dsl.permissions.statements import resource_of

ROLE = "arn:aws:iam::123456789012:role/worker"
PASSED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("aws-sdk:lambda:createFunction", {"FunctionName": "f", "Role": ROLE}, [ROLE]),
    ("aws-sdk:scheduler:createSchedule", {"Target": {"Arn": "a", "RoleArn": ROLE}}, [ROLE]),
    ("aws-sdk:scheduler:createSchedule", {"Target.$": "$.target"}, [""]),
    ("aws-sdk:scheduler:createSchedule", {"Target": "{% $target %}", "FlexibleTimeWindow.$": "$.window"}, [""]),
    ("aws-sdk:scheduler:createSchedule", {"Target": "${Target}"}, []),
    ("aws-sdk:batch:registerJobDefinition", {"ContainerProperties": {"JobRoleArn": ROLE}}, [ROLE]),
    ("aws-sdk:iot:createTopicRule", {"TopicRulePayload": {"Actions": [{"Sqs": {"RoleArn": ROLE}}]}}, [ROLE]),
    ("aws-sdk:codebuild:startBuild", {"ServiceRoleOverride": ROLE}, [ROLE]),
    ("sagemaker:createModel", {"ExecutionRoleArn.$": "$.role"}, [""]),
    ("elasticmapreduce:createCluster", {"ServiceRole": "Service", "JobFlowRole": "{% $role %}"}, ["Service", ""]),
    ("aws-sdk:ec2:runInstances", {"IamInstanceProfile": {"Name": "profile"}}, [""]),
    ("emr-containers:startJobRun", {"ExecutionRoleArn": ROLE}, []),
    ("aws-sdk:bedrock:listModelCustomizationJobs", {"RoleArn": ROLE}, []),
    ("aws-sdk:sts:getFederationToken", {"RoleArn": ROLE}, []),
    ("aws-sdk:organizations:createAccount", {"RoleName": "r"}, []),
    ("lambda:invoke", {"FunctionName": "f", "Payload": {"RoleArn": ROLE}}, []),
    ("aws-sdk:nothing:here", {"RoleArn": ROLE}, []),
]


@pytest.mark.parametrize(("call", "parameters", "roles"), PASSED)
def test_a_call_passes_the_roles_that_its_parameters_hold(
    call: str, parameters: dict[str, Any], roles: list[str]
) -> None:
    assert [*passed_roles(f"arn:aws:states:::{call}", parameters)] == roles


RESOURCES = """
Worker: {Type: AWS::IAM::Role, Properties: {}}
Job: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt Worker.Arn, ExecutionRoleArn: !Ref Parameter}}
Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}}]}}}
Shared: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: "*"}}]}}}
KeyName: {Type: AWS::KMS::Alias, Properties: {TargetKeyId: !Ref Key, AliasName: alias/k}}
Locked: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref KeyName}}
ByAws: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/aws/sqs}}
Open: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Shared}}
Feed: {Type: AWS::Kinesis::Stream, Properties: {StreamEncryption: {EncryptionType: KMS, KeyId: !GetAtt Key.Arn}}}
Vault: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !GetAtt Key.Arn}}}
"""
JOBS = """
Queue: {Type: AWS::Batch::JobQueue}
Work: {Type: AWS::Batch::JobDefinition}
"""
RUN = task("arn:aws:states:::ecs:runTask", TaskDefinition="${Job}")


def required(folder: Path, state: dict[str, Any], substitutions: str = "{}") -> list[tuple[str, str]]:
    """The actions that a state requires, each with the resource of its statement."""
    properties = f"DefinitionSubstitutions: {substitutions}"
    [machine] = machines_of(folder, {"S": state}, properties, RESOURCES + JOBS)
    needs: list[Need] = [need for need in needs_of(machine).needs if need.level == "required"]
    return [(need.action, resource_of(machine, need)) for need in needs]


def _send(queue: str) -> dict[str, Any]:
    return task(
        "arn:aws:states:::sqs:sendMessage", QueueUrl=f"https://sqs.us-east-1.amazonaws.com/111111111111/{queue}"
    )


SCHEDULES = "!Sub arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule"
TASKS = "!Sub arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition"
BATCH = {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}
REQUIRED: list[tuple[dict[str, Any], str, list[tuple[str, str]]]] = [
    (
        RUN,
        "{Job: !Ref Job}",
        [("ecs:RunTask", "!Ref Job"), ("iam:PassRole", "!GetAtt Worker.Arn"), ("iam:PassRole", "*")],
    ),
    (
        task("arn:aws:states:::aws-sdk:scheduler:createSchedule", Target={"RoleArn": "${Role}"}),
        "{Role: !GetAtt Worker.Arn}",
        [("scheduler:CreateSchedule", f"{SCHEDULES}/default/*"), ("iam:PassRole", "!GetAtt Worker.Arn")],
    ),
    (task("arn:aws:states:::ecs:runTask", TaskDefinition="job"), "{}", [("ecs:RunTask", f"{TASKS}/job:*")]),
    (task("arn:aws:states:::ecs:runTask", TaskDefinition="job:3"), "{}", [("ecs:RunTask", f"{TASKS}/job:3")]),
    (task("arn:aws:states:::batch:submitJob", **BATCH), "{}", [("batch:SubmitJob", "*"), ("batch:SubmitJob", "*")]),
    (
        task("arn:aws:states:::batch:submitJob", JobDefinition="${Work}", JobQueue="${Queue}"),
        "{Work: !Ref Work, Queue: !Ref Queue}",
        [("batch:SubmitJob", "!Ref Work"), ("batch:SubmitJob", "!Ref Queue")],
    ),
    (
        task("arn:aws:states:::batch:submitJob", **BATCH, Tags={"a": "b"}),
        "{}",
        [("batch:SubmitJob", "*"), ("batch:SubmitJob", "*"), ("batch:TagResource", "*")],
    ),
    (
        task("arn:aws:states:::aws-sdk:ec2:runInstances", **{"TagSpecifications.$": "$.tags"}),
        "{}",
        [("ec2:RunInstances", "*"), ("ec2:CreateTags", "*")],
    ),
    (_send("ByAws"), "{}", [("sqs:SendMessage", "!GetAtt ByAws.Arn")]),
    (_send("Open"), "{}", [("sqs:SendMessage", "!GetAtt Open.Arn")]),
    (
        _send("Locked"),
        "{}",
        [
            ("sqs:SendMessage", "!GetAtt Locked.Arn"),
            ("kms:Decrypt", "!GetAtt Key.Arn"),
            ("kms:GenerateDataKey", "!GetAtt Key.Arn"),
        ],
    ),
    (
        task("arn:aws:states:::dynamodb:getItem", TableName="Vault"),
        "{}",
        [("dynamodb:GetItem", "!GetAtt Vault.Arn"), ("kms:Decrypt", "!GetAtt Key.Arn")],
    ),
    (
        task("arn:aws:states:::aws-sdk:kinesis:putRecord", StreamName="${Feed}", Data="d", PartitionKey="p"),
        "{Feed: !Ref Feed}",
        [("kinesis:PutRecord", "!GetAtt Feed.Arn"), ("kms:GenerateDataKey", "!GetAtt Key.Arn")],
    ),
]


@pytest.mark.parametrize(("state", "substitutions", "needs"), REQUIRED)
def test_roles_tags_and_keys_are_needed_on_their_own_resources(
    tmp_path: Path, state: dict[str, Any], substitutions: str, needs: list[tuple[str, str]]
) -> None:
    assert required(tmp_path, state, substitutions) == needs


@pytest.mark.parametrize("job", ["Transform", "Training", "Processing", "HyperParameterTuning"])
def test_step_functions_tags_the_sagemaker_jobs_that_it_waits_for(tmp_path: Path, job: str) -> None:
    call = f"arn:aws:states:::sagemaker:create{job}Job"
    tagging = [
        [action for action, _ in required(tmp_path, task(f"{call}{end}")) if "Tag" in action] for end in ("", ".sync")
    ]
    assert tagging == [[], ["sagemaker:AddTags"]]


@pytest.mark.parametrize(
    ("content", "actions"), [("Simple", ["ses:SendEmail"]), ("Raw", ["ses:SendRawEmail"]), ("Template", [])]
)
def test_ses_asks_for_the_action_of_the_message(tmp_path: Path, content: str, actions: list[str]) -> None:
    state = task("arn:aws:states:::aws-sdk:sesv2:sendEmail", Content={content: {}})
    assert [action for action, _ in required(tmp_path, state)] == actions


@pytest.mark.parametrize(
    ("call", "parameters", "level"),
    [
        ("aws-sdk:lambda:createFunction", {"Role": ROLE}, "required"),
        ("aws-sdk:glue:createJob", {"Role": ROLE}, "required"),
        ("mediaconvert:createJob", {"Role": ROLE}, "required"),
        ("aws-sdk:appflow:createFlow", {"MetadataCatalogConfig": {"GlueDataCatalog": {"RoleArn": ROLE}}}, "for_jobs"),
    ],
)
def test_a_role_that_aws_does_not_document_as_passed_is_a_warning(
    tmp_path: Path, call: str, parameters: dict[str, Any], level: str
) -> None:
    [machine] = machines_of(tmp_path, {"S": task(f"arn:aws:states:::{call}", **parameters)})
    levels = [need.level for need in needs_of(machine).needs if (need.action, need.target) == ("iam:PassRole", ROLE)]
    assert levels == [level]


@pytest.mark.parametrize(
    ("encryption", "actions"),
    [
        ("{Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: !GetAtt Key.Arn}", ["kms:Decrypt", "kms:GenerateDataKey"]),
        ("{Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: !Ref KeyName}", ["kms:Decrypt", "kms:GenerateDataKey"]),
        ("{Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: !Ref Shared}", []),
        ("{Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: alias/mine}", []),
        ("{Type: AWS_OWNED_KEY}", []),
    ],
)
def test_a_role_needs_the_key_that_encrypts_its_state_machine(
    tmp_path: Path, encryption: str, actions: list[str]
) -> None:
    properties = f"EncryptionConfiguration: {encryption}"
    [machine] = machines_of(tmp_path, {"S": {"Type": "Pass", "End": True}}, properties, RESOURCES)
    assert [need.action for need in needs_of(machine).needs if need.level == "required"] == actions
