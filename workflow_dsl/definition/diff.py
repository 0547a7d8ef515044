"""The differences between two machines: which state, which field, and the value on each side."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from workflow_dsl.definition.json import Json, short_json_pair
from workflow_dsl.definition.machine import Machine, to_where
from workflow_dsl.findings import Keys, Where
from workflow_dsl.records import Record

MISSING = object()  # the value of a Change on the side that does not have it


class Change(Record):
    """A field, list item or whole state that differs. A value is MISSING on the side that does not have it."""

    where: Where
    before: Json
    after: Json

    def describe(self, before: str, after: str) -> str:
        """Return the difference as a clause, with a name for each side: `is only in the workflow`."""
        if self.before is MISSING or self.after is MISSING:
            return f"is only in {after if self.before is MISSING else before}"
        old, new = short_json_pair(self.before, self.after)
        return f"is {old} in {before}, {new} in {after}"


def compare(before: Machine, after: Machine) -> list[Change]:
    """Return the differences between two machines in document order; empty if they are equal.

    A state or field that only one side has is one change. The order of an object's fields does not matter.
    """
    return list(changes_between(dict(before.fields), dict(after.fields)))


def changes_between(before: Json, after: Json, keys: Keys = ()) -> Iterator[Change]:
    """Yield the differences between two values as compare() does; `keys` are those of the values themselves."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from changes_between(before.get(name, MISSING), after.get(name, MISSING), (*keys, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _item_changes(before, after, keys)
    elif before != after or isinstance(before, bool) is not isinstance(after, bool):
        yield Change(to_where(keys), before, after)


def _item_changes(before: list[Json], after: list[Json], keys: Keys) -> Iterator[Change]:
    """The changes of a list's items; one more or less in front of equal items does not shift these."""
    pairs = zip(reversed(before), reversed(after), strict=False)
    are_equal = (next(changes_between(old, new), None) is None for old, new in pairs)
    equal = sum(1 for _ in takewhile(bool, are_equal)) if len(before) != len(after) else 0
    old_items, new_items = before[: len(before) - equal], after[: len(after) - equal]
    for index in range(max(len(old_items), len(new_items))):
        old, new = (side[index] if index < len(side) else MISSING for side in (old_items, new_items))
        yield from changes_between(old, new, (*keys, index))
