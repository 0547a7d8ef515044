"""The plan of a module -> its text: imports, constants, functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from workflow_dsl import authoring
from workflow_dsl.importer.code import WIDTH, Atom, Call, Fields, Items, Node, Text, lines, width, within
from workflow_dsl.importer.names import Names
from workflow_dsl.importer.plan import FunctionPlan, Statement

_SHORTEST_PAYLOAD = 60  # characters; a shorter one is easier to read where it is
_EMPTY = (Items(()), Fields(()))  # a type checker asks for the type of a constant with one
_FIRST_NAME = re.compile(r"~?\(?([A-Za-z_]\w*)")


def module_text(functions: list[FunctionPlan], names: Names) -> str:
    """Return the text of a module with these functions."""
    constants, functions = _with_constants(functions, names)
    nodes = [*(statement.value for statement in constants), *(node for each in functions for node in each.nodes())]
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
    parts = [[line for each in part for line in _statement(each, 4)] for part in (function.created, function.links)]
    parts.append(lines(function.value, 4, "return "))
    parameters = tuple(("", Atom(f"{name}: {kind}")) for name, kind in function.parameters)
    head = "\n".join(lines(Call(f"def {function.name}", parameters), after=f" -> {function.returns}:"))
    if not function.links:
        parts = [[*parts[0], *parts[2]]]
    body = "\n\n".join("\n".join(part) for part in [_comments(function.comments, 4), *parts] if part)
    return f"{head}\n{body}"


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


def _with_constants(functions: list[FunctionPlan], names: Names) -> tuple[list[Statement], list[FunctionPlan]]:
    """Write what is repeated, and what would be too wide, once: retriers, lists of them, and payloads."""
    chosen: list[Node] = []
    found = [each for function in functions for node in function.nodes() for each in within(node)]
    counts = Counter(node for _, node in found)
    hints = {node: name for name, node in reversed(found)}
    for node in sorted(counts, key=lambda node: -len(node.flat())):
        if counts[node] > 1 and _is_liftable(node, hints[node]) and not _is_covered(node, chosen, counts):
            chosen.append(node)
    first = {node: at for at, (_, node) in reversed([*enumerate(found)])}
    in_order = sorted(chosen, key=lambda node: first[node])
    constants = {node: names.new_constant(*_constant_name(node, hints[node])) for node in in_order}
    changed = [_function_with(constants, function) for function in functions]
    return _ordered(constants), changed


def _is_liftable(node: Node, name: str) -> bool:
    """True for a retrier, a list of retriers, and a long payload."""
    if isinstance(node, Call):
        return node.function == "Retry"
    if isinstance(node, Items):
        return bool(node.items) and (name == "retry" or _is_payload(node))
    return isinstance(node, Fields) and _is_payload(node)


def _is_payload(node: Node) -> bool:
    """True for a long list or dict without states."""
    kinds = (Atom, Text, Fields, Items, Call)
    is_data = all(isinstance(inner, kinds) and inner not in _EMPTY for _, inner in within(node))
    return is_data and len(node.flat()) >= _SHORTEST_PAYLOAD and not any(_is_name(inner) for _, inner in within(node))


def _is_name(node: Node) -> bool:
    """True for an atom that is a variable, and for a call that creates a state or a block of one."""
    if isinstance(node, Atom):
        return node.text.isidentifier() and node.text not in ("None", "True", "False")
    return isinstance(node, Call) and node.function[:1].isupper() and node.function != "Jsonata"


def _is_covered(node: Node, chosen: Iterable[Node], counts: Counter[Node]) -> bool:
    """True if a value stands only inside a constant."""
    return any(counts[outer] >= counts[node] and any(inner == node for _, inner in within(outer)) for outer in chosen)


def _constant_name(node: Node, hint: str) -> tuple[list[str], str]:
    """The words of a constant's name, and what to call it without them."""
    if isinstance(node, Items) and hint == "retry":
        return ["retries"], "retries"
    if isinstance(node, Call):
        errors = dict(node.arguments).get("error_equals")
        names = [inner.value for _, inner in within(errors or node) if isinstance(inner, Text)]
        words = [name.rpartition(".")[2] for name in names]
        if len(words) > 1 and all(name.startswith("Lambda.") for name in names):
            return ["retry", "lambda"], "retry"
        if len(words) == 1:
            return ["retry", "always" if words == ["ALL"] else f"on {words[0]}"], "retry"
        return ["retry"], "retry"
    return [hint], "payload"


def _function_with(constants: Mapping[Node, str], function: FunctionPlan) -> FunctionPlan:
    def changed(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(replace(each, value=_change(each.value, constants)) for each in statements)

    return replace(
        function,
        created=changed(function.created),
        links=changed(function.links),
        value=_change(function.value, constants),
    )


def _change(node: Node, constants: Mapping[Node, str]) -> Node:
    if isinstance(node, (Call, Items, Fields)) and node in constants:
        return Atom(constants[node])
    return node.mapped(lambda inner: _change(inner, constants))


def _ordered(constants: Mapping[Node, str]) -> list[Statement]:
    """The statements of constants, each after those that it uses, retriers first."""
    statements: dict[str, Statement] = {}

    def add(node: Node) -> None:
        for _, inner in within(node):
            if inner is not node and inner in constants and constants[inner] not in statements:
                add(inner)
        value = node.mapped(lambda each: _change(each, constants))
        statements.setdefault(constants[node], Statement(value, constants[node]))

    for node in constants:
        add(node)
    return list(statements.values())
