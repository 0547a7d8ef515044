"""moto_gateway.py: AWS calls of other processes, answered by moto in this one."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from workflow_dsl.local import BotoServices, run
from workflow_dsl.local.stand_ins.moto_gateway import MotoGateway


@pytest.fixture(scope="module")
def gateway() -> MotoGateway:
    return MotoGateway()


@pytest.fixture
def boto() -> Iterator[BotoServices]:
    """Services in moto, with a bucket and a queue."""
    services = BotoServices()
    services.client("s3").create_bucket(Bucket="results")
    services.client("sqs").create_queue(QueueName="orders")
    yield services
    services.close()


def client(gateway: MotoGateway, service: Any, **others: Any) -> Any:
    """A client as another process has it."""
    variables = gateway.variables()
    return boto3.Session(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]).client(
        service,
        "us-east-1",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        config=Config(retries={"total_max_attempts": 1}, proxies={}, **others),
    )


def error_of(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_both_processes_see_the_same_resources(gateway: MotoGateway, boto: BotoServices) -> None:
    client(gateway, "s3").put_object(Bucket="results", Key="a/b c.txt", Body="grün".encode())
    assert boto.read_object("results", "a/b c.txt") == "grün".encode()
    sqs = client(gateway, "sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="sent")
    messages = boto.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert [message["Body"] for message in messages] == ["sent"]
    assert client(gateway, "s3").head_object(Bucket="results", Key="a/b c.txt")["ContentLength"] == 5


def test_an_error_of_a_service_arrives_as_such(gateway: MotoGateway, boto: BotoServices) -> None:
    code, _ = error_of(client(gateway, "s3").get_object, Bucket="results", Key="none")
    assert code == "NoSuchKey"


def test_what_moto_lacks_is_an_error_of_the_call(gateway: MotoGateway, boto: BotoServices) -> None:
    code, message = error_of(client(gateway, "sqs").list_message_move_tasks, SourceArn="arn:aws:sqs:us-east-1:1:none")
    assert (code, message[:32]) == ("NotImplementedException", "moto does not answer the call: N")


def test_nothing_answers_between_two_runs(gateway: MotoGateway) -> None:
    assert error_of(client(gateway, "sqs").list_queues) == ("ServiceUnavailable", "no run is in progress")


def send(gateway: MotoGateway, key: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Send a request that lists the tables, with this access key."""
    connection = http.client.HTTPConnection(urlsplit(gateway.variables()["AWS_ENDPOINT_URL"]).netloc, timeout=10)
    signature = f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host"
    target = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    headers = {"Authorization": signature, **target, **headers}
    connection.request("POST", "/", body, headers, encode_chunked="Transfer-Encoding" in headers)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


@pytest.mark.parametrize("key", ["", "LOCAL", "AKIDEXAMPLE"])
def test_a_request_with_another_key_is_refused(gateway: MotoGateway, boto: BotoServices, key: str) -> None:
    message = "the request is not one of this run's handlers"
    assert send(gateway, key, b"{}") == (403, {"__type": "AccessDeniedException", "message": message})


def test_a_request_may_be_sent_in_chunks(gateway: MotoGateway, boto: BotoServices) -> None:
    key = gateway.variables()["AWS_ACCESS_KEY_ID"]
    answer = send(gateway, key, iter([b"{", b"}"]), **{"Transfer-Encoding": "chunked"})
    assert answer == (200, {"TableNames": []})


def test_a_request_without_a_readable_length_is_refused(gateway: MotoGateway) -> None:
    key = gateway.variables()["AWS_ACCESS_KEY_ID"]
    message = "the request's body has no length"
    refused = (400, {"__type": "SerializationException", "message": message})
    assert send(gateway, key, b"{}", **{"Content-Length": "many"}) == refused


ASK = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
            "End": True,
        }
    },
}


@pytest.mark.parametrize(
    ("operation", "parameters", "result"),
    [
        ("send_task_success", {"output": '{"approved": true}'}, ("SUCCEEDED", {"approved": True}, None)),
        ("send_task_failure", {"error": "Refused", "cause": "no"}, ("FAILED", None, "Refused")),
    ],
)
def test_a_task_token_is_sent_back(gateway: MotoGateway, operation: str, parameters: Any, result: Any) -> None:
    def answer(message: dict[str, Any]) -> dict[str, str]:
        sfn = client(gateway, "stepfunctions")
        sfn.send_task_heartbeat(taskToken=message["MessageBody"]["token"])
        getattr(sfn, operation)(taskToken=message["MessageBody"]["token"], **parameters)
        return {"MessageId": "1"}

    execution = run(ASK, services={"sqs:sendMessage": answer})
    assert (execution.status, execution.output, execution.error) == result


@pytest.mark.parametrize(("output", "error"), [("{}", "TaskDoesNotExist"), ("{", "InvalidOutput")])
def test_a_wrong_answer_to_a_task_is_refused(gateway: MotoGateway, output: str, error: str) -> None:
    assert error_of(client(gateway, "stepfunctions").send_task_success, taskToken="none", output=output)[0] == error
