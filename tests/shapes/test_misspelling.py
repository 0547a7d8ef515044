"""Every field that annotated projects and the sample workflows read is misspelt in turn, and found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shapes.annotated_projects import PROJECTS
from tests.shapes.misspelling import OF_VALUES, Misspelling, is_found, misspellings, misspelt_code
from workflow_dsl.application.application import read_application
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.definition.machine import Machine
from workflow_dsl.project import find_project
from workflow_dsl.validation import check


@pytest.mark.parametrize("name", PROJECTS)
def test_an_annotated_project_has_no_finding_and_each_misspelling_of_a_field_is_found(
    name: str, tmp_path: Path
) -> None:
    project = PROJECTS[name]
    declared = project.declared(tmp_path)
    findings = check(Machine(project.document()), declared=declared)
    assert [str(finding) for finding in findings if finding.code in OF_VALUES or finding.severity == "error"] == []
    every = list(misspellings(project.document()))
    assert len(every) >= 4
    missed = [(each.keys, each.text, each.name) for each in every if not is_found(each, declared)]
    assert missed == []


def test_each_misspelling_in_the_code_of_handlers_is_found(tmp_path: Path) -> None:
    project = PROJECTS["what handlers read and return"]
    every = [(state, *each) for state in project.handlers for each in misspelt_code(project.source(state))]
    assert len(every) >= 20
    missed = []
    for state, name, code in every:
        handlers = {**project.handlers, state: code}
        declared = project._replace(handlers=handlers).declared(tmp_path)
        if not any(finding.code in OF_VALUES for finding in check(Machine(project.document()), declared=declared)):
            missed.append((state, name))
    assert missed == []


def test_nearly_all_misspellings_in_the_sample_workflows_are_found(root: Path) -> None:
    """The input of an execution of the market import is an event of S3 that is not declared, as is the trader's."""
    application = read_application(find_project(root))
    declarations = Declarations(application)
    found: list[Misspelling] = []
    missed: list[Misspelling] = []
    for machine in application.machines:
        declared = declarations.of(machine)
        for each in misspellings(machine.definition.document()):
            (found if is_found(each, declared, machine.substitutions) else missed).append(each)
    undeclared = [each for each in missed if "object.key" in each.text]
    rest = [(each.text, each.name) for each in missed if each not in undeclared]
    assert len(found) >= 0.95 * (len(found) + len(rest)), rest
