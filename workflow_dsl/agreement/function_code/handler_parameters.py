"""The parameters of handlers in Python: Lambda calls one with the event and the context.

Lambda developer guide, "Define Lambda function handler in Python".
"""

from __future__ import annotations

import ast
from pathlib import Path

from workflow_dsl.definition.python_files import python_file


def parameter_problem(file: Path, name: str) -> str:
    """Return the reason that Lambda cannot call a function of a file; "" if it can, or if a decorator may change it."""
    tree = python_file(file).tree
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == name] if tree else []
    if tree is None or len(functions) != 1 or functions[0].decorator_list or _is_assigned(tree, name):
        return ""
    arguments = functions[0].args
    most = len(arguments.posonlyargs) + len(arguments.args)
    takes_two = (most >= 2 or arguments.vararg is not None) and most - len(arguments.defaults) <= 2
    if takes_two and None not in arguments.kw_defaults:
        return ""
    taken = f"{most} parameter{'' if most == 1 else 's'}"
    return f"has {name} with {taken}, but Lambda passes two: the event and the context"


def _is_assigned(tree: ast.Module, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in ast.walk(tree)
    )
