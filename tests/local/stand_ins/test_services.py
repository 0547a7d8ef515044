"""services.py: calls of AWS services through boto3 and moto or fakes, and the names of their errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices, FakeServices, Run, run
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.stand_ins.gaps import CannotAnswer

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


def call(services: Any, integration: str, **parameters: Any) -> Run:
    """Run a Task that calls an integration with these parameters."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}", "Parameters": parameters, "End": True}
    return run({"StartAt": "T", "States": {"T": task}}, services=services)


def call_with_input(services: Any, integration: str, parameters: Any) -> Run:
    """Run a Task that calls an integration with its input, which validation cannot check."""
    whole = {"QueryLanguage": "JSONata", "Arguments": "{% $states.input %}"}
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}", **whole, "End": True}
    return run({"StartAt": "T", "States": {"T": task}}, parameters, services=services)


def result(run_: Run) -> Any:
    """The output without the HTTP metadata."""
    assert run_.status == "SUCCEEDED", (run_.error, run_.cause)
    if not isinstance(run_.output, dict):
        return run_.output
    return {name: value for name, value in run_.output.items() if not name.startswith("Sdk")}


ITEM = {"id": {"S": "t-1"}, "price": {"N": "12.5"}, "tags": {"L": [{"S": "a"}]}, "open": {"BOOL": True}}


@pytest.mark.parametrize("service", ["dynamodb", "aws-sdk:dynamodb"])
def test_an_item_is_put_and_read(boto: BotoServices, service: str) -> None:
    assert result(call(boto, f"{service}:putItem", TableName="trades", Item=ITEM)) == {}
    key = {"id": {"S": "t-1"}}
    item = {**ITEM, "open": {"Bool": True}} if service == "aws-sdk:dynamodb" else ITEM
    assert result(call(boto, f"{service}:getItem", TableName="trades", Key=key)) == {"Item": item}


def test_text_for_an_attribute_is_put_as_a_string(boto: BotoServices) -> None:
    call(boto, "dynamodb:putItem", TableName="trades", Item={"id": "t-1", "tags": {"L": ["a"]}})
    item = {"id": {"S": "t-1"}, "tags": {"L": [{"S": "a"}]}}
    assert result(call(boto, "dynamodb:getItem", TableName="trades", Key={"id": "t-1"})) == {"Item": item}


def test_only_an_optimized_integration_returns_http_metadata(boto: BotoServices) -> None:
    parameters = {"TableName": "trades", "Key": {"id": {"S": "none"}}}
    optimized = call(boto, "dynamodb:getItem", **parameters).output
    assert call(boto, "aws-sdk:dynamodb:getItem", **parameters).output == {}
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
    sent = result(call(boto, "sqs:sendMessage", QueueUrl=url, MessageBody=body))
    (message,) = boto.client("sqs").receive_message(QueueUrl=url)["Messages"]
    boto.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert (message["Body"], message["MessageId"]) == (received, sent["MessageId"])


