"""The environment variables with which the AWS SDK of a handler in another process makes its calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from workflow_dsl.application.template.resource_types import LOCAL_REGION

if TYPE_CHECKING:
    from workflow_dsl.local.stand_ins.moto_gateway import MotoGateway

AwsVariables = Callable[[], Mapping[str, str]]

_REFUSED = "http://127.0.0.1:9"  # the discard port: a call of AWS is refused here, and never leaves the computer
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}  # no real ones
# No settings or credentials of this computer, and no question to the metadata service.
SETTINGS: Mapping[str, str] = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_DEFAULT_REGION": LOCAL_REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": LOCAL_REGION,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def refusing() -> Mapping[str, str]:
    """Return the variables with which every call fails at once."""
    return {**_CREDENTIALS, "AWS_ENDPOINT_URL": _REFUSED}


def calling(url: str) -> AwsVariables:
    """Return a function for the variables of calls at an endpoint, with this process's credentials if it has any."""

    def variables() -> Mapping[str, str]:
        names = (*_CREDENTIALS, "AWS_SESSION_TOKEN")
        own = {name: os.environ[name] for name in names if name in os.environ}
        return {"AWS_ENDPOINT_URL": url, **(own if own.keys() >= _CREDENTIALS.keys() else _CREDENTIALS)}

    return variables


def in_moto() -> AwsVariables:
    """Return a function for the variables of calls that moto in this process answers. It starts the gateway to moto."""
    return _LazyGateway().variables


class _LazyGateway:
    def variables(self) -> Mapping[str, str]:
        return self._started.variables()

    @cached_property
    def _started(self) -> MotoGateway:
        from workflow_dsl.local.stand_ins.moto_gateway import MotoGateway  # lazy import: an HTTP server, seldom needed

        return MotoGateway()


def at_endpoint(value: str, url: str) -> str:
    """Return a queue's URL at the endpoint, as an SDK sends messages to the host in it; any other value as it is."""
    queue = f"https://sqs.{LOCAL_REGION}.amazonaws.com/"
    return f"{url.rstrip('/')}/{value.removeprefix(queue)}" if value.startswith(queue) else value
