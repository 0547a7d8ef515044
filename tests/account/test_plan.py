"""`plan`, with the real boto3 against fake services on a loopback port."""

from __future__ import annotations

import hashlib

import pytest

from tests.account.conftest import (
    MACHINES,
    RESOURCES,
    STACK,
    definition_of,
    deploy,
    described,
    resource,
    run,
    running,
)
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.account.wording import plan_markdown
from workflow_dsl.project import Project


def test_a_plan_without_changes_lists_running_executions(application: FakeAws) -> None:
    application.responses["ListExecutions"] = running(0)
    result = run(application, "plan", "--parameter-overrides", "Limit=7")
    assert (result.exit_code, result.stdout) == (0, "Trader: does not change\n")
    application.responses["ListExecutions"] = running(1)
    assert run(application, "plan").stdout.splitlines()[1:] == ["  keeps running: e1, started 2026-11-24 12:00:00 UTC"]


OVERRIDES = [
    ("--parameter-overrides", "Limit=9"),
    ("--parameter-overrides=Limit=9",),
    ("--parameter-overrides", "ParameterKey=Limit,ParameterValue=9", "Size=SMALL", "--no-confirm-changeset"),
]


@pytest.mark.parametrize("options", OVERRIDES)
def test_a_plan_uses_overridden_parameters(options: tuple[str, ...], application: FakeAws) -> None:
    application.responses["ListExecutions"] = running(0)
    assert run(application, "plan", *options).stdout.splitlines() == CHANGED_LIMIT


CHANGED_LIMIT = [
    "Trader: changes in 1 place",
    '  ~ Record: has Parameters.Item.Price.N "9" instead of "7"',
    "  alias live keeps running version 4 (100%): the template does not move it",
]
CONFIGURED = [
    'parameter_overrides = "Limit=9 Size=SMALL"',
    'parameter_overrides = \'Size="SMALL" Limit="9"\'',
    'parameter_overrides = ["Limit=9", "Size=SMALL"]',
    'parameter_overrides = {Limit = 9, Size = "SMALL"}',
]


@pytest.mark.parametrize("line", CONFIGURED)
def test_a_plan_uses_the_parameters_of_samconfig(line: str, application: FakeAws, project: Project) -> None:
    application.responses["ListExecutions"] = running(0)
    (project.root / "samconfig.toml").write_text(f'[default.deploy.parameters]\nstack_name = "app"\n{line}\n')
    assert run(application, "plan").stdout.splitlines() == CHANGED_LIMIT
    assert run(application, "plan", "--parameter-overrides", "Limit=7").stdout.splitlines() == [
        "Trader: does not change"
    ]


def test_a_first_guided_deployment_continues_without_a_region(
    application: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    result = run(application, "plan", "--guided")
    assert (result.exit_code, result.stdout) == (
        0,
        "No preview: the region is not known yet. The next deployment has one.\n",
    )
    assert run(application, "plan").exit_code == 1


def test_a_plan_lists_changes_and_executions_of_the_old_definition(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    deploy(application, definition)
    application.responses["ListExecutions"] = running(12)
    result = run(application, "plan")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "Trader: changes in 1 place",
            "  ~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ...",
            "  alias live keeps running version 4 (100%): the template does not move it",
            *(f"  keeps running with the old definition: e{n}, started 2026-11-24 12:00:00 UTC" for n in range(1, 11)),
            "  and 2 more",
        ],
    )


def test_a_plan_says_on_request_where_executions_will_differ(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    deploy(application, definition)
    application.responses["ListExecutions"] = running(0)
    result = run(application, "plan", "--explore")
    here, there = (f'FAILED after {seconds} s: Busy in "Check"' for seconds in (14, 63))
    line = f"  for Check: Busy (4 times): the deployed one ends {there}, and the new one ends {here}"
    assert (result.exit_code, line in result.stdout.splitlines()) == (0, True)


def test_everything_is_new_in_a_plan_for_a_stack_in_review(application: FakeAws) -> None:
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": "REVIEW_IN_PROGRESS"}]}
    assert run(application, "plan").stdout == "Stack app does not exist yet: everything is new.\n"


def test_a_plan_lists_new_and_deleted_state_machines(application: FakeAws) -> None:
    other = resource("Other", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[1:], other]}
    application.responses["ListExecutions"] = running(1)
    assert run(application, "plan").stdout.splitlines() == [
        "Trader: is new",
        "Other: will be deleted: it is not in the template",
        "  will be stopped: e1, started 2026-11-24 12:00:00 UTC",
    ]


