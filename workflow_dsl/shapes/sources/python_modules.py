"""Python modules of handlers, read without running them: the names that each defines at its top."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from workflow_dsl.definition.python_files import python_file
from workflow_dsl.records import Record, field


class Module(Record):
    """The names that a module defines at its top: the last statement that defines each.

    `ambiguous` are the names that several statements define, some of them in branches.
    """

    file: Path
    names: Mapping[str, ast.stmt] = field(repr=False)
    tree: ast.Module = field(repr=False)
    ambiguous: frozenset[str] = frozenset()
    __hash__ = object.__hash__

    def imported(self, statement: ast.ImportFrom, name: str) -> tuple[Module, str] | None:
        """Return the module beside this one that a name is imported from, and the name there."""
        original = next(alias.name for alias in statement.names if name == (alias.asname or alias.name))
        module = self._beside(statement.module or "", statement.level)
        return (module, original) if module else None

    def imported_module(self, name: str) -> Module | None:
        """Return the module beside this one that a name stands for after an import."""
        statement = self.names.get(name)
        if isinstance(statement, ast.Import):
            alias = next(each for each in statement.names if name == (each.asname or each.name))
            return self._beside(alias.name, 0)
        if isinstance(statement, ast.ImportFrom):
            original = next(each.name for each in statement.names if name == (each.asname or each.name))
            return self._beside(".".join(filter(None, (statement.module, original))), statement.level)
        return None

    def _beside(self, dotted: str, level: int) -> Module | None:
        parts = dotted.split(".") if dotted else []
        folder = self.file.parent
        folders = [folder, *folder.parents[:2]] if level == 0 and len(parts) > 1 else [folder]
        if level > 1:
            folders = [*folder.parents][level - 2 : level - 1]
        for each in folders if parts else ():
            path = each.joinpath(*parts)
            for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
                if file.is_file():
                    return read_module(file)
        return None


def read_module(file: Path) -> Module | None:
    """Return the module in a file; None if it is not Python."""
    try:
        tree = python_file(file).tree
    except (OSError, ValueError):
        return None
    return _module(file, tree) if tree else None


@lru_cache(maxsize=256)
def _module(file: Path, tree: ast.Module) -> Module:
    """A module by its tree, which is another one after each change of the file."""
    names = {name: statement for statement in _statements(tree.body) for name in _names_of(statement)}
    counts = Counter(name for statement in _with_all_branches(tree.body) for name in _names_of(statement))
    return Module(file, names, tree, frozenset(name for name, count in counts.items() if count > 1))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements at the top, and those below an `if TYPE_CHECKING` or `try` there."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try)):
            yield from _statements(statement.body)


def _with_all_branches(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field_ in ("body", "orelse", "finalbody"):
                yield from _with_all_branches(getattr(statement, field_, []))
            for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
                yield from _with_all_branches(part.body)


def _names_of(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
            return [alias.asname or alias.name for alias in aliases]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    alias = getattr(statement, "name", None)  # `type X = ...`, which is new in Python 3.12
    return [alias.id] if isinstance(alias, ast.Name) else []


def last_name(node: ast.expr) -> str:
    """Return the last name of a dotted name or of what is called: `Dict` of `typing.Dict`."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def resolved(node: ast.expr, module: Module) -> tuple[ast.stmt | None, Module, str]:
    """Return the statement that defines a name, the module it stands in, and the name there.

    The statement is None for a name of typing, of builtins or of a library.
    """
    for _ in range(20):  # imports of imports
        name = last_name(node)
        if isinstance(node, ast.Attribute):
            owner = module.imported_module(node.value.id) if isinstance(node.value, ast.Name) else None
            if owner is None:
                return None, module, name
            module, node = owner, ast.Name(name)
        statement = module.names.get(name)
        if isinstance(statement, ast.ImportFrom):
            original = next(alias.name for alias in statement.names if name == (alias.asname or alias.name))
            found = module.imported(statement, name)
            if found is None:
                return None, module, original
            module, node = found[0], ast.Name(found[1])
            continue
        return (None if isinstance(statement, ast.Import) else statement), module, name
    return None, module, ""


def class_of(file: Path, name: str) -> tuple[Module, ast.ClassDef] | None:
    """Return the class of a name in a file, or in a module beside it that the file imports; None if there is none."""
    module = read_module(file)
    if module is None:
        return None
    statement, owner, _ = resolved(ast.Name(name), module)
    return (owner, statement) if isinstance(statement, ast.ClassDef) else None
