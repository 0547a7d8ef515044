"""docs/settings.md: it has every setting with its default, every public name, and every option of a run."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import workflow_dsl
from workflow_dsl import authoring, local, server, validation
from workflow_dsl.local import Run, RunOptions, RunWorkflow, StateTestOptions, run
from workflow_dsl.project import Project
from workflow_dsl.records import field_names

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "settings.md").read_text("utf-8")


def section(heading: str) -> str:
    """The text between a heading and the next one."""
    return re.split(r"^#+ ", PAGE.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(heading: str) -> dict[str, str]:
    """The second cell of each row of a section's table, by its first."""
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section(heading), re.MULTILINE))


def test_the_table_of_settings_has_each_setting_with_its_default() -> None:
    defaults = {name: getattr(Project(Path()), name) for name in field_names(Project) if name != "root"}
    shown = rows("Settings in pyproject.toml")
    assert shown.keys() == defaults.keys()
    assert shown.pop("overview") == "no page"
    assert shown.pop("ignore") == "`[]`"
    for name, cell in shown.items():
        assert cell.startswith(f"`{defaults[name]}`")


@pytest.mark.parametrize(
    "module", [workflow_dsl, authoring, local, server, validation], ids=lambda module: module.__name__
)
def test_each_public_name_is_in_the_section_of_its_module(module: ModuleType) -> None:
    text = section(module.__name__)
    assert [name for name in module.__all__ if not re.search(rf"`{name}\b", text)] == []


def test_the_tables_of_modules_have_no_other_names() -> None:
    for module in (authoring, local, server):
        cells = re.findall(r"^\| (`.*?) \|", section(module.__name__), re.MULTILINE)
        names = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
        assert names - {*module.__all__} == set()


def test_the_table_of_options_has_each_option_of_a_test_of_one_state() -> None:
    shown = rows("Options of a test of one state").keys()
    assert shown == StateTestOptions.__annotations__.keys() - {"start_time", "seed"}


def test_the_table_of_options_has_each_option_of_run() -> None:
    parameters = [*inspect.signature(run).parameters.values()]
    options = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
    shown = rows("Options of a run")
    assert shown.keys() == options
    assert (shown["type"], shown["seed"]) == ('`"STANDARD"`', "0")


def test_the_options_of_the_fixture_are_those_of_run_but_for_four() -> None:
    of_run = {*inspect.signature(run).parameters} - {"definition", "input"}
    of_fixture = {*inspect.signature(RunWorkflow.__call__).parameters} - {"self", "workflow", "input", "options"}
    of_fixture |= {*RunOptions.__annotations__}
    assert (of_run - of_fixture, of_fixture - of_run) == ({"substitutions", "machine_name"}, {"objects", "tables"})


def test_the_page_on_testing_has_each_attribute_of_a_run() -> None:
    table = (DOCS / "testing.md").read_text("utf-8").partition("returns the finished execution:")[2]
    table = table.partition("\n\n### ")[0]
    attributes = {name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split(" | ")[0])}
    internal = {"covered", "machine", "_execution"}
    assert attributes == {*field_names(Run)} - internal | {"history"}
