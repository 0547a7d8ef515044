"""Elements that no execution can reach, each with the reason: a proof, not a search without a result.

What follows from one proof alone, such as the states behind a dead rule, is proved too.
"""

from __future__ import annotations

from contextlib import suppress

from workflow_dsl.definition.integrations import has_task_token, integration_of, parameters_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.parameter_types import wrong_types
from workflow_dsl.exploration.dead import ANY, AnyVariable, dead_catcher, dead_retrier, dead_rule, handler_of
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search import states
from workflow_dsl.exploration.search.flow import Flow
from workflow_dsl.exploration.search.goals import Plan, makers_of
from workflow_dsl.exploration.search.queries import names_of, query
from workflow_dsl.exploration.search.symbols import Fields, Items, Known, Missing, Symbol
from workflow_dsl.exploration.search.walk import Walker
from workflow_dsl.exploration.search.worlds import Budget, OutOfSteps
from workflow_dsl.findings import Finding
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedScope, PreparedState

_STEPS = 2_500
_FREE_ITEM = Fields({"Index": ANY, "Value": ANY, "Key": ANY, "Source": ANY})


def proofs_of(exploration: Exploration) -> dict[Element, str]:
    """Return the elements without an execution path that cannot have one, and why."""
    missing = exploration.missing
    by_name = {state.name: state for state in exploration.machine.states()}
    proofs = {element: reason for element in missing if (reason := _direct(by_name, element))}
    _follow(exploration, by_name, proofs)
    for element in missing:
        if element not in proofs and _is_constant(exploration, element):
            proofs[element] = "the data before it is constant, and leads elsewhere"
    _follow(exploration, by_name, proofs)
    return proofs


def _follow(exploration: Exploration, by_name: dict[str, PreparedState], proofs: dict[Element, str]) -> None:
    """Add the elements that other proofs make unreachable."""
    reachable = _reachable(exploration.machine, proofs)
    for element in exploration.missing:
        if element not in proofs and not _is_open(by_name, element, reachable, proofs):
            proofs[element] = "no transition that can be taken leads to it"


def _direct(by_name: dict[str, PreparedState], element: Element) -> str:
    kind, name, *rest = element
    if kind == "state" or name == "":
        return ""
    state = by_name[str(name)]
    refused = never_starts(state)
    if kind == "rule":
        return dead_rule(state, int(rest[0]))
    if kind == "retry":
        return refused or dead_retrier(state, *handler_of(element))
    if kind == "catch":
        return refused or dead_catcher(state, *handler_of(element))
    return (refused or _never_evaluates(state)) if state.next == rest[0] and not _is_caught(state, rest[0]) else refused


def _is_caught(state: PreparedState, target: str | int) -> bool:
    return any(catcher["Next"] == target for catcher in state.catchers)


def never_starts(state: PreparedState) -> str:
    """Return why the service refuses a task for any data: an argument has the wrong type; "" if it does not.

    Such a failure is a States.Runtime, which nothing catches.
    """
    integration = integration_of(str(state.fields.get("Resource"))) if state.type == "Task" else None
    shape = parameters_of(integration) if integration else None
    if integration is None or not shape:
        return ""
    with suppress(Missing):
        arguments = _known_part(_arguments(state))
        wrong = wrong_types(integration, arguments, shape) if isinstance(arguments, dict) else ()
        misused = next((misuse for misuse in wrong if "${" not in str(misuse.value)), None)
        return f'"{state.name}" always fails: {misused.message}' if misused else ""
    return ""


def _arguments(state: PreparedState) -> Symbol:
    """The arguments of a task for any data. Raises Missing if one of them never has a value."""
    resource = str(state.fields["Resource"])
    flow = Flow(ANY, AnyVariable(), _FREE_ITEM, has_task_token(resource), state.counts_retries)
    if state.is_jsonata:
        return query(state.fields.get("Arguments", {}), AnyVariable(names_of(flow, state.name, input=ANY)))[0]
    return states.effective_input(state, flow)[0]


def _known_part(symbol: Symbol) -> Json:
    """The part of a value that no data change; None in place of the rest."""
    if isinstance(symbol, Known):
        return symbol.value
    if isinstance(symbol, Fields):
        return {name: _known_part(each) for name, each in symbol.own.items()}
    return [_known_part(item) for item in symbol.items] if isinstance(symbol, Items) else None


def _never_evaluates(state: PreparedState) -> str:
    if state.type == "Task":
        try:
            _arguments(state)
        except Missing:
            return f'"{state.name}" always fails: an argument of it reads a field that is never there'
    return ""


_VARIES = ("andom", "UUID", "now(", "millis(", "Time", "Execution.", "Execution'", "$eval")  # from run to run


def _is_constant(exploration: Exploration, element: Element) -> bool:
    """True if a whole search for an element ends without having read anything that an execution is given."""
    if any(word in exploration.text for word in _VARIES):
        return False
    budget = Budget(_STEPS, ends_when_open=True)
    walker = Walker(Plan(exploration.machine), lambda _: {}, {}, budget)
    with suppress(OutOfSteps, RecursionError):
        return next(iter(walker.paths(element)), None) is None and not budget.is_open
    return False


def _reachable(machine: PreparedMachine, proofs: dict[Element, str]) -> set[str]:
    """Return the states to which transitions lead that are not proved dead."""
    reached: set[str] = set()
    waiting: list[tuple[PreparedScope, str]] = [(machine.scope, machine.scope.start)]
    while waiting:
        scope, name = waiting.pop()
        if name in reached or ("state", name) in proofs:
            continue
        reached.add(name)
        state = scope.states[name]
        waiting += [(scope, target) for target, element in makers_of(state) if element not in proofs]
        waiting += [(inner, inner.start) for inner in state.scopes]
    return reached


def _is_open(
    by_name: dict[str, PreparedState], element: Element, reachable: set[str], proofs: dict[Element, str]
) -> bool:
    kind, name, *rest = element
    if name == "":
        return str(rest[0]) in reachable
    if name not in reachable:
        return False
    if kind != "transition":
        return True
    return any(target == rest[0] and maker not in proofs for target, maker in makers_of(by_name[str(name)]))


def loops_of(exploration: Exploration) -> list[Finding]:
    """Return a finding for each loop that no transition leaves, once the dead ones are left out."""
    proofs = proofs_of(exploration)
    reachable = _reachable(exploration.machine, proofs)
    findings = []
    for scope in exploration.machine.scope.walk():
        states_ = {name: state for name, state in scope.states.items() if name in reachable}
        steps = {
            name: [target for target, element in makers_of(state) if element not in proofs]
            for name, state in states_.items()
        }
        leaving = {
            name
            for name, state in states_.items()
            if not steps[name] or (state.type != "Choice" and state.next is None)
        }
        while more := {name for name, targets in steps.items() if name not in leaving and leaving & {*targets}}:
            leaving |= more
        looping = [name for name in steps if name not in leaving]
        if looping:
            names = " > ".join(f'"{name}"' for name in looping)
            message = f"no transition leads out of the loop {names}"
            findings.append(
                Finding("ENDLESS_LOOP", "warning", states_[looping[0]].at(), message, "add a way out of it")
            )
    return findings
