"""`sync`, with the real boto3 against fake services on a loopback port: what is updated, and what stands in its path."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.account.conftest import AT, RESOURCES, STACK, definition_of, deploy, described, resource, routed, run
from tests.fake_aws import ErrorResponse, FakeAws
from tests.support import replace_in
from workflow_dsl.cli import main
from workflow_dsl.project import Project

CHANGE = "  ~ Check: Busy is retried 3 times, waiting 9 s + 18 s + ... instead of 2 s + 4 s + ..."
ALIAS = "  alias live keeps running version 4: an update publishes no version"
EQUAL = "Nothing to update: stack app has the local definitions.\n"


@pytest.fixture
def stack(application: FakeAws, project: Project) -> FakeAws:
    """The deployed application, of which a definition can be updated; its template was deployed by SAM."""
    text = (project.root / "template.yaml").read_text("utf-8")
    body = text.replace("generated/trader.asl.json", "s3://bucket/app/0123")
    application.responses["GetTemplate"] = {"TemplateBody": body}

    def update(parameters: Any) -> dict[str, Any]:
        deploy(application, json.loads(parameters["definition"]))
        return {"updateDate": AT, "revisionId": "r2"}

    application.responses["UpdateStateMachine"] = update
    return application


def edit(project: Project, old: str = "interval_seconds=2", new: str = "interval_seconds=9") -> None:
    path = project.root / "workflows" / "trader.py"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def edit_template(project: Project, old: str, new: str) -> None:
    replace_in(project.root / "template.yaml", old, new)


def updates(aws: FakeAws) -> list[dict[str, Any]]:
    return [parameters for operation, parameters in aws.requests if operation == "UpdateStateMachine"]


def test_a_definition_alone_is_updated_with_the_substitutions_of_the_stack(stack: FakeAws, project: Project) -> None:
    edit(project)
    before = definition_of(stack)
    result = run(stack, "sync", "--yes")
    assert (result.exit_code, result.stdout.splitlines(), result.stderr) == (
        0,
        ["Trader: 1 changed, 3 states unchanged", CHANGE, ALIAS, "Trader: updated, revision r2"],
        "",
    )
    [parameters] = updates(stack)
    before["States"]["Check"]["Retry"][0]["IntervalSeconds"] = 9
    assert (set(parameters), json.loads(parameters["definition"])) == ({"stateMachineArn", "definition"}, before)


def test_afterwards_deployed_shows_nothing_and_another_sync_updates_nothing(stack: FakeAws, project: Project) -> None:
    edit(project)
    assert run(stack, "sync", "--yes").exit_code == 0
    stack.responses["ListStateMachineAliases"] = {"stateMachineAliases": []}
    assert run(stack, "deployed").exit_code == 0
    result = run(stack, "sync")
    assert (result.exit_code, result.stdout, len(updates(stack))) == (0, EQUAL, 1)


@pytest.mark.parametrize(("answer", "code", "count"), [("y\n", 0, 1), ("n\n", 1, 0), ("", 1, 0)])
def test_it_asks_before_it_updates(answer: str, code: int, count: int, stack: FakeAws, project: Project) -> None:
    edit(project)
    arguments = ["sync", "--endpoint-url", stack.url]
    result = CliRunner().invoke(main, arguments, input=answer)
    assert (result.exit_code, len(updates(stack))) == (code, count)
    assert f"Update 1 definition in stack app ({STACK['StackId']})?" in result.stderr


def refusal(result: Result, aws: FakeAws) -> str:
    """The findings of a call that updates nothing."""
    assert (result.exit_code, updates(aws)) == (1, [])
    return "\n".join(line for line in result.stderr.splitlines() if "NOT_SYNCED" in line)


def test_a_finding_stands_in_the_way(stack: FakeAws, project: Project) -> None:
    edit(project, "${CheckerArn}", "${CheckrArn}")
    result = run(stack, "sync", "--yes")
    assert (result.exit_code, updates(stack)) == (1, [])
    assert result.stderr.splitlines()[-1] == "Fix the errors above. Nothing was updated."


def test_a_definition_by_hand_that_reads_an_undeclared_field_stands_in_the_way(
    stack: FakeAws, project: Project
) -> None:
    other = "  Other: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: other.asl.json}}\n"
    edit_template(project, "Resources:\n", f"Resources:\n{other}")
    machine = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.prise", "End": true}}}'
    (project.root / "other.asl.json").write_text(machine, "utf-8")
    schema = '{"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}'
    (project.root / "other.input.schema.json").write_text(schema, "utf-8")
    result = run(stack, "sync", "--yes")
    assert (result.exit_code, updates(stack), "UNDECLARED_FIELD" in result.stderr) == (1, [], True)


OTHER_PARTS = [
    ("Default: 5", "Default: 6", "Parameters"),
    ("CheckerArn: !GetAtt Checker.Arn", "CheckerArn: !GetAtt Checker.Name", "Trader DefinitionSubstitutions"),
    ("Policies: [SomeonesPolicy]", "Policies: [Another]", "Trader Policies"),
    ("Handler: app.handler", "Handler: app.other", "Checker Properties"),
    ("Trades: {Type: AWS::DynamoDB::Table}", "Trades: {Type: AWS::DynamoDB::Table, DeletionPolicy: Retain}", ""),
    ("Resources:\n", "Resources:\n  New: {Type: AWS::SQS::Queue}\n", "New (new)"),
    ("  Trades: {Type: AWS::DynamoDB::Table}\n", "", "Trades (removed)"),
]


@pytest.mark.parametrize(("old", "new", "part"), OTHER_PARTS)
def test_other_parts_of_the_template_that_changed_are_named(
    old: str, new: str, part: str, stack: FakeAws, project: Project
) -> None:
    body = stack.responses["GetTemplate"]
    assert isinstance(body, dict)
    body["TemplateBody"] = body["TemplateBody"].replace(old, new)  # so the local one is valid
    edit(project)
    named = refusal(run(stack, "sync", "--yes"), stack)
    swapped = {"New (new)": "New (removed)", "Trades (removed)": "Trades (new)", "": "Trades DeletionPolicy"}
    wanted = swapped.get(part, part).replace("Checker Properties", "Checker Handler")
    assert named == f"template.yaml: error NOT_SYNCED: differs from the deployed template of app: {wanted}"


@pytest.mark.parametrize("form", ["Fn::GetAtt: [Checker, Arn]", "Fn::GetAtt: Checker.Arn"])
def test_another_spelling_of_the_same_template_is_no_change(form: str, stack: FakeAws, project: Project) -> None:
    body = stack.responses["GetTemplate"]
    assert isinstance(body, dict)
    body["TemplateBody"] = body["TemplateBody"].replace("!GetAtt Checker.Arn", f"{{{form}}}")
    edit(project)
    assert run(stack, "sync", "--yes").exit_code == 0


def test_a_template_that_cannot_be_read_stands_in_the_way(stack: FakeAws, project: Project) -> None:
    stack.responses["GetTemplate"] = ErrorResponse("AccessDenied", "no", 403)
    edit(project)
    assert "cannot be read: cloudformation:GetTemplate is not allowed" in refusal(run(stack, "sync", "--yes"), stack)


def test_a_machine_behind_a_gradual_alias_needs_a_word(stack: FakeAws, project: Project) -> None:
    edit(project)
    stack.responses["DescribeStateMachineAlias"] = routed({"3": 80, "4": 20})
    assert "Trader has an alias that routes to two versions: live" in refusal(run(stack, "sync", "--yes"), stack)
    result = run(stack, "sync", "--yes", "--gradual")
    assert (result.exit_code, len(updates(stack))) == (0, 1)


def test_a_machine_that_is_deployed_step_by_step_needs_a_word(stack: FakeAws, project: Project) -> None:
    added = "AutoPublishAlias: live\n      DeploymentPreference: {Type: CANARY, Percentage: 10, Interval: 5}\n      "
    edit_template(project, "DefinitionUri:", f"{added}DefinitionUri:")
    body = (project.root / "template.yaml").read_text("utf-8")
    stack.responses["GetTemplate"] = {"TemplateBody": body}
    edit(project)
    assert "Trader is deployed gradually (CANARY)" in refusal(run(stack, "sync", "--yes"), stack)
    assert run(stack, "sync", "--yes", "--gradual").exit_code == 0


def test_a_value_that_only_the_account_has_stays_where_it_is(stack: FakeAws, project: Project) -> None:
    parameters = [{"ParameterKey": "Limit", "ParameterValue": "****"}, STACK["Parameters"][1]]
    stack.responses["DescribeStacks"] = {"Stacks": [{**STACK, "Parameters": parameters}]}
    edit(project)
    assert run(stack, "sync", "--yes").exit_code == 0
    assert json.loads(updates(stack)[0]["definition"])["States"]["Record"]["Parameters"]["Item"]["Price"]["N"] == "7"
    edit(project, '"${Limit}"', '"at ${Limit}"')
    result = run(stack, "sync", "--yes")
    assert (result.exit_code, len(updates(stack))) == (1, 1)
    assert "Trader has values that are known only at deployment: Limit" in result.stderr


def test_what_the_stack_does_not_have_is_named(stack: FakeAws, project: Project) -> None:
    stack.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES[:2], RESOURCES[3]]}
    edit(project)
    assert "Trader refers to resources that the stack does not have: Trades" in refusal(
        run(stack, "sync", "--yes"), stack
    )


def test_a_stack_that_is_being_deployed_is_left_alone(stack: FakeAws, project: Project) -> None:
    stack.responses["DescribeStacks"] = {"Stacks": [{**STACK, "StackStatus": "UPDATE_IN_PROGRESS"}]}
    edit(project)
    assert "STACK_STATUS" in run(stack, "sync", "--yes").stderr
    assert updates(stack) == []


def test_one_of_several_machines_is_named(stack: FakeAws, project: Project) -> None:
    other = "  Other: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: other.asl.json}}\n"
    machine = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    (project.root / "other.asl.json").write_text(machine, "utf-8")
    edit_template(project, "Resources:\n", f"Resources:\n{other}")
    body = (project.root / "template.yaml").read_text("utf-8")
    stack.responses["GetTemplate"] = {"TemplateBody": body}
    arn = RESOURCES[0]["PhysicalResourceId"].replace("Trader", "Other")
    rows = [*RESOURCES, resource("Other", "AWS::StepFunctions::StateMachine", arn)]
    stack.responses["ListStackResources"] = {"StackResourceSummaries": rows}
    before = definition_of(stack)
    stack.responses["DescribeStateMachine"] = lambda parameters: described(
        before if "Trader" in parameters["stateMachineArn"] else {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}
    )
    edit(project)
    assert run(stack, "sync", "Other", "--yes").exit_code == 0
    assert [parameters["stateMachineArn"] for parameters in updates(stack)] == [arn]
    result = run(stack, "sync", "Othr")
    assert (result.exit_code, 'did you mean "Other"?' in result.stderr) == (2, True)


def test_a_refused_update_is_reported(stack: FakeAws, project: Project) -> None:
    stack.responses["UpdateStateMachine"] = ErrorResponse("AccessDeniedException", "not you")
    edit(project)
    result = run(stack, "sync", "--yes")
    assert (result.exit_code, "ask for a policy that allows states:UpdateStateMachine" in result.stderr) == (1, True)


def watch(aws: FakeAws, *waits: Any) -> Result:
    """The result of `sync --watch`, with what happens while it waits; Ctrl-C comes in the end."""
    happening = iter(waits)

    def wait(seconds: float) -> None:
        action = next(happening, None)
        if action is None:
            raise KeyboardInterrupt
        action()

    arguments = ["sync", "--watch", "--yes", "--endpoint-url", aws.url]
    return CliRunner().invoke(main, arguments, obj={"wait": wait}, catch_exceptions=False)


def test_it_is_done_again_after_each_edit_until_ctrl_c(stack: FakeAws, project: Project) -> None:
    def touch(path: Path, change: Any) -> Any:
        def act() -> None:
            before = path.stat().st_mtime_ns
            change()
            os.utime(path, ns=(before, before + 1_000_000_000))

        return act

    module = project.root / "workflows" / "trader.py"
    result = watch(
        stack,
        lambda: None,
        touch(module, lambda: edit(project)),
        lambda: None,
        touch(module, lambda: edit(project, "interval_seconds=9", "interval_seconds=")),
        touch(module, lambda: edit(project, "interval_seconds=", "interval_seconds=5")),
    )
    assert result.exit_code == 130
    assert [line for line in result.stdout.splitlines() if not line.startswith("  ")] == [
        EQUAL.strip(),
        "Waiting for an edit; stop with Ctrl-C.",
        "Trader: 1 changed, 3 states unchanged",
        "Trader: updated, revision r2",
        "Waiting for an edit; stop with Ctrl-C.",
        "Waiting for an edit; stop with Ctrl-C.",
        "Trader: 1 changed, 3 states unchanged",
        "Trader: updated, revision r2",
        "Waiting for an edit; stop with Ctrl-C.",
    ]
    assert "Fix the errors above. Nothing was updated." in result.stderr
