"""A tree compiled once into Python functions that call one another: no node is looked at when a value is asked for.

Each function takes the context `$` and the frame of variables. A table has one function for each kind of node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.calls import compile_apply, compile_call, compile_partial_call
from workflow_dsl.expressions.jsonata.compiling.groups import compile_object, grouped
from workflow_dsl.expressions.jsonata.compiling.operators import binary
from workflow_dsl.expressions.jsonata.compiling.predicates import filtered
from workflow_dsl.expressions.jsonata.compiling.scopes import Scope, bound_names
from workflow_dsl.expressions.jsonata.compiling.steps import compile_path, values_below, values_of
from workflow_dsl.expressions.jsonata.compiling.transforms import compile_transform
from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Closure, Code, Frame, LambdaCode
from workflow_dsl.expressions.jsonata.limits import MOST_NESTED, within
from workflow_dsl.expressions.jsonata.patterns import compile_pattern
from workflow_dsl.expressions.jsonata.syntax.ancestry import ancestry_of
from workflow_dsl.expressions.jsonata.syntax.signatures import Signature
from workflow_dsl.expressions.jsonata.syntax.tree import (
    Apply,
    Array,
    Binary,
    Bind,
    Block,
    Call,
    Condition,
    Descendants,
    Filtered,
    Grouped,
    Lambda,
    Literal,
    Name,
    Negation,
    Node,
    Object,
    Parent,
    PartialCall,
    Path,
    Pattern,
    Step,
    Transform,
    Variable,
    Wildcard,
    parts,
)
from workflow_dsl.expressions.jsonata.values import (
    ARRAYS,
    UNDEFINED,
    Constructed,
    collapsed,
    is_number,
    is_true,
    kept,
    look_up,
)


def compile_tree(tree: Node, library: dict[str, Any]) -> tuple[Code, tuple[Any, ...]]:
    """Return the code of an expression, and the places of the variables that it binds outside of blocks."""
    scope = Scope(bound_names([tree]), None)
    scope.globals = library
    scope.ancestry = ancestry_of(tree)
    if _depth(tree) > MOST_NESTED:
        return _too_deep, scope.extra
    return compile_node(tree, scope), scope.extra


def _too_deep(context: Any, frame: Frame) -> Any:
    raise Failure("stack")


def _depth(tree: Node) -> int:
    """Return how deep nodes are in one another. A function's body counts from its own beginning."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        inner = depth if isinstance(node, Step) else 0 if isinstance(node, Lambda) else depth + 1
        waiting += [(part, inner) for part in parts(node)]
    return deepest


def compile_node(node: Node, scope: Scope, *, is_tail: bool = False) -> Code:
    """Return the code of a node. A call that `is_tail` is made by the function's caller."""
    code = _COMPILERS[type(node)](node, scope, is_tail)
    if node.keep_array and not isinstance(node, (Path, Call, Apply)):
        return lambda context, frame: kept(code(context, frame))
    return code


def _literal(node: Literal, scope: Scope, is_tail: bool) -> Code:
    value = node.value
    return lambda context, frame: value


def _variable(node: Variable, scope: Scope, is_tail: bool) -> Code:
    if node.name == "":
        return _context
    return scope.read(node.name)


def _context(context: Any, frame: Frame) -> Any:
    return context


def _name(node: Name, scope: Scope, is_tail: bool) -> Code:
    name = node.value
    return lambda context, frame: collapsed(look_up(context, name))


def _wildcard(node: Wildcard, scope: Scope, is_tail: bool) -> Code:
    return lambda context, frame: collapsed(values_of(context, frame[1]))


def _descendants(node: Descendants, scope: Scope, is_tail: bool) -> Code:
    return lambda context, frame: collapsed(values_below(context, frame[1]))


def _parent(node: Parent, scope: Scope, is_tail: bool) -> Code:
    return scope.read(scope.ancestry.labels.get(id(node), "!"))


def _array(node: Array, scope: Scope, is_tail: bool) -> Code:
    """Arrays among the items are joined, except those that are written as arrays."""
    items = [(compile_node(item, scope), isinstance(item, Array)) for item in node.items]
    make = Constructed if node.is_step else list

    def build(context: Any, frame: Frame) -> Any:
        result: list[Any] = make()
        for item, is_nested in items:
            value = item(context, frame)
            if value is UNDEFINED:
                continue
            if type(value) in ARRAYS and not is_nested:
                frame[1].reserve(len(result) + len(value))
                result += value
            else:
                result.append(value)
        return within(result)

    return build


def _object(node: Object, scope: Scope, is_tail: bool) -> Code:
    names = [key.value for key, _ in node.pairs if isinstance(key, Literal) and isinstance(key.value, str)]
    are_constant = len(set(names)) == len(node.pairs)
    return compile_object(_compiled_pairs(node.pairs, scope), names if are_constant else None)


