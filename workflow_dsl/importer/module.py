"""The plan of a module -> its text: imports, constants, functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workflow_dsl import authoring
from workflow_dsl.importer.code import WIDTH, Atom, Call, Node, lines, width, within
from workflow_dsl.importer.constants import with_constants
from workflow_dsl.importer.inlining import Statement
from workflow_dsl.importer.names import Names
from workflow_dsl.importer.plan import FunctionPlan

_FIRST_NAME = re.compile(r"~?\(?([A-Za-z_]\w*)")


def module_text(functions: list[FunctionPlan], names: Names) -> str:
    """Return the text of a module with these functions."""
    constants, functions = with_constants(functions, names)
    nodes = [*(statement.value for statement in constants), *(node for each in functions for node in each.body.nodes())]
    types = [name for each in functions for name in (each.returns, *(kind for _, kind in each.parameters))]
    imported = {*_names_in(nodes), *types} & {*authoring.__all__}
    blocks = ["\n".join(_import(sorted(imported, key=_import_order)))]
    if constants:
        blocks[0] += "\n\n" + "\n".join(line for each in constants for line in _statement(each, 0))
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
    created = [line for each in body.created for line in _statement(each, 4)]
    links = [line for each in body.links for line in _statement(each, 4)]
    last = [*links, *lines(body.value, 4, "return ")]
    parameters = tuple(("", Atom(f"{name}: {kind}")) for name, kind in function.parameters)
    head = "\n".join(lines(Call(f"def {function.name}", parameters), after=f" -> {function.returns}:"))
    parts = [created, last] if links else [[*created, *last]]
    text = "\n\n".join("\n".join(part) for part in [_comments(function.comments, 4), *parts] if part)
    return f"{head}\n{text}"


def _statement(statement: Statement, indent: int) -> list[str]:
    written = lines(statement.value, indent, f"{statement.target} = " if statement.target else "")
    return [*_comments(statement.comments, indent), *written]


def _comments(comments: Iterable[str], indent: int) -> list[str]:
    return [f"{' ' * indent}{comment}" for comment in comments]


def _names_in(nodes: Iterable[Node]) -> Iterator[str]:
    """The first name of each call and of each atom."""
    for node in nodes:
        for _, inner in within(node):
            text = inner.function if isinstance(inner, Call) else inner.text if isinstance(inner, Atom) else ""
            match = _FIRST_NAME.match(text)
            if match:
                yield match[1]
            if isinstance(inner, Atom) and " var(" in inner.text:
                yield "var"
