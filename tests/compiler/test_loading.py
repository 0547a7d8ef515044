"""A workflow module -> Machine: mistakes at the author's line, and the same output on every machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError

MISTAKES = [
    ("def build(:\n", "4: is not valid Python: invalid syntax"),
    ("x = 1\n", ": has no function build(); write `def build() -> Workflow:`"),
    ("def build():\n    return Pass('A')\n", "4: build() returns Pass, not a Workflow; end build() with"),
    (
        "build = Workflow\n",
        ": build() is called without arguments: missing a required argument: 'start'; add a default to each",
    ),
    (
        "def build(stage):\n    return Workflow(Pass('A'))\n",
        "4: build() is called without arguments: missing a required argument: 'stage'",
    ),
    (
        "import functools\ndef make(stage): ...\n@functools.wraps(make)\ndef build():\n    return Workflow(Pass('A'))\n",
        "6: build() is called without arguments: missing a required argument: 'stage'",
    ),
    (
        "def build():\n    return build()\n",
        "5: RecursionError: this line calls itself endlessly; end the recursion, or write a loop",
    ),
    (
        "def build():\n    a = {}\n    a['a'] = a\n    return Workflow(Pass('A', result=a))\n",
        "7: a value or a rule is nested too deeply; flatten it",
    ),
    ("import sys\nsys.path.clear()\ndef build():\n    return 1\n", "6: build() returns int, not a Workflow"),
    (
        "from stepfunctions.workflow import Workflow as Old\ndef build():\n    return Old('n', Pass('A'), role='r')\n",
        "6: NotImplementedError: boto3.",
    ),
    ("def build():\n    return Workflow(start)\n", "5: NameError: name 'start' is not defined"),
    ("def build():\n    t = Task('T', resorce='r')\n", '5: "T": Task has no resorce; did you mean "resource"?'),
    (
        "def build():\n    start = Pass('A')\n    return Workflow(strat)\n",
        "6: NameError: name 'strat' is not defined; did you mean \"start\"?",
    ),
    (
        "def build():\n    'A'.uper()\n",
        "5: AttributeError: 'str' object has no attribute 'uper'; did you mean \"upper\"?",
    ),
    (
        "from workflow_dsl.authoring import var\ndef build():\n    var('$.a').is_string()\n",
        "6: AttributeError: 'Variable' object has no attribute 'is_string'; it has is_boolean, is_false, is_in, is_null,",
    ),
    ("def build():\n    None.next(1)\n", "5: AttributeError: 'NoneType' object has no attribute 'next'"),
    ("raise AttributeError\n", "4: AttributeError"),
    ("def build():\n    lenn([1])\n", "5: NameError: name 'lenn' is not defined; did you mean \"len\"?"),
    (
        "class Odd:\n    def __dir__(self):\n        raise SystemExit\ndef build():\n    Odd().x\n",
        "8: AttributeError: 'Odd' object has no attribute 'x'",
    ),
    ("import no_such_module\n", "4: ModuleNotFoundError: No module named 'no_such_module'"),
    ("raise SystemExit(3)\n", "4: ends Python instead of returning a Workflow; remove sys.exit()"),
    ("def build():\n    assert False\n", "5: AssertionError"),
    ("def build():\n    import ast\n    ast.literal_eval('1+')\n", "6: SyntaxError: invalid syntax"),
    ("class Odd(BaseException):\n    def __str__(self):\n        raise ValueError\nraise Odd\n", "7: Odd"),
    ("def build():\n    return Workflow(None)\n", "5: Workflow starts with None, which is not a state; pass the first"),
    ("def build():\n    return Workflow([Pass('A')])\n", "5: Workflow starts with [A Pass("),
    (
        "def build():\n    rest = Chain([Pass('B'), Pass('C'), Pass('D')])\n    return Workflow(Pass('A'))\n",
        '5: "B": is never reached: no transition leads to it',
    ),
    (
        "def build():\n    a = Pass('A')\n    a.next(None)\n    return Workflow(a)\n",
        '6: "A": next() is called with None, which is not a state; pass a state or a Chain',
    ),
    (
        "def build():\n    return Workflow(Chain([\n        Pass('A'),\n        Pass('A'),\n    ]))\n",
        '7: "A": duplicate state name, first used in line',
    ),
    (
        "def build():\n    return Workflow(Pass('A').next(Pass('B')).next(Pass('C')))\n",
        '5: "A": is never reached: no transition leads to it; start with it, not with "C": next() returns the state that it links to',
    ),
    (
        "def build():\n    Pass('B')\n    return Workflow(Pass('A'))\n",
        '5: "B": is never reached: no transition leads to it',
    ),
]


@pytest.mark.parametrize(("body", "message"), MISTAKES)
def test_an_authors_mistake_is_one_message_with_file_and_line(write_workflow: Write, body: str, message: str) -> None:
    path = write_workflow("broken", body)
    with pytest.raises(FindingsError) as refused:
        compile_file(path)
    assert str(refused.value).startswith(f"workflows/broken.py{'' if message[0] == ':' else ':'}{message}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.py", "No such file or directory"),
        ("folder.py", "Is a directory"),
        ("cycle.py", "Too many levels of symbolic links"),
    ],
)
def test_a_module_that_cannot_be_read_is_reported(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "cycle.py").symlink_to(tmp_path / "cycle.py")
    with pytest.raises(FindingsError) as refused:
        compile_file(tmp_path / name, root=tmp_path)
    assert str(refused.value) == f"{name}: cannot be read: {reason}"


def test_a_module_outside_the_root_has_its_full_path(write_workflow: Write, tmp_path: Path) -> None:
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


def test_a_module_that_creates_states_at_import_compiles_twice(
    write_workflow: Write,
) -> None:
    path = write_workflow("twice", "a, b = Pass('A'), Pass('B')\ndef build():\n    return Workflow(Chain([a, b]))\n")
    assert compile_file(path).to_text() == compile_file(path).to_text()


SURROUNDINGS: list[dict[str, str]] = [
    {"PYTHONHASHSEED": "1", "AWS_DEFAULT_REGION": "cn-north-1", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "AWS_DEFAULT_REGION": "us-gov-west-1", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "0"},
]


def test_the_output_does_not_depend_on_region_hash_seed_locale_or_folder(root: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from workflow_dsl.compiler.loading import compile_file; "
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


def test_two_folders_can_have_helper_modules_of_one_name(tmp_path: Path) -> None:
    starts = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "_common.py").write_text(f"NAME = {name!r}\n")
        text = "from _common import NAME\nfrom stepfunctions.steps import Pass\nfrom workflow_dsl import Workflow\n"
        (folder / "w.py").write_text(f"{text}def build():\n    return Workflow(Pass(NAME))\n")
        starts.append(compile_file(folder / "w.py").start_at)
    assert starts == ["a", "b"]


def test_a_workflow_can_have_dataclasses_with_postponed_annotations(write_workflow: Write) -> None:
    path = write_workflow("data", "")
    text = "from dataclasses import dataclass\n@dataclass\nclass Names:\n    first: str = 'A'\n"
    path.write_text(
        f"from __future__ import annotations\n{path.read_text()}{text}def build():\n    return Workflow(Pass(Names().first))\n"
    )
    assert compile_file(path).start_at == "A"


def test_a_machine_has_the_place_of_its_workflow(write_workflow: Write) -> None:
    path = write_workflow("m", "x = 1\ndef build():\n    return Workflow(Pass('A'), timeout_seconds=0)\n")
    assert str(compile_file(path).place(("TimeoutSeconds",))) == "workflows/m.py:6"


def test_a_mistake_in_a_helper_is_reported_at_the_helpers_line(write_workflow: Write) -> None:
    write_workflow("_prices", "def limit():\n    return 1 / 0\n")
    path = write_workflow("uses", "from _prices import limit\ndef build():\n    return Workflow(Pass(limit()))\n")
    with pytest.raises(FindingsError) as refused:
        compile_file(path)
    assert str(refused.value) == "workflows/_prices.py:5: ZeroDivisionError: division by zero"


def test_a_helpers_fragment_used_twice_is_reported_at_its_second_use(write_workflow: Write) -> None:
    write_workflow("_steps", "def step():\n    return Pass('A')\n")
    body = "from _steps import step\ndef build():\n    return Workflow(Chain([\n        step(),\n        step(),\n    ]))\n"
    with pytest.raises(FindingsError) as refused:
        compile_file(write_workflow("uses", body))
    assert str(refused.value) == (
        'workflows/uses.py:8: "A": line 5 of _steps.py creates it a second time; '
        'put each use into a prefix: with prefix("First: "):'
    )


def test_a_helpers_name_does_not_make_it_a_library(write_workflow: Write) -> None:
    write_workflow("string_tools", "def first():\n    return Pass('A', comments='c')\n")
    path = write_workflow("uses", "from string_tools import first\ndef build():\n    return Workflow(first())\n")
    with pytest.raises(FindingsError, match=r"string_tools\.py:5: \"A\": Pass has no comments; did you mean"):
        compile_file(path)


def test_packages_below_the_root_are_imported_again(write_workflow: Write, tmp_path: Path) -> None:
    package = tmp_path / "shared_parts"
    package.mkdir()
    path = write_workflow(
        "uses", "from shared_parts.names import NAME\ndef build():\n    return Workflow(Pass(NAME))\n"
    )
    for name in ("A", "Longer"):
        (package / "names.py").write_text(f"NAME = {name!r}\n")
        assert compile_file(path, root=tmp_path).start_at == name


def test_annotations_are_not_postponed_by_the_loader(write_workflow: Write) -> None:
    body = """
    from dataclasses import dataclass

    @dataclass
    class Names:
        first: str = "A"

    def build():
        return Workflow(Pass("A", comment=Names.__annotations__["first"].__name__))
    """
    assert compile_file(write_workflow("typed", body)).document()["States"]["A"]["Comment"] == "str"


def test_a_prefix_left_open_by_a_generator_is_refused_and_ends_with_its_workflow(
    write_workflow: Write,
) -> None:
    body = """
    from workflow_dsl.authoring import prefix

    def part(name):
        with prefix(name):
            yield Pass("a")

    KEPT = [part("L ")]

    def build():
        return Workflow(Chain([{}]))
    """
    left = write_workflow("left", body.format("next(KEPT[0])"))
    both = "*(state for pair in zip(part('L '), part('R ')) for state in pair)"
    mixed = write_workflow("mixed", body.format(both))
    for path, message in ((left, "prefix('L ') is still open at the end"), (mixed, "prefix('")):
        with pytest.raises(FindingsError, match=re.escape(message)):
            compile_file(path)
    clean = write_workflow("clean", "def build():\n    return Workflow(Pass('Clean'))\n")
    assert compile_file(clean).start_at == "Clean"


def test_modules_of_this_package_stay_imported(root: Path, tmp_path: Path) -> None:
    (tmp_path / "w.py").write_text(
        "from workflow_dsl.authoring import *\n"
        "def build():\n    import workflow_dsl.views.reports\n    return Workflow(Pass('A'))\n"
    )
    code = (
        "import sys; from pathlib import Path; from workflow_dsl.compiler.loading import compile_file; "
        "assert 'workflow_dsl.views.reports' not in sys.modules; "
        "compile_file(Path(sys.argv[1]), root=Path(sys.argv[2])); assert 'workflow_dsl.views.reports' in sys.modules"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "w.py"), str(root)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
