"""An application like SAM's template for Node.js, with handlers in both kinds of modules, served untouched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.support import NEEDS_NODE, PREFIX, ROOT, Process, ended, serving

APPLICATION = ROOT / "tests" / "applications" / "node_orders"
MACHINE = f"{PREFIX}:stateMachine:OrderStateMachine"
pytestmark = NEEDS_NODE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("orders") / "application"
    shutil.copytree(APPLICATION, folder)
    with serving(folder) as process:
        yield process


def start(server: Process, **order: Any) -> str:
    started = server.client().start_execution(stateMachineArn=MACHINE, input=json.dumps(order))
    return str(started["executionArn"])


def items(server: Process) -> dict[str, str]:
    """The total of each stored order."""
    return {
        item["id"]["S"]: item["total"]["N"] for item in server.client("dynamodb").scan(TableName="OrderTable")["Items"]
    }


def test_an_order_is_priced_charged_after_a_retry_and_stored(server: Process) -> None:
    execution = ended(server.client(), start(server, id="a", item="book", quantity=2, busy=1))
    assert (execution["status"], json.loads(execution["output"])) == (
        "SUCCEEDED",
        {"id": "a", "sender": "shop", "text": "25 paid, a-1"},
    )
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() > 60
    assert items(server)["a"] == "25"


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_large_order_waits_for_the_approval_of_its_message(server: Process, is_approved: bool) -> None:
    client, queues, name = server.client(), server.client("sqs"), f"large-{is_approved}"
    arn = start(server, id=name, item="laptop", quantity=1)
    queue = queues.get_queue_url(QueueName="ApprovalQueue")["QueueUrl"]
    [message] = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    body = json.loads(message["Body"])
    assert (body["order"], client.describe_execution(executionArn=arn)["status"]) == (name, "RUNNING")
    if is_approved:
        client.send_task_success(taskToken=body["token"], output='{"by": "boss"}')
    else:
        client.send_task_failure(taskToken=body["token"], error="Declined")
    execution = ended(client, arn)
    assert (execution["status"], execution.get("error"), items(server).get(name)) == (
        ("SUCCEEDED", None, "900") if is_approved else ("FAILED", "OrderDeclined", None)
    )


def test_an_error_of_a_handler_is_lambdas(server: Process) -> None:
    execution = ended(server.client(), start(server, id="b", item="boat", quantity=1))
    cause = json.loads(execution["cause"])
    assert (execution["status"], execution["error"]) == ("FAILED", "UnknownItem")
    assert (cause["errorType"], cause["errorMessage"]) == ("UnknownItem", "there is no boat")


def test_a_saved_definition_and_function_are_live_at_the_next_execution(tmp_path: Path) -> None:
    folder = tmp_path / "application"
    shutil.copytree(APPLICATION, folder)
    prices, definition = folder / "functions/price/app.mjs", folder / "statemachines/order.asl.json"
    with serving(folder) as process:
        ended(process.client(), start(process, id="a", item="book", quantity=2))
        prices.write_text(prices.read_text("utf-8").replace("12.5", "20.25"), "utf-8")
        definition.write_text(definition.read_text("utf-8").replace("OutputPath", "ResultPath"), "utf-8")
        definition.write_text(definition.read_text("utf-8").replace("$.Payload", "$.note"), "utf-8")
        execution = ended(process.client(), start(process, id="a", item="book", quantity=2))
        output = json.loads(execution["output"])
        assert (output["total"], output["note"]["StatusCode"], items(process)) == (40.5, 200, {"a": "40.5"})
