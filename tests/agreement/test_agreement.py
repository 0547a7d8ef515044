"""Agreement of a template with its state machines, functions, roles and workflows."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
from click.testing import CliRunner

from workflow_dsl.agreement import cross_check, stepped_back
from workflow_dsl.application.application import Application
from workflow_dsl.application.checking import check_machine, placeholders_reported
from workflow_dsl.application.machines import template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.cli import main
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import CATALOG, IGNORABLE
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
ALL_SUBSTITUTIONS = "{CheckerArn: !GetAtt Checker.Arn, QueueUrl: !Ref Queue, 'AWS::Partition': !Ref AWS::Partition}"


def application_of(
    folder: Path,
    substitutions: str = ALL_SUBSTITUTIONS,
    more: str = "",
    definition: Any = None,
    head: str = "",
    uri: str = "m.asl.json",
) -> Application:
    """Write a template with a state machine M and its definition, and read them as an application."""
    (folder / uri).parent.mkdir(parents=True, exist_ok=True)
    (folder / uri).write_text(json.dumps(definition or DEFINITION))
    (folder / "checker").mkdir(exist_ok=True)
    (folder / "checker" / "app.py").write_text("def handler(event, context): ...\n")
    machine = f"M:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n    DefinitionUri: {uri}\n    DefinitionSubstitutions: {substitutions}\n"
    conditions = "Conditions: {Is: !Equals [!Ref Stage, x], IsBeta: !Equals [!Ref Stage, beta]}"
    text = f"{head}Parameters: {{Stage: {{Type: String}}}}\nResources:\n{indent(machine + dedent(RESOURCES) + dedent(more), '  ')}"
    (folder / "template.yaml").write_text(f"{text}\n{conditions}\n")
    template = read_template(folder / "template.yaml", "template.yaml")
    return Application(template, template_machines(template, lambda file: read_source(file.read_bytes(), file.name)))


def reports(application: Application, *codes: str) -> list[tuple[str, str, str]]:
    """Return the code, message and remedy of each finding, or of the findings with these codes."""
    return [
        (finding.code, finding.message, finding.remedy)
        for finding in cross_check(application)
        if not codes or finding.code in codes
    ]


def test_a_template_that_agrees_with_its_definition_has_no_findings(tmp_path: Path) -> None:
    assert reports(application_of(tmp_path)) == []


@pytest.mark.parametrize("text", ["{QueueUrl}", "$QueueUrl", "{{QueueUrl}}", "$(QueueUrl)"])
def test_a_string_that_is_almost_a_placeholder_is_named(tmp_path: Path, text: str) -> None:
    definition = json.loads(json.dumps(DEFINITION).replace("${QueueUrl}", text))
    found = reports(application_of(tmp_path, definition=definition), "UNUSED_SUBSTITUTION")
    assert [remedy for *_, remedy in found] == [f'write ${{QueueUrl}} for "{text}"']


def test_every_finding_has_its_line_in_the_template(tmp_path: Path) -> None:
    application = application_of(tmp_path, "{CheckerArn: !GetAtt Table.Arn, Queueurl: !Ref Qeue}")
    findings = cross_check(application)
    assert [(finding.code, finding.severity, str(finding.where.place)) for finding in findings] == [
        ("MISSING_SUBSTITUTION", "error", "template.yaml:8:7"),
        ("MISSING_SUBSTITUTION", "error", "template.yaml:8:7"),
        ("UNKNOWN_REFERENCE", "error", "template.yaml:8:74"),
        ("WRONG_RESOURCE", "error", "template.yaml:8:45"),
    ]
    [machine] = application.machines
    assert [finding.code for finding in check_machine(machine, placeholders_reported(findings))] == [
        "UNKNOWN_PLACEHOLDER"
    ]


def test_a_missing_substitution_is_reported_with_the_closest_name(tmp_path: Path) -> None:
    assert reports(
        application_of(tmp_path, "{checkerArn: !GetAtt Checker.Arn, QueueUrl: !Ref Queue}"), "MISSING_SUBSTITUTION"
    ) == [
        (
            "MISSING_SUBSTITUTION",
            'M: ${CheckerArn} in "Check" Resource has no substitution',
            'did you mean "checkerArn"?',
        ),
        (
            "MISSING_SUBSTITUTION",
            'M: ${AWS::Partition} in "Store" Resource has no substitution',
            "write ${Partition} in the definition, and Partition: !Ref AWS::Partition in DefinitionSubstitutions",
        ),
    ]
    [(_, _, remedy), *_] = reports(application_of(tmp_path, "{}"), "MISSING_SUBSTITUTION")
    assert remedy == "add CheckerArn to DefinitionSubstitutions"


def test_a_substitution_without_a_placeholder_is_reported(tmp_path: Path) -> None:
    more = ALL_SUBSTITUTIONS.replace("}", ", Stage: beta, Other: 1}")
    message = "M: the definition has no placeholder ${Other}"
    assert reports(application_of(tmp_path, more)) == [("UNUSED_SUBSTITUTION", message, "remove Other")]


def test_an_unused_substitution_is_a_note_unless_something_stands_for_its_placeholder(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:eu-west-1:222222222222:function:shop-Checker-x1Yz8Qw4Tk2B"
    written = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": arn, "End": True}}}
    application = application_of(tmp_path, "{CheckerArn: !GetAtt Checker.Arn, Stage: x}", definition=written)
    found = [each for each in cross_check(application) if each.code == "UNUSED_SUBSTITUTION"]
    assert [(each.severity, each.remedy) for each in found] == [
        ("warning", f'write ${{CheckerArn}} for "{arn}"'),
        ("note", "remove Stage"),
    ]


def test_a_substitution_that_sub_has_replaced_is_said(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(SUBSTITUTED_TWICE)
    template = read_template(path, "template.yaml")
    application = Application(template, template_machines(template, lambda file: read_source(file.read_bytes())))
    message = "M: !Sub replaces ${Table} before DefinitionSubstitutions does"
    assert reports(application, "UNUSED_SUBSTITUTION") == [("UNUSED_SUBSTITUTION", message, "remove Table")]


SUBSTITUTED_TWICE = """Resources:
  Table: {Type: AWS::DynamoDB::Table}
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::111111111111:role/r
      DefinitionSubstitutions: {Table: !Ref Table}
      DefinitionString: !Sub '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${Table}", "End": true}}}'
