"""Conditions for which the values that are tried stand for all others: if none of those fits, no value does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl.exploration.search.queries import Names, plain_steps
from workflow_dsl.exploration.search.symbols import Known, Leaf, Missing, Symbol, follow
from workflow_dsl.expressions.jsonata.syntax.tree import Array, Binary, Block, Call, Literal, Negation, Node, Variable

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "in")
_LOGIC = ("and", "or")
_OF_ONE_VALUE = ("exists", "not", "boolean")


def is_exact_rule(rule: Mapping[str, Any], symbols: Mapping[str, Symbol | None], *, want: bool) -> bool:
    """True for a comparison of one field with a constant; a pattern is one only if it must not match."""
    if any(path.startswith("$$") and isinstance(symbol, Known) for path, symbol in symbols.items()):
        return False  # the name of an execution and the like, which are the same in all explored ones
    if any("*" in str(rule[name]) for name in ("StringMatches", "StringMatchesPath") if name in rule):
        return not want
    return len(symbols) == 1 and all(symbol is None or isinstance(symbol, (Leaf, Known)) for symbol in symbols.values())


def is_exact_node(node: Node, names: Names) -> bool:
    """True for comparisons of one field with constants, joined by `and`, `or` and `$not`."""
    if isinstance(node, Block):
        return len(node.expressions) == 1 and is_exact_node(node.expressions[0], names)
    if isinstance(node, Binary) and node.operator in _LOGIC:
        return is_exact_node(node.left, names) and is_exact_node(node.right, names)
    if isinstance(node, Binary) and node.operator in _COMPARISONS:
        return any(
            _is_field(one, names) and _is_constant(other)
            for one, other in ((node.left, node.right), (node.right, node.left))
        )
    if isinstance(node, Call) and isinstance(node.procedure, Variable) and node.procedure.name in _OF_ONE_VALUE:
        return len(node.arguments) == 1 and is_exact_node(node.arguments[0], names)
    return _is_constant(node) or _is_field(node, names)


def _is_constant(node: Node) -> bool:
    if isinstance(node, Array):
        return all(map(_is_constant, node.items))
    return isinstance(node, Literal) or (isinstance(node, Negation) and _is_constant(node.operand))


def _is_field(node: Node, names: Names) -> bool:
    steps = plain_steps(node)
    if steps is None or steps[0] not in names or steps[:2] == ("states", "context"):
        return False
    try:
        return isinstance(follow(names[str(steps[0])], steps[1:]), Leaf)
    except Missing:
        return False
