"""Reads of the answers of AWS services in a file: `response["Item"]` of what a client of boto3 returns."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.agreement.function_code.python_clients import service_of_client
from workflow_dsl.agreement.function_code.python_variables import values_of_names
from workflow_dsl.definition.python_files import python_file

_Step = str | int
_DEEPEST = 20  # names and fields of each other


class ResponseRead(NamedTuple):
    """A field that is read of an answer: the method that gives it, and the steps to the field, 0 for an item."""

    line: int
    service: str
    method: str
    steps: tuple[_Step, ...]


def responses_read(file: Path) -> Iterator[ResponseRead]:
    """The fields that a file reads of answers, of names that stand for one answer in their function."""
    tree = python_file(file).tree
    clients = values_of_names(ast.walk(tree)) if tree else {}
    seen: set[ast.AST] = set()
    for scope in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)) if tree else ():
        names = _Names(scope, clients)
        for node in ast.walk(scope):
            found = names.answer(node) if node not in seen and isinstance(node, (ast.Subscript, ast.Call)) else None
            if found is not None and found.steps and isinstance(found.steps[-1], str):
                seen.add(node)
                yield found


class _Names:
    """The names of a function that have one value each, or go through one list."""

    def __init__(self, scope: ast.FunctionDef, clients: Mapping[str, ast.expr]) -> None:
        nodes = [*ast.walk(scope)]
        loops = [each for each in nodes if isinstance(each, (ast.For, ast.comprehension))]
        stores = Counter(each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
        self._clients = clients
        self._values = values_of_names(nodes)
        self._items = {
            loop.target.id: loop.iter
            for loop in loops
            if isinstance(loop.target, ast.Name) and stores[loop.target.id] == 1
        }
        self._put = {*_put_into_objects(nodes)}

    def answer(self, node: ast.AST, depth: int = 0) -> ResponseRead | None:
        """Return what an expression reads of an answer; None if it reads something else."""
        if depth > _DEEPEST:
            return None
        if isinstance(node, ast.Name):
            is_item = node.id in self._items
            value = self._items[node.id] if is_item else self._values.get(node.id)
            answer = self.answer(value, depth + 1) if value is not None else None
            return _below(answer, 0) if is_item else answer
        owner, step = _step(node)
        if owner is None or step in self._put:
            return None
        if step is not None:
            return _below(self.answer(owner, depth + 1), step, getattr(node, "lineno", 0))
        service = service_of_client(self._clients.get(owner.id)) if isinstance(owner, ast.Name) else ""
        if service and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return ResponseRead(node.lineno, service, node.func.attr, ())
        return None


def _put_into_objects(nodes: list[ast.AST]) -> Iterator[object]:
    """The fields that code puts into objects, answers among them: by an assignment, and by update or setdefault."""
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant):
            yield node.slice.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PUTTING:
            yield from (keyword.arg for keyword in node.keywords)
            yield from (each.value for part in node.args for each in ast.walk(part) if isinstance(each, ast.Constant))


_PUTTING = ("setdefault", "update")


def _step(node: ast.AST) -> tuple[ast.expr | None, _Step | None]:
    """The owner and the constant of `owner["name"]` and `owner.get("name")`, the owner alone of another method."""
    match node:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str() | int() as step), ctx=ast.Load()):
            return owner, step
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str() as step), *_]):
            return owner, step
        case ast.Call(func=ast.Attribute(value=owner)):
            return owner, None
    return None, None


def _below(answer: ResponseRead | None, step: _Step, line: int = 0) -> ResponseRead | None:
    if answer is None:
        return None
    return answer._replace(steps=(*answer.steps, 0 if isinstance(step, int) else step), line=line or answer.line)
