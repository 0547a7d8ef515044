"""An execution path: a scenario, and the execution that the engine makes of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.containers import FILE
from workflow_dsl.exploration.search.documents import Conflict
from workflow_dsl.exploration.search.flow import START
from workflow_dsl.exploration.search.symbols import INPUT
from workflow_dsl.exploration.search.worlds import Call, World
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.lambda_functions.functions import Function
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.stand_ins.mocks import BranchPath, Mock, Response, Return, Throw
from workflow_dsl.records import Record, field

CAUSE = "injected"


class Scenario(Record):
    """All that decides an execution: its input, the responses of states in turn (the last one repeats), S3 files."""

    input: Json
    responses: Mapping[str, tuple[Response, ...]] = field(default_factory=dict)
    files: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)  # the rows that a Map reads, by its name

    def key(self) -> str:
        """Return a string that is equal for equal values."""
        responses = {
            name: [_as_list(response) for response in of_state] for name, of_state in sorted(self.responses.items())
        }
        return json.dumps([self.input, responses, dict(self.files)], sort_keys=True, default=str)


def _as_list(response: Response) -> list[Json]:
    if isinstance(response, Return):
        return ["return", response.value, response.after]
    return ["throw", response.error, response.cause, response.after]


class ExecutionPath(Record, eq=False):
    """A path through a state machine: its scenario, and the execution."""

    scenario: Scenario
    run: Run
    objects: Mapping[str, str] = field(default_factory=dict)  # the files that were read, by their URL


def is_plain(path: ExecutionPath) -> bool:
    """True for a path that succeeds, and on which no error comes."""
    responses = (response for of_state in path.scenario.responses.values() for response in of_state)
    return path.run.status == "SUCCEEDED" and not any(isinstance(response, Throw) for response in responses)


class Responder:
    """The mock of a state that answers its calls in turn, and then as the last time."""

    def __init__(self, responses: tuple[Response, ...], *, is_checked: bool) -> None:
        self.responses, self.is_checked = responses, is_checked
        self.count = 0

    def answer(self, input: Json, branch_path: BranchPath) -> Response:
        """Return the response to the next call."""
        self.count += 1
        response = self.responses[min(self.count, len(self.responses)) - 1]
        if isinstance(response, Throw) or self.is_checked:
            return response
        return Return(response.value, response.after, unchecked=True)


class Files:
    """S3 with the files that Maps read; everything else is a mock."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self.read: dict[str, str] = {}

    def call(self, service: str, action: str, parameters: dict[str, Json]) -> Json:
        """Answer the calls of an ItemReader and a ResultWriter."""
        if action == "listObjectsV2":
            rows = json.loads(next(iter(self._contents.values()), b"[]"))
            return {"Contents": [{"Key": "key", "Size": 1, "ETag": "etag", **row} for row in rows]}
        return {}

    def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return the one file there is."""
        content = next(iter(self._contents.values()), b"[]")
        self.read[f"s3://{bucket}/{key}"] = content.decode()
        return content

    def close(self) -> None:
        """Do nothing: no connection is open."""


def scenario_of(world: World) -> Scenario | None:
    """Return the scenario of a world; None if its values do not fit together."""
    try:
        responses = {name: _responses(world, calls) for name, calls in world.calls.items()}
        files = {name: tuple(world.document(f"{FILE}{name}")) for name in world.files}
        return Scenario(world.document(INPUT), responses, files)
    except Conflict:
        return None


def _responses(world: World, calls: tuple[Call, ...]) -> tuple[Response, ...]:
    responses: list[Response] = []
    for call in calls:
        value = world.document(call.source) if call.source else None
        if call.error is None:
            responses.append(Return(value, call.after))
        else:
            cause = value if isinstance(value, str) else json.dumps(value)
            error = call.error if call.name is None else str(world.document(call.name))
            responses += [Throw(error, cause, call.after)] * call.repeats
    return tuple(responses)


class Endless(Exception):
    """A run has so many events that it is likely to loop until its history is full."""


MOST_EVENTS = 3_000


class Subject(Record):
    """The workflow that is explored: its definition, its type, and the functions that its tasks call."""

    machine: PreparedMachine
    text: str
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    functions: Mapping[str, Function] = field(default_factory=dict)


def run_path(
    subject: Subject,
    scenario: Scenario,
    defaults: Mapping[str, Json],
    *,
    is_checked: bool = False,
    most_events: int = MOST_EVENTS,
) -> ExecutionPath:
    """Run a workflow in a scenario; a task without responses returns its default.

    If `is_checked`, results are those that the API or the handler can give. Raises Endless, and FindingsError for a
    result that cannot be.
    """
    responses = {name: (Return(value),) for name, value in defaults.items()} | dict(scenario.responses)
    contents = {name: content_of(subject.machine, name, rows) for name, rows in scenario.files.items()}
    containers = {state.name for state in subject.machine.states() if state.scopes}
    mocks: dict[str, Mock] = {
        name: list(each) if name in containers else Responder(each, is_checked=is_checked)
        for name, each in responses.items()
        if each
    }
    services = Files(contents)

    def stop_early(number: int, _: Event) -> None:
        if number > most_events:
            raise Endless

    execution = run(
        subject.text,
        scenario.input,
        mocks=mocks,
        functions=subject.functions if is_checked else {},
        services=services,
        start_time=START,
        type=subject.type,
        watch=stop_early,
    )
    return ExecutionPath(scenario, execution, services.read)


def content_of(machine: PreparedMachine, name: str, rows: tuple[Json, ...]) -> bytes:
    """Return the file that the ItemReader of a Map reads these rows from."""
    state = next(state for state in machine.states() if state.name == name)
    config: Mapping[str, Any] = state.fields["ItemReader"].get("ReaderConfig", {})
    type_ = config.get("InputType", "JSON")
    if type_ == "CSV":
        return _csv(rows, config).encode()
    if type_ == "JSONL":
        return "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    value: Json = list(rows)
    for key in reversed(config.get("ItemsPointer", "").split("/")[1:]):
        value = {key: value}
    return json.dumps(value).encode()


def _csv(rows: tuple[Json, ...], config: Mapping[str, Any]) -> str:
    names = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row)) or ["id"]
    is_given = config.get("CSVHeaderLocation") == "GIVEN"
    names = config.get("CSVHeaders", names) if is_given else names
    names = [*names, "more"] if len(names) == 1 and not is_given else names  # an empty row is none
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([] if is_given else [names])
    writer.writerows([row.get(name, "x") if isinstance(row, dict) else "x" for name in names] for row in rows)
    return text.getvalue()
