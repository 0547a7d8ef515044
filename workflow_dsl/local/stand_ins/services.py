"""The AWS services that tasks call: boto3 with moto in this process or with an endpoint, or functions as fakes.

Parameters and results have PascalCase names as in Step Functions, whatever botocore calls the members. boto3 and moto
are imported at the first call.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from typing import Any, Protocol

from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.definition.integrations import botocore_name
from workflow_dsl.definition.java_names import hash_order
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.errors import RUNTIME, StateError
from workflow_dsl.local.stand_ins import service_errors
from workflow_dsl.local.stand_ins.answerable import gap_of_call
from workflow_dsl.local.stand_ins.callbacks import CALLBACKS, answer_call
from workflow_dsl.local.stand_ins.gaps import CannotAnswer, Gap
from workflow_dsl.local.stand_ins.moto_support import INSTALL, send
from workflow_dsl.local.stand_ins.network import Guard
from workflow_dsl.local.stand_ins.parameters import from_members, to_members
from workflow_dsl.local.stand_ins.result_checks import fake_result
from workflow_dsl.local.stand_ins.simulated_account import (
    environment_restored,
    new_session,
    simulated_account,
    turn,
)
from workflow_dsl.shapes.sources.jobs import with_request_fields

_SDK = "aws-sdk:"
_NO_CREDENTIALS = (
    "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for an emulator to any string"
)


class Services(Protocol):
    """AWS services that respond to the calls of tasks."""

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        """Return the result of an action (putItem) of a service (dynamodb, aws-sdk:dynamodb). Raises StateError.

        A task with `.sync` calls the action that describes its job too: getJobRun of glue.
        """

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

    @property
    def names(self) -> list[str]:
        """The names of the actions that have a fake."""
        return list(self._actions)

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        function = self._actions.get(f"{service}:{action}")
        if service == "s3":  # what a Map writes; a fake of S3 answers it too
            function = function or self._actions.get(f"{_SDK}s3:{action}")
        if function is not None:
            return fake_result(service, action, function, parameters)
        if self._others is None:
            raise StateError(RUNTIME, f"no service answers {service}:{action}")
        return self._others.call(service, action, parameters)

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        if self._others is not None and f"{_SDK}s3:getObject" not in self._actions:
            return self._others.read_object(bucket, key, version)
        parameters = {"Bucket": bucket, "Key": key, **({"VersionId": version} if version else {})}
        body = self.call(f"{_SDK}s3", "getObject", parameters)["Body"]
        return str(body).encode()

    def has(self, service: str, action: str) -> bool:
        """True if a function is the fake of an action."""
        return f"{service}:{action}" in self._actions

    def gap(self, service: str, action: str, pattern: str) -> Gap | None:
        """Return why nothing can answer a call; None if a fake does, or if the other services may."""
        find_gap = None if self.has(service, action) else getattr(self._others, "gap", None)
        return find_gap(service, action, pattern) if find_gap else None

    @property
    def urls(self) -> tuple[str, ...]:
        """The endpoints of the other services."""
        return tuple(getattr(self._others, "urls", ()))

    @property
    def pause(self) -> Callable[[float], None] | None:
        """The pause of the other services."""
        return getattr(self._others, "pause", None)

    def close(self) -> None:
        """Do nothing: no call starts anything."""


class BotoServices:
    """AWS services called with boto3: at an endpoint, or without one in moto, where no call leaves your computer.

    `sleep` waits for a job at an endpoint, which takes real time.
    """

    def __init__(self, endpoint_url: str | None = None, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.is_local = endpoint_url is None
        self._endpoint_url = endpoint_url
        self._sleep = sleep
        self._resources = ExitStack()
        self._clients: dict[str, Any] = {}
        self._run: int | None = None  # the thread of the run that these services belong to

    @cached_property
    def session(self) -> Any:
        """The boto3 session of all calls; it is also the default session, which handlers use."""
        if self._run is not None:
            self._resources.enter_context(turn(self._run))
        if self._endpoint_url is None:
            self._resources.enter_context(simulated_account())
            session = _session_in_moto()
        else:
            self._resources.enter_context(environment_restored())
            os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
            session = _session(os.environ.get("AWS_DEFAULT_REGION") or LOCAL_REGION)
        import boto3

        boto3.DEFAULT_SESSION = session
        return session

    @property
    def urls(self) -> tuple[str, ...]:
        """The endpoint, to which a run's requests may go."""
        return () if self._endpoint_url is None else (self._endpoint_url,)

    @property
    def pause(self) -> Callable[[float], None] | None:
        """Wait for a job in real seconds; None with moto, whose jobs take none."""
        return self._sleep if self._endpoint_url else None

    def start(self) -> None:
        """Start moto, so that it answers handlers' calls too. Raises ImportError if it is not installed."""
        _ = self.session

    def gap(self, service: str, action: str, pattern: str) -> Gap | None:
        """Return why a call cannot be answered; None if it seems that it can."""
        return gap_of_call(service, action, pattern, in_moto=self._endpoint_url is None)

    def client(self, service: str) -> Any:
        """Return a boto3 client for a service by its boto3 name. Raises CannotAnswer if moto is not installed."""
        if service not in self._clients:
            try:
                self._clients[service] = self._new_client(self.session, service)
            except ImportError as problem:
                raise CannotAnswer(Gap(f"{problem.name} is not installed", INSTALL)) from None
            except ValueError as problem:
                remedy = "begin the endpoint's URL with http:// or https://"
                raise FindingsError([Finding("UNREACHABLE", "error", Where(), str(problem), remedy)]) from None
        return self._clients[service]

    def _new_client(self, session: Any, service: str) -> Any:
        url = self._endpoint_url
        return _client_in_moto(service) if url is None else session.client(service, endpoint_url=url)

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        from botocore import xform_name

        is_sdk = service.startswith(_SDK)
        client, operation = self._operation(service, action)
        shape = client.meta.service_model.operation_model(operation)
        with _errors_of_the_state(service, action, client.meta.service_model):
            members = to_members(shape.input_shape, parameters, is_sdk=is_sdk)
            response = send(client, xform_name(operation), members)
        metadata = response.pop("ResponseMetadata", {})
        result: Json = from_members(shape.output_shape, response, is_sdk=is_sdk) if shape.output_shape else {}
        if is_sdk:
            return result
        headers = dict(metadata.get("HTTPHeaders", {}))
        added = http_metadata(headers, metadata.get("HTTPStatusCode", 200), metadata.get("RequestId", ""))
        return dict(sorted({**with_request_fields(service, action, parameters, result), **added}.items()))

    def _operation(self, service: str, action: str) -> tuple[Any, str]:
        """The client of a service, and the name of an operation. Raises CannotAnswer if boto3 lacks one of them."""
        from botocore.exceptions import UnknownServiceError

        name = service.removeprefix(_SDK)
        try:
            client = self.client(botocore_name(name, action, is_sdk=service.startswith(_SDK)))
        except UnknownServiceError:
            raise CannotAnswer(Gap(f"boto3 has no service {name}")) from None
        operation = f"{action[0].upper()}{action[1:]}"
        if operation not in client.meta.service_model.operation_names:
            raise CannotAnswer(Gap(f"boto3 has no {action} in {name}"))
        return client, operation

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        from botocore.exceptions import ClientError

        client = self.client("s3")
        try:
            content: bytes = client.get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))[
                "Body"
            ].read()
        except ClientError as problem:
            raise service_errors.of_boto3(f"{_SDK}s3", client.meta.service_model, problem.response) from None
        return content

    def close(self) -> None:
        self._clients.clear()
        self.__dict__.pop("session", None)  # the next call starts moto again, and so never leaves your computer
        self._resources.close()


