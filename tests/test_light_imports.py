from __future__ import annotations

import inspect
import re
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

import pytest

from workflow_dsl.light_imports import light_imports

LIBRARY = """
import colorsys, re
from re import sub
WORD = re.compile(r"[a-z]+", re.IGNORECASE)
def grey(): return colorsys.rgb_to_hsv(1, 1, 1)
def words(text): return WORD.findall(text)
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "library.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("colorsys", "library"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("library")
def test_a_library_has_a_module_and_a_regular_expression_when_it_uses_them() -> None:
    with light_imports("colorsys"):
        library = import_module("library")
    assert (type(library.WORD).__name__, "colorsys" in sys.modules) == ("_Pattern", False)
    assert (library.words("one Two"), library.grey()) == (["one", "Two"], (0.0, 0.0, 1))
    assert (re.sub(library.WORD, "x", "one"), isinstance(library.WORD, re.Pattern)) == ("x", True)
    import colorsys

    assert sys.modules["colorsys"] is colorsys
    assert colorsys is not library.colorsys


@pytest.mark.usefixtures("library")
def test_a_module_that_is_used_in_the_block_is_imported_there() -> None:
    with light_imports("colorsys"):
        from colorsys import rgb_to_hsv
    assert sys.modules["colorsys"].__dict__["rgb_to_hsv"] is rgb_to_hsv


def test_a_module_that_was_imported_before_stays() -> None:
    with light_imports("inspect"):
        assert sys.modules["inspect"] is inspect


def test_other_threads_compile_their_regular_expressions_meanwhile() -> None:
    compiled: list[object] = []
    with light_imports():
        thread = threading.Thread(target=lambda: compiled.append(re.compile("[a-c]")))
        thread.start()
        thread.join()
    assert [type(each) for each in (*compiled, re.compile("[d-f]"))] == [re.Pattern, re.Pattern]


CLICK = """
import sys
before = {*sys.modules}
from workflow_dsl.light_imports import light_imports
with light_imports("gettext", "inspect", "urllib.parse", "uuid", "fnmatch", "ntpath"):
    import click, pathlib
HELP = ("One line.", "  Two\\n\\n    lines\\n   of text.\\n  ")
help = [click.Option(["--x"], help=text).help for text in HELP]
print({"fnmatch", "gettext", "locale", "ntpath", "urllib", "uuid"} & {*sys.modules} - before)
print(pathlib.PurePosixPath("/a b").as_uri(), pathlib.PureWindowsPath("c:/a.b").match("*.B"))
import inspect
print(help == [inspect.cleandoc(text) for text in HELP])
print(click.core._("Aborted!"), *(click.core.ngettext("one", "many", count) for count in (1, 2)))
"""


def test_click_and_pathlib_do_without_the_modules_that_they_import_for_what_few_use() -> None:
    command = [sys.executable, "-c", CLICK]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    imported = {"fnmatch"} if sys.version_info[:2] == (3, 12) else set[str]()  # pathlib of 3.12 translates a pattern
    assert output.splitlines() == [str(imported), "file:///a%20b True", "True", "Aborted! one many"]
