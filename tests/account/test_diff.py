"""`diff` of a deployed definition, with the real boto3 against fake services on a loopback port."""

from __future__ import annotations

import json

import pytest

from tests.account.conftest import ARN, STACK, definition_of, deploy, described, run
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.project import Project

RUNNING = "! running executions, and redrives of them, keep the definition that they started with"


@pytest.mark.parametrize("name", ["Trader", "trader", "generated/trader.asl.json", "workflows/trader.py"])
def test_a_deployed_definition_equals_the_local_one_with_the_values_of_the_stack(
    name: str, application: FakeAws
) -> None:
    result = run(application, "diff", "deployed:Trader", name)
    assert (result.exit_code, result.stdout) == (0, f"deployed:Trader and {name}: no difference\n")


def test_the_changes_are_those_of_a_deployment_and_the_other_path_round(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Record"]["Parameters"]["TableName"] = "another"
    del definition["States"]["Choose"]["Default"], definition["States"]["Nothing"]
    deploy(application, definition)
    result = run(application, "diff", "deployed:trader", "Trader")
    assert (result.exit_code, result.stdout.splitlines()[:5]) == (
        1,
        [
            "deployed:trader and Trader: 1 added, 2 changed, 1 state unchanged",
            '~ Choose: from 50 ($.price) it now goes to "Nothing" instead of failing',
            "+ Nothing: is new: Pass",
            "~ Record: calls DynamoDB putItem app-Trades-X3 instead of DynamoDB putItem another",
            RUNNING,
        ],
    )
    assert "- Nothing: is removed: Pass" in run(application, "diff", "Trader", "deployed:Trader").stdout


def test_a_version_is_compared_with_the_newest_revision(application: FakeAws) -> None:
    newest, older = definition_of(application), definition_of(application)
    older["States"]["Check"]["Retry"][0]["MaxAttempts"] = 1
    application.responses["DescribeStateMachine"] = lambda parameters: described(
        older if parameters["stateMachineArn"] == f"{ARN}:3" else newest
    )
    result = run(application, "diff", "deployed:Trader:3", "deployed:Trader", "--format", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["states"][0]["words"]) == (1, ["Busy is retried 3 times instead of 1"])


def test_a_value_that_only_the_account_has_is_named(application: FakeAws) -> None:
    parameters = [{"ParameterKey": "Limit", "ParameterValue": "****"}, STACK["Parameters"][1]]
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    result = run(application, "diff", "deployed:Trader", "Trader")
    assert (result.exit_code, result.stderr) == (0, "not compared, only in the account: Limit\n")


def test_a_machine_that_no_template_has_is_compared_with_a_file(application: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").unlink()
    (project.root / "samconfig.toml").unlink()
    result = run(application, "diff", "deployed:Trader", "generated/trader.asl.json", "--stack-name", "app")
    assert (result.exit_code, result.stdout) == (
        0,
        "deployed:Trader and generated/trader.asl.json: no difference\n",
    )


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("deployed:Tradr", 2, "the stack app has no state machine 'Tradr'; did you mean \"Trader\"?"),
        ("deployed:", 2, "the stack app has no state machine ''; it has Trader"),
    ],
)
def test_a_name_that_the_stack_does_not_have_is_a_wrong_call(
    name: str, code: int, message: str, application: FakeAws
) -> None:
    result = run(application, "diff", name, "Trader")
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr


def test_a_missing_stack_and_a_machine_that_was_deleted_are_findings(application: FakeAws) -> None:
    application.responses["DescribeStateMachine"] = ErrorResponse("StateMachineDoesNotExist", "it does not exist")
    result = run(application, "diff", "deployed:Trader", "Trader")
    assert (result.exit_code, "StateMachineDoesNotExist" in result.stderr) == (1, True)
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": "DELETE_COMPLETE"}]}
    application.responses["ListStacks"] = {"StackSummaries": []}
    assert "there is no stack app" in run(application, "diff", "deployed:Trader", "Trader").stderr


def test_local_definitions_are_compared_without_the_account(application: FakeAws) -> None:
    assert run(application, "diff", "Trader", "trader").exit_code == 0
    assert application.requests == []
