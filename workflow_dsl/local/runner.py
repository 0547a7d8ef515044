"""run(): one execution of a definition, from input to history."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, substituted
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Where, closest
from workflow_dsl.local.engine.engine import LocalEngine
from workflow_dsl.local.engine.execution import Execution, FailedItem, Outcome
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.engine.tasks import resource_of
from workflow_dsl.local.stand_ins import functions as lambdas
from workflow_dsl.local.stand_ins.functions import Function, Handler
from workflow_dsl.local.stand_ins.mocks import Mock, Mocks
from workflow_dsl.local.stand_ins.services import BotoServices, GivenServices, Services
from workflow_dsl.validation import check

Definition = Machine | Mapping[str, Json] | str
Answers = Mapping[str, Callable[[dict[str, Json]], Json]]


@dataclass(frozen=True, slots=True)
class TaskCall:
    """A call that a state made: what it called, and with what."""

    state: str
    resource: str
    arguments: Json


@dataclass(frozen=True)
class Run:
    """An execution that has ended."""

    status: Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    output: Json
    error: str | None
    cause: str | None
    trail: list[str]  # the states that were entered, in order
    duration: float  # virtual seconds
    failed_in: str | None  # the state that failed, where one did
    calls: list[TaskCall]
    covered: set[tuple[str | int, ...]] = field(repr=False)
    machine: Machine = field(repr=False)
    tables: dict[str, list[Json]] = field(repr=False)  # what is in the application's tables at the end
    failed_items: list[FailedItem] = field(repr=False)  # of distributed Maps, those that were tolerated too
    _execution: Execution = field(repr=False)

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events in the shape of boto3's get_execution_history, made when they are asked for."""
        return self._execution.history.as_dicts(self._execution.clock_start)


def run(  # noqa: PLR0913  # all but two have defaults and are given by name
    definition: Definition,
    input: Json = None,
    *,
    functions: Mapping[str, Handler | Function] | None = None,
    name: str | None = None,
    start_time: datetime | None = None,
    clock: Callable[[], datetime] | None = None,
    mocks: Mapping[str, Mock] | None = None,
    services: Services | Answers | None = None,
    workflows: Mapping[str, Definition] | None = None,
    substitutions: Mapping[str, str] | None = None,
    context: Mapping[str, Json] | None = None,
    machine_name: str = "local",
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    seed: int | str | None = None,
    watch: Callable[[int, Event], None] | None = None,
) -> Run:
    """Runs a definition (a Machine, a dict, or JSON text) with an input, and returns how it ended.

    `functions` maps a function's name, ARN or placeholder to its handler `(event, context) -> result`; an activity's
    worker is one too. `services` answers calls of AWS services: functions by `"dynamodb:putItem"`, or an object such as
    BotoServices; by default boto3 against moto in this process. `mocks` are what states answer instead of what they
    call. `workflows` are the definitions that `states:startExecution` may start, by name. `substitutions` stand for the
    definition's `${Name}` placeholders. The clock starts at `start_time`, or when `clock` says, or now; it is virtual,
    and nothing waits. `context` is added to the context object. The same `seed` gives the same history.

    Raises FindingsError before anything runs, for a definition that validation refuses and for a task that nothing
    here can answer.
    """
    try:
        program = _program(_text(definition, substitutions), type)
    except FindingsError as problem:
        place = definition.place if isinstance(definition, Machine) else Machine({}).place
        raise FindingsError(each.at(place(each.where.keys)) for each in problem.findings) from None
    start = start_time or (clock or _now)()
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    answers: Services = GivenServices(services) if isinstance(services, Mapping) else services or BotoServices()

    def started(other: str) -> PreparedMachine | None:
        return (
            _program(_text(workflows[other], substitutions), "STANDARD") if workflows and other in workflows else None
        )

    random = Random(seed if seed is not None else 0)  # noqa: S311  # to be repeated, not to be secret
    engine = LocalEngine(start, random, functions or {}, answers, Mocks(mocks), started)
    _refuse_what_nothing_answers(program, engine)
    execution = engine.execution(
        program,
        _as_json({} if input is None else input),
        name=name or "local",
        machine_name=machine_name,
        is_express=type == "EXPRESS",
    )
    execution.extra = context or {}
    execution.history.watch = watch
    try:
        outcome = engine.run_to_end(execution)
    finally:
        if services is None:
            answers.close()
    return _ended(engine, execution, outcome)


