"""The AWS services that tasks call: boto3 with moto in this process or with an endpoint, or functions as fakes.

Parameters and results have PascalCase names as in Step Functions, whatever botocore calls the members. boto3 and moto
are imported at the first call.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cached_property
from typing import Any, Protocol

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.definition.integrations import botocore_name, java_name
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.local.errors import RUNTIME, StateError
from workflow_dsl.local.stand_ins.callbacks import send_task_failure, send_task_heartbeat, send_task_success

_SDK = "aws-sdk:"
_ERROR_PREFIXES = {"dynamodb": "DynamoDB", "events": "EventBridge", "sns": "SNS", "sqs": "SQS"}


class Services(Protocol):
    """AWS services that respond to the calls of tasks."""

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        """Return the result of an action (putItem) of a service (dynamodb, aws-sdk:dynamodb). Raises StateError."""

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return the content of an S3 object, in a version if one is given. Raises StateError."""

    def close(self) -> None:
        """Stop everything that was started for the calls."""


class FakeServices:
    """Functions as fakes of actions: `{"dynamodb:putItem": lambda parameters: {...}}`; `others` get all other calls."""

    def __init__(
        self, actions: Mapping[str, Callable[[dict[str, Json]], Json]], others: Services | None = None
    ) -> None:
        self._actions, self._others = actions, others

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        function = self._actions.get(f"{service}:{action}")
        if function is not None:
            return json.loads(json.dumps(function(parameters)))
        if self._others is None:
            raise StateError(RUNTIME, f"no service answers {service}:{action}")
        return self._others.call(service, action, parameters)

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        if self._others is not None and f"{_SDK}s3:getObject" not in self._actions:
            return self._others.read_object(bucket, key, version)
        parameters = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
        body = self.call(f"{_SDK}s3", "getObject", parameters)["Body"]
        return str(body).encode()

    def close(self) -> None:
        """Do nothing: no call starts anything."""


class BotoServices:
    """AWS services called with boto3: at an endpoint, or without one in moto, where no call leaves your computer."""

    def __init__(self, endpoint_url: str | None = None) -> None:
        self._endpoint_url = endpoint_url
        self._resources = ExitStack()
        self._clients: dict[str, Any] = {}

    @cached_property
    def session(self) -> Any:
        """The boto3 session of all calls; it is also the default session, which handlers use."""
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        if self._endpoint_url is None:
            os.environ.setdefault("MOTO_ACCOUNT_ID", LOCAL_ACCOUNT)  # moto reads it when it is imported
            from moto import mock_aws  # lazy import: half a second, only needed for calls of services

            self._resources.enter_context(mock_aws())
        import boto3

        region = os.environ.get("AWS_DEFAULT_REGION") if self._endpoint_url else None
        boto3.setup_default_session(region_name=region or LOCAL_REGION)
        session: Any = boto3.DEFAULT_SESSION
        for operation, callback in _CALLBACKS.items():
            session.events.register(f"before-call.sfn.{operation}", _intercepting(callback))
        return session

    def client(self, service: str) -> Any:
        """Return a boto3 client for a service by its boto3 name."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service, endpoint_url=self._endpoint_url)
        return self._clients[service]

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        from botocore import xform_name
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            EndpointConnectionError,
            HTTPClientError,
            NoCredentialsError,
            UnknownServiceError,
        )

        try:
            name, is_sdk = service.removeprefix(_SDK), service.startswith(_SDK)
            client = self.client(botocore_name(name, action, is_sdk=is_sdk))
        except UnknownServiceError:
            raise StateError(RUNTIME, f"boto3 has no service {service}") from None
        operation = f"{action[0].upper()}{action[1:]}"
        model = client.meta.service_model
        if operation not in model.operation_names:
            raise StateError(RUNTIME, f"The service {service} has no action {action}")
        shape = model.operation_model(operation)
        try:
            members = _to_members(shape.input_shape, parameters)
            response = getattr(client, xform_name(operation))(**members)
        except ClientError as problem:
            raise _client_error(service, client, problem) from None
        except (EndpointConnectionError, HTTPClientError, NoCredentialsError) as problem:
            raise StateError(RUNTIME, f"{action} cannot be called: {problem}") from None
        except (BotoCoreError, ValueError, TypeError) as problem:
            raise StateError(RUNTIME, f"The parameters of {action} are not those of the service: {problem}") from None
        metadata = response.pop("ResponseMetadata", {})
        result: dict[str, Json] = _from_members(shape.output_shape, response) if shape.output_shape else {}
        if service.startswith(_SDK):
            return result
        headers = dict(metadata.get("HTTPHeaders", {}))
        return {**result, **http_metadata(headers, metadata.get("HTTPStatusCode", 200), metadata.get("RequestId", ""))}

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        from botocore.exceptions import ClientError

        client = self.client("s3")
        try:
            content: bytes = client.get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))[
                "Body"
            ].read()
        except ClientError as problem:
            raise _client_error("s3", client, problem) from None
        return content

    def close(self) -> None:
        self._clients.clear()
        self.__dict__.pop("session", None)  # the next call starts moto again, and so never leaves your computer
        self._resources.close()


def http_metadata(headers: dict[str, str], status: int, request: str) -> dict[str, Json]:
    """Return the metadata of the HTTP response that Step Functions adds to the result of an optimized integration."""
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def _client_error(service: str, client: Any, problem: Any) -> StateError:
    """The error of a service, with its name in Step Functions: `DynamoDB.ConditionalCheckFailedException`."""
    error = problem.response["Error"]
    code = error.get("QueryErrorCode") or error.get("Code", "Exception")
    name = service.removeprefix(_SDK)
    prefix = _ERROR_PREFIXES.get(name) if not service.startswith(_SDK) else None
    prefix = prefix or _java_name(client.meta.service_model.service_id)
    code = code if code.endswith("Exception") else f"{code}Exception"
    metadata = problem.response.get("ResponseMetadata", {})
    status, request_id = metadata.get("HTTPStatusCode"), metadata.get("RequestId")
    details = f"(Service: {prefix}, Status Code: {status}, Request ID: {request_id})"
    return StateError(f"{prefix}.{code}", f"{error.get('Message', '')} {details}")


def _java_name(service_id: str) -> str:
    """The name of a service in the Java SDK v2, used in error names: DynamoDb, SecretsManager, Sfn."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", service_id)
    return "".join(word.capitalize() for word in words)


