"""The moves out of a state, each with the outputs it leads to and the goals it fulfils."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Protocol

from workflow_dsl.definition.integrations import has_task_token
from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search import states
from workflow_dsl.exploration.search.choices import Needs, condition_needs, rule_needs
from workflow_dsl.exploration.search.faults import (
    SAMPLE,
    Fault,
    catch_element,
    exhausted_goal,
    faults_of,
    handling_of,
    retry_element,
)
from workflow_dsl.exploration.search.flow import NOTHING, Flow
from workflow_dsl.exploration.search.goals import Plan
from workflow_dsl.exploration.search.queries import names_of
from workflow_dsl.exploration.search.symbols import Fields, Known, Leaf, Symbol
from workflow_dsl.exploration.search.worlds import Call, Need, World
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedScope, PreparedState
from workflow_dsl.local.engine.states import DEFAULT
from workflow_dsl.local.errors import ALL, TASK_FAILED, TIMEOUT
from workflow_dsl.records import Record, replace

FAILS = "fails"  # the cause of a fault


class End(Record):
    """The end of a state or of a scope: its output, or the error that nothing in it handles."""

    world: World
    is_reached: bool
    output: Symbol = NOTHING
    error: str | None = None
    is_failure: bool = False


Step = tuple[End, Flow, str | None]  # the end of a state, the flow after it, the next state


class Scopes(Protocol):
    """Walks through the scopes of a Parallel or Map."""

    plan: Plan
    result: Callable[[PreparedState], Json]

    def scope(self, scope: PreparedScope, flow: Flow, world: World, goal: Element | None) -> Iterator[End]:
        """Yield the ends of a scope."""


Run = Callable[[Scopes, PreparedState, Flow, World, "Element | None"], Iterator[Step]]


class Move(Record):
    """A move to the next state; None at the end of a scope. `is_rare`: made for its goals alone."""

    next: str | None
    run: Run
    goals: tuple[Element, ...] = ()
    is_normal: bool = True
    is_rare: bool = False


def succeeding(flow: Flow, world: World, output: Symbol, needs: Needs, target: str | None) -> Iterator[Step]:
    """Yield the steps to the next state in all worlds that keep the conditions."""
    for after in world.assuming_all(needs):
        yield End(after, False, output), flow, target


def simple_moves(state: PreparedState) -> list[Move]:
    """Return the one move of a Pass, Wait or Succeed."""
    goals = () if state.next is None else (("transition", state.name, state.next),)
    return [Move(state.next, _run_simple, goals)]


def _run_simple(_: Scopes, state: PreparedState, flow: Flow, world: World, __: Element | None) -> Iterator[Step]:
    needs = states.settings(state, flow)
    data, more = (flow.data, ()) if state.is_jsonata else states.effective_input(state, flow)
    if "Result" in state.fields and not state.is_jsonata:
        data = Known(state.fields["Result"])
    output, after, last = states.output_of(state, flow, data)
    yield from succeeding(after, world, output, (*needs, *more, *last), state.next)


def fail_moves(_: PreparedState) -> list[Move]:
    """Return the one move of a Fail."""

    def run(_: Scopes, state: PreparedState, flow: Flow, world: World, __: Element | None) -> Iterator[Step]:
        needs = states.failure_needs(state, flow)
        for after in world.assuming_all(needs):
            yield End(after, False, error=states.failure_of(state, flow, after), is_failure=True), flow, None

    return [Move(None, run)]


def choice_moves(state: PreparedState) -> list[Move]:
    """Return a move for each rule of a Choice, and one for its Default."""
    return [_rule(state, number) for number in _numbers(state)]


def deciding_moves(state: PreparedState, goal: Element) -> list[Move]:
    """Return the moves to the rules that may be taken as a condition is true or false, or as the next rule matches too.

    The next rule comes first: its values are the nearest.
    """
    number = int(goal[2])
    is_false = goal[0] == "condition" and not goal[3]
    later = [each for each in _numbers(state) if each == DEFAULT or each > number]
    return [_deciding(state, goal, later_number) for later_number in (later if is_false else [number])]


def _numbers(state: PreparedState) -> list[int]:
    return [*range(len(state.fields["Choices"])), *([DEFAULT] if "Default" in state.fields else [])]


def _rule(state: PreparedState, number: int) -> Move:
    target, run = _taking(state, number, None)
    transition: tuple[Element, ...] = () if target is None else (("transition", state.name, target),)
    return Move(target, run, (("rule", state.name, number), *transition))


def _deciding(state: PreparedState, goal: Element, number: int) -> Move:
    """The move to a rule in which one alternative decides a condition, or the next rule matches too."""
    target, run = _taking(state, number, goal)
    return Move(target, run, (goal,), is_normal=False, is_rare=True)


def _taking(state: PreparedState, number: int, goal: Element | None) -> tuple[str | None, Run]:
    fields: Mapping[str, Any] = state.fields if number == DEFAULT else state.fields["Choices"][number]
    target = fields["Default"] if number == DEFAULT else fields.get("Next")

    def run(_: Scopes, state: PreparedState, flow: Flow, world: World, __: Element | None) -> Iterator[Step]:
        yield from _choose(state, number, fields, flow, world, target, goal)

    return target, run


Wanted = Callable[[bool], Iterator[Needs]]


def _conditions_for(
    state: PreparedState, number: int, goal: Element | None, needs_of: Callable[..., Iterator[Needs]]
) -> list[tuple[Wanted, bool]]:
    """Return the conditions under which a rule is taken; the last one is solved first."""
    rules = state.fields["Choices"]
    before = [(rule, False) for rule in (rules if number == DEFAULT else rules[:number])]
    wanted = [*before, *([] if number == DEFAULT else [(rules[number], True)])]
    whole: list[tuple[Wanted, bool]] = [(partial(needs_of, rule), want) for rule, want in wanted]
    if goal is None:
        return whole
    if goal[0] == "order":
        return [*whole, (partial(needs_of, rules[number + 1]), True)]
    decided = int(goal[2])
    condition = partial(_only, partial(needs_of, rules[decided]), int(goal[4]))
    return [*whole[:decided], *whole[decided + 1 :], (condition, whole[decided][1])]


def _only(condition: Callable[..., Iterator[Needs]], number: int, want: bool) -> Iterator[Needs]:
    """Yield one alternative of a condition, in which it decides."""
    return islice(condition(want, decides=True), number, number + 1)


def _choose(
    state: PreparedState,
    number: int,
    fields: Mapping[str, Any],
    flow: Flow,
    world: World,
    target: str | None,
    goal: Element | None,
) -> Iterator[Step]:
    if state.is_jsonata:
        names = names_of(flow, state.name, input=flow.data)
        whole = _conditions_for(state, number, goal, partial(condition_needs, names=names))
        output, after, needs = states.outcome(fields, names, flow, flow.data)
    else:
        data, needs = states.effective_input(state, flow)
        inside = flow.with_data(data)
        whole = _conditions_for(state, number, goal, partial(rule_needs, flow=inside, state=state.name))
        after, more = states.assigned(state, flow, fields.get("Assign"), data)
        output, last = states.after_output_path(state, flow, data)
        needs = (*needs, *more, *last)
    for first in world.assuming_all(needs if not state.is_jsonata else ()):
        for chosen in holding(first, whole):
            for last_world in chosen.assuming_all(needs if state.is_jsonata else ()):
                yield End(last_world, False, output), after, target


def holding(world: World, wanted: list[tuple[Wanted, bool]], *, is_first: bool = True) -> Iterator[World]:
    """Yield worlds in which conditions are as true as wanted: the last one first, as it says the most."""
    if not wanted:
        yield world
        return
    *others, (condition, want) = wanted
    alternatives = list(islice(condition(want), _MOST_ALTERNATIVES + 1))
    if not is_first:  # what holds already leaves the values at their bounds
        alternatives.sort(key=lambda needs: not all(map(world.keeps, needs)))
    for needs in alternatives[:_MOST_ALTERNATIVES]:
        for after in world.assuming_all(needs):
            yield from holding(after, others, is_first=False)
    world.budget.is_guess |= len(alternatives) > _MOST_ALTERNATIVES


_MOST_ALTERNATIVES = 64


def task_moves(state: PreparedState) -> list[Move]:
    """Return the moves of a Task: its result, and its faults."""
    goals = () if state.next is None else (("transition", state.name, state.next),)
    return [Move(state.next, _run_task, goals), *fault_moves(state, _run_fault)]


def fault_moves(state: PreparedState, run: Callable[[Fault], Run]) -> list[Move]:
    """Return the moves of a state's retriers, catchers and failures that nothing catches."""
    moves = []
    for fault in faults_of(state):
        exhausted = () if fault.exhausted is None else (exhausted_goal(state, fault.error),)
        last: tuple[Element, ...] = (*exhausted, *([("timeout", state.name)] if fault.error == TIMEOUT else []))
        if fault.retrier is not None:
            retried = retry_element(state, fault.error)
            goals: tuple[Element, ...] = () if retried is None else (retried,)
            moves.append(Move(state.next, run(fault), goals, is_normal=False, is_rare=True))
        elif fault.catcher is not None:
            target = state.catchers[fault.catcher]["Next"]
            caught = catch_element(state, fault.catcher, fault.error)
            goals = (caught, ("transition", state.name, target), *last)
            moves.append(Move(target, run(fault), goals, is_normal=False))
        else:
            goals = (("uncaught", state.name, fault.error), *last)
            moves.append(Move(None, run(fault), goals, is_normal=False, is_rare=True))
    return moves


