"""Predicates, compiled: `[3]`, `[price > 10]` and `[[0..2]]`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.scopes import Scope
from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.syntax.tree import Literal, Node
from workflow_dsl.expressions.jsonata.values import (
    ARRAYS,
    NUMBERS,
    UNDEFINED,
    Sequence,
    TupleStream,
    is_number,
    is_true,
)

Stage = Callable[[Any, Frame], Any]  # from a value, the items of it that remain


def filtered(predicate: Node, scope: Scope, compile_node: Callable[..., Code]) -> Stage:
    """Return the stage of a predicate."""
    if isinstance(predicate, Literal) and type(predicate.value) in NUMBERS:
        return _item_at(math.floor(predicate.value))
    return _matching(compile_node(predicate, scope))


def _item_at(index: int) -> Stage:
    def select(value: Any, frame: Frame) -> Any:
        items = value if type(value) in ARRAYS else [value]
        place = index if index >= 0 else len(items) + index
        item = items[place] if 0 <= place < len(items) else UNDEFINED
        if type(value) is TupleStream:
            return TupleStream([] if item is UNDEFINED else [item])
        if type(item) in ARRAYS:
            return item
        return Sequence([] if item is UNDEFINED else [item])

    return select


def _matching(code: Code) -> Stage:
    def select(value: Any, frame: Frame) -> Any:
        run = frame[1]
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        if type(value) is TupleStream:
            return TupleStream(_remaining(value, [code(item["@"], [frame, run, item]) for item in value]))
        items = value if type(value) in ARRAYS else (value,)
        return Sequence(_remaining(items, [code(item, frame) for item in items]))

    return select


def _remaining(items: Any, answers: list[Any]) -> list[Any]:
    """The items whose predicate is true, or has the item's own index among its numbers."""
    count, result = len(items), []
    for place, (item, answer) in enumerate(zip(items, answers, strict=True)):
        if answer is True:
            result.append(item)
        elif answer is False or answer is UNDEFINED:
            continue
        elif is_number(answer):
            if _place(answer, count) == place:
                result.append(item)
        elif type(answer) in ARRAYS and all(map(is_number, answer)):
            result += [item] * sum(_place(number, count) == place for number in answer)
        elif is_true(answer):
            result.append(item)
    return result


def _place(number: int | float, count: int) -> int:
    place = math.floor(number)
    return place if place >= 0 else count + place
