"""The parts of statements and expressions of Python that readers of code ask for."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def is_stored(node: ast.AST) -> bool:
    """Return True for a target of an assignment or of `del`."""
    return not isinstance(getattr(node, "ctx", None), ast.Load)


def method_of(node: ast.AST) -> str:
    """Return the name after the dot, "" if there is none."""
    return node.attr if isinstance(node, ast.Attribute) else ""


def key_of(node: ast.AST) -> str | None:
    """Return the constant name in `value["name"]`; None for any other expression."""
    index = node.slice if isinstance(node, ast.Subscript) else None
    return index.value if isinstance(index, ast.Constant) and isinstance(index.value, str) else None


def first_text(call: ast.Call) -> str | None:
    """Return the first argument of a call if it is a constant text."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def may_skip(parent: ast.AST, node: ast.AST) -> bool:
    """Return True if a part of an expression may not be evaluated, as the third one of `a < b < c`."""
    always: list[ast.AST]
    match parent:
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first) | ast.comprehension(iter=first):
            always = [first]
        case ast.Compare(left=left, comparators=[first, *_]):
            always = [left, first, *parent.ops]
        case ast.Assert(test=first):
            always = [first]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            always = [parent.generators[0]]
        case ast.Lambda() | ast.FunctionDef() | ast.AsyncFunctionDef():
            always = []
        case _:
            return False
    return node not in always


def assigned(statement: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Return the targets of an assignment, each with its value."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return [(statement.target, statement.value)]
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return [*zip(target.elts, value.elts, strict=True)]
    return [(target, value)]


def is_of_boto3(node: ast.AST) -> bool:
    """Return True for a parameter of an API, which has a capital letter: `Key=`."""
    return isinstance(node, ast.keyword) and (node.arg or "")[:1].isupper()


def is_spread(parent: ast.AST, node: ast.AST) -> bool:
    """Return True for `node` in `{**node}`, which copies its fields."""
    pairs = zip(parent.keys, parent.values, strict=True) if isinstance(parent, ast.Dict) else ()
    return any(value is node and key is None for key, value in pairs)


def parameter_for(function: ast.FunctionDef, call: ast.Call, argument: ast.AST) -> str | None:
    """Return the name of the parameter that gets an argument; None if a star decides."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if isinstance(argument, ast.keyword):
        names += [each.arg for each in function.args.kwonlyargs]
        return argument.arg if argument.arg in names else None
    position = call.args.index(argument) if argument in call.args else len(names)
    return names[position] if position < len(names) else None


def without_default(function: ast.FunctionDef, call: ast.Call) -> Iterator[str]:
    """Yield the parameters that a call with `**event` alone has to get from the event."""
    arguments = function.args
    plain = arguments.args[: len(arguments.args) - len(arguments.defaults)]
    by_name = [each for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value is None]
    given = {each.arg for each in call.keywords}
    if not call.args and [each.arg for each in call.keywords].count(None) == 1:
        yield from (each.arg for each in (*plain, *by_name) if each.arg not in given)
