"""Calls that nothing can answer here: the reason, and the finding that names the state and a mock to paste."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Where
from workflow_dsl.local.stand_ins.samples import sample_result
from workflow_dsl.records import Record, field, replace


class Gap(Record):
    """The reason why a call cannot be answered; `install` is the command that adds what is missing."""

    reason: str
    install: str = ""


class CannotAnswer(Exception):
    """Raised for a call that nothing can answer here: no error of the service, so no retrier or catcher sees it."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.reason)
        self.gap = gap


class GapFinding(Finding):
    """The finding of a state whose call has a gap."""

    gap: Gap = field(default=Gap(""), repr=False)
    sample: Json = field(default=None, compare=False, repr=False)  # a result to paste

    @property
    def on_command_line(self) -> Finding:
        """The same finding whose remedy is an option of `run`."""
        option = shlex.quote(f"{self.where.state}={json.dumps(self.sample, ensure_ascii=False, default=str)}")
        return replace(self, remedy=_remedy(self.gap, f"--return {option}"))


def gap_finding(where: Where, service: str, action: str, gap: Gap) -> Finding:
    """Return the finding for a state whose call has a gap. `action` has its pattern: `startJobRun.sync`."""
    value = sample_result(service, *action.split(".", 1))
    remedy = _remedy(gap, f"mocks={{{where.state!r}: Return({value!r})}}")
    message = f"calls {service}:{action}, which cannot be answered here: {gap.reason}"
    code = "NOT_INSTALLED" if gap.install else "NOT_EXECUTED"
    return GapFinding(code, "error", where, message, remedy, gap=gap, sample=value)


def _remedy(gap: Gap, mock: str) -> str:
    return f"{gap.install}; or mock the state: {mock}" if gap.install else f"mock the state: {mock}"


def in_state(findings: Iterable[Finding], where: Where) -> list[Finding]:
    """Return the findings about a function as those of the state that calls it; they keep their place."""
    return [replace(finding, where=replace(where, place=finding.where.place)) for finding in findings]
