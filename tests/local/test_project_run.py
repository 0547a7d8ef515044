"""Local runs of a project: its workflows with the template's functions, substitutions, tables, queues and buckets."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.support import Write
from workflow_dsl.application.application import read_application
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Run, send_task_success
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project

TEMPLATE = """
    Globals: {Function: {Handler: app.handler}}
    Resources:
      Trader:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: generated/trader.asl.json
          DefinitionSubstitutions:
            PriceArn: !GetAtt Price.Arn
            Put: !Sub arn:${AWS::Partition}:states:::dynamodb:putItem
            Table: !Ref Trades
      Price: {Type: AWS::Serverless::Function, Properties: {CodeUri: price}}
      Trades:
        Type: AWS::DynamoDB::Table
        Properties:
          TableName: trades
          AttributeDefinitions: [{AttributeName: Id, AttributeType: S}]
          KeySchema: [{AttributeName: Id, KeyType: HASH}]
          SSESpecification: {SSEEnabled: true}
"""
PRICE = "def handler(event, context):\n    return {'price': event['base'] + 1, 'by': context.function_name}\n"
TRADER = """
    def build():
        price = Task("Price", resource="${PriceArn}")
        record = Task("Record", resource="${Put}", result_path="$.put", parameters={
            "TableName": "${Table}", "Item": {"Id": {"S.$": "$.by"}},
        })
        return Workflow(Chain([price, record]))
"""


def runner_with(project: Project, files: Mapping[str, str]) -> ProjectRunner:
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return ProjectRunner(read_application(project))


@pytest.fixture
def trader(project: Project, write_workflow: Write) -> ProjectRunner:
    write_workflow("trader", TRADER)
    return runner_with(project, {"template.yaml": TEMPLATE, "price/app.py": PRICE})


def outcome(execution: Run) -> tuple[str, Any]:
    return execution.status, execution.output if execution.status == "SUCCEEDED" else execution.cause


def test_a_workflow_runs_with_the_templates_functions_substitutions_and_tables(trader: ProjectRunner) -> None:
    execution = trader.run("trader", {"base": 41})
    assert execution.status == "SUCCEEDED", execution.cause
    assert [(call.state, call.resource) for call in execution.calls] == [
        ("Price", "arn:aws:lambda:us-east-1:111111111111:function:Price"),
        ("Record", "arn:aws:states:::dynamodb:putItem"),
    ]
    assert (execution.output["price"], execution.tables) == (42, {"trades": [{"Id": {"S": "Price"}}]})


def test_each_run_has_tables_of_its_own(trader: ProjectRunner) -> None:
    runs = [trader.run("trader", mocks={"Price": Return({"by": by})}) for by in "ab"]
    assert [execution.tables for execution in runs] == [{"trades": [{"Id": {"S": by}}]} for by in "ab"]


@pytest.mark.parametrize("name", ["Price", "PriceArn", "arn:aws:lambda:us-east-1:111111111111:function:Price"])
def test_a_stand_in_is_set_by_the_functions_name_its_placeholder_or_its_arn(trader: ProjectRunner, name: str) -> None:
    execution = trader.run("trader", functions={name: lambda event, context: {"by": "a stand-in"}})
    assert execution.tables == {"trades": [{"Id": {"S": "a stand-in"}}]}


def test_arguments_of_a_run_take_precedence_over_the_template(trader: ProjectRunner) -> None:
    requests: list[Any] = []
    services = {"dynamodb:putItem": requests.append}
    execution = trader.run("trader", services=services, mocks={"Price": Return({"by": "mock"})}, type="EXPRESS")
    assert (execution.status, execution.tables) == ("SUCCEEDED", {"trades": []})
    assert requests == [{"TableName": "trades", "Item": {"Id": {"S": "mock"}}}]
    assert execution.history[0]["executionStartedEventDetails"]["roleArn"].endswith("role/trader")


ASKS_A_PERSON = """
    from workflow_dsl.authoring import Chain, ItemReader, Map, Task, call, path

    def build():
        ask = Task("Ask", heartbeat_seconds=60, resource=call(
            "sqs:sendMessage.waitForTaskToken", QueueUrl="q", MessageBody={"token": path("$$.Task.Token")}
        ))
        put = call("dynamodb:putItem", TableName="${Table}", Item={"Id": {"S": path("$.approved")}})
        return Workflow(Chain([ask, Task("Record", resource=put)]))