def _source(state: PreparedState, world: World) -> str:
    return f"{state.name}#{sum(call.repeats for call in world.calls.get(state.name, ()))}"


def _run_task(scopes: Scopes, state: PreparedState, flow: Flow, world: World, _: Element | None) -> Iterator[Step]:
    for called in _called(state, flow, world):
        source = _source(state, called)
        answered = called.with_source(source, scopes.result(state)).with_call(state.name, Call(source))
        output, after, needs = states.output_of(state, flow, Leaf(source))
        yield from succeeding(after, answered, output, needs, state.next)


def _called(state: PreparedState, flow: Flow, world: World) -> Iterator[World]:
    """Yield worlds in which the call of a task is made: its arguments have values that the service takes."""
    resource = str(state.fields["Resource"])
    arguments, needs = states.effective_input(state, replace(flow, has_token=has_task_token(resource)))
    for ready in world.assuming_all((*states.settings(state, flow), *needs)):
        yield from states.fitting(state, ready, arguments)


def _run_fault(fault: Fault) -> Run:
    def run(scopes: Scopes, state: PreparedState, flow: Flow, world: World, goal: Element | None) -> Iterator[Step]:
        for called in _called(state, flow, world):
            source = _source(state, called)
            failing = called.with_source(source, FAILS)
            name = f"{source} error"
            call = Call(source, fault.error, repeats=fault.times)
            if fault.retrier is not None:
                yield from _run_task(scopes, state, flow, failing.with_call(state.name, call), goal)
            elif fault.catcher is None or fault.error != SAMPLE:
                failing = failing.with_call(state.name, call)
                yield from after_failure(state, fault.catcher, flow, failing, fault.error, Leaf(source))
            else:
                failing = failing.with_source(name, SAMPLE).with_call(state.name, replace(call, name=name))
                for named in failing.assuming(_is_like(state, fault, Leaf(name))):
                    yield from _caught(state, fault.catcher, flow, named, Leaf(name), Leaf(source))

    return run


def _is_like(state: PreparedState, fault: Fault, name: Leaf) -> Need:
    """The condition that an error is handled by the same names as a fault, after as many attempts."""

    def test(world: World) -> bool:
        error = world.value(name)
        is_named = isinstance(error, str) and error not in ("", ALL, TASK_FAILED)
        return is_named and handling_of(state, str(error)) == handling_of(state, fault.error)

    return Need(test, frozenset((name,)), (name,))


def _caught(
    state: PreparedState, catcher: int, flow: Flow, world: World, error: Symbol, cause: Symbol
) -> Iterator[Step]:
    output, after, needs = states.caught(state, catcher, flow, Fields({"Error": error, "Cause": cause}))
    yield from succeeding(after, world, output, needs, state.catchers[catcher]["Next"])


def after_failure(
    state: PreparedState, catcher: int | None, flow: Flow, world: World, error: str | None, cause: Symbol
) -> Iterator[Step]:
    """Yield the steps after a failure that is not retried: to the catcher, or to the end of the scope."""
    if catcher is None:
        yield End(world, False, error=error, is_failure=True), flow, None
        return
    yield from _caught(state, catcher, flow, world, Known(error), cause)
