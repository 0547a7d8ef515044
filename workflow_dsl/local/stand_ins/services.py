"""AWS services that tasks call: boto3, against moto in this process, any endpoint, or answers given.

Parameters and results are PascalCase as the service shapes them, whatever botocore calls the members. boto3 and moto
are loaded when the first call is made.
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
from workflow_dsl.expressions.timestamps import iso
from workflow_dsl.local.errors import RUNTIME, StateError
from workflow_dsl.local.stand_ins.callbacks import send_task_failure, send_task_heartbeat, send_task_success

_SDK = "aws-sdk:"
_ERROR_PREFIXES = {"dynamodb": "DynamoDB", "events": "EventBridge", "sns": "SNS", "sqs": "SQS"}


class Services(Protocol):
    """What answers a task's calls."""

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        """The result of an action (`putItem`) of a service (`dynamodb` or `aws-sdk:dynamodb`). Raises StateError."""

    def read_object(self, bucket: str, key: str) -> bytes:
        """The content of an S3 object. Raises StateError."""

    def close(self) -> None:
        """Ends what was started for the calls."""


class GivenServices:
    """Answers given as functions: `{"dynamodb:putItem": lambda parameters: {...}}`; `others` answer other calls."""

    def __init__(
        self, answers: Mapping[str, Callable[[dict[str, Json]], Json]], others: Services | None = None
    ) -> None:
        self._answers, self._others = answers, others

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        answer = self._answers.get(f"{service}:{action}")
        if answer is not None:
            return json.loads(json.dumps(answer(parameters)))
        if self._others is None:
            raise StateError(RUNTIME, f"no service answers {service}:{action}")
        return self._others.call(service, action, parameters)

    def read_object(self, bucket: str, key: str) -> bytes:
        if self._others is not None and f"{_SDK}s3:getObject" not in self._answers:
            return self._others.read_object(bucket, key)
        body = self.call(f"{_SDK}s3", "getObject", {"Bucket": bucket, "Key": key})["Body"]
        return str(body).encode()

    def close(self) -> None:
        """Nothing was started."""


class BotoServices:
    """Calls through boto3: to an endpoint, or with none to moto in this process, where nothing leaves the machine."""

    def __init__(self, endpoint_url: str | None = None) -> None:
        self._endpoint_url = endpoint_url
        self._open = ExitStack()
        self._clients: dict[str, Any] = {}

    @cached_property
    def session(self) -> Any:
        """The session that calls are made with; handlers that use boto3's default session use the same."""
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        if self._endpoint_url is None:
            os.environ.setdefault("MOTO_ACCOUNT_ID", LOCAL_ACCOUNT)  # which moto reads when it is imported
            from moto import mock_aws  # half a second that a run without services need not wait for

            self._open.enter_context(mock_aws())
        import boto3

        region = os.environ.get("AWS_DEFAULT_REGION") if self._endpoint_url else None
        boto3.setup_default_session(region_name=region or LOCAL_REGION)
        session: Any = boto3.DEFAULT_SESSION
        for operation, answer in _CALLBACKS.items():
            session.events.register(f"before-call.sfn.{operation}", _answering(answer))
        return session

    def client(self, service: str) -> Any:
        """A boto3 client for a service, named as boto3 names it."""
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
            called, is_sdk = service.removeprefix(_SDK), service.startswith(_SDK)
            client = self.client(botocore_name(called, action, is_sdk=is_sdk))
        except UnknownServiceError:
            raise StateError(RUNTIME, f"There is no service {service} to call") from None
        operation = f"{action[0].upper()}{action[1:]}"
        model = client.meta.service_model
        if operation not in model.operation_names:
            raise StateError(RUNTIME, f"The service {service} has no action {action}")
        shape = model.operation_model(operation)
        try:
            given = _to_members(shape.input_shape, parameters)
            result = getattr(client, xform_name(operation))(**given)
        except ClientError as problem:
            raise _client_error(service, client, problem) from None
        except (EndpointConnectionError, HTTPClientError, NoCredentialsError) as problem:
            raise StateError(RUNTIME, f"{action} cannot be called: {problem}") from None
        except (BotoCoreError, ValueError, TypeError) as problem:
            raise StateError(RUNTIME, f"The parameters of {action} are not those of the service: {problem}") from None
        answered = {name: each for name, each in result.items() if name != "ResponseMetadata"}
        found: dict[str, Json] = _from_members(shape.output_shape, answered) if shape.output_shape else {}
        if service.startswith(_SDK):
            return found
        response = result["ResponseMetadata"]
        headers = dict(response.get("HTTPHeaders", {}))
        return {**found, **http_metadata(headers, response.get("HTTPStatusCode", 200), response.get("RequestId", ""))}

    def read_object(self, bucket: str, key: str) -> bytes:
        from botocore.exceptions import ClientError

        client = self.client("s3")
        try:
            content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as problem:
            raise _client_error("s3", client, problem) from None
        return content

    def close(self) -> None:
        self._clients.clear()
        self.__dict__.pop("session", None)  # the next call starts moto anew, and never leaves the machine
        self._open.close()