def _to_members(shape: Any, value: Json) -> Any:  # noqa: PLR0911  # one for each kind of shape
    """Parameters with botocore's member names. An object where a string belongs becomes its JSON."""
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        by_name = {_step_functions_name(shape, name).lower(): name for name in shape.members}
        return {
            by_name.get(name.lower(), name): _to_members(shape.members.get(by_name.get(name.lower())), member)
            for name, member in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_to_members(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: _to_members(shape.value, member) for name, member in value.items()}
    if shape.type_name == "string" and isinstance(value, (dict, list)):
        return to_json(value)
    if shape.type_name == "blob":
        return (value if isinstance(value, str) else to_json(value)).encode()
    return value


def _step_functions_name(shape: Any, member: str) -> str:
    """The name of a member in parameters and results; DynamoDB's attribute values keep theirs: S, N, BOOL."""
    return member if shape.name == "AttributeValue" else java_name(member)


def _from_members(shape: Any, value: Any) -> Json:
    if shape is not None and shape.type_name == "structure" and isinstance(value, dict):
        return {
            _step_functions_name(shape, name): _from_members(shape.members.get(name), member)
            for name, member in value.items()
        }
    if shape is not None and shape.type_name == "list":
        return [_from_members(shape.member, item) for item in value]
    if shape is not None and shape.type_name == "map":
        return {name: _from_members(shape.value, member) for name, member in value.items()}
    return _scalar(value)


def _scalar(value: Any) -> Json:
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return format_timestamp(value) if hasattr(value, "isoformat") else value


def _success(body: dict[str, Any]) -> None:
    send_task_success(body["taskToken"], json.loads(body["output"]))


def _failure(body: dict[str, Any]) -> None:
    send_task_failure(body["taskToken"], body.get("error", ""), body.get("cause", ""))


def _heartbeat(body: dict[str, Any]) -> None:
    send_task_heartbeat(body["taskToken"])


_CALLBACKS = {"SendTaskSuccess": _success, "SendTaskFailure": _failure, "SendTaskHeartbeat": _heartbeat}


def _intercepting(callback: Callable[[dict[str, Any]], None]) -> Callable[..., Any]:
    """Pass a handler's own boto3 call of Step Functions on to the local run."""

    def before_call(params: Mapping[str, Any], **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse, HeadersDict

        headers: Any = HeadersDict()
        try:
            callback(json.loads(params["body"]))
        except LookupError as problem:
            error = {"Error": {"Code": "TaskDoesNotExist", "Message": str(problem)}}
            return AWSResponse("", 400, headers, None), {**error, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return AWSResponse("", 200, headers, None), {"ResponseMetadata": {"HTTPStatusCode": 200}}

    return before_call
