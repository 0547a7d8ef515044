"""The fields of its event that a Python handler always reads: without one of them it fails with a KeyError."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_PLAIN = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)
_CONDITIONAL = (
    *(ast.BoolOp, ast.IfExp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom),
)
# Functions that leave an event as it is: print, json.dumps, and those of loggers.
_ONLY_READ = frozenset("print len str repr dumps debug info warning error exception".split())


def required_fields(function: ast.FunctionDef) -> tuple[str, ...]:
    """The fields that the first statements of a handler read as `event["name"]`, up to one that may do anything else.

    A branch, a loop or a handler of exceptions ends the search, and so does a call that gets the event. The test of a
    branch is read in any case. A branch that only raises an error is no other way through the handler.
    """
    arguments = [*function.args.posonlyargs, *function.args.args]
    names: dict[str, None] = {}
    for statement in function.body if arguments else ():
        is_branch = isinstance(statement, ast.If)
        read = statement.test if isinstance(statement, ast.If) else statement
        reads = _reads(read, arguments[0].arg) if is_branch or isinstance(statement, _PLAIN) else None
        if reads is None:
            break
        names.update(dict.fromkeys(reads))
        if (is_branch and not _only_raises(statement)) or isinstance(statement, ast.Return):
            break
    return tuple(names)


def _only_raises(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If) or statement.orelse or not isinstance(statement.body[-1], ast.Raise):
        return False
    return not any(isinstance(node, ast.Return) for node in ast.walk(statement))


def _reads(statement: ast.AST, event: str) -> list[str] | None:
    """The fields that a statement always reads; None if it does more with the event than reading it."""
    names: list[str] = []
    harmless: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript) and _is(node.value, event) and isinstance(node.ctx, ast.Load):
            if not isinstance(node.slice, ast.Constant) or not isinstance(node.slice.value, str):
                return None
            names.append(node.slice.value)
            harmless.add(id(node.value))
        elif isinstance(node, ast.Attribute) and _is(node.value, event) and node.attr == "get":
            harmless.add(id(node.value))
        elif isinstance(node, ast.Call) and _name_of(node.func) in _ONLY_READ:
            harmless.update(id(argument) for argument in node.args if _is(argument, event))
    others = any(_is(node, event) and id(node) not in harmless for node in ast.walk(statement))
    return None if others or any(_uses(node, event) for node in _conditional(statement)) else names


def _is(node: ast.AST, event: str) -> bool:
    return isinstance(node, ast.Name) and node.id == event


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _conditional(statement: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that may not run, as the third part of `a < b < c`."""
    for node in ast.walk(statement):
        if isinstance(node, _CONDITIONAL) or (isinstance(node, ast.Compare) and len(node.ops) > 1):
            yield node


def _uses(node: ast.AST, event: str) -> bool:
    return any(_is(each, event) for each in ast.walk(node))
