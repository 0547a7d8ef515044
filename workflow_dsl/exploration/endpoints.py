"""The states of each execution path, run by TestState of an endpoint: its output and next state, and the engine's.

API reference, "TestState": a state of a whole definition by `stateName`, the result or the error of its call by `mock`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.definition.json import Json, short_json, short_json_pair
from workflow_dsl.exploration.cover import smallest_cover
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.visits import Visit, visits_of
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.stand_ins.mocks import Throw

_ROLE = f"arn:aws:iam::{LOCAL_ACCOUNT}:role/test"
_SECONDS = 20  # until an endpoint that does not answer is given up


def endpoint_lines(exploration: Exploration, url: str, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Return where an endpoint's TestState differs from the engine, in the visits of all paths; [] if nowhere.

    `progress` is called with what is compared so far. Raises FindingsError if the endpoint does not answer.
    """
    client = client_of(url)
    paths = smallest_cover(exploration)
    visits = {repr((visit.state, visit.input, visit.variables, visit.response)): visit
              for path in paths for visit in visits_of(exploration, path)}  # fmt: skip
    lines: dict[str, None] = {}
    for number, visit in enumerate(visits.values(), 1):
        lines |= dict.fromkeys(_differences(client, exploration, visit))
        progress(f"{number} of {len(visits)} visits of states compared")
    return list(lines)


def client_of(url: str) -> Any:
    """Return a client of Step Functions at an endpoint."""
    import boto3  # noqa: PLC0415  # a heavy module, which only this comparison needs
    from botocore.config import Config  # noqa: PLC0415  # as boto3

    # The service's own host is sync-states; a URL that is given is complete.
    config = Config(
        inject_host_prefix=False, retries={"total_max_attempts": 1}, connect_timeout=_SECONDS, read_timeout=_SECONDS
    )
    return boto3.client("stepfunctions", endpoint_url=url, region_name=LOCAL_REGION, config=config)


def _differences(client: Any, exploration: Exploration, visit: Visit) -> Iterator[str]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as boto3

    variables = f" and the variables {short_json(visit.variables)}" if visit.variables else ""
    where = f'for {short_json(visit.input)}{variables}: "{visit.state}"'
    try:
        answer = client.test_state(
            definition=exploration.text, roleArn=_ROLE, input=json.dumps(visit.input), stateName=visit.state,
            **_optional(visit),
        )  # fmt: skip
    except ClientError as problem:
        yield f"{where}: the endpoint refuses it: {problem}"
        return
    except (BotoCoreError, ValueError) as problem:
        raise unreachable(problem) from None
    output = json.loads(answer["output"]) if "output" in answer else answer.get("error")
    if visit.output != output:
        yield f"{where} gives {_sides(*_apart(visit.output, output))}"
    if visit.next != (target := answer.get("nextState")):
        yield f"{where} goes to {_sides(_target_name(visit.next), _target_name(target))}"


def _optional(visit: Visit) -> dict[str, Any]:
    """The parameters of a test that has a mock, variables or a context object."""
    optional: dict[str, Any] = {}
    if isinstance(visit.response, Throw):
        failure = {"error": visit.response.error, "cause": visit.response.cause}
        optional["mock"] = {"errorOutput": failure, "fieldValidationMode": "NONE"}
    elif visit.response is not None:
        optional["mock"] = {"result": json.dumps(visit.response.value), "fieldValidationMode": "NONE"}
    if visit.variables:
        optional["variables"] = json.dumps(visit.variables)
    if visit.context is not None:
        optional["context"] = json.dumps(visit.context)
    return optional


def unreachable(problem: Exception) -> FindingsError:
    """Return the finding about an endpoint that does not answer."""
    remedy = "check the URL; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to any string for a local endpoint"
    return FindingsError([Finding("UNREACHABLE", "error", Where(), str(problem), remedy)])


def _target_name(target: str | None) -> str:
    return "the end" if target is None else f'"{target}"'


def _apart(here: Json, there: Json, path: str = "") -> tuple[str, str]:
    """Two values as text: the first field or item that differs, or the whole of short or unlike ones."""
    pairs: list[tuple[str, Json, Json]] = []
    if isinstance(here, dict) and isinstance(there, dict) and here.keys() == there.keys():
        pairs = [(f"{path}.{name}", here[name], there[name]) for name in here]
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        pairs = [(f"{path}[{number}]", *pair) for number, pair in enumerate(zip(here, there, strict=True))]
    for inner, one, other in pairs:
        if one != other:
            return _apart(one, other, inner)
    one_text, other_text = short_json_pair(here, there)
    return (f"{one_text} in {path.removeprefix('.')}" if path else one_text), other_text


def _sides(here: str, there: str) -> str:
    return f"{here} here, and {there} at the endpoint"
