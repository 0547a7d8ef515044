"""run(): runs one execution of a definition, and returns its result and its history."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean
from workflow_dsl.local.engine.dataflow import DATA_LIMIT
from workflow_dsl.local.engine.engine import LocalEngine
from workflow_dsl.local.engine.execution import Execution, FailedItem, Outcome
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState, parse_resource
from workflow_dsl.local.lambda_functions import functions as lambdas
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.lambda_functions.not_here import NotHere
from workflow_dsl.local.option_types import check_option_types
from workflow_dsl.local.stand_ins.gaps import CannotAnswer, gap_finding, in_state
from workflow_dsl.local.stand_ins.known_names import unknown_fakes
from workflow_dsl.local.stand_ins.mock_checks import MockChecks
from workflow_dsl.local.stand_ins.mocks import Mock, Mocks
from workflow_dsl.local.stand_ins.services import FakeServices, Services, guard_of, services_of_run
from workflow_dsl.local.unfilled import unfilled_fields
from workflow_dsl.records import Record, field
from workflow_dsl.validation import check

Definition = Machine | Mapping[str, Json] | str
NO_INPUT: Json = {}  # of an execution that is started without one; None is the JSON null
ServiceFunctions = Mapping[str, Callable[[dict[str, Json]], Json]]


class TaskCall(Record):
    """A call of a Task state: its resource and its arguments."""

    state: str
    resource: str
    arguments: Json


class Run(Record):
    """An execution that has ended."""

    status: Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    output: Json
    error: str | None
    cause: str | None
    trail: list[str]  # the names of the entered states, in order
    duration: float  # virtual seconds
    failed_in: str | None  # the state that failed, if one did
    calls: list[TaskCall]
    covered: set[tuple[str | int, ...]] = field(repr=False)
    machine: Machine = field(repr=False)
    tables: dict[str, list[Json]] = field(repr=False)  # the items of the application's tables at the end
    failed_items: list[FailedItem] = field(repr=False)  # of distributed Maps, tolerated ones included
    _execution: Execution = field(repr=False)

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events in the shape of boto3's get_execution_history."""
        return self._execution.history.as_dicts(self._execution.clock_start)

    @property
    def type(self) -> Literal["STANDARD", "EXPRESS"]:
        """The type of the state machine that ran."""
        return "EXPRESS" if self._execution.is_express else "STANDARD"


