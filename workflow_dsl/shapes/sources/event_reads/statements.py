"""The fields of its event that a Python handler always reads: without one of them it fails with a KeyError.

The statements are read in their order, up to a branch that may leave the function. Fields of a field count too, those
of the items of a list that a loop goes through, and those that functions of the project read. What code may change is
not known any more: what is put into the event, and what is below a value that an unknown function gets.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any

from workflow_dsl.shapes.shape import Shape
from workflow_dsl.shapes.sources.annotations import Reading
from workflow_dsl.shapes.sources.event_reads.needs import Need
from workflow_dsl.shapes.sources.event_reads.parts import Parts
from workflow_dsl.shapes.sources.python_modules import Module, resolved
from workflow_dsl.shapes.sources.python_scope import changes_itself
from workflow_dsl.shapes.sources.python_syntax import assigned

_RETURN = (ast.Return, ast.Yield, ast.YieldFrom)
_LEAVE = (*_RETURN, ast.Break, ast.Continue)
_CATCH = frozenset("BaseException Exception KeyError LookupError TypeError".split())


def needed_event(function: ast.FunctionDef, module: Module, reading: Reading) -> Shape:
    """Return the shape of an event that has what a handler always reads; UNKNOWN if it reads nothing for sure."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    need = Need()
    if arguments and not changes_itself(module.tree):
        _Reader((function,), module, reading, need, {arguments[0].arg: ()}).statements(function.body)
    return need.as_shape


class _Reader(Parts):
    """A function whose statements are read in their order."""

    def statements(self, body: list[ast.stmt]) -> bool:
        """Read statements; return False if those after them may not follow."""
        for index, statement in enumerate(body):
            read = _STATEMENTS.get(type(statement))
            if read is None or not read(self, statement):
                self.in_doubt(body[index + 1 :] if read else body[index:])
                return False
        return True


def _may_leave(nodes: Iterable[ast.AST]) -> bool:
    return any(isinstance(each, _LEAVE) for node in nodes for each in ast.walk(node))


def _may_return(nodes: Iterable[ast.AST]) -> bool:
    return any(isinstance(each, _RETURN) for node in nodes for each in ast.walk(node))


def _of_simple(reader: _Reader, statement: Any) -> bool:
    aliases = [
        (name, place)
        for _, value in assigned(statement)
        if (name := reader.alias_for(value)) and (place := reader.place_of(value)) is not None
    ]
    reader.expressions(statement)
    reader.places.update(aliases)
    return not isinstance(statement, (ast.Return, ast.Raise))


def _of_branch(reader: _Reader, statement: ast.If | ast.While) -> bool:
    """A branch that only raises an error is no other way through the function."""
    reader.expressions(statement.test)
    parts = [*statement.body, *statement.orelse]
    return _of_parts(reader, parts) or (isinstance(statement, ast.While) and not _may_return(parts))


def _of_parts(reader: _Reader, nodes: list[Any]) -> bool:
    reader.in_doubt(nodes)
    return not _may_leave(nodes)


def _of_loop(reader: _Reader, statement: ast.For) -> bool:
    reader.forget(*statement.body)
    parts = [*statement.body, *statement.orelse]
    may_stop = any(isinstance(each, (*_RETURN, ast.Break)) for line in statement.body for each in ast.walk(line))
    if may_stop or not reader.of_items(statement, lambda: reader.statements(statement.body)):
        reader.expressions(statement.iter)
        reader.in_doubt(statement.body)
    reader.forget(statement.target)
    reader.in_doubt(statement.orelse)
    return not _may_return(parts)


def _of_with(reader: _Reader, statement: ast.With) -> bool:
    """A context manager may suppress an error."""
    reader.expressions(*statement.items)
    return _of_parts(reader, statement.body)


def _of_try(reader: _Reader, statement: ast.Try) -> bool:
    """The body is read up to what may raise an error that a handler goes on after."""
    going_on = [each for each in statement.handlers if not _only_raises(each)]
    if any(_may_catch_a_missing_field(each, reader.module) for each in going_on) or _may_leave(statement.finalbody):
        return _of_parts(reader, [statement])
    body = statement.body
    sure = [*takewhile(lambda line: not _may_raise(reader, line), body)] if going_on else body
    is_passed = reader.statements(sure)
    others = [*body[len(sure) :], *statement.handlers, *statement.orelse, *statement.finalbody]
    return _of_parts(reader, others) and is_passed


def _may_raise(reader: _Reader, line: ast.stmt) -> bool:
    """True for a statement with an error of the code's own, and for one with a call that may refuse what it gets."""
    return any(
        isinstance(each, ast.Raise) or (isinstance(each, ast.Call) and reader.hands_on(each)) for each in ast.walk(line)
    )


def _only_raises(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise) and not _may_return(handler.body)


def _may_catch_a_missing_field(handler: ast.ExceptHandler, module: Module) -> bool:
    """True if a handler may catch a KeyError or TypeError."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or _may_catch(each, module) for each in types)


def _may_catch(type_: ast.expr, module: Module) -> bool:
    """True unless a name is that of another error: of Python, of a library, or of a class of the project."""
    statement, _, name = resolved(type_, module)
    is_error = isinstance(statement, ast.ClassDef) or (
        statement is None and name.endswith(("Error", "Exception")) and name not in _CATCH
    )
    return not is_error


def _of_match(reader: _Reader, statement: ast.Match) -> bool:
    reader.expressions(statement.subject)
    return _of_parts(reader, [*statement.cases])


def _of_definition(reader: _Reader, statement: ast.stmt) -> bool:
    reader.in_doubt([statement])
    return True


_STATEMENTS: Mapping[type, Callable[[_Reader, Any], bool]] = {
    **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr), _of_simple),
    **dict.fromkeys((ast.Assert, ast.Delete, ast.Return, ast.Raise), _of_simple),
    **dict.fromkeys((ast.If, ast.While), _of_branch),
    **dict.fromkeys((ast.FunctionDef, ast.ClassDef), _of_definition),
    **dict.fromkeys((ast.Import, ast.ImportFrom, ast.Pass), lambda reader, statement: True),
    ast.For: _of_loop,
    ast.With: _of_with,
    ast.Try: _of_try,
    ast.Match: _of_match,
}