def _compiled_pairs(pairs: tuple[tuple[Node, Node], ...], scope: Scope) -> list[tuple[Code, Code]]:
    return [(compile_node(key, scope), compile_node(value, scope)) for key, value in pairs]


def _negation(node: Negation, scope: Scope, is_tail: bool) -> Code:
    operand = compile_node(node.operand, scope)

    def negate(context: Any, frame: Frame) -> Any:
        value = operand(context, frame)
        if value is UNDEFINED:
            return value
        if not is_number(value):
            raise Failure("D1002", token="-", value=value)  # noqa: S106
        return -value

    return negate


def _binary(node: Binary, scope: Scope, is_tail: bool) -> Code:
    return binary(node.operator, compile_node(node.left, scope), compile_node(node.right, scope))


def _condition(node: Condition, scope: Scope, is_tail: bool) -> Code:
    condition = compile_node(node.condition, scope)
    then = compile_node(node.then, scope, is_tail=is_tail)
    otherwise = _nothing if node.otherwise is None else compile_node(node.otherwise, scope, is_tail=is_tail)

    def decide(context: Any, frame: Frame) -> Any:
        chosen = condition(context, frame)
        if chosen is True or (chosen is not False and is_true(chosen)):
            return then(context, frame)
        return otherwise(context, frame)

    return decide


def _nothing(context: Any, frame: Frame) -> Any:
    return UNDEFINED


def _block(node: Block, scope: Scope, is_tail: bool) -> Code:
    if not node.expressions:
        return _nothing
    names = bound_names(node.expressions)
    inner = Scope(names, scope) if names else scope
    *before, last = node.expressions
    first = [compile_node(expression, inner) for expression in before]
    final = compile_node(last, inner, is_tail=is_tail)
    if not names:
        return _in_order(first, final) if first else final
    extra = inner.extra

    def run(context: Any, frame: Frame) -> Any:
        own = [frame, frame[1], *extra]
        for code in first:
            code(context, own)
        return final(context, own)

    return run


def _in_order(first: list[Code], final: Code) -> Code:
    def run(context: Any, frame: Frame) -> Any:
        for code in first:
            code(context, frame)
        return final(context, frame)

    return run


def _bind(node: Bind, scope: Scope, is_tail: bool) -> Code:
    code, write = compile_node(node.value, scope), scope.writer(node.name)

    def bind(context: Any, frame: Frame) -> Any:
        value = code(context, frame)
        write(frame, value)
        return value

    return bind


def _lambda(node: Lambda, scope: Scope, is_tail: bool) -> Code:
    names = dict.fromkeys(node.parameters)
    extra = [name for name in bound_names([node.body]) if name not in names]
    inner = Scope([*node.parameters, *extra], scope, len(node.parameters))
    signature = None if node.signature is None else Signature(node.signature)
    code = LambdaCode(len(node.parameters), inner.extra, signature)
    code.body.append(compile_node(node.body, inner, is_tail=True))
    return lambda context, frame: Closure(code, context, frame)


def _filtered(node: Filtered, scope: Scope, is_tail: bool) -> Code:
    code = compile_node(node.node, scope)
    stages = [filtered(predicate, scope, compile_node) for predicate in node.predicates]

    def select(context: Any, frame: Frame) -> Any:
        value = code(context, frame)
        for stage in stages:
            value = stage(value, frame)
        return collapsed(value)

    return select


def _grouped(node: Grouped, scope: Scope, is_tail: bool) -> Code:
    code, pairs = compile_node(node.node, scope), _compiled_pairs(node.pairs, scope)
    return lambda context, frame: grouped(pairs, code(context, frame), frame)


def _path(node: Path, scope: Scope, is_tail: bool) -> Code:
    return compile_path(node, scope, compile_node)


def _call(node: Call, scope: Scope, is_tail: bool) -> Code:
    return compile_call(node, scope, compile_node, is_tail)


def _partial(node: PartialCall, scope: Scope, is_tail: bool) -> Code:
    return compile_partial_call(node, scope, compile_node)


def _apply(node: Apply, scope: Scope, is_tail: bool) -> Code:
    return compile_apply(node, scope, compile_node)


def _transform(node: Transform, scope: Scope, is_tail: bool) -> Code:
    return compile_transform(node, scope, compile_node)


def _pattern(node: Pattern, scope: Scope, is_tail: bool) -> Code:
    return compile_pattern(node)


_COMPILERS: dict[type[Node], Callable[[Any, Scope, bool], Code]] = {
    Literal: _literal,
    Variable: _variable,
    Name: _name,
    Wildcard: _wildcard,
    Descendants: _descendants,
    Parent: _parent,
    Array: _array,
    Object: _object,
    Negation: _negation,
    Binary: _binary,
    Condition: _condition,
    Block: _block,
    Bind: _bind,
    Lambda: _lambda,
    Filtered: _filtered,
    Grouped: _grouped,
    Path: _path,
    Call: _call,
    PartialCall: _partial,
    Apply: _apply,
    Transform: _transform,
    Pattern: _pattern,
}
