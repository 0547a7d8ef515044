"""The items, the concurrency and the mocked result of a Map, and numbers read from a field, an expression or a path."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.local.engine.dataflow import (
    evaluate,
    evaluate_as,
    evaluate_template,
    path_error,
    query_error,
    read_parameter,
    record_evaluation_failure,
    state_error,
)
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.errors import RUNTIME, StateError
from workflow_dsl.records import Record

STATE_DATA = "STATE_DATA"  # the source of items that come from a state's input


class Item(Record):
    """An item of a distributed Map: its value, where it comes from, and its name if it is the field of an object."""

    value: Json
    source: str = STATE_DATA
    key: str | None = None

    @property
    def input(self) -> Json:
        """The input of the item's iteration without an ItemSelector."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}

    def context(self, index: int) -> dict[str, Json]:
        """Return the item as `$$.Map.Item` (developer guide, "Context object data for Map states")."""
        key = {} if self.key is None else {"Key": self.key}
        return {"Index": index, **key, "Value": self.value, "Source": self.source}


def record_map_failure(thread: Thread, state: PreparedState, failure: StateError) -> None:
    """Record that a Map failed before it started. The service records no MapStateFailed for States.Runtime."""
    record_evaluation_failure(thread, state, failure)
    if failure.error != RUNTIME:
        failure.closing_event = "MapStateFailed"


def concurrency_of(state: PreparedState, thread: Thread, data: Json, limit: int) -> int:
    """Return how many iterations run at once: MaxConcurrency, where 0 means the service's limit."""
    concurrency = int(read_number(state, thread, "MaxConcurrency", data, 0))
    if concurrency < 0:
        raise state_error(state, thread, "MaxConcurrency must be a non-negative integer.")
    return min(concurrency or limit, limit)


def iteration_input(state: PreparedState, thread: Thread, selector: Json, item: Json, data: Json, value: Json) -> Json:
    """Return the input of an iteration: the item's value, or the ItemSelector evaluated for the item."""
    if selector is None:
        return value
    before, thread.item = thread.item, item
    try:
        if state.is_jsonata:
            return evaluate(state, thread, "ItemSelector", selector, {"input": data})
        return evaluate_template(state, thread, selector, data)
    finally:
        thread.item = before


def mocked_state(thread: Thread, type_: str, response: Generator[Any, Any, Json]) -> Generator[Any, Any, Json]:
    """Return the mocked response of a Map or Parallel, and record the event of its end."""
    try:
        result = yield from response
    except StateError as failure:
        failure.closing_event = f"{type_}StateFailed"
        raise
    thread.record_without_link(f"{type_}StateSucceeded")
    return result


def items_of(state: PreparedState, thread: Thread, data: Json, *, objects: bool = False) -> Any:
    """Return the list that a Map iterates over. With `objects` it may be an object, as for a distributed Map."""
    fields = state.fields
    types = (list, dict) if objects else (list,)
    if state.is_jsonata:
        if "Items" not in fields:
            items = data
        elif isinstance(fields["Items"], str) and not objects:
            items = evaluate_as(state, thread, "Items", "array", {"input": data})
        else:
            items = evaluate(state, thread, "Items", fields["Items"], {"input": data})
        if not isinstance(items, types):
            raise query_error(state, thread, f"Map state input must be an array but was: {to_json(items)}", None)
        return items
    path = fields.get("ItemsPath", "$")
    try:
        items = thread.read(path, data)
    except (PathNotFound, EvaluationProblem) as problem:
        raise path_error(state, thread, problem, f"Invalid path '{path}' : {problem}") from None
    if not isinstance(items, types):
        shown = path.removeprefix("$") if path.startswith("$$") else path
        raise state_error(state, thread, f'Reference path "{shown}" must point to array.')
    thread.note("afterItemsPath", items)
    return items


def read_number(state: PreparedState, thread: Thread, field: str, data: Json, default: float) -> float:
    """Return the number that a field contains, evaluates to in JSONata, or refers to by its Path variant."""
    fields = state.fields
    path = fields.get(f"{field}Path")
    if path is None:
        number = fields.get(field, default)
        return float(
            evaluate_as(state, thread, field, "number", {"input": data}) if isinstance(number, str) else number
        )
    number = read_parameter(state, thread, f"{field}Path", path, data)
    try:
        if isinstance(number, bool):
            raise TypeError
        return int(number) if field != "ToleratedFailurePercentage" else float(number)
    except (TypeError, ValueError, OverflowError):
        kind = "integer" if field != "ToleratedFailurePercentage" else "float"
        cause = f'The {field}Path field refers to value "{number if isinstance(number, str) else to_json(number)}"'
        raise state_error(state, thread, f"{cause} which is not a valid {kind}: {path}") from None
