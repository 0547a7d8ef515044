"""The shape of a JSONata expression: its paths, constructors, operators, conditions and common functions.

What is not understood is UNKNOWN. JSONata reads a field of every item of a list, and gives undefined, a value or a list
of values: https://docs.jsonata.org/processing, "The JSONata type system" and "Path operators".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from workflow_dsl.expressions.jsonata.parsing import MOST_EXPRESSIONS, parse_jsonata
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import Keys
from workflow_dsl.records import replace
from workflow_dsl.shapes.jsonata.functions import (
    FUNCTIONS,
    OVER_ITEMS,
    Function,
    flat,
    is_never_list,
)
from workflow_dsl.shapes.jsonata.misuses import misused_arguments, unusual_operands
from workflow_dsl.shapes.jsonata.narrowing import Names, Values, narrowed
from workflow_dsl.shapes.jsonata.operations import unsuited
from workflow_dsl.shapes.jsonata.paths import known_value
from workflow_dsl.shapes.jsonata.query import ORDERING, UNDECIDED, Query, Typed
from workflow_dsl.shapes.jsonata.steps import filtered, path
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.misuses import Misuse
from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.scene import ARITHMETIC, Operation, Read
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    BOOLEAN,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Presence,
    Shape,
    field_with,
    join,
    joined,
    list_of,
    list_with,
    record,
)


def shape_of_expression(text: str, names: Names, keys: Keys, passing: StateFlow) -> Shape:
    """Return the shape of an expression without its `{% %}`, and note its reads and values that cannot be right."""
    shape, lacking, operations, misuses = _shape_and_notes(text, names.of_expression(text))
    if lacking:
        passing.reads += [replace(each, keys=keys) for each in lacking]
    if operations:
        passing.operations += [replace(each, keys=keys) for each in operations]
    if misuses:
        passing.misuses += [replace(each, keys=keys) for each in misuses]
    return shape


@lru_cache(MOST_EXPRESSIONS)
def _shape_and_notes(
    text: str, values: Values
) -> tuple[Shape, tuple[Read, ...], tuple[Operation, ...], tuple[Misuse, ...]]:
    try:
        node = parse_jsonata(text)
    except SyntaxProblem:
        return UNKNOWN, (), (), ()
    reads: list[Read] = []
    operations: list[Operation] = []
    misuses: list[Misuse] = []
    names = Names.of_values(text, values)
    known = known_value(node, names)
    typed = Query(_NODES, (), reads, operations, misuses, node).typed(node, names) if known is None else known
    return typed.shape, tuple(reads), tuple(operations), tuple(misuses)


def _literal(query: Query, node: Any, names: Names) -> Typed:
    return Typed(literal(node.value), False)


def _variable(query: Query, node: Any, names: Names) -> Typed:
    if node.name == "":
        return Typed(UNKNOWN if names.context is None else names.context)
    shape = names.get(node.name)
    return UNDECIDED if shape is None else Typed(shape, node.name in names.optional)


def _array(query: Query, node: Any, names: Names) -> Typed:
    """Items that are undefined are left out, and items that are sequences are put in one by one."""
    items = [query.typed(item, names) for item in node.items]
    if all(not item.may_be_absent and is_never_list(item.shape) for item in items):
        return Typed(list_with([item.shape for item in items]), False)
    nested = [isinstance(item, tree.Array) for item in node.items]
    return Typed(list_of(joined(i.shape if n else flat(i.shape) for i, n in zip(items, nested, strict=True))), False)


def _object(query: Query, node: Any, names: Names) -> Typed:
    fields: dict[str, Shape | Field] = {}
    is_known = True
    for name, value in node.pairs:
        typed = query.typed(value, names)
        if isinstance(name, tree.Literal) and isinstance(name.value, str):
            fields[name.value] = field_with(typed.shape, Presence.UNSTATED if typed.may_be_absent else Presence.SURE)
        else:
            query.typed(name, names)
            is_known = False
    return Typed(record(fields) if is_known else record(fields, UNKNOWN), False)


def _negation(query: Query, node: Any, names: Names) -> Typed:
    return Typed(NUMBER, query.typed(node.operand, names).may_be_absent)


def _binary(query: Query, node: Any, names: Names) -> Typed:
    if node.operator in ("and", "or"):
        query.tolerantly(node.left, names)
        query.tolerantly(node.right, narrowed(node.left, names, holds=node.operator == "and"))
        return Typed(BOOLEAN, False)
    left, right = query.operand(node.left, names), query.operand(node.right, names)
    operation = unsuited(node, left.shape, right.shape, names)
    if operation is not None:
        query.operations.append(operation)
    query.misuses += unusual_operands(node, left.shape, right.shape)
    if node.operator in ARITHMETIC or node.operator in ORDERING:
        shape = NUMBER if node.operator in ARITHMETIC else BOOLEAN
        return Typed(shape, left.may_be_absent or right.may_be_absent)
    if node.operator == "..":
        return Typed(list_of(NUMBER))
    return {"&": Typed(STRING, False), **_TESTS}.get(node.operator, UNDECIDED)


_TESTS = dict.fromkeys(("=", "!=", "in"), Typed(BOOLEAN, False))


def _condition(query: Query, node: Any, names: Names) -> Typed:
    query.tolerantly(node.condition, names)
    then = query.typed(node.then, narrowed(node.condition, names, holds=True))
    if node.otherwise is None:
        return Typed(then.shape)
    otherwise = query.typed(node.otherwise, narrowed(node.condition, names, holds=False))
    return Typed(join(then.shape, otherwise.shape), then.may_be_absent or otherwise.may_be_absent)


def _block(query: Query, node: Any, names: Names) -> Typed:
    typed = UNDECIDED
    for expression in node.expressions:
        inner = expression.value if isinstance(expression, tree.Bind) else expression
        typed = query.typed(inner, names)
        if isinstance(expression, tree.Bind):
            names = names.bound({expression.name: typed.shape}, is_optional=typed.may_be_absent)
    return typed


def _bind(query: Query, node: Any, names: Names) -> Typed:
    return query.typed(node.value, names)


def _grouped(query: Query, node: Any, names: Names) -> Typed:
    query.typed(node.node, names)
    return Typed(ANY_RECORD)


def _call(query: Query, node: Any, names: Names) -> Typed:
    name = node.procedure.name if isinstance(node.procedure, tree.Variable) else ""
    if names.get(name) is not None:
        return UNDECIDED
    if name in ("exists", "boolean", "not"):
        for argument in node.arguments:
            query.tolerantly(argument, names)
        return Typed(BOOLEAN, False)
    if name in OVER_ITEMS and len(node.arguments) > 1:
        return _over_items(query, name, node.arguments, names)
    function = FUNCTIONS.get(name)
    arguments = [_argument(query, argument, names, function) for argument in node.arguments]
    query.misuses += misused_arguments(name, node.arguments, [argument.shape for argument in arguments])
    if function is None or (not arguments and function.of_arguments):
        return UNDECIDED
    shape = function.result([argument.shape for argument in arguments])
    may_be_absent = function.of_arguments and (arguments[0].may_be_absent or shape is UNKNOWN)
    return Typed(shape, function.may_be_absent or may_be_absent)


def _argument(query: Query, node: tree.Node, names: Names, function: Function | None) -> Typed:
    if isinstance(node, tree.Lambda):
        return _lambda(query, node, names)
    return query.operand(node, names) if function and function.of_arguments else query.typed(node, names)


def _lambda(query: Query, node: Any, names: Names, *parameters: Shape) -> Typed:
    """The result of a function for some arguments; those that are not given are unknown."""
    given = dict.fromkeys(node.parameters, UNKNOWN) | dict(zip(node.parameters, parameters, strict=False))
    return query.typed(node.body, names.bound(given, is_optional=True))


def _over_items(query: Query, name: str, arguments: Sequence[Any], names: Names) -> Typed:
    """`$map` and functions like it: a function is called for each item."""
    items = flat(query.typed(arguments[0], names).shape)
    for argument in arguments[2:]:
        query.typed(argument, names)
    if not isinstance(arguments[1], tree.Lambda):
        return UNDECIDED
    over = OVER_ITEMS[name]
    result = _lambda(query, arguments[1], names, *over.parameters(items)).shape
    return Typed(over.result(items, result))


def _apply(query: Query, node: Any, names: Names) -> Typed:
    """`value ~> $function(arguments)`: a call with the value as first argument."""
    right = node.right
    if isinstance(right, tree.Call):
        return query.typed(replace(right, arguments=(node.left, *right.arguments)), names)
    if isinstance(right, tree.Variable):
        return query.typed(tree.Call(right, (node.left,)), names)
    query.typed(node.left, names)
    return UNDECIDED


_NODES: Mapping[type, Callable[[Query, Any, Names], Typed]] = {
    tree.Literal: _literal,
    tree.Variable: _variable,
    tree.Array: _array,
    tree.Object: _object,
    tree.Negation: _negation,
    tree.Binary: _binary,
    tree.Condition: _condition,
    tree.Block: _block,
    tree.Bind: _bind,
    tree.Filtered: filtered,
    tree.Grouped: _grouped,
    tree.Path: path,
    tree.Call: _call,
    tree.Apply: _apply,
}
