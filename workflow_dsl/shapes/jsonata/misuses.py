"""Arguments of JSONata of a kind that is refused, and comparisons with what an API never gives.

https://docs.jsonata.org/numeric-operators, https://docs.jsonata.org/comparison-operators and the pages of functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.expressions.jsonata import most_arguments
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.shapes.jsonata.functions import flat
from workflow_dsl.shapes.misuses import KIND_NOUNS, Misuse, misused, of_argument, of_comparison, unusual
from workflow_dsl.shapes.shape import Shape


def unusual_operands(node: Any, left: Shape, right: Shape) -> Iterator[Misuse]:
    """Yield the comparisons with a value that the API on the other side does not have."""
    sides = ((node.left, left), (node.right, right))
    if node.operator in ("=", "!="):
        for (operand, _), (_, other) in (sides, sides[::-1]):
            if isinstance(operand, tree.Literal) and (documented := unusual(other, operand.value)):
                yield of_comparison((), "the value compared", operand.value, documented)


def misused_arguments(name: str, nodes: Sequence[tree.Node], shapes: Sequence[Shape]) -> Iterator[Misuse]:
    """Yield the arguments of a function that are of a kind that it does not take."""
    if name == "join" and len(nodes) > 1 and isinstance(nodes[0], tree.Literal):
        message = "$join joins the one string that is its first argument: the list comes first, then the separator"
        yield Misuse((), message, "swap the arguments")
        return
    if name == "number" and shapes and misused(shapes[0], ("boolean", "number", "string")):
        yield of_argument((), "$number", "argument 1", shapes[0], "string", "pass a string or a number")
    most = most_arguments(name) if len(nodes) > 1 else None
    if most is not None and len(nodes) > most:
        takes = f"it takes {most} argument{'s' if most > 1 else ''}"
        remedy = "pass them in one list, in [ and ]" if name in _OF_LIST else "remove the others"
        yield Misuse((), f"${name} fails: {takes}, and gets {len(nodes)}", remedy)
        return
    for index, (shape, kind) in enumerate(zip(shapes, _KINDS.get(name, ()), strict=False), 1):
        if len(shapes) >= _FEWEST.get(name, 1) and kind and misused(shape, (kind,)):
            remedy = _CONVERSIONS.get((next(iter(shape.kinds)), kind), f"pass {KIND_NOUNS[kind]}")
            yield of_argument((), f"${name}", f"argument {index}", shape, kind, remedy)
    if name in ("average", "max", "min", "sum") and shapes and misused(flat(shapes[0]), ("number",)):
        yield of_argument((), f"${name}", "each item", flat(shapes[0]), "number", "convert them with $number()")


_OF_LIST = ("average", "count", "max", "merge", "min", "sum")
_CONVERSIONS = {("number", "string"): "convert it with $string()", ("string", "number"): "convert it with $number()"}
# The kinds of arguments of functions that take one kind only; a single value is a list too (docs.jsonata.org).
_OF_STRING = "length lowercase uppercase trim base64encode base64decode encodeUrl encodeUrlComponent decodeUrl parse"
_KINDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_OF_STRING.split(), ("string",)),
    **dict.fromkeys(("substringBefore", "substringAfter", "parseInteger", "hash"), ("string", "string")),
    **dict.fromkeys(("abs", "ceil", "floor", "sqrt"), ("number",)),
    "contains": ("string",),
    "formatNumber": ("number", "string"),
    "fromMillis": ("number", "string"),
    "join": ("", "string"),
    "pad": ("string", "number"),
    "power": ("number", "number"),
    "range": ("number", "number", "number"),
    "replace": ("string",),
    "round": ("number", "number"),
    "split": ("string",),
    "substring": ("string", "number", "number"),
    "toMillis": ("string", "string"),
}
# Before these arguments another one may be left out where a path gives the value (function signatures, "-").
_FEWEST: Mapping[str, int] = {
    **dict.fromkeys(("substring", "substringBefore", "substringAfter", "pad", "power", "formatNumber"), 2),
    **dict.fromkeys(("contains", "split", "hash", "parseInteger", "replace"), 2),
    "range": 3,
}
