"""Ways that go alike whichever of several errors comes: one entry of a report, and one test with a parameter."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.exploration.cover import run_scenario, shrunk, smallest_cover
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search.faults import SAMPLE
from workflow_dsl.exploration.variants import with_error
from workflow_dsl.exploration.ways import Scenario, Way
from workflow_dsl.local.stand_ins.mocks import Throw
from workflow_dsl.records import Record

ANY = ""  # in place of an error's name


class LastError(Record):
    """The last error that comes on a way: its name, and the state that has it."""

    state: str
    name: str

    def replaced(self, scenario: Scenario, name: str = ANY) -> Scenario:
        """Return the scenario with another name of the error."""
        return with_error(scenario, self.name, name, self.state)


class WayGroup(Record):
    """Ways that differ by the name of their last error alone; `errors` are those names, none for one way alone."""

    ways: tuple[Way, ...]
    last: LastError | None = None
    errors: tuple[str, ...] = ()

    @property
    def first(self) -> Way:
        """The first of the ways."""
        return self.ways[0]

    @property
    def nameless(self) -> Way:
        """The first way, with no name for its last error if there are several: for a sentence that fits all ways."""
        if not self.errors or self.last is None:
            return self.first
        return Way(self.last.replaced(self.first.scenario), self.first.run, self.first.objects)


def ways_to_show(exploration: Exploration) -> list[WayGroup]:
    """Return the smallest cover, each way with as little input as it needs, and those that go alike as one entry."""
    groups: dict[str, list[Way]] = {}
    for number, way in enumerate(smallest_cover(exploration)):
        groups.setdefault(_likeness(way) or str(number), []).append(way)
    return [group for ways in groups.values() for group in _shrunk(exploration, sorted(ways, key=_is_any_error))]


def _shrunk(exploration: Exploration, ways: list[Way]) -> Iterator[WayGroup]:
    first = shrunk(exploration, ways[0])
    last = last_error(first)
    together, others = [first], list[Way]()
    for way in ways[1:]:
        other = last_error(way)
        renamed = run_scenario(exploration, last.replaced(first.scenario, other.name)) if last and other else None
        is_alike = renamed is not None and _likeness(renamed) == _likeness(first)
        (together if is_alike else others).append(renamed if is_alike and renamed else way)
    errors = tuple(error.name for way in together if (error := last_error(way)))
    yield WayGroup(tuple(together), last, errors if len(together) > 1 else ())
    yield from (WayGroup((shrunk(exploration, way),)) for way in others)


def last_error(way: Way) -> LastError | None:
    """Return the last error that comes on a way; None if there is none, or if several come in its state."""
    last = {name: number for number, name in enumerate(way.run.trail)}
    errors = {
        name: {each.error for each in responses if isinstance(each, Throw)}
        for name, responses in way.scenario.responses.items()
        if name in last
    }
    failing = [name for name, names in errors.items() if names]
    state = max(failing, key=lambda name: last[name], default=None)
    return LastError(state, *errors[state]) if state is not None and len(errors[state]) == 1 else None


def _is_any_error(way: Way) -> bool:
    """True for the example of an error that has no name in the definition; it comes last."""
    error = last_error(way)
    return error is not None and error.name == SAMPLE


def _likeness(way: Way) -> str:
    """A string that is equal for ways that go alike; an empty one for a way without an error."""
    error = last_error(way)
    if error is None:
        return ""
    run = way.run
    end = ANY if run.error == error.name else run.error
    key = error.replaced(way.scenario).key()
    return json.dumps([key, run.trail, run.status, end, run.failed_in, run.duration, len(run.calls)])
