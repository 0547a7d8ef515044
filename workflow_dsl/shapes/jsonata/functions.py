"""The results of JSONata's functions, and the lists that JSONata makes of several values.

https://docs.jsonata.org/string-functions and the pages after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from workflow_dsl.records import Record
from workflow_dsl.shapes.reading import Miss, overlaid
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    BOOLEAN,
    NUMBER,
    STRING,
    UNKNOWN,
    ListOf,
    Shape,
    join,
    joined,
    list_of,
    record,
    shape_of,
)


def flat(shape: Shape) -> Shape:
    """Return the shape of each of the values: the items of a list, or the value if it is not a list."""
    if shape.parts is None or not shape.lists:
        return shape
    others = tuple(part for part in shape.parts if not isinstance(part, ListOf))
    items = joined(part.item for part in shape.lists)
    return UNKNOWN if items.parts is None else join(shape_of(others), items)


def sequence(item: Shape) -> Shape:
    """Return the shape of one value, or of a list of several."""
    return item if item.parts is None else join(item, list_of(item))


def is_never_list(shape: Shape) -> bool:
    """True if no value of a shape is a list."""
    return shape.parts is not None and not shape.lists


def item_at(shape: Shape, index: int) -> Shape:
    """Return the item at a position: the one that is there where positions are known, else any."""
    lists = shape.lists
    if shape.parts is None or len(lists) != len(shape.parts) or any(each.items is None for each in lists):
        return flat(shape)
    items = [each.items[index] for each in lists if each.items and -len(each.items) <= index < len(each.items)]
    return joined(items) if items else UNKNOWN


def missing_position(shape: Shape, index: int | None, depth: int) -> Miss | None:
    """Return the miss of a position at a depth of a path, if each value of a shape is a list that lacks it."""
    parts = shape.parts or ()
    if index is None or not parts:
        return None
    lists = [part.items for part in parts if isinstance(part, ListOf) and part.items is not None]
    is_beyond = len(lists) == len(parts) and all(not -len(items) <= index < len(items) for items in lists)
    return Miss(depth, index, parts, ()) if is_beyond else None


class Function(Record):
    """The result of a function for its arguments. It is undefined without an argument if it is `of_arguments`.

    It `may_be_absent` if it is undefined for some arguments too, such as an empty list.
    """

    result: Callable[[Sequence[Shape]], Shape]
    of_arguments: bool = True
    may_be_absent: bool = False


def _all_of(shape: Shape, *, of_arguments: bool = True) -> Function:
    return Function(lambda arguments: shape, of_arguments)


def _merge(arguments: Sequence[Shape]) -> Shape:
    """The fields of all objects of a list, a later one in place of an earlier one."""
    lists = arguments[0].lists
    if len(arguments[0].parts or ()) != 1 or not lists or lists[0].items is None:
        return ANY_RECORD if arguments[0].parts is not None else UNKNOWN
    return reduce(overlaid, lists[0].items, record({}))


def _append(arguments: Sequence[Shape]) -> Shape:
    return sequence(joined(map(flat, arguments)))


_STRINGS = "string substring substringBefore substringAfter lowercase uppercase trim pad replace join fromMillis"
_ALWAYS = "now uuid"
_ENCODINGS = (
    "base64encode base64decode encodeUrl encodeUrlComponent decodeUrl decodeUrlComponent formatNumber formatBase"
)
_FORMATS = "formatNumber formatBase formatInteger type hash"
_NUMBERS = "length number abs floor ceil round power sqrt sum toMillis parseInteger"
FUNCTIONS: Mapping[str, Function] = {
    **dict.fromkeys(
        f"{_STRINGS} {_ENCODINGS} formatNumber formatBase formatInteger type hash".split(), _all_of(STRING)
    ),
    **dict.fromkeys(_ALWAYS.split(), _all_of(STRING, of_arguments=False)),
    **dict.fromkeys(_NUMBERS.split(), _all_of(NUMBER)),
    **dict.fromkeys(("count", "random", "millis"), _all_of(NUMBER, of_arguments=False)),
    "contains": _all_of(BOOLEAN),
    **dict.fromkeys(("max", "min", "average"), Function(lambda arguments: NUMBER, may_be_absent=True)),
    "keys": Function(lambda arguments: sequence(STRING), may_be_absent=True),
    "split": _all_of(list_of(STRING)),
    "merge": Function(_merge),
    "append": Function(_append, of_arguments=False, may_be_absent=True),
    "sort": Function(lambda arguments: list_of(flat(arguments[0]))),
    "reverse": Function(lambda arguments: list_of(flat(arguments[0]))),
    "distinct": Function(lambda arguments: sequence(flat(arguments[0])), may_be_absent=True),
}


class OverItems(Record):
    """The parameters of a function that is called for items, and what comes of the items and its results."""

    parameters: Callable[[Shape], tuple[Shape, ...]]
    result: Callable[[Shape, Shape], Shape]


OVER_ITEMS: Mapping[str, OverItems] = {
    "map": OverItems(lambda item: (item,), lambda item, result: sequence(result)),
    "filter": OverItems(lambda item: (item,), lambda item, result: sequence(item)),
    "single": OverItems(lambda item: (item,), lambda item, result: item),
    "sort": OverItems(lambda item: (item, item), lambda item, result: list_of(item)),
    "reduce": OverItems(lambda item: (UNKNOWN, item), lambda item, result: UNKNOWN),
}
