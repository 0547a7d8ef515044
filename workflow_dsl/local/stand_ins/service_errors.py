"""The errors of AWS services as Step Functions names them: those of the Java SDKs that it calls services with.

Optimized integrations use the Java SDK v1: an error that the API models has its own exception
(`DynamoDB.ConditionalCheckFailedException`), every other error the base exception of the service
(`DynamoDB.AmazonDynamoDBException`), and the cause ends as v1's messages do. SDK integrations use v2:
`DynamoDb.DynamoDbException`.

Sources: developer guide, "Handling errors in Step Functions workflows" (Lambda.AWSLambdaException) and "Run Amazon ECS
or Fargate tasks" (AmazonECS.Unknown); `AmazonServiceException.getMessage` of aws-sdk-java; `AwsServiceException` of
aws-sdk-java-v2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from workflow_dsl.definition.java_names import exception_class, service_class
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.local.errors import StateError
from workflow_dsl.shapes.error_names import OPTIMIZED


class ServiceError(NamedTuple):
    """The answer of a service: its error code, message and HTTP status, and the name of the error in its API.

    `shape` is None for an error that the API does not model.
    """

    code: str
    message: str
    status: int
    request_id: str
    shape: str | None = None
    extended_request_id: str | None = None


def optimized_error(service: str, error: ServiceError) -> StateError:
    """Return the error of an optimized integration, with its name and cause."""
    known = OPTIMIZED[service]
    name = exception_class(error.shape, is_sdk=False) if error.shape else known.base
    details = {
        "Service": known.client,
        "Status Code": error.status,
        "Error Code": error.code,
        "Request ID": error.request_id,
        "Proxy": "null",
    }
    return StateError(f"{known.prefix}.{name}", f"{error.message} ({_listed(details, '; ')})")


def sdk_error(service_id: str, error: ServiceError) -> StateError:
    """Return the error of an SDK integration, with its name and cause; `service_id` is the service's ID in botocore."""
    prefix = service_class(service_id)
    name = exception_class(error.shape, is_sdk=True) if error.shape else f"{prefix}Exception"
    details = {"Service": prefix, "Status Code": error.status, "Request ID": error.request_id}
    if error.extended_request_id:
        details["Extended Request ID"] = error.extended_request_id
    return StateError(f"{prefix}.{name}", f"{error.message} ({_listed(details, ', ')})")


def raise_failures(service: str, pattern: str, result: Json) -> None:
    """Raise StateError for an answer of an optimized integration that reports failures.

    Developer guide, "Call EventBridge with Step Functions" and "Run Amazon ECS or Fargate tasks with Step Functions".
    """
    if not isinstance(result, dict):
        return
    if service == "events" and (result.get("FailedEntryCount") or 0) > 0:
        answer = {name: value for name, value in result.items() if not name.startswith("Sdk")}
        raise StateError("EventBridge.FailedEntry", to_json(answer))
    if service == "ecs" and pattern and result.get("Failures"):
        raise StateError("AmazonECS.Unknown", to_json(result["Failures"]))


def _listed(details: dict[str, Any], separator: str) -> str:
    return separator.join(f"{name}: {value}" for name, value in details.items())


def of_boto3(service: str, model: Any, response: Any) -> StateError:
    """Return the error of an integration (`dynamodb`, `aws-sdk:dynamodb`) from boto3's error response."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    code = str(error.get("QueryErrorCode") or error.get("Code") or "Unknown")
    shape = next((found for name in (error.get("Code"), code) if (found := _modeled(model, name))), None)
    headers = metadata.get("HTTPHeaders", {})
    answer = ServiceError(
        code,
        error.get("Message", ""),
        metadata.get("HTTPStatusCode", 400),
        metadata.get("RequestId") or headers.get("x-amzn-requestid") or "null",
        shape,
        metadata.get("HostId"),
    )
    is_optimized = service in OPTIMIZED  # newer integrations use v2
    return optimized_error(service, answer) if is_optimized else sdk_error(model.service_id, answer)


def _modeled(model: Any, code: str | None) -> str | None:
    """Return the name of the error that an API models under a code, None if it has none."""
    shape = model.shape_for_error_code(code) if code else None
    return shape.name if shape is not None else None
