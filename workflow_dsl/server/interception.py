"""Calls of Step Functions that boto3 makes in this process, answered by an account without HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from workflow_dsl.local.lambda_functions.loading import waiting_for_others
from workflow_dsl.server import api
from workflow_dsl.server.account import Account

_EVENT = "before-call.sfn"
_active: list[Account] = []  # that answer the clients of all sessions


@contextmanager
def answering(account: Account) -> Iterator[None]:
    """Answer the calls of every client that is made from now on, and of those made by an earlier use of this."""
    _install()
    _active.append(account)
    try:
        yield
    finally:
        _active.remove(account)


def answer_session(session: Any, account: Account) -> None:
    """Answer the calls of the clients that a boto3 session makes from now on, until `release_session`."""
    session.events.register(_EVENT, _Answering(account), unique_id=_EVENT)


def release_session(session: Any) -> None:
    """Let the clients that a boto3 session makes from now on call as before."""
    session.events.unregister(_EVENT, unique_id=_EVENT)


class _Answering:
    def __init__(self, account: Account) -> None:
        self._account = account

    def __call__(self, model: Any, params: Mapping[str, Any], **_: Any) -> Any:
        return _answer(self._account, model, params)


def _answer_active(model: Any, params: Mapping[str, Any], **_: Any) -> Any:
    return _answer(_active[-1], model, params) if _active else None


def _answer(account: Account, model: Any, params: Mapping[str, Any]) -> Any:
    """The response of botocore to a call: the HTTP response, and what is parsed of its body."""
    from botocore.awsrequest import AWSResponse, HeadersDict
    from botocore.parsers import create_parser

    body = params["body"]
    with waiting_for_others():  # a handler that asks for the state of an execution lets that one's handlers run
        status, content, _ = api.call(account, model.name, body.encode() if isinstance(body, str) else body)
    headers: Any = HeadersDict({"Content-Type": "application/x-amz-json-1.0"})
    response = {"status_code": status, "headers": headers, "body": content}
    parsed = create_parser("json").parse(response, model.output_shape)
    return AWSResponse("", status, headers, None), parsed


def _install() -> None:
    """Let botocore ask the active account: its built-in handlers are those of every new session, as moto does it.

    boto3's default session may be there already.
    """
    import boto3
    from botocore.handlers import BUILTIN_HANDLERS

    handler: Any = (_EVENT, _answer_active)
    if handler not in BUILTIN_HANDLERS:
        BUILTIN_HANDLERS.append(handler)
    session: Any = boto3.DEFAULT_SESSION
    if session is not None:
        session.events.register(*handler, unique_id=f"{_EVENT}-active")
