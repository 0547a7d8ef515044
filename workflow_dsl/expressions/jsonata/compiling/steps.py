"""Paths, compiled: names, predicates, and any node as a step.

A path of names from a variable, the usual one, is read without arrays in between. A path that binds variables, or asks
for parents, is a stream of tuples, in streams.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.groups import grouped
from workflow_dsl.expressions.jsonata.compiling.orders import compile_order
from workflow_dsl.expressions.jsonata.compiling.predicates import Stage, filtered
from workflow_dsl.expressions.jsonata.compiling.scopes import Scope
from workflow_dsl.expressions.jsonata.compiling.streams import compile_stream, needs_stream
from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.limits import MOST_ITEMS, Run, within
from workflow_dsl.expressions.jsonata.syntax.paths import begins_with_array_step
from workflow_dsl.expressions.jsonata.syntax.tree import Name, Path, Sort, Step, Variable
from workflow_dsl.expressions.jsonata.values import (
    ARRAYS,
    UNDEFINED,
    Constructed,
    KeptSequence,
    Sequence,
    collapsed,
    look_up,
)

Compile = Callable[..., Code]
Advance = Callable[[list[Any], Frame, bool], list[Any]]  # the items of a step from those of the step before
_PLAIN_ARRAYS = frozenset({list, Constructed})


def compile_path(node: Path, scope: Scope, compile_node: Compile) -> Code:
    """Return the code of a path."""
    keep = node.keep_singleton or node.keep_array
    if len(node.steps) == 1 and node.steps[0].focus is not None and not isinstance(node.steps[0].node, Name):
        return _unbound(node, scope, compile_node)
    if needs_stream(node, scope):
        return compile_stream(
            node, scope, compile_node, lambda path: _general_path(path, scope, compile_node, is_whole=False), keep
        )
    if node.group is None and _is_plain(node.steps[0]) and _is_names(node.steps[1:]):
        return _names_path(node, scope, compile_node, keep)
    read = _general_path(node, scope, compile_node)
    if node.group is None:
        return lambda context, frame: _settled(read(context, frame), keep)
    pairs = [(compile_node(key, scope), compile_node(value, scope)) for key, value in node.group]
    return lambda context, frame: grouped(pairs, read(context, frame), frame)


def _unbound(node: Path, scope: Scope, compile_node: Compile) -> Code:
    """The code of `$x@$name` without a step after it, which binds nothing."""
    code = compile_node(node.steps[0].node, scope)
    if node.group is None:
        return code
    pairs = [(compile_node(key, scope), compile_node(value, scope)) for key, value in node.group]
    return lambda context, frame: grouped(pairs, code(context, frame), frame)


def _settled(values: Any, keep: bool) -> Any:
    if keep and values is not UNDEFINED and type(values) in (Sequence, Constructed):
        values = KeptSequence(values if type(values) is Sequence else [values])
    return collapsed(values)


def _is_plain(step: Step) -> bool:
    """True for a step that is evaluated once for each item, and not filtered."""
    return not (step.stages or isinstance(step.node, Sort) or begins_with_array_step(step.node))


def _is_names(steps: tuple[Step, ...]) -> bool:
    return all(isinstance(step.node, Name) and not step.stages for step in steps)


def _names_path(node: Path, scope: Scope, compile_node: Compile, keep: bool) -> Code:
    """The code of `$x.a.b` and `a.b`: fields of objects, and from the first array on those of all its items."""
    first = node.steps[0]
    is_name = isinstance(first.node, Name)
    start: Code = _context if is_name else compile_node(first.node, scope)
    names = [step.node.value for step in node.steps if isinstance(step.node, Name)]
    is_variable = isinstance(first.node, Variable)
    if len(names) == 1 and is_name:
        return _field(names[0], keep)

    def read(context: Any, frame: Frame) -> Any:
        if type(context) in ARRAYS and not is_variable and not is_name:
            return _settled(_names_of_all([start(item, frame) for item in context], names, frame[1]), keep)
        value = start(context, frame)
        for place, name in enumerate(names):
            if type(value) is not dict:
                return _settled(_through_arrays(value, names, place, frame[1]), keep)
            value = value.get(name, UNDEFINED)
            if value is UNDEFINED:
                return value
        return _last(value, keep) if type(value) in ARRAYS or keep else value

    return read


def _names_of_all(values: list[Any], names: list[str], run: Run) -> Any:
    items: list[Any] = Sequence()
    for value in values:
        if type(value) in ARRAYS and type(value) is not Constructed:
            items += value
        elif value is not UNDEFINED:
            items.append(value)
    return _through_arrays(items, names, 0, run) if names else items


def _context(context: Any, frame: Frame) -> Any:
    return context


def _field(name: str, keep: bool) -> Code:
    """The code of a name alone."""

    def read(context: Any, frame: Frame) -> Any:
        if type(context) is dict:
            value = context.get(name, UNDEFINED)
            return value if type(value) not in ARRAYS and not keep else _last(value, keep)
        if type(context) in ARRAYS:
            return _settled(_through_arrays(context, [name], 0, frame[1]), keep)
        return UNDEFINED

    return read


def _last(value: Any, keep: bool) -> Any:
    """The value of a path whose last step has one value: an array that is no sequence stays what it is."""
    if type(value) in _PLAIN_ARRAYS:
        return value
    if value is UNDEFINED:
        return value
    values = Sequence(value if isinstance(value, Sequence) else [value])
    return _settled(values, keep)


def _through_arrays(value: Any, names: list[str], place: int, run: Run) -> Any:
    """Return the values of the names from a place on, of a value that is not an object."""
    if type(value) not in ARRAYS:
        return UNDEFINED
    items: list[Any] = value
    for number in range(place, len(names)):
        items = _values_of_name(items, names[number], run, number == len(names) - 1)
        if not items:
            return UNDEFINED
    return items


def _values_of_name(items: list[Any], name: str, run: Run, is_last: bool) -> list[Any]:
    run.ticks -= 1
    if run.ticks < 0:
        run.check_time()
    found = [
        value
        for item in items
        if (value := item.get(name, UNDEFINED) if type(item) is dict else collapsed(look_up(item, name)))
        is not UNDEFINED
    ]
    return flattened(found, is_last)


def flattened(values: list[Any], is_last: bool) -> list[Any]:
    """Return the items of a step: arrays among them are joined. A single array at the end of a path stays as it is."""
    if is_last and len(values) == 1 and type(values[0]) in _PLAIN_ARRAYS:
        only: list[Any] = values[0]
        return only
    result = Sequence()
    for value in values:
        if type(value) in ARRAYS and type(value) is not Constructed:
            result += value
            if len(result) > MOST_ITEMS:
                within(result)
        else:
            result.append(value)
    return result


def values_of(value: Any, run: Run) -> Any:
    """Return the values of an object's fields, or of an array, with the items of arrays among them."""
    members = value.values() if type(value) is dict else value if type(value) in ARRAYS else ()
    result: list[Any] = Sequence()
    for member in members:
        if type(member) in ARRAYS:
            result = [*result, *_leaves(member, run)]
        else:
            result.append(member)
    return within(result)


