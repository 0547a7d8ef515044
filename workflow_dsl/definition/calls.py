"""What a state calls: the service, the action, and the value that names what it acts on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, inside
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Keys


class ServiceCall(NamedTuple):
    """A call as the Resource of a Task has it; `service` is "" where the Resource is a placeholder of unknown value.

    `target` is the ARN, name or URL of what is acted on; None where only the execution knows it.
    """

    service: str
    action: str
    pattern: str = ""
    is_sdk: bool = False
    target: str | None = None

    @property
    def waits(self) -> bool:
        """Whether the Task goes on only when the job it starts has ended."""
        return self.pattern.startswith(".sync")

    @property
    def title(self) -> str:
        """The service as people call it: `Lambda`, `DynamoDB`."""
        return title_of(self.service)

    def __str__(self) -> str:
        """The call as a person says it: `Lambda StockChecker`, `DynamoDB putItem Transactions`."""
        is_plain = (self.service, self.action) in (("lambda", "invoke"), ("activity", ""), ("", ""))
        action = "" if is_plain and not self.pattern else f"{self.action}{self.pattern}"
        return " ".join(filter(None, (self.title, action, short_name(self.target))))


TITLES = {
    "activity": "Activity",
    "apigateway": "API Gateway",
    "athena": "Athena",
    "batch": "Batch",
    "bedrock": "Bedrock",
    "bedrockagent": "Bedrock",
    "bedrockagentruntime": "Bedrock",
    "bedrockruntime": "Bedrock",
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatch Logs",
    "codebuild": "CodeBuild",
    "comprehend": "Comprehend",
    "databrew": "DataBrew",
    "dynamodb": "DynamoDB",
    "ec2": "EC2",
    "ecs": "ECS",
    "eks": "EKS",
    "elasticmapreduce": "EMR",
    "emr-containers": "EMR on EKS",
    "emr-serverless": "EMR Serverless",
    "eventbridge": "EventBridge",
    "events": "EventBridge",
    "glue": "Glue",
    "http": "HTTP",
    "lambda": "Lambda",
    "mediaconvert": "MediaConvert",
    "rekognition": "Rekognition",
    "s3": "S3",
    "sagemaker": "SageMaker",
    "secretsmanager": "Secrets Manager",
    "sesv2": "SES",
    "sfn": "Step Functions",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "states": "Step Functions",
    "textract": "Textract",
    "transcribe": "Transcribe",
    "translate": "Translate",
}


def title_of(service: str) -> str:
    """A service as people call it; one that is not known here keeps its name, an abbreviation in capitals."""
    return TITLES.get(service, service.upper() if len(service) <= 3 else service)


# The parameters that name what is acted on, the one that says most first.
_NAMING = (
    "FunctionName TableName QueueUrl TopicArn TargetArn StateMachineArn ActivityArn Bucket BucketName JobDefinition "
    "TaskDefinition ProjectName JobName CrawlerName ApplicationId ModelId SecretId StreamName DeliveryStreamName "
    "WorkGroup HarnessArn AgentRuntimeArn TrainingJobName TransformJobName EndpointName ClusterName Cluster "
    "ClusterId ApiEndpoint CollectionId KeyId InstanceId DbInstanceIdentifier DbClusterIdentifier RuleName "
    "LogGroupName KnowledgeBaseId HostedZoneId"
).split()
_NAMED_BY_NAME = ("glue", "databrew", "ssm")


class Site(NamedTuple):
    """A call, and where in its state it stands: the keys to the Resource, and those to what names the target."""

    call: ServiceCall
    resource: Keys
    target: Keys | None = None


def call_of(state: State) -> ServiceCall | None:
    """What a Task calls; None for another state, and for a Resource that says nothing."""
    found = next(sites(state), None)
    return found.call if found and state.type == "Task" else None


def sites(state: State) -> Iterator[Site]:
    """The calls of a state: that of a Task, and those by which a distributed Map reads items and writes results."""
    holders: dict[Keys, Json] = {(): state.fields} if state.type == "Task" else {}
    if state.type == "Map":
        holders = {(name,): state.fields.get(name) for name in ("ItemReader", "ResultWriter")}
    for keys, holder in holders.items():
        resource = holder.get("Resource") if isinstance(holder, Mapping) else None
        if isinstance(resource, str):
            yield from _site(resource, keys, holder)


def _site(resource: str, keys: Keys, holder: Mapping[str, Json]) -> Iterator[Site]:
    at = (*keys, "Resource")
    called = integration_of(resource)
    if called:
        found = _naming(holder, called.service)
        target = _text(inside(holder, found)) if found else None
        call = ServiceCall(called.service, called.action, called.pattern, called.is_sdk, target)
        yield Site(call, at, (*keys, *found) if found else None)
    elif resource.startswith("arn:") and ":lambda:" in resource:
        yield Site(ServiceCall("lambda", "invoke", target=resource), at, at)
    elif resource.startswith("arn:") and ":activity:" in resource:
        yield Site(ServiceCall("activity", "", target=resource), at, at)
    elif "${" in resource:
        yield Site(ServiceCall("", "", target=resource), at, at)


def _naming(holder: Mapping[str, Json], service: str) -> Keys | None:
    """The keys to the parameter that names the target."""
    field = "Parameters" if "Parameters" in holder else "Arguments"
    parameters = holder.get(field)
    if not isinstance(parameters, dict):
        return None
    if service in ("events", "eventbridge"):
        entry = inside(parameters, ("Entries", 0))
        return (field, "Entries", 0, "EventBusName") if isinstance(entry, dict) and "EventBusName" in entry else None
    naming = (*_NAMING, "Name") if service in _NAMED_BY_NAME else _NAMING
    return next(((field, name) for name in naming if name in parameters), None)


def _text(value: Json) -> str | None:
    is_expression = isinstance(value, str) and value.startswith("{%") and value.endswith("%}")
    return value if isinstance(value, str) and not is_expression else None


def short_name(target: str | None) -> str:
    """The name in an ARN or a URL; of a placeholder, its own; "" for what is not known."""
    if target is None:
        return ""
    if is_placeholder(target):
        return placeholders_in(target)[0]
    if target.startswith("arn:") and target.count(":") >= 5:
        resource = target.split(":", 5)[5]
        kind, colon, name = resource.partition(":")
        return name.partition(":")[0] if colon and kind in _KINDS else resource.rpartition("/")[2]
    _, scheme, place = target.partition("://")
    is_queue = place.startswith("sqs.")
    return place.rstrip("/").rpartition("/")[2] if is_queue else place if scheme else target


_KINDS = ("function", "stateMachine", "activity", "secret", "log-group", "crawler")
