"""Objects and groups, compiled: `{key: value}` of one value, of all items of an array, and after a path."""

from __future__ import annotations

from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.values import ARRAYS, UNDEFINED, TupleStream

Pairs = list[tuple[Code, Code]]


def compile_object(pairs: Pairs, names: list[str] | None) -> Code:
    """Return the code of `{key: value}`; for an array as the context it is a group of its items.

    `names` are the keys, if they are constants and no two are equal.
    """
    constant = None if names is None else list(zip(names, [value for _, value in pairs], strict=True))

    def build(context: Any, frame: Frame) -> Any:
        if type(context) in ARRAYS:
            return grouped(pairs, context, frame)
        result: dict[str, Any] = {}
        for name, value in constant or _named(pairs, context, frame):
            member = value(context, frame)
            if member is not UNDEFINED:
                result[name] = member
        return result

    return build


def _named(pairs: Pairs, context: Any, frame: Frame) -> list[tuple[str, Code]]:
    """The values of an object by their keys, which are evaluated first."""
    named: dict[str, Code] = {}
    for key, value in pairs:
        name = _checked(key(context, frame))
        if name in named:
            raise Failure("D1009", value=name)
        if name is not UNDEFINED:
            named[name] = value
    return list(named.items())


def _checked(name: Any) -> Any:
    if type(name) is not str and name is not UNDEFINED:
        raise Failure("T1003", value=name)
    return name


def grouped(pairs: Pairs, values: Any, frame: Frame) -> dict[str, Any]:
    """Return an object of the groups of an array's items by key, each with its value for all items of the group."""
    items = (values or [UNDEFINED]) if type(values) in ARRAYS else [values]
    is_stream = type(values) is TupleStream
    if is_stream and not values:
        raise Failure("group")
    groups: dict[str, tuple[int, list[Any]]] = {}
    frame[1].reserve(len(items) / 8)
    for item in items:
        context, own = (item["@"], [frame, frame[1], item]) if is_stream else (item, frame)
        for number, (key, _) in enumerate(pairs):
            name = _checked(key(context, own))
            if name is UNDEFINED:
                continue
            group = groups.setdefault(name, (number, []))
            if group[0] != number:
                raise Failure("D1009", value=name)
            group[1].append(item)
    result: dict[str, Any] = {}
    for name, (number, members) in groups.items():
        context, own = _of_stream(members, frame) if is_stream else (appended(members), frame)
        value = pairs[number][1](context, own)
        if value is not UNDEFINED:
            result[name] = value
    return result


def _of_stream(members: list[dict[str, Any]], frame: Frame) -> tuple[Any, Frame]:
    """The context and the frame of a group: each variable with its values of all members."""
    names = dict.fromkeys(name for member in members for name in member)
    joined = {name: appended([member.get(name, UNDEFINED) for member in members]) for name in names}
    return joined["@"], [frame, frame[1], joined]


def appended(values: list[Any]) -> Any:
    """Return values one appended to another, as $append does."""
    present = [value for value in values if value is not UNDEFINED]
    if len(present) < 2:
        return present[0] if present else UNDEFINED
    result: list[Any] = []
    for value in present:
        if type(value) in ARRAYS:
            result += value
        else:
            result.append(value)
    return result
