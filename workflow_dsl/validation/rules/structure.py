"""States and the ways between them: what the schema of one state cannot say."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import is_known, is_placeholder
from workflow_dsl.findings import closest, some_of
from workflow_dsl.validation.rules.rule import Definition, Problem, error, spec

_ENDS = ("Succeed", "Fail")


@error(spec("toplevelfields"), "MISSING_TRANSITION_TARGET")
def start_exists(definition: Definition) -> Iterator[Problem]:
    """StartAt names one of the States of its scope."""
    for scope in definition.scopes:
        if is_known(scope.start_at) and scope.start_at not in scope:
            remedy = closest(scope.start_at, scope.states) or f"start at {_one_of(scope.states)}"
            yield Problem(scope.at("StartAt"), f"Missing 'Next' target: {scope.start_at}", remedy)


@error(spec("transitions"), "MISSING_TRANSITION_TARGET")
def dangling_transitions(definition: Definition) -> Iterator[Problem]:
    """Next, Default and the Next of a catcher name a state of the same scope."""
    names = {state.name for state in definition.states}
    for state in definition.states:
        for target in state.targets:
            if is_known(target.name) and target.name not in state.scope:
                message = f"Missing 'Next' target: {target.name}"  # which is what the service says of Default too
                yield Problem(state.at(*target.keys), message, _where_is(target.name, state.scope, names))


def _where_is(name: str, scope: Machine, names: set[str]) -> str:
    if name in names:
        return "that state is in another scope, and a transition stays in its own"
    return closest(name, scope.states) or f"go to {_one_of(scope.states)}"


@error(spec("transitions"), "MISSING_TRANSITION_TARGET")
def unreachable_states(definition: Definition) -> Iterator[Problem]:
    """Every state is reached from StartAt. As in the service, a machine that never ends is not walked."""
    for scope in definition.scopes:
        if isinstance(scope.start_at, str) and scope.start_at in scope.states and (scope.owner or ends(scope)):
            reached = _reached(scope)
            if reached is None:
                continue
            for state in scope.states.values():
                if state.name not in reached:
                    yield Problem(state.at(), f'State "{state.name}" is not reachable.', "link it, or delete it")


def _reached(scope: Machine) -> set[str] | None:
    """The names that StartAt leads to; None where a transition is a placeholder, and may lead anywhere."""
    reached: set[str] = set()
    waiting = [scope.start_at]
    while waiting:
        name = waiting.pop()
        if name in scope.states and name not in reached:
            reached.add(name)
            names = [target.name for target in scope.states[name].targets if isinstance(target.name, str)]
            if not all(map(is_known, names)):
                return None
            waiting += names
    return reached


@error(spec("transitions"), "MISSING_END_STATE")
def terminal_state(definition: Definition) -> Iterator[Problem]:
    """The machine has a state that ends it: Succeed, Fail, or one with End."""
    if definition.machine.states and not ends(definition.machine):
        yield Problem(definition.machine.at(), "Workflow has no terminal state", 'give one state "End": true')


def ends(scope: Machine) -> bool:
    """Whether a scope has a state that ends it."""
    return any(
        state.type in _ENDS or state.fields.get("End") is True or is_placeholder(state.fields.get("End"))
        for state in scope.states.values()
    )


@error(spec("transitions"))
def next_or_end(definition: Definition) -> Iterator[Problem]:
    """Every state but Choice, Succeed and Fail has exactly one of Next and End."""
    for type_ in ("Task", "Pass", "Wait", "Parallel", "Map"):
        for state in definition.of(type_):
            given = [field for field in ("Next", "End") if state.fields.get(field) not in (None, False)]
            if given == ["Next", "End"]:
                message = "There should only be one of the following fields: [Next, End]"
                yield Problem(state.at(), message, "keep one of the two")
            elif not given:
                message = "This object should have only one of the following fields: [Next, End]"
                yield Problem(state.at(), message, 'say which state comes next, or "End": true')


@error(spec("states-fields"), "DUPLICATE_STATE_NAME")
def duplicate_names(definition: Definition) -> Iterator[Problem]:
    """A state's name is unique within the whole machine, nested states included."""
    seen: dict[str, State] = {}
    for state in definition.states:
        first = seen.setdefault(state.name, state)
        if first is not state:
            remedy = f"rename it; the first is at {first.at().pointer}"
            yield Problem(state.at(), f"Duplicate State name: {state.name}", remedy)


@error(spec("errors"), about="Handler")
def catch_all_alone_and_last(definition: Definition) -> Iterator[Problem]:
    """States.ALL stands alone in ErrorEquals, in the last retrier or catcher."""
    for state, field, items in definition.handlers:
        for index, item in items:
            names = item.get("ErrorEquals")
            if isinstance(names, list) and "States.ALL" in names and (len(names) > 1 or index < items[-1][0]):
                message = "States.ALL must appear alone and at end of list"
                alone = "take the other names out of it" if len(names) > 1 else ""
                remedy = " and ".join(filter(None, (alone, "move it last" if index < items[-1][0] else "")))
                yield Problem(state.at(field, index, "ErrorEquals"), message, remedy)


def _one_of(names: Collection[str]) -> str:
    listed = some_of(names, most=6, quoted=True)
    return f"one of {listed}" if listed else "a state, once there is one"


RULES = (
    start_exists,
    terminal_state,
    duplicate_names,
    unreachable_states,
    next_or_end,
    dangling_transitions,
    catch_all_alone_and_last,
)
