"""States and the transitions between them: rules that the schema of one state cannot express."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from workflow_dsl.definition.machine import Machine, State, TransitionTarget
from workflow_dsl.definition.placeholders import is_known, is_placeholder
from workflow_dsl.findings import closest, did_you_mean, short_list
from workflow_dsl.validation.rules.rule import Definition, Problem, error, spec_url

_ENDS = ("Succeed", "Fail")


@error(spec_url("toplevelfields"), "MISSING_TRANSITION_TARGET")
def start_exists(definition: Definition) -> Iterator[Problem]:
    """StartAt names a state of the same scope."""
    for scope in definition.scopes:
        if is_known(scope.start_at) and scope.start_at not in scope and not is_placeholder(scope.fields.get("States")):
            remedy = did_you_mean(scope.start_at, scope.states) or _one_of(scope.states)
            yield Problem(scope.at("StartAt"), f"Missing 'Next' target: {scope.start_at}", remedy)


@error(spec_url("transitions"), "MISSING_END_STATE")
def terminal_state(definition: Definition) -> Iterator[Problem]:
    """The state machine has a terminal state: Succeed, Fail, or a state with End."""
    if definition.machine.states and not ends(definition.machine):
        yield Problem(definition.machine.at(), "Workflow has no terminal state", 'add "End": true to one state')


@error(spec_url("states-fields"), "DUPLICATE_STATE_NAME")
def duplicate_names(definition: Definition) -> Iterator[Problem]:
    """State names are unique in the whole state machine, nested states included."""
    seen: dict[str, State] = {}
    for state in definition.states:
        first = seen.setdefault(state.name, state)
        if first is not state:
            remedy = f"rename it: the first one is at {first.at().pointer}"
            yield Problem(state.at(), f"Duplicate State name: {state.name}", remedy)


@error(spec_url("transitions"), "MISSING_TRANSITION_TARGET")
def unreachable_states(definition: Definition) -> Iterator[Problem]:
    """Every state can be reached from StartAt.

    Like the service, the rule ignores a state machine without a terminal state.
    """
    for scope in definition.scopes:
        if isinstance(scope.start_at, str) and scope.start_at in scope.states and (scope.owner or ends(scope)):
            reached = _reached(scope)
            if reached is None:
                continue
            for state in scope.states.values():
                if state.name not in reached:
                    yield Problem(
                        state.at(), f'State "{state.name}" is not reachable.', "add a transition to it, or remove it"
                    )


def _reached(scope: Machine) -> set[str] | None:
    """The names of the states reached from StartAt; None if a placeholder or a mistake hides where a state leads.

    A misspelled target leads to the state that it may mean, so that one mistake is one finding.
    """
    reached: set[str] = set()
    waiting = [scope.start_at]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            state = scope.states.get(name)  # None for a state that is not an object
            names = [_target_or_meant(state, target) for target in state.targets] if state else [None]
            is_open = state is not None and state.type == "Choice" and not state.fields.get("Choices")
            if state is None or is_open or None in names or (not names and not _is_terminal(state)):
                return None
            waiting += names
    return reached


def _target_or_meant(state: State, target: TransitionTarget) -> str | None:
    """The state that a transition names, or may mean; None if it is unknown."""
    if not isinstance(target.name, str) or not is_known(target.name):
        return None
    return target.name if target.name in state.scope else _meant(state, target)


def _meant(state: State, target: TransitionTarget) -> str | None:
    """The state that a misspelled target may mean; None if none is close, or if it would make an endless loop."""
    match = closest(str(target.name), state.scope.states)
    return match if match is not None and _may_end(state, target, match) else None


def ends(scope: Machine) -> bool:
    """True if a scope has a terminal state."""
    return any(map(_is_terminal, scope.states.values()))


def _is_terminal(state: State) -> bool:
    return state.type in _ENDS or state.fields.get("End") is True or is_placeholder(state.fields.get("End"))


@error(spec_url("transitions"))
def next_or_end(definition: Definition) -> Iterator[Problem]:
    """Every state except Choice, Succeed and Fail has exactly one of Next and End."""
    for type_ in ("Task", "Pass", "Wait", "Parallel", "Map"):
        for state in definition.states_of_type(type_):
            fields = [field for field in ("Next", "End") if state.fields.get(field) not in (None, False)]
            if fields == ["Next", "End"]:
                message = "There should only be one of the following fields: [Next, End]"
                yield Problem(state.at(), message, "keep one of them")
            elif not fields:
                message = "This object should have only one of the following fields: [Next, End]"
                yield Problem(state.at(), message, 'add "Next", or "End": true')


@error(spec_url("transitions"), "MISSING_TRANSITION_TARGET")
def dangling_transitions(definition: Definition) -> Iterator[Problem]:
    """Next, Default and a catcher's Next name a state of the same scope."""
    names = {state.name for state in definition.states}
    for state in definition.states:
        for target in state.targets:
            if is_known(target.name) and target.name not in state.scope:
                message = f"Missing 'Next' target: {target.name}"  # the service's words for Default too
                yield Problem(state.at(*target.keys), message, _target_remedy(state, target, names))


def _target_remedy(state: State, target: TransitionTarget, names: set[str]) -> str:
    scope, name = state.scope, str(target.name)
    if name in names:
        return "choose a state of the same scope: that one is in another"
    match = _meant(state, target)
    if match is not None:
        return f'did you mean "{match}"?'
    return _one_of([other for other in islice(scope.states, _MOST_TO_TRY) if _may_end(state, target, other)])


_MOST_TO_TRY = 50  # states to offer; a remedy names six


def _may_end(state: State, target: TransitionTarget, replacement: str) -> bool:
    """True if an execution can end after a transition to another state, catchers aside: the loop is not endless."""
    states = state.scope.states
    seen: set[str] = set()
    waiting = [replacement]
    while waiting:
        name = waiting.pop()
        if name not in states or _is_terminal(states[name]):
            return True
        if name not in seen:
            seen.add(name)
            others = (other for other in states[name].targets if other.keys[0] != "Catch")
            waiting += [str(other.name) for other in others if name != state.name or other.keys != target.keys]
    return False


@error(spec_url("errors"), applies_to="Handler")
def catch_all_alone_and_last(definition: Definition) -> Iterator[Problem]:
    """States.ALL is the only name in its ErrorEquals, in the last retrier or catcher."""
    for state, field, items in definition.handlers:
        for index, item in items:
            names = item.get("ErrorEquals")
            if isinstance(names, list) and "States.ALL" in names and (len(names) > 1 or index < items[-1][0]):
                message = "States.ALL must appear alone and at end of list"
                alone = "remove the other names" if len(names) > 1 else ""
                last = "move it last" if index < items[-1][0] else ""
                remedy = " and ".join(filter(None, (alone, last)))
                yield Problem(state.at(field, index, "ErrorEquals"), message, remedy)


def _one_of(names: Collection[str]) -> str:
    quoted = short_list(names, most=6, quoted=True)
    return f"write {'one of ' if len(names) > 1 else ''}{quoted}" if quoted else "add a state"
