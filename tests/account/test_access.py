"""Calls, errors and settings of the account commands, with the real boto3 against fake services."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from tests.account.conftest import (
    ARN,
    AT,
    RESOURCES,
    STACK,
    run,
)
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.account import Account
from workflow_dsl.cli import main
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import Project


def test_only_reading_operations_are_called(application: FakeAws) -> None:
    run(application, "deployed")
    assert {operation for operation, _ in application.requests} == {
        "DescribeStacks",
        "ListStackResources",
        "DescribeStateMachine",
        "ListStateMachineVersions",
        "ListStateMachineAliases",
        "DescribeStateMachineAlias",
    }


def test_all_pages_of_a_response_are_read(application: FakeAws) -> None:
    def pages(parameters: Any) -> dict[str, Any]:
        if "NextToken" in parameters:
            return {"StackResourceSummaries": RESOURCES[2:]}
        return {"StackResourceSummaries": RESOURCES[:2], "NextToken": "more"}

    application.responses["ListStackResources"] = pages
    assert run(application, "deployed").exit_code == 0


ERROR_RESPONSES = [
    (
        "DescribeStacks",
        ErrorResponse("ValidationError", "Stack with id app does not exist"),
        "error NO_STACK: there is no stack app in eu-west-1\n      = deploy it first, or name another with --stack-name, --region or --profile\n",
    ),
    (
        "DescribeStateMachine",
        ErrorResponse("AccessDeniedException", "User: me is not authorized to perform: states:DescribeStateMachine"),
        "error ACCESS_DENIED: states:DescribeStateMachine is not allowed: User: me is not authorized to perform: "
        "states:DescribeStateMachine\n      = ask for a policy that allows states:DescribeStateMachine\n",
    ),
    (
        "ListStackResources",
        ErrorResponse("AccessDenied", "User: me is not authorized"),
        "error ACCESS_DENIED: cloudformation:ListStackResources is not allowed: User: me is not authorized\n"
        "      = ask for a policy that allows cloudformation:ListStackResources\n",
    ),
    (
        "DescribeStateMachine",
        ErrorResponse("ExpiredTokenException", "The security token included in the request is expired"),
        "error NO_CREDENTIALS: AWS rejects the credentials: The security token included in the request is expired\n"
        "      = sign in (aws sso login, aws configure), or name a profile with --profile\n",
    ),
    (
        "ListStateMachineVersions",
        ErrorResponse("StateMachineTypeNotSupported", "EXPRESS"),
        "error REFUSED: states:ListStateMachineVersions: StateMachineTypeNotSupported: EXPRESS\n"
        "      = read the state machine's log group: it has the history of Express executions\n",
    ),
    (
        "DescribeStateMachine",
        ErrorResponse("KmsAccessDeniedException", "no key"),
        "error REFUSED: states:DescribeStateMachine: KmsAccessDeniedException: no key\n"
        "      = ask for kms:Decrypt on the key that encrypts the state machine, or use a role that has it\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "error", "message"), ERROR_RESPONSES)
def test_an_error_response_is_reported_with_a_remedy(
    operation: str, error: ErrorResponse, message: str, application: FakeAws
) -> None:
    application.responses[operation] = error
    result = run(application, "deployed")
    assert (result.exit_code, result.stderr) == (1, message)


def test_lasting_throttling_is_reported(application: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    application.responses["DescribeStateMachine"] = ErrorResponse("ThrottlingException", "Rate exceeded")
    result = run(application, "deployed")
    assert (result.exit_code, result.stderr) == (
        1,
        "error THROTTLED: AWS throttles states:DescribeStateMachine: Rate exceeded\n      = try again in a minute\n",
    )


def test_a_misspelled_stack_name_is_corrected(application: FakeAws) -> None:
    application.responses["DescribeStacks"] = ErrorResponse("ValidationError", "Stack with id ap does not exist")
    application.responses["ListStacks"] = {
        "StackSummaries": [
            {"StackName": "ap", "CreationTime": AT, "StackStatus": "DELETE_COMPLETE"},
            {"StackName": "app", "CreationTime": AT, "StackStatus": "UPDATE_COMPLETE"},
        ]
    }
    result = run(application, "deployed", "--stack-name", "ap")
    assert result.stderr == 'error NO_STACK: there is no stack ap in eu-west-1\n      = did you mean "app"?\n'


def test_without_credentials_the_remedy_is_to_sign_in(application: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    result = run(application, "deployed")
    assert (result.exit_code, result.stderr) == (
        1,
        "error NO_CREDENTIALS: no AWS credentials were found\n"
        "      = sign in (aws sso login, aws configure), or name a profile with --profile\n",
    )


def test_an_unknown_profile_a_missing_region_and_no_network_are_reported(
    application: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        "NO_CREDENTIALS: The config profile (mine) could not be found"
        in run(application, "deployed", "--profile", "mine").stderr
    )
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    nowhere = CliRunner().invoke(main, ["deployed", "--endpoint-url", "http://127.0.0.1:1"])
    assert (nowhere.exit_code, "UNREACHABLE: AWS cannot be reached: Could not connect" in nowhere.stderr) == (1, True)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "NO_REGION: no region is set" in CliRunner().invoke(main, ["deployed"]).stderr


def test_a_missing_stack_name_is_a_usage_error(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").unlink()
    result = run(application, "deployed")
    assert (result.exit_code, "give --stack-name, or set stack_name in samconfig.toml" in result.stderr) == (
        2,
        True,
    )


def test_an_unreadable_samconfig_is_reported(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").write_text("x = ")
    result = run(application, "deployed")
    assert (result.exit_code, result.stderr.startswith("samconfig.toml: error CONFIGURATION: cannot be read: ")) == (
        1,
        True,
    )


def test_the_profile_is_read_from_samconfig(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").write_text(
        '[default.deploy.parameters]\nstack_name = "app"\nprofile = "theirs"\n'
    )
    assert "The config profile (theirs) could not be found" in run(application, "deployed").stderr


def test_config_env_and_config_file_select_the_settings(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").write_text('[prod.global.parameters]\nstack_name = "app"\n')
    assert run(application, "deployed", "--config-env", "prod").exit_code == 0
    assert 'did you mean "prod"?' in run(application, "deployed", "--config-env", "prot").stderr
    (project.root / "samconfig.toml").rename(project.root / "other.toml")
    assert run(application, "deployed", "--config-env", "prod", "--config-file", "other.toml").exit_code == 0
    assert (
        "nowhere.toml: error CONFIGURATION: does not exist"
        in run(application, "deployed", "--config-file", "nowhere.toml").stderr
    )
    (project.root / "samconfig.yaml").write_text("default: {global: {parameters: {stack_name: app}}}")
    assert run(application, "deployed").exit_code == 0


def test_a_malformed_endpoint_or_region_is_reported(application: FakeAws) -> None:
    result = CliRunner().invoke(main, ["deployed", "--endpoint-url", "localhost:4566"], catch_exceptions=False)
    assert (result.exit_code, "'localhost:4566' is not a URL; begin it with http:// or https://" in result.stderr) == (
        2,
        True,
    )
    result = run(application, "deployed", "--region", "not a region")
    assert (result.exit_code, "write a region's code, such as eu-west-1" in result.stderr) == (1, True)


MALFORMED: list[tuple[str, Any]] = [
    ("DescribeStacks", {"Stacks": []}),
    ("DescribeStacks", {"Stacks": [{**STACK, "StackId": "none"}]}),
    ("ListStackResources", {"StackResourceSummaries": [{"LogicalResourceId": "Trader", "PhysicalResourceId": ARN}]}),
    ("DescribeStateMachine", {"stateMachineArn": ARN}),
    ("DescribeStateMachineAlias", {"routingConfiguration": [{}]}),
]


@pytest.mark.parametrize(("operation", "response"), MALFORMED)
def test_a_malformed_response_is_reported(operation: str, response: Any, application: FakeAws) -> None:
    application.responses[operation] = response
    result = run(application, "deployed")
    assert (result.exit_code, "error UNREACHABLE: the response " in result.stderr) == (1, True)


def test_a_repeated_page_token_ends_the_list(application: FakeAws) -> None:
    application.responses["ListStackResources"] = {"StackResourceSummaries": RESOURCES, "NextToken": "again"}
    assert run(application, "deployed").exit_code == 0


def test_a_role_that_may_not_be_assumed_is_an_action_of_sts() -> None:
    class Denied:
        def describe_stacks(self, **parameters: str) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    with pytest.raises(FindingsError) as refused:
        Account(lambda service: Denied()).call("cloudformation", "describe_stacks")
    [finding] = refused.value.findings
    assert (finding.message, finding.remedy) == (
        "sts:AssumeRole is not allowed: no",
        "ask for a policy that allows sts:AssumeRole",
    )


@pytest.mark.parametrize(
    "operation", ["ListStateMachineVersions", "ListStateMachineAliases", "DescribeStateMachineAlias"]
)
def test_a_denied_read_that_is_not_needed_is_said(operation: str, application: FakeAws) -> None:
    application.responses[operation] = ErrorResponse("AccessDeniedException", "no")
    result = run(application, "deployed")
    assert (result.exit_code, [" ".join(line.split()) for line in result.stdout.splitlines()[1:3]]) == (
        1,
        [
            "Trader equal generated/trader.asl.json 2026-11-24 12:00:00 UTC",
            f"Trader: its versions and aliases were not read: states:{operation} is not allowed: no",
        ],
    )


def test_a_plan_without_the_running_executions_says_so(application: FakeAws) -> None:
    application.responses["ListExecutions"] = ErrorResponse("AccessDeniedException", "no")
    result = run(application, "plan")
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            "Trader: does not change",
            "Trader: its running executions were not read: states:ListExecutions is not allowed: no",
        ],
    )
