"""Resource types: the noun, the ARN and the value of Ref of each, and the AWS account of local runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from workflow_dsl.definition.json import Json

# One account in one region: what ARNs, Ref and GetAtt resolve to on this computer.
LOCAL_ACCOUNT, LOCAL_REGION, LOCAL_PARTITION = "111111111111", "us-east-1", "aws"

MACHINES = ("AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")
FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable")
QUALIFIERS = ("AWS::Lambda::Alias", "AWS::Lambda::Version")  # Ref returns the function's ARN with a suffix
QUALIFIED_MACHINES = ("AWS::StepFunctions::StateMachineAlias", "AWS::StepFunctions::StateMachineVersion")
ACTIVITY, BUCKET, BUS, QUEUE, ROLE, TOPIC = (
    "AWS::StepFunctions::Activity",
    "AWS::S3::Bucket",
    "AWS::Events::EventBus",
    "AWS::SQS::Queue",
    "AWS::IAM::Role",
    "AWS::SNS::Topic",
)


class Kind(NamedTuple):
    """A kind of resource: its ARN after the partition, the property that names it, and the value of Ref.

    Source: CloudFormation's template reference, "Return values" of each type.
    """

    noun: str
    arn: str
    named_by: str
    ref: Literal["arn", "name", "url"] = "name"

    @property
    def service(self) -> str:
        """The service in its ARNs."""
        return self.arn.partition(":")[0]

    @property
    def form(self) -> str:
        """The word for the value of Ref: ARN, name or URL."""
        return self.ref if self.ref == "name" else self.ref.upper()

    def reference_to_arn(self, logical_id: str) -> str:
        """The reference to the ARN of a resource of this kind."""
        return f"!Ref {logical_id}" if self.ref == "arn" else f"!GetAtt {logical_id}.Arn"


_FUNCTION = Kind("a Lambda function", "lambda:{region}:{account}:function:{name}", "FunctionName")
_TABLE = Kind("a table", "dynamodb:{region}:{account}:table/{name}", "TableName")
_MACHINE = Kind("a state machine", "states:{region}:{account}:stateMachine:{name}", "Name", "arn")

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(FUNCTIONS, _FUNCTION),
    **dict.fromkeys(TABLES, _TABLE),
    "AWS::Serverless::StateMachine": _MACHINE,
    "AWS::StepFunctions::StateMachine": _MACHINE._replace(named_by="StateMachineName"),
    ACTIVITY: Kind("an activity", "states:{region}:{account}:activity:{name}", "Name", "arn"),
    QUEUE: Kind("a queue", "sqs:{region}:{account}:{name}", "QueueName", "url"),
    TOPIC: Kind("a topic", "sns:{region}:{account}:{name}", "TopicName", "arn"),
    BUCKET: Kind("a bucket", "s3:::{name}", "BucketName"),
    BUS: Kind("an event bus", "events:{region}:{account}:event-bus/{name}", "Name"),
    ROLE: Kind("a role", "iam::{account}:role/{name}", "RoleName"),
}


def service_of(type_: str) -> str:
    """The service of a resource type: the one in its ARNs, else the one in the type's name."""
    if type_ in KINDS:
        return KINDS[type_].service
    service = type_.split("::")[1].lower() if type_.count("::") > 1 else ""
    return "states" if service == "stepfunctions" else service


def definition_property(properties: Mapping[str, Json]) -> str:
    """The property that names the file of a definition. `sam package` takes a path in either (CLI reference)."""
    return "DefinitionS3Location" if "DefinitionS3Location" in properties else "DefinitionUri"