def http_metadata(headers: dict[str, str], status: int, request: str) -> dict[str, Json]:
    """What Step Functions adds to an optimized integration's result of the HTTP response it came with."""
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def _client_error(service: str, client: Any, problem: Any) -> StateError:
    """A service's error as Step Functions names it: `DynamoDB.ConditionalCheckFailedException`."""
    answer = problem.response
    code = answer["Error"].get("QueryErrorCode") or answer["Error"].get("Code", "Exception")
    name = service.removeprefix(_SDK)
    prefix = _ERROR_PREFIXES.get(name) if not service.startswith(_SDK) else None
    prefix = prefix or _java_name(client.meta.service_model.service_id)
    code = code if code.endswith("Exception") else f"{code}Exception"
    response = answer.get("ResponseMetadata", {})
    said = (
        f"(Service: {prefix}, Status Code: {response.get('HTTPStatusCode')}, Request ID: {response.get('RequestId')})"
    )
    return StateError(f"{prefix}.{code}", f"{answer['Error'].get('Message', '')} {said}")


def _java_name(service_id: str) -> str:
    """A service's name in the Java SDK v2, whose exceptions the service reports: DynamoDb, SecretsManager, Sfn."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", service_id)
    return "".join(word.capitalize() for word in words)


def _to_members(shape: Any, value: Json) -> Any:  # noqa: PLR0911  # one for each kind of shape
    """Parameters with the members' own names. An object where a string belongs is its JSON."""
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        by_name = {_step_functions_name(shape, name).lower(): name for name in shape.members}
        return {
            by_name.get(name.lower(), name): _to_members(shape.members.get(by_name.get(name.lower())), each)
            for name, each in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_to_members(shape.member, each) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: _to_members(shape.value, each) for name, each in value.items()}
    if shape.type_name == "string" and isinstance(value, (dict, list)):
        return to_json(value)
    if shape.type_name == "blob":
        return (value if isinstance(value, str) else to_json(value)).encode()
    return value


def _step_functions_name(shape: Any, member: str) -> str:
    """A member's name in parameters and results; DynamoDB's values are as its own API has them: S, N, BOOL."""
    return member if shape.name == "AttributeValue" else java_name(member)


def _from_members(shape: Any, value: Any) -> Json:
    if shape is not None and shape.type_name == "structure" and isinstance(value, dict):
        return {
            _step_functions_name(shape, name): _from_members(shape.members.get(name), each)
            for name, each in value.items()
        }
    if shape is not None and shape.type_name == "list":
        return [_from_members(shape.member, each) for each in value]
    if shape is not None and shape.type_name == "map":
        return {name: _from_members(shape.value, each) for name, each in value.items()}
    return _scalar(value)


def _scalar(value: Any) -> Json:
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return iso(value) if hasattr(value, "isoformat") else value


def _success(sent: dict[str, Any]) -> None:
    send_task_success(sent["taskToken"], json.loads(sent["output"]))


def _failure(sent: dict[str, Any]) -> None:
    send_task_failure(sent["taskToken"], sent.get("error", ""), sent.get("cause", ""))


def _heartbeat(sent: dict[str, Any]) -> None:
    send_task_heartbeat(sent["taskToken"])


_CALLBACKS = {"SendTaskSuccess": _success, "SendTaskFailure": _failure, "SendTaskHeartbeat": _heartbeat}


def _answering(answer: Callable[[dict[str, Any]], None]) -> Callable[..., Any]:
    """A handler's own boto3 call of Step Functions reaches the run it belongs to."""

    def before_call(params: Mapping[str, Any], **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse, HeadersDict

        headers: Any = HeadersDict()
        try:
            answer(json.loads(params["body"]))
        except LookupError as problem:
            error = {"Error": {"Code": "TaskDoesNotExist", "Message": str(problem)}}
            return AWSResponse("", 400, headers, None), {**error, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return AWSResponse("", 200, headers, None), {"ResponseMetadata": {"HTTPStatusCode": 200}}

    return before_call
