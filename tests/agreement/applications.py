"""The correct applications of `published/`, and what `validate` finds in them after an edit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from tests.support import replace_in
from workflow_dsl.cli import main

APPLICATIONS = Path(__file__).parent / "published"


def validate(template: Path) -> list[str]:
    """The severity and the code of each finding of a template."""
    result = CliRunner().invoke(main, ["validate", str(template), "--format", "json"])
    return [f"{finding['severity']} {finding['code']}" for finding in json.loads(result.stdout)]


def validate_edited(
    folder: Path, name: str, file: str, old: str, new: str, template: str = "template.yaml"
) -> list[str]:
    """The same of an application, copied into a folder, with one edit of a file."""
    shutil.copytree(APPLICATIONS / name, folder, dirs_exist_ok=True)
    replace_in(folder / file, old, new, 1)
    return validate(folder / template)


def codes_of(findings: list[str]) -> list[str]:
    """The codes of findings, in their order."""
    return [finding.partition(" ")[2] for finding in findings]