"""
REFERENCES = [
    ("!Ref Elsewhere", ["refer to one of its resources or parameters"]),
    ("!GetAtt Qeue.Arn", ['did you mean "Queue"?']),
    ("!Sub 'x-${Tabl}-${!Kept}-${AWS::Region}'", ['did you mean "Table"?']),
    ("!Sub ['${Own}-${Stag}', {Own: !Ref Table}]", ['did you mean "Stage"?']),
    ("!If [Is, !Ref Tabl, x]", ['did you mean "Table"?']),
    ("!GetAtt Checker.Arnn", ['did you mean "Arn"?']),
    ("!GetAtt Checker.FunctionName", ["did you mean !Ref Checker, which is the name?"]),
    ("!Sub '${Logs.Ar}-${Queue.QueuUrl}'", ['did you mean "Arn"?', 'did you mean "QueueUrl"?']),
    ("!GetAtt Queue.QueueName", []),
    ("!Ref Stage", []),
    ("!Ref CheckerRole", []),  # created by SAM
    ("!Ref ServerlessRestApi", []),
    ("!ImportValue elsewhere", []),
]


@pytest.mark.parametrize(("value", "remedies"), REFERENCES)
def test_a_substitution_must_refer_to_something_in_the_template(
    tmp_path: Path, value: str, remedies: list[str]
) -> None:
    application = application_of(tmp_path, ALL_SUBSTITUTIONS.replace("}", f", Stage: {value}}}", 1))
    assert [remedy for _, _, remedy in reports(application, "UNKNOWN_REFERENCE")] == remedies


LOOP = "Fn::ForEach::Each: [Name, [A, B], {'Own${Name}': {Type: AWS::SNS::Topic}}]"


@pytest.mark.parametrize(
    ("reference", "remedies"),
    [("OwnA", []), ("OwnB.TopicName", []), ("Own", ["refer to one of its resources or parameters"])],
)
def test_language_extensions_leave_all_checks_on_but_for_what_a_loop_creates(
    tmp_path: Path, reference: str, remedies: list[str]
) -> None:
    value = f"!Sub '${{{reference}}}'"
    substitutions = ALL_SUBSTITUTIONS.replace("}", f", Stage: {value}}}", 1)
    head = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"
    application = application_of(tmp_path, substitutions, LOOP, head=head)
    assert [remedy for _, _, remedy in reports(application)] == remedies
    assert [*stepped_back(application)] == [
        "the resources of Fn::ForEach::Each are not checked: they exist only at deployment",
        "the permissions of M are not checked: the statements of SomeonesPolicy are not in the template",
    ]


STEPS_BACK = {
    "{M: !GetAtt M.Arn}": (
        "Transform: Own\n",
        "references, substitutions, roles and permissions are not checked: Own may change them",
    ),
    "!FindInMap [A, b, c]": (
        "",
        "the permissions of M are not checked: the statements of SomeonesPolicy are not in the template",
    ),
    "{Fn::Transform: {Name: Own}}": ("", "the substitutions of M are not checked: an intrinsic function creates them"),
}


def test_a_role_that_is_not_in_the_template_is_said_to_be_unchecked(tmp_path: Path) -> None:
    one, other = (
        f"{name}: {{Type: AWS::StepFunctions::StateMachine, Properties: {{RoleArn: {role}}}}}\n"
        for name, role in (("N", "arn:aws:iam::111111111111:role/r"), ("O", "!If [Is, !GetAtt R.Arn, !GetAtt S.Arn]"))
    )
    assert [*stepped_back(application_of(tmp_path, more=one + other))][1:] == [
        "the permissions of N are not checked: its role is not in the template",
        "the permissions of O are not checked: a condition selects its role",
    ]


@pytest.mark.parametrize(("substitutions", "head", "line"), [(key, *row) for key, row in STEPS_BACK.items()])
def test_a_check_that_steps_back_says_so(tmp_path: Path, substitutions: str, head: str, line: str) -> None:
    assert line in [*stepped_back(application_of(tmp_path, substitutions, head=head))]


@pytest.mark.parametrize("transform", ["[AWS::Serverless-2016-10-31, Own]", "{Name: AWS::Include, Parameters: {}}"])
def test_a_resource_that_a_macro_may_add_is_not_missing(tmp_path: Path, transform: str) -> None:
    head = f"Transform: {transform}\n"
    assert reports(application_of(tmp_path, ALL_SUBSTITUTIONS.replace("}", ", Stage: !Ref Made}", 1), head=head)) == []


WRONG_KINDS = [
    ("CheckerArn", "!GetAtt Table.Arn", "M: CheckerArn is the ARN of a table, but \"Check\" Resource takes the ARN of a function", "write !GetAtt Checker.Arn"),
    ("CheckerArn", "!Ref Checker", "M: CheckerArn is the name of a Lambda function, but \"Check\" Resource takes the ARN of a function", "write !GetAtt Checker.Arn"),
    ("CheckerArn", "!Ref Queue", "M: CheckerArn is the URL of a queue, but \"Check\" Resource takes the ARN of a function", "write !GetAtt Checker.Arn"),
    ("QueueUrl", "!GetAtt Queue.Arn", "M: QueueUrl is the ARN of a queue, but \"Store\" QueueUrl takes the URL of a queue", "write !Ref Queue"),
    ("QueueUrl", "!GetAtt Queue.QueueName", "M: QueueUrl is the name of a queue, but \"Store\" QueueUrl takes the URL of a queue", "write !Ref Queue"),
    ("QueueUrl", "!Ref Table", "M: QueueUrl is the name of a table, but \"Store\" QueueUrl takes the URL of a queue", "write !Ref Queue"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "message", "remedy"), WRONG_KINDS)
def test_a_substitution_of_the_wrong_kind_is_reported(
    tmp_path: Path, name: str, value: str, message: str, remedy: str
) -> None:
    right = {"CheckerArn": "!GetAtt Checker.Arn", "QueueUrl": "!Ref Queue"}[name]
    application = application_of(tmp_path, ALL_SUBSTITUTIONS.replace(f"{name}: {right}", f"{name}: {value}"))
    assert reports(application, "WRONG_RESOURCE") == [("WRONG_RESOURCE", message, remedy)]


RESOLVED_LATER = [
    "!If [Is, {CheckerArn: x}, {CheckerArn: y}]",
    "{'Fn::Transform': {Name: Own}}",
    "{'Fn::ForEach::Each': [a, [b], {}]}",
]


@pytest.mark.parametrize("substitutions", RESOLVED_LATER)
def test_substitutions_that_are_resolved_during_deployment_are_not_checked(tmp_path: Path, substitutions: str) -> None:
    application = application_of(tmp_path, substitutions)
    assert reports(application, "MISSING_SUBSTITUTION", "UNUSED_SUBSTITUTION") == []
    assert application.machines[0].substitutions is None


def test_a_shell_variable_in_a_literal_value_is_not_a_placeholder(tmp_path: Path) -> None:
    states = {
        "A": {"Type": "Pass", "Result": {"home": "${HOME}"}, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"Command": ["echo", "${HOME}"]}, "Comment": "${Why}", "End": True},
    }
    application = application_of(tmp_path, "{}", definition={"StartAt": "A", "States": states})
    assert reports(application, "MISSING_SUBSTITUTION") == []


def test_a_policy_that_refers_to_an_unknown_resource_is_reported(tmp_path: Path) -> None:
    application = application_of(tmp_path)
    application.template.resources["M"].properties["Policies"] = [{"Statement": {"Resource": {"Ref": "Qeue"}}}]  # type: ignore[index]
    message = "M: Policies refers to Qeue, which the template does not define"
    assert reports(application, "UNKNOWN_REFERENCE") == [("UNKNOWN_REFERENCE", message, 'did you mean "Queue"?')]


def test_permissions_are_not_checked_if_a_macro_creates_resources(tmp_path: Path) -> None:
    application = application_of(tmp_path)
    application.template.resources["M"].properties["Policies"] = []  # type: ignore[index]
    assert {code for code, _, _ in reports(application)} == {"MISSING_PERMISSION"}
    application.template.source.document["Resources"]["Fn::Transform"] = {"Name": "AWS::Include"}
    assert reports(application) == []


def test_a_handler_that_is_a_reference_is_not_checked(tmp_path: Path) -> None:
    application = application_of(
        tmp_path,
        more="G: {Type: AWS::Serverless::Function, Properties: {CodeUri: checker, Handler: !Ref Stage, Runtime: python3.13}}\nUse: {Type: X, Properties: {F: !Ref G}}\n",
    )
    assert reports(application) == []


def test_a_missing_handler_from_globals_is_reported_at_the_globals(tmp_path: Path) -> None:
    head = "Globals: {Function: {Handler: app.missing}}\n"
    application = application_of(
        tmp_path,
        more="G: {Type: AWS::Serverless::Function, Properties: {CodeUri: checker, Runtime: python3.13}}\nUse: {Type: X, Properties: {F: !Ref G}}\n",
        head=head,
    )
    [finding] = cross_check(application)
    assert (finding.code, str(finding.where.place)) == ("NO_HANDLER", "template.yaml:1:31")


NOT_PROVABLY_WRONG = [
    "!Ref Stage",
    "!Ref Logs",
    "!Sub '${Table.Arn}'",
    "!GetAtt [Checker, Arn]",
    "!If [Is, !Ref Table, x]",
    "plain",
]


@pytest.mark.parametrize("value", NOT_PROVABLY_WRONG)
def test_a_substitution_that_may_be_of_the_right_kind_is_not_reported(tmp_path: Path, value: str) -> None:
    application = application_of(tmp_path, ALL_SUBSTITUTIONS.replace("!GetAtt Checker.Arn", value))
    assert reports(application, "WRONG_RESOURCE") == []


def test_a_handler_that_is_missing_from_its_file_is_reported(tmp_path: Path) -> None:
    application = application_of(tmp_path)
    (tmp_path / "checker" / "app.py").write_text("def handlr(): ...\n")
    message = "Checker: checker/app.py has no function handler"
    assert reports(application) == [("NO_HANDLER", message, 'did you mean "handlr"?')]


def test_a_missing_code_folder_is_reported(tmp_path: Path) -> None:
    application = application_of(tmp_path)
    (tmp_path / "checker" / "app.py").unlink()
    (tmp_path / "checker").rmdir()
    message = "Checker: the folder checker does not exist"
    assert reports(application) == [("NO_CODE", message, "write the function's code, or fix CodeUri")]


NOT_BUILT = """\
F1: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: {0}1}}}}
F2: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: {0}2}}}}
"""
MISSING_CODE: list[tuple[str, str | None, list[tuple[str, str]]]] = [
    ("src/", None, [("F1, F2: the folder src does not exist", "build the code first, or fix CodeUri")]),
    ("src-", None, [
        ("F1: the folder src-1 does not exist", "write the function's code, or fix CodeUri"),
        ("F2: the folder src-2 does not exist", "write the function's code, or fix CodeUri"),
    ]),
    ("src-", "tsconfig.json", [
        ("F1, F2: the 2 folders do not exist", "build the code first: tsconfig.json is in the template folder, or fix CodeUri")
    ]),
    ("dist/", "Makefile", [
        ("F1, F2: the folder dist does not exist", "build the code first: Makefile is in the template folder, or fix CodeUri")
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("folder", "build", "expected"), MISSING_CODE)
def test_code_that_is_not_built_yet_is_one_finding(
    tmp_path: Path, folder: str, build: str | None, expected: list[tuple[str, str]]
) -> None:
    if build:
        (tmp_path / build).write_text("")
    application = application_of(tmp_path, more=NOT_BUILT.format(folder))
    assert [(message, remedy) for _, message, remedy in reports(application, "NO_CODE")] == expected


BUILT = [("src", "warning"), ("dist", "note"), ("a/target/classes", "note"), ("lambda.zip", "note")]


@pytest.mark.parametrize(("folder", "severity"), BUILT)
def test_code_that_a_build_writes_is_a_note(tmp_path: Path, folder: str, severity: str) -> None:
    application = application_of(
        tmp_path, more=f"F: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: {folder}}}}}\n"
    )
    found = [each for each in cross_check(application) if each.code == "NO_CODE"]
    assert [each.severity for each in found] == [severity]


FUNCTION = "Seller: {Type: AWS::Serverless::Function, Properties: %s}\n"
MEANT = [
    (FUNCTION % "{}", "note"),
    (FUNCTION % "{}" + "P: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: [!GetAtt Seller.Arn]}}\n", "warning"),
]


@pytest.mark.parametrize(("more", "severity"), MEANT)
def test_a_function_that_nothing_may_call_is_a_note(tmp_path: Path, more: str, severity: str) -> None:
    found = [each for each in cross_check(application_of(tmp_path, more=more)) if each.code == "UNUSED_FUNCTION"]
    assert [each.severity for each in found] == [severity]


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
def test_a_function_that_nothing_uses_is_reported(tmp_path: Path, more: str, names: list[str]) -> None:
    assert [
        message.rpartition(" ")[2] for _, message, _ in reports(application_of(tmp_path, more=more), "UNUSED_FUNCTION")
    ] == names


NAMED_BY_INPUT = [{"FunctionName.$": "$.function"}, {"FunctionName": "{% $states.input.function %}"}, {}]


@pytest.mark.parametrize("parameters", NAMED_BY_INPUT)
def test_every_function_may_be_used_if_the_input_names_one(tmp_path: Path, parameters: dict[str, str]) -> None:
    field = "Arguments" if "{%" in str(parameters) else "Parameters"
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", field: parameters, "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    other = f"N: {{Type: AWS::Serverless::StateMachine, Properties: {{Policies: [x], Definition: {definition}}}}}\n"
    assert reports(application_of(tmp_path, more=FUNCTION % "{}" + other), "UNUSED_FUNCTION") == []


def test_an_exported_function_is_used_elsewhere(tmp_path: Path) -> None:
    application = application_of(tmp_path, more=FUNCTION % "{}")
    application.template.source.document["Outputs"] = {"O": {"Value": {"Ref": "Seller"}, "Export": {"Name": "x"}}}
    assert reports(application) == []


def test_every_function_may_be_used_if_a_definition_is_in_s3(tmp_path: Path) -> None:
    other = "N: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: {Bucket: b, Key: k}}}\n"
    assert reports(application_of(tmp_path, more=FUNCTION % "{}" + other)) == []


def test_a_function_named_in_an_inline_definition_is_used(tmp_path: Path) -> None:
    states = "{A: {Type: Task, Resource: !GetAtt Seller.Arn, End: true}}"
    other = f"N: {{Type: AWS::Serverless::StateMachine, Properties: {{Policies: [x], Definition: {{StartAt: A, States: {states}}}}}}}\n"
    assert reports(application_of(tmp_path, more=FUNCTION % "{}" + other)) == []


def project_of(folder: Path, *workflows: str) -> Project:
    (folder / "workflows").mkdir()
    for name in workflows:
        (folder / "workflows" / f"{name}.py").write_text("")
    return Project(folder, workflows=Path("workflows"))


def test_a_state_machine_must_deploy_the_file_that_its_workflow_generates(tmp_path: Path) -> None:
    application = application_of(tmp_path, uri="old/m.asl.json")
    project = project_of(tmp_path, "m", "n")
    findings = cross_check(Application(application.template, application.machines, project))
    assert [(finding.code, str(finding.where.place), finding.message, finding.remedy) for finding in findings] == [
        (
            "NOT_GENERATED",
            "template.yaml:7:22",
            "M does not deploy the file that the workflow m generates",
            "write DefinitionUri: generated/m.asl.json",
        ),
        (
            "NOT_DEPLOYED",
            "template.yaml",
            "no state machine of the template deploys workflows/n.py",
            "add one with DefinitionUri: generated/n.asl.json",
        ),
    ]


def test_a_definition_beside_a_deployed_one_that_no_file_names_is_a_note(tmp_path: Path) -> None:
    application = application_of(tmp_path, uri="machines/m.asl.json")
    for name in ("old.asl.json", "child.asl.yaml", "notes.json"):
        (tmp_path / "machines" / name).write_text("{}")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "child.yaml").write_text("DefinitionUri: ../machines/child.asl.yaml")
    message, remedy = (
        "no state machine of template.yaml deploys it",
        "add one with DefinitionUri: machines/old.asl.json",
    )
    assert [
        (each.severity, str(each.where.place), each.message, each.remedy)
        for each in cross_check(application)
        if each.code == "NOT_DEPLOYED"
    ] == [("note", "machines/old.asl.json", message, remedy)]


def test_a_definition_in_a_folder_elsewhere_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    application = application_of(tmp_path / "stack", uri="../machines/m.asl.json")
    (tmp_path / "machines" / "old.asl.json").write_text("{}")
    assert reports(application, "NOT_DEPLOYED") == []


def test_a_state_machine_deployed_from_its_generated_file_has_no_findings(tmp_path: Path) -> None:
    application = application_of(tmp_path, uri="generated/m.asl.json")
    assert cross_check(Application(application.template, application.machines, project_of(tmp_path, "m"))) == []


def test_a_template_without_state_machines_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {F: {Type: AWS::Serverless::Function}}\n")
    assert cross_check(Application(read_template(tmp_path / "template.yaml"), [])) == []


def test_a_missing_permission_is_an_error_and_an_unneeded_one_a_warning(tmp_path: Path) -> None:
    application = application_of(tmp_path)
    application.template.resources["M"].properties["Policies"] = [  # type: ignore[index]
        {"SQSSendMessagePolicy": {"QueueName": {"Fn::GetAtt": "Queue.QueueName"}}},
        {"SNSPublishMessagePolicy": {"TopicName": "t"}},
    ]
    assert [(finding.code, finding.severity) for finding in cross_check(application)] == [
        ("MISSING_PERMISSION", "error"),
        ("UNNEEDED_PERMISSION", "warning"),
    ]


def test_only_certain_failures_cannot_be_ignored() -> None:
    assert set(CATALOG) - IGNORABLE == {
        *("CIRCULAR_DEPENDENCY", "MISSING_SUBSTITUTION", "NO_HANDLER", "NO_ROLE", "REFUSED_CALL", "UNKNOWN_REFERENCE"),
        *("UNTRUSTED_ROLE", "WRONG_RESOURCE"),
    }


NAMES = {
    "FunctionName": ("lambda:invoke", "${Own}:live"),
    "Bucket": ("aws-sdk:s3:getObject", "${Own}-files"),
    "QueueUrl": ("sqs:sendMessage", "https://sqs/${Own}"),
    "WorkGroup": ("athena:startQueryExecution", "group-${Own}"),
}


@pytest.mark.parametrize(("field", "call", "text"), [(field, *row) for field, row in NAMES.items()])
def test_a_missing_substitution_in_a_longer_name_is_an_error(tmp_path: Path, field: str, call: str, text: str) -> None:
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{call}",
        "Parameters": {field: text, "Text": text, "Payload": {"Name": text}},
        "End": True,
    }
    application = application_of(tmp_path, "{}", definition={"StartAt": "A", "States": {"A": task}})
    message = f'M: ${{Own}} in "A" Parameters.{field} has no substitution'
    assert reports(application, "MISSING_SUBSTITUTION") == [
        ("MISSING_SUBSTITUTION", message, "add Own to DefinitionSubstitutions")
    ]


def test_a_hint_names_no_placeholder_that_lacks_a_substitution_too(tmp_path: Path) -> None:
    states = {"A": {"Type": "Pass", "Parameters": {"x": "${Names}", "y": "to ${Name}"}, "End": True}}
    application = application_of(tmp_path, "{}", definition={"StartAt": "A", "States": states})
    [machine] = application.machines
    [finding] = check_machine(machine, placeholders_reported(cross_check(application)))
    assert (finding.code, finding.remedy) == ("UNKNOWN_PLACEHOLDER", "add it to DefinitionSubstitutions")


def test_the_role_that_sam_creates_for_a_function_is_not_the_function(tmp_path: Path) -> None:
    substitutions = ALL_SUBSTITUTIONS.replace("Checker.Arn", "CheckerRole.Arn")
    message = 'M: CheckerArn is the ARN of a role, but "Check" Resource takes the ARN of a function'
    assert reports(application_of(tmp_path, substitutions), "WRONG_RESOURCE") == [
        ("WRONG_RESOURCE", message, "write !GetAtt Checker.Arn")
    ]


NOT_DEPLOYED_YET = """
from workflow_dsl import Workflow
from workflow_dsl.authoring import Chain, Task, function

