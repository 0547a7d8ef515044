"""Executions of a deployed state machine: which there were, and the history of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from workflow_dsl.account.access import Account
from workflow_dsl.account.stack import DeployedMachine
from workflow_dsl.asl import Json

_MOST_RUNNING = 1000  # that are counted; more are a number that no one reads


@dataclass(frozen=True)
class Listed:
    """An execution in a list."""

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None = None


def latest(account: Account, arn: str, most: int, status: str | None = None) -> list[Listed]:
    """The last executions of a state machine, the newest first. Raises FindingsError."""
    given: dict[str, Any] = {"statusFilter": status} if status else {}
    pages = account.each(
        "stepfunctions", "list_executions", "executions", stateMachineArn=arn, maxResults=min(most, 1000), **given
    )
    return [_listed(each) for each in islice(pages, most)]


def running(account: Account, machine: DeployedMachine) -> list[Listed]:
    """The executions that run on with the definition that they began with; an Express one's are not listed."""
    return latest(account, machine.arn, _MOST_RUNNING, "RUNNING") if machine.type == "STANDARD" else []


def _listed(each: Mapping[str, Json]) -> Listed:
    return Listed(each["executionArn"], each["name"], each["status"], each["startDate"], each.get("stopDate"))
