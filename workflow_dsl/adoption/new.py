"""The plan of a new project with this repository's layout: a function, a workflow that calls it, and its tests."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from shlex import quote

from workflow_dsl.adoption.plan import Plan, Step, step
from workflow_dsl.adoption.project_files import INSTALL_SDK, github_workflow, new_project_text, requirements
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import Finding, FindingsError, Where, short_list
from workflow_dsl.generation.build import generate
from workflow_dsl.project import Project
from workflow_dsl.records import replace

# The files of a project: the text of each in the folder new_project, and what it is for.
_FILES: Mapping[str, tuple[str, str]] = {
    "README.md": ("readme", "the commands"),
    "template.yaml": ("template", "deploys the function and the state machine"),
    "samconfig.toml": ("samconfig", "the settings of sam"),
    "functions/order_checker/app.py": ("function", "a Lambda function"),
    "workflows/order_intake.py": ("workflow", "a workflow that calls it"),
    "tests/test_order_intake.py": ("test", "its scenarios"),
    "pyproject.toml": ("pyproject", "the settings of workflow-dsl"),
    "tox.ini": ("tox", "`tox -e generate` and `tox`"),
    ".gitignore": ("gitignore", "what Git leaves out"),
}


def plan_new_project(root: Path) -> Plan:
    """Return the plan of a project in a folder, which need not exist.

    Raises FindingsError if a file of another text is in the way, OSError for one that cannot be read.
    """
    root = root.absolute()
    steps = [*_steps(root), *_generated(root)]
    in_the_way = [planned.path.relative_to(root).as_posix() for planned in steps if planned.action == "change"]
    if in_the_way:
        message = f"{short_list(in_the_way)} would be overwritten"
        into = f"workflow-dsl init --into {quote(os.path.relpath(root))}"
        remedy = f"name a new folder, or add workflows to this project with `{into}`"
        raise FindingsError([Finding("CONFIGURATION", "error", Where(), message, remedy)])
    plan = Plan(root, tuple(steps), {"OrderIntakeStateMachine": "order_intake"})
    return replace(plan, advice=(_next_command(root),)) if plan.to_write else plan


def _next_command(root: Path) -> str:
    folder = os.path.relpath(root)
    change = "" if folder == "." else f"cd {quote(folder)} && "
    run = """workflow-dsl run order_intake --input '{"items": [{"price": 50, "count": 2}]}'"""
    return f"next: {change}{run}"


def _steps(root: Path) -> list[Step]:
    of_code = {
        "requirements/test.txt": ("".join(f"{line}\n" for line in requirements()), "needed by tox"),
        ".github/workflows/ci.yml": (github_workflow(""), "checks each pull request"),
    }
    texts = {name: (_file_text(file, root), purpose) for name, (file, purpose) in _FILES.items()}
    return [step(root / name, purpose, text) for name, (text, purpose) in {**texts, **of_code}.items()]


def _file_text(file: str, root: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "-", root.name).strip("-") or "workflows"
    return new_project_text(file).replace("{{name}}", name).replace("{{install_sdk}}", INSTALL_SDK)


def _generated(root: Path) -> list[Step]:
    """The steps of what `generate` writes there, so that it is current from the beginning."""
    with tempfile.TemporaryDirectory(prefix="workflow-dsl-") as folder:
        project = Project(Path(folder).resolve())
        for planned in _steps(project.root):
            planned.path.parent.mkdir(parents=True, exist_ok=True)
            planned.path.write_text(planned.text or "", "utf-8")
        compile_workflow = partial(compile_file, root=project.root)
        generated = generate(project, project.workflow_files(), compile_workflow, frozenset())
        return [
            step(root / file.path.relative_to(project.root), "generated from the workflow", file.text)
            for of_one in generated.files.values()
            for file in of_one
        ]
