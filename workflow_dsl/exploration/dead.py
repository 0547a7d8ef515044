"""Rules of a Choice, retriers and catchers that can never be used, each with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.exploration.search.choices import Needs, condition_needs, rule_needs
from workflow_dsl.exploration.search.faults import MOST_ATTEMPTS, attempts_of, faults_of
from workflow_dsl.exploration.search.flow import Flow
from workflow_dsl.exploration.search.moves import holding
from workflow_dsl.exploration.search.queries import Names, names_of
from workflow_dsl.exploration.search.symbols import Leaf
from workflow_dsl.exploration.search.worlds import Budget, OutOfSteps, World
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.states import DEFAULT
from workflow_dsl.local.errors import ALL, TASK_FAILED, TIMEOUT, matches
from workflow_dsl.validation.rules.dead_rules import dead_rules, matches_nothing_after

Wanted = Callable[[bool], Iterator[Needs]]
_STEPS = 3_000
ANY = Leaf("anything")


def handler_of(element: Element) -> tuple[int, str | None]:
    """Return the number of an element's retrier or catcher, and its error name; None if that is the only one."""
    return int(element[2]), str(element[3]) if len(element) > 3 else None


def dead_retrier(state: PreparedState, number: int, name: str | None = None) -> str:
    """Return why a retrier never retries the errors of a name, by default of its only one; "" if it can."""
    return _hidden(state.retriers[:number], name or state.retriers[number]["ErrorEquals"][0], "Retry")


def dead_catcher(state: PreparedState, number: int, name: str | None = None) -> str:
    """Return why a catcher never catches the errors of a name, by default of its only one; "" if it can.

    An error that is retried too often is a reason too.
    """
    name = name or state.catchers[number]["ErrorEquals"][0]
    hidden = _hidden(state.catchers[:number], name, "Catch")
    if hidden:
        return hidden
    attempts = attempts_of(state, name)
    if attempts > MOST_ATTEMPTS and not any(fault.catcher == number for fault in faults_of(state)):
        return f"{name} is retried {attempts - 1:,} times first"
    return ""


def _hidden(before: Sequence[Mapping[str, Any]], name: str, field: str) -> str:
    if not matches([name], name):
        return f"{name} is never handled by Retry and Catch"
    for number, other in enumerate(before):
        if _handles(other["ErrorEquals"], name):
            return f"{field}[{number}] before it handles {'all its errors' if name == ALL else name}"
    if name != ALL:
        return ""
    wildcards = {TASK_FAILED, TIMEOUT}  # which together are States.ALL
    holders = [number for number, other in enumerate(before) if wildcards & {*other["ErrorEquals"]}]
    if wildcards <= {name for other in before for name in other["ErrorEquals"]}:
        return f"{' and '.join(f'{field}[{number}]' for number in holders)} before it handle all its errors"
    return ""


def _handles(names: list[str], name: str) -> bool:
    """True if names handle all errors that a name does: States.TaskFailed leaves States.Timeout to States.ALL."""
    return matches(names, name) and (name != ALL or ALL in names)


def dead_rule(state: PreparedState, number: int) -> str:
    """Return why a Choice rule matches no data: because of the rules before it, or by itself; "" if it can match."""
    rules = state.fields["Choices"]
    certain = dead_rules(rules).get(number, "")
    if certain:
        return certain
    flow = Flow(ANY, AnyVariable())
    if state.is_jsonata:
        names = AnyVariable(names_of(flow, state.name, input=ANY))
        wanted = [_jsonata(rule, names) for rule in rules]
    else:
        wanted = [_jsonpath(rule, flow, state.name) for rule in rules]
    if number == DEFAULT:
        others = [(position, False) for position in wanted]
        return "" if _can_hold(others) else "Default is never taken: a rule matches every value"
    if not _can_hold([(wanted[number], True)]):
        return "matches no value"
    hiding = [before for before in range(number) if not _can_hold([(wanted[before], False), (wanted[number], True)])]
    before_all = [(position, False) for position in wanted[:number]]
    is_hidden = hiding or not _can_hold([*before_all, (wanted[number], True)])
    return matches_nothing_after(hiding[:1] or range(number)) if is_hidden else ""


def _jsonata(rule: Mapping[str, Any], names: Names) -> Wanted:
    return lambda want: condition_needs(rule, want, names)


def _jsonpath(rule: Mapping[str, Any], flow: Flow, state: str) -> Wanted:
    return lambda want: rule_needs(rule, want, flow, state)


class AnyVariable(dict[str, Any]):
    """Variables of which nothing is known."""

    def __missing__(self, name: str) -> Leaf:
        return Leaf(f"${name}")

    def __contains__(self, name: object) -> bool:
        return True


def _can_hold(wanted: list[tuple[Wanted, bool]]) -> bool:
    budget = Budget(_STEPS)
    try:
        return any(True for _ in holding(World(budget), wanted)) or budget.is_guess
    except OutOfSteps:
        return True
