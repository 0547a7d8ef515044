"""Workflow coverage: the states, transitions, retriers, catchers and Choice rules that runs have reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.engine.states import DEFAULT
from workflow_dsl.records import Record, field

Element = tuple[str | int, ...]
KINDS = {"state": "states", "transition": "transitions", "rule": "rules", "retry": "retriers", "catch": "catchers"}


def elements_of(machine: Machine, *, by_error: bool = False) -> list[Element]:
    """Return all elements of a machine that a run can reach, in document order.

    With `by_error`, a retrier or catcher of several error names has an element for each of them.
    """
    elements: list[Element] = []
    for scope in machine.scopes():
        elements.append(("transition", "", str(scope.start_at)))
        for state in scope.states.values():
            elements.append(("state", state.name))
            elements += dict.fromkeys(("transition", state.name, str(target.name)) for target in state.targets)
            elements += [("rule", state.name, index) for index, _ in state.items_of("Choices")]
            elements += [("rule", state.name, DEFAULT)] if "Default" in state.fields else []
            # One with MaxAttempts 0 excepts its errors from the retriers after it, and retries nothing itself.
            retriers = [
                (index, retrier) for index, retrier in state.items_of("Retry") if retrier.get("MaxAttempts") != 0
            ]
            for kind, handlers in (("retry", retriers), ("catch", state.items_of("Catch"))):
                for index, handler in handlers:
                    names = handler["ErrorEquals"] if by_error else ()
                    elements += dict.fromkeys(handler_element(kind, state.name, index, names, name) for name in names)
                    elements += [] if by_error else [(kind, state.name, index)]
    return elements


def handler_element(kind: str, state: str, index: int, names: Sequence[str], name: str) -> Element:
    """Return the element of one error name of a retrier or catcher; that of the whole one if it has no other name."""
    return (kind, state, index) if len({*names}) == 1 else (kind, state, index, name)


def describe(element: Element) -> str:
    """Return an element as a report prints it: `"Check" to "Buy"`, `"Check" Retry[0]`, `"Check" Catch[0] for Busy`."""
    kind, state, *rest = element
    if kind == "transition":
        return f'start to "{rest[0]}"' if state == "" else f'"{state}" to "{rest[0]}"'
    if kind == "rule":
        return f'"{state}" {"Default" if rest[0] == DEFAULT else f"Choices[{rest[0]}]"}'
    if kind == "state":
        return f'"{state}"'
    name = f" for {rest[1]}" if len(rest) > 1 else ""
    return f'"{state}" {"Retry" if kind == "retry" else "Catch"}[{rest[0]}]{name}'


class Coverage(Record, frozen=False):
    """The elements of each workflow, and those that runs have reached."""

    elements: dict[str, list[Element]] = field(default_factory=dict)
    covered: dict[str, set[Element]] = field(default_factory=dict)

    def expect(self, name: str, machine: Machine, *, by_error: bool = False) -> None:
        """Add a workflow to the report; a second call with its name has no effect."""
        if name not in self.elements:
            self.elements[name] = elements_of(machine, by_error=by_error)
        self.covered.setdefault(name, set())

    def add(self, name: str, covered: Iterable[Element]) -> None:
        """Add the elements that a run of a workflow has reached."""
        elements = self.covered.setdefault(name, set())
        for element in covered:
            elements.add(tuple(element))
            if element[0] == "transition":
                elements.add(("state", element[2]))

    def missing(self, name: str) -> list[Element]:
        """Return the elements of a workflow that no run has reached, in document order."""
        return [element for element in self.elements[name] if element not in self.covered[name]]

    def percent(self, name: str | None = None) -> float:
        """Return the covered share of one workflow, or of all together; 100 if there are no elements."""
        names = self.elements if name is None else [name]
        total = sum(len(self.elements[workflow]) for workflow in names)
        missing = sum(len(self.missing(workflow)) for workflow in names)
        return 100.0 if total == 0 else 100.0 * (total - missing) / total

    def report(self) -> list[str]:
        """Return a line for each workflow, followed by its missing elements."""
        lines = []
        for name in sorted(self.elements):
            missing = self.missing(name)
            lines.append(f"{name}  {self._counts(name, missing)}  {self.percent(name):.0f}%")
            lines += [f"    not run: {describe(element)}" for element in missing]
        return lines

    def _counts(self, name: str, missing: list[Element]) -> str:
        counts = []
        for kind, plural in KINDS.items():
            total = sum(element[0] == kind for element in self.elements[name])
            missed = sum(element[0] == kind for element in missing)
            counts.append(f"{plural} {total - missed}/{total}")
        return "  ".join(counts)
