"""The service calls of a state: service, action, and target (the function, table or queue that it acts on)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record


class ServiceCall(Record):
    """The service call of a state. `service` is "" if the Resource is a placeholder of unknown value.

    `target` is the ARN, name or URL that the call acts on; None if it is known only at run time.
    """

    service: str
    action: str
    pattern: str = ""
    is_sdk: bool = False
    target: str | None = None

    @property
    def waits_for_job(self) -> bool:
        """True if the Task completes only when the job that it starts has ended (.sync)."""
        return self.pattern.startswith(".sync")

    @property
    def title(self) -> str:
        """The display name of the service: `Lambda`, `DynamoDB`."""
        return title_of(self.service)

    def __str__(self) -> str:
        """Return the call for display: `Lambda StockChecker`, `DynamoDB putItem Transactions`."""
        is_plain = (self.service, self.action) in (("lambda", "invoke"), ("activity", ""), ("", ""))
        action = "" if is_plain and not self.pattern else f"{self.action}{self.pattern}"
        return " ".join(filter(None, (self.title, action, short_name(self.target))))


_TITLES = {
    "activity": "Activity",
    "apigateway": "API Gateway",
    "athena": "Athena",
    "batch": "Batch",
    "bedrock": "Bedrock",
    "bedrockagent": "Bedrock",
    "bedrockagentruntime": "Bedrock",
    "bedrockruntime": "Bedrock",
    "cloudfront": "CloudFront",
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
    """Return a service's display name; an unknown service keeps its name, in capitals if it has up to three letters."""
    return _TITLES.get(service, service.upper() if len(service) <= 3 else service)


# The parameters that name the target, most specific first.
_TARGET_PARAMETERS = (
    "FunctionName TableName QueueUrl TopicArn TargetArn StateMachineArn ActivityArn Bucket BucketName JobDefinition "
    "TaskDefinition ProjectName JobName CrawlerName ApplicationId ModelId SecretId StreamName DeliveryStreamName "
    "WorkGroup HarnessArn AgentRuntimeArn TrainingJobName TransformJobName EndpointName ClusterName Cluster "
    "ClusterId ApiEndpoint CollectionId KeyId InstanceId DbInstanceIdentifier DbClusterIdentifier RuleName "
    "LogGroupName KnowledgeBaseId HostedZoneId"
).split()
_TARGET_IS_NAME = ("glue", "databrew", "ssm")  # services whose parameter for it is just Name


class CallSite(Record):
    """A call and its place: the keys, from the state on, of the Resource and of the value that names the target."""

    call: ServiceCall
    resource: Keys
    target: Keys | None = None


def call_of(state: State) -> ServiceCall | None:
    """Return the call of a Task; None for other states and for a Resource that is not an ARN or placeholder."""
    site = next(call_sites(state), None)
    return site.call if site and state.type == "Task" else None


def call_sites(state: State) -> Iterator[CallSite]:
    """Yield the calls of a state: a Task's own, and those of a Map that read its items and write its results."""
    holders: dict[Keys, Json] = {(): state.fields} if state.type == "Task" else {}
    if state.type == "Map":
        holders = {(name,): state.fields.get(name) for name in ("ItemReader", "ResultWriter")}
    for keys, holder in holders.items():
        resource = holder.get("Resource") if isinstance(holder, Mapping) else None
        if isinstance(resource, str):
            yield from _site(resource, keys, holder)


# Parameters with what the called function or state machine gets, which can have any field.
_FREE = frozenset("Detail Input Item Message MessageBody Payload".split())


def roles_in(state: State, site: CallSite) -> Iterator[Keys]:
    """Yield the keys of a Task's parameters that are the ARN of a role, as far as they are strings."""
    fields = ("Parameters", "Arguments", "Credentials") if site.resource == ("Resource",) else ()
    waiting: list[tuple[Keys, Json]] = [((field,), state.fields.get(field)) for field in fields]
    while waiting:
        keys, value = waiting.pop()
        items = value.items() if isinstance(value, Mapping) else enumerate(value if isinstance(value, list) else ())
        for name, item in items:
            if isinstance(item, str) and str(name).endswith("RoleArn"):
                yield (*keys, name)
            elif name not in _FREE:
                waiting.append(((*keys, name), item))


def _site(resource: str, keys: Keys, holder: Mapping[str, Json]) -> Iterator[CallSite]:
    at = (*keys, "Resource")
    integration = integration_of(resource)
    if integration:
        is_sdk, service, action, pattern = integration
        target_keys = _target_keys(holder, service)
        target = _static_text(value_at(holder, target_keys)) if target_keys else None
        call = ServiceCall(service, action, pattern, is_sdk, target)
        yield CallSite(call, at, (*keys, *target_keys) if target_keys else None)
    elif resource.startswith("arn:") and ":lambda:" in resource:
        yield CallSite(ServiceCall("lambda", "invoke", target=resource), at, at)
    elif resource.startswith("arn:") and ":activity:" in resource:
        yield CallSite(ServiceCall("activity", "", target=resource), at, at)
    elif "${" in resource:
        yield CallSite(ServiceCall("", "", target=resource), at, at)


def _target_keys(holder: Mapping[str, Json], service: str) -> Keys | None:
    """The keys of the parameter that names the target."""
    field = "Parameters" if "Parameters" in holder else "Arguments"
    parameters = holder.get(field)
    if not isinstance(parameters, dict):
        return None
    if service in ("events", "eventbridge"):
        entry = value_at(parameters, ("Entries", 0))
        return (field, "Entries", 0, "EventBusName") if isinstance(entry, dict) and "EventBusName" in entry else None
    names = (*_TARGET_PARAMETERS, "Name") if service in _TARGET_IS_NAME else _TARGET_PARAMETERS
    return next(((field, name) for name in names if name in parameters), None)


def _static_text(value: Json) -> str | None:
    is_expression = isinstance(value, str) and value.startswith("{%") and value.endswith("%}")
    return value if isinstance(value, str) and not is_expression else None


def short_name(target: str | None) -> str:
    """Return the name in a target's ARN, URL or placeholder; "" for None."""
    if target is None:
        return ""
    if is_placeholder(target):
        return placeholders_in(target)[0]
    if target.startswith("arn:") and target.count(":") >= 5:
        resource = target.split(":", 5)[5]
        kind, colon, name = resource.partition(":")
        return name.partition(":")[0] if colon and kind in _KINDS else resource.rpartition("/")[2]
    _, separator, address = target.partition("://")
    is_queue = address.startswith("sqs.")
    return address.rstrip("/").rpartition("/")[2] if is_queue else address if separator else target


_KINDS = ("function", "stateMachine", "activity", "secret", "log-group", "crawler")