@contextmanager
def _errors_of_the_state(service: str, action: str, model: Any) -> Iterator[None]:
    """Raise what a call raises as the error that the state has."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        EndpointConnectionError,
        HTTPClientError,
        NoCredentialsError,
    )

    try:
        yield
    except ClientError as problem:
        raise service_errors.of_boto3(service, model, problem.response) from None
    except NoCredentialsError:
        raise StateError(RUNTIME, f"{action} cannot be called: {_NO_CREDENTIALS}") from None
    except (EndpointConnectionError, HTTPClientError) as problem:
        raise StateError(RUNTIME, f"{action} cannot be called: {problem}") from None
    except (BotoCoreError, ValueError, TypeError) as problem:
        raise StateError(RUNTIME, f"The parameters of {action} are not those of the service: {problem}") from None


def _session(region: str) -> Any:
    session = new_session(region)
    for operation in CALLBACKS:
        session.events.register(f"before-call.sfn.{operation}", _intercepting(operation))
    return session


@cache
def _session_in_moto() -> Any:
    """The session that all runs share, as they all have moto's credentials: one takes longer to make than a run."""
    return _session(LOCAL_REGION)


@cache
def _client_in_moto(service: str) -> Any:
    return _session_in_moto().client(service)


def services_of_run(endpoint_url: str | None = None) -> BotoServices:
    """Return the services of a run of this thread, which waits until no other run uses moto."""
    services = BotoServices(endpoint_url)
    services._run = threading.get_ident()
    return services


def guard_of(services: Services, own: BotoServices) -> Guard:
    """Return the guard of a run with these services; `own` answers what handlers call, if no endpoint does."""
    urls: tuple[str, ...] = getattr(services, "urls", ())
    return Guard(urls, None if urls else own.start)


def http_metadata(headers: dict[str, str], status: int, request: str) -> dict[str, Json]:
    """Return the metadata of the HTTP response that Step Functions adds to the result of an optimized integration."""
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [headers[name]] for name in hash_order(tuple(sorted(headers)))},
            "HttpHeaders": {name: headers[name] for name in sorted(headers, key=str.lower)},
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def _intercepting(operation: str) -> Callable[..., Any]:
    """Pass a handler's own boto3 call of Step Functions on to the local run."""

    def before_call(params: Mapping[str, Any], **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse, HeadersDict

        headers: Any = HeadersDict()
        error = answer_call(operation, params["body"])
        if error:
            content = {"Error": dict(zip(("Code", "Message"), error, strict=True))}
            return AWSResponse("", 400, headers, None), {**content, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return AWSResponse("", 200, headers, None), {"ResponseMetadata": {"HTTPStatusCode": 200}}

    return before_call
