"""Indefinite paths: their steps as functions from the values so far to the values below them.

A path is evaluated one step after another, not one value after another, so that a long path or deep data needs no
stack. What a path may visit, and how long its regular expressions may take, is limited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath.nodes import (
    Filter,
    Index,
    Indexes,
    Name,
    Names,
    PathStep,
    Scan,
    Slice,
)
from workflow_dsl.expressions.jsonpath.predicates import Predicate, Visit, is_later_syntax, predicate_of
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound

Values = list[Json]
Select = Callable[[Json, Visit], Values]


class Query:
    """The steps of an indefinite path, ready to be evaluated."""

    __slots__ = ("is_definite", "steps", "text")

    def __init__(self, text: str, steps: tuple[PathStep, ...]) -> None:
        self.text = text
        self.is_definite = all(isinstance(step, (Name, Names, Index)) for step in steps)
        self.steps = list(_compile(steps))

    def __call__(self, document: Json) -> Json:
        """Return the values below the document. Raises PathNotFound or EvaluationProblem."""
        try:
            return self.find(document, Visit(document))
        except (RecursionError, TimeoutError) as problem:
            raise EvaluationProblem(f"The path {self.text} cannot be evaluated: {problem}") from None
        except EvaluationProblem as problem:
            raise EvaluationProblem(f"The path {self.text} cannot be evaluated: {problem}") from None

    def find(self, value: Json, visit: Visit) -> Json:
        """Return the values below a value, as part of a visit to a whole document."""
        values: Values = [value]
        for select in self.steps:
            found: Values = []
            for each in values:
                found += select(each, visit)
            values = found
            visit.spend(len(values))
        if self.is_definite and not values:
            raise PathNotFound(f"No results for path: {self.text}")
        return values[0] if self.is_definite else values


def _compile(steps: tuple[PathStep, ...]) -> Iterator[Select]:
    """Yield the functions of the steps. As long as the steps lead to a single value, it must be of their type.

    A missing field leads to an empty list, as the service has it (localstack/localstack, #12318) and Jayway 2.0; but
    what only later versions read, such as `in`, is as in them: a missing field before it is an error.
    """
    is_later = any(isinstance(step, Filter) and is_later_syntax(step.expression) for step in steps)
    is_scan, is_strict = False, True
    for number, step in enumerate(steps):
        if isinstance(step, Scan):
            is_scan, is_strict = True, False
            continue
        is_last = number == len(steps) - 1
        at = place(steps[:number]) if is_strict else None
        select = (
            _required(step.name, at) if is_later and at and isinstance(step, Name) else _selection(step, at, is_last)
        )
        yield _scan(step, select) if is_scan else select
        is_scan, is_strict = False, is_strict and isinstance(step, (Name, Index))


def place(steps: tuple[PathStep, ...]) -> str:
    """Return names and indexes in Jayway's normal form: `$['lines'][0]`."""
    texts = (f"['{step.name}']" if isinstance(step, Name) else f"[{getattr(step, 'index', '?')}]" for step in steps)
    return "$" + "".join(texts)


def _selection(step: PathStep, at: str | None, is_last: bool) -> Select:
    """The values of a step below one value. `at` is the place of the value if it is the only one: then it must fit."""
    if isinstance(step, Name):
        return _of_object(f"['{step.name}']", lambda fields: [fields[step.name]] if step.name in fields else [], at)
    if isinstance(step, Names):
        return _of_object(f"[{', '.join(map(repr, step.names))}]", _fields_of(step.names, is_last), at)
    if isinstance(step, Index):
        return _of_array(str(step.index), lambda items: _item(items, step.index, at), at)
    if isinstance(step, Indexes):
        indexes = step.indexes
        text = ",".join(map(str, indexes))
        return _of_array(text, lambda items: [item for index in indexes for item in _item(items, index, None)], at)
    if isinstance(step, Slice):
        text = ":".join("" if number is None else str(number) for number in (step.start, step.end))
        return _of_array(text, _slice(step), at)
    return _filter(predicate_of(step.expression, Query), at) if isinstance(step, Filter) else _children


def _required(name: str, at: str) -> Select:
    def fields(value: Json, _: Visit) -> Values:
        if isinstance(value, dict) and name in value:
            return [value[name]]
        raise PathNotFound(f"Missing property in path {at}['{name}']")

    return fields


def _of_object(text: str, select: Callable[[dict[str, Json]], Values], at: str | None) -> Select:
    def fields(value: Json, _: Visit) -> Values:
        if isinstance(value, dict):
            return select(value)
        if at is None:
            return []
        raise PathNotFound(f"Property {text} not found in path {at}")

    return fields


def _of_array(text: str, select: Callable[[list[Json]], Values], at: str | None) -> Select:
    def items(value: Json, _: Visit) -> Values:
        if isinstance(value, list):
            return select(value)
        if at is None:
            return []
        if value is None:
            raise PathNotFound(f"The path {at} is null")
        raise PathNotFound(f"Filter: [{text}] can only be applied to arrays")

    return items


def _fields_of(names: tuple[str, ...], is_last: bool) -> Callable[[dict[str, Json]], Values]:
    def select(fields: dict[str, Json]) -> Values:
        if not is_last:
            raise PathNotFound("Multi properties can only be used as path leafs")
        return [{name: fields[name] for name in names if name in fields}]

    return select


def _item(items: list[Json], index: int, at: str | None) -> Values:
    if -len(items) <= index < len(items):
        return [items[index]]
    if at is None:
        return []
    raise PathNotFound(f"Index out of bounds when evaluating path {at}[{index}]")


def _slice(step: Slice) -> Callable[[list[Json]], Values]:
    start, end = step.start, step.end
    if start is not None and end is not None:
        # Jayway counts a negative start from the end only where the slice has no end.
        return lambda items: items[max(start, 0) : max(end, 0)] if start >= 0 else items[start:end]
    return lambda items: items[start:end]


def _children(value: Json, _: Visit) -> Values:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _filter(accepts: Predicate, at: str | None) -> Select:
    def select(value: Json, visit: Visit) -> Values:
        if isinstance(value, dict):
            return [value] if accepts(value, visit) else []
        if isinstance(value, list):
            visit.spend(len(value))
            return [item for item in value if accepts(item, visit)]
        if at is None:
            return []
        raise PathNotFound(f"Filter: [?] can not be applied to primitives at {at}")

    return select


def _scan(step: PathStep, select: Select) -> Select:
    """Apply a step at every level below a value, in the order of the document."""
    is_match = _matches(step)

    def everywhere(value: Json, visit: Visit) -> Values:
        found: Values = []
        waiting: list[Any] = [value]
        while waiting:
            node = waiting.pop()
            if isinstance(node, (dict, list)):
                visit.spend(1 + len(node))
                if is_match is None or is_match(node, visit):
                    found += select(node, visit)
                waiting.extend(reversed(node.values() if isinstance(node, dict) else node))
        return found

    return everywhere


def _matches(step: PathStep) -> Predicate | None:
    """Return what a scanned object or array must fulfil for the step to be applied, as in Jayway's ScanPathToken."""
    if isinstance(step, Names):
        names = set(step.names)
        return lambda node, _: isinstance(node, dict) and names <= node.keys()
    return predicate_of(step.expression, Query) if isinstance(step, Filter) else None