def build():
    return Workflow(Chain([Task("Check", resource=function("Checker"))]))
"""


@pytest.mark.parametrize("command", ["generate", "validate"])
def test_a_workflow_that_is_not_deployed_yet_uses_its_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    application_of(
        tmp_path, "{QueueUrl: !Ref Queue}", definition={"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    )
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "later.py").write_text(NOT_DEPLOYED_YET)
    monkeypatch.chdir(tmp_path)
    outputs = [CliRunner().invoke(main, ["generate"]).output, CliRunner().invoke(main, [command]).output]
    assert "UNUSED_FUNCTION" not in outputs[1], outputs
    (tmp_path / "generated" / "later.asl.json").unlink()
    (tmp_path / "workflows" / "later.py").unlink()
    assert "UNUSED_FUNCTION" in CliRunner().invoke(main, ["validate", "template.yaml"]).output


HTTP_TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::http:invoke",
    "Parameters": {
        "Method": "GET",
        "ApiEndpoint": "https://api.example.com/prices",
        "Authentication": {"ConnectionArn": "${Prices}"},
    },
    "End": True,
}


@pytest.mark.parametrize(
    ("value", "is_wrong"),
    [("!Ref Api", True), ("!GetAtt Api.Name", True), ("!GetAtt Api.Arn", False), ("arn:a", False)],
)
def test_a_connection_by_its_name_is_reported(tmp_path: Path, value: str, is_wrong: bool) -> None:
    definition = {"StartAt": "Call", "States": {"Call": HTTP_TASK}}
    connection = "Api: {Type: AWS::Events::Connection, Properties: {AuthorizationType: API_KEY}}"
    application = application_of(tmp_path, f"{{Prices: {value}}}", connection, definition)
    message = "M: Prices is the name of a connection, but ConnectionArn takes its ARN"
    expected = [("WRONG_RESOURCE", message, "write !GetAtt Api.Arn")] if is_wrong else []
    assert reports(application, "WRONG_RESOURCE") == expected


@pytest.mark.parametrize("name", ["DefinitionSubstitution", "definitionSubstitutions", "DefinitonSubstitutions"])
def test_misspelt_substitutions_are_one_finding(tmp_path: Path, name: str) -> None:
    application_of(tmp_path, ALL_SUBSTITUTIONS)
    path = tmp_path / "template.yaml"
    path.write_text(path.read_text().replace("DefinitionSubstitutions", name))
    result = CliRunner().invoke(main, ["validate", str(path), "--format", "json", "--ignore", "NO_LAMBDA_RETRY"])
    assert [(each["code"], each["remedy"]) for each in json.loads(result.stdout)] == [
        ("SCHEMA_VALIDATION_FAILED", 'did you mean "DefinitionSubstitutions"?')
    ]


OTHERS = [
    ("QueueName: !Ref Tabel", ["Other: QueueName refers to Tabel, which the template does not define"]),
    ("QueueName: !GetAtt Table.Arm", ["Other: QueueName refers to Table.Arm, and AWS::DynamoDB::Table has no such attribute"]),
    ("QueueName: !GetAtt Jobs.Arn", ["Other: QueueName refers to Jobs.Arn, and AWS::Batch::JobQueue has no such attribute"]),
    ("QueueName: !GetAtt Jobs.JobQueueArn", []),
    ("QueueName: !GetAtt Table.StreamArn", ["Other: QueueName refers to Table.StreamArn, and Table has no stream"]),
    ("QueueName: !GetAtt Rows.StreamArn", []),
    ("QueueName: !GetAtt Users.ProviderNam", ["Other: QueueName refers to Users.ProviderNam, and AWS::Cognito::UserPool has no such attribute"]),
    ("QueueName: !GetAtt Users.SomethingNew", []),
    ("QueueName: !Sub '${ Table }-${Table.Arn }'", []),
    ("QueueName: !Sub '${PartBucket}-${!Literal}-${Api.Stage}'", []),
    ("Tags: {'Fn::ForEach::Tags': [Own, [a, b], {'${Own}': {Key: !Ref Own, Value: !Sub 'x-${Own}'}}]}", []),
]  # fmt: skip


@pytest.mark.parametrize(("property_", "messages"), OTHERS)
def test_a_reference_in_another_resource_is_checked_too(tmp_path: Path, property_: str, messages: list[str]) -> None:
    more = f"""
Users: {{Type: AWS::Cognito::UserPool}}
Jobs: {{Type: AWS::Batch::JobQueue}}
Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: beta}}}}
Part: {{Type: My::Own::Part::MODULE}}
Rows: {{Type: AWS::DynamoDB::Table, Properties: {{StreamSpecification: {{StreamViewType: KEYS_ONLY}}}}}}
Other: {{Type: AWS::SQS::Queue, Properties: {{{property_}}}}}
"""
    found = reports(application_of(tmp_path, more=more), "UNKNOWN_REFERENCE")
    assert [message for _, message, _ in found] == messages
