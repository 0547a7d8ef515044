"""The order-by step `^(term, >term)`, compiled. Its keys are computed once an item, and sorting is stable."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.scopes import Scope
from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.syntax.tree import Sort
from workflow_dsl.expressions.jsonata.values import NUMBERS, UNDEFINED, TupleStream, code_units

Order = Callable[[list[Any], Frame], list[Any]]


def compile_order(node: Sort, scope: Scope, compile_node: Callable[..., Code]) -> Order:
    """Return the code that sorts the items of a path."""
    terms = [(descends, compile_node(term, scope)) for descends, term in node.terms]

    def order(items: list[Any], frame: Frame) -> list[Any]:
        if len(items) < 2:
            return items
        if type(items) is TupleStream:
            return TupleStream(_sorted(items, terms, lambda code, item: code(item["@"], [frame, frame[1], item])))
        return _sorted(items, terms, lambda code, item: code(item, frame))

    return order


def _sorted(items: list[Any], terms: list[tuple[bool, Code]], read: Callable[[Code, Any], Any]) -> list[Any]:
    """Sort by the first term, and items with equal keys by the other ones. Items without a key are last."""
    (descends, code), *rest = terms
    keyed = [(read(code, item), item) for item in items]
    present = [pair for pair in keyed if pair[0] is not UNDEFINED]
    key = _sort_key([pair[0] for pair in present])
    present.sort(key=lambda pair: key(pair[0]), reverse=descends)
    groups = [[item for _, item in group] for _, group in groupby(present, lambda pair: key(pair[0]))]
    groups.append([item for value, item in keyed if value is UNDEFINED])
    if rest:
        groups = [_sorted(group, rest, read) if len(group) > 1 else group for group in groups]
    return [item for group in groups for item in group]


def _sort_key(keys: list[Any]) -> Callable[[Any], Any]:
    kinds = {"number" if type(key) in NUMBERS else type(key) for key in keys}
    if not kinds <= {"number", str}:
        raise Failure("T2008")
    if len(kinds) > 1:
        first = keys[0]
        other = next(key for key in keys if (type(key) is str) != (type(first) is str))
        raise Failure("T2007", value=first, value2=other)
    return code_units if str in kinds and not all(map(str.isascii, keys)) else lambda key: key
