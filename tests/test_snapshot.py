"""The snapshot: what is generated and committed is what the workflows make, and the template agrees with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.generation.build import Generation, generation
from workflow_dsl.generation.files import orphans, outdated
from workflow_dsl.project import find_project

ROOT = Path(__file__).parent.parent
PROJECT = find_project(ROOT)


@pytest.fixture(scope="module")
def made() -> Generation:
    def compiled(path: Path) -> Machine:
        return compile_file(path, root=ROOT)

    return generation(PROJECT, PROJECT.workflow_files(), compiled)


def test_no_workflow_has_an_error(made: Generation) -> None:
    found = [str(finding) for build in made.builds for finding in build.findings if finding.severity == "error"]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", [path.stem for path in PROJECT.workflow_files()])
def test_the_generated_files_say_what_the_workflow_says(made: Generation, name: str) -> None:
    found = list(made.drift(name))
    assert not found, "\n" + "\n".join(map(str, found))


def test_the_page_of_state_machines_is_current(made: Generation) -> None:
    page = made.page  # there is none while the template disagrees, which the last test says
    assert page is None or page.is_current, str(page and outdated(PROJECT, page))


def test_every_generated_file_has_its_workflow() -> None:
    assert [str(finding) for finding in orphans(PROJECT)] == []


def test_the_template_the_workflows_and_the_functions_agree(made: Generation) -> None:
    wrong = [str(finding) for finding in made.disagreements if finding.severity == "error"]
    assert not wrong, "\n" + "\n".join(wrong)
