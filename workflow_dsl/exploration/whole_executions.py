"""Whole executions of the paths without calls at an endpoint, compared with the engine: how they end, and with what.

What a task returns is the endpoint's own, so paths with calls are compared state by state (endpoints.py). The state
machine is created for the comparison, and deleted after it. API reference, "StartExecution", "StartSyncExecution".
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT
from workflow_dsl.definition.json import Json, short_json, short_json_pair
from workflow_dsl.exploration.cover import shrunk, smallest_cover
from workflow_dsl.exploration.endpoints import client_of, unreachable
from workflow_dsl.exploration.execution_paths import ExecutionPath
from workflow_dsl.exploration.exploring import Exploration

_ROLE = f"arn:aws:iam::{LOCAL_ACCOUNT}:role/test"
_LONGEST = 5.0  # seconds that a path may wait: an endpoint's clock is a real one
_PATIENCE = 30.0  # seconds until an execution that has not ended is told
_PAUSE = 0.05


def execution_lines(exploration: Exploration, url: str, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Return where whole executions at an endpoint end otherwise than here; [] if nowhere.

    Paths that call anything, or wait for more than five seconds, are left out; so are those after one that does not
    end.
    `progress` is called with what is compared so far. Raises FindingsError if the endpoint does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # a heavy module, only needed here

    paths = [shrunk(exploration, path) for path in smallest_cover(exploration) if _is_comparable(path)]
    lines: dict[str, None] = {}
    try:
        with _machine(client_of(url), exploration) as (client, arn):
            for number, path in enumerate(paths, 1):
                here, there = _end(path), _end_there(client, arn, exploration.subject.type, path.scenario.input)
                if here != there:
                    one, other = short_json_pair(here, there)
                    sides = f"ends {one} here, and {other} at the endpoint"
                    lines[f"for {short_json(path.scenario.input)}: the execution {sides}"] = None
                if there["status"] == "RUNNING":
                    break
                progress(f"{number} of {len(paths)} whole executions compared")
    except ClientError as problem:
        lines[f"the endpoint refuses the execution: {problem}"] = None
    except (BotoCoreError, ValueError) as problem:
        raise unreachable(problem) from None
    return list(lines)


def _is_comparable(path: ExecutionPath) -> bool:
    """True for a path that its input alone decides."""
    return (
        not path.run.calls and not path.scenario.files and not path.scenario.responses and path.run.duration <= _LONGEST
    )


@contextmanager
def _machine(client: Any, exploration: Exploration) -> Iterator[tuple[Any, str]]:
    """A state machine at the endpoint, for as long as it is compared."""
    name = f"explore-{uuid.uuid4()}"
    type_ = exploration.subject.type
    made = client.create_state_machine(name=name, definition=exploration.text, roleArn=_ROLE, type=type_)
    arn = made["stateMachineArn"]
    try:
        yield client, arn
    finally:
        client.delete_state_machine(stateMachineArn=arn)


def _end(path: ExecutionPath) -> dict[str, Json]:
    run = path.run
    return (
        {"status": run.status, "output": run.output} if run.status == "SUCCEEDED" else _failure(run.status, run.error)
    )


def _failure(status: str, error: str | None) -> dict[str, Json]:
    return {"status": status, "error": error}


def _end_there(client: Any, arn: str, type_: str, input_: Json) -> dict[str, Json]:
    answer = _run_there(client, arn, type_, json.dumps(input_))
    if answer["status"] == "SUCCEEDED":
        return {"status": "SUCCEEDED", "output": json.loads(answer["output"])}
    return _failure(answer["status"], answer.get("error"))


def _run_there(client: Any, arn: str, type_: str, input_: str) -> Any:
    if type_ == "EXPRESS":
        return client.start_sync_execution(stateMachineArn=arn, input=input_)
    execution = client.start_execution(stateMachineArn=arn, input=input_)["executionArn"]
    until = time.monotonic() + _PATIENCE
    while True:
        answer = client.describe_execution(executionArn=execution)
        if answer["status"] != "RUNNING" or time.monotonic() > until:
            return answer
        time.sleep(_PAUSE)
