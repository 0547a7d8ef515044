"""Calls of AWS services: boto3 against moto, answers given as functions, and the names that errors have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices, GivenServices, Run, run
from workflow_dsl.local.errors import StateError

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def boto() -> Iterator[BotoServices]:
    """Services with a table, a queue, a topic and a bucket."""
    services = BotoServices()
    services.client("dynamodb").create_table(
        TableName="trades",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    services.client("sqs").create_queue(QueueName="orders")
    services.client("sns").create_topic(Name="news")
    services.client("s3").create_bucket(Bucket="results")
    yield services
    services.close()


def called(services: Any, integration: str, **parameters: Any) -> Run:
    """The run of a Task that calls an integration with these parameters."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}", "Parameters": parameters, "End": True}
    return run({"StartAt": "T", "States": {"T": task}}, services=services)


def called_with_its_input(services: Any, integration: str, parameters: Any) -> Run:
    """The run of a Task that calls an integration with what validation does not see before it runs."""
    whole = {"QueryLanguage": "JSONata", "Arguments": "{% $states.input %}"}
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}", **whole, "End": True}
    return run({"StartAt": "T", "States": {"T": task}}, parameters, services=services)


def result(run_: Run) -> Any:
    """The result without what tells of the HTTP response."""
    assert run_.status == "SUCCEEDED", (run_.error, run_.cause)
    if not isinstance(run_.output, dict):
        return run_.output
    return {name: value for name, value in run_.output.items() if not name.startswith("Sdk")}


ITEM = {"id": {"S": "t-1"}, "price": {"N": "12.5"}, "tags": {"L": [{"S": "a"}]}, "open": {"BOOL": True}}


@pytest.mark.parametrize("service", ["dynamodb", "aws-sdk:dynamodb"])
def test_an_item_is_put_and_got(boto: BotoServices, service: str) -> None:
    assert result(called(boto, f"{service}:putItem", TableName="trades", Item=ITEM)) == {}
    key = {"id": {"S": "t-1"}}
    assert result(called(boto, f"{service}:getItem", TableName="trades", Key=key)) == {"Item": ITEM}


def test_an_optimized_integration_tells_of_the_response_and_the_sdks_does_not(boto: BotoServices) -> None:
    parameters = {"TableName": "trades", "Key": {"id": {"S": "none"}}}
    optimized = called(boto, "dynamodb:getItem", **parameters).output
    assert called(boto, "aws-sdk:dynamodb:getItem", **parameters).output == {}
    assert sorted(optimized) == ["SdkHttpMetadata", "SdkResponseMetadata"]
    http = optimized["SdkHttpMetadata"]
    assert http["HttpStatusCode"] == 200
    assert http["AllHttpHeaders"] == {name: [value] for name, value in http["HttpHeaders"].items()}
    assert list(optimized["SdkResponseMetadata"]) == ["RequestId"]


def queue_url(boto: BotoServices) -> str:
    return str(boto.client("sqs").get_queue_url(QueueName="orders")["QueueUrl"])


@pytest.mark.parametrize(
    ("body", "received"),
    [("text", "text"), ({"a": [1, None], "é": "ü"}, '{"a":[1,null],"é":"ü"}'), ([1, {"b": 2}], '[1,{"b":2}]')],
)
def test_a_message_body_may_be_an_object(boto: BotoServices, body: Any, received: str) -> None:
    url = queue_url(boto)
    sent = result(called(boto, "sqs:sendMessage", QueueUrl=url, MessageBody=body))
    (message,) = boto.client("sqs").receive_message(QueueUrl=url)["Messages"]
    boto.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert (message["Body"], message["MessageId"]) == (received, sent["MessageId"])


