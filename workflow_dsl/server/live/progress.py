"""The places of the branches of an execution, from which a redrive goes on.

Developer guide, "Restarting state machine executions with redrive": a Parallel and an inline Map run only those
branches and iterations again that did not succeed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.history import History
from workflow_dsl.local.engine.prepared import PreparedScope
from workflow_dsl.records import Record

Path = tuple[int, ...]  # the numbers of a branch and of those around it, from the outermost


class Resume(NamedTuple):
    """A state that a thread goes on in, its input and variables; `branches` of it by number, `outputs` of others."""

    state: str
    input: Json
    variables: dict[str, Json]
    branches: Mapping[str, Any] = {}  # a Resume each; it is never changed
    outputs: Mapping[str, Json] = {}


def resume_from(value: Any) -> Resume:
    """Return what was written as JSON."""
    name, data, variables, *rest = value
    branches, outputs = rest or ({}, {})
    return Resume(name, data, variables, {key: resume_from(branch) for key, branch in branches.items()}, outputs)


class Branch(Record, frozen=False):
    """A branch or an iteration: it has an output once it has ended with success."""

    thread: Thread
    scope: PreparedScope
    input: Json
    started: int  # the number of the event before it
    has_output: bool = False
    output: Json = None


def path_of(thread: Thread) -> Path:
    """Return the place of a thread among the branches."""
    return tuple(number for _, number in thread.branch_path)


def resume_of(history: History, main: Branch, branches: Mapping[Path, Branch]) -> Resume:
    """Return where an execution goes on that did not succeed."""
    position = _position(history, main, (), branches)
    if isinstance(position, Resume):
        return position
    return Resume(main.scope.start, main.input, {})


def _position(history: History, branch: Branch, path: Path, branches: Mapping[Path, Branch]) -> Resume | tuple[Json]:
    """Return where a branch goes on, or its output in a tuple."""
    thread = branch.thread
    if branch.has_output:
        return (branch.output,)
    if thread.state is None or thread.entered_id <= branch.started:
        return Resume(branch.scope.start, branch.input, dict(thread.variables))
    last = history.events[thread.last_event - 1]
    if last.type.endswith("StateExited") and thread.last_event > thread.entered_id and thread.state.type != "Choice":
        output = last.values[1]
        following = thread.state.next
        return (output,) if following is None else Resume(following, output, dict(thread.variables))
    name, value = history.events[thread.entered_id - 1].values
    inner = {
        number: _position(history, branch, inner_path, branches)
        for inner_path, branch in branches.items()
        if inner_path[:-1] == path
        and branch.started >= thread.entered_id  # of this visit to the state
        and branch.thread.branch_path[-1][0] == thread.retries  # of the last attempt
        for number in [str(inner_path[-1])]
    }
    going_on = {number: branch for number, branch in inner.items() if isinstance(branch, Resume)}
    outputs = {number: branch[0] for number, branch in inner.items() if not isinstance(branch, Resume)}
    return Resume(name, value, dict(thread.variables), going_on, outputs)
