"""An operation's type, and the shapes that several operations share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_dsl.server.account import Account

Members = Mapping[str, Any]
Answer = dict[str, Any]
Operation = Callable[[Account, Members], Answer]


def present(**members: Any) -> Answer:
    """Return the members that have a value: the service leaves the others out."""
    return valued(members)


def valued(members: Members) -> Answer:
    """Return the members that have a value, as `present` does."""
    return {name: value for name, value in members.items() if value is not None}
