"""The transform `|pattern|update, delete|`, compiled: a function that changes a copy of its argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.scopes import Scope
from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Builtin, Code, Frame, Function, invoke
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.syntax.tree import Transform
from workflow_dsl.expressions.jsonata.values import ARRAYS, UNDEFINED


def compile_transform(node: Transform, scope: Scope, compile_node: Callable[..., Code]) -> Code:
    """Return the code of a transform."""
    pattern, update = compile_node(node.pattern, scope), compile_node(node.update, scope)
    delete = None if node.delete is None else compile_node(node.delete, scope)
    clone = scope.read("clone")

    def make(context: Any, frame: Frame) -> Any:
        def transform(run: Run, value: Any) -> Any:
            if value is UNDEFINED:
                return value
            copy = _copied(clone(context, frame), run, value)
            matches = pattern(copy, frame)
            for match in [] if matches is UNDEFINED else matches if type(matches) in ARRAYS else [matches]:
                _change(match, update(match, frame))
                if delete is not None:
                    _remove(match, delete(match, frame))
            return copy

        return Builtin(transform, "<(oa):o>", uses_run=True)

    return make


def _copied(clone: Any, run: Run, value: Any) -> Any:
    if not isinstance(clone, Function):
        raise Failure("T2013")
    return invoke(clone, run, [value], None)


def _change(match: Any, changes: Any) -> None:
    if changes is UNDEFINED:
        return
    if type(changes) is not dict:
        raise Failure("T2011", value=changes)
    if type(match) is dict:
        match.update(changes)
    elif changes and type(match) not in ARRAYS:
        raise Failure("transform", value=match)


def _remove(match: Any, names: Any) -> None:
    if names is UNDEFINED:
        return
    for name in names if type(names) in ARRAYS else [names]:
        if type(name) is not str:
            raise Failure("T2012", value=names)
    if type(match) is dict:
        for name in names if type(names) in ARRAYS else [names]:
            match.pop(name, None)
