"""The part of a recorded execution that a person asks for: a state, an item of its Maps, or what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean
from workflow_dsl.local.engine.events import FAILED, ITERATION, MAP_RUN_FAILED, details_of, previous_of
from workflow_dsl.local.replay.failure import failed_visit_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.timeline import owners_of
from workflow_dsl.records import Record, replace


class Part(Record):
    """The states, items and failures to show; the whole execution where all are None and False."""

    state: str | None = None
    item: int | None = None
    failed: bool = False

    @property
    def is_whole(self) -> bool:
        """True if nothing is left out."""
        return self == Part()


class _Visit(Record):
    """A visit to a state, by the event of entering it, and the item of a Map that is inside of it."""

    number: int
    state: str
    item: int | None = None


_Stack = tuple[_Visit, ...]  # a visit and those around it, outermost first


def hidden_events(recording: Recording, part: Part) -> set[int]:
    """Return the IDs of the events that are not of a part. Raises FindingsError if the execution lacks it.

    A Map or Parallel is shown with what is inside of it, and a failure with what is around it.
    """
    stacks = _stacks(recording)
    states = list(dict.fromkeys(visit.state for stack in stacks.values() for visit in stack))
    if part.state is not None and part.state not in states:
        remedy = did_you_mean(part.state, states) or f"name one of {', '.join(states)}"
        raise _error(f'the execution did not enter "{part.state}"', remedy)
    if part.item is not None and not any(visit.item == part.item for stack in stacks.values() for visit in stack):
        raise _error(f"no Map of the execution has item {part.item}", "items count from 0, as the output does")
    failed = set(_failed(recording, stacks)) if part.failed else set()
    return {number for number, stack in stacks.items() if not _is_in(stack, part, failed)}


def _is_in(stack: _Stack, part: Part, failed: set[_Stack]) -> bool:
    return (
        (part.state is None or any(visit.state == part.state for visit in stack))
        and (part.item is None or any(visit.item == part.item for visit in stack))
        and (not part.failed or stack in failed)
    )


def _failed(recording: Recording, stacks: Mapping[int, _Stack]) -> Iterator[_Stack]:
    """The visits that failed and those around them."""
    failing = [event["id"] for event in recording.events if event["type"] in _FAILURES]
    last = failed_visit_of(recording)
    for number in (*failing, *([] if last is None else [last["id"]])):
        stack = stacks[number]
        for length in range(1, len(stack) + 1):
            yield stack[:length]
            yield (*stack[: length - 1], replace(stack[length - 1], item=None))


_FAILURES = (*FAILED, *MAP_RUN_FAILED, "EvaluationFailed", "MapStateFailed", "ParallelStateFailed")


def _stacks(recording: Recording) -> dict[int, _Stack]:
    """The visit that each event belongs to, by its ID."""
    owners = {name: owner for name, (owner, _) in owners_of(Machine(recording.definition)).items()}
    stacks: dict[int, _Stack] = {0: ()}
    for event in recording.events:
        stacks[event["id"]] = _stack(event, stacks.get(previous_of(event), ()), owners)
    del stacks[0]
    return stacks


def _stack(event: Mapping[str, Any], before: _Stack, owners: Mapping[str, str | None]) -> _Stack:
    name = str(details_of(event).get("name"))
    if event["type"].endswith("StateEntered"):
        owner = owners.get(name)
        return (*(_up_to(before, owner) if owner else ()), _Visit(event["id"], name))
    if event["type"].endswith("StateExited"):
        return _with_item(_up_to(before, name), None)
    if event["type"] == ITERATION:
        return _with_item(_up_to(before, name), details_of(event).get("index"))
    return before


def _up_to(stack: _Stack, state: str) -> _Stack:
    """The visits down to the innermost one of a state; all of them if it is not among them."""
    index = next((index for index in reversed(range(len(stack))) if stack[index].state == state), len(stack) - 1)
    return stack[: index + 1]


def _with_item(stack: _Stack, item: int | None) -> _Stack:
    return (*stack[:-1], replace(stack[-1], item=item)) if stack else stack


def _error(message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("RECORDING", "error", Where(), message, remedy)])
