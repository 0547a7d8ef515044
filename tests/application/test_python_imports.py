"""python_imports.py: imports of a handler's file that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.application.test_handlers import code
from workflow_dsl.application.python_imports import MissingImport, missing_import

FILES = {"orders.py": "def place(): ...\n", "lib/__init__.py": "", "open.py": "from x import *\n"}
MISSING = [
    ("import order", "imports order, which is not a module in its folder", 'did you mean "orders"?'),
    ("from orders import plac", "imports plac from orders, which defines no such name", 'did you mean "place"?'),
    ("from orders import Zebra", "imports Zebra from orders, which defines no such name", "define Zebra in orders.py"),
]
THERE = [
    "from orders import place",
    "from lib import anything",
    "from open import anything",
    "import json, boto3, requests",
    "try:\n    import order\nexcept ImportError: ...",
    "from . import order",
]


def imports_of(folder: Path, text: str, **files: str) -> MissingImport | None:
    function = code(folder, "app.handler", {"app.py": f"{text}\ndef handler(): ...\n", **FILES, **files})
    return missing_import(function, folder / "app.py")


@pytest.mark.parametrize(("text", "message", "remedy"), MISSING)
def test_an_import_that_fails_has_a_remedy(tmp_path: Path, text: str, message: str, remedy: str) -> None:
    assert imports_of(tmp_path, text) == MissingImport(1, message, remedy)


@pytest.mark.parametrize("text", THERE)
def test_an_import_that_may_be_there_is_not_reported(tmp_path: Path, text: str) -> None:
    assert imports_of(tmp_path, text) is None


def test_requirements_may_bring_any_module(tmp_path: Path) -> None:
    assert imports_of(tmp_path, "import order", **{"requirements.txt": ""}) is None
