"""Calls to AWS with boto3; every failure becomes a finding with a remedy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.records import Record

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class _ServiceNames(Record):
    """The prefix of a service's actions in IAM, and its field for the token of the next page."""

    iam_prefix: str
    page_token: str


_SERVICES = {
    "stepfunctions": _ServiceNames("states", "nextToken"),
    "cloudformation": _ServiceNames("cloudformation", "NextToken"),
    "logs": _ServiceNames("logs", "nextToken"),
}
_CHECK_PROXY = "check --endpoint-url, and any proxy between your computer and AWS"
_SIGN_IN = "sign in (aws sso login, aws configure), or name a profile with --profile"
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_THROTTLED = (
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "KmsThrottlingException",
)
_BAD_CREDENTIALS = (
    *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
    *("InvalidSignatureException", "SignatureDoesNotMatch"),
)
_KMS = "ask for kms:Decrypt on the key that encrypts the state machine, or use a role that has it"
_REMEDIES = {
    "StateMachineTypeNotSupported": "read the state machine's log group: it has the history of Express executions",
    # The service keeps an execution for 90 days after its end (guide, "Quotas related to state machine executions").
    "ExecutionDoesNotExist": "check its name and the region; the service forgets an execution 90 days after its end",
    "StateMachineDoesNotExist": "check the region and the profile: it may be in another account",
    "KmsAccessDeniedException": _KMS,
    "KmsInvalidStateException": "enable the key that encrypts the state machine, or cancel its deletion",
}
# Operations that boto3 calls by itself to get credentials.
_CREDENTIALS = {
    **dict.fromkeys(("AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"), "sts"),
    "GetRoleCredentials": "sso",
}


class AwsError(FindingsError):
    """An error response of a service; `code` is the service's error code."""

    def __init__(self, code: str, finding: Finding) -> None:
        super().__init__([finding])
        self.code = code

    @property
    def is_denied(self) -> bool:
        """True if a policy does not allow the call."""
        return self.code in _DENIED


class Account:
    """An AWS account in one region; `client` creates a boto3 client for a service."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client
        self._clients: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """The region's code; "" if no call was made yet."""
        regions = (client.meta.region_name for client in self._clients.values())
        return next(regions, None) or ""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Json]:
        """Return the response of an operation, such as `describe_stacks`.

        Raises FindingsError; AwsError, a kind of it, for an error response of the service.
        """
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            if service not in self._clients:
                self._clients[service] = self._client(service)
            response: dict[str, Json] = getattr(self._clients[service], operation)(**parameters)
        except ClientError as problem:
            raise _aws_error(service, problem) from None
        except (BotoCoreError, ValueError, ResponseParserError) as problem:
            raise _client_error(problem) from None
        return response

    def items(self, service: str, operation: str, field: str, **parameters: Any) -> Iterator[Json]:
        """Yield the items in a field of a list operation's responses, page after page."""
        token_name = _SERVICES[service].page_token
        token: dict[str, str] = {}
        while True:
            response = self.call(service, operation, **parameters, **token)
            yield from response.get(field, [])
            if not response.get(token_name) or token.get(token_name) == response[token_name]:
                return
            token = {token_name: response[token_name]}


def unexpected_responses_reported(read: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Decorate a function that reads responses: one that AWS would not send, such as a proxy's, becomes a finding."""

    @functools.wraps(read)
    def reading(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return read(*args, **kwargs)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
            details = f"lacks {problem}" if isinstance(problem, KeyError) else f"cannot be read: {problem}"
            raise _error("UNREACHABLE", f"the response {details}", _CHECK_PROXY) from None

    return reading


def open_account(profile: str | None = None, region: str | None = None, endpoint_url: str | None = None) -> Account:
    """Open the account of a profile in a region, boto3's defaults where they are None. Raises FindingsError."""
    try:
        import boto3
    except ImportError:
        raise _error("NOT_INSTALLED", "this needs boto3", "pip install boto3") from None
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(retries={"mode": "standard"}, connect_timeout=10, read_timeout=30)
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as problem:
        raise _client_error(problem) from None

    def client(service: str) -> Any:
        name: Any = service
        return session.client(name, config=config, endpoint_url=endpoint_url)

    return Account(client)


def _aws_error(service: str, problem: Any) -> AwsError:
    """The error for a service's error response."""
    error = problem.response.get("Error", {})
    code, details = str(error.get("Code", "")), " ".join(str(error.get("Message", "")).split())
    prefix = _CREDENTIALS.get(problem.operation_name, _SERVICES[service].iam_prefix)
    action = f"{prefix}:{problem.operation_name}"
    finding = _finding("REFUSED", f"{action}: {code}: {details}", _REMEDIES.get(code, ""))
    if code in _DENIED:
        finding = _finding(
            "ACCESS_DENIED", f"{action} is not allowed: {details}", f"ask for a policy that allows {action}"
        )
    elif code in _THROTTLED:
        finding = _finding("THROTTLED", f"AWS throttles {action}: {details}", "try again in a minute")
    elif code in _BAD_CREDENTIALS:
        finding = _finding("NO_CREDENTIALS", f"AWS rejects the credentials: {details}", _SIGN_IN)
    return AwsError(code, finding)


def _client_error(problem: Exception) -> FindingsError:
    """The error for a call that boto3 could not make, or whose response it could not parse."""
    class_names, details = {base.__name__ for base in type(problem).__mro__}, " ".join(str(problem).split())
    for names, code, message, remedy in _CLIENT_ERRORS:
        if not class_names.isdisjoint(names):
            return _error(code, message or details, remedy)
    remedy = "check the network connection, --region and --endpoint-url"
    return _error("UNREACHABLE", f"AWS cannot be reached: {details}", remedy)


# By class name, because not every botocore has all of these exceptions; "" keeps botocore's message.
_CLIENT_ERRORS = (
    (("NoCredentialsError", "PartialCredentialsError"), "NO_CREDENTIALS", "no AWS credentials were found", _SIGN_IN),
    (("ProfileNotFound",), "NO_CREDENTIALS", "", "see `aws configure list-profiles`"),
    (("SSOError", "TokenRetrievalError"), "NO_CREDENTIALS", "", "sign in again: aws sso login"),
    (("CredentialRetrievalError", "LoginError"), "NO_CREDENTIALS", "", _SIGN_IN),
    (("NoRegionError",), "NO_REGION", "no region is set", "name one with --region, or set AWS_DEFAULT_REGION"),
    (("InvalidRegionError",), "NO_REGION", "", "write a region's code, such as eu-west-1"),
    (("ParamValidationError",), "REFUSED", "", ""),
    (("ResponseParserError",), "UNREACHABLE", "the response does not come from AWS", _CHECK_PROXY),
    (("ValueError",), "UNREACHABLE", "", "begin --endpoint-url with http:// or https://"),
)


def _error(code: str, message: str, remedy: str) -> FindingsError:
    return FindingsError([_finding(code, message, remedy)])


def _finding(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, "error", Where(), message, remedy)
