"""The reason why an element was not reached, as far as one can be given; a rule that cannot hold is a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search.choices import Needs, condition_needs, rule_needs
from workflow_dsl.exploration.search.faults import MOST_ATTEMPTS, attempts_of, faults_of
from workflow_dsl.exploration.search.flow import Flow
from workflow_dsl.exploration.search.goals import Element, targets_of
from workflow_dsl.exploration.search.moves import holding
from workflow_dsl.exploration.search.queries import Names, names_of
from workflow_dsl.exploration.search.symbols import Leaf
from workflow_dsl.exploration.search.worlds import Budget, OutOfSteps, World
from workflow_dsl.findings import Finding
from workflow_dsl.local.coverage import describe
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.states import DEFAULT
from workflow_dsl.local.errors import matches

Wanted = Callable[[bool], Iterator[Needs]]
_STEPS = 3_000
_FREE = Leaf("anything")


def reason_of(exploration: Exploration, element: Element) -> str:
    """Return why an element was not reached."""
    states = {state.name: state for state in exploration.machine.states()}
    kind, name, *rest = element
    if kind == "transition" and name == "":
        return "the Map or Parallel around it never starts, or has no items"
    state = states[str(name)]
    if kind == "state":
        return _of_state(exploration, states, state)
    if ("state", state.name) not in _covered(exploration):
        return f'"{state.name}" is not reached'
    of_kind: dict[str, Callable[[], str]] = {
        "rule": lambda: (
            dead_rule(state, int(rest[0])) or _never_left(exploration, state) or _others(exploration, state)
        ),
        "retry": lambda: _of_retrier(state, int(rest[0])),
        "catch": lambda: _of_catcher(state, int(rest[0])),
        "transition": lambda: _of_transition(exploration, state, str(rest[0])),
    }
    return of_kind[str(kind)]() or _NOT_FOUND


_NO_VALUE = "no value was found that reaches it and matches"


def _of_rule(exploration: Exploration, state: PreparedState, number: int) -> str:
    return dead_rule(state, number) or _never_left(exploration, state) or _others(exploration, state)


def _others(exploration: Exploration, state: PreparedState) -> str:
    """The rules that hold instead in every way to a Choice, if there is but one such."""
    covered = [each for each in _covered(exploration) if each[0] == "rule" and each[1] == state.name]
    if len(covered) != 1:
        return _NO_VALUE
    return f"{describe(covered[0]).rpartition(' ')[2]} matches in every way that was found"


_NOT_FOUND = "no way was found"


def _covered(exploration: Exploration) -> set[Element]:
    return set(exploration.elements) - set(exploration.missing)


def _of_state(exploration: Exploration, states: dict[str, PreparedState], state: PreparedState) -> str:
    sources = [each.name for each in states.values() if state.name in targets_of(each)]
    covered = _covered(exploration)
    reached = [name for name in sources if ("state", name) in covered]
    if not sources:
        return _of_start(exploration, state)
    if not reached:
        return f'"{sources[0]}" before it is not reached'
    return _of_transition(exploration, states[reached[0]], state.name)


def _of_start(exploration: Exploration, state: PreparedState) -> str:
    """The reason of a state that no other leads to: the first one of its scope."""
    owners = [each for each in exploration.machine.states() if any(scope.start == state.name for scope in each.scopes)]
    if not owners:
        return "no transition leads to it"
    is_reached = ("state", owners[0].name) in _covered(exploration)
    return f'"{owners[0].name}" around it {"starts no iteration or branch" if is_reached else "is not reached"}'


def _of_transition(exploration: Exploration, state: PreparedState, target: str) -> str:
    if state.type == "Choice":
        rules = state.fields["Choices"]
        numbers = [number for number, rule in enumerate(rules) if rule.get("Next") == target]
        numbers += [DEFAULT] if state.fields.get("Default") == target else []
        return next(filter(None, (dead_rule(state, number) for number in numbers)), _others(exploration, state))
    if state.next == target:
        return _never_left(exploration, state) or _NOT_FOUND
    catchers = [number for number, catcher in enumerate(state.catchers) if catcher["Next"] == target]
    return next(filter(None, (_of_catcher(state, number) for number in catchers)), _NOT_FOUND)


def _never_left(exploration: Exploration, state: PreparedState) -> str:
    """The error with which a state ends in all ways, if it never succeeds."""
    runs = [way.run for way in exploration.ways if way.run.failed_in == state.name and way.run.cause]
    own = [run for run in runs if (run.error or "").startswith("States.")]
    if state.scopes and not runs:
        return f'"{state.name}" fails in every way that was found, because of a state inside it'
    if not own:
        return ""
    return f'"{state.name}" fails in every way that was found: {own[0].error}: {own[0].cause}'


def _of_retrier(state: PreparedState, number: int) -> str:
    retrier = state.retriers[number]
    if retrier.get("MaxAttempts", 3) == 0:
        return "its MaxAttempts is 0, so it never retries"
    return _hidden(state.retriers[:number], retrier["ErrorEquals"], "Retry")


def _of_catcher(state: PreparedState, number: int) -> str:
    names = state.catchers[number]["ErrorEquals"]
    hidden = _hidden(state.catchers[:number], names, "Catch")
    if hidden:
        return hidden
    many = [name for name in names if attempts_of(state, name) > MOST_ATTEMPTS]
    if many and not any(fault.catcher == number for fault in faults_of(state)):
        return f"{many[0]} is retried {attempts_of(state, many[0]) - 1:,} times first"
    return ""


def _hidden(before: Sequence[Mapping[str, Any]], names: list[str], field: str) -> str:
    if all(not matches([name], name) for name in names):
        return f"{', '.join(names)} is never handled by Retry and Catch"
    for number, other in enumerate(before):
        if all(matches(other["ErrorEquals"], name) for name in names):
            return f"{field}[{number}] before it handles all its errors"
    return ""


def dead_rule(state: PreparedState, number: int) -> str:
    """Return why a rule of a Choice cannot hold for any data: because of one before it, or by itself; "" if it can."""
    flow = Flow(_FREE, _AnyVariable())
    rules = state.fields["Choices"]
    if state.is_jsonata:
        names = _AnyVariable(names_of(flow, state.name, input=_FREE))
        wanted = [_jsonata(rule, names) for rule in rules]
    else:
        wanted = [_jsonpath(rule, flow, state.name) for rule in rules]
    if number == DEFAULT:
        others = [(each, False) for each in wanted]
        return "" if _can_hold(others) else "Default is never taken: a rule holds for every value"
    if not _can_hold([(wanted[number], True)]):
        return f"Choices[{number}] can't hold for any value"
    for before in range(number):
        if not _can_hold([(wanted[before], False), (wanted[number], True)]):
            return f"Choices[{number}] can't hold after Choices[{before}]"
    before_all = [(each, False) for each in wanted[:number]]
    return (
        ""
        if _can_hold([*before_all, (wanted[number], True)])
        else f"Choices[{number}] can't hold after those before it"
    )


def _jsonata(rule: Mapping[str, Any], names: Names) -> Wanted:
    return lambda want: condition_needs(rule["Condition"], want, names)


def _jsonpath(rule: Mapping[str, Any], flow: Flow, state: str) -> Wanted:
    return lambda want: rule_needs(rule, want, flow, state)


class _AnyVariable(dict[str, Any]):
    """Variables of which nothing is known."""

    def __missing__(self, name: str) -> Leaf:
        return Leaf(f"${name}")

    def __contains__(self, name: object) -> bool:
        return True


def _can_hold(wanted: list[tuple[Wanted, bool]]) -> bool:
    try:
        return any(True for _ in holding(World(Budget(_STEPS)), wanted))
    except OutOfSteps:
        return True


def dead_rules(exploration: Exploration) -> list[Finding]:
    """Return a finding for each rule of a Choice that can never hold."""
    findings = []
    for element in exploration.missing:
        if element[0] == "rule":
            state = next(each for each in exploration.machine.states() if each.name == element[1])
            reason = dead_rule(state, int(element[2]))
            if reason:
                keys = ("Default",) if element[2] == DEFAULT else ("Choices", element[2])
                findings.append(Finding("DEAD_RULE", "warning", state.at(*keys), reason, "remove it, or move it up"))
    return findings