def _leaves(array: list[Any], run: Run) -> list[Any]:
    result: list[Any] = []
    for item in array:
        if type(item) in ARRAYS:
            result += _leaves(item, run)
            run.reserve(len(result))
        else:
            result.append(item)
    return result


def values_below(value: Any, run: Run) -> Any:
    """Return a value and all values in it, without arrays themselves."""
    if value is UNDEFINED:
        return value
    result = Sequence()
    _add_below(value, result)
    return result


def _add_below(value: Any, result: Sequence) -> None:
    if type(value) in ARRAYS:
        for item in value:
            _add_below(item, result)
        return
    result.append(value)
    if len(result) > MOST_ITEMS:
        within(result)
    if type(value) is dict:
        for member in value.values():
            _add_below(member, result)


def _general_path(node: Path, scope: Scope, compile_node: Compile, *, is_whole: bool = True) -> Code:
    steps = [_step(step, scope, compile_node) for step in node.steps]
    first, is_array_step = node.steps[0].node, begins_with_array_step(node.steps[0].node)
    starts_at_once = compile_node(first, scope) if is_array_step else None
    is_variable, count = isinstance(first, Variable), len(steps)

    def read(context: Any, frame: Frame) -> Any:
        items: Any = context if type(context) in ARRAYS and not is_variable else Sequence([context])
        for number, step in enumerate(steps):
            if number == 0 and starts_at_once is not None:
                items = starts_at_once(context, frame)
                if type(items) not in ARRAYS and count > 1:
                    return UNDEFINED
            else:
                items = step(items, frame, is_whole and number == count - 1)
            if items is UNDEFINED or not items:
                return items
        return items

    return read


def _step(step: Step, scope: Scope, compile_node: Compile) -> Advance:
    stages = [filtered(stage, scope, compile_node) for stage in step.stages]
    if isinstance(step.node, Sort):
        return _sort_step(compile_order(step.node, scope, compile_node), stages)
    code = compile_node(step.node, scope)
    if isinstance(step.node, Name) and not stages:
        name = step.node.value
        return lambda items, frame, is_last: _values_of_name(items, name, frame[1], is_last)
    return _node_step(code, stages)


def _sort_step(order: Callable[[list[Any], Frame], list[Any]], stages: list[Stage]) -> Advance:
    def advance(items: list[Any], frame: Frame, is_last: bool) -> list[Any]:
        result: Any = order(items, frame)
        for stage in stages:
            result = stage(result, frame)
        return result  # type: ignore[no-any-return]

    return advance


def _node_step(code: Code, stages: list[Stage]) -> Advance:
    def advance(items: list[Any], frame: Frame, is_last: bool) -> list[Any]:
        run = frame[1]
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        found = []
        for item in items:
            value = code(item, frame)
            for stage in stages:
                value = stage(value, frame)
            if value is not UNDEFINED:
                found.append(value)
        return flattened(found, is_last)

    return advance
