"""generation.py: all that is generated, and what the template says of it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.generation.build import Generation, generation
from workflow_dsl.generation.files import write
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


def made(project: Project, template: str = TEMPLATE, ignore: tuple[str, ...] = ()) -> Generation:
    (project.root / "template.yaml").write_text(dedent(template))

    def compiled(path: Path) -> Machine:
        return compile_file(path, root=project.root)

    return generation(project, project.workflow_files(), compiled, ignore)


def found(given: Generation) -> list[str]:
    """What is wrong with the workflows, then what the template disagrees about."""
    return [str(each) for build in given.builds for each in build.findings] + [
        str(each) for each in given.disagreements
    ]


def test_a_workflow_makes_its_definition_and_its_pictures_and_the_project_its_page(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY)
    with_page = Project(project.root, overview=Path("docs/machines.md"))
    given = made(with_page)
    assert found(given) == []
    page = given.page
    assert page
    files = [*given.artifacts["m"], page]
    assert [each.path.relative_to(project.root).as_posix() for each in files] == [
        "generated/m.asl.json",
        "generated/m.svg",
        "generated/m.mmd",
        "docs/machines.md",
    ]
    assert "Lambda Buyer" in files[2].text  # and not the placeholder
    write(files)
    assert [str(finding) for finding in given.drift("m")] == []


def test_pictures_that_are_not_current_are_drift(project: Project, write_workflow: Write) -> None:
    write_workflow("m", BODY)
    given = made(project)
    write(given.artifacts["m"])
    (project.root / "generated" / "m.svg").write_text("old")
    (project.root / "generated" / "m.mmd").unlink()
    assert [str(finding) for finding in given.drift("m")] == [
        "generated/m.svg: is not what is made now; run `workflow-dsl generate`, or take the edit back",
        "generated/m.mmd: is not there; run `workflow-dsl generate`",
    ]


def test_where_the_definition_is_not_current_its_pictures_go_without_saying(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY)
    write(made(project).artifacts["m"])
    write_workflow("m", BODY.replace("timeout_seconds=5", "timeout_seconds=6"))
    assert [finding.where.in_definition for finding in made(project).drift("m")] == ['"Buy" TimeoutSeconds']


def test_a_workflow_is_checked_with_the_type_and_the_substitutions_of_its_template(
    project: Project, write_workflow: Write
) -> None:
    write_workflow(
        "m",
        BODY.replace("resource='${BuyerArn}'", "resource='arn:aws:states:::${Action}', parameters={'JobName': 'j'}"),
    )
    text = TEMPLATE.replace("{BuyerArn: !GetAtt Buyer.Arn}", "{Action: 'glue:startJobRun.sync'}")
    express = text.replace("Policies:", "Type: EXPRESS\n          Policies:")
    assert [finding.partition(": ")[2] for finding in found(made(project, express))[:1]] == [
        "\"Buy\" Resource: Express state machine does not support '.sync' service integration; "
        "make the state machine STANDARD, or call without waiting"
    ]


def test_a_substitution_that_is_missing_is_said_once_and_keeps_nothing_from_being_written(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY)
    given = made(project, TEMPLATE.replace("BuyerArn:", "buyerArn:"), ("UNUSED_FUNCTION", "UNUSED_SUBSTITUTION"))
    assert (given.builds[0].findings, found(given)) == (
        [],
        [
            'template.yaml:8:7: M: "Buy" Resource has ${BuyerArn}, and there is no substitution for it; '
            'did you mean "buyerArn"?'
        ],
    )


def test_a_template_that_cannot_be_read_is_said_and_the_workflow_is_checked_all_the_same(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", BODY.replace("timeout_seconds=5", "timeout_seconds=0"))
    given = made(project, "Resources: [")
    assert (given.stack, given.page, len(given.builds[0].findings)) == (None, None, 1)
    assert [finding.code for finding in given.disagreements] == ["TEMPLATE"]


def test_a_workflow_that_does_not_compile_has_no_files(project: Project, write_workflow: Write) -> None:
    write_workflow("m", "def build(): return nothing\n")
    given = made(project)
    assert (dict(given.machines), [finding.code for finding in given.builds[0].findings]) == ({}, ["AUTHORING"])


def test_without_a_template_the_picture_shows_the_placeholders(project: Project, write_workflow: Write) -> None:
    path = write_workflow("m", BODY)
    given = generation(project, [path], lambda each: compile_file(each, root=project.root))
    assert (given.stack, "BuyerArn" in given.artifacts["m"][2].text) == (None, True)


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


def test_the_references_of_a_workflow_that_is_not_deployed_yet_are_checked_and_used(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", REFERS)
    assert [each.partition(": ")[2] for each in found(made(project, RESOURCES))] == [
        "no state machine of the template is deployed from workflows/m.py; give one DefinitionUri: generated/m.asl.json"
    ]
    assert [each for each in found(made(project, RESOURCES.replace("Orders", "Orderz"))) if "Orders" in each] == [
        'workflows/m.py:8: table("Orders") is not in template.yaml; did you mean "Orderz"?'
    ]


def test_a_permission_is_advised_on_what_the_author_means_while_the_substitution_is_missing(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("m", REFERS)
    machine = "      M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/m.asl.json}}\n"
    said = [each for each in found(made(project, f"{RESOURCES}{machine}")) if "needs" in each]
    assert [each.partition("add to Policies: ")[2] for each in said] == [
        "- Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Buyer.Arn}]",
        "- Statement: [{Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Orders.Arn}]",
    ]
