"""What a Map goes over, and the numbers that a state takes from a field, an expression or a path."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.local.engine.dataflow import evaluated, evaluated_as, failed, filled, note_evaluation, query_failed
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.errors import RUNTIME, StateError


def note_map_failed(branch: Thread, node: PreparedState, problem: StateError) -> None:
    """Notes what a Map could not begin with. The service has no event for a definition's own mistake."""
    note_evaluation(branch, node, problem)
    if problem.error != RUNTIME:
        problem.ends_with = "MapStateFailed"


def concurrency_of(node: PreparedState, branch: Thread, data: Json, most: int) -> int:
    """How many iterations run at once: MaxConcurrency, where 0 is as many as the service runs."""
    concurrency = int(count_field(node, branch, "MaxConcurrency", data, 0))
    if concurrency < 0:
        raise failed(node, branch, "MaxConcurrency must be a non-negative integer.")
    return min(concurrency or most, most)


def selected(node: PreparedState, branch: Thread, selector: Json, item: Json, data: Json, value: Json) -> Json:
    """An iteration's input: the item, or what the ItemSelector makes of it."""
    if selector is None:
        return value
    before, branch.item = branch.item, item
    try:
        if node.is_jsonata:
            return evaluated(node, branch, "ItemSelector", selector, {"input": data})
        return filled(node, branch, selector, data)
    finally:
        branch.item = before


def as_a_whole(branch: Thread, kind: str, mocked: Generator[Any, Any, Json]) -> Generator[Any, Any, Json]:
    """A Map or Parallel that is mocked: its response, with the events of its end."""
    try:
        result = yield from mocked
    except StateError as problem:
        problem.ends_with = f"{kind}StateFailed"
        raise
    branch.note_aside(f"{kind}StateSucceeded")
    return result


def items_of(node: PreparedState, branch: Thread, data: Json, *, objects: bool = False) -> Any:
    """The list that a Map goes over, or with `objects` the object: a distributed Map's items are its fields then."""
    fields = node.fields
    kinds = (list, dict) if objects else (list,)
    if node.is_jsonata:
        if "Items" not in fields:
            items = data
        elif isinstance(fields["Items"], str) and not objects:
            items = evaluated_as(node, branch, "Items", "array", {"input": data})
        else:
            items = evaluated(node, branch, "Items", fields["Items"], {"input": data})
        if not isinstance(items, kinds):
            raise query_failed(node, branch, f"Map state input must be an array but was: {to_json(items)}", None)
        return items
    path = fields.get("ItemsPath", "$")
    try:
        items = branch.read(path, data)
    except (PathNotFound, EvaluationProblem) as problem:
        raise failed(node, branch, f"Invalid path '{path}' : {problem}") from None
    if not isinstance(items, kinds):
        raise failed(node, branch, f'Reference path "{path}" must point to array.')
    return items


def count_field(node: PreparedState, branch: Thread, field: str, data: Json, default: float) -> float:
    """A number that a field gives as it is, as a JSONata expression, or by a path."""
    fields = node.fields
    path = fields.get(f"{field}Path")
    if path is None:
        number = fields.get(field, default)
        return float(
            evaluated_as(node, branch, field, "number", {"input": data}) if isinstance(number, str) else number
        )
    try:
        number = branch.read(path, data)
    except (PathNotFound, EvaluationProblem):
        raise failed(node, branch, f"The {field}Path parameter does not reference an input value: {path}") from None
    try:
        if isinstance(number, bool):
            raise TypeError
        return int(number) if field != "ToleratedFailurePercentage" else float(number)
    except (TypeError, ValueError, OverflowError):
        cause = f'The {field}Path field refers to value "{number if isinstance(number, str) else to_json(number)}"'
        raise failed(node, branch, f"{cause} which is not a valid integer: {path}") from None