def test_a_map_of_structures_keeps_its_keys(boto: BotoServices) -> None:
    url = queue_url(boto)
    attributes = {"kind": {"DataType": "String", "StringValue": "buy"}}
    call(boto, "sqs:sendMessage", QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
    received = call(boto, "aws-sdk:sqs:receiveMessage", QueueUrl=url, MessageAttributeNames=["All"])
    assert received.output["Messages"][0]["MessageAttributes"] == attributes


def test_a_topic_gets_a_message(boto: BotoServices) -> None:
    (topic,) = boto.client("sns").list_topics()["Topics"]
    sent = call(boto, "sns:publish", TopicArn=topic["TopicArn"], Message={"a": 1})
    assert list(result(sent)) == ["MessageId"]


@pytest.mark.parametrize(("body", "content"), [("text", '"text"'), ({"a": 1}, '{"a":1}'), ([1], "[1]"), (5, "5")])
def test_an_object_is_put_and_read(boto: BotoServices, body: Any, content: str) -> None:
    call(boto, "aws-sdk:s3:putObject", Bucket="results", Key="k", Body=body)
    s3_object = result(call(boto, "aws-sdk:s3:getObject", Bucket="results", Key="k"))
    assert (s3_object["Body"], s3_object["ContentLength"]) == (content, len(content))
    assert boto.read_object("results", "k") == content.encode()
    assert datetime.fromisoformat(s3_object["LastModified"]).tzinfo == UTC


def test_names_are_pascal_case_for_every_service(boto: BotoServices) -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    created = result(
        call(
            boto,
            "aws-sdk:sfn:createStateMachine",
            Name="made",
            Definition=definition,
            RoleArn="arn:aws:iam::123456789012:role/made",
        )
    )
    assert sorted(created) == ["CreationDate", "StateMachineArn"]
    machine = call(boto, "aws-sdk:sfn:describeStateMachine", StateMachineArn=created["StateMachineArn"]).output
    assert (machine["Name"], json.loads(machine["Definition"])) == ("made", definition)


def test_an_optimized_integration_keeps_the_apis_names_and_an_sdk_integration_has_javas(boto: BotoServices) -> None:
    message = {"QueueUrl": queue_url(boto), "MessageBody": "m"}
    optimized = call(boto, "sqs:sendMessage", **message).output
    assert list(optimized) == ["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]
    assert sorted(call(boto, "aws-sdk:sqs:sendMessage", **message).output) == ["Md5OfMessageBody", "MessageId"]


VALUES = {"n": {"NULL": True}, "s": {"SS": ["a"]}, "l": {"L": [{"BOOL": True}]}, "m": {"M": {"x": {"NS": ["1"]}}}}
JAVA_VALUES = {"n": {"Nul": True}, "s": {"Ss": ["a"]}, "l": {"L": [{"Bool": True}]}, "m": {"M": {"x": {"Ns": ["1"]}}}}


@pytest.mark.parametrize("values", [VALUES, JAVA_VALUES])
@pytest.mark.parametrize(("service", "read"), [("dynamodb", VALUES), ("aws-sdk:dynamodb", JAVA_VALUES)])
def test_attribute_values_at_every_level_have_the_names_of_the_integration(
    boto: BotoServices, service: str, values: dict[str, Any], read: dict[str, Any]
) -> None:
    key = {"id": {"S": "levels"}}
    call(boto, "aws-sdk:dynamodb:putItem", TableName="trades", Item={**key, **values})
    output = call(boto, f"{service}:getItem", TableName="trades", Key=key).output
    assert output["Item"] == {**key, **read}


def test_a_member_that_is_null_is_not_passed(boto: BotoServices) -> None:
    key = {"id": {"S": "none"}}
    assert result(call(boto, "dynamodb:getItem", TableName="trades", Key=key, ConsistentRead=None)) == {}


def test_text_is_converted_to_the_type_of_the_member(boto: BotoServices) -> None:
    url = queue_url(boto)
    parameters = {"QueueUrl": url, "MessageBody": "m", "DelaySeconds": "0"}
    assert call_with_input(boto, "sqs:sendMessage", parameters).status == "SUCCEEDED"
    received = {"QueueUrl": url, "MaxNumberOfMessages": 10.0}
    assert call_with_input(boto, "aws-sdk:sqs:receiveMessage", received).status == "SUCCEEDED"
    key = {"TableName": "trades", "Key": KEY, "ConsistentRead": "true"}
    assert call_with_input(boto, "dynamodb:getItem", key).status == "SUCCEEDED"


def test_an_entry_that_eventbridge_refuses_fails_the_task() -> None:
    received: list[Any] = []

    def put(parameters: dict[str, Any]) -> Any:
        received.append(parameters)
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}

    entry = {"Detail": {"a": 1}, "DetailType": "trade", "Source": "tests"}
    execution = call({"events:putEvents": put}, "events:putEvents", Entries=[entry, {**entry, "Resources": ["own"]}])
    assert (execution.error, execution.cause) == (
        "EventBridge.FailedEntry", '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure"}]}')  # fmt: skip
    arns = [f"arn:aws:states:us-east-1:111111111111:{name}" for name in ("stateMachine:local", "execution:local:local")]
    assert [each["Resources"] for each in received[0]["Entries"]] == [arns, ["own", *arns]]


def test_events_are_put_with_the_integrations_service_name(boto: BotoServices) -> None:
    entries = [{"Detail": {"a": 1}, "DetailType": "trade", "Source": "tests"}]
    put = result(call(boto, "events:putEvents", Entries=entries))
    assert (put["FailedEntryCount"], len(put["Entries"])) == (0, 1)
    assert result(call(boto, "aws-sdk:eventbridge:putEvents", Entries=entries))["FailedEntryCount"] == 0


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
    ("dynamodb:getItem", {"TableName": "trades", "Key": {"other": {"S": "1"}}}, "DynamoDB.AmazonDynamoDBException"),
    ("aws-sdk:dynamodb:getItem", {"TableName": "trades", "Key": {"x": {"S": "1"}}}, "DynamoDb.DynamoDbException"),
    ("sns:publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Message": "m"}, "SNS.NotFoundException"),
    ("aws-sdk:sns:publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:none", "Message": "m"},
     "Sns.NotFoundException"),
    ("sqs:sendMessage", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/none", "MessageBody": "m"},
     "SQS.QueueDoesNotExistException"),
]  # fmt: skip


