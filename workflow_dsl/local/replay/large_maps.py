"""The items of large Maps that succeeded: their events are counted instead of printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.engine.events import ITERATION, details_of, previous_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.timeline import owners_of
from workflow_dsl.records import Record, field

_LARGE = 20  # items; all of a smaller Map are printed


class SucceededItems(Record, frozen=False):
    """The IDs of the events of items that succeeded in large Maps, and by Map how many of how many items these are."""

    events: Collection[int] = ()
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def succeeded_items(recording: Recording) -> SucceededItems:
    """Return the items to count instead of print: of Maps at the top level with more than 20 of them."""
    outermost = _outermost_maps(Machine(recording.definition))
    state: dict[int, str] = {}
    item: dict[int, int] = {}  # by event: the event with which its item of an outermost Map began
    items: Counter[str] = Counter()
    succeeded: dict[int, str] = {}
    for event in recording.events:
        number, previous, details = event["id"], previous_of(event), details_of(event)
        is_state = event["type"].endswith(("StateEntered", "StateExited"))
        state[number] = str(details.get("name")) if is_state else state.get(previous, "")
        item[number] = item.get(previous, 0)
        if str(details.get("name")) in outermost.values():
            if event["type"] == ITERATION:
                item[number] = number
                items[details["name"]] += 1
            elif event["type"] == "MapIterationSucceeded":
                succeeded[item[number]] = details["name"]
            elif is_state:
                item[number] = 0
    large = {name for name, count in items.items() if count > _LARGE}
    hidden = {first for first, name in succeeded.items() if name in large}
    counts = Counter(name for name in succeeded.values() if name in large)
    events = {number for number in item if item[number] in hidden and (state[number] in outermost or number in hidden)}
    return SucceededItems(events, {name: (counts[name], items[name]) for name in items if name in counts})


def _outermost_maps(machine: Machine) -> dict[str, str]:
    """The Map at the top level around each state inside of one."""
    owners, types = owners_of(machine), {state.name: state.type for state in machine.walk()}
    outer_maps = {}
    for name in owners:
        outer = name
        while (owner := owners.get(outer, (None, None))[0]) is not None:
            outer = owner
        if outer != name and types.get(outer) == "Map":
            outer_maps[name] = outer
    return outer_maps
