"""A project's application: its workflows with its template's functions, substitutions, tables, queues and buckets."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.support import Write
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Run, send_task_success
from workflow_dsl.local.project_run import Application
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


def written(project: Project, files: Mapping[str, str]) -> Application:
    for name, text in files.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return Application(project)


@pytest.fixture
def trader(project: Project, write_workflow: Write) -> Application:
    write_workflow("trader", TRADER)
    return written(project, {"template.yaml": TEMPLATE, "price/app.py": PRICE})


def outcome(execution: Run) -> tuple[str, Any]:
    return execution.status, execution.output if execution.status == "SUCCEEDED" else execution.cause


def test_a_workflow_runs_with_the_templates_functions_substitutions_and_tables(trader: Application) -> None:
    execution = trader.run("trader", {"base": 41})
    assert execution.status == "SUCCEEDED", execution.cause
    assert [(call.state, call.resource) for call in execution.calls] == [
        ("Price", "arn:aws:lambda:us-east-1:111111111111:function:Price"),
        ("Record", "arn:aws:states:::dynamodb:putItem"),
    ]
    assert (execution.output["price"], execution.tables) == (42, {"trades": [{"Id": {"S": "Price"}}]})


def test_each_run_has_tables_of_its_own(trader: Application) -> None:
    runs = [trader.run("trader", mocks={"Price": Return({"by": by})}) for by in "ab"]
    assert [execution.tables for execution in runs] == [{"trades": [{"Id": {"S": by}}]} for by in "ab"]


@pytest.mark.parametrize("name", ["Price", "PriceArn", "arn:aws:lambda:us-east-1:111111111111:function:Price"])
def test_a_stand_in_is_known_by_the_functions_name_its_placeholder_or_its_arn(trader: Application, name: str) -> None:
    execution = trader.run("trader", functions={name: lambda event, context: {"by": "a stand-in"}})
    assert execution.tables == {"trades": [{"Id": {"S": "a stand-in"}}]}


def test_what_is_given_to_a_run_goes_before_what_the_template_gives(trader: Application) -> None:
    written_down: list[Any] = []
    services = {"dynamodb:putItem": written_down.append}
    execution = trader.run("trader", services=services, mocks={"Price": Return({"by": "mock"})}, type="EXPRESS")
    assert (execution.status, execution.tables) == ("SUCCEEDED", {"trades": []})
    assert written_down == [{"TableName": "trades", "Item": {"Id": {"S": "mock"}}}]
    assert execution.history[0]["executionStartedEventDetails"]["roleArn"].endswith("role/trader")


ASKING = """
    from workflow_dsl.authoring import Chain, ItemReader, Map, Task, call, path

    def build():
        ask = Task("Ask", heartbeat_seconds=60, resource=call(
            "sqs:sendMessage.waitForTaskToken", QueueUrl="q", MessageBody={"token": path("$$.Task.Token")}
        ))
        put = call("dynamodb:putItem", TableName="${Table}", Item={"Id": {"S": path("$.approved")}})
        return Workflow(Chain([ask, Task("Record", resource=put)]))