def _ended(engine: LocalEngine, execution: Execution, outcome: Outcome) -> Run:
    return Run(
        status=outcome.status,  # type: ignore[arg-type]  # one of the four
        output=outcome.output,
        error=outcome.error,
        cause=outcome.cause,
        trail=execution.trail,
        duration=engine.scheduler.now,
        failed_in=outcome.state,
        calls=[TaskCall(*call) for call in engine.calls],
        covered=execution.covered,
        machine=execution.program.machine,
        tables={},
        failed_items=execution.failed_items,
        _execution=execution,
    )


def _as_json(value: Json) -> Json:
    """The input as the service would be sent it: a copy, and JSON."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise FindingsError([Finding("INVALID_INPUT", "error", Where(), f"the input is no JSON: {problem}")]) from None


def _now() -> datetime:
    return datetime.now(UTC)


def _text(definition: Definition, substitutions: Mapping[str, str] | None) -> str:
    """The definition as JSON text, with what its placeholders stand for."""
    if isinstance(definition, Machine):
        definition = dict(definition.fields)
    text = definition if isinstance(definition, str) else json.dumps(read(definition))
    return substituted(text, substitutions or {})


@lru_cache(maxsize=256)
def _program(text: str, type_: Literal["STANDARD", "EXPRESS"]) -> PreparedMachine:
    findings = check(text, type=type_)
    if any(finding.severity == "error" for finding in findings):
        raise FindingsError(finding for finding in findings if finding.severity == "error")
    return PreparedMachine(Machine(read(text)))


def _refuse_what_nothing_answers(program: PreparedMachine, engine: LocalEngine) -> None:
    """Names every task that would fail only when it is reached: no handler, or a field the engine does not execute."""
    nodes = {node.name: node for node in program.nodes()}
    unknown = [_no_such_state(name, nodes) for name in engine.mocks if name not in nodes]
    mocked = [name for name in nodes if engine.mocks.always_answers(name)]
    reached = [node for node in program.nodes(mocked) if node.name not in mocked]
    found = [*unknown, *(finding for node in reached for finding in _unanswered(node, engine))]
    if found:
        raise FindingsError(found)


def _no_such_state(name: str, nodes: Collection[str]) -> Finding:
    remedy = closest(name, nodes) or f"the states are {', '.join(nodes)}"
    return Finding("MOCKS", "error", Where(), f"a mock is for {name!r}, which is no state of the workflow", remedy)


def _unanswered(node: PreparedState, engine: LocalEngine) -> list[Finding]:
    reader = (node.fields.get("ItemReader") or {}).get("ReaderConfig", {})
    if reader.get("InputType") == "PARQUET" or reader.get("Transformation") == "LOAD_AND_FLATTEN":
        remedy = "give its items with mocks or in CSV, JSON or JSONL"
        return [Finding("NOT_EXECUTED", "error", node.at("ItemReader", "ReaderConfig"), "is not executed here", remedy)]
    if node.type != "Task":
        return []
    called = node.fields["Resource"]
    kind, service, action, _ = resource_of(called)
    if service == "http" and isinstance(engine.services, BotoServices):
        remedy = f'answer it with mocks, or with services={{"http:{action}": ...}}'
        return [Finding("NOT_EXECUTED", "error", node.at("Resource"), "is not executed here", remedy)]
    if (service, action) == ("lambda", "invoke"):
        given = node.fields.get("Arguments" if node.is_jsonata else "Parameters")
        name = given.get("FunctionName") if isinstance(given, dict) else None
        kind, called = ("lambda", name) if isinstance(name, str) and not name.startswith("{%") else (kind, called)
    if kind != "lambda":
        return []
    function = lambdas.find(engine.functions, called)
    if function:
        return list(function.problems())
    known = ", ".join(sorted(engine.functions)) or "none"
    message = f"calls {called}, for which there is no handler"
    remedy = f"give it in functions, by name or ARN (there are: {known})"
    return [Finding("NO_HANDLER", "error", node.at("Resource"), message, remedy)]
