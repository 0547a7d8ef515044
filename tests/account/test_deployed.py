"""`deployed`, with the real boto3 against fake services on a loopback port."""

from __future__ import annotations

import json

import pytest

from tests.account.conftest import (
    ARN,
    AT,
    MACHINES,
    RESOURCES,
    STACK,
    SUBSTITUTIONS,
    definition_of,
    deploy,
    described,
    lines,
    resource,
    routed,
    run,
    running,
)
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.project import Project


def test_an_equal_machine_is_listed_with_version_alias_and_last_deployment(application: FakeAws) -> None:
    result = run(application, "deployed")
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines(result.stdout) == [
        "State machine Status Definition Version Aliases Last deployed",
        "Trader equal generated/trader.asl.json 4 live: 4 (100%) 2026-11-24 12:00:00 UTC",
        "Stack app is UPDATE_COMPLETE, last deployed by samcli-deploy1.",
    ]


def test_an_edit_in_the_console_is_listed_in_the_words_of_diff(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    definition["States"]["Record"]["Parameters"]["TableName"] = "another"
    del definition["States"]["Nothing"]
    deploy(application, definition)
    result = run(application, "deployed")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[2:6] == [
        "Trader: from the account to generated/trader.asl.json: 1 added, 2 changed, 1 state unchanged",
        "  ~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ...",
        "  + Nothing: is new: Pass",
        "  ~ Record: calls DynamoDB putItem app-Trades-X3 instead of DynamoDB putItem another",
    ]


def test_differences_are_printed_as_json(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    definition["States"]["Check"]["Comment"] = "edited"
    del definition["States"]["Nothing"]["Type"]
    deploy(application, definition)
    application.responses["DescribeStateMachineAlias"] = routed({"3": 80, "4": 20})
    result = run(application, "deployed", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (
        1,
        {
            "stack": STACK["StackId"],
            "status": "UPDATE_COMPLETE",
            "changeSet": "samcli-deploy1",
            "stateMachines": [
                {
                    "logicalId": "Trader",
                    "workflow": "trader",
                    "definition": "generated/trader.asl.json",
                    "standing": "drifted",
                    "isEdited": False,
                    "arn": ARN,
                    "version": "4",
                    "aliases": {"live": {"3": 80, "4": 20}},
                    "deployedLast": AT.isoformat(),
                    "changes": [
                        {"version": None, "pointer": "/States/Check/Retry/0/IntervalSeconds", "state": "Check", "field": "Retry[0].IntervalSeconds", "deployed": 9, "here": 2},
                        {"version": None, "pointer": "/States/Check/Comment", "state": "Check", "field": "Comment", "deployed": "edited"},
                        {"version": None, "pointer": "/States/Nothing/Type", "state": "Nothing", "field": "Type", "here": "Pass"},
                    ],
                    "notCompared": [],
                    "notRead": [],
                }
            ],
            "notCompared": [],
        },
    )  # fmt: skip


def test_a_state_machine_on_one_side_only_is_missing_or_unknown(application: FakeAws) -> None:
    other = resource("Other", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[1:], other]}
    application.responses["ListStateMachineVersions"] = {"stateMachineVersions": []}
    application.responses["ListStateMachineAliases"] = {"stateMachineAliases": []}
    result = run(application, "deployed")
    assert (result.exit_code, lines(result.stdout)[1:3]) == (
        1,
        ["Trader missing generated/trader.asl.json", "Other unknown 2026-11-24 12:00:00 UTC"],
    )


def test_a_definition_in_s3_is_not_compared(application: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").write_text(
        "Resources: {Trader: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: s3://a/b}}}"
    )
    result = run(application, "deployed")
    assert (result.exit_code, lines(result.stdout)[1:3]) == (
        1,
        [
            "Trader unknown template.yaml 4 live: 4 (100%) 2026-11-24 12:00:00 UTC",
            "Trader: was not compared: its local definition is not available",
        ],
    )


@pytest.mark.parametrize("value", [{"ParameterValue": "****"}, {"ParameterValue": "/app/limit", "ResolvedValue": "7"}])
def test_a_hidden_or_systems_manager_parameter_is_not_a_difference(value: dict[str, str], application: FakeAws) -> None:
    parameters = [{"ParameterKey": "Limit", **value}, STACK["Parameters"][1]]
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    assert run(application, "deployed").exit_code == 0


def test_a_function_from_outside_the_stack_is_a_difference(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Resource"] = "arn:aws:lambda:eu-west-1:123456789012:function:another"
    deploy(application, definition)
    assert "~ Check: calls Lambda app-Checker-X2 instead of Lambda another\n" in run(application, "deployed").stdout


def test_a_project_without_a_template_is_a_usage_error(application: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").unlink()
    result = run(application, "deployed")
    assert (result.exit_code, "no template.yaml in this project" in result.stderr) == (2, True)


def test_a_missing_definition_file_is_reported(application: FakeAws, project: Project) -> None:
    (project.root / "generated" / "trader.asl.json").unlink()
    result = run(application, "deployed")
    assert (result.exit_code, lines(result.stdout)[1].split()[:2], "NO_DEFINITION" in result.stderr) == (
        1,
        ["Trader", "unknown"],
        True,
    )


def test_a_state_machine_deleted_outside_cloudformation_is_missing(application: FakeAws) -> None:
    application.responses["DescribeStateMachine"] = ErrorResponse(
        "StateMachineDoesNotExist", "State Machine Does Not Exist"
    )
    result = run(application, "deployed")
    assert (result.exit_code, lines(result.stdout)[1]) == (1, "Trader missing generated/trader.asl.json")
    gone = [{**RESOURCES[0], "ResourceStatus": "DELETE_COMPLETE"}, *RESOURCES[1:]]
    application.responses["ListStackResources"] = {"StackResourceSummaries": gone}
    assert run(application, "deployed").exit_code == 1


def test_the_versions_of_an_alias_are_compared_too(application: FakeAws) -> None:
    newest, older = definition_of(application), definition_of(application)
    older["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    application.responses["DescribeStateMachine"] = lambda parameters: described(
        older if parameters["stateMachineArn"].endswith(":3") else newest
    )
    application.responses["DescribeStateMachineAlias"] = routed({"3": 80, "4": 20})
    result = run(application, "deployed")
    assert (result.exit_code, lines(result.stdout)[1:4]) == (
        1,
        [
            "Trader drifted generated/trader.asl.json 4 live: 3 (80%) 4 (20%) 2026-11-24 12:00:00 UTC",
            "Trader: from version 3 to generated/trader.asl.json: 1 changed, 3 states unchanged",
            "~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ...",
        ],
    )
    application.responses["ListExecutions"] = running(0)
    assert run(application, "plan").stdout.splitlines()[:2] == [
        "Trader: changes in 1 place",
        "  ~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ... (since version 3)",
    ]


def test_an_edit_after_the_last_version_survives_a_deployment(application: FakeAws) -> None:
    version, edited = definition_of(application), definition_of(application)
    edited["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    application.responses["ListExecutions"] = running(0)
    application.responses["DescribeStateMachine"] = lambda parameters: described(
        version if parameters["stateMachineArn"].endswith(":4") else edited
    )
    drift = "~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ..."
    assert run(application, "deployed").stdout.splitlines()[2:5] == [
        "Trader: from the account to generated/trader.asl.json: 1 changed, 3 states unchanged",
        f"  {drift}",
        "Trader: was edited in the console after version 4, which its aliases still run",
    ]
    assert run(application, "plan").stdout.splitlines() == [
        "Trader: was edited in the console (1 change); deploying an unchanged template will not overwrite it",
        f"  {drift}",
    ]


def test_a_table_missing_from_the_stack_is_a_difference(application: FakeAws) -> None:
    application.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[:2], RESOURCES[3]]}
    assert lines(run(application, "deployed").stdout)[3] == (
        "~ Record: calls DynamoDB putItem <Trades, not in the stack> instead of DynamoDB putItem app-Trades-X3"
    )


def test_a_function_alias_has_the_arn_from_the_stack(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    text = template.read_text().replace("!GetAtt Checker.Arn", "!Ref Checker.Alias")
    template.write_text(text.replace("InlineCode: x,", "InlineCode: x, AutoPublishAlias: live,"))
    live = f"{SUBSTITUTIONS['CheckerArn']}:live"
    definition = definition_of(application)
    definition["States"]["Check"]["Resource"] = live
    deploy(application, definition)
    alias = resource("CheckerAliaslive", "AWS::Lambda::Alias", live)
    application.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES, alias]}
    assert run(application, "deployed").exit_code == 0
    application.responses["ListStackResources"] = {"StackResourceSummaries": RESOURCES}
    assert '~ Check: calls "<Checker, not in the stack>" instead of' in run(application, "deployed").stdout


def test_a_state_machine_in_deletion_is_missing(application: FakeAws) -> None:
    application.responses["DescribeStateMachine"] = {**described(definition_of(application)), "status": "DELETING"}
    assert lines(run(application, "deployed").stdout)[1] == "Trader missing generated/trader.asl.json"


def test_a_machine_with_a_false_condition_is_not_missing(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    text = template.read_text()
    template.write_text(text.replace("  Trader:\n", "  Trader:\n    Condition: IsBig\n"))
    application.responses["ListExecutions"] = running(0)
    assert lines(run(application, "deployed").stdout)[1].startswith("Trader unknown ")
    assert run(application, "plan").stdout == "Trader: will be deleted: it is not in the template\n"
    application.responses["ListStackResources"] = {"StackResourceSummaries": RESOURCES[1:]}
    assert run(application, "plan").stdout == ""


def test_control_characters_are_escaped(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["\x1b[31mRed"] = {"Type": "Succeed"}
    deploy(application, definition)
    result = run(application, "deployed")
    assert "  - \\x1b[31mRed: is removed: Succeed\n" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_comma_delimited_list_parameter_is_joined(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    text = template.read_text().replace("Limit: !Ref Limit", "Limit: !Join ['-', !Ref Names]")
    template.write_text(text.replace("Parameters: {", "Parameters: {Names: {Type: CommaDelimitedList, Default: ''}, "))
    names = {"ParameterKey": "Names", "ParameterValue": "c, d"}
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": [*STACK["Parameters"], names]}]}
    definition = json.loads(json.dumps(definition_of(application)).replace('"N": "7"', '"N": "c-d"'))
    deploy(application, definition)
    assert run(application, "deployed").exit_code == 0
