"""The names of the errors of service integrations, as retriers and catchers write them.

Optimized integrations have the names of the Java SDK v1 (`DynamoDB.ConditionalCheckFailedException`), SDK integrations
those of v2 (`DynamoDb.ConditionalCheckFailedException`). A service also throws errors that its API does not model.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from workflow_dsl.definition.integrations import Integration, botocore_name, sdk_model
from workflow_dsl.definition.java_names import exception_class, service_class
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.records import Record


class ServiceOfV1(Record):
    """A service in the Java SDK v1: the beginning of its error names, its name in messages, and its base exception."""

    prefix: str
    client: str
    exception: str = ""

    @property
    def base(self) -> str:
        """The exception for errors that the API does not model."""
        return self.exception or f"{self.client}Exception"


OPTIMIZED = {
    "athena": ServiceOfV1("Athena", "AmazonAthena"),
    "batch": ServiceOfV1("Batch", "AWSBatch"),
    "codebuild": ServiceOfV1("CodeBuild", "AWSCodeBuild"),
    "databrew": ServiceOfV1("DataBrew", "AWSGlueDataBrew"),
    "dynamodb": ServiceOfV1("DynamoDB", "AmazonDynamoDBv2", "AmazonDynamoDBException"),
    "ecs": ServiceOfV1("ECS", "AmazonECS"),
    "eks": ServiceOfV1("EKS", "AmazonEKS"),
    "elasticmapreduce": ServiceOfV1("EMR", "AmazonElasticMapReduce"),
    "emr-containers": ServiceOfV1("EMRContainers", "AmazonEMRContainers"),
    "emr-serverless": ServiceOfV1("EMRServerless", "AWSEMRServerless"),
    "events": ServiceOfV1("EventBridge", "AmazonEventBridge"),
    "glue": ServiceOfV1("Glue", "AWSGlue"),
    "lambda": ServiceOfV1("Lambda", "AWSLambda"),
    "mediaconvert": ServiceOfV1("MediaConvert", "AWSMediaConvert"),
    "sagemaker": ServiceOfV1("SageMaker", "AmazonSageMaker"),
    "sns": ServiceOfV1("SNS", "AmazonSNS"),
    "sqs": ServiceOfV1("SQS", "AmazonSQS"),
    "states": ServiceOfV1("StepFunctions", "AWSStepFunctions"),
}


class ErrorNames(NamedTuple):
    """The errors of a service: the beginning of their names, and what may stand after it, as far as botocore has it."""

    prefix: str
    names: frozenset[str]
    is_sdk: bool


# Developer guide, "Handle transient Lambda service exceptions"; SDK for Java, `SdkClientException` and, as the base
# exception of its v2, which states inside a Parallel or Map can throw, `LambdaException`.
_OF_SDK = ("SdkClientException", "SdkException", "Unknown")
_OF_LAMBDA = ("ServiceException", "AWSLambdaException", "ClientExecutionTimeoutException", "LambdaException")
_LAMBDA = Integration(is_sdk=False, service="lambda", action="invoke", pattern="")


@lru_cache(maxsize=256)
def error_names(integration: Integration) -> ErrorNames | None:
    """Return the errors of an integration's service; None if they are unknown."""
    if integration.is_sdk:
        model = sdk_model(integration.service)
        prefix = service_class(model.service_id) if model else ""
        base = f"{prefix}Exception"
    else:
        known = OPTIMIZED.get(integration.service)
        name = botocore_name(integration.service, integration.action, is_sdk=False)
        model = service_model(name) if known else None
        prefix, base = (known.prefix, known.base) if known else ("", "")
    if model is None:
        return None
    modeled = {exception_class(error, is_sdk=integration.is_sdk) for error in model.errors}
    own = _OF_LAMBDA if integration.service == "lambda" else ()
    return ErrorNames(prefix, frozenset({*modeled, base, *_OF_SDK, *own}), integration.is_sdk)


def lambda_error_names() -> ErrorNames | None:
    """Return the errors of the service that calls functions, whichever Resource a Task has."""
    return error_names(_LAMBDA)