"""


def test_calls_that_given_services_do_not_answer_are_made_as_ever(trader: Application, write_workflow: Write) -> None:
    write_workflow("trader", ASKING)

    def send(parameters: dict[str, Any]) -> Any:
        send_task_success(parameters["MessageBody"]["token"], {"approved": "by a person"})
        return {"MessageId": "1"}

    execution = trader.run("trader", services={"sqs:sendMessage": send})
    assert (execution.status, execution.tables) == ("SUCCEEDED", {"trades": [{"Id": {"S": "by a person"}}]})


GIVES = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "%s", "End": true}}}'


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("one.json", GIVES % "here"),
        ("one.asl.json", GIVES % "here"),
        ("one.yaml", "StartAt: A\nStates: {A: {Type: Pass, Result: here, End: true}}"),
        ("one.yml", "StartAt: A\nStates: {A: {Type: Pass, Result: here, End: true}}"),
        ("one.py", "from stepfunctions.steps import Pass\nfrom workflow_dsl import Workflow\n"
                   "def build(): return Workflow(Pass('A', result='here'))"),
    ],
)  # fmt: skip
def test_a_file_runs_as_well_even_without_a_template(project: Project, file: str, text: str) -> None:
    application = written(project, {file: text})
    assert outcome(application.run(file)) == ("SUCCEEDED", "here")
    assert (application.template, application.functions) == (None, {})


@pytest.mark.parametrize("workflow", ["generated/trader.asl.json", "workflows/trader.py"])
def test_a_file_that_the_template_deploys_gets_its_substitutions(trader: Application, workflow: str) -> None:
    (Path.cwd() / "generated").mkdir()
    (Path.cwd() / "generated/trader.asl.json").write_text(trader.machine("trader").to_text())
    assert trader.run(workflow, {"base": 1}).tables == {"trades": [{"Id": {"S": "Price"}}]}


@pytest.mark.parametrize(
    ("name", "remedy"), [("tradr", 'did you mean "trader"?'), ("x", "there are trader"), ("", "there are trader")]
)
def test_an_unknown_workflow_is_a_finding(trader: Application, name: str, remedy: str) -> None:
    with pytest.raises(FindingsError) as problem:
        trader.run(name)
    assert str(problem.value) == f"no workflow {name!r}; {remedy}"


def test_a_project_without_workflows_has_none(project: Project) -> None:
    with pytest.raises(FindingsError, match="no workflow 'a'; there are none"):
        Application(project).run("a")


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
            "objects": [each["Key"] for each in boto3.client("s3").list_objects_v2(Bucket="prices")["Contents"]],
        }
"""
CALLS_WORK = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Work}", "End": true}}}'


def test_handlers_own_calls_reach_the_templates_resources_in_this_process(project: Project) -> None:
    application = written(project, {"template.yaml": RESOURCES, "work/app.py": WORK, "w.json": CALLS_WORK})
    for turn in ("first", "second"):
        execution = application.run("w.json", {"id": turn})
        found = {"queues": ["Orders"], "topics": ["News"], "objects": ["k"]}
        assert outcome(execution) == ("SUCCEEDED", found)
        assert execution.tables == {"Plain": [], "Simple": [{"id": {"S": turn}}], "Keyed": []}


def test_a_table_is_made_with_the_key_it_is_given(project: Project) -> None:
    put = {"TableName": "Keyed", "Item": {"n": {"N": "7"}}}
    states = {"A": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": put, "End": True}}
    definition = json.dumps({"StartAt": "A", "States": states})
    application = written(project, {"template.yaml": RESOURCES, "work/app.py": "", "w.json": definition})
    assert application.run("w.json").tables == {"Plain": [], "Simple": [], "Keyed": [{"n": {"N": "7"}}]}


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


def test_a_workflow_starts_the_templates_other_workflows(project: Project) -> None:
    files = {"template.yaml": NESTED, "outer.asl.json": OUTER, "inner.asl.json": GIVES % "${Word}"}
    assert outcome(written(project, files).run("outer.asl.json")) == ("SUCCEEDED", "beta")


def test_a_workflow_can_be_given_the_workflows_it_starts(project: Project) -> None:
    application = written(project, {"template.yaml": NESTED, "outer.asl.json": OUTER})
    given = {"the-inner": GIVES % "given"}
    assert outcome(application.run("outer.asl.json", workflows=given)) == ("SUCCEEDED", "given")


def test_a_workflow_has_the_type_that_the_template_gives_it(project: Project) -> None:
    express = (
        "Resources: {M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: w.json, Type: EXPRESS}}}"
    )
    named = GIVES.replace('"Result": "%s"', '"Parameters": {"id.$": "$$.Execution.Id"}')
    application = written(project, {"template.yaml": express, "w.json": named})
    kinds = [application.run("w.json", type=type_).output["id"].split(":")[5] for type_ in (None, "STANDARD")]
    assert kinds == ["express", "execution"]


@pytest.mark.parametrize("before", [None, "http://before"])
def test_an_endpoint_is_what_handlers_call_and_nothing_is_made_or_read_there(
    project: Project, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if before:
        monkeypatch.setenv("AWS_ENDPOINT_URL", before)
    work = "import os\ndef handler(event, context): return os.environ['AWS_ENDPOINT_URL']"
    written(project, {"template.yaml": RESOURCES, "work/app.py": work, "w.json": CALLS_WORK})
    execution = Application(project, "http://localhost:1").run("w.json")
    assert (outcome(execution), execution.tables) == (("SUCCEEDED", "http://localhost:1"), {})
    assert os.environ.get("AWS_ENDPOINT_URL") == before
