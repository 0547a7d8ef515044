"""State machines with their revisions, versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random, choices
from time import time_ns
from typing import Any, Literal

from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.runner import prepare
from workflow_dsl.records import Record, field
from workflow_dsl.server.errors import quota_exceeded

Type = Literal["STANDARD", "EXPRESS"]
# What a state machine has without a configuration.
NO_LOGGING: Mapping[str, Any] = {"level": "OFF", "includeExecutionData": False}
NO_TRACING: Mapping[str, Any] = {"enabled": False}
_MOST_VERSIONS = 1_000  # API reference, PublishStateMachineVersion


def now() -> datetime:
    """Return the present time, in milliseconds as the service has it."""
    return datetime.fromtimestamp(time_ns() // 1_000_000 / 1000, UTC)


class Revision(Record):
    """A state machine's definition and settings at one time. `id` is None before the first update."""

    definition: str
    role_arn: str
    type: Type
    logging: Mapping[str, Any]
    tracing: Mapping[str, Any]
    encryption: Mapping[str, Any] | None = None
    id: str | None = None
    date: datetime = field(default_factory=now)

    def prepared(self) -> PreparedMachine:
        """Return the definition, prepared to run. Raises FindingsError."""
        return prepare(self.definition, None, self.type)


class Version(Record):
    """A published version of a state machine."""

    arn: str
    number: int
    revision: Revision
    created: datetime
    description: str | None = None


class Alias(Record, frozen=False):
    """An alias: its routes are the ARNs of one or two versions with their weights."""

    arn: str
    name: str
    routes: list[dict[str, Any]]
    description: str | None
    created: datetime
    updated: datetime

    def choose(self) -> int:
        """Return the number of one of the versions, each as often as its weight says."""
        weights = [route["weight"] for route in self.routes]
        [route] = choices(self.routes, weights)  # noqa: S311  # not for secrets
        return int(route["stateMachineVersionArn"].rpartition(":")[2])


class StateMachine(Record, frozen=False):
    """A state machine."""

    arn: str
    name: str
    revision: Revision
    created: datetime
    tags: dict[str, str] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    published: int = 0  # the number of the last version

    @property
    def type(self) -> Type:
        """Its type, which never changes."""
        return self.revision.type

    def publish(self, description: str | None) -> Version:
        """Return the version of the present revision: the last one, if nothing has changed since.

        Raises ApiError if the state machine has as many versions as it may have.
        """
        last = self.versions.get(self.published)
        if last and last.revision is self.revision:
            return last
        if len(self.versions) >= _MOST_VERSIONS:
            raise quota_exceeded()
        self.published += 1
        arn = f"{self.arn}:{self.published}"
        version = Version(arn, self.published, self.revision, now(), description)
        self.versions[self.published] = version
        return version


_ids = Random()  # noqa: S311  # its own, as a handler may seed Python's


def new_id() -> str:
    """Return a random UUID, version 4, as of a revision, an execution or a request: it is no secret."""
    digits = _ids.randbytes(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
