"""Execution paths that differ by the name of an error alone: one entry of a report, one test with a parameter."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.exploration.cover import run_scenario, shrunk, smallest_cover
from workflow_dsl.exploration.execution_paths import ExecutionPath, Scenario
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search.faults import SAMPLE
from workflow_dsl.exploration.variants import with_error
from workflow_dsl.local.stand_ins.mocks import Throw
from workflow_dsl.records import Record

ANY = ""  # in place of an error's name


class LastError(Record):
    """The last error that comes on a path: its name, and the state that has it."""

    state: str
    name: str

    def replaced(self, scenario: Scenario, name: str = ANY) -> Scenario:
        """Return the scenario with another name of the error."""
        return with_error(scenario, self.name, name, self.state)


class PathGroup(Record):
    """Paths that differ by the name of their last error alone; `errors` are those names, none for one path alone."""

    paths: tuple[ExecutionPath, ...]
    last: LastError | None = None
    errors: tuple[str, ...] = ()

    @property
    def first(self) -> ExecutionPath:
        """The first of the paths."""
        return self.paths[0]

    @property
    def nameless(self) -> ExecutionPath:
        """The first path, with no name for its last error if there are several: for a sentence that fits all paths."""
        if not self.errors or self.last is None:
            return self.first
        return ExecutionPath(self.last.replaced(self.first.scenario), self.first.run, self.first.objects)


def paths_to_show(exploration: Exploration) -> list[PathGroup]:
    """Return the smallest cover, each path with as little input as it needs, and those that go alike as one entry."""
    groups: dict[str, list[ExecutionPath]] = {}
    for number, path in enumerate(smallest_cover(exploration)):
        groups.setdefault(_likeness(path) or str(number), []).append(path)
    return [group for paths in groups.values() for group in _shrunk(exploration, sorted(paths, key=_is_any_error))]


def _shrunk(exploration: Exploration, paths: list[ExecutionPath]) -> Iterator[PathGroup]:
    first = shrunk(exploration, paths[0])
    last = last_error(first)
    together, others = [first], list[ExecutionPath]()
    for path in paths[1:]:
        other = last_error(path)
        renamed = run_scenario(exploration, last.replaced(first.scenario, other.name)) if last and other else None
        is_alike = renamed is not None and _likeness(renamed) == _likeness(first)
        (together if is_alike else others).append(renamed if is_alike and renamed else path)
    errors = tuple(error.name for path in together if (error := last_error(path)))
    yield PathGroup(tuple(together), last, errors if len(together) > 1 else ())
    yield from (PathGroup((shrunk(exploration, path),)) for path in others)


def last_error(path: ExecutionPath) -> LastError | None:
    """Return the last error that comes on a path; None if there is none, or if several come in its state."""
    last = {name: number for number, name in enumerate(path.run.trail)}
    errors = {
        name: {response.error for response in responses if isinstance(response, Throw)}
        for name, responses in path.scenario.responses.items()
        if name in last
    }
    failing = [name for name, names in errors.items() if names]
    state = max(failing, key=lambda name: last[name], default=None)
    return LastError(state, *errors[state]) if state is not None and len(errors[state]) == 1 else None


def _is_any_error(path: ExecutionPath) -> bool:
    """True for the example of an error that has no name in the definition; it comes last."""
    error = last_error(path)
    return error is not None and error.name == SAMPLE


def _likeness(path: ExecutionPath) -> str:
    """A string that is equal for paths that go alike; an empty one for a path without an error."""
    error = last_error(path)
    if error is None:
        return ""
    run = path.run
    end = ANY if run.error == error.name else run.error
    key = error.replaced(path.scenario).key()
    return json.dumps([key, run.trail, run.status, end, run.failed_in, run.duration, len(run.calls)])
