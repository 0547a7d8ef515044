"""A part about the API: mutated requests of every operation get an answer or an error of the API, never a defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from tests.stress.data import DONORS, EXAMPLES
from tests.stress.mutation import as_json, hostile_value, mutated
from tests.stress.parts import faults_of
from workflow_dsl.local.stand_ins.services import FakeServices
from workflow_dsl.server import api, model
from workflow_dsl.server.account import Account
from workflow_dsl.server.live.world import World

_PREFIX = "arn:aws:states:us-east-1:111111111111"
_ARNS = (
    *(f"{_PREFIX}:stateMachine:{name}" for name in ("a", "b", "a:1", "a:live", "a/label", "none")),
    *(f"{_PREFIX}:execution:a:{name}" for name in ("a", "none")),
    *(f"{_PREFIX}:{name}" for name in ("activity:a", "mapRun:a/label:b", "express:a:b:c")),
    *("arn:aws:iam::111111111111:role/r", "a"),
)
_STATES = [state for document in EXAMPLES for state in dict(document.get("States") or {}).values()]
_TEXTS = ("a", "b", "live", "{}", "[1]", '{"result": 1}', "null", "NaN", "")


def requests(random: Random, count: int) -> Iterator[str]:
    """Requests by the API's model, most of them mutated, to one account."""
    account = Account(100)
    account.long_poll = 0
    World(account, services=FakeServices({}))
    for number in range(count):
        operation = random.choice(model.operation_names())
        request = _value(random, model.service().operation_model(operation).input_shape)
        request = request if random.random() < 0.3 else mutated(random, request, DONORS)
        yield from faults_of(partial(_call, account, operation, request), f"request {number}, {operation}")


def _call(account: Account, operation: str, request: Any) -> None:
    status, content, _ = api.call(account, operation, as_json(request).encode())
    if status == 500:
        raise AssertionError(f"{content.decode()} for {as_json(request)}")


def _value(random: Random, shape: Any) -> Any:
    """A value of a shape of the model."""
    if shape.type_name == "structure":
        members = shape.members.items()
        chosen = [each for each in members if each[0] in shape.required_members or random.random() < 0.4]
        return {name: _value(random, member) for name, member in chosen}
    if shape.type_name == "list":
        return [_value(random, shape.member) for _ in range(random.randint(0, 2))]
    if shape.type_name == "string":
        return _string(random, shape)
    return random.choice((True, False)) if shape.type_name == "boolean" else random.choice((0, 1, 2, 50, 100))


def _string(random: Random, shape: Any) -> str:
    if shape.enum:
        return str(random.choice(shape.enum))
    if "arn" in shape.name.lower():
        return random.choice(_ARNS)
    if shape.name == "Definition":
        return as_json(random.choice(_STATES if random.random() < 0.5 else EXAMPLES))
    return random.choice(_TEXTS) if random.random() < 0.8 else json.dumps(hostile_value(random))