def test_a_plan_is_refused_while_generated_is_out_of_date(application: FakeAws, project: Project) -> None:
    workflow = project.root / project.workflows / "trader.py"
    workflow.write_text(workflow.read_text().replace("interval_seconds=2", "interval_seconds=3"))
    result = run(application, "plan")
    assert (result.exit_code, application.requests) == (1, [])
    assert "error DRIFT" in result.stderr
    assert "Fix the errors above. Nothing was deployed." in result.stderr


def test_a_plan_is_refused_while_the_template_has_an_error(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    template.write_text(template.read_text().replace("Trades: !Ref Trades", "Trades: !Ref Traids"))
    result = run(application, "plan")
    assert (result.exit_code, application.requests, "UNKNOWN_REFERENCE" in result.stderr) == (1, [], True)


@pytest.mark.parametrize(
    ("condition", "planned"),
    [
        ("!Equals [!Ref Size, SMALL]", "Trader: does not change"),
        ("!Equals ['true', true]", "Trader: does not change"),
        ("!Equals [!Ref Hidden, x]", "Trader: does not change"),
        ("!And [!Equals [!Ref Hidden, x], !Equals [a, b]]", "Trader: will be deleted: it is not in the template"),
        ("!Or [!Equals [!Ref Hidden, x], !Equals [a, a]]", "Trader: does not change"),
        ("!Not [!Equals [!Ref Hidden, x]]", "Trader: does not change"),
        ("!Equals [!Split [',', a], a]", "Trader: does not change"),
    ],
)
def test_a_machine_with_an_unknown_condition_is_compared(
    condition: str, planned: str, application: FakeAws, project: Project
) -> None:
    template = project.root / "template.yaml"
    text = template.read_text().replace("  Trader:\n", "  Trader:\n    Condition: Mine\n")
    text = text.replace("Conditions: {", f"Conditions: {{Mine: {condition}, ")
    template.write_text(text.replace("Parameters: {", "Parameters: {Hidden: {Type: String, NoEcho: true}, "))
    parameters = [*STACK["Parameters"], {"ParameterKey": "Hidden", "ParameterValue": "****"}]
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    application.responses["ListExecutions"] = running(0)
    assert run(application, "plan").stdout.splitlines() == [planned]


def test_a_deleted_machine_is_not_new_in_a_plan(application: FakeAws) -> None:
    application.responses["DescribeStateMachine"] = {**described(definition_of(application)), "status": "DELETING"}
    assert run(application, "plan").stdout == (
        "Trader: was deleted outside CloudFormation; deploying an unchanged template will not create it again\n"
    )


def test_a_machine_that_a_macro_may_create_is_not_planned_for_deletion(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    template.write_text(f"Transform: [AWS::Serverless-2016-10-31, Mine]\n{template.read_text()}")
    other = resource("Other", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES, other]}
    application.responses["ListExecutions"] = running(0)
    assert run(application, "plan").stdout.splitlines()[-1] == (
        "Other: is not compared: it is not in the template, but a macro may create it"
    )


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_is_busy_or_failed_cannot_be_planned(status: str, application: FakeAws) -> None:
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": status}]}
    result = run(application, "plan")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        1,
        f"error STACK_STATUS: the stack app is {status} and cannot be updated",
    )


def test_a_rolled_back_stack_must_be_deleted_first(application: FakeAws) -> None:
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": "ROLLBACK_COMPLETE"}]}
    result = run(application, "plan")
    assert (result.exit_code, result.stderr) == (
        1,
        "error STACK_STATUS: the stack app is ROLLBACK_COMPLETE and cannot be updated\n"
        "      = delete the stack, and deploy again\n",
    )


