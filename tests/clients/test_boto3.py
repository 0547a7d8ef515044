"""boto3 with `workflow-dsl serve` in a process of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients.support import PREFIX, ROLE, ROOT, Process, ended, serving

WAIT_AND_ASK = {
    "StartAt": "Wait",
    "States": {
        "Wait": {"Type": "Wait", "Seconds": 86_400, "Next": "Ask"},
        "Ask": {"Type": "Task", "Resource": f"{PREFIX}:activity:people", "End": True},
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("empty")) as process:
        yield process


def machine(server: Process, name: str, definition: Any, **members: Any) -> str:
    """Create a state machine, and return its ARN."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return str(
        server.client().create_state_machine(name=name, definition=text, roleArn=ROLE, **members)["stateMachineArn"]
    )


def test_a_worker_answers_a_task_after_a_day_that_takes_no_time(server: Process) -> None:
    client = server.client()
    activity = client.create_activity(name="people")["activityArn"]
    arn = machine(server, "asking", WAIT_AND_ASK)
    execution = client.start_execution(stateMachineArn=arn, input='{"question": 1}')["executionArn"]
    task = client.get_activity_task(activityArn=activity)
    assert client.describe_execution(executionArn=execution)["status"] == "RUNNING"
    client.send_task_success(taskToken=task["taskToken"], output=task["input"])
    description = ended(client, execution)
    assert (description["output"], (description["stopDate"] - description["startDate"]).days) == ('{"question":1}', 1)
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": 3}
    )
    events = [event["type"] for page in pages for event in page["events"]]
    assert events == [
        *("ExecutionStarted", "WaitStateEntered", "WaitStateExited", "TaskStateEntered"),
        *("ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded"),
    ]


def test_a_sync_execution_answers_with_its_output(server: Process) -> None:
    double = {"QueryLanguage": "JSONata", "StartAt": "D", "States": {"D": {"Type": "Pass", "Output": "{% $states.input * 2 %}", "End": True}}}  # fmt: skip
    arn = machine(server, "double", double, type="EXPRESS")
    answer = server.client().start_sync_execution(stateMachineArn=arn, input="21")
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "42")


def test_a_token_waits_in_a_queue_of_the_same_server(server: Process) -> None:
    queues, client = server.client("sqs"), server.client()
    queue = queues.create_queue(QueueName="tokens")["QueueUrl"]
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
        "End": True,
    }
    arn = machine(server, "tokens", {"StartAt": "Send", "States": {"Send": send}})
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    [message] = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    client.send_task_failure(taskToken=message["Body"], error="No", cause="not today")
    description = ended(client, execution)
    assert (description["status"], description["error"], description["cause"]) == ("FAILED", "No", "not today")


def test_errors_are_exceptions_of_the_client(server: Process) -> None:
    client = server.client()
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        client.start_execution(stateMachineArn=f"{PREFIX}:stateMachine:none")
    with pytest.raises(client.exceptions.InvalidDefinition):
        machine(server, "broken", "{}")
    with pytest.raises(ClientError, match="ValidationException"):
        client.describe_execution(executionArn="x" * 300)


def test_the_generated_definitions_of_this_repository_are_created_as_sam_deploys_them(server: Process) -> None:
    client, arns = server.client(), {}
    for file in sorted((ROOT / "generated").glob("*.asl.json")):
        name = file.name.partition(".")[0]
        arns[name] = machine(server, name, substituted(file), publish=True)
    assert len(arns) == 3
    described = {name: client.describe_state_machine(stateMachineArn=arn) for name, arn in arns.items()}
    assert {name: machine["status"] for name, machine in described.items()} == dict.fromkeys(arns, "ACTIVE")
    result = client.validate_state_machine_definition(definition=described["stock_trader"]["definition"])
    assert (result["result"], result["diagnostics"]) == ("OK", [])


def substituted(file: Path) -> str:
    """A definition with values for its placeholders, as CloudFormation puts them in."""
    text = file.read_text("utf-8")
    for name in sorted({part.partition("}")[0] for part in text.split("${")[1:]}):
        text = text.replace(f"${{{name}}}", VALUES.get(name, f"arn:aws:lambda:us-east-1:111111111111:function:{name}"))
    return text


VALUES = {
    "DDBPutItem": "arn:aws:states:::dynamodb:putItem",
    "DDBTable": "transactions",
    "MarketBucketName": "market",
    "PortfolioTopicArn": "arn:aws:sns:us-east-1:111111111111:portfolio",
    "PriceTableName": "prices",
    "StockTradingStateMachineArn": f"{PREFIX}:stateMachine:stock_trader",
}


def test_the_lines_on_the_terminal_are_the_calls_and_the_states_of_executions(tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        client = process.client()
        arn = machine(process, "failing", {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad"}}})
        client.start_execution(stateMachineArn=arn, name="one")
        with pytest.raises(ClientError):
            client.start_execution(stateMachineArn=f"{arn}x")
        assert process.close() == 130
    lines = [re.sub(r"00:00\.\d+", "at once", line.partition(", after")[0]) for line in process.lines]
    assert lines == [
        "CreateStateMachine",
        *("  failing one", "    at once  F", "  FAILED failing one", "StartExecution"),
        *("StartExecution StateMachineDoesNotExist", "Interrupted"),
    ]
