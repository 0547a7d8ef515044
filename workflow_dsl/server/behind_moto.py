"""The engine behind moto: `mock_step_functions` answers Step Functions, and moto every other service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.stand_ins.services import BotoServices
from workflow_dsl.server.account import Account
from workflow_dsl.server.interception import answering
from workflow_dsl.server.live.world import World


class _AmbientServices(BotoServices):
    """The services that boto3 calls with its present setup: those of `mock_aws`."""

    @cached_property
    def session(self) -> Any:
        """A plain boto3 session."""
        import boto3

        return boto3.Session(region_name=LOCAL_REGION)

    def _new_client(self, session: Any, service: str) -> Any:
        return session.client(service)


@contextmanager
def mock_step_functions(
    functions: Mapping[str, Handler | Function] | None = None, *, real_time: bool = False
) -> Iterator[Account]:
    """Answer boto3's calls of Step Functions with this engine, as a decorator or in a `with` inside of `mock_aws`.

    `functions` are the handlers of Lambda functions by name or ARN. Waits take no time, unless `real_time`. Yields the
    account, which is empty.
    """
    account = Account()
    handlers = functions or {}
    services = _AmbientServices()
    World(account, services=services, functions_of=lambda _: handlers, is_real=real_time)
    try:
        with answering(account):
            yield account
    finally:
        account.close()
