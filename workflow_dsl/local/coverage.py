"""Workflow coverage: which states, transitions, retriers, catchers and Choice rules the runs went through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.engine.states import DEFAULT

Element = tuple[str | int, ...]
KINDS = {"state": "states", "transition": "transitions", "rule": "rules", "retry": "retriers", "catch": "catchers"}


def elements(machine: Machine) -> list[Element]:
    """All there is to go through in a machine, in document order."""
    found: list[Element] = []
    for scope in machine.scopes():
        found.append(("transition", "", str(scope.start_at)))
        for state in scope.states.values():
            found.append(("state", state.name))
            found += dict.fromkeys(("transition", state.name, str(target.name)) for target in state.targets)
            found += [("rule", state.name, index) for index, _ in state.items_of("Choices")]
            found += [("rule", state.name, DEFAULT)] if "Default" in state.fields else []
            found += [("retry", state.name, index) for index, _ in state.items_of("Retry")]
            found += [("catch", state.name, index) for index, _ in state.items_of("Catch")]
    return found


def named(element: Element) -> str:
    """An element as a report says it."""
    kind, state, *rest = element
    if kind == "transition":
        return f'start to "{rest[0]}"' if state == "" else f'"{state}" to "{rest[0]}"'
    if kind == "rule":
        return f'"{state}" {"Default" if rest[0] == DEFAULT else f"Choices[{rest[0]}]"}'
    return f'"{state}"' if kind == "state" else f'"{state}" {"Retry" if kind == "retry" else "Catch"}[{rest[0]}]'


@dataclass(slots=True)
class Coverage:
    """What is there in each workflow, and what of it was gone through."""

    there: dict[str, list[Element]] = field(default_factory=dict)
    gone_through: dict[str, set[Element]] = field(default_factory=dict)

    def expect(self, name: str, machine: Machine) -> None:
        self.there.setdefault(name, elements(machine))
        self.gone_through.setdefault(name, set())

    def add(self, name: str, covered: Iterable[Element]) -> None:
        found = self.gone_through.setdefault(name, set())
        for element in covered:
            found.add(tuple(element))
            if element[0] == "transition":
                found.add(("state", element[2]))

    def missing(self, name: str) -> list[Element]:
        return [element for element in self.there[name] if element not in self.gone_through[name]]

    def percent(self, name: str | None = None) -> float:
        """Of one workflow, or of all together; 100 where there is nothing to go through."""
        names = self.there if name is None else [name]
        total = sum(len(self.there[each]) for each in names)
        missed = sum(len(self.missing(each)) for each in names)
        return 100.0 if total == 0 else 100.0 * (total - missed) / total

    def report(self) -> list[str]:
        """A line a workflow, and under it what no run went through."""
        lines = []
        for name in sorted(self.there):
            missing = self.missing(name)
            lines.append(f"{name}  {self._counts(name, missing)}  {self.percent(name):.0f} %")
            lines += [f"    not run: {named(element)}" for element in missing]
        return lines

    def _counts(self, name: str, missing: list[Element]) -> str:
        counts = []
        for kind, plural in KINDS.items():
            total = sum(element[0] == kind for element in self.there[name])
            missed = sum(element[0] == kind for element in missing)
            counts.append(f"{plural} {total - missed}/{total}")
        return "  ".join(counts)