def test_an_overridden_hidden_parameter_is_not_printed(application: FakeAws) -> None:
    parameters = [{"ParameterKey": "Limit", "ParameterValue": "****"}, STACK["Parameters"][1]]
    application.responses["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    application.responses["ListExecutions"] = running(0)
    assert run(application, "plan", "--parameter-overrides", "Limit=hunter2").stdout.splitlines() == [
        "Trader: does not change",
        "  not compared, only in the account: Limit",
    ]


def test_a_published_alias_moves_to_the_new_version(application: FakeAws, project: Project) -> None:
    application.responses["ListExecutions"] = running(0)
    template = project.root / "template.yaml"
    template.write_text(template.read_text().replace("DefinitionUri:", "AutoPublishAlias: live\n      DefinitionUri:"))
    assert run(application, "plan", "--parameter-overrides", "Limit=9").stdout.splitlines()[2:] == [
        "  alias live moves from version 4 (100%) to a new version"
    ]


def deployed_template(project: Project, definition_uri: str) -> dict[str, str]:
    """The response of GetTemplate: the template as SAM deployed it."""
    text = (project.root / "template.yaml").read_text()
    return {"TemplateBody": text.replace("generated/trader.asl.json", definition_uri)}


def edited(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    deploy(application, definition)
    application.responses["ListExecutions"] = running(1)


def test_only_the_account_was_edited_where_cloudformation_has_the_local_definition(
    application: FakeAws, project: Project
) -> None:
    digest = hashlib.md5(
        (project.root / "generated" / "trader.asl.json").read_bytes(), usedforsecurity=False
    ).hexdigest()
    application.responses["GetTemplate"] = deployed_template(project, f"s3://bucket/app/{digest}")
    edited(application)
    assert run(application, "plan").stdout.splitlines() == [
        "Trader: was edited in the account (1 change); deploying an unchanged template will not overwrite it",
        "  ~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ...",
        "  keeps running: e1, started 2026-11-24 12:00:00 UTC",
    ]
    assert run(application, "plan", "--parameter-overrides", "Limit=9").stdout.splitlines()[0] == (
        "Trader: changes in 2 places"
    )


@pytest.mark.parametrize("uri", ["s3://bucket/app/0123456789abcdef", "{Bucket: bucket, Key: other}", "!Ref Limit"])
def test_another_definition_in_the_last_deployment_is_a_change(
    uri: str, application: FakeAws, project: Project
) -> None:
    application.responses["GetTemplate"] = deployed_template(project, uri)
    edited(application)
    assert run(application, "plan").stdout.splitlines()[0] == "Trader: changes in 1 place"


INLINE = """\
Resources:
  Trader:
    Type: AWS::StepFunctions::StateMachine
    Properties: {Definition: {StartAt: W, States: {W: {Type: Wait, Seconds: %s, End: true}}}}
"""


@pytest.mark.parametrize(
    ("last", "planned"),
    [
        ("5", "Trader: was edited in the account (1 change); deploying an unchanged template will not overwrite it"),
        ("6", "Trader: changes in 1 place"),
    ],
)
def test_an_inline_definition_is_held_against_the_last_one(
    last: str, planned: str, application: FakeAws, project: Project
) -> None:
    (project.root / "template.yaml").write_text(INLINE % "5")
    for file in [*(project.root / "generated").iterdir(), *project.workflow_files()]:
        file.unlink()
    application.responses["GetTemplate"] = {"TemplateBody": INLINE % last}
    application.responses["ListExecutions"] = running(0)
    deploy(application, {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 7, "End": True}}})
    assert run(application, "plan").stdout.splitlines()[0] == planned


def test_a_plan_is_printed_as_markdown(application: FakeAws) -> None:
    edited(application)
    assert run(application, "plan", "--format", "markdown").stdout.splitlines() == [
        "### Trader: changes in 1 place",
        "",
        "- `~ Check: Busy is retried 3 times, waiting 2 s + 4 s + ... instead of 9 s + 18 s + ...`",
        "- `alias live keeps running version 4 (100%): the template does not move it`",
        "- `keeps running with the old definition: e1, started 2026-11-24 12:00:00 UTC`",
    ]


def test_the_markdown_of_several_state_machines_has_a_heading_each() -> None:
    assert plan_markdown(["A: is new", "B: changes", "  a `b``", "  c", "D: is new"]) == [
        "### A: is new",
        "",
        "### B: changes",
        "",
        "- ``` a `b`` ```",
        "- `c`",
        "",
        "### D: is new",
    ]


def test_a_last_template_that_may_not_be_read_is_said(application: FakeAws) -> None:
    application.responses["GetTemplate"] = ErrorResponse("AccessDenied", "no")
    edited(application)
    result = run(application, "plan")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        1,
        "app: edits in the account may be among the changes, and permissions were not compared: "
        "the template of the last deployment was not read: "
        "cloudformation:GetTemplate is not allowed: no",
    )


def test_versions_that_may_not_be_read_are_said_in_a_plan(application: FakeAws) -> None:
    application.responses["ListStateMachineVersions"] = ErrorResponse("AccessDeniedException", "no")
    edited(application)
    result = run(application, "plan")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        1,
        "Trader: its versions and aliases were not read: states:ListStateMachineVersions is not allowed: no",
    )


def test_a_definition_that_is_not_on_this_computer_is_said_in_a_plan(application: FakeAws, project: Project) -> None:
    template = project.root / "template.yaml"
    template.write_text(template.read_text().replace("generated/trader.asl.json", "s3://code/trader.json"))
    for file in [*(project.root / "generated").iterdir(), *project.workflow_files()]:
        file.unlink()
    application.responses["ListExecutions"] = running(0)
    result = run(application, "plan")
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            "Trader: is not compared: its local definition is not available",
            "Trader: was not compared: its local definition is not available",
        ],
    )
