"""The generated files of a project, their drift, and the findings of workflows and template."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.generation.build import Generated, generate
from workflow_dsl.generation.writing import write
from workflow_dsl.project import Project

BODY = """
    def build():
        return Workflow(Task('Buy', resource='${BuyerArn}', timeout_seconds=5, retry=Retry(error_equals=['States.ALL'])))
"""
TEMPLATE = """
    Resources:
      M:
        Type: AWS::Serverless::StateMachine
        Properties:
          Policies: [AWSLambdaRole]
          DefinitionUri: generated/m.asl.json
          DefinitionSubstitutions: {BuyerArn: !GetAtt Buyer.Arn}
      Buyer: {Type: AWS::Serverless::Function}
"""


def generate_project(project: Project, template: str = TEMPLATE, ignore: tuple[str, ...] = ()) -> Generated:
    (project.root / "template.yaml").write_text(dedent(template))

    def compiled(path: Path) -> Machine:
        return compile_file(path, root=project.root)

    return generate(project, project.workflow_files(), compiled, ignore)


def all_findings(generated: Generated) -> list[str]:
    """Return the findings of the workflows, then the disagreements with the template."""
    return [str(finding) for build in generated.workflows for finding in build.findings] + [
        str(finding) for finding in generated.disagreements
    ]


def test_a_workflow_generates_its_definition_and_diagrams_and_the_project_its_overview_page(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY)
    with_page = Project(project.root, overview=Path("docs/machines.md"))
    generated = generate_project(with_page)
    assert all_findings(generated) == []
    page = generated.page
    assert page
    files = [*generated.files["m"], page]
    assert [file.path.relative_to(project.root).as_posix() for file in files] == [
        "generated/m.asl.json",
        "generated/m.svg",
        "generated/m.mmd",
        "docs/machines.md",
    ]
    assert "Lambda Buyer" in files[2].text  # not the placeholder
    write(files)
    assert [str(finding) for finding in generated.drift("m")] == []


def test_outdated_and_missing_diagrams_are_drift(project: Project, write_workflow: Write) -> None:
    write_workflow("m", BODY)
    generated = generate_project(project)
    write(generated.files["m"])
    (project.root / "generated" / "m.svg").write_text("old")
    (project.root / "generated" / "m.mmd").unlink()
    assert [str(finding) for finding in generated.drift("m")] == [
        "generated/m.svg: is out of date; run `workflow-dsl generate`, or undo the edit",
        "generated/m.mmd: does not exist; run `workflow-dsl generate`",
    ]


def test_diagrams_are_not_reported_if_the_definition_is_outdated(project: Project, write_workflow: Write) -> None:
    write_workflow("m", BODY)
    write(generate_project(project).files["m"])
    write_workflow("m", BODY.replace("timeout_seconds=5", "timeout_seconds=6"))
    assert [finding.where.in_definition for finding in generate_project(project).drift("m")] == ['"Buy"']


def test_a_workflow_is_checked_with_the_type_and_the_substitutions_of_its_template(
    project: Project, write_workflow: Write
) -> None:
    write_workflow(
        "m",
        BODY.replace("resource='${BuyerArn}'", "resource='arn:aws:states:::${Action}', parameters={'JobName': 'j'}"),
    )
    text = TEMPLATE.replace("{BuyerArn: !GetAtt Buyer.Arn}", "{Action: 'glue:startJobRun.sync'}")
    express = text.replace("Policies:", "Type: EXPRESS\n          Policies:")
    assert [finding.partition(": ")[2] for finding in all_findings(generate_project(project, express))[:1]] == [
        "\"Buy\" Resource: Express state machine does not support '.sync' service integration; "
        "make the state machine STANDARD, or call without waiting"
    ]


def test_a_missing_substitution_is_reported_once_and_not_as_an_error_of_the_workflow(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY)
    generated = generate_project(
        project, TEMPLATE.replace("BuyerArn:", "buyerArn:"), ("UNUSED_FUNCTION", "UNUSED_SUBSTITUTION")
    )
    assert (generated.workflows[0].findings, all_findings(generated)) == (
        [],
        ['template.yaml:8:7: M: ${BuyerArn} in "Buy" Resource has no substitution; did you mean "buyerArn"?'],
    )


def test_an_unreadable_template_is_reported_and_the_workflow_is_still_checked(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY.replace("timeout_seconds=5", "timeout_seconds=0"))
    generated = generate_project(project, "Resources: [")
    assert (generated.application, generated.page, len(generated.workflows[0].findings)) == (None, None, 1)
    assert [finding.code for finding in generated.disagreements] == ["TEMPLATE"]


def test_a_workflow_that_does_not_compile_has_no_files(project: Project, write_workflow: Write) -> None:
    write_workflow("m", "def build(): return nothing\n")
    generated = generate_project(project)
    assert (dict(generated.machines), [finding.code for finding in generated.workflows[0].findings]) == (
        {},
        ["AUTHORING"],
    )


def test_without_a_template_the_diagram_shows_the_placeholders(project: Project, write_workflow: Write) -> None:
    path = write_workflow("m", BODY)
    generated = generate(project, [path], lambda file: compile_file(file, root=project.root))
    assert (generated.page, "BuyerArn" in generated.files["m"][2].text) == (None, True)


REFERS = """
    from workflow_dsl.authoring import Chain, Task, call, function, path, table

    def build():
        record = call("dynamodb:putItem", TableName=table("Orders"), Item={"Id": {"S": path("$.id")}})
        return Workflow(Chain([Task("Buy", resource=function("Buyer")), Task("Record", resource=record)]))
"""
RESOURCES = """
    Resources:
      Buyer: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: h.h}}
      Orders: {Type: AWS::DynamoDB::Table}
"""


def test_references_of_a_workflow_without_a_state_machine_are_checked(project: Project, write_workflow: Write) -> None:
    write_workflow("m", REFERS)
    assert [finding.partition(": ")[2] for finding in all_findings(generate_project(project, RESOURCES))] == [
        "no state machine of the template deploys workflows/m.py; add one with DefinitionUri: generated/m.asl.json"
    ]
    assert [
        finding
        for finding in all_findings(generate_project(project, RESOURCES.replace("Orders", "Orderz")))
        if "Orders" in finding
    ] == ['workflows/m.py:7:49: table("Orders") is not in template.yaml; did you mean "Orderz"?']


def test_a_missing_permission_names_the_referenced_resource_without_its_substitution(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", REFERS)
    machine = "      M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/m.asl.json}}\n"
    needs = [
        finding for finding in all_findings(generate_project(project, f"{RESOURCES}{machine}")) if "needs" in finding
    ]
    assert [finding.partition("add to Policies: ")[2] for finding in needs] == [
        "- Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Buyer.Arn}]",
        "- Statement: [{Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Orders.Arn}]",
    ]
