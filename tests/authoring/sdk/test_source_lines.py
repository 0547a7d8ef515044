"""The author's line of each block, and the states of a recording."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from workflow_dsl.authoring import jsonata, sdk
from workflow_dsl.findings import FindingsError, Place


def test_a_block_has_the_line_that_creates_it() -> None:
    from stepfunctions.steps import Retry, Task

    task = Task("T", resource="r", retry=Retry(error_equals=["States.ALL"]))
    here = Path(__file__)
    line = (
        here.read_text()
        .splitlines()
        .index('    task = Task("T", resource="r", retry=Retry(error_equals=["States.ALL"]))')
        + 1
    )
    assert sdk.place_of(task) == sdk.place_of(task.retries[0]) == Place(str(here), line)


def test_the_first_workflow_of_a_process_has_its_line_too(tmp_path: Path) -> None:
    """The methods of a record are compiled at their first call, between the author's line and the guards."""
    module = tmp_path / "first.py"
    module.write_text(
        "from stepfunctions.steps import Pass\nfrom workflow_dsl.authoring import Workflow\n\n\n"
        'def build() -> Workflow:\n    return Workflow(Pass("Only"))\n'
    )
    code = (
        "from pathlib import Path; from workflow_dsl.compiler.loading import compile_file;"
        f"print(compile_file(Path({str(module)!r}), root=Path({str(tmp_path)!r})).places[()])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == "first.py:6\n"


def test_another_object_has_no_place() -> None:
    assert sdk.place_of(object()) is None


def test_a_recording_has_only_the_states_created_in_it() -> None:
    from stepfunctions.steps import Pass, Retry

    Pass("Before")
    with sdk.recording() as created:
        inside = Pass("Inside")
        Retry(error_equals=["States.ALL"])
    Pass("After")
    assert created == [inside]


def test_mistakes_in_an_installed_library_of_fragments_have_its_line(tmp_path: Path) -> None:
    from stepfunctions.inputs import ExecutionInput

    code = 'def price(level):\n    return "cheap" if level == "low" else "dear"\n'
    module = types.ModuleType("acme_steps")
    exec(compile(code, str(tmp_path / "site-packages" / "acme_steps.py"), "exec"), module.__dict__)  # noqa: S102
    for level in (jsonata("$states.input.level"), ExecutionInput(schema={"level": str})["level"]):
        with pytest.raises(FindingsError) as refused:
            module.price(level)
        assert str(refused.value.findings[0].where.place).endswith("acme_steps.py:2")


SITES = [
    ("x = site()", (1, 5, 6)),
    ("if True:\n    x = ['äöü', site()]", (2, 17, 6)),
    ("x = [1, site(\n  1,\n)]", (1, 9, 5)),
]


@pytest.mark.parametrize(("source", "expected"), SITES)
def test_a_call_site_has_the_columns_of_its_expression(
    source: str, expected: tuple[int, int, int], tmp_path: Path
) -> None:
    file = tmp_path / "steps.py"
    file.write_text(source, "utf-8")
    sites: list[sdk.CallSite | None] = []
    names = {"site": lambda *_: sites.append(authors_call()), "__name__": "steps"}
    exec(compile(source, str(file), "exec"), names)  # noqa: S102
    [site] = sites
    assert site is not None
    line, column, length = expected
    assert site.place == Place(str(file), line, column, length)


def authors_call() -> sdk.CallSite | None:
    """The call site as a function of this package finds it: this module's frames are not the author's."""
    own, globals()["__name__"] = globals()["__name__"], "workflow_dsl.authoring.example"
    try:
        return sdk.call_site()
    finally:
        globals()["__name__"] = own


def test_a_call_site_without_columns_has_its_line() -> None:
    code = compile("x = 1", "steps.py", "exec").replace(co_linetable=b"")
    assert sdk.CallSite(code, 7, 0).place == Place("steps.py", 7)
