"""Findings for people: a warning that repeats within a state machine is one, with the number of its places."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_dsl.findings import Finding, short_list
from workflow_dsl.records import Record


class Repeated(Record):
    """A finding, and the others of its machine that differ from it in nothing but their place."""

    first: Finding
    others: tuple[Finding, ...] = ()

    @property
    def count(self) -> int:
        """The number of its places."""
        return 1 + len(self.others)

    @property
    def note(self) -> str:
        """The states of the others, as a line for people; "" without others."""
        states = dict.fromkeys(finding.where.state for finding in self.others if finding.where.state is not None)
        if not states:
            return f"{len(self.others)} more like it" if self.others else ""
        return f"{len(self.others)} more like it: {short_list(states, quoted=True)}"


def folded(findings: Iterable[Finding]) -> list[Repeated]:
    """The findings of one machine, with warnings that repeat folded into their first; errors are never folded."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        file = finding.where.place.file if finding.where.place else ""
        same = (file, finding.code, finding.rule, finding.message, finding.remedy)
        groups.setdefault(same if finding.severity == "warning" else number, []).append(finding)
    return [Repeated(first, tuple(others)) for first, *others in groups.values()]
