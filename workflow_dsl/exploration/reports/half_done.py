"""Uncaught failures after work that a catcher of another task would compensate."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.exploration.execution_paths import ExecutionPath
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.local.engine.prepared import PreparedScope, PreparedState


def half_done_lines(exploration: Exploration) -> Iterator[str]:
    """Yield a line for each task whose failure is not caught, though a catcher of another one leads to a task.

    Such a task is a compensation in most cases: the failure skips it after others have done their work.
    """
    scopes = {name: scope for scope in exploration.machine.scope.walk() for name in scope.states}
    named: set[str] = set()
    for path in exploration.paths:
        failed = path.run.failed_in
        if failed is None or failed in named or path.run.status == "SUCCEEDED":
            continue
        line = _line_about(scopes[failed], path, failed)
        if line:
            named.add(failed)
            yield line


def _line_about(scope: PreparedScope, path: ExecutionPath, failed: str) -> str:
    state = scope.states[failed]
    done = [name for name in dict.fromkeys(path.run.trail) if name != failed and _is_task(scope, name)]
    if state.type != "Task" or state.catchers or not done:
        return ""
    for other in done:
        for catcher in scope.states[other].catchers:
            target = catcher["Next"]
            if _is_task(scope, target) and target not in path.run.trail and target != failed:
                return (
                    f'half done: a failure of "{failed}" is not caught after {_quoted(done)}, '
                    f'while one of "{other}" leads to "{target}"'
                )
    return ""


def _is_task(scope: PreparedScope, name: str) -> bool:
    state: PreparedState | None = scope.states.get(name)
    return state is not None and state.type == "Task"


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