@pytest.mark.parametrize(("integration", "parameters", "error"), ERRORS)
def test_an_error_has_its_name_in_step_functions(
    boto: BotoServices, integration: str, parameters: dict[str, Any], error: str
) -> None:
    execution = call(boto, integration, **parameters)
    assert (execution.status, execution.error) == ("FAILED", error)
    optimized = r"\(Service: A\w+; Status Code: 4\d\d; Error Code: [\w.]+; Request ID: [^;]+; Proxy: null\)$"
    sdk = rf"\(Service: {error.partition('.')[0]}, Status Code: 4\d\d, Request ID: [^,]+(, Extended Request ID: [^,]+)?\)$"
    assert re.search(sdk if integration.startswith("aws-sdk:") else optimized, execution.cause or "")


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
def test_an_unknown_action_is_refused_before_anything_runs(service: str) -> None:
    with pytest.raises(FindingsError, match=f"The resource provided arn:aws:states:::{service}:getItems is not rec"):
        call({f"{service}:getItems": pytest.fail}, f"{service}:getItems", TableName="trades")


@pytest.mark.parametrize("service", ["dynamodb", "aws-sdk:dynamodb"])
def test_boto_services_cannot_answer_an_unknown_action(boto: BotoServices, service: str) -> None:
    with pytest.raises(CannotAnswer, match="boto3 has no getItems in dynamodb"):
        boto.call(service, "getItems", {"TableName": "trades"})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"TableName": "trades"}, "The field 'Key' is required but was missing"),
        ({"TableName": "trades", "Key": "text"}, "The value for the field 'Key' must be an OBJECT"),
        ({"TableName": 5, "Key": KEY}, "The value for the field 'TableName' must be a STRING"),
        ({"TableName": "trades", "Key": KEY, "Bogus": 1}, 'The field "Bogus" is not supported by Step Functions'),
        ([1], "The value for the field 'Arguments' must be an OBJECT"),
    ],
)
def test_a_task_does_not_start_with_wrong_parameters(boto: BotoServices, parameters: Any, message: str) -> None:
    execution = call_with_input(boto, "dynamodb:getItem", parameters)
    text = json.dumps(parameters, separators=(",", ":"))
    cause = (
        "An error occurred while executing the state 'T' (entered at the event id #2). "
        f"The Arguments '{text}' could not be used to start the Task: [{message}]"
    )
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Runtime", cause)
    assert [event["type"] for event in execution.history] == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_wrong_names_inside_a_parameter_fail(boto: BotoServices) -> None:
    execution = call_with_input(boto, "dynamodb:getItem", {"TableName": "trades", "Key": {"id": {"Bogus": "1"}}})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert (execution.cause or "").startswith("The parameters of getItem are not those of the service: ")


def test_a_missing_object_is_an_s3_error(boto: BotoServices) -> None:
    with pytest.raises(StateError) as error:
        boto.read_object("results", "none")
    assert error.value.error == "S3.NoSuchKeyException"


def test_a_client_is_created_once(boto: BotoServices) -> None:
    assert boto.client("s3") is boto.client("s3")


def test_an_endpoint_is_called_instead_of_moto() -> None:
    services = BotoServices("http://localhost:1")
    try:
        assert services.client("dynamodb").meta.endpoint_url == "http://localhost:1"
    finally:
        services.close()


def test_closed_services_have_no_clients_and_can_be_closed_again() -> None:
    services = BotoServices("http://localhost:1")
    before = services.client("s3")
    services.close()
    services.close()
    assert services.client("s3") is not before


def test_fake_services_are_called_by_service_and_action() -> None:
    received: list[Any] = []

    def action(parameters: dict[str, Any]) -> Any:
        received.append(parameters)
        return {"Item": {"tags": {"SS": ("a", "b")}}}

    for services in ({"dynamodb:getItem": action}, FakeServices({"dynamodb:getItem": action})):
        execution = call(services, "dynamodb:getItem", TableName="t", Key=KEY)
        assert (execution.output, execution.calls[0].resource) == (
            {"Item": {"tags": {"SS": ["a", "b"]}}}, "arn:aws:states:::dynamodb:getItem")  # fmt: skip
    assert received == [{"TableName": "t", "Key": KEY}] * 2


def test_a_call_without_a_fake_service_fails() -> None:
    execution = call({"dynamodb:getItem": dict}, "aws-sdk:dynamodb:getItem", TableName="t", Key=KEY)
    cause = "no service answers aws-sdk:dynamodb:getItem"
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Runtime", cause)


def test_a_fake_service_can_raise_the_error_of_a_service() -> None:
    def action(parameters: dict[str, Any]) -> Any:
        raise StateError("DynamoDB.ThrottlingException", "slow down")

    execution = call({"dynamodb:getItem": action}, "dynamodb:getItem", TableName="t", Key=KEY)
    assert (execution.error, execution.cause) == ("DynamoDB.ThrottlingException", "slow down")


def test_fake_services_read_objects_and_can_be_closed() -> None:
    services = FakeServices({"aws-sdk:s3:getObject": lambda parameters: {"Body": f"of {parameters['Key']}"}})
    assert services.read_object("b", "k") == b"of k"
    services.close()
