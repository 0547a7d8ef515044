"""A state whose query language is JSONata: the shapes of what passes it, and of what it gives to the next ones.

Developer guide, "Transforming data with JSONata in Step Functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.expressions.jsonata.parsing import MOST_EXPRESSIONS
from workflow_dsl.findings import Keys
from workflow_dsl.shapes.jsonata.expression import shape_of_expression
from workflow_dsl.shapes.jsonata.narrowing import Names, split_by_condition
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.maps import batched_items, item_in, result_of_map, with_item
from workflow_dsl.shapes.misuses import of_field
from workflow_dsl.shapes.passing import Visit, error_output
from workflow_dsl.shapes.shape import UNKNOWN, Shape, join, joined, list_with, record
from workflow_dsl.shapes.sources.item_readers import item_of_reader
from workflow_dsl.shapes.sources.results import result_of_task
from workflow_dsl.shapes.templates import DEEPEST_TEMPLATE, shape_of_text


def _names(visit: Visit, context: Shape | None = None, **states: Shape) -> Names:
    """The variables and `$states`, with its input, its context object and what else it has at a field."""
    fields = {"input": visit.data, "context": visit.context if context is None else context, **states}
    return Names({"states": record(fields, UNKNOWN)}, visit.variables)


def _shape(visit: Visit, template: Json, names: Names, keys: Keys) -> Shape:
    """The shape of a field's value with its expressions evaluated; one that is undefined fails the state."""
    if len(keys) > DEEPEST_TEMPLATE:
        return UNKNOWN
    if isinstance(template, str):
        text = _expression_or_shape(template)
        return text if isinstance(text, Shape) else shape_of_expression(text, names, keys, visit.passing)
    if isinstance(template, dict):
        fields: dict[str, Shape] = {}
        for name, value in template.items():
            fields[name] = _shape(visit, value, names, (*keys, name))
        return record(fields)
    if isinstance(template, list):
        return list_with([_shape(visit, item, names, (*keys, index)) for index, item in enumerate(template)])
    return literal(template)


@lru_cache(MOST_EXPRESSIONS)
def _expression_or_shape(text: str) -> str | Shape:
    """The expression in a text; the shape of a text without one, or with a placeholder."""
    expression = expression_in(text)
    if expression is None or "${" in text:
        return UNKNOWN if expression else shape_of_text(text)
    return expression


def _of_field(visit: Visit, field: str, default: Shape, names: Names | None = None) -> Shape:
    if field not in visit.fields:
        return default
    shape = _shape(visit, visit.fields[field], names or _names(visit), (field,))
    if expression_in(visit.fields[field]) is not None:
        visit.misuses += of_field(field, shape)
    return shape


def _leave(visit: Visit, names: Names, default: Shape, fields: Mapping[str, Json], keys: Keys = ()) -> Shape:
    """The output of a state, Choice rule or catcher; its variables are assigned."""
    if "Assign" in fields:
        visit.assign(_shape(visit, fields["Assign"], names, (*keys, "Assign")))
    return _shape(visit, fields["Output"], names, (*keys, "Output")) if "Output" in fields else default


def _compute(visit: Visit) -> None:
    passing = visit.passing
    passing.arguments, passing.result = _RESULTS[str(passing.state.type)](visit)
    if "Catch" in visit.fields:
        _catch(visit)
    if passing.result.parts == ():
        return
    passing.output = passing.result
    if "Output" in visit.fields or "Assign" in visit.fields:
        passing.output = _leave(visit, _names(visit, result=passing.result), passing.result, visit.fields)
    visit.leave(passing.output, visit.fields)


def _catch(visit: Visit) -> None:
    error = error_output(visit.passing.state)
    for index, catcher in visit.passing.state.items_of("Catch"):
        names = _names(visit, errorOutput=error)
        visit.catch(_leave(visit, names, error, catcher, ("Catch", index)), catcher)


def _task(visit: Visit) -> tuple[Shape, Shape]:
    names = _names(visit)
    arguments = _of_field(visit, "Arguments", visit.data, names)
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        _of_field(visit, field, UNKNOWN, names)
    return arguments, result_of_task(visit.passing.state, visit.fields.get("Arguments"), visit.signature, arguments)


def _parallel(visit: Visit) -> tuple[Shape, Shape]:
    arguments = _of_field(visit, "Arguments", visit.data)
    branches = visit.passing.state.nested
    return arguments, list_with([visit.through_scope(each, arguments, visit.context) for each in branches])


def _map(visit: Visit) -> tuple[Shape, Shape]:
    for field in ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage", "ItemReader"):
        _of_field(visit, field, UNKNOWN)
    reader = visit.fields.get("ItemReader")
    items = visit.passing.items = _of_field(visit, "Items", visit.data) if reader is None else UNKNOWN
    item = item_in(items) if reader is None else item_of_reader(reader)
    names = _names(visit, with_item(visit.context, item))
    selected = _of_field(visit, "ItemSelector", item, names)
    batcher = visit.fields.get("ItemBatcher")
    if isinstance(batcher, dict):
        given = _shape(visit, batcher.get("BatchInput"), _names(visit), ("ItemBatcher", "BatchInput"))
        selected = batched_items(selected, given if "BatchInput" in batcher else None)
    return selected, result_of_map(visit, item, selected)


_RESULTS: Mapping[str, Callable[[Visit], tuple[Shape, Shape]]] = {"Task": _task, "Parallel": _parallel, "Map": _map}


def _pass_on(visit: Visit) -> None:
    """A Pass, Wait or Succeed: its output is its input, or its Output."""
    for field in ("Seconds", "Timestamp") if visit.passing.state.type == "Wait" else ():
        _of_field(visit, field, UNKNOWN)
    visit.passing.arguments = visit.passing.result = visit.data
    visit.passing.output = _leave(visit, _names(visit), visit.data, visit.fields)
    visit.leave(visit.passing.output, visit.fields)


def _choice(visit: Visit) -> None:
    names = _names(visit)
    wrong: list[tuple[int, Shape]] = []
    for index, rule in visit.passing.state.items_of("Choices"):
        keys = ("Choices", index)
        condition = _shape(visit, rule.get("Condition"), names, (*keys, "Condition"))
        if condition.parts and "boolean" not in condition.kinds:
            wrong.append((index, condition))
        matched, names = _narrowed(rule.get("Condition"), names)
        output = _leave(visit, matched, _input_of(matched, visit), rule, keys)
        visit.passing.output = join(visit.passing.output, output)
        visit.leave(output, rule)
    visit.passing.wrong_conditions = tuple(wrong)
    if "Default" in visit.fields:
        output = _leave(visit, names, _input_of(names, visit), visit.fields)
        visit.passing.output = join(visit.passing.output, output)
        visit.left.append((visit.fields["Default"], output))


def _narrowed(condition: Json, names: Names) -> tuple[Names, Names]:
    """The names where a Condition holds, and where it does not."""
    text = expression_in(condition)
    return split_by_condition(text, names) if text and "${" not in text else (names, names)


def _input_of(names: Names, visit: Visit) -> Shape:
    """The input as a condition leaves it; as it was if the condition never holds."""
    records = names.variables["states"].records
    return joined(each.fields["input"].shape for each in records) if records else visit.data


def _fail(visit: Visit) -> None:
    for field in ("Error", "Cause"):
        _of_field(visit, field, UNKNOWN)


JSONATA_STATES: Mapping[str, Callable[[Visit], None]] = {
    **dict.fromkeys(_RESULTS, _compute),
    **dict.fromkeys(("Pass", "Wait", "Succeed"), _pass_on),
    "Choice": _choice,
    "Fail": _fail,
}
