"""The part of a file that belongs to one of its handlers: another function of the template may run the others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.function_code.node_files import NodeFile, members_of, node_file, text_of
from workflow_dsl.definition.python_files import python_file


def lines_run(file: Path, handler: str) -> frozenset[int]:
    """The lines that a handler may run; none of a file that cannot be read, or of a module of Node.js with others."""
    if file.suffix != ".py":
        code = node_file(file)
        is_alone = code is not None and len(set(_exported(code))) == 1
        return frozenset(range(1, code.root.end_point.row + 2)) if code and is_alone else frozenset()
    tree = python_file(file).tree
    statements = _reached(tree, handler) if tree else ()
    return frozenset(line for each in statements for line in range(each.lineno, (each.end_lineno or each.lineno) + 1))


def _reached(module: ast.Module, handler: str) -> list[ast.stmt]:
    """The statements of a module that run when it is imported, the handler, and the functions and classes they name."""
    definitions = {
        each.name: each
        for each in module.body
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    reached = [each for each in module.body if each not in definitions.values()]
    reached += [definitions.pop(handler)] if handler in definitions else []
    for statement in reached:  # grows by what it names
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        reached += [definitions.pop(name) for name in names & definitions.keys()]
    return reached


_EXPORTED = """
(assignment_expression left: (member_expression object: (_) @exports property: (_) @name)
  (#any-of? @exports "exports" "module.exports"))
(export_statement declaration: [
  (function_declaration name: (_) @name)
  (lexical_declaration (variable_declarator name: (_) @name))])
(export_statement (export_clause (export_specifier) @name))
(assignment_expression left: (member_expression) @module right: (object) @members (#eq? @module "module.exports"))
"""


def _exported(code: NodeFile) -> Iterator[str]:
    """The names that a module exports; several for an object whose members are not known."""
    for found in code.matches(_EXPORTED):
        if "members" in found:
            yield from members_of(found["members"]) or ("a member", "another one")
        else:
            yield text_of(found["name"])
