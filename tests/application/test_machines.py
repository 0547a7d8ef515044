"""deployment.py: a template's state machines with their definitions, as they stand and as they are deployed."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.application.machines import deployments, is_spelled_otherwise, nearest, project_stack
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import Project

TASK = {"Type": "Task", "Resource": "${Arn}", "Comment": "for ${Owner}", "End": True}
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:F"
TEMPLATE = """
    Parameters: {Owner: {Type: String}}
    Resources:
      F: {Type: AWS::Serverless::Function}
      ByFile:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: generated/m.asl.json
          DefinitionSubstitutions: {Arn: !GetAtt F.Arn, Owner: !Ref Owner}
      Inline:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition:
            StartAt: A
            States: {A: {Type: Task, Resource: !GetAtt F.Arn, Comment: !Ref Owner, End: true}}
      AsText:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          DefinitionString: !Sub '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${F.Arn}", "Comment": "${Owner}", "End": true}}}'
      Far:
        Type: AWS::StepFunctions::StateMachine
        Properties: {DefinitionS3Location: {Bucket: b, Key: k}}
      Gone:
        Type: AWS::Serverless::StateMachine
        Properties: {DefinitionUri: generated/M.asl.json}
"""


def project(folder: Path) -> Project:
    (folder / "generated").mkdir()
    (folder / "generated" / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": TASK}}))
    (folder / "template.yaml").write_text(dedent(TEMPLATE))
    return Project(folder)


def task(machine: Machine) -> tuple[object, object]:
    fields = machine.states["A"].fields
    return fields["Resource"], fields["Comment"]


def test_every_form_of_definition_is_read_and_filled(tmp_path: Path) -> None:
    stack = project_stack(project(tmp_path))
    assert stack
    by_file, inline, as_text, far, gone = stack.machines
    assert [task(each.written) for each in (by_file, inline, as_text)] == [
        ("${Arn}", "for ${Owner}"),
        (FUNCTION, "${Owner}"),
        (FUNCTION, "${Stack.Owner}"),
    ]
    assert [task(each.known) for each in (by_file, inline, as_text)] == [
        (FUNCTION, "for ${Owner}"),
        (FUNCTION, "${Owner}"),
        (FUNCTION, "${Stack.Owner}"),
    ]
    assert [task(each.local) for each in (by_file, inline, as_text)] == [
        (FUNCTION, "for Owner"),
        (FUNCTION, "Owner"),
        (FUNCTION, "Owner"),
    ]
    assert [each.has_definition for each in stack.machines] == [True, True, True, False, False]
    assert [dict(each.local.states) for each in (far, gone)] == [{}, {}]


def test_a_definition_that_is_not_there_is_a_problem_at_its_line(tmp_path: Path) -> None:
    stack = project_stack(project(tmp_path))
    assert stack
    assert [str(problem) for each in stack.machines for problem in each.problems] == [
        'template.yaml:25:33: Gone: there is no file generated/M.asl.json; did you mean "generated/m.asl.json"?'
    ]


def test_what_was_compiled_takes_the_place_of_what_is_in_the_file(tmp_path: Path) -> None:
    stack = project_stack(project(tmp_path), {"m": Machine({"StartAt": "New", "States": {"New": {"Type": "Succeed"}}})})
    assert stack
    deployed = stack.deploying("m")
    assert deployed
    assert list(deployed.local.states) == ["New"]
    assert (stack.deploying("other"), deployed.workflow, stack.machines[1].workflow) == (None, "m", "")


def test_a_project_without_a_template_has_no_stack(tmp_path: Path) -> None:
    assert project_stack(Project(tmp_path)) is None


def test_a_template_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: [")
    with pytest.raises(FindingsError, match=r"template\.yaml:2:1: cannot be read"):
        project_stack(Project(tmp_path))


def test_a_text_that_is_no_definition_is_a_problem_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "Resources:\n  M: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionString: '{'}}\n"
    )
    [machine] = deployments(read_template(tmp_path / "t.yaml", "t.yaml"), lambda file: read_source(file.read_bytes()))
    assert [(problem.code, str(problem.where.place)) for problem in machine.problems] == [
        ("INVALID_JSON_DESCRIPTION", "t.yaml:2:78")
    ]


def test_a_property_that_is_not_there_is_shown_where_its_resource_begins(tmp_path: Path) -> None:
    stack = project_stack(project(tmp_path))
    assert stack
    places = [stack.machines[0].place("Properties", name) for name in ("DefinitionUri", "Policies")]
    assert [place.line for place in places] == [8, 7]


def test_the_nearest_file_is_one_in_other_letters_or_with_a_name_like_it(tmp_path: Path) -> None:
    (tmp_path / "Generated").mkdir()
    (tmp_path / "Generated" / "trader.asl.json").touch()
    names = ("Generated/tradr.asl.json", "generated/trader.asl.json", "Generated/none", "none/none/none")
    assert [nearest(tmp_path / name, tmp_path) for name in names] == [
        'did you mean "Generated/trader.asl.json"?',
        'did you mean "Generated/trader.asl.json"?',
        "",
        "",
    ]


LISTED = {"t": ["Generated", "a.json"], "t/Generated": ["Trader.asl.json"], "t/generated": ["Trader.asl.json"]}


@pytest.mark.parametrize(
    ("path", "otherwise"),
    [
        ("t/Generated/Trader.asl.json", False),
        ("t/Generated/trader.asl.json", True),
        ("t/generated/Trader.asl.json", True),
        ("t/a.json", False),
        ("t/none.json", False),
        ("elsewhere/A.json", False),
    ],
)
def test_letters_count_where_the_computer_does_not_mind_them(path: str, otherwise: bool) -> None:
    assert is_spelled_otherwise(Path(path), Path("t"), lambda folder: LISTED.get(folder.as_posix(), [])) == otherwise
