"""`sam` validate, build, deploy, run, change and delete, checked in the account because exit codes prove nothing."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.support import ROOT, Application, Emulator, application
from workflow_dsl.definition.diff import compare
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import infer_substitutions, substitute

MACHINES = {
    "StockTradingStateMachine": "stock_trader",
    "PortfolioRebalanceStateMachine": "portfolio_rebalance",
    "MarketImportStateMachine": "market_import",
}
FAILING_CHECKER = """
from pathlib import Path

def lambda_handler(event, context):
    tries = Path(event.get("tries", "tries"))  # the portfolio has none
    count = len(tries.read_text()) if tries.exists() else 0
    tries.write_text("x" * (count + 1))
    if count < event.get("failures", 0):
        raise RuntimeError("no price yet")
    return {"stock_price": 42}
"""


def test_the_template_is_valid(deployed: Application) -> None:
    (deployed.folder / "whole.yaml").write_text((ROOT / "template.yaml").read_text("utf-8"))
    assert "is a valid SAM Template" in deployed.sam("validate", "--lint", "--template", "whole.yaml")


def test_every_resource_of_the_template_exists(deployed: Application) -> None:
    resources = deployed.resources
    expected = {
        "AWS::StepFunctions::StateMachine": 3,
        "AWS::Lambda::Function": 6,
        "AWS::DynamoDB::Table": 2,
        "AWS::S3::Bucket": 1,
        "AWS::SNS::Topic": 1,
        "AWS::SQS::Queue": 1,
        "AWS::Events::Rule": 3,
        "AWS::Logs::LogGroup": 2,
    }
    types = [type_ for type_, _ in resources.values()]
    assert {type_: types.count(type_) for type_ in expected} == expected
    assert deployed.describe()["StackStatus"] == "CREATE_COMPLETE"
    assert deployed.outputs["StockTradingStateMachineArn"] == resources["StockTradingStateMachine"][1]
    assert deployed.outputs["TransactionTableName"] == resources["TransactionTable"][1]


@pytest.mark.parametrize(("logical_id", "workflow"), MACHINES.items())
def test_each_definition_is_the_generated_file_after_substitution(
    logical_id: str, workflow: str, deployed: Application
) -> None:
    generated = json.loads((ROOT / "generated" / f"{workflow}.asl.json").read_text("utf-8"))
    definition = deployed.definition(logical_id)
    assert "${" not in json.dumps(definition)
    substitutions = infer_substitutions(generated, definition)
    assert compare(Machine(definition), Machine(substitute(generated, substitutions))) == []
    physical = {physical_id for _, physical_id in deployed.resources.values()}
    known = [value for name, value in substitutions.items() if name != "DDBPutItem"]
    assert [value for value in known if value not in physical and value.rpartition(":")[2] not in physical] == []


def test_the_trader_records_exactly_one_transaction(deployed: Application) -> None:
    table = deployed.resources["TransactionTable"][1]
    dynamodb, stepfunctions = deployed.emulator.client("dynamodb"), deployed.emulator.client("stepfunctions")
    before = {item["Id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}
    execution = deployed.execute("StockTradingStateMachine", {"symbol": "ACME"})
    assert execution["status"] == "SUCCEEDED", execution
    events = stepfunctions.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("StateEntered")]
    assert entered[:2] == ["Check Stock Value", "Buy or Sell?"]
    assert entered[2:] in (["Buy Stock", "Record Transaction"], ["Sell Stock", "Record Transaction"])
    [record] = [item for item in dynamodb.scan(TableName=table)["Items"] if item["Id"]["S"] not in before]
    assert {name: list(value) for name, value in record.items()} == {
        "Id": ["S"],
        "Type": ["S"],
        "Price": ["N"],
        "Quantity": ["N"],
        "Timestamp": ["S"],
    }
    bought = float(record["Price"]["N"]) <= 50
    assert (record["Type"]["S"], entered[2]) == (("buy", "Buy Stock") if bought else ("sell", "Sell Stock"))


def test_the_rebalance_runs_the_deployed_trader(deployed: Application) -> None:
    execution = deployed.execute("PortfolioRebalanceStateMachine", {"portfolio": "growth"})
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", {"portfolio": "growth"})


def test_the_schedules_exist_and_are_disabled(deployed: Application) -> None:
    rules = [name for type_, name in deployed.resources.values() if type_ == "AWS::Events::Rule"]
    descriptions = [deployed.emulator.client("events").describe_rule(Name=name.rpartition("/")[2]) for name in rules]
    schedules = {rule["ScheduleExpression"]: rule["State"] for rule in descriptions if rule.get("ScheduleExpression")}
    assert schedules == {"rate(1 hour)": "DISABLED", "rate(7 days)": "DISABLED"}


def test_changes_are_deployed_and_delete_leaves_nothing(emulator: Emulator, tmp_path: Path) -> None:
    changing = application(emulator, tmp_path / "changing", "changing")
    checker = changing.folder / "functions" / "stock_checker" / "app.py"
    checker.write_text(FAILING_CHECKER)
    changing.deploy()

    tries = tmp_path / "tries"
    execution = changing.execute("StockTradingStateMachine", {"tries": str(tries), "failures": 2})
    assert (execution["status"], tries.read_text()) == ("SUCCEEDED", "xxx"), execution

    workflow = changing.folder / "workflow_dsl" / "workflows" / "stock_trader.py"
    workflow.write_text(
        workflow.read_text("utf-8").replace("max_attempts=5, backoff_rate=1.5", "max_attempts=4, backoff_rate=1.5")
    )
    stale = changing.dsl("plan", "--stack-name", changing.stack)
    assert (stale.returncode, "error DRIFT" in stale.stderr) == (1, True), stale
    assert changing.dsl("generate").returncode == 0
    planned = changing.dsl("plan", "--stack-name", changing.stack, "--parameter-overrides", "SafeReleases=DISABLED")
    assert planned.stdout.splitlines() == [
        "StockTradingStateMachine: changes in 1 place",
        "  ~ Check Stock Value: a failed task is retried 4 times instead of 5",
        "PortfolioRebalanceStateMachine: does not change",
        "MarketImportStateMachine: does not change",
    ], planned
    changing.deploy()
    assert (
        changing.definition("StockTradingStateMachine")["States"]["Check Stock Value"]["Retry"][0]["MaxAttempts"] == 4
    )

    before = changing.describe()
    output = changing.deploy()
    assert "No changes to deploy" in output
    assert changing.describe() == before

    physical = set(changing.resources.values())
    before = remaining_resources(emulator, changing.stack, physical)
    assert {type_ for type_, _ in before} == {"the stack", *KINDS}
    changing.sam("delete", "--stack-name", changing.stack, "--no-prompts")
    assert remaining_resources(emulator, changing.stack, physical) == set()


# The list operation for each type of resource: service, operation, list in the response, and name in an item.
KINDS = {
    "AWS::StepFunctions::StateMachine": ("stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"),
    "AWS::Lambda::Function": ("lambda", "list_functions", "Functions", "FunctionName"),
    "AWS::DynamoDB::Table": ("dynamodb", "list_tables", "TableNames", ""),
    "AWS::S3::Bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "AWS::Logs::LogGroup": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "AWS::Events::Rule": ("events", "list_rules", "Rules", "Name"),
    "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls", ""),
    "AWS::SNS::Topic": ("sns", "list_topics", "Topics", "TopicArn"),
    "AWS::IAM::Role": ("iam", "list_roles", "Roles", "RoleName"),
    "AWS::IAM::ManagedPolicy": ("iam", "list_policies", "Policies", "Arn"),
}


def remaining_resources(emulator: Emulator, stack: str, resources: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the resources that still exist, and the stack if it does, as their services list them."""
    remaining = set()
    for kind, (service, operation, list_name, name) in KINDS.items():
        items = getattr(emulator.client(service), operation)().get(list_name, [])
        paths = {urlsplit(item[name] if name else item).path for item in items}  # the host of a queue's URL may differ
        remaining |= {(type_, id_) for type_, id_ in resources if type_ == kind and urlsplit(id_).path in paths}
    names = [row["StackName"] for row in emulator.client("cloudformation").describe_stacks()["Stacks"]]
    return remaining | ({("the stack", stack)} if stack in names else set())
