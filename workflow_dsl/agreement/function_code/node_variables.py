"""The environment variables that a file in JavaScript or TypeScript reads, and what it passes them as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow_dsl.agreement.function_code.node_files import NodeFile, line_of, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_ENVIRONMENT = """
(member_expression object: (identifier) @process property: (property_identifier) @env
  (#eq? @process "process") (#eq? @env "env")) @environment
"""
_PASSED = "(pair key: [(property_identifier) (string)] @parameter value: (_) @value)"
_PASSED_BY_ITS_NAME = "(object (shorthand_property_identifier) @value)"


def reads_without_default(code: NodeFile) -> Iterator[tuple[int, str]]:
    """The variables that a file mentions once, and does not test, set or replace by a default, with their lines."""
    every = [*_reads(code)]
    mentions = Counter(name for _, name, _ in every)
    return ((line_of(node), name) for node, name, is_needed in every if is_needed and mentions[name] == 1)


def passed_variables(code: NodeFile) -> Iterator[tuple[int, str, str]]:
    """The variables that are values in objects, themselves or by a name for one: each with its line and parameter."""
    variables = variables_by_name(code)
    pairs = [(each["parameter"], each["value"]) for each in code.matches(_PASSED)]
    pairs += [(each["value"], each["value"]) for each in code.matches(_PASSED_BY_ITS_NAME)]
    tested = {text_of(each["name"]) for each in code.matches("(identifier) @name") if _is_tested(each["name"])}
    for parameter, value in pairs:
        local = text_of(value)
        variable = variable_in(value) or (variables.get(local, "") if local not in tested else "")
        if variable:
            yield line_of(value), text_of(parameter), variable


def variables_by_name(code: NodeFile) -> dict[str, str]:
    """The variables by the names that a file gives their values: `const NAME = process.env.VARIABLE`."""
    names: dict[str, str] = {}
    for environment in code.matches(_ENVIRONMENT):
        declared = environment["environment"].parent
        if declared is not None and declared.type == "variable_declarator":
            names |= {local: name for _, local, name in _unpacked(declared)}
        read = _read_of(environment["environment"])
        target = _whole(read).parent if read else None
        local = target.child_by_field_name("name") if target and target.type == "variable_declarator" else None
        if read and local and local.type == "identifier":
            names[text_of(local)] = variable_in(read)
    return names


def variable_in(node: Node) -> str:
    """The variable of `process.env.NAME` or `process.env["NAME"]`, which may stand in brackets; "" for another node."""
    while node.type in _AROUND and node.named_children:
        node = node.named_children[0]
    environment, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    name = name or node.child_by_field_name("index")
    is_read = environment is not None and text_of(environment) == "process.env"
    return text_of(name) if is_read and name is not None and name.type in ("property_identifier", "string") else ""


_AROUND = ("non_null_expression", "as_expression", "satisfies_expression", "parenthesized_expression")


def _whole(node: Node) -> Node:
    """A node with the brackets, the type and the `!` around it."""
    while node.parent is not None and node.parent.type in _AROUND:
        node = node.parent
    return node


def _read_of(environment: Node) -> Node | None:
    """The node that takes one variable of the environment; None where the code uses it as a whole."""
    parent = environment.parent
    is_read = parent is not None and parent.child_by_field_name("object") == environment and variable_in(parent)
    return parent if is_read else None


def _reads(code: NodeFile) -> Iterator[tuple[Node, str, bool]]:
    """Each place that takes a variable, the variable, and whether the code cannot do without it there."""
    for each in code.matches(_ENVIRONMENT):
        environment = each["environment"]
        read = _read_of(environment)
        if read is not None:
            yield read, variable_in(read), not _is_tested(read)
        elif environment.parent is not None and environment.parent.type == "variable_declarator":
            yield from ((node, name, True) for node, _, name in _unpacked(environment.parent))


def _is_tested(read: Node) -> bool:
    """True if code asks whether a variable is set, sets it, or has a default for it."""
    node = _whole(read)
    parent = node.parent
    if parent is None:
        return False
    operator = parent.child_by_field_name("operator")
    is_first = node in (parent.child_by_field_name(name) for name in ("left", "condition", "argument"))
    has_optional_chain = any(child.type == "optional_chain" for child in parent.children)
    return has_optional_chain or (is_first and (operator is None or text_of(operator) in _TESTS))


_TESTS = ("||", "??", "&&", "||=", "??=", "===", "!==", "==", "!=", "in", "!", "delete", "typeof")


def _unpacked(declared: Node) -> Iterator[tuple[Node, str, str]]:
    """The variables that `const { NAME, OTHER: local } = process.env` takes without a default, with their names."""
    pattern = declared.child_by_field_name("name")
    for each in pattern.named_children if pattern is not None and pattern.type == "object_pattern" else ():
        key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
        if each.type == "shorthand_property_identifier_pattern":
            yield each, text_of(each), text_of(each)
        elif key is not None and value is not None and value.type == "identifier":
            yield each, text_of(value), text_of(key)
