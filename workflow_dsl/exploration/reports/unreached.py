"""The elements that no path reaches, together where they have one cause: a rule, and the states behind it."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.proofs import proofs_of
from workflow_dsl.exploration.reports.reasons import reason_of
from workflow_dsl.exploration.search.goals import makers_of, targets_of
from workflow_dsl.local.coverage import Element, describe
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.records import Record

_MOST_STATES = 5  # that a line names
_SPECIFIC = ("rule", "catch", "retry", "transition", "state")  # the kinds of elements, the most telling first


class Unreached(Record):
    """Elements that no path reaches for one reason; the first one is nearest to it."""

    elements: tuple[Element, ...]
    reason: str

    @property
    def line(self) -> str:
        """The elements and the reason as a report has them."""
        return f"not reached: {self.shown}: {self.reason}"

    @property
    def shown(self) -> str:
        """The first of the elements, with the number of the others and their states."""
        first, *others = self.elements
        shown = describe(first)
        if others:
            count = "1 element" if len(others) == 1 else f"{len(others)} elements"
            shown += f", with {count} behind it{_in_states(first, others)}"
        return shown


def _in_states(first: Element, others: list[Element]) -> str:
    names = dict.fromkeys(f'"{other[1] or other[2]}"' for other in others if other[1] != first[1])
    if not names:
        return ""
    more = len(names) - _MOST_STATES
    last = [f"{more} more states"] if more > 1 else [*names][_MOST_STATES:]
    *before, end = [*[*names][:_MOST_STATES], *last]
    return f" in {', '.join(before)} and {end}" if before else f" in {end}"


def unreached(exploration: Exploration) -> list[Unreached]:
    """Return the elements that no path reaches, in document order, those with one cause together."""
    missing = set(exploration.missing)
    proofs = proofs_of(exploration)
    states = {state.name: state for state in exploration.machine.states()}
    groups: dict[tuple[str, str], list[Element]] = {}
    for element in exploration.missing:
        cause = _cause(states, missing, element)
        reason = proofs.get(cause) or reason_of(exploration, cause)
        groups.setdefault((str(cause[1]), reason), []).append(element)
    return [Unreached(_nearest_first(name, each), reason) for (name, reason), each in groups.items()]


def _nearest_first(name: str, elements: list[Element]) -> tuple[Element, ...]:
    first = min(elements, key=lambda element: (element[1] != name, _SPECIFIC.index(str(element[0]))))
    return (first, *(element for element in elements if element != first))


def _cause(states: Mapping[str, PreparedState], missing: set[Element], element: Element) -> Element:
    """The element at which the paths to another one end: it has a reason of its own."""
    seen: set[Element] = set()
    while element not in seen:
        seen.add(element)
        before = _before(states, missing, element)
        if before is None:
            return element
        element = before
    return element


def _before(states: Mapping[str, PreparedState], missing: set[Element], element: Element) -> Element | None:
    """The element that must be reached before another one, and is not; None if there is none."""
    kind, name, *rest = element
    if kind == "transition" and name == "":
        return _enclosing_state(states, missing, str(rest[0]))
    if kind != "state":
        return ("state", name) if ("state", name) in missing else _maker(states[str(name)], missing, element)
    sources = [source for source, state in states.items() if str(name) in targets_of(state)]
    reached = next((source for source in sources if ("state", source) not in missing), None)
    if reached is not None:
        return ("transition", reached, name)
    others = [source for source in sources if source != name]
    return ("state", others[0]) if others else _enclosing_state(states, missing, str(name))


def _maker(state: PreparedState, missing: set[Element], element: Element) -> Element | None:
    """The rule or catcher that would make a transition."""
    makers = (maker for target, maker in makers_of(state) if element[0] == "transition" and target == element[2])
    return next((maker for maker in makers if maker in missing and maker != element), None)


def _enclosing_state(states: Mapping[str, PreparedState], missing: set[Element], start: str) -> Element | None:
    """The Parallel or Map around the first state of a scope, if it is not reached."""
    owners = [owner for owner, state in states.items() if any(scope.start == start for scope in state.scopes)]
    return ("state", owners[0]) if owners and ("state", owners[0]) in missing else None
