"""deployed and plan: an account that is asked for real, over loopback, by boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.account.conftest import ARN, AT, MACHINES, RESOURCES, STACK, STOOD_FOR, described, resource, routed
from tests.fake_aws import FakeAws, Refused
from workflow_dsl.cli import main
from workflow_dsl.project import Project


def run(aws: FakeAws, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, "--endpoint-url", aws.url, *arguments], catch_exceptions=False)


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def definition_of(aws: FakeAws) -> Any:
    answer = aws.answers["DescribeStateMachine"]
    assert isinstance(answer, dict)
    return json.loads(answer["definition"])


def deploy(aws: FakeAws, definition: Any) -> None:
    aws.answers["DescribeStateMachine"] = described(definition)


def test_what_is_the_same_is_equal_with_its_version_alias_and_last_change(application: FakeAws) -> None:
    done = run(application, "deployed")
    assert (done.exit_code, done.stderr) == (0, "")
    assert lines(done.stdout) == [
        "State machine Standing Definition Version Aliases Deployed last",
        "Trader equal generated/trader.asl.json 4 live: 4 (100 %) 2026-11-24 12:00:00 UTC",
        "Stack app is UPDATE_COMPLETE, deployed last by samcli-deploy1.",
    ]


def test_nothing_is_asked_that_could_change_anything(application: FakeAws) -> None:
    run(application, "deployed")
    assert {operation for operation, _ in application.asked} == {
        "DescribeStacks",
        "ListStackResources",
        "DescribeStateMachine",
        "ListStateMachineVersions",
        "ListStateMachineAliases",
        "DescribeStateMachineAlias",
    }


def test_an_edit_in_the_console_is_named_with_both_values(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    definition["States"]["Record"]["Parameters"]["TableName"] = "another"
    del definition["States"]["Nothing"]
    deploy(application, definition)
    done = run(application, "deployed")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[2:5] == [
        'Trader: "Check" Retry[0].IntervalSeconds: is 9 in the account, 2 in generated/trader.asl.json',
        'Trader: "Record" Parameters.TableName: is "another" in the account, "app-Trades-X3" in generated/trader.asl.json',
        'Trader: "Nothing": is only in generated/trader.asl.json',
    ]


def test_the_same_as_json(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    definition["States"]["Check"]["Comment"] = "edited"
    del definition["States"]["Nothing"]["Type"]
    deploy(application, definition)
    application.answers["DescribeStateMachineAlias"] = routed({"3": 80, "4": 20})
    done = run(application, "deployed", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)) == (
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
                }
            ],
        },
    )  # fmt: skip


def test_a_state_machine_that_only_one_side_has_is_missing_or_unknown(application: FakeAws) -> None:
    other = resource("Other", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.answers["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[1:], other]}
    application.answers["ListStateMachineVersions"] = {"stateMachineVersions": []}
    application.answers["ListStateMachineAliases"] = {"stateMachineAliases": []}
    done = run(application, "deployed")
    assert (done.exit_code, lines(done.stdout)[1:3]) == (
        1,
        ["Trader missing generated/trader.asl.json", "Other unknown 2026-11-24 12:00:00 UTC"],
    )


def test_a_definition_that_is_not_here_is_unknown(application: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").write_text(
        "Resources: {Trader: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: s3://a/b}}}"
    )
    done = run(application, "deployed")
    assert (done.exit_code, lines(done.stdout)[1]) == (
        0,
        "Trader unknown template.yaml 4 live: 4 (100 %) 2026-11-24 12:00:00 UTC",
    )


@pytest.mark.parametrize("told", [{"ParameterValue": "****"}, {"ParameterValue": "/app/limit", "ResolvedValue": "7"}])
def test_a_parameter_that_is_a_secret_or_in_systems_manager_is_no_difference(
    told: dict[str, str], application: FakeAws
) -> None:
    parameters = [{"ParameterKey": "Limit", **told}, STACK["Parameters"][1]]
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    assert run(application, "deployed").exit_code == 0


def test_another_table_than_the_stacks_is_a_difference(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Resource"] = "arn:aws:lambda:eu-west-1:123456789012:function:another"
    deploy(application, definition)
    assert (
        '"Check" Resource: is ...456789012:function:another" in the account, ...456789012:function:app-Checker-X2"'
        in run(application, "deployed").stdout
    )


def test_answers_of_several_pages_are_one(application: FakeAws) -> None:
    def pages(given: Any) -> dict[str, Any]:
        if "NextToken" in given:
            return {"StackResourceSummaries": RESOURCES[2:]}
        return {"StackResourceSummaries": RESOURCES[:2], "NextToken": "more"}

    application.answers["ListStackResources"] = pages
    assert run(application, "deployed").exit_code == 0


REFUSALS = [
    (
        "DescribeStacks",
        Refused("ValidationError", "Stack with id app does not exist"),
        "error NO_STACK: there is no stack app\n      = deploy it first, or name another with --stack-name, --region or --profile\n",
    ),
    (
        "DescribeStateMachine",
        Refused("AccessDeniedException", "User: me is not authorized to perform: states:DescribeStateMachine"),
        "error ACCESS_DENIED: states:DescribeStateMachine is not allowed: User: me is not authorized to perform: "
        "states:DescribeStateMachine\n      = ask for a policy that allows states:DescribeStateMachine\n",
    ),
    (
        "ListStackResources",
        Refused("AccessDenied", "User: me is not authorized"),
        "error ACCESS_DENIED: cloudformation:ListStackResources is not allowed: User: me is not authorized\n"
        "      = ask for a policy that allows cloudformation:ListStackResources\n",
    ),
    (
        "DescribeStateMachine",
        Refused("ExpiredTokenException", "The security token included in the request is expired"),
        "error NO_CREDENTIALS: the credentials are not taken: The security token included in the request is expired\n"
        "      = sign in (aws sso login, aws configure), or name a profile with --profile\n",
    ),
    (
        "ListStateMachineVersions",
        Refused("StateMachineTypeNotSupported", "EXPRESS"),
        "error REFUSED: states:ListStateMachineVersions: StateMachineTypeNotSupported: EXPRESS\n"
        "      = an Express execution's history is in its state machine's log group\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "refused", "said"), REFUSALS)
def test_what_aws_refuses_is_said_with_what_to_do(
    operation: str, refused: Refused, said: str, application: FakeAws
) -> None:
    application.answers[operation] = refused
    done = run(application, "deployed")
    assert (done.exit_code, done.stderr) == (1, said)


def test_throttling_that_does_not_end_is_said(application: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    application.answers["DescribeStateMachine"] = Refused("ThrottlingException", "Rate exceeded")
    done = run(application, "deployed")
    assert (done.exit_code, done.stderr) == (
        1,
        "error THROTTLED: AWS refuses so many calls of states:DescribeStateMachine: Rate exceeded\n"
        "      = try again in a minute\n",
    )


def test_a_stack_of_almost_that_name_is_the_hint(application: FakeAws) -> None:
    application.answers["DescribeStacks"] = Refused("ValidationError", "Stack with id ap does not exist")
    application.answers["ListStacks"] = {
        "StackSummaries": [
            {"StackName": "ap", "CreationTime": AT, "StackStatus": "DELETE_COMPLETE"},
            {"StackName": "app", "CreationTime": AT, "StackStatus": "UPDATE_COMPLETE"},
        ]
    }
    done = run(application, "deployed", "--stack-name", "ap")
    assert done.stderr == 'error NO_STACK: there is no stack ap\n      = did you mean "app"?\n'


def test_without_credentials_it_says_how_to_sign_in(application: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run(application, "deployed")
    assert (done.exit_code, done.stderr) == (
        1,
        "error NO_CREDENTIALS: there are no credentials for AWS\n"
        "      = sign in (aws sso login, aws configure), or name a profile with --profile\n",
    )


def test_an_unknown_profile_a_missing_region_and_no_network_are_said(
    application: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        "NO_CREDENTIALS: The config profile (mine) could not be found"
        in run(application, "deployed", "--profile", "mine").stderr
    )
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    nowhere = CliRunner().invoke(main, ["deployed", "--endpoint-url", "http://127.0.0.1:1"])
    assert (nowhere.exit_code, "UNREACHABLE: AWS cannot be asked: Could not connect" in nowhere.stderr) == (1, True)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "NO_REGION: no region is set" in CliRunner().invoke(main, ["deployed"]).stderr


def test_a_call_that_says_no_stack_is_wrong(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").unlink()
    done = run(application, "deployed")
    assert (done.exit_code, "name it with --stack-name, or set stack_name in samconfig.toml" in done.stderr) == (
        2,
        True,
    )


def test_a_samconfig_that_cannot_be_read_is_said(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").write_text("x = ")
    done = run(application, "deployed")
    assert (done.exit_code, done.stderr.startswith("samconfig.toml: error CONFIGURATION: cannot be read: ")) == (
        1,
        True,
    )


def test_samconfig_says_region_and_profile_too(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").write_text(
        '[default.deploy.parameters]\nstack_name = "app"\nprofile = "theirs"\n'
    )
    assert "The config profile (theirs) could not be found" in run(application, "deployed").stderr


def running(count: int) -> dict[str, Any]:
    """What ListExecutions answers of executions that are running."""
    told = {"stateMachineArn": ARN, "status": "RUNNING", "startDate": AT}
    numbers = range(1, count + 1)
    return {"executions": [{**told, "name": f"e{n}", "executionArn": f"{MACHINES}:execution:t:{n}"} for n in numbers]}


def test_a_plan_without_a_change_says_so_and_what_runs(application: FakeAws) -> None:
    application.answers["ListExecutions"] = running(0)
    done = run(application, "plan", "--parameter-overrides", "Limit=7")
    assert (done.exit_code, done.stdout) == (0, "Trader: does not change\n")
    application.answers["ListExecutions"] = running(1)
    assert run(application, "plan").stdout.splitlines()[1:] == ["  runs on: e1, since 2026-11-24 12:00:00 UTC"]


OVERRIDES = [
    ("--parameter-overrides", "Limit=9"),
    ("--parameter-overrides=Limit=9",),
    ("--parameter-overrides", "ParameterKey=Limit,ParameterValue=9", "Size=SMALL", "--no-confirm-changeset"),
]


@pytest.mark.parametrize("options", OVERRIDES)
def test_a_plan_is_made_with_the_parameters_that_are_overridden(options: tuple[str, ...], application: FakeAws) -> None:
    application.answers["ListExecutions"] = running(0)
    assert run(application, "plan", *options).stdout.splitlines() == CHANGED_LIMIT


CHANGED_LIMIT = [
    "Trader: changes in 1 place",
    '  "Record" Parameters.Item.Price.N: is "7" in the account, "9" in generated/trader.asl.json',
]
CONFIGURED = [
    'parameter_overrides = "Limit=9 Size=SMALL"',
    'parameter_overrides = \'Size="SMALL" Limit="9"\'',
    'parameter_overrides = ["Limit=9", "Size=SMALL"]',
    'parameter_overrides = {Limit = 9, Size = "SMALL"}',
]


@pytest.mark.parametrize("line", CONFIGURED)
def test_a_plan_is_made_with_the_parameters_of_samconfig(line: str, application: FakeAws, project: Project) -> None:
    application.answers["ListExecutions"] = running(0)
    (project.root / "samconfig.toml").write_text(f'[default.deploy.parameters]\nstack_name = "app"\n{line}\n')
    assert run(application, "plan").stdout.splitlines() == CHANGED_LIMIT
    assert run(application, "plan", "--parameter-overrides", "Limit=7").stdout.splitlines() == [
        "Trader: does not change"
    ]


def test_the_environment_and_the_file_of_sams_configuration_are_taken(application: FakeAws, project: Project) -> None:
    (project.root / "samconfig.toml").write_text('[prod.global.parameters]\nstack_name = "app"\n')
    assert run(application, "deployed", "--config-env", "prod").exit_code == 0
    assert 'did you mean "prod"?' in run(application, "deployed", "--config-env", "prot").stderr
    (project.root / "samconfig.toml").rename(project.root / "other.toml")
    assert run(application, "deployed", "--config-env", "prod", "--config-file", "other.toml").exit_code == 0
    assert (
        "nowhere.toml: error CONFIGURATION: is not there"
        in run(application, "deployed", "--config-file", "nowhere.toml").stderr
    )
    (project.root / "samconfig.yaml").write_text("default: {global: {parameters: {stack_name: app}}}")
    assert run(application, "deployed").exit_code == 0


def test_a_first_guided_deployment_goes_on_without_a_region(
    application: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = run(application, "plan", "--guided")
    assert (done.exit_code, done.stdout) == (
        0,
        "What would change is shown once the region is known: from the next time on.\n",
    )
    assert run(application, "plan").exit_code == 1


def test_a_plan_says_what_changes_and_what_runs_on_as_it_was(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    deploy(application, definition)
    application.answers["ListExecutions"] = running(12)
    done = run(application, "plan")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "Trader: changes in 1 place",
            '  "Check" Retry[0].IntervalSeconds: is 9 in the account, 2 in generated/trader.asl.json',
            *(f"  runs on as it was: e{n}, since 2026-11-24 12:00:00 UTC" for n in range(1, 11)),
            "  and 2 others",
        ],
    )


def test_a_plan_for_a_stack_that_is_not_there_says_that_all_is_new(application: FakeAws) -> None:
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": "REVIEW_IN_PROGRESS"}]}
    assert run(application, "plan").stdout == "Stack app is new: everything is.\n"


def test_a_plan_names_new_and_unknown_state_machines(application: FakeAws) -> None:
    other = resource("Other", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.answers["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[1:], other]}
    application.answers["ListExecutions"] = running(1)
    assert run(application, "plan").stdout.splitlines() == [
        "Trader: is new",
        "Other: is deleted: the template does not have it",
        "  is ended: e1, since 2026-11-24 12:00:00 UTC",
    ]


def test_a_plan_refuses_while_generated_is_stale(application: FakeAws, project: Project) -> None:
    workflow = project.root / project.workflows / "trader.py"
    workflow.write_text(workflow.read_text().replace("interval_seconds=2", "interval_seconds=3"))
    done = run(application, "plan")
    assert (done.exit_code, application.asked) == (1, [])
    assert "error DRIFT" in done.stderr
    assert "Nothing is deployed until this is mended." in done.stderr


def test_a_plan_refuses_while_the_template_disagrees(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    template.write_text(template.read_text().replace("Trades: !Ref Trades", "Trades: !Ref Traids"))
    done = run(application, "plan")
    assert (done.exit_code, application.asked, "UNKNOWN_REFERENCE" in done.stderr) == (1, [], True)


def test_a_project_without_a_template_has_nothing_to_compare(application: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").unlink()
    done = run(application, "deployed")
    assert (done.exit_code, "no template template.yaml" in done.stderr) == (2, True)


def test_a_definition_that_cannot_be_read_is_said(application: FakeAws, project: Project) -> None:
    (project.root / "generated" / "trader.asl.json").unlink()
    done = run(application, "deployed")
    assert (done.exit_code, lines(done.stdout)[1].split()[:2], "NO_DEFINITION" in done.stderr) == (
        1,
        ["Trader", "unknown"],
        True,
    )


def test_a_state_machine_that_someone_deleted_is_missing(application: FakeAws) -> None:
    application.answers["DescribeStateMachine"] = Refused("StateMachineDoesNotExist", "State Machine Does Not Exist")
    done = run(application, "deployed")
    assert (done.exit_code, lines(done.stdout)[1]) == (1, "Trader missing generated/trader.asl.json")
    gone = [{**RESOURCES[0], "ResourceStatus": "DELETE_COMPLETE"}, *RESOURCES[1:]]
    application.answers["ListStackResources"] = {"StackResourceSummaries": gone}
    assert run(application, "deployed").exit_code == 1


def test_a_version_that_an_alias_leads_to_runs_too(application: FakeAws) -> None:
    newest, older = definition_of(application), definition_of(application)
    older["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    application.answers["DescribeStateMachine"] = lambda given: described(
        older if given["stateMachineArn"].endswith(":3") else newest
    )
    application.answers["DescribeStateMachineAlias"] = routed({"3": 80, "4": 20})
    done = run(application, "deployed")
    assert (done.exit_code, lines(done.stdout)[1:3]) == (
        1,
        [
            "Trader drifted generated/trader.asl.json 4 live: 3 (80 %) 4 (20 %) 2026-11-24 12:00:00 UTC",
            'Trader: "Check" Retry[0].IntervalSeconds: is 9 in version 3, 2 in generated/trader.asl.json',
        ],
    )


def test_an_edit_after_the_last_version_is_no_deployments_and_stays(application: FakeAws) -> None:
    version, edited = definition_of(application), definition_of(application)
    edited["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    application.answers["ListExecutions"] = running(0)
    application.answers["DescribeStateMachine"] = lambda given: described(
        version if given["stateMachineArn"].endswith(":4") else edited
    )
    drift = '"Check" Retry[0].IntervalSeconds: is 9 in the account, 2 in generated/trader.asl.json'
    assert run(application, "deployed").stdout.splitlines()[2:4] == [
        f"Trader: {drift}",
        "Trader: edited in the account after version 4, which its aliases run",
    ]
    assert run(application, "plan").stdout.splitlines() == [
        "Trader: was edited in the account in 1 place, which a deployment leaves so",
        f"  {drift}",
    ]


def test_a_table_that_the_stack_does_not_have_yet_is_a_difference(application: FakeAws) -> None:
    application.answers["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[:2], RESOURCES[3]]}
    assert lines(run(application, "deployed").stdout)[2] == (
        'Trader: "Record" Parameters.TableName: is "app-Trades-X3" in the account, "<Trades, not in the stack>" in generated/trader.asl.json'
    )


def test_a_function_by_its_alias_is_the_one_that_the_stack_has(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    text = template.read_text().replace("!GetAtt Checker.Arn", "!Ref Checker.Alias")
    template.write_text(text.replace("InlineCode: x,", "InlineCode: x, AutoPublishAlias: live,"))
    live = f"{STOOD_FOR['CheckerArn']}:live"
    definition = definition_of(application)
    definition["States"]["Check"]["Resource"] = live
    deploy(application, definition)
    alias = resource("CheckerAliaslive", "AWS::Lambda::Alias", live)
    application.answers["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES, alias]}
    assert run(application, "deployed").exit_code == 0
    application.answers["ListStackResources"] = {"StackResourceSummaries": RESOURCES}
    assert '"<Checker, not in the stack>" in generated' in run(application, "deployed").stdout


def test_an_address_that_is_none_is_said(application: FakeAws) -> None:
    done = CliRunner().invoke(main, ["deployed", "--endpoint-url", "localhost:4566"], catch_exceptions=False)
    assert (done.exit_code, "begin --endpoint-url with http:// or https://" in done.stderr) == (1, True)
    done = run(application, "deployed", "--region", "not a region")
    assert (done.exit_code, "name one as AWS does: eu-west-1" in done.stderr) == (1, True)


LACKING: list[tuple[str, Any]] = [
    ("DescribeStacks", {"Stacks": []}),
    ("DescribeStacks", {"Stacks": [{**STACK, "StackId": "none"}]}),
    ("ListStackResources", {"StackResourceSummaries": [{"LogicalResourceId": "Trader", "PhysicalResourceId": ARN}]}),
    ("DescribeStateMachine", {"stateMachineArn": ARN}),
    ("DescribeStateMachineAlias", {"routingConfiguration": [{}]}),
]


@pytest.mark.parametrize(("operation", "answer"), LACKING)
def test_an_answer_that_is_not_as_awss_are_is_said(operation: str, answer: Any, application: FakeAws) -> None:
    application.answers[operation] = answer
    done = run(application, "deployed")
    assert (done.exit_code, "error UNREACHABLE: what was answered " in done.stderr) == (1, True)


def test_pages_that_do_not_end_end(application: FakeAws) -> None:
    application.answers["ListStackResources"] = {"StackResourceSummaries": RESOURCES, "NextToken": "again"}
    assert run(application, "deployed").exit_code == 0


def test_a_state_machine_that_is_being_deleted_is_missing(application: FakeAws) -> None:
    application.answers["DescribeStateMachine"] = {**described(definition_of(application)), "status": "DELETING"}
    assert lines(run(application, "deployed").stdout)[1] == "Trader missing generated/trader.asl.json"


def test_what_a_condition_leaves_out_is_not_missing(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    text = template.read_text()
    template.write_text(text.replace("  Trader:\n", "  Trader:\n    Condition: IsBig\n"))
    application.answers["ListExecutions"] = running(0)
    assert lines(run(application, "deployed").stdout)[1].startswith("Trader unknown ")
    assert run(application, "plan").stdout == "Trader: is deleted: the template does not have it\n"
    application.answers["ListStackResources"] = {"StackResourceSummaries": RESOURCES[1:]}
    assert run(application, "plan").stdout == ""


@pytest.mark.parametrize(
    ("condition", "planned"),
    [
        ("!Equals [!Ref Size, SMALL]", "Trader: does not change"),
        ("!Equals ['true', true]", "Trader: does not change"),
        ("!Equals [!Ref Hidden, x]", "Trader: does not change"),
        ("!And [!Equals [!Ref Hidden, x], !Equals [a, b]]", "Trader: is deleted: the template does not have it"),
        ("!Or [!Equals [!Ref Hidden, x], !Equals [a, a]]", "Trader: does not change"),
        ("!Not [!Equals [!Ref Hidden, x]]", "Trader: does not change"),
        ("!Equals [!Split [',', a], a]", "Trader: does not change"),
    ],
)
def test_a_condition_that_is_not_known_leaves_nothing_out(
    condition: str, planned: str, application: FakeAws, project: Project
) -> None:
    template = project.root / "template.yaml"
    text = template.read_text().replace("  Trader:\n", "  Trader:\n    Condition: Mine\n")
    text = text.replace("Conditions: {", f"Conditions: {{Mine: {condition}, ")
    template.write_text(text.replace("Parameters: {", "Parameters: {Hidden: {Type: String, NoEcho: true}, "))
    parameters = [*STACK["Parameters"], {"ParameterKey": "Hidden", "ParameterValue": "****"}]
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    application.answers["ListExecutions"] = running(0)
    assert run(application, "plan").stdout.splitlines() == [planned]


def test_what_someone_deleted_is_not_new(application: FakeAws) -> None:
    application.answers["DescribeStateMachine"] = {**described(definition_of(application)), "status": "DELETING"}
    assert run(application, "plan").stdout == (
        "Trader: was deleted in the account, and a deployment does not make it again\n"
    )


def test_what_a_macro_may_make_is_not_called_deleted(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    template.write_text(f"Transform: [AWS::Serverless-2016-10-31, Mine]\n{template.read_text()}")
    other = resource("Other", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.answers["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES, other]}
    application.answers["ListExecutions"] = running(0)
    assert run(application, "plan").stdout.splitlines()[-1] == (
        "Other: is not compared: the template does not have it, unless a macro makes it"
    )


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_takes_no_update_now_is_said(status: str, application: FakeAws) -> None:
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": status}]}
    done = run(application, "plan")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        1,
        f"error STACK_STATUS: the stack app is {status}, which CloudFormation does not update",
    )


def test_a_stack_that_takes_no_update_is_said(application: FakeAws) -> None:
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": "ROLLBACK_COMPLETE"}]}
    done = run(application, "plan")
    assert (done.exit_code, done.stderr) == (
        1,
        "error STACK_STATUS: the stack app is ROLLBACK_COMPLETE, which CloudFormation does not update\n"
        "      = delete it, and deploy again\n",
    )


def test_a_secret_that_is_overridden_is_not_shown(application: FakeAws) -> None:
    parameters = [{"ParameterKey": "Limit", "ParameterValue": "****"}, STACK["Parameters"][1]]
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    application.answers["ListExecutions"] = running(0)
    assert run(application, "plan", "--parameter-overrides", "Limit=hunter2").stdout == "Trader: does not change\n"


def test_what_a_terminal_would_obey_is_shown_not_sent(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["\x1b[31mRed"] = {"Type": "Succeed"}
    deploy(application, definition)
    done = run(application, "deployed")
    assert '"\\x1b[31mRed": is only in the account' in done.stdout
    assert "\x1b" not in done.stdout


def test_a_list_of_a_parameter_is_joined(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    text = template.read_text().replace("Limit: !Ref Limit", "Limit: !Join ['-', !Ref Names]")
    template.write_text(text.replace("Parameters: {", "Parameters: {Names: {Type: CommaDelimitedList, Default: ''}, "))
    names = {"ParameterKey": "Names", "ParameterValue": "c, d"}
    application.answers["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": [*STACK["Parameters"], names]}]}
    definition = json.loads(json.dumps(definition_of(application)).replace('"N": "7"', '"N": "c-d"'))
    deploy(application, definition)
    assert run(application, "deployed").exit_code == 0
