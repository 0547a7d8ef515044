"""The executions that differ between two versions of a state machine, for a plan and for a pull request."""

from __future__ import annotations

from workflow_dsl.definition.state_diff import MachineDiff
from workflow_dsl.exploration.examples import Samples
from workflow_dsl.exploration.exploring import Exploration, explore
from workflow_dsl.exploration.reports.lines import difference_lines, results_of
from workflow_dsl.findings import FindingsError

_MOST_SECONDS = 20.0  # for each version


def apart(diff: MachineDiff, old: str = "the old version", new: str = "the new one") -> list[str]:
    """Return the inputs and results for which two versions differ: `for input {"price": 50}: OLD buys, and NEW sells`.

    Both are searched and run here; nothing is called. A version that cannot run gives one line with the reason.
    """
    if not diff:
        return []
    try:
        one = explore(diff.before, most_seconds=_MOST_SECONDS)
        other = _like(one, diff)
    except FindingsError as problem:
        return [f"the executions were not compared: {problem}"]
    return difference_lines(one, other, old, new) or ["no execution that was found differs"]


def _like(one: Exploration, diff: MachineDiff) -> Exploration:
    """The paths of the new version, with the results that tasks have in the old one."""
    return explore(diff.after, examples=Samples(results=results_of(one)), most_seconds=_MOST_SECONDS)
