"""`import --stack-name`: deployed definitions as workflows, with references to the resources of the stack."""

from __future__ import annotations

from tests.account.conftest import MACHINES, RESOURCES, definition_of, deploy, described, resource, run
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.project import Project

MODULE = """\
from workflow_dsl.authoring import Chain, Choice, Pass, Retry, Task, Workflow, function, table, var


def build() -> Workflow:
    check = Task("Check", resource=function("Checker"), retry=Retry(error_equals="Busy", interval_seconds=2))
    choose = Choice("Choose")
    record = Task("Record").call(
        "dynamodb:putItem",
        TableName=table("Trades", placeholder="Trades"),
        Item={"Price": {"N": "7"}, "Kind": {"S": "small arn:aws:iam::123456789012:role/app-TraderRole-X4"}},
    )

    choose.add_choice(var("$.price") < 50, record)
    choose.default_choice(Pass("Nothing"))
    return Workflow(Chain([check, choose]))
"""


def test_a_deployed_machine_is_imported_with_the_placeholders_of_the_template(application: FakeAws) -> None:
    result = run(application, "import", "Trader", "--stack-name", "app", "--stdout")
    assert (result.exit_code, result.stdout) == (0, MODULE)


def test_all_machines_of_a_stack_without_a_template_are_written(application: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").unlink()
    other = resource("TidyUpStateMachine", "AWS::StepFunctions::StateMachine", f"{MACHINES}:stateMachine:other")
    application.responses["ListStackResources"] = {"StackResourceSummaries": [*RESOURCES, other]}
    result = run(application, "import", "--stack-name", "app", "-o", "imported")
    assert (result.exit_code, [line for line in result.stdout.splitlines() if line[0] != " "]) == (
        0,
        [f"imported/{name}.py: written" for name in ("trader", "tidy_up")],
    )
    assert 'function("Checker")' in (project.root / "imported" / "trader.py").read_text("utf-8")


def test_what_the_template_has_to_substitute_is_said(application: FakeAws, project: Project) -> None:
    template = (project.root / "template.yaml").read_text("utf-8")
    (project.root / "template.yaml").write_text(template.replace("        CheckerArn: !GetAtt Checker.Arn\n", ""))
    result = run(application, "import", "--stack-name", "app", "--force")
    assert result.stdout.splitlines() == [
        "workflows/trader.py: written",
        "  and add to its DefinitionSubstitutions:",
        "    CheckerArn: !GetAtt Checker.Arn",
    ]


def test_a_name_that_someone_gave_is_text(application: FakeAws) -> None:
    named = [resource("Trades", "AWS::DynamoDB::Table", "trades"), *RESOURCES[:2], RESOURCES[3]]
    application.responses["ListStackResources"] = {"StackResourceSummaries": named}
    definition = definition_of(application)
    definition["States"]["Record"]["Parameters"]["TableName"] = "trades"
    deploy(application, definition)
    assert 'TableName="trades"' in run(application, "import", "--stack-name", "app", "--stdout").stdout


def test_an_express_machine_is_checked_as_one(application: FakeAws) -> None:
    definition = definition_of(application)
    definition["States"]["Record"]["Resource"] = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    application.responses["DescribeStateMachine"] = described(definition, "EXPRESS")
    result = run(application, "import", "--stack-name", "app", "--stdout")
    assert (result.exit_code, "Express" in result.stderr) == (1, True)


def test_wrong_calls_are_reported(application: FakeAws) -> None:
    result = run(application, "import", "Tradr", "--stack-name", "app")
    assert (result.exit_code, 'did you mean "Trader"?' in result.stderr) == (2, True)
    result = run(application, "import")
    assert (result.exit_code, "name a definition" in result.stderr) == (2, True)
    application.responses["DescribeStateMachine"] = ErrorResponse("StateMachineDoesNotExist")
    result = run(application, "import", "--stack-name", "app")
    assert (result.exit_code, "Trader was deleted outside CloudFormation" in result.stderr) == (2, True)
