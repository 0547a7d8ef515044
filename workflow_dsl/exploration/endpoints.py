"""The states of each way, run by TestState of an endpoint and compared with the engine: the output and the next state.

API reference, "TestState": a state of a whole definition by `stateName`, the result of its call by `mock`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.exploration.cover import smallest_cover
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.ways import Way
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.records import Record

_ROLE = f"arn:aws:iam::{LOCAL_ACCOUNT}:role/test"


class Visit(Record):
    """A visit to a state that succeeds: its input, its call's result if it makes one, its output and the next state."""

    state: str
    input: Json
    result: Json
    output: Json
    next: str | None


def endpoint_lines(exploration: Exploration, url: str) -> list[str]:
    """Return where an endpoint's TestState differs from the engine, in the visits of all ways; [] if nowhere.

    A Map, a Parallel and a machine with variables are left out, since TestState takes them from the run around them.
    Raises FindingsError if the endpoint does not answer.
    """
    client = client_of(url)
    lines: dict[str, None] = {}
    seen = set()
    for way in smallest_cover(exploration):
        for visit in visits_of(exploration, way):
            key = json.dumps([visit.state, visit.input, visit.result])
            if key not in seen:
                seen.add(key)
                lines |= dict.fromkeys(_differences(client, exploration, visit))
    return list(lines)


def visits_of(exploration: Exploration, way: Way) -> Iterator[Visit]:
    """Yield the visits at the top level of a way that have one call at most."""
    scope = exploration.machine.scope.states
    if '"Assign"' in exploration.text:
        return
    details = [
        event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") for event in way.run.history
    ]
    steps = [each for each in details if each and each["name"] in scope]
    calls = [call.state for call in way.run.calls]
    for number in range(0, len(steps) - 1, 2):
        entered, exited = steps[number], steps[number + 1]
        name = entered["name"]
        if "output" not in exited or scope[name].scopes or calls.count(name) > 1:
            continue
        target = steps[number + 2]["name"] if number + 2 < len(steps) else None
        result = _result(way, name) if scope[name].type == "Task" else None
        yield Visit(name, json.loads(entered["input"]), result, json.loads(exited["output"]), target)


def _result(way: Way, name: str) -> Json:
    return getattr(way.given.responses[name][0], "value", None)


def client_of(url: str) -> Any:
    """Return a client of Step Functions at an endpoint."""
    import boto3  # noqa: PLC0415  # a heavy module, which only this comparison needs
    from botocore.config import Config  # noqa: PLC0415  # as boto3

    # The service's own host is sync-states; a URL that is given is complete.
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
    return boto3.client("stepfunctions", endpoint_url=url, region_name=LOCAL_REGION, config=config)


def _differences(client: Any, exploration: Exploration, visit: Visit) -> Iterator[str]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as boto3

    is_task = exploration.machine.scope.states[visit.state].type == "Task"
    mock = {"mock": {"result": json.dumps(visit.result), "fieldValidationMode": "NONE"}} if is_task else {}
    try:
        answer = client.test_state(
            definition=exploration.text, roleArn=_ROLE, input=json.dumps(visit.input), stateName=visit.state, **mock
        )
    except ClientError as problem:
        yield f'"{visit.state}": the endpoint refuses it: {problem}'
        return
    except (BotoCoreError, ValueError) as problem:
        remedy = "check the URL and the credentials"
        raise FindingsError([Finding("UNREACHABLE", "error", Where(), str(problem), remedy)]) from None
    output = json.loads(answer["output"]) if "output" in answer else answer.get("error")
    for what, here, there in (("gives", visit.output, output), ("goes to", visit.next, answer.get("nextState"))):
        if here != there:
            sides = f"{what} {short_json(here)} here, and {short_json(there)} at the endpoint"
            yield f'for {short_json(visit.input)}: "{visit.state}" {sides}'
