"""The transitions of an author's states, and the machines nested in them."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.authoring import sdk
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import FindingsError, Key, Place, authoring_error

NESTED_FIELDS = ("iterator", "item_processor")


def head(step: object, place: Place | None, context: str) -> sdk.State:
    """Return the first state of a state or Chain. Raises FindingsError, with `context`, for any other value."""
    first = sdk.first_state(step)
    if isinstance(first, sdk.Chain):
        message = "contains itself" if first.steps else "is an empty Chain"
        raise authoring_error(sdk.place_of(step) or place, message, "pass a Chain with states")
    if not isinstance(first, sdk.State):
        remedy = (
            "pass a state or a Chain" if first is not None else "pass a state or a Chain; a Map needs item_processor"
        )
        raise authoring_error(place, f"{context} is {sdk.describe(first)}, which is not a state", remedy)
    return first


def targets(state: sdk.State) -> Iterator[sdk.State]:
    """Yield the states that a state has transitions to: the default, those of its rules, those of its catchers."""
    place = sdk.place_of(state)
    steps = [step for step in (state.default, state.next_step) if step is not None]
    steps += [step for _, step in state.choices or ()]
    steps += [catch.next_step for catch in sdk.flatten(state.catches)]
    return (head(step, place, "a transition") for step in steps)


def nested(state: sdk.State) -> Iterator[tuple[tuple[Key, ...], object, dict[str, Json]]]:
    """Yield each machine inside a state: its keys, its start, and its fields beside its states."""
    if isinstance(state, sdk.Parallel):
        yield from ((("Branches", index), *_start(branch)) for index, branch in enumerate(state.branches))
    if isinstance(state, sdk.Map):
        processor = state.fields.get("item_processor")
        if processor is not None:
            yield ("ItemProcessor",), *_start(processor)
        if processor is None or state.iterator is not None:
            yield ("Iterator",), *_start(state.iterator)


def _start(machine: object) -> tuple[object, dict[str, Json]]:
    if isinstance(machine, sdk.NestedMachine):
        return machine.start, {asl_name(name): value for name, value in machine.settings.items()}
    return machine, {}


def asl_name(field: str) -> str:
    """Return a field's name in ASL: CSVHeaders for csv_headers."""
    return "".join("CSV" if part == "csv" else part.title() for part in field.split("_"))


def unreached(states: list[sdk.State], start: sdk.State) -> Iterator[FindingsError]:
    """Yield an error for each state without a transition to it; of states in a cycle only for the first."""
    reached = {id(target) for state in states for target in _successors(state) if target is not state}
    for state in [state for state in states if id(state) not in reached] or states[:1]:
        remedy = "link it with .next(), a Chain, a Choice or a Catch, or delete it"
        if _leads_to(state, start):
            remedy = f'start with it, not with "{start.state_id}": next() returns the state that it links to'
        message = "is never reached: no transition leads to it"
        yield authoring_error(sdk.place_of(state), message, remedy, state.state_id)


def _leads_to(state: sdk.State, goal: sdk.State) -> bool:
    seen, waiting = {id(state)}, [state]
    while waiting:
        for target in targets(waiting.pop()):
            if target is goal:
                return True
            if id(target) not in seen:
                seen.add(id(target))
                waiting.append(target)
    return False


def _successors(state: sdk.State) -> Iterator[object]:
    """The targets of a state, and the first states of the machines inside it."""
    yield from targets(state)
    yield from (sdk.first_state(start) for _, start, _ in nested(state))