"""


def test_calls_without_a_service_in_the_arguments_go_to_the_simulated_account(
    trader: ProjectRunner, write_workflow: Write
) -> None:
    write_workflow("trader", ASKS_A_PERSON)

    def send(parameters: dict[str, Any]) -> Any:
        send_task_success(parameters["MessageBody"]["token"], {"approved": "by a person"})
        return {"MessageId": "1"}

    execution = trader.run("trader", services={"sqs:sendMessage": send})
    assert (execution.status, execution.tables) == ("SUCCEEDED", {"trades": [{"Id": {"S": "by a person"}}]})


RESULT = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "%s", "End": true}}}'


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("one.json", RESULT % "here"),
        ("one.asl.json", RESULT % "here"),
        ("one.yaml", "StartAt: A\nStates: {A: {Type: Pass, Result: here, End: true}}"),
        ("one.yml", "StartAt: A\nStates: {A: {Type: Pass, Result: here, End: true}}"),
        ("one.py", "from stepfunctions.steps import Pass\nfrom workflow_dsl import Workflow\n"
                   "def build(): return Workflow(Pass('A', result='here'))"),
    ],
)  # fmt: skip
def test_a_file_runs_without_a_template(project: Project, file: str, text: str) -> None:
    runner = runner_with(project, {file: text})
    assert outcome(runner.run(file)) == ("SUCCEEDED", "here")


@pytest.mark.parametrize("workflow", ["generated/trader.asl.json", "workflows/trader.py"])
def test_a_file_that_the_template_deploys_gets_its_substitutions(trader: ProjectRunner, workflow: str) -> None:
    (Path.cwd() / "generated").mkdir()
    (Path.cwd() / "generated/trader.asl.json").write_text(compile_file(Path("workflows/trader.py")).to_text())
    assert trader.run(workflow, {"base": 1}).tables == {"trades": [{"Id": {"S": "Price"}}]}


def test_a_project_without_workflows_has_none(project: Project) -> None:
    with pytest.raises(
        FindingsError,
        match="no workflow or state machine 'a'; go to the folder of the project, or start one with `workflow-dsl init FOLDER`",
    ):
        ProjectRunner(read_application(project)).run("a")


KEYS = "AttributeDefinitions: [{AttributeName: K, AttributeType: N}], KeySchema: [{AttributeName: K, KeyType: HASH}]"
RESOURCES = f"""
    Globals: {{Function: {{Handler: app.handler}}}}
    Resources:
      Plain: {{Type: AWS::DynamoDB::Table, Properties: {{{KEYS}}}}}
      Simple: {{Type: AWS::Serverless::SimpleTable}}
      Keyed: {{Type: AWS::Serverless::SimpleTable, Properties: {{PrimaryKey: {{Name: n, Type: Number}}}}}}
      Orders: {{Type: AWS::SQS::Queue}}
      News: {{Type: AWS::SNS::Topic}}
      Prices: {{Type: AWS::S3::Bucket}}
      Work:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: work
          Environment: {{Variables: {{QUEUE: !Ref Orders, TOPIC: !Ref News, TABLE: !Ref Simple, BUCKET: !Ref Prices}}}}
"""
WORK = """
    import os
    import boto3

    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

    def handler(event, context):
        table.put_item(Item={"id": event["id"]})
        boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="k", Body=b"v")
        return {
            "queues": [url.rpartition("/")[2] for url in boto3.client("sqs").list_queues()["QueueUrls"]],
            "topics": [topic["TopicArn"].rpartition(":")[2] for topic in boto3.client("sns").list_topics()["Topics"]],
            "objects": [item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket="prices")["Contents"]],
        }
