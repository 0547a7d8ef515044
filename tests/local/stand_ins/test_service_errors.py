"""service_errors.py: the names and causes of errors in each kind of integration, without boto3."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.integrations import optimized
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.stand_ins.service_errors import ServiceError, optimized_error, raise_failures, sdk_error

MODELED = ServiceError("NotThere", "It is not there.", 404, "r-1", "NotThere")
OTHER = ServiceError("AccessDenied", "No.", 403, "r-2")

OPTIMIZED = [
    ("dynamodb", MODELED, "DynamoDB.NotThereException", "AmazonDynamoDBv2"),
    ("dynamodb", OTHER, "DynamoDB.AmazonDynamoDBException", "AmazonDynamoDBv2"),
    ("lambda", OTHER, "Lambda.AWSLambdaException", "AWSLambda"),
    ("ecs", OTHER, "ECS.AmazonECSException", "AmazonECS"),
    ("batch", OTHER, "Batch.AWSBatchException", "AWSBatch"),
    ("glue", OTHER, "Glue.AWSGlueException", "AWSGlue"),
    ("sagemaker", OTHER, "SageMaker.AmazonSageMakerException", "AmazonSageMaker"),
    ("codebuild", OTHER, "CodeBuild.AWSCodeBuildException", "AWSCodeBuild"),
    ("athena", OTHER, "Athena.AmazonAthenaException", "AmazonAthena"),
    ("sns", OTHER, "SNS.AmazonSNSException", "AmazonSNS"),
    ("sqs", OTHER, "SQS.AmazonSQSException", "AmazonSQS"),
    ("states", MODELED, "StepFunctions.NotThereException", "AWSStepFunctions"),
]


@pytest.mark.parametrize(("service", "error", "name", "client"), OPTIMIZED)
def test_an_optimized_integration_has_the_errors_of_the_first_sdk(
    service: str, error: ServiceError, name: str, client: str
) -> None:
    failure = optimized_error(service, error)
    details = f"Status Code: {error.status}; Error Code: {error.code}; Request ID: {error.request_id}; Proxy: null"
    assert (failure.error, failure.cause) == (name, f"{error.message} (Service: {client}; {details})")


SDK = [
    ("DynamoDB", MODELED, "DynamoDb.NotThereException",
     "It is not there. (Service: DynamoDb, Status Code: 404, Request ID: r-1)"),
    ("SFN", OTHER, "Sfn.SfnException", "No. (Service: Sfn, Status Code: 403, Request ID: r-2)"),
    ("S3", OTHER._replace(extended_request_id="e-2"), "S3.S3Exception",
     "No. (Service: S3, Status Code: 403, Request ID: r-2, Extended Request ID: e-2)"),
    ("EC2", OTHER, "Ec2.Ec2Exception", "No. (Service: Ec2, Status Code: 403, Request ID: r-2)"),
]  # fmt: skip


@pytest.mark.parametrize(("service_id", "error", "name", "cause"), SDK)
def test_an_sdk_integration_has_the_errors_of_the_second_sdk(
    service_id: str, error: ServiceError, name: str, cause: str
) -> None:
    failure = sdk_error(service_id, error)
    assert (failure.error, failure.cause) == (name, cause)


def test_every_optimized_service_that_has_an_api_has_a_name() -> None:
    own = {"apigateway", "bedrock", "bedrockagentcore", "http"}  # without an API of AWS, or of the second SDK
    for service in {name.partition(":")[0] for name in optimized()} - own:
        assert optimized_error(service, OTHER).error


FAILURES: list[tuple[str, str, Any, tuple[str, str] | None]] = [
    ("events", "", {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "X"}], "SdkHttpMetadata": {}},
     ("EventBridge.FailedEntry", '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"X"}]}')),
    ("events", "", {"FailedEntryCount": 0, "Entries": []}, None),
    ("aws-sdk:eventbridge", "", {"FailedEntryCount": 1}, None),
    ("ecs", ".sync", {"Failures": [{"Reason": "MISSING"}]}, ("AmazonECS.Unknown", '[{"Reason":"MISSING"}]')),
    ("ecs", "", {"Failures": [{"Reason": "MISSING"}]}, None),
    ("ecs", ".sync", {"Failures": []}, None),
    ("events", "", "mocked", None),
]  # fmt: skip


@pytest.mark.parametrize(("service", "pattern", "answer", "failure"), FAILURES)
def test_an_answer_may_report_failures(
    service: str, pattern: str, answer: Any, failure: tuple[str, str] | None
) -> None:
    if failure is None:
        raise_failures(service, pattern, answer)
        return
    with pytest.raises(StateError) as error:
        raise_failures(service, pattern, answer)
    assert (error.value.error, error.value.cause) == failure
