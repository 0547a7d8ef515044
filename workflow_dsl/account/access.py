"""Calls of an account: made by boto3, what goes wrong said as a finding that says what to do."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, ParamSpec, TypeVar

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class _Service(NamedTuple):
    """What a service is called in IAM, and how it names the next page."""

    prefix: str
    token: str


_SERVICES = {
    "stepfunctions": _Service("states", "nextToken"),
    "cloudformation": _Service("cloudformation", "NextToken"),
}
_SIGN_IN = "sign in (aws sso login, aws configure), or name a profile with --profile"
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException")
_NOT_TAKEN = (
    *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
    *("InvalidSignatureException", "SignatureDoesNotMatch"),
)
_INSTEAD = {"StateMachineTypeNotSupported": "an Express execution's history is in its state machine's log group"}


class Refused(FindingsError):
    """What a service answered instead; `code` is its own word for it."""

    def __init__(self, code: str, finding: Finding) -> None:
        super().__init__([finding])
        self.code = code


class Account:
    """An account and a region that are asked, a call at a time; `client` makes a client of boto3 for a service."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Json]:
        """What an operation, `describe_stacks`, answers. Raises FindingsError, Refused where the service says no."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            if service not in self._clients:
                self._clients[service] = self._client(service)
            answer: dict[str, Json] = getattr(self._clients[service], operation)(**parameters)
        except ClientError as problem:
            raise _refused(service, problem) from None
        except (BotoCoreError, ValueError, ResponseParserError) as problem:
            raise _not_asked(problem) from None
        return answer

    def each(self, service: str, operation: str, field: str, **parameters: Any) -> Iterator[Json]:
        """What a list operation gives in a field of its answers, page after page."""
        name = _SERVICES[service].token
        token: dict[str, str] = {}
        while True:
            answer = self.ask(service, operation, **parameters, **token)
            yield from answer.get(field, [])
            if not answer.get(name) or token.get(name) == answer[name]:
                return
            token = {name: answer[name]}


def as_aws_answers(read: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
    """A function that reads answers; one that is not as AWS's are, such as a proxy's, is a finding."""

    @functools.wraps(read)
    def reading(*args: _Given.args, **given: _Given.kwargs) -> _Found:
        try:
            return read(*args, **given)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as problem:
            said = f"lacks {problem}" if isinstance(problem, KeyError) else f"cannot be read: {problem}"
            remedy = "see that --endpoint-url, or what stands between here and AWS, answers as AWS does"
            raise _wrong("UNREACHABLE", f"what was answered {said}", remedy) from None

    return reading


def open_account(profile: str | None = None, region: str | None = None, endpoint_url: str | None = None) -> Account:
    """The account of a profile, or of what boto3 finds, in a region. Raises FindingsError where there is none."""
    try:
        import boto3
    except ImportError:
        raise _wrong("NOT_INSTALLED", "this needs boto3", "pip install boto3") from None
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    settings = Config(retries={"mode": "standard"}, connect_timeout=10, read_timeout=30)
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as problem:
        raise _not_asked(problem) from None

    def client(service: str) -> Any:
        name: Any = service
        return session.client(name, config=settings, endpoint_url=endpoint_url)

    return Account(client)


def _refused(service: str, problem: Any) -> Refused:
    """What a service refused, as a finding."""
    error = problem.response.get("Error", {})
    code, said = str(error.get("Code", "")), " ".join(str(error.get("Message", "")).split())
    action = f"{_SERVICES[service].prefix}:{problem.operation_name}"
    told = "REFUSED", f"{action}: {code}: {said}", _INSTEAD.get(code, "")
    if code in _DENIED:
        told = "ACCESS_DENIED", f"{action} is not allowed: {said}", f"ask for a policy that allows {action}"
    elif code in _THROTTLED:
        told = "THROTTLED", f"AWS refuses so many calls of {action}: {said}", "try again in a minute"
    elif code in _NOT_TAKEN:
        told = "NO_CREDENTIALS", f"the credentials are not taken: {said}", _SIGN_IN
    return Refused(code, _finding(*told))


def _not_asked(problem: Exception) -> FindingsError:
    """What kept a call from being made, as a finding."""
    kinds, said = {each.__name__ for each in type(problem).__mro__}, " ".join(str(problem).split())
    for names, code, message, remedy in _KEPT_FROM_ASKING:
        if not kinds.isdisjoint(names):
            return _wrong(code, message or said, remedy)
    return _wrong(
        "UNREACHABLE",
        f"AWS cannot be asked: {said}",
        "see that the network is there, and that --region or --endpoint-url is right",
    )


# By the names of botocore's exceptions, for not every botocore has all of them; "" for its own words.
_KEPT_FROM_ASKING = (
    (("NoCredentialsError", "PartialCredentialsError"), "NO_CREDENTIALS", "there are no credentials for AWS", _SIGN_IN),
    (("ProfileNotFound",), "NO_CREDENTIALS", "", "see `aws configure list-profiles`"),
    (("SSOError", "TokenRetrievalError"), "NO_CREDENTIALS", "", "sign in again: aws sso login"),
    (("CredentialRetrievalError", "LoginError"), "NO_CREDENTIALS", "", _SIGN_IN),
    (("NoRegionError",), "NO_REGION", "no region is set", "name one with --region, or set AWS_DEFAULT_REGION"),
    (("InvalidRegionError",), "NO_REGION", "", "name one as AWS does: eu-west-1"),
    (("ParamValidationError",), "REFUSED", "", ""),
    (("ResponseParserError",), "UNREACHABLE", "what answers is not AWS", "see what stands between here and AWS"),
    (("ValueError",), "UNREACHABLE", "", "begin --endpoint-url with http:// or https://"),
)


def _wrong(code: str, message: str, remedy: str) -> FindingsError:
    return FindingsError([_finding(code, message, remedy)])


def _finding(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, "error", Where(), message, remedy)
