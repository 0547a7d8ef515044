"""Functions that are called at a Lambda endpoint, such as `sam local start-lambda`, with boto3.

Errors are named as in the developer guide, "Handling errors in Step Functions workflows".
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, cast

from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.lambda_functions.functions import LambdaContext, MarshallingHandler
from workflow_dsl.local.stand_ins.network import Guard

_LONGEST = 15 * 60 + 300  # seconds: Lambda's longest timeout, and the time to download an image before
_UNKNOWN = "Lambda.Unknown"
_ESCAPES = "backslashreplace"  # half a surrogate pair becomes its escape in JSON
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class LambdaEndpoint(MarshallingHandler):
    """The handler of any function at an endpoint: it calls the function of the name that a state calls."""

    def __init__(self, url: str) -> None:
        self._url = url

    def invoke(self, payload: str, context: LambdaContext) -> str:
        """Return the result of an event, both in JSON. Raises StateError; FindingsError if nothing answers there."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            with Guard([self._url]):
                content = payload.encode(errors=_ESCAPES)
                response = self._client.invoke(FunctionName=context.function_name, Payload=content)
                text: str = response["Payload"].read().decode("utf-8", "replace")
        except ClientError as problem:
            raise _service_error(problem) from None
        except BotoCoreError as problem:
            raise self._unreachable(context.function_name, problem) from None
        return _result(text, is_error="FunctionError" in response)

    @cached_property
    def _client(self) -> Any:
        try:
            import boto3
        except ImportError:
            message = "calling functions at an endpoint needs boto3"
            raise FindingsError([Finding("NOT_INSTALLED", "error", Where(), message, "pip install boto3")]) from None
        from urllib.parse import urlsplit

        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        session = boto3.Session()
        try:
            has_credentials = session.get_credentials() is not None
        except BotoCoreError:
            has_credentials = False
        dummies = {} if has_credentials else {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        config = Config(connect_timeout=5, read_timeout=_LONGEST, retries={"total_max_attempts": 1})
        region, client = session.region_name or LOCAL_REGION, cast(Any, session.client)
        try:
            if urlsplit(self._url).hostname in _LOOPBACK:
                config = config.merge(Config(proxies={}))
            return client("lambda", region, endpoint_url=self._url, config=config, **dummies)
        except ValueError as problem:
            raise _finding(str(problem), "begin --lambda-endpoint with http:// or https://") from None

    def _unreachable(self, function: str, problem: Exception) -> FindingsError:
        message = f"{function} cannot be called at {self._url}: {' '.join(str(problem).split())}"
        return _finding(message, "start it, for example with sam local start-lambda, or correct --lambda-endpoint")


def _finding(message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("UNREACHABLE", "error", Where(), message, remedy)])


def _result(text: str, *, is_error: bool) -> str:
    """The text of a result in JSON. Raises StateError for a function's error, and for what is not JSON."""
    try:
        content = json.loads(text)
    except ValueError:
        raise StateError(_UNKNOWN, f"The function's response is not JSON: {text[:200]!r}") from None
    if is_error:
        error = content.get("errorType") if isinstance(content, dict) else None
        raise StateError(error if isinstance(error, str) and error else _UNKNOWN, text)
    return text


def _service_error(problem: Any) -> StateError:
    error, metadata = problem.response.get("Error", {}), problem.response.get("ResponseMetadata", {})
    code = error.get("Code") or "Service"
    code = code if code.endswith("Exception") else f"{code}Exception"
    details = (
        f"(Service: AWSLambda; Status Code: {metadata.get('HTTPStatusCode')}; Error Code: {code}; "
        f"Request ID: {metadata.get('RequestId')}; Proxy: null)"
    )
    return StateError(f"Lambda.{code}", f"{error.get('Message', '')} {details}".strip())
