"""test_state(): tests one state of a definition, and returns how it ends and the data after each step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import TypedDict, Unpack

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.engine.engine import LocalEngine
from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.one_state.execution import run_test
from workflow_dsl.local.one_state.inspection import StateTest
from workflow_dsl.local.one_state.refusals import FieldValidation
from workflow_dsl.local.one_state.request import Request, TestedState, find_state, refuse_request
from workflow_dsl.local.runner import NO_INPUT, Definition, ServiceFunctions, json_copy, obstacles, prepare
from workflow_dsl.local.stand_ins.mocks import Mocks, Response
from workflow_dsl.local.stand_ins.services import FakeServices, Services, guard_of, services_of_run
from workflow_dsl.records import Record, field


class World(Record):
    """All outside the state: functions, services and the state machines that it may start."""

    functions: Mapping[str, Handler | Function] = field(default_factory=dict)
    services: Services | ServiceFunctions | None = None
    workflows: Mapping[str, Definition] = field(default_factory=dict)
    substitutions: Mapping[str, str] | None = None


class StateTestOptions(TypedDict, total=False):
    """The circumstances of a test of one state; those of `run` have the same meaning and defaults.

    `variables` are those that the state sees, `context` is the context object instead of a made-up one. `mock` is the
    state's result or error. `validation` says how much of a mocked result is compared with the API's shape: all, only
    the fields that are present, or nothing. `retries` is the number of retries that the retrier of the error has had.
    For a mocked Map or Parallel, `failed_in` is the inner state that the error comes from, `failed_iterations` the
    number of iterations that failed, and `reader_data` the content of the file that the ItemReader reads.
    """

    variables: Mapping[str, Json] | None
    context: Mapping[str, Json] | None
    mock: Response | None
    validation: FieldValidation
    retries: int
    failed_in: str | None
    failed_iterations: int
    reader_data: str | None
    role_arn: str | None
    start_time: datetime | None
    seed: int | str | None


def test_state(
    definition: Definition,
    input: Json = NO_INPUT,
    *,
    name: str | None = None,
    functions: Mapping[str, Handler | Function] | None = None,
    services: Services | ServiceFunctions | None = None,
    workflows: Mapping[str, Definition] | None = None,
    substitutions: Mapping[str, str] | None = None,
    **options: Unpack[StateTestOptions],
) -> StateTest:
    """Run one state by itself with an input, and return how it ends, as the TestState API does.

    `definition` is that of a state, or of a whole state machine with the state's `name`. Without an
    input it has {}; None is null.
    A Map, a Parallel, an activity, and a task with `.sync` or `.waitForTaskToken` need a mock; other tasks call their
    handlers and services as in `run`. Time is virtual.

    Raises FindingsError for an error in the definition, with the API's code and message for what the API refuses, and
    for a task that has neither a handler nor a mock.
    """
    tested = find_state(definition, name, substitutions)
    world = World(functions or {}, services, workflows or {}, substitutions)
    return run_in(world, tested, Request(json_copy(input), **options), needs_handlers=True)


test_state.__test__ = False  # type: ignore[attr-defined]  # pytest does not take it for a test


def run_in(world: World, tested: TestedState, request: Request, *, needs_handlers: bool = False) -> StateTest:
    """Run a state in a world. With `needs_handlers`, raises FindingsError for a task that nothing can answer."""
    refuse_request(tested, request)
    provider = world.services
    own = services_of_run()
    services: Services = FakeServices(provider) if isinstance(provider, Mapping) else provider or own

    def find_machine(name: str) -> PreparedMachine | None:
        definition = world.workflows.get(name.partition(":")[0])
        return None if definition is None else prepare(definition, world.substitutions, "STANDARD")

    start = request.start_time or datetime.now(UTC)
    random = Random(request.seed if request.seed is not None else 0)  # noqa: S311  # for repeatable tests, not for secrets
    reader = services if request.reader_data is None else _ReaderData(services, request.reader_data)
    mocks = Mocks(None if request.mock is None else {tested.state.name: request.mock})
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    engine = LocalEngine(start, random, world.functions, reader, mocks, find_machine)
    findings = obstacles(tested.state, engine) if needs_handlers and request.mock is None else []
    if findings:
        raise FindingsError(findings)
    try:
        with guard_of(services, own):
            return run_test(engine, tested, request)
    finally:
        own.close()


class _ReaderData:
    """Services whose S3 has one file, the one that an ItemReader reads, or the listing that it gets."""

    def __init__(self, services: Services, content: str) -> None:
        self._services, self._content = services, content

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        if (service, action) != ("aws-sdk:s3", "listObjectsV2"):
            return self._services.call(service, action, parameters)
        listing = json.loads(self._content)
        return {"Contents": listing} if isinstance(listing, list) else listing

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        return self._content.encode()

    def close(self) -> None:
        self._services.close()