def run(  # noqa: PLR0913  # all but two are optional and keyword-only
    definition: Definition,
    input: Json = NO_INPUT,
    *,
    functions: Mapping[str, Handler | Function] | None = None,
    name: str | None = None,
    start_time: datetime | None = None,
    clock: Callable[[], datetime] | None = None,
    mocks: Mapping[str, Mock] | None = None,
    services: Services | ServiceFunctions | None = None,
    workflows: Mapping[str, Definition] | None = None,
    substitutions: Mapping[str, str] | None = None,
    context: Mapping[str, Json] | None = None,
    machine_name: str = "local",
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    seed: int | str | None = None,
    watch: Callable[[int, Event], None] | None = None,
) -> Run:
    """Run a definition (a Machine, a dict, or a JSON or YAML string) with an input, and return the ended execution.

    An execution without an input has {}; None is null. `functions` maps the name, ARN or placeholder of a function, or
    of an activity, to its handler `(event, context) -> result`. `mocks` are responses of states, used instead of their
    calls. `services` handles calls of AWS services: a mapping such as `{"dynamodb:putItem": function}`, or an object
    such as BotoServices; by default boto3 with moto in this process. `workflows` are the definitions that
    `states:startExecution` can start, by name. `substitutions` replace the `${Name}` placeholders. The clock starts at
    `start_time`, or at `clock()`, or now; it is virtual, so waits and retries take no real time. `context` is added to
    the context object. The same `seed` gives the same history. `watch` is called with the ID and the event whenever one
    is recorded.

    Raises FindingsError before anything runs if validation finds an error in the definition, or if nothing can answer
    the call of a task: no handler, no fake, and no part of moto. With mocks, also with {}, a task without one that
    cannot be answered is refused once the run reaches it; so is a call that only turns out then to have no answer.
    Raises TypeError for an option of a wrong type.
    """
    check_option_types(
        functions=functions, name=name, start_time=start_time, clock=clock, mocks=mocks, services=services,
        workflows=workflows, substitutions=substitutions, context=context, machine_name=machine_name, type=type,
        seed=seed, watch=watch,
    )  # fmt: skip
    machine = prepare(definition, substitutions, type)
    start = start_time or (clock or _now)()
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    own = services_of_run()  # used without other services, and by a handler that calls AWS before a state does
    provider: Services = FakeServices(services) if isinstance(services, Mapping) else services or own

    def find_machine(other: str) -> PreparedMachine | None:
        name = other.partition(":")[0]  # without a version or an alias
        if not workflows or name not in workflows:
            return None
        return _prepare_text(_definition_text(workflows[name], substitutions), "STANDARD")

    random = Random(seed if seed is not None else 0)  # noqa: S311  # for repeatable runs, not for secrets
    engine = LocalEngine(start, random, functions or {}, provider, Mocks(mocks), find_machine)
    _check_before_start(machine, engine)
    is_express = type == "EXPRESS"
    execution = engine.new_execution(
        machine, json_copy(input), name=name or "local", machine_name=machine_name, is_express=is_express
    )
    execution.extra_context = context or {}
    execution.history.watch = watch
    try:
        with guard_of(provider, own):
            outcome = engine.run_to_end(execution)
    except CannotAnswer as problem:  # where no state makes the call itself, as a reader or writer in a nested execution
        raise FindingsError(
            [Finding("NOT_INSTALLED", "error", Where(), problem.gap.reason, problem.gap.install)]
        ) from None
    finally:
        own.close()
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
        machine=execution.machine.definition,
        tables={},
        failed_items=execution.failed_items,
        _execution=execution,
    )


def json_copy(value: Json, name: str = "input") -> Json:
    """Return a copy of a value as JSON. Raises FindingsError, with the value's name, if it is not JSON, or too large.

    Source: Step Functions quotas, "Maximum input or output size for a task, state, or execution".
    """
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise _invalid_input(f"the {name} is nested too deeply") from None
    except (TypeError, ValueError) as problem:
        raise _invalid_input(f"the {name} is not valid JSON: {problem}") from None
    size = len(text.encode(errors="surrogatepass"))
    if size > DATA_LIMIT:
        message = f"the {name} has {size:,} bytes, and an execution takes at most {DATA_LIMIT:,}"
        raise _invalid_input(message, "put the data into S3, and pass its bucket and key")
    return json.loads(text)


def _invalid_input(message: str, remedy: str = "") -> FindingsError:
    return FindingsError([Finding("INVALID_INPUT", "error", Where(), message, remedy)])


def _now() -> datetime:
    return datetime.now(UTC)


def prepare(
    definition: Definition, substitutions: Mapping[str, str] | None, type_: Literal["STANDARD", "EXPRESS"]
) -> PreparedMachine:
    """Return the state machine of a definition. Raises FindingsError, with the author's line if it is a Machine."""
    try:
        return _prepare_text(_definition_text(definition, substitutions), type_)
    except FindingsError as problem:
        place = definition.place if isinstance(definition, Machine) else Machine({}).place
        raise FindingsError(finding.at(place(finding.where.keys)) for finding in problem.findings) from None


def _definition_text(definition: Definition, substitutions: Mapping[str, str] | None) -> str:
    """Return the definition as a JSON string, with its placeholders substituted."""
    if isinstance(definition, str) and not substitutions:
        return definition
    document = dict(definition.fields) if isinstance(definition, Machine) else read(definition)
    return json.dumps(substitute(document, substitutions) if substitutions else document)


@lru_cache(maxsize=256)
def _prepare_text(text: str, type_: Literal["STANDARD", "EXPRESS"]) -> PreparedMachine:
    errors = [finding for finding in check(text, type=type_) if finding.severity == "error"]
    if errors:
        raise FindingsError(errors)
    if unfilled := unfilled_fields(text, type_):
        raise FindingsError(unfilled)
    return PreparedMachine(Machine(read(text)))


