"""The committed files in generated/ are current, and the template agrees with the workflows."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.generation.build import Generated, generate
from workflow_dsl.generation.files import not_current, orphans
from workflow_dsl.project import find_project

ROOT = Path(__file__).parent.parent
PROJECT = find_project(ROOT)


@pytest.fixture(scope="module")
def generated() -> Generated:
    def compiled(path: Path) -> Machine:
        return compile_file(path, root=ROOT)

    return generate(PROJECT, PROJECT.workflow_files(), compiled)


def test_no_workflow_has_an_error(generated: Generated) -> None:
    errors = [
        str(finding) for build in generated.workflows for finding in build.findings if finding.severity == "error"
    ]
    assert not errors, "\n" + "\n".join(errors)


@pytest.mark.parametrize("name", [path.stem for path in PROJECT.workflow_files()])
def test_the_generated_files_are_current(generated: Generated, name: str) -> None:
    findings = list(generated.drift(name))
    assert not findings, "\n" + "\n".join(map(str, findings))


def test_the_overview_page_is_current(generated: Generated) -> None:
    page = generated.page  # None if the template disagrees with the workflows, which the last test reports
    assert page is None or page.is_current, str(page and not_current(PROJECT, page))


def test_every_generated_file_has_a_workflow() -> None:
    assert [str(finding) for finding in orphans(PROJECT)] == []


def test_the_template_the_workflows_and_the_functions_agree(generated: Generated) -> None:
    errors = [str(finding) for finding in generated.disagreements if finding.severity == "error"]
    assert not errors, "\n" + "\n".join(errors)
