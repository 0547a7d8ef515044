"""The plan of a module -> its text: imports, constants, functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_dsl import authoring
from workflow_dsl.importer.code import WIDTH, Atom, Call, Method, Node, lines, width, within
from workflow_dsl.importer.constants import with_constants
from workflow_dsl.importer.inlining import Statement
from workflow_dsl.importer.names import Names
from workflow_dsl.importer.plan import FunctionPlan
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex

_FIRST_NAME = lazy_regex(r"~?\(?([A-Za-z_]\w*)")


def module_text(functions: list[FunctionPlan], names: Names) -> str:
    """Return the text of a module with these functions."""
    constants, functions = with_constants(functions, names)
    functions = [_with_methods(function) for function in functions]
    nodes = [*(statement.value for statement in constants), *(node for plan in functions for node in plan.body.nodes())]
    types = [name for plan in functions for name in (plan.returns, *(kind for _, kind in plan.parameters))]
    imported = {*_names_in(nodes), *types} & {*authoring.__all__}
    blocks = ["\n".join(_import(sorted(imported, key=_import_order)))]
    if constants:
        blocks[0] += "\n\n" + "\n".join(line for constant in constants for line in _statement(constant, 0))
    return "\n\n\n".join([*blocks, *map(_function, functions)]) + "\n"


def _import_order(name: str) -> tuple[int, str]:
    """The order of an import: classes before functions."""
    return (0 if name[0].isupper() else 1), name


def _import(names: list[str]) -> list[str]:
    line = f"from workflow_dsl.authoring import {', '.join(names)}"
    if width(line) <= WIDTH:
        return [line]
    return ["from workflow_dsl.authoring import (", *(f"    {name}," for name in names), ")"]


def _function(function: FunctionPlan) -> str:
    body = function.body
    created = [line for state in body.created for line in _statement(state, 4)]
    links = [line for link in body.links for line in _statement(link, 4)]
    last = [*links, *lines(body.value, 4, "return ")]
    parameters = tuple(("", Atom(f"{name}: {kind}")) for name, kind in function.parameters)
    head = "\n".join(lines(Call(f"def {function.name}", parameters), after=f" -> {function.returns}:"))
    parts = [created, last] if links else [[*created, *last]]
    text = "\n\n".join("\n".join(part) for part in [_comments(function.comments, 4), *parts] if part)
    return f"{head}\n{text}"


def _with_methods(function: FunctionPlan) -> FunctionPlan:
    """A function whose long Tasks call their services in a method, which takes fewer and shorter lines."""
    body = function.body
    created = tuple(replace(state, value=_with_method(state.value, f"{state.target} = ")) for state in body.created)
    return replace(function, body=replace(body, created=created, value=_with_method(body.value, "return ")))


def _with_method(node: Node, before: str) -> Node:
    if not isinstance(node, Call) or node.function != "Task" or width(f"    {before}{node.flat()}") <= WIDTH:
        return node
    service = dict(node.arguments).get("resource")
    if not isinstance(service, Call) or service.function != "call":
        return node
    others = tuple(argument for argument in node.arguments if argument[0] != "resource")
    return Method(Call("Task", others), service)


def _statement(statement: Statement, indent: int) -> list[str]:
    written = lines(statement.value, indent, f"{statement.target} = " if statement.target else "")
    return [*_comments(statement.comments, indent), *written]


def _comments(comments: Iterable[str], indent: int) -> list[str]:
    return [f"{' ' * indent}{comment}" for comment in comments]


def _names_in(nodes: Iterable[Node]) -> Iterator[str]:
    """The first name of each call and of each atom."""
    for node in nodes:
        for _, inner in within(node):
            text = _called(inner)
            match = _FIRST_NAME.match(text)
            if match:
                yield match[1]
            if isinstance(inner, Atom) and " var(" in inner.text:
                yield "var"


def _called(node: Node) -> str:
    if isinstance(node, Method):
        return node.inner.function
    return node.function if isinstance(node, Call) else node.text if isinstance(node, Atom) else ""
