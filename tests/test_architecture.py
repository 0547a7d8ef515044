"""Folders of the package import only downwards in the order of docs/architecture.md, and code is small and documented."""

from __future__ import annotations

import ast
import graphlib
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "workflow_dsl"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
LAYERS = [name.removesuffix(".py").rstrip("/") for name in re.findall(r"^\| `([\w/.]+)` \|", PAGE, re.MULTILINE)]
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "workflows" not in path.parts]
TREES = {path: ast.parse(path.read_bytes()) for path in FILES}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a module imports, at its top or in a function."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("workflow_dsl"):
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("workflow_dsl"))


def layer_of(module: str) -> str:
    return [*module.split("."), ""][1]


def test_the_page_lists_exactly_the_layers_of_the_package() -> None:
    layers = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert set(LAYERS) == layers - {"__init__", "__main__", "workflows"}


def entries(folder: Path) -> int:
    modules = [path for path in folder.glob("[!_]*") if path.suffix == ".py" or any(path.glob("*.py"))]
    return len(modules)


def test_a_folder_has_at_most_20_modules_and_packages() -> None:
    packages = {path.parent for path in FILES}
    large = {folder.relative_to(PACKAGE).as_posix(): entries(folder) for folder in packages if entries(folder) > 20}
    assert large == {".": 27}  # the layers of docs/architecture.md


def test_every_layer_imports_only_layers_below_it() -> None:
    upward = [
        (module_of(path), target)
        for path in FILES
        for target in imports(path)
        if layer_of(module_of(path)) in LAYERS and layer_of(target) in LAYERS
        and LAYERS.index(layer_of(target)) > LAYERS.index(layer_of(module_of(path)))
    ]  # fmt: skip
    assert upward == []


def test_modules_have_no_import_cycle() -> None:
    graph = {module_of(path): set(imports(path)) - {module_of(path)} for path in FILES}
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_nothing_imports_the_command_line_or_the_sample_workflows() -> None:
    assert [module_of(path) for path in FILES if "workflow_dsl/workflows" in path.read_text("utf-8")] == []
    outside = [path for path in FILES if "cli" not in path.parts and path.stem != "__main__"]
    assert [(module_of(path), name) for path in outside for name in imports(path) if layer_of(name) == "cli"] == []


@pytest.mark.parametrize("path", re.findall(r"`((?:\w+/)*\w+\.(?:py|yaml))`", PAGE))
def test_every_file_that_the_page_names_exists(path: str) -> None:
    layers = [PACKAGE, ROOT, *(PACKAGE / layer for layer in LAYERS)]
    assert any((layer / path).is_file() for layer in layers)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of lines of a function's body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_values_are_records_and_regular_expressions_at_the_top_of_a_module_wait() -> None:
    slow = re.compile(r"^ *@dataclass\b|^\w+ = re\.compile\((?!rb)", re.MULTILINE)
    assert [module_of(path) for path in FILES if slow.search(path.read_text("utf-8"))] == []


def test_a_regular_expression_that_waits_is_asked_by_its_own_methods() -> None:
    passed_to_re = re.compile(r"\bre\.\w+\(_[A-Z_]+\b")
    assert [module_of(path) for path in FILES if passed_to_re.search(path.read_text("utf-8"))] == []


def test_functions_and_modules_are_small() -> None:
    sizes = {name: lines_of(node) for name, node in functions()}
    assert [name for name, size in sizes.items() if size > 40] == []
    assert (statistics.median(sizes.values()) <= 5, statistics.quantiles(sizes.values(), n=20)[-1] <= 19) == (
        True,
        True,
    )
    assert [module_of(path) for path in FILES if len(path.read_text("utf-8").splitlines()) > 350] == []


def public_definitions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            yield from (
                method
                for method in (node.body if isinstance(node, ast.ClassDef) else ())
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
            )


def test_public_functions_and_classes_have_docstrings() -> None:
    public = [(module_of(path), node) for path, tree in TREES.items() for node in public_definitions(tree)]
    missing = [f"{module}.{node.name}" for module, node in public if not ast.get_docstring(node)]
    assert len(missing) < 0.05 * len(public), missing


def test_a_docstring_begins_with_a_verb_or_a_noun_not_with_a_clause() -> None:
    clauses = [
        f"{module_of(path)}: {docstring.splitlines()[0]}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module))
        and (docstring := ast.get_docstring(node) or "-").split()[0]
        in ("What", "Where", "Whether", "Who", "That", "How")
    ]
    assert clauses == []
