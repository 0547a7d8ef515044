"""The environment variables that a module in Python reads, and what it passes them as."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping


def reads_without_default(tree: ast.Module, handler: str, passed: Container[str]) -> Iterator[tuple[int, str, bool]]:
    """The variables that a module reads at its top and in its handler, their lines, and whether it fails without them.

    It fails without those in `passed` too. A name that stands elsewhere in the module may have a default.
    """
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    waiting, needed = [*_unconditional(tree.body)], list[tuple[int, str]]()
    waiting += _unconditional(functions[handler].body) if handler in functions else []
    for node in waiting:  # grows by the functions that it calls
        name = _subscript(node)
        if name is not None:
            needed.append((node.lineno, name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            waiting += _unconditional(functions.pop(node.func.id).body)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    mentions = Counter(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    loads = [(node.lineno, name) for node in nodes if (name := _subscript(node))]
    counts = Counter(name for _, name in loads)
    for line, name in [*needed, *(load for load in loads if load[1] in passed)]:
        if mentions[name] == counts[name]:
            yield line, name, True
    for node in nodes:
        name = _got(node)
        if name is not None and mentions[name] == 1:
            yield node.lineno, name, name in passed


def passed_variables(tree: ast.Module, *, by_name: bool) -> Iterator[tuple[int, str, str]]:
    """The variables that a module passes by the name of a parameter: each with its line and the parameter.

    With `by_name`, also those that a name of the module stands for.
    """
    nodes = [*ast.walk(tree)]
    values = values_of_names(nodes) if by_name else {}
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg:
            given = [(node.arg, node.value)]
        elif isinstance(node, ast.Dict):
            keys = zip(node.keys, node.values, strict=True)
            given = [(str(key.value), value) for key, value in keys if isinstance(key, ast.Constant)]
        else:
            continue
        for parameter, value in given:
            named = values.get(value.id) if isinstance(value, ast.Name) else None
            variable = _subscript(named) if named is not None else _subscript(value) or _got(value)
            if variable:
                yield value.lineno, parameter, variable


def values_of_names(nodes: Iterable[ast.AST]) -> dict[str, ast.expr]:
    """The values of the names that a module sets once, and that are no parameters."""
    values: dict[str, ast.expr] = {}
    seen: Counter[str] = Counter()
    for node in nodes:
        if isinstance(node, ast.arg):
            seen[node.arg] += 1
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            seen[node.id] += 1
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id] = node.value
    return {name: value for name, value in values.items() if seen[name] == 1}


def variable_in(node: ast.expr | None, values: Mapping[str, ast.expr]) -> str:
    """The variable that an expression reads, itself or by a name that has the value; "" for another expression."""
    if isinstance(node, ast.Name):
        node = values.get(node.id)
    return "" if node is None else _subscript(node) or _got(node, most_arguments=2) or ""


def _subscript(node: ast.AST) -> str | None:
    """The name of `os.environ["NAME"]` where it is read."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load) or not _is_environ(node.value):
        return None
    return node.slice.value if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) else None


def _got(node: ast.AST, most_arguments: int = 1) -> str | None:
    """The name of `os.getenv("NAME")` and `os.environ.get("NAME")`, with two arguments also with a default."""
    if not isinstance(node, ast.Call) or node.keywords or not 1 <= len(node.args) <= most_arguments:
        return None
    function, name = node.func, node.args[0]
    is_get = isinstance(function, ast.Attribute) and function.attr == "get" and _is_environ(function.value)
    is_read = is_get or _name_of(function) == "getenv"
    return name.value if is_read and isinstance(name, ast.Constant) and isinstance(name.value, str) else None


def _is_environ(node: ast.expr) -> bool:
    return _name_of(node) == "environ"


def _name_of(node: ast.expr) -> str:
    """The name, or the last part of a dotted one; "" for another expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


_MAY_NOT_RUN = (
    *(ast.BoolOp, ast.IfExp, ast.Lambda, ast.If, ast.While, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)


def _unconditional(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """The expressions of statements that run whatever the event is, without those that a handler replaces."""
    for node in nodes:
        if isinstance(node, _MAY_NOT_RUN) or (isinstance(node, ast.Try) and _has_default(node)):
            continue
        if isinstance(node, ast.expr):
            yield node
        yield from _unconditional(node.body if isinstance(node, ast.Try) else ast.iter_child_nodes(node))


def _has_default(statement: ast.Try) -> bool:
    """True if an except gives a value in place of the one that is missing."""
    kinds = " ".join(ast.unparse(each.type) for each in statement.handlers if each.type)
    inner = (node for handler in statement.handlers for node in ast.walk(handler))
    return "KeyError" in kinds or "LookupError" in kinds or any(isinstance(node, ast.Assign) for node in inner)
