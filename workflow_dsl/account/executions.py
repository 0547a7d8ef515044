"""Executions of a deployed state machine: which there were, and the history of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from workflow_dsl.account.access import Account, as_aws_answers
from workflow_dsl.account.stack import DeployedMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.local.replay.recording import Recording, plain_events

_MOST_RUNNING = 1000  # that are counted; more are a number that no one reads


@dataclass(frozen=True)
class Listed:
    """An execution in a list."""

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None = None

    @property
    def took(self) -> str:
        """How long it took, in seconds; "" while it goes on."""
        return f"{(self.stopped - self.started).total_seconds():.1f} s" if self.stopped else ""


@as_aws_answers
def latest(account: Account, arn: str, most: int, status: str | None = None) -> list[Listed]:
    """The last executions of a state machine, the newest first. Raises FindingsError."""
    given: dict[str, Any] = {"statusFilter": status} if status else {}
    pages = account.each(
        "stepfunctions", "list_executions", "executions", stateMachineArn=arn, maxResults=min(most, 1000), **given
    )
    return [_listed(each) for each in islice(pages, most)]


def execution_of(machine: str, name: str) -> str:
    """The ARN of an execution of a state machine by its name; versions and aliases are no part of it."""
    arn = machine.replace(":stateMachine:", ":execution:", 1)
    return f"{':'.join(arn.split(':')[:7])}:{name}"


def running(account: Account, machine: DeployedMachine) -> list[Listed]:
    """The executions that run on with the definition that they began with; an Express one's are not listed."""
    return latest(account, machine.arn, _MOST_RUNNING, "RUNNING") if machine.type == "STANDARD" else []


def _listed(each: Mapping[str, Json]) -> Listed:
    return Listed(each["executionArn"], each["name"], each["status"], each["startDate"], each.get("stopDate"))


@as_aws_answers
def recorded(account: Account, arn: str, workflow: str = "") -> Recording:
    """An execution with its history and the definition that it ran with. Raises FindingsError."""
    told = account.ask("stepfunctions", "describe_execution", executionArn=arn)
    then = account.ask("stepfunctions", "describe_state_machine_for_execution", executionArn=arn)
    events = account.each(
        "stepfunctions", "get_execution_history", "events", executionArn=arn, maxResults=1000, includeExecutionData=True
    )
    return Recording(
        arn=arn,
        name=told["name"],
        status=told["status"],
        started=told["startDate"],
        stopped=told.get("stopDate"),
        input=told.get("input"),
        output=told.get("output"),
        error=told.get("error"),
        cause=told.get("cause"),
        machine=told["stateMachineArn"],
        workflow=workflow,
        definition=read(then["definition"]),
        events=plain_events(list(events)),
    )