def test_a_map_of_structures_keeps_its_names(boto: BotoServices) -> None:
    url = queue_url(boto)
    attributes = {"kind": {"DataType": "String", "StringValue": "buy"}}
    called(boto, "sqs:sendMessage", QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    received = called(boto, "aws-sdk:sqs:receiveMessage", QueueUrl=url, MessageAttributeNames=["All"])
    assert received.output["Messages"][0]["MessageAttributes"] == attributes


def test_a_topic_gets_a_message(boto: BotoServices) -> None:
    (topic,) = boto.client("sns").list_topics()["Topics"]
    sent = called(boto, "sns:publish", TopicArn=topic["TopicArn"], Message={"a": 1})
    assert list(result(sent)) == ["MessageId"]


@pytest.mark.parametrize(("body", "content"), [("text", "text"), ({"a": 1}, '{"a":1}'), ([1], "[1]")])
def test_an_object_is_put_and_got(boto: BotoServices, body: Any, content: str) -> None:
    called(boto, "aws-sdk:s3:putObject", Bucket="results", Key="k", Body=body)
    found = result(called(boto, "aws-sdk:s3:getObject", Bucket="results", Key="k"))
    assert (found["Body"], found["ContentLength"]) == (content, len(content))
    assert boto.read_object("results", "k") == content.encode()
    assert datetime.fromisoformat(found["LastModified"]).tzinfo == UTC


def test_names_are_pascal_case_whatever_the_service_calls_them(boto: BotoServices) -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    made = result(
        called(
            boto,
            "aws-sdk:sfn:createStateMachine",
            Name="made",
            Definition=definition,
            RoleArn="arn:aws:iam::123456789012:role/made",
        )
    )
    assert sorted(made) == ["CreationDate", "StateMachineArn"]
    machine = called(boto, "aws-sdk:sfn:describeStateMachine", StateMachineArn=made["StateMachineArn"]).output
    assert (machine["Name"], json.loads(machine["Definition"])) == ("made", definition)


def test_an_event_bus_takes_events_under_the_integrations_own_name(boto: BotoServices) -> None:
    entries = [{"Detail": {"a": 1}, "DetailType": "trade", "Source": "tests"}]
    put = result(called(boto, "events:putEvents", Entries=entries))
    assert (put["FailedEntryCount"], len(put["Entries"])) == (0, 1)
    assert result(called(boto, "aws-sdk:eventbridge:putEvents", Entries=entries))["FailedEntryCount"] == 0


KEY = {"id": {"S": "1"}}
CONDITION = {"TableName": "trades", "Item": {"id": {"S": "c"}}, "ConditionExpression": "attribute_exists(id)"}
ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("dynamodb:getItem", {"TableName": "none", "Key": KEY}, "DynamoDB.ResourceNotFoundException"),
    ("aws-sdk:dynamodb:getItem", {"TableName": "none", "Key": KEY}, "DynamoDb.ResourceNotFoundException"),
    ("dynamodb:putItem", CONDITION, "DynamoDB.ConditionalCheckFailedException"),
    ("aws-sdk:dynamodb:putItem", CONDITION, "DynamoDb.ConditionalCheckFailedException"),
    ("aws-sdk:s3:getObject", {"Bucket": "results", "Key": "none"}, "S3.NoSuchKeyException"),
    ("aws-sdk:s3:getObject", {"Bucket": "nowhere", "Key": "none"}, "S3.NoSuchBucketException"),
    ("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "none"}, "SecretsManager.ResourceNotFoundException"),
    ("aws-sdk:sfn:describeStateMachine", {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:none"},
     "Sfn.StateMachineDoesNotExistException"),
]  # fmt: skip


@pytest.mark.parametrize(("integration", "parameters", "error"), ERRORS)
def test_a_services_error_has_the_name_that_step_functions_gives_it(
    boto: BotoServices, integration: str, parameters: dict[str, Any], error: str
) -> None:
    execution = called(boto, integration, **parameters)
    prefix = error.partition(".")[0]
    assert (execution.status, execution.error) == ("FAILED", error)
    assert f"(Service: {prefix}, Status Code: 4" in (execution.cause or "")


def test_an_error_of_a_service_can_be_caught() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Parameters": {"TableName": "none", "Key": KEY},
        "Catch": [{"ErrorEquals": ["DynamoDB.ResourceNotFoundException"], "ResultPath": None, "Next": "H"}],
        "End": True,
    }
    execution = run({"StartAt": "T", "States": {"T": task, "H": {"Type": "Succeed"}}}, {"in": 1})
    assert (execution.trail, execution.output) == (["T", "H"], {"in": 1})


@pytest.mark.parametrize("service", ["dynamodb", "aws-sdk:dynamodb"])
def test_an_action_that_the_service_does_not_have_is_refused_before_anything_runs(service: str) -> None:
    with pytest.raises(FindingsError, match=f"The resource provided arn:aws:states:::{service}:getItems is not rec"):
        called({f"{service}:getItems": pytest.fail}, f"{service}:getItems", TableName="trades")


def test_an_action_that_step_functions_has_and_boto3_does_not_fails(boto: BotoServices) -> None:
    cluster = {"ClusterName": "c", "CertificateAuthority": "x", "Endpoint": "https://c"}
    execution = called(boto, "eks:call", **cluster, Method="GET", Path="/api")
    said = "The service eks has no action call"
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Runtime", said)


@pytest.mark.parametrize("service", ["dynamodb", "aws-sdk:dynamodb"])
def test_boto_services_fail_for_an_action_that_the_service_does_not_have(boto: BotoServices, service: str) -> None:
    with pytest.raises(StateError) as failed:
        boto.call(service, "getItems", {"TableName": "trades"})
    assert failed.value.as_output() == {
        "Error": "States.Runtime", "Cause": f"The service {service} has no action getItems"}  # fmt: skip


@pytest.mark.parametrize(
    "parameters",
    [
        {"TableName": "trades"},
        {"TableName": "trades", "Key": "text"},
        {"TableName": 5, "Key": KEY},
        {"TableName": "trades", "Key": KEY, "Bogus": 1},
    ],
)
def test_parameters_that_are_not_the_services_fail(boto: BotoServices, parameters: dict[str, Any]) -> None:
    execution = called_with_its_input(boto, "dynamodb:getItem", parameters)
    said = "The parameters of getItem are not those of the service: "
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert (execution.cause or "").startswith(said)


def test_parameters_must_be_an_object(boto: BotoServices) -> None:
    execution = called_with_its_input(boto, "dynamodb:getItem", [1])
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert (execution.cause or "").endswith("The parameters of getItem must be an object: [1]")


def test_an_object_that_cannot_be_read_is_an_error_of_s3(boto: BotoServices) -> None:
    with pytest.raises(StateError) as failed:
        boto.read_object("results", "none")
    assert failed.value.error == "S3.NoSuchKeyException"


def test_a_client_is_made_once(boto: BotoServices) -> None:
    assert boto.client("s3") is boto.client("s3")


def test_an_endpoint_is_called_instead_of_moto() -> None:
    services = BotoServices("http://localhost:1")
    try:
        assert services.client("dynamodb").meta.endpoint_url == "http://localhost:1"
    finally:
        services.close()


def test_closed_services_have_no_clients_left_and_can_be_closed_again() -> None:
    services = BotoServices("http://localhost:1")
    before = services.client("s3")
    services.close()
    services.close()
    assert services.client("s3") is not before


def test_given_services_answer_by_service_and_action() -> None:
    seen: list[Any] = []

    def answer(parameters: dict[str, Any]) -> Any:
        seen.append(parameters)
        return {"Item": (1, 2)}

    for services in ({"dynamodb:getItem": answer}, GivenServices({"dynamodb:getItem": answer})):
        execution = called(services, "dynamodb:getItem", TableName="t", Key=KEY)
        assert (execution.output, execution.calls[0].resource) == (
            {"Item": [1, 2]}, "arn:aws:states:::dynamodb:getItem")  # fmt: skip
    assert seen == [{"TableName": "t", "Key": KEY}] * 2


def test_what_no_given_service_answers_fails() -> None:
    execution = called({"dynamodb:getItem": dict}, "aws-sdk:dynamodb:getItem", TableName="t", Key=KEY)
    said = "no service answers aws-sdk:dynamodb:getItem"
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Runtime", said)


def test_a_given_service_can_fail_as_a_service_does() -> None:
    def answer(parameters: dict[str, Any]) -> Any:
        raise StateError("DynamoDB.ThrottlingException", "slow down")

    execution = called({"dynamodb:getItem": answer}, "dynamodb:getItem", TableName="t", Key=KEY)
    assert (execution.error, execution.cause) == ("DynamoDB.ThrottlingException", "slow down")


def test_given_services_read_objects_and_have_nothing_to_close() -> None:
    services = GivenServices({"aws-sdk:s3:getObject": lambda parameters: {"Body": f"of {parameters['Key']}"}})
    assert services.read_object("b", "k") == b"of k"
    services.close()
