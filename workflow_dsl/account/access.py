"""Calls of an account: made by boto3, what goes wrong said as a finding that says what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Protocol

from workflow_dsl.asl import Json
from workflow_dsl.findings import Finding, FindingsError, Where

_PREFIXES = {"stepfunctions": "states", "cloudformation": "cloudformation"}
_THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")


class Session(Protocol):
    """What makes clients: boto3's session."""

    def client(self, service: str) -> Any:
        """A client for a service, as boto3 names it."""


class Account:
    """An account and a region that are asked, a call at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Json]:
        """What an operation, `describe_stacks`, answers. Raises FindingsError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if service not in self._clients:
                self._clients[service] = self._session.client(service)
            answer: dict[str, Json] = getattr(self._clients[service], operation)(**parameters)
        except ClientError as problem:
            raise _refused(service, problem) from None
        except BotoCoreError as problem:
            raise _unreachable(problem) from None
        return answer

    def each(self, service: str, operation: str, field: str, **parameters: Any) -> Iterator[Json]:
        """What a list operation gives in a field of its answers, page after page."""
        token_name = _TOKENS.get(service, "nextToken")
        token: dict[str, str] = {}
        while True:
            answer = self.ask(service, operation, **parameters, **token)
            yield from answer.get(field, [])
            if not answer.get(token_name):
                return
            token = {token_name: answer[token_name]}


_TOKENS = {"cloudformation": "NextToken"}


def open_account(profile: str | None = None, region: str | None = None, endpoint_url: str | None = None) -> Account:
    """The account of a profile, or of what boto3 finds, in a region. Raises FindingsError where there is none."""
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    try:
        import boto3
    except ImportError:
        remedy = "install workflow-dsl[local], or boto3"
        raise FindingsError([Finding("NOT_INSTALLED", "error", Where(), "this needs boto3", remedy)]) from None
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    settings = Config(retries={"mode": "standard"}, connect_timeout=10, read_timeout=30)
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as problem:
        raise _unreachable(problem) from None

    class _Configured:
        def client(self, service: str) -> Any:
            name: Any = service
            return session.client(name, config=settings, endpoint_url=endpoint_url)

    return Account(_Configured())


def _refused(service: str, problem: Any) -> FindingsError:
    """What the service refused, as a finding."""
    error = problem.response.get("Error", {})
    code, said = str(error.get("Code", "")), " ".join(str(error.get("Message", "")).split())
    action = f"{_PREFIXES.get(service, service)}:{problem.operation_name}"
    if code in _DENIED:
        return _wrong("ACCESS_DENIED", f"{action} is not allowed: {said}", f"ask for a policy that allows {action}")
    if code in _THROTTLED:
        return _wrong("THROTTLED", f"AWS refuses so many calls of {action}: {said}", "try again in a minute")
    if code in _EXPIRED:
        return _wrong("NO_CREDENTIALS", f"the credentials are not taken: {said}", "sign in again: aws sso login")
    return _wrong("REFUSED", f"{action}: {code}: {said}", _REMEDIES.get(code, ""))


_REMEDIES = {"StateMachineTypeNotSupported": "an Express execution's history is in its state machine's log group"}


def _unreachable(problem: Exception) -> FindingsError:
    """What kept a call from being made, as a finding."""
    kind, said = type(problem).__name__, " ".join(str(problem).split())
    if kind in ("NoCredentialsError", "PartialCredentialsError"):
        remedy = "sign in (aws sso login, aws configure), or name a profile with --profile"
        return _wrong("NO_CREDENTIALS", "there are no credentials for AWS", remedy)
    if kind == "ProfileNotFound":
        return _wrong("NO_CREDENTIALS", said, "see `aws configure list-profiles`")
    if kind == "NoRegionError":
        return _wrong("NO_REGION", "no region is set", "name one with --region, or set AWS_REGION")
    if "SSO" in kind or "Token" in kind or kind == "CredentialRetrievalError":
        return _wrong("NO_CREDENTIALS", said, "sign in again: aws sso login")
    return _wrong("UNREACHABLE", f"AWS cannot be asked: {said}", "see that the network, or --endpoint-url, is there")


def _wrong(code: str, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding(code, "error", Where(), message, remedy)])
