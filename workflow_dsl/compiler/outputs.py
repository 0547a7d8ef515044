"""Uses of a state's output(), the SDK's placeholder, in a state that does not get that output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflow_dsl.authoring import sdk
from workflow_dsl.findings import FindingsError, authoring_error

Predecessors = Mapping[int, list[sdk.State]]  # the states before a state, by the id() of that


def misplaced_outputs(
    uses: Iterable[tuple[sdk.Block, sdk.StepInput]], states: Iterable[sdk.State], predecessors: Predecessors
) -> Iterator[FindingsError]:
    """Yield an error for each use of an output() after another state, whose output its path would read.

    The SDK's Graph refuses these, and also those after a state that only passes its input on.
    """
    sources = {id(state.step_output): state for state in states}
    for block, output in uses:
        source = sources.get(id(_whole_output(output)))
        between = _state_between(block, source, predecessors) if source is not None else None
        if source is not None and between is not None:
            message = f'uses the output of "{source.state_id}", but follows "{between.state_id}"'
            remedy = 'read it from the input, path("$.x"), or assign a variable'
            name = block.state_id if isinstance(block, sdk.State) else None
            yield authoring_error(sdk.place_of(block), message, remedy, name)


def _state_between(block: sdk.Block, source: sdk.State, predecessors: Predecessors) -> sdk.State | None:
    """A state after the source and before the block that has another output than the source."""
    waiting, seen = [*predecessors.get(id(block), [])], set[int]()
    while waiting:
        state = waiting.pop()
        if state is source or id(state) in seen:
            continue
        seen.add(id(state))
        if not _passes_input_on(state):
            return state
        waiting += predecessors.get(id(state), [])
    return None


def _passes_input_on(state: sdk.State) -> bool:
    """True if a state's output contains its input, at the same paths."""
    fields = {name for name, value in state.fields.items() if value is not None or name == "result_path"}
    if not fields.isdisjoint(("input_path", "output_path")):
        return False
    if "result_path" in fields and state.fields["result_path"] != "$":
        return True
    return state.state_type == "Wait" or (state.state_type == "Pass" and fields.isdisjoint(("parameters", "result")))


def _whole_output(placeholder: sdk.StepInput) -> sdk.StepInput:
    """The output() that a placeholder is a part of."""
    while placeholder.parent is not None:
        placeholder = placeholder.parent
    return placeholder
