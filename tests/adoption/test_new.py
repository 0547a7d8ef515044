"""A new project: its two commands work at once, and nothing in its folder is overwritten."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from workflow_dsl.adoption.new import plan_new_project
from workflow_dsl.adoption.plan import carry_out
from workflow_dsl.adoption.project_files import INSTALL_SDK
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError
from workflow_dsl.generation.build import generate
from workflow_dsl.project import find_project

PROJECT = [
    ".github/workflows/ci.yml",
    ".gitignore",
    "README.md",
    "functions/order_checker/app.py",
    "generated/order_intake.asl.json",
    "generated/order_intake.mmd",
    "generated/order_intake.svg",
    "pyproject.toml",
    "requirements/test.txt",
    "samconfig.toml",
    "template.yaml",
    "tests/test_order_intake.py",
    "tox.ini",
    "workflows/order_intake.py",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "my shop"
    carry_out(plan_new_project(root))
    return root


def test_a_new_project_has_the_layout_of_this_repository(root: Path) -> None:
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()) == PROJECT
    assert (root / "README.md").read_text("utf-8").startswith("# my-shop\n")
    assert 'stack_name = "my-shop"\n' in (root / "samconfig.toml").read_text("utf-8")


def test_its_definitions_are_current_and_agree_with_its_template(root: Path) -> None:
    project = find_project(root)
    generated = generate(project, project.workflow_files(), lambda path: compile_file(path, root=root), frozenset())
    assert (generated.out_of_date(), generated.orphans(), generated.disagreements) == ([], [], [])


def test_its_tests_pass(root: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    pytester.runpytest_inprocess("--rootdir", root, "-p", "no:cacheprovider", root).assert_outcomes(passed=2)


def test_its_two_commands_are_environments_of_tox(root: Path) -> None:
    tox = configparser.ConfigParser()
    tox.read(root / "tox.ini")
    assert tox["testenv:generate"]["commands"] == "workflow-dsl generate {posargs}"
    assert tox["testenv"]["commands"].split("\n") == ["", "workflow-dsl generate --check", "pytest {posargs}"]
    assert (tox["testenv"]["deps"], tox["testenv"]["commands_pre"]) == ("-r requirements/test.txt", INSTALL_SDK)


def test_a_second_run_changes_nothing(root: Path) -> None:
    assert plan_new_project(root).to_write == []


def test_a_file_that_differs_is_never_overwritten(root: Path) -> None:
    (root / "tox.ini").write_text("[tox]\n", "utf-8")
    with pytest.raises(FindingsError) as problem:
        plan_new_project(root)
    assert [finding.message for finding in problem.value.findings] == ["tox.ini would be overwritten"]


def test_nothing_is_written_through_a_link_that_leads_outside(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "shop"
    outside.mkdir()
    root.mkdir()
    (root / "workflows").symlink_to(outside)
    with pytest.raises(OSError, match=r"leads outside of .* by a link") as problem:
        carry_out(plan_new_project(root))
    assert problem.value.filename == "workflows/order_intake.py"
    assert not isinstance(problem.value, PermissionError)  # whose remedy is another
    assert [*outside.iterdir()] == []
    assert [path.name for path in root.iterdir()] == ["workflows"]


def test_a_link_to_another_place_in_the_project_stays_one(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / "src").mkdir(parents=True)
    (root / "workflows").symlink_to("src")
    carry_out(plan_new_project(root))
    assert (root / "src" / "order_intake.py").is_file()
    assert (root / "workflows").is_symlink()
