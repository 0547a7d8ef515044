"""The reason why an element was not reached, if one is known.

A Choice rule that cannot match is a finding, and so is an error name that an earlier retrier or catcher hides.
"""

from __future__ import annotations

from collections.abc import Callable

from workflow_dsl.exploration.dead import dead_catcher, dead_retrier, dead_rule, handler_of
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search.goals import targets_of
from workflow_dsl.findings import Finding, Where
from workflow_dsl.local.coverage import Element, describe
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.states import DEFAULT


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
        "retry": lambda: dead_retrier(state, *handler_of(element)),
        "catch": lambda: dead_catcher(state, *handler_of(element)),
        "transition": lambda: _of_transition(exploration, state, str(rest[0])),
    }
    return of_kind[str(kind)]() or _NOT_FOUND


_NO_VALUE = "no value was found that reaches it and matches"


def _others(exploration: Exploration, state: PreparedState) -> str:
    """The rule that matches instead on every path to a Choice, if it is always the same."""
    covered = [element for element in _covered(exploration) if element[0] == "rule" and element[1] == state.name]
    if len(covered) != 1:
        return _NO_VALUE
    return f"{describe(covered[0]).rpartition(' ')[2]} matches in every execution found"


_NOT_FOUND = "no path was found"


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
    caught = [element for element in exploration.missing if element[:2] == ("catch", state.name)]
    reasons = (
        dead_catcher(state, *handler_of(element))
        for element in caught
        if state.catchers[int(element[2])]["Next"] == target
    )
    return next(filter(None, reasons), _NOT_FOUND)


def _never_left(exploration: Exploration, state: PreparedState) -> str:
    """The error with which a state ends in all paths, if it never succeeds."""
    runs = [path.run for path in exploration.paths if path.run.failed_in == state.name and path.run.cause]
    own = [run for run in runs if (run.error or "").startswith("States.")]
    if state.scopes and not runs:
        return f'"{state.name}" fails in every execution found, because of a state inside it'
    if not own:
        return ""
    return f'"{state.name}" fails in every execution found: {own[0].error}: {own[0].cause}'


def dead_parts(exploration: Exploration) -> list[Finding]:
    """Return a finding for each Choice rule that can never match, and each error name that is never handled."""
    states = {state.name: state for state in exploration.machine.states()}
    parts = (_dead_part(states[str(element[1])], element) for element in exploration.missing if element[0] in _DEAD)
    return [part for part in parts if part is not None]


_DEAD: dict[str | int, tuple[str, Callable[..., str]]] = {
    "rule": ("Choices", dead_rule),
    "retry": ("Retry", dead_retrier),
    "catch": ("Catch", dead_catcher),
}
_REMOVE = "remove it, or move it up"


def _dead_part(state: PreparedState, element: Element) -> Finding | None:
    field, reason_of_part = _DEAD[element[0]]
    reason = reason_of_part(state, *element[2:])
    if not reason:
        return None
    if element[0] == "rule":
        where = state.at("Default") if element[2] == DEFAULT else state.at(field, element[2])
        return Finding("DEAD_RULE", "warning", where, reason, _REMOVE)
    return Finding("DEAD_ERROR", "warning", _place_of_error(state, field, *handler_of(element)), reason, _REMOVE)


def _place_of_error(state: PreparedState, field: str, number: int, name: str | None) -> Where:
    """The place of an error name in its retrier or catcher, by default of its only one."""
    handler = (state.retriers if field == "Retry" else state.catchers)[number]
    names = list(handler["ErrorEquals"])
    return state.at(field, number, "ErrorEquals", names.index(name) if name in names else 0)
