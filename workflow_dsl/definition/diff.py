"""Two Machines compared in the language of states: which state, which field, what value here and there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_dsl.definition.json import Json, short_pair
from workflow_dsl.definition.machine import Machine, where_of
from workflow_dsl.findings import Keys, Where

MISSING = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A field, a list's item, or a whole state that differs; a value is ABSENT on the side that has none."""

    where: Where
    before: Json
    after: Json

    def say(self, before: str, after: str) -> str:
        """What differs, with names for the two sides: `is only in the workflow`."""
        if self.before is MISSING or self.after is MISSING:
            return f"is only in {after if self.before is MISSING else before}"
        there, here = short_pair(self.before, self.after)
        return f"is {there} in {before}, {here} in {after}"


def compare(before: Machine, after: Machine) -> list[Change]:
    """What differs between two machines, in document order; empty when their content is the same.

    A state or field that is only on one side is one change. Objects that hold the same in another order are the same.
    """
    return list(_changes(dict(before.fields), dict(after.fields), ()))


def _changes(before: Json, after: Json, keys: Keys) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from _changes(before.get(name, MISSING), after.get(name, MISSING), (*keys, name))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old, new = (side[index] if index < len(side) else MISSING for side in (before, after))
            yield from _changes(old, new, (*keys, index))
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Change(where_of(keys), before, after)
