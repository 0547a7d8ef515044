"""The account that moto simulates in this process, one at a time; afterwards the process is as it was before.

moto's state is global: its data, the credentials in the environment, and boto3's default session. So the runs that use
it wait for one another.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT
from workflow_dsl.local.stand_ins.aws_variables import SETTINGS

_PREFIXES = ("AWS_", "MOTO_")
_FAKE = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "MOTO_ACCOUNT_ID": LOCAL_ACCOUNT}


class _Turns:
    """A lock that belongs to a run, whichever of the run's threads takes it, and that the run may take again."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owner: int | None = None
        self._depth = 0

    @contextmanager
    def of(self, owner: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._owner in (None, owner))
            self._owner, self._depth = owner, self._depth + 1
        try:
            yield
        finally:
            with self._changed:
                self._depth -= 1
                self._owner = owner if self._depth else None
                self._changed.notify_all()


_turns = _Turns()


@contextmanager
def turn(owner: int | None = None) -> Iterator[None]:
    """Wait until no other run uses moto, the environment or handlers' modules. A run is known by its thread."""
    with _turns.of(owner or threading.get_ident()):
        yield


@contextmanager
def simulated_account() -> Iterator[None]:
    """Start moto, in an environment without settings of this computer. Raises ImportError if it is not installed."""
    with environment_restored(), ExitStack() as resources:
        for name in _aws_variables():
            del os.environ[name]
        os.environ.update({**SETTINGS, **_FAKE})  # moto reads the account when it is imported
        from moto import mock_aws  # lazy import: half a second, only needed for calls of services

        # Without Docker, moto takes every Batch job as succeeded.
        resources.enter_context(mock_aws(config={"batch": {"use_docker": False}}))
        # moto deletes its credentials from the environment, where a handler may have removed them.
        resources.callback(lambda: os.environ.update(_FAKE))
        yield


def call_at(url: str) -> None:
    """Let every client that is made from now on call an endpoint."""
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        del os.environ[name]
    os.environ["AWS_ENDPOINT_URL"] = url


class _Restored:
    """The process before the first of several accounts that overlap."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.depth = 0
        self.variables: dict[str, str] = {}
        self.session: Any = None


_restored = _Restored()


@contextmanager
def environment_restored() -> Iterator[None]:
    """Put AWS's variables and boto3's default session back, once no account or endpoint is in use any more."""
    with _restored.lock:
        if _restored.depth == 0:
            _restored.variables = _aws_variables()
            _restored.session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
        _restored.depth += 1
    try:
        yield
    finally:
        with _restored.lock:
            _restored.depth -= 1
            if _restored.depth == 0:
                for name in _aws_variables():
                    del os.environ[name]
                os.environ.update(_restored.variables)
                if "boto3" in sys.modules:
                    vars(sys.modules["boto3"])["DEFAULT_SESSION"] = _restored.session


def _aws_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_PREFIXES)}


def new_session(region: str) -> Any:
    """Return a boto3 session; all share the parsed models of the services, which take longer than a run."""
    import boto3
    import botocore.session

    core: Any = botocore.session.get_session()
    loader = _loader()
    core.register_component("data_loader", loader)
    session = boto3.Session(botocore_session=core, region_name=region)
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)  # each session adds boto3's folder
    return session


@cache
def _loader() -> Any:
    import botocore.loaders

    return botocore.loaders.create_loader()
