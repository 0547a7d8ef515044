"""crosschecks.py: what a template, its state machines, its functions and its project disagree about."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from workflow_dsl.agreement import cross_check, reported_placeholders
from workflow_dsl.application.machines import Stack, deployments
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import CATALOG, OPTIONAL
from workflow_dsl.project import Project

DEFINITION = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Task", "Resource": "${CheckerArn}", "Next": "Store"},
        "Store": {
            "Type": "Task",
            "Resource": "arn:${AWS::Partition}:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "${QueueUrl}", "MessageBody": "of ${Stage}"},
            "End": True,
        },
    },
}
RESOURCES = """
Checker: {Type: AWS::Serverless::Function, Properties: {CodeUri: checker/, Handler: app.handler, Runtime: python3.13}}
Queue: {Type: AWS::SQS::Queue}
Table: {Type: AWS::DynamoDB::Table}
Logs: {Type: AWS::Logs::LogGroup}
"""
RIGHT = "{CheckerArn: !GetAtt Checker.Arn, QueueUrl: !Ref Queue, 'AWS::Partition': !Ref AWS::Partition}"


def stack(
    folder: Path,
    substitutions: str = RIGHT,
    more: str = "",
    definition: Any = None,
    head: str = "",
    uri: str = "m.asl.json",
) -> Stack:
    """A template with a state machine M and its definition."""
    (folder / uri).parent.mkdir(parents=True, exist_ok=True)
    (folder / uri).write_text(json.dumps(definition or DEFINITION))
    (folder / "checker").mkdir(exist_ok=True)
    (folder / "checker" / "app.py").write_text("def handler(event, context): ...\n")
    machine = f"M:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n    DefinitionUri: {uri}\n    DefinitionSubstitutions: {substitutions}\n"
    text = f"{head}Parameters: {{Stage: {{Type: String}}}}\nResources:\n{indent(machine + dedent(RESOURCES) + dedent(more), '  ')}"
    (folder / "template.yaml").write_text(text)
    template = read_template(folder / "template.yaml", "template.yaml")
    return Stack(template, deployments(template, lambda file: read_source(file.read_bytes(), file.name)))


def said(given: Stack, *codes: str) -> list[tuple[str, str, str]]:
    """Code, message and remedy of what is found, or of these codes."""
    return [(each.code, each.message, each.remedy) for each in cross_check(given) if not codes or each.code in codes]


def test_what_agrees_gets_no_finding(tmp_path: Path) -> None:
    assert said(stack(tmp_path)) == []


def test_every_finding_stands_at_a_line_of_the_template(tmp_path: Path) -> None:
    found = cross_check(stack(tmp_path, "{CheckerArn: !GetAtt Table.Arn, Queueurl: !Ref Qeue}"))
    assert [(each.code, each.severity, str(each.where.place)) for each in found] == [
        ("MISSING_SUBSTITUTION", "error", "template.yaml:8:7"),
        ("MISSING_SUBSTITUTION", "error", "template.yaml:8:7"),
        ("UNKNOWN_REFERENCE", "error", "template.yaml:8:74"),
        ("WRONG_RESOURCE", "error", "template.yaml:8:45"),
    ]
    assert reported_placeholders(found) == {"M": {"AWS::Partition", "QueueUrl", "Queueurl", "CheckerArn"}}


def test_a_missing_substitution_is_said_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    assert said(stack(tmp_path, "{checkerArn: !GetAtt Checker.Arn, QueueUrl: !Ref Queue}"), "MISSING_SUBSTITUTION") == [
        (
            "MISSING_SUBSTITUTION",
            'M: "Check" Resource has ${CheckerArn}, and there is no substitution for it',
            'did you mean "checkerArn"?',
        ),
        (
            "MISSING_SUBSTITUTION",
            'M: "Store" Resource has ${AWS::Partition}, and there is no substitution for it',
            "write ${Partition} in the definition, and Partition: !Ref AWS::Partition in DefinitionSubstitutions",
        ),
    ]
    [(_, _, remedy), *_] = said(stack(tmp_path, "{}"), "MISSING_SUBSTITUTION")
    assert remedy == "add CheckerArn to DefinitionSubstitutions"


def test_a_substitution_for_nothing_is_said(tmp_path: Path) -> None:
    more = RIGHT.replace("}", ", Stage: beta, Other: 1}")
    message = "M: the definition has no placeholder ${Other}"
    assert said(stack(tmp_path, more)) == [("UNUSED_SUBSTITUTION", message, "take Other away")]


REFERENCES = [
    ("!Ref Elsewhere", ["refer to one of its resources or parameters"]),
    ("!GetAtt Qeue.Arn", ['did you mean "Queue"?']),
    ("!Sub 'x-${Tabl}-${!Kept}-${AWS::Region}'", ['did you mean "Table"?']),
    ("!Sub ['${Own}-${Stag}', {Own: !Ref Table}]", ['did you mean "Stage"?']),
    ("!If [Is, !Ref Tabl, x]", ['did you mean "Table"?']),
    ("!Ref Stage", []),
    ("!Ref CheckerRole", []),  # that SAM makes
    ("!Ref ServerlessRestApi", []),
    ("!ImportValue elsewhere", []),
]


@pytest.mark.parametrize(("value", "remedies"), REFERENCES)
def test_what_a_substitution_refers_to_is_in_the_template(tmp_path: Path, value: str, remedies: list[str]) -> None:
    given = stack(tmp_path, RIGHT.replace("}", f", Stage: {value}}}", 1))
    assert [remedy for _, _, remedy in said(given, "UNKNOWN_REFERENCE")] == remedies


@pytest.mark.parametrize(
    "head", ["Transform: [AWS::Serverless-2016-10-31, Own]\n", "Transform: AWS::LanguageExtensions\n"]
)
def test_what_a_macro_may_add_is_not_missing(tmp_path: Path, head: str) -> None:
    assert said(stack(tmp_path, RIGHT.replace("}", ", Stage: !Ref Made}", 1), head=head)) == []


WRONG = [
    ("CheckerArn", "!GetAtt Table.Arn", "M: CheckerArn is the ARN of a table, and \"Check\" Resource takes the ARN of a function", "write !GetAtt Checker.Arn"),
    ("CheckerArn", "!Ref Checker", "M: CheckerArn is the name of a Lambda function, and \"Check\" Resource takes the ARN of a function", "write !GetAtt Checker.Arn"),
    ("CheckerArn", "!Ref Queue", "M: CheckerArn is the URL of a queue, and \"Check\" Resource takes the ARN of a function", "write !GetAtt Checker.Arn"),
    ("QueueUrl", "!GetAtt Queue.Arn", "M: QueueUrl is the ARN of a queue, and \"Store\" QueueUrl takes the URL of a queue", "write !Ref Queue"),
    ("QueueUrl", "!GetAtt Queue.QueueName", "M: QueueUrl is the name of a queue, and \"Store\" QueueUrl takes the URL of a queue", "write !Ref Queue"),
    ("QueueUrl", "!Ref Table", "M: QueueUrl is the name of a table, and \"Store\" QueueUrl takes the URL of a queue", "write !Ref Queue"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "message", "remedy"), WRONG)
def test_a_substitution_is_of_the_kind_that_is_needed(
    tmp_path: Path, name: str, value: str, message: str, remedy: str
) -> None:
    right = {"CheckerArn": "!GetAtt Checker.Arn", "QueueUrl": "!Ref Queue"}[name]
    given = stack(tmp_path, RIGHT.replace(f"{name}: {right}", f"{name}: {value}"))
    assert said(given, "WRONG_RESOURCE") == [("WRONG_RESOURCE", message, remedy)]


MADE_LATER = [
    "!If [Is, {CheckerArn: x}, {CheckerArn: y}]",
    "{'Fn::Transform': {Name: Own}}",
    "{'Fn::ForEach::Each': [a, [b], {}]}",
]


@pytest.mark.parametrize("substitutions", MADE_LATER)
def test_of_substitutions_that_are_made_later_nothing_is_said(tmp_path: Path, substitutions: str) -> None:
    given = stack(tmp_path, substitutions)
    assert said(given, "MISSING_SUBSTITUTION", "UNUSED_SUBSTITUTION") == []
    assert given.machines[0].substitutions is None


def test_what_may_be_meant_as_it_stands_is_no_placeholder(tmp_path: Path) -> None:
    states = {
        "A": {"Type": "Pass", "Result": {"home": "${HOME}"}, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"Command": ["echo", "${HOME}"]}, "Comment": "${Why}", "End": True},
    }
    given = stack(tmp_path, "{}", definition={"StartAt": "A", "States": states})
    assert said(given, "MISSING_SUBSTITUTION") == []


def test_a_policy_that_refers_to_nothing_is_said(tmp_path: Path) -> None:
    given = stack(tmp_path)
    given.template.resources["M"].properties["Policies"] = [{"Statement": {"Resource": {"Ref": "Qeue"}}}]  # type: ignore[index]
    message = "M: Policies refers to Qeue, which is not in the template"
    assert said(given, "UNKNOWN_REFERENCE") == [("UNKNOWN_REFERENCE", message, 'did you mean "Queue"?')]


def test_where_a_macro_makes_resources_permissions_are_not_judged(tmp_path: Path) -> None:
    given = stack(tmp_path)
    given.template.resources["M"].properties["Policies"] = []  # type: ignore[index]
    assert {code for code, _, _ in said(given)} == {"MISSING_PERMISSION"}
    given.template.source.document["Resources"]["Fn::Transform"] = {"Name": "AWS::Include"}
    assert said(given) == []


def test_a_handler_that_is_not_known_is_not_judged(tmp_path: Path) -> None:
    given = stack(
        tmp_path,
        more="G: {Type: AWS::Serverless::Function, Properties: {CodeUri: checker, Handler: !Ref Own, Runtime: python3.13}}\nUse: {Type: X, Properties: {F: !Ref G}}\n",
    )
    assert said(given) == []


def test_a_handler_of_the_globals_is_said_there(tmp_path: Path) -> None:
    head = "Globals: {Function: {Handler: app.missing}}\n"
    given = stack(
        tmp_path,
        more="G: {Type: AWS::Serverless::Function, Properties: {CodeUri: checker, Runtime: python3.13}}\nUse: {Type: X, Properties: {F: !Ref G}}\n",
        head=head,
    )
    [finding] = cross_check(given)
    assert (finding.code, str(finding.where.place)) == ("NO_HANDLER", "template.yaml:1:31")


RIGHT_TOO = [
    "!Ref Stage",
    "!Ref Logs",
    "!Sub '${Table.Arn}'",
    "!GetAtt [Checker, Arn]",
    "!If [Is, !Ref Table, x]",
    "plain",
]


@pytest.mark.parametrize("value", RIGHT_TOO)
def test_of_what_is_not_plainly_another_kind_nothing_is_said(tmp_path: Path, value: str) -> None:
    given = stack(tmp_path, RIGHT.replace("!GetAtt Checker.Arn", value))
    assert said(given, "WRONG_RESOURCE") == []


def test_a_handler_that_is_not_in_its_file_is_said_at_its_line(tmp_path: Path) -> None:
    given = stack(tmp_path)
    (tmp_path / "checker" / "app.py").write_text("def handlr(): ...\n")
    message = "Checker: checker/app.py has no function handler"
    assert said(given) == [("NO_HANDLER", message, 'did you mean "handlr"?')]


def test_a_folder_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    given = stack(tmp_path)
    (tmp_path / "checker" / "app.py").unlink()
    (tmp_path / "checker").rmdir()
    message = "Checker: there is no folder checker"
    assert said(given) == [("NO_CODE", message, "write the function's code, or mend CodeUri")]


FUNCTION = "Seller: {Type: AWS::Serverless::Function, Properties: %s}\n"
USES = [
    (FUNCTION % "{}", ["Seller"]),
    (FUNCTION % "{Environment: {Variables: {ME: !Ref Seller}}}", ["Seller"]),
    (FUNCTION % "{}" + "P: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: [!GetAtt Seller.Arn]}}\n", ["Seller"]),
    (FUNCTION % "{Events: {E: {Type: Api}}}", []),
    (FUNCTION % "{}" + "R: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: !GetAtt Seller.Arn}]}}\n", []),
    (FUNCTION % "{}" + "A: {Type: AWS::AppSync::DataSource, Properties: {Arn: !GetAtt Seller.Arn}}\n", []),
    (FUNCTION % "{}" + "C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: Seller}, Destination: {Id: Queue}}}\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("more", "names"), USES)
def test_a_function_that_nothing_uses_is_said(tmp_path: Path, more: str, names: list[str]) -> None:
    assert [
        message.rpartition(" ")[2] for _, message, _ in said(stack(tmp_path, more=more), "UNUSED_FUNCTION")
    ] == names


def test_an_exported_function_is_used_elsewhere(tmp_path: Path) -> None:
    given = stack(tmp_path, more=FUNCTION % "{}")
    given.template.source.document["Outputs"] = {"O": {"Value": {"Ref": "Seller"}, "Export": {"Name": "x"}}}
    assert said(given) == []


def test_where_a_definition_is_not_here_every_function_may_be_used(tmp_path: Path) -> None:
    other = "N: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: {Bucket: b, Key: k}}}\n"
    assert said(stack(tmp_path, more=FUNCTION % "{}" + other)) == []


def test_a_function_named_in_an_inline_definition_is_used(tmp_path: Path) -> None:
    states = "{A: {Type: Task, Resource: !GetAtt Seller.Arn, End: true}}"
    other = f"N: {{Type: AWS::Serverless::StateMachine, Properties: {{Policies: [x], Definition: {{StartAt: A, States: {states}}}}}}}\n"
    assert said(stack(tmp_path, more=FUNCTION % "{}" + other)) == []


def project_with(folder: Path, *workflows: str) -> Project:
    (folder / "workflows").mkdir()
    for name in workflows:
        (folder / "workflows" / f"{name}.py").write_text("")
    return Project(folder, workflows=Path("workflows"))


def test_a_workflows_machine_is_deployed_from_what_it_generates(tmp_path: Path) -> None:
    given = stack(tmp_path, uri="old/m.asl.json")
    project = project_with(tmp_path, "m", "n")
    found = cross_check(Stack(given.template, given.machines, project))
    assert [(each.code, str(each.where.place), each.message, each.remedy) for each in found] == [
        (
            "NOT_GENERATED",
            "template.yaml:7:22",
            "M is deployed from another file than the workflow m generates",
            "write DefinitionUri: generated/m.asl.json",
        ),
        (
            "NOT_DEPLOYED",
            "template.yaml",
            "no state machine of the template is deployed from workflows/n.py",
            "give one DefinitionUri: generated/n.asl.json",
        ),
    ]


def test_what_is_deployed_from_its_generated_file_is_right(tmp_path: Path) -> None:
    given = stack(tmp_path, uri="generated/m.asl.json")
    assert cross_check(Stack(given.template, given.machines, project_with(tmp_path, "m"))) == []


def test_a_template_without_state_machines_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {F: {Type: AWS::Serverless::Function}}\n")
    assert cross_check(Stack(read_template(tmp_path / "template.yaml"), [])) == []


def test_permissions_are_errors_where_a_state_fails_and_warnings_where_it_goes_on(tmp_path: Path) -> None:
    given = stack(tmp_path)
    given.template.resources["M"].properties["Policies"] = [  # type: ignore[index]
        {"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": "Queue.QueueName"}}},
        {"SNSPublishMessagePolicy": {"TopicName": "t"}},
    ]
    assert [(each.code, each.severity) for each in cross_check(given)] == [
        ("MISSING_PERMISSION", "error"),
        ("UNNEEDED_PERMISSION", "warning"),
    ]


def test_what_cannot_be_left_out_is_what_fails_whatever_else_is_true() -> None:
    assert set(CATALOG) - OPTIONAL == {"MISSING_SUBSTITUTION", "NO_HANDLER", "UNKNOWN_REFERENCE", "WRONG_RESOURCE"}
