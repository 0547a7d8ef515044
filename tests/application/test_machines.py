"""A template's state machines with their definitions, as written and with their substitutions filled in."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.application.definition_files import is_misspelled, nearest
from workflow_dsl.application.machines import template_machines
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


def resource_and_comment(machine: Machine) -> tuple[object, object]:
    fields = machine.states["A"].fields
    return fields["Resource"], fields["Comment"]


def test_every_form_of_definition_is_read_and_filled_in(tmp_path: Path) -> None:
    application = read_application(project(tmp_path))
    by_file, inline, as_text, far, gone = application.machines
    assert [resource_and_comment(machine.definition) for machine in (by_file, inline, as_text)] == [
        ("${Arn}", "for ${Owner}"),
        (FUNCTION, "${Owner}"),
        (FUNCTION, "${Stack.Owner}"),
    ]
    assert [resource_and_comment(machine.with_known_values) for machine in (by_file, inline, as_text)] == [
        (FUNCTION, "for ${Owner}"),
        (FUNCTION, "${Owner}"),
        (FUNCTION, "${Stack.Owner}"),
    ]
    assert [resource_and_comment(machine.with_local_values) for machine in (by_file, inline, as_text)] == [
        (FUNCTION, "for Owner"),
        (FUNCTION, "Owner"),
        (FUNCTION, "Owner"),
    ]
    assert [machine.has_definition for machine in application.machines] == [True, True, True, False, False]
    assert [dict(machine.with_local_values.states) for machine in (far, gone)] == [{}, {}]


CALLED = [
    ("WorkerArn", "arn:aws:lambda:us-east-1:111111111111:function:WorkerArn"),
    ("ApprovalActivity", "arn:aws:states:us-east-1:111111111111:activity:ApprovalActivity"),
]


@pytest.mark.parametrize(("name", "arn"), CALLED)
def test_what_a_task_calls_by_a_parameter_is_an_arn_on_this_computer(tmp_path: Path, name: str, arn: str) -> None:
    text = dedent(TEMPLATE).replace("{Owner: {", f"{{{name}: {{Type: String}}, Owner: {{")
    the_project = project(tmp_path)
    (tmp_path / "template.yaml").write_text(text.replace("{Arn: !GetAtt F.Arn,", f"{{Arn: !Ref {name},"))
    machine = read_application(the_project).machines[0]
    assert resource_and_comment(machine.with_local_values) == (arn, "for Owner")
    assert resource_and_comment(machine.with_known_values) == ("${Arn}", "for ${Owner}")


@pytest.mark.parametrize(("name", "arn"), CALLED)
def test_what_a_task_of_an_inline_definition_calls_by_a_parameter_is_an_arn_too(
    tmp_path: Path, name: str, arn: str
) -> None:
    text = dedent(TEMPLATE).replace("{Owner: {", f"{{{name}: {{Type: String}}, Owner: {{")
    the_project = project(tmp_path)
    (tmp_path / "template.yaml").write_text(text.replace("Resource: !GetAtt F.Arn", f"Resource: !Ref {name}"))
    machine = read_application(the_project).machines[1]
    assert resource_and_comment(machine.with_local_values) == (arn, "Owner")
    assert resource_and_comment(machine.with_known_values) == (f"${{{name}}}", "${Owner}")


def test_a_missing_definition_is_a_problem_at_its_line(tmp_path: Path) -> None:
    application = read_application(project(tmp_path))
    assert [str(problem) for machine in application.machines for problem in machine.problems] == [
        'template.yaml:25:33: Gone: the file generated/M.asl.json does not exist; did you mean "generated/m.asl.json"?'
    ]


def test_a_compiled_workflow_replaces_the_definition_in_the_file(tmp_path: Path) -> None:
    application = read_application(
        project(tmp_path), {"m": Machine({"StartAt": "New", "States": {"New": {"Type": "Succeed"}}})}
    )
    machine = application.machine_of_workflow("m")
    assert machine
    assert list(machine.with_local_values.states) == ["New"]
    assert (application.machine_of_workflow("other"), machine.workflow, application.machines[1].workflow) == (
        None,
        "m",
        "",
    )


def test_a_project_without_a_template_has_an_application_without_resources(tmp_path: Path) -> None:
    application = read_application(Project(tmp_path))
    assert (application.has_template, application.machines, application.template.functions()) == (False, [], [])


def test_a_template_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: [")
    with pytest.raises(FindingsError, match=r"template\.yaml:2:1: is neither JSON nor YAML"):
        read_application(Project(tmp_path))


def test_a_string_that_is_not_a_definition_is_a_problem_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(
        "Resources:\n  M: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionString: '{'}}\n"
    )
    [machine] = template_machines(
        read_template(tmp_path / "t.yaml", "t.yaml"), lambda file: read_source(file.read_bytes())
    )
    assert [(problem.code, str(problem.where.place)) for problem in machine.problems] == [
        ("INVALID_JSON_DESCRIPTION", "t.yaml:2:80")
    ]


def test_a_missing_property_has_the_place_of_its_resource(tmp_path: Path) -> None:
    application = read_application(project(tmp_path))
    places = [application.machines[0].place("Properties", name) for name in ("DefinitionUri", "Policies")]
    assert [place.line for place in places] == [8, 7]


def test_the_nearest_file_differs_in_letter_case_or_has_a_similar_name(tmp_path: Path) -> None:
    (tmp_path / "Generated").mkdir()
    (tmp_path / "Generated" / "trader.asl.json").touch()
    names = ("Generated/tradr.asl.json", "generated/trader.asl.json", "Generated/none", "none/none/none")
    assert [nearest(tmp_path / name, tmp_path) for name in names] == [
        'did you mean "Generated/trader.asl.json"?',
        'did you mean "Generated/trader.asl.json"?',
        "",
        "",
    ]


FOLDERS = {"t": ["Generated", "a.json"], "t/Generated": ["Trader.asl.json"], "t/generated": ["Trader.asl.json"]}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("t/Generated/Trader.asl.json", False),
        ("t/Generated/trader.asl.json", True),
        ("t/generated/Trader.asl.json", True),
        ("t/a.json", False),
        ("t/none.json", False),
        ("elsewhere/A.json", False),
    ],
)
def test_letter_case_counts_even_on_a_case_insensitive_file_system(path: str, expected: bool) -> None:
    assert is_misspelled(Path(path), Path("t"), lambda folder: FOLDERS.get(folder.as_posix(), [])) == expected


def test_a_path_as_the_s3_location_is_the_file_that_sam_package_uploads(tmp_path: Path) -> None:
    template = """
        Resources:
          M: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: m.asl.json}}
          Gone: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: n.asl.json}}
          Far: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: "s3://b/k"}}
    """
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": TASK}}))
    (tmp_path / "template.yaml").write_text(dedent(template))
    machines = read_application(Project(tmp_path)).machines
    assert [[*machine.definition.states] for machine in machines] == [["A"], [], []]
    assert [str(problem.where.place) for machine in machines for problem in machine.problems] == ["template.yaml:4:85"]
