"""A workflow module -> Machine: mistakes at the author's line, and the same text everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import Write
from workflow_dsl.findings import FindingsError
from workflow_dsl.loader import compile_file

MISTAKES = [
    ("def build(:\n", "4: Python cannot read this: invalid syntax"),
    ("x = 1\n", ": has no function build(); write `def build() -> Workflow:`"),
    ("def build():\n    return Pass('A')\n", "4: build() returns Pass, not a Workflow; end it with"),
    ("build = Workflow\n", ": TypeError: "),
    ("def build():\n    return Workflow(start)\n", "5: NameError: name 'start' is not defined"),
    ("def build():\n    t = Task('T', resorce='r')\n", "5: TypeError: Field 'resorce' is not supported."),
    ("import no_such_module\n", "4: ModuleNotFoundError: No module named 'no_such_module'"),
    ("raise SystemExit(3)\n", "4: SystemExit: 3"),
    ("def build():\n    assert False\n", "5: AssertionError"),
    ("def build():\n    import ast\n    ast.literal_eval('1+')\n", "6: SyntaxError: invalid syntax"),
    ("class Odd(BaseException):\n    def __str__(self):\n        raise ValueError\nraise Odd\n", "7: Odd"),
    ("def build():\n    return Workflow(None)\n", "4: the top of the workflow starts with is None, which is no state"),
    (
        "def build():\n    a = Pass('A')\n    a.next(None)\n    return Workflow(a)\n",
        '6: "A": next() is given None, which is no state; give a state or a Chain',
    ),
    (
        "def build():\n    return Workflow(Chain([\n        Pass('A'),\n        Pass('A'),\n    ]))\n",
        '7: "A": is the name of another state too, made in line',
    ),
    ("def build():\n    Pass('B')\n    return Workflow(Pass('A'))\n", '5: "B": is made, but nothing leads to it'),
]


@pytest.mark.parametrize(("body", "message"), MISTAKES)
def test_an_authors_mistake_is_one_message_with_file_and_line(write_workflow: Write, body: str, message: str) -> None:
    path = write_workflow("broken", body)
    with pytest.raises(FindingsError) as refused:
        compile_file(path)
    assert str(refused.value).startswith(f"workflow_dsl/workflows/broken.py{'' if message[0] == ':' else ':'}{message}")


def test_a_module_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FindingsError, match=r"none\.py: FileNotFoundError: No such file or directory"):
        compile_file(tmp_path / "none.py")


def test_a_module_outside_the_root_is_named_in_full(write_workflow: Write, tmp_path: Path) -> None:
    path = write_workflow("broken", "def build(): pass\n")
    with pytest.raises(FindingsError, match=str(path)):
        compile_file(path, root=tmp_path / "elsewhere")


def test_helper_modules_beside_the_workflow_and_below_the_root_can_be_imported(
    write_workflow: Write, tmp_path: Path
) -> None:
    (tmp_path / "shared_here.py").write_text("NAME = 'A'\n")
    write_workflow("_fragments", "def first(name):\n    return Pass(name)\n")
    path = write_workflow(
        "uses",
        """
        from _fragments import first
        from shared_here import NAME
        def build():
            return Workflow(first(NAME))
        """,
    )
    before = list(sys.path)
    assert list(compile_file(path).states) == ["A"]
    assert sys.path == before


def test_a_module_compiles_twice_with_the_same_result_though_its_states_are_made_at_import(
    write_workflow: Write,
) -> None:
    path = write_workflow("twice", "a, b = Pass('A'), Pass('B')\ndef build():\n    return Workflow(Chain([a, b]))\n")
    assert compile_file(path).to_text() == compile_file(path).to_text()


SURROUNDINGS: list[dict[str, str]] = [
    {"PYTHONHASHSEED": "1", "AWS_DEFAULT_REGION": "cn-north-1", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "AWS_DEFAULT_REGION": "us-gov-west-1", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "0"},
]


def test_the_bytes_are_the_same_whatever_region_hash_seed_locale_and_folder(root: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from workflow_dsl.loader import compile_file; "
        "sys.stdout.buffer.write(compile_file(Path(sys.argv[1])).to_text().encode())"
    )
    workflow = root / "workflow_dsl" / "workflows" / "stock_trader.py"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(workflow)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(root), **environment},
            capture_output=True,
            check=True,
        ).stdout
        for folder, environment in zip([root, tmp_path], SURROUNDINGS, strict=True)
    }
    assert outputs == {compile_file(workflow).to_text().encode()}


def test_two_folders_may_have_helper_modules_of_one_name(tmp_path: Path) -> None:
    starts = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "_common.py").write_text(f"NAME = {name!r}\n")
        text = "from _common import NAME\nfrom stepfunctions.steps import Pass\nfrom workflow_dsl import Workflow\n"
        (folder / "w.py").write_text(f"{text}def build():\n    return Workflow(Pass(NAME))\n")
        starts.append(compile_file(folder / "w.py").start_at)
    assert starts == ["a", "b"]


def test_a_workflow_may_have_dataclasses_with_postponed_annotations(write_workflow: Write) -> None:
    path = write_workflow("data", "")
    text = "from dataclasses import dataclass\n@dataclass\nclass Names:\n    first: str = 'A'\n"
    path.write_text(
        f"from __future__ import annotations\n{path.read_text()}{text}def build():\n    return Workflow(Pass(Names().first))\n"
    )
    assert compile_file(path).start_at == "A"


def test_the_machines_own_place_is_build(write_workflow: Write) -> None:
    path = write_workflow("m", "x = 1\ndef build():\n    return Workflow(Pass('A'), timeout_seconds=0)\n")
    assert str(compile_file(path).place(("TimeoutSeconds",))) == "workflow_dsl/workflows/m.py:5"


def test_a_link_that_leads_to_itself_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to(tmp_path / "b.py")
    (tmp_path / "b.py").symlink_to(tmp_path / "a.py")
    with pytest.raises(FindingsError, match=r"a\.py: OSError: Too many levels of symbolic links"):
        compile_file(tmp_path / "a.py")