"""
CALLS_WORK = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Work}", "End": true}}}'


def test_calls_of_handlers_reach_the_templates_resources_in_the_same_process(project: Project) -> None:
    runner = runner_with(project, {"template.yaml": RESOURCES, "work/app.py": WORK, "w.json": CALLS_WORK})
    for turn in ("first", "second"):
        execution = runner.run("w.json", {"id": turn})
        output = {"queues": ["Orders"], "topics": ["News"], "objects": ["k"]}
        assert outcome(execution) == ("SUCCEEDED", output)
        assert execution.tables == {"Plain": [], "Simple": [{"id": {"S": turn}}], "Keyed": []}


def test_a_table_is_created_with_its_own_key(project: Project) -> None:
    put = {"TableName": "Keyed", "Item": {"n": {"N": "7"}}}
    states = {"A": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": put, "End": True}}
    definition = json.dumps({"StartAt": "A", "States": states})
    runner = runner_with(project, {"template.yaml": RESOURCES, "work/app.py": "", "w.json": definition})
    assert runner.run("w.json").tables == {"Plain": [], "Simple": [], "Keyed": [{"n": {"N": "7"}}]}


NESTED = """
    Resources:
      Outer:
        Type: AWS::Serverless::StateMachine
        Properties: {DefinitionUri: outer.asl.json, DefinitionSubstitutions: {InnerArn: !Ref Inner}}
      Inner:
        Type: AWS::Serverless::StateMachine
        Properties: {Name: the-inner, DefinitionUri: inner.asl.json, DefinitionSubstitutions: {Word: beta}}
      Gone: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: gone.asl.json}}
      Inline: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: A}}}
"""
OUTER = """
    {"StartAt": "Start", "States": {"Start": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": "${InnerArn}"}, "OutputPath": "$.Output"
    }}}
"""


def test_a_workflow_starts_other_workflows_of_the_template(project: Project) -> None:
    files = {"template.yaml": NESTED, "outer.asl.json": OUTER, "inner.asl.json": RESULT % "${Word}"}
    assert outcome(runner_with(project, files).run("outer.asl.json")) == ("SUCCEEDED", "beta")


def test_a_started_workflow_can_be_replaced_in_the_arguments(project: Project) -> None:
    runner = runner_with(project, {"template.yaml": NESTED, "outer.asl.json": OUTER})
    workflows = {"the-inner": RESULT % "a stand-in"}
    assert outcome(runner.run("outer.asl.json", workflows=workflows)) == ("SUCCEEDED", "a stand-in")


def test_a_workflow_has_the_type_from_the_template(project: Project) -> None:
    express = (
        "Resources: {M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: w.json, Type: EXPRESS}}}"
    )
    named = RESULT.replace('"Result": "%s"', '"Parameters": {"id.$": "$$.Execution.Id"}')
    runner = runner_with(project, {"template.yaml": express, "w.json": named})
    kinds = [runner.run("w.json", type=type_).output["id"].split(":")[5] for type_ in (None, "STANDARD")]
    assert kinds == ["express", "execution"]


@pytest.mark.parametrize("before", [None, "http://before"])
def test_handlers_call_the_endpoint_and_no_resources_are_created_or_read_there(
    project: Project, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if before:
        monkeypatch.setenv("AWS_ENDPOINT_URL", before)
    work = "import os\ndef handler(event, context): return os.environ['AWS_ENDPOINT_URL']"
    runner_with(project, {"template.yaml": RESOURCES, "work/app.py": work, "w.json": CALLS_WORK})
    execution = ProjectRunner(read_application(project), "http://localhost:1").run("w.json")
    assert (outcome(execution), execution.tables) == (("SUCCEEDED", "http://localhost:1"), {})
    assert os.environ.get("AWS_ENDPOINT_URL") == before


def test_one_state_is_tested_with_the_projects_functions_and_tables(trader: ProjectRunner) -> None:
    price = trader.test_state("trader", "Price", {"base": 2})
    assert (price.status, price.output, price.next_state) == ("SUCCEEDED", {"price": 3, "by": "Price"}, "Record")
    replaced = trader.test_state("Trader", "Price", functions={"Price": lambda event, context: "replaced"})
    assert replaced.output == "replaced"
    record = trader.test_state("trader", "Record", {"by": "me"})
    assert record.inspection["afterParameters"] == {"TableName": "trades", "Item": {"Id": {"S": "me"}}}
    assert record.inspection["result"]["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert trader.test_state("trader", "Record", {"by": "me"}, mock=Return({})).output == {"by": "me", "put": {}}
