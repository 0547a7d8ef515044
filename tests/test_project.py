"""Project configuration: settings in pyproject.toml, and their defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.project import Project, find_project, missing_template


def test_workflows_is_the_default_folder_of_workflows(tmp_path: Path) -> None:
    assert find_project(tmp_path).workflows == Path("workflows")


def test_this_repository_configures_its_own_folder_of_workflows(root: Path) -> None:
    workflows = Path("workflow_dsl/workflows")
    assert find_project(root / workflows) == Project(root, workflows, overview=Path("docs/state-machines.md"))


def test_settings_apply_in_all_folders_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.workflow-dsl]\nworkflows = "flows"\ntemplate = "sam/template.yaml"\n'
    )
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "pyproject.toml").write_text("[project]\n")
    expected = Project(tmp_path, workflows=Path("flows"), template=Path("sam/template.yaml"))
    assert find_project(tmp_path / "flows") == expected


@pytest.mark.parametrize("name", ["template.yml", "template.json"])
def test_the_template_is_found_by_the_names_that_sam_uses(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert find_project(tmp_path) == Project(tmp_path, template=Path(name))
    (tmp_path / "template.yaml").touch()
    assert find_project(tmp_path) == Project(tmp_path)


def test_a_folder_without_settings_is_a_project_itself(tmp_path: Path) -> None:
    assert find_project(tmp_path) == Project(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.workflow-dsl]\nworkflow = "w"\n', "has no setting 'workflow'; did you mean \"workflows\"?"),
        ('[tool.workflow-dsl]\nzzz = "w"\n', "has no setting 'zzz'; the settings are workflows, generated, template"),
        ("[tool.workflow-dsl]\ngenerated = 3\n", "generated is 3; write a path as a string"),
        ("[tool", "is not TOML: "),
        (f"a = {'1' * 5000}\n", "is not TOML: "),
        ('[tool.workflow-dsl]\noverview = "template.yaml"\n', "generate would replace this file by it"),
        ('[tool.workflow-dsl]\noverview = "workflows/trade.PY"\n', "name a page of Markdown"),
        ("[[tool.workflow-dsl]]\n", "tool.workflow-dsl is not a table; write [tool.workflow-dsl]"),
        ('[tool.workflow-dsl]\ngenerated = "a\\u0000b"\n', "write a path as a string"),
    ],
)
def test_a_wrong_setting_is_an_error_in_its_file(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(FindingsError) as error:
        find_project(tmp_path)
    assert str(error.value).startswith(f"{tmp_path / 'pyproject.toml'}: ")
    assert message in str(error.value)


def test_workflow_files_are_the_modules_without_a_leading_underscore(project: Project) -> None:
    folder = project.root / project.workflows
    for name in ("b.py", "a.py", "_shared.py", "__init__.py", "notes.md", "._a.py"):
        (folder / name).touch()
    (folder / ".#a.py").symlink_to("someone@somewhere")
    (folder / "folder.py").mkdir()
    assert [path.name for path in project.workflow_files()] == ["a.py", "b.py"]


def test_a_path_outside_the_project_is_displayed_in_full(project: Project, tmp_path: Path) -> None:
    assert project.display_path(tmp_path / "x" / "y") == "x/y"
    assert project.display_path(tmp_path / "x" / ".." / "y") == "y"
    assert project.display_path(tmp_path.parent / "z") == str(tmp_path.parent / "z")


def test_a_settings_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(FindingsError, match="is not TOML"):
        find_project(tmp_path)


def test_a_tool_setting_that_is_not_a_table_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 3\n")
    assert find_project(tmp_path) == Project(tmp_path)


def test_a_settings_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(FindingsError, match=r"pyproject\.toml: cannot be read: Is a directory"):
        find_project(tmp_path)


MISSING_TEMPLATES = [
    ("template.yaml", []),  # the default: a project needs no template
    ("sam.yaml", []),
    ("sam.yml", ['did you mean "sam.yaml"?']),
    ("cdk.out/Stack.template.json", ["write it, or correct the setting"]),
]


@pytest.mark.parametrize(("name", "remedies"), MISSING_TEMPLATES)
def test_a_template_that_the_settings_name_and_that_does_not_exist_is_a_warning(
    tmp_path: Path, name: str, remedies: list[str]
) -> None:
    (tmp_path / "sam.yaml").touch()
    findings = missing_template(Project(tmp_path, template=Path(name)))
    assert [finding.remedy for finding in findings] == remedies
    assert {(finding.severity, finding.message) for finding in findings} <= {
        ("warning", f"[tool.workflow-dsl] template is {name!r}, which does not exist")
    }