def _check_before_start(machine: PreparedMachine, engine: LocalEngine) -> None:
    """Raise FindingsError for every state that can only fail: a missing handler or service, or an unsupported field."""
    states = {state.name: state for state in machine.states()}
    checks = MockChecks(engine.mocks, states, engine.functions)
    engine.mocks.check = checks.refuse_wrong
    unknown = [_unknown_mock(name, states) for name in engine.mocks if name not in states]
    unknown += [*checks.findings(), *unknown_fakes(engine.services, states.values())]
    mocked = [name for name in states if engine.mocks.always_answers(name)]
    reachable = [state for state in machine.states(mocked) if state.name not in mocked]
    refusals = {state: findings for state in reachable if (findings := obstacles(state, engine))}
    if engine.mocks.cover_what_is_reached:
        names = list(engine.mocks)
        tasks = [state for state in refusals if state.type == "Task" and state.name not in names]
        engine.obstacles = {state: in_state(refusals.pop(state), state.at("Resource")) for state in tasks}
    findings = [*unknown, *(finding for findings in refusals.values() for finding in findings)]
    if findings:
        raise FindingsError(findings)


def _unknown_mock(name: str, states: Collection[str]) -> Finding:
    remedy = did_you_mean(name, states) or f"the states are {', '.join(states)}"
    message = f"a mock is for {name!r}, which is not a state of the workflow"
    return Finding("MOCKS", "error", Where(), message, remedy)


_S3_FIELDS = ("ItemReader", "ResultWriter")


def obstacles(state: PreparedState, engine: LocalEngine) -> list[Finding]:
    """Return why a state can only fail in a local run: a missing handler, or a field that is not supported."""
    reader = (state.fields.get("ItemReader") or {}).get("ReaderConfig", {})
    if reader.get("InputType") == "PARQUET":
        where = state.at("ItemReader", "ReaderConfig")
        return [_unsupported(where, "mock the state, or use a file of CSV, JSON or JSONL")]
    find_gap = getattr(engine.services, "gap", None)
    for used in _S3_FIELDS:
        if used in state.fields and find_gap and (gap := find_gap("aws-sdk:s3", "getObject", "")):
            return [Finding("NOT_INSTALLED", "error", state.at(used), gap.reason, gap.install)]
    if state.type != "Task":
        return []
    resource = state.fields["Resource"]
    kind, service, action, pattern = parse_resource(resource)
    if (service, action) == ("lambda", "invoke"):
        arguments = state.fields.get("Arguments" if state.is_jsonata else "Parameters")
        name = arguments.get("FunctionName") if isinstance(arguments, dict) else None
        return _function_problems(state, name, engine) if isinstance(name, str) and not name.startswith("{%") else []
    if kind == "lambda":
        return _function_problems(state, resource, engine)
    gap = find_gap(service, action, pattern) if find_gap and kind == "task" else None
    return [gap_finding(state.at("Resource"), service, action + pattern, gap)] if gap else []


def _unsupported(where: Where, remedy: str) -> Finding:
    return Finding("NOT_EXECUTED", "error", where, "is not supported by the local runner", remedy)


def _function_problems(state: PreparedState, resource: str, engine: LocalEngine) -> list[Finding]:
    function = lambdas.find(engine.functions, resource)
    if function:
        problems = list(function.problems())
        engine.runnable.update([] if problems else [resource])
        # Another language, or one that is not installed, matters only to a run that calls the function.
        is_elsewhere = isinstance(function.handler, NotHere) or {problem.code for problem in problems} == {
            "NOT_INSTALLED"
        }
        return [] if is_elsewhere else problems
    known = ", ".join(sorted(engine.functions)) or "none"
    hint = did_you_mean(lambdas.function_name(resource), engine.functions)
    remedy = hint or f"pass its handler in functions, by name or ARN (known: {known})"
    return [Finding("NO_HANDLER", "error", state.at("Resource"), f"calls {resource}, which has no handler", remedy)]
