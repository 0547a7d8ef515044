"""Paths that bind variables, compiled: `items@$v`, `items#$i`, and what `%` refers to.

Each item carries the variables that the path has bound for it: a stream of tuples. An item is at "@".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.groups import grouped
from workflow_dsl.expressions.jsonata.compiling.orders import Order, compile_order
from workflow_dsl.expressions.jsonata.compiling.predicates import Stage, filtered
from workflow_dsl.expressions.jsonata.compiling.scopes import Scope, StreamScope, bound_names
from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.limits import within
from workflow_dsl.expressions.jsonata.syntax.tree import Index, Path, Sort, Step, walk
from workflow_dsl.expressions.jsonata.values import ARRAYS, UNDEFINED, KeptSequence, Sequence, TupleStream, collapsed
from workflow_dsl.records import replace

Compile = Callable[..., Code]
Advance = Callable[[Any, Frame], TupleStream]


def needs_stream(path: Path, scope: Scope) -> bool:
    """True for a path that binds a variable or that a `%` refers into."""
    return any(_binds(step, scope) for step in path.steps)


def _binds(step: Step, scope: Scope) -> bool:
    if step.focus is not None or step.index is not None or any(isinstance(stage, Index) for stage in step.stages):
        return True
    return id(step.node) in scope.ancestry.streams


def _names_bound(path: Path, scope: Scope) -> Iterator[str]:
    for node in walk(path):
        if isinstance(node, Step):
            yield from (name for name in (node.focus, node.index) if name is not None)
            if id(node.node) in scope.ancestry.ancestors:
                yield scope.ancestry.ancestors[id(node.node)]
        elif isinstance(node, Index):
            yield node.name
    yield from bound_names([path])


def compile_stream(
    path: Path, scope: Scope, compile_node: Compile, compile_items: Callable[[Path], Code], keep: bool
) -> Code:
    """Return the code of a path that needs a stream. `compile_items` is for the steps before those that bind."""
    first = next(number for number, step in enumerate(path.steps) if _binds(step, scope))
    before = compile_items(replace(path, steps=path.steps[:first], group=None)) if first else None
    inner = StreamScope(_names_bound(path, scope), scope)
    steps = [_step(step, inner, compile_node) for step in path.steps[first:]]
    pairs = [(compile_node(key, inner), compile_node(value, inner)) for key, value in path.group or ()]
    returns_stream = id(path) in scope.ancestry.streams

    def read(context: Any, frame: Frame) -> Any:
        stream: Any = context if before is None else before(context, frame)
        if before is not None and (stream is UNDEFINED or not stream):
            return collapsed(stream) if path.group is None else grouped(pairs, Sequence(), [frame, frame[1], {}])
        for step in steps:
            stream = step(stream, frame)
        if path.group is not None:
            return grouped(pairs, stream, frame)
        if returns_stream:
            return stream
        values = Sequence(item["@"] for item in stream)
        return collapsed(KeptSequence(values) if keep else values)

    return read


def _step(step: Step, scope: StreamScope, compile_node: Compile) -> Advance:
    stages = [_stage(stage, scope, compile_node) for stage in step.stages]
    if isinstance(step.node, Sort):
        advance = _sort(compile_order(step.node, scope, compile_node), step.index)
    else:
        advance = _node(step, scope, compile_node)
    if not stages:
        return advance

    def advance_and_filter(stream: Any, frame: Frame) -> TupleStream:
        result = advance(stream, frame)
        for stage in stages:
            result = stage(result, frame)
        return result

    return advance_and_filter


def _stage(stage: Any, scope: StreamScope, compile_node: Compile) -> Stage:
    if not isinstance(stage, Index):
        return filtered(stage, scope, compile_node)
    name = stage.name
    return lambda stream, frame: TupleStream({**item, name: place} for place, item in enumerate(stream))


def _sort(order: Order, index: str | None) -> Advance:
    def advance(stream: Any, frame: Frame) -> TupleStream:
        if type(stream) is TupleStream:
            return order(stream, frame)  # type: ignore[return-value]
        items = order(_items(stream), [frame, frame[1], {}])
        return TupleStream({"@": item, **({} if index is None else {index: place})} for place, item in enumerate(items))

    return advance


def _items(value: Any) -> list[Any]:
    return value if type(value) in ARRAYS else [value]


def _node(step: Step, scope: StreamScope, compile_node: Compile) -> Advance:
    code, focus, index = compile_node(step.node, scope), step.focus, step.index
    ancestor = scope.ancestry.ancestors.get(id(step.node))

    def advance(stream: Any, frame: Frame) -> TupleStream:
        tuples = stream if type(stream) is TupleStream else [{"@": item} for item in _items(stream)]
        result = TupleStream()
        for item in tuples:
            values = code(item["@"], [frame, frame[1], item])
            if type(values) is TupleStream:
                result += [{**item, **inner} for inner in values]
            elif values is not UNDEFINED:
                for place, value in enumerate(_items(values)):
                    bound = {**item, "@": value} if focus is None else {**item, focus: value}
                    if index is not None:
                        bound[index] = place
                    if ancestor is not None:
                        bound[ancestor] = item["@"]
                    result.append(bound)
            frame[1].reserve(len(tuples) / 100)
        return within(result)  # type: ignore[no-any-return]

    return advance
