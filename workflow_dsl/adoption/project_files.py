"""The files beside a project's workflows that adoption writes: settings, and a step of CI."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from workflow_dsl.adoption.plan import Step, step
from workflow_dsl.definition.files import existing_text
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.project import Project, parse_toml

INSTALL_SDK = "workflow-dsl install-sdk"
_GITHUB = Path(".github/workflows/workflow-dsl.yml")
_OTHER_CI = (
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "buildspec.yml",
    "buildspec.yaml",
    "Jenkinsfile",
    ".travis.yml",
)


def new_project_text(name: str) -> str:
    """Return the text of a file of a new project, with its placeholders."""
    return files("workflow_dsl.adoption").joinpath("new_project", f"{name}.txt").read_text("utf-8")


def requirements() -> list[str]:
    """The requirements of a project's tests: pytest, and this version of the package."""
    address = f"git+https://github.com/workflow-dsl/workflow-dsl@v{version('workflow-dsl')}"
    return ["pytest", f"workflow-dsl[local] @ {address}"]


def install_commands() -> list[str]:
    """The commands that install them, and the SDK that workflows are written with."""
    words = [f'"{requirement}"' if " " in requirement else requirement for requirement in requirements()]
    return [f"pip install {' '.join(words)}", INSTALL_SDK]


def settings_step(project: Project) -> Step:
    """Return the step that adds the settings to pyproject.toml; what is there stays byte by byte.

    Raises FindingsError for a file to which no table can be added.
    """
    path = project.root / "pyproject.toml"
    purpose = "the settings of workflow-dsl"
    before = existing_text(path)
    if before is None:
        return Step(path, purpose, _section(project, "\n"))
    line_end = "\r\n" if "\r\n" in before else "\n"
    if _has_section(before, path):
        return Step(path, "already has the settings", None, before)
    gap = "" if not before or before.endswith(line_end * 2) else line_end
    end = "" if not before or before.endswith("\n") else line_end
    text = f"{before}{end}{gap}{_section(project, line_end)}"
    if not _is_toml(text):
        where = Where(place=Place(project.display_path(path)))
        remedy = "add [tool.workflow-dsl] to it yourself"
        raise FindingsError([Finding("CONFIGURATION", "error", where, "cannot be extended with another table", remedy)])
    return Step(path, purpose, text, before)


def has_settings(root: Path) -> bool:
    """True if the pyproject.toml of a folder has our settings. Raises FindingsError for one that is not TOML."""
    path = root / "pyproject.toml"
    text = existing_text(path)
    return text is not None and _has_section(text, path)


def _has_section(text: str, path: Path) -> bool:
    try:
        tool = parse_toml(text.removeprefix("\ufeff")).get("tool", {})
    except (ValueError, RecursionError) as problem:
        where = Where(place=Place(str(path)))
        raise FindingsError(
            [Finding("CONFIGURATION", "error", where, f"is not TOML: {problem}", "fix the TOML there")]
        ) from None
    return isinstance(tool, dict) and "workflow-dsl" in tool


def _is_toml(text: str) -> bool:
    try:
        parse_toml(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def _section(project: Project, line_end: str) -> str:
    settings = {"workflows": project.workflows, "generated": project.generated, "template": project.template}
    lines = ["[tool.workflow-dsl]", *(f'{name} = "{path.as_posix()}"' for name, path in settings.items())]
    return "".join(f"{line}{line_end}" for line in lines)


def ci_step(root: Path, tests: str) -> tuple[Step | None, list[str]]:
    """Return the step that writes a workflow for GitHub, or advice for a project with another CI.

    `tests` are the arguments of pytest.
    """
    path = root / _GITHUB
    if path.exists():
        return Step(path, "already exists; unchanged"), []
    other = next((name for name in _OTHER_CI if (root / name).exists()), None)
    if other and not (root / ".github").is_dir():
        lines = [*install_commands(), "workflow-dsl generate --check", f"pytest {tests}"]
        return None, [f"add to {other}: {'; '.join(lines)}"]
    return step(path, "checks workflows and template in each pull request", github_workflow(tests)), []


def github_workflow(tests: str) -> str:
    """Return the text of a workflow for GitHub Actions that checks a project."""
    installs = "\n".join(f"      - run: {line}" for line in install_commands())
    return f"""\
name: workflow-dsl
on: [push, pull_request]
permissions: {{contents: read}}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.13"}}
{installs}
      - run: workflow-dsl generate --check
      - run: {f"pytest {tests}".strip()}
"""
