"""Retriers and catchers that name the errors of services: those that AWS has, and those almost spelled like them."""

from __future__ import annotations

import pytest

from workflow_dsl.validation import check

MISSPELT = [
    ("lambda:invoke", "Lambda.TooManyRequestException", "Lambda.TooManyRequestsException"),
    ("lambda:invoke", "Lambda.AWSLambdaExcepton", "Lambda.AWSLambdaException"),
    ("lambda:invoke", "lambda.ServiceException", "Lambda.ServiceException"),
    ("dynamodb:putItem", "DynamoDB.ConditionalCheckFailed", "DynamoDB.ConditionalCheckFailedException"),
    ("dynamodb:getItem", "DynamoDB.ResourceNotFound", "DynamoDB.ResourceNotFoundException"),
    ("dynamodb:putItem", "DynamoDb.ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"),
    ("aws-sdk:dynamodb:putItem", "DynamoDB.TransactionCanceledException", "DynamoDb.TransactionCanceledException"),
    ("dynamodb:putItem", "Dynamo.ConditionalCheckFailedException", "DynamoDB.ConditionalCheckFailedException"),
    (
        "dynamodb:putItem",
        "AmazonDynamoDB.ItemCollectionSizeLimitExceededException",
        "DynamoDB.ItemCollectionSizeLimitExceededException",
    ),
    ("sns:publish", "AmazonSNS.NotFoundException", "SNS.NotFoundException"),
    ("glue:startJobRun.sync", "Glue.ConcurrentRunsExceedException", "Glue.ConcurrentRunsExceededException"),
    ("aws-sdk:s3:getObject", "S3.NoSuchKey", "S3.NoSuchKeyException"),
    ("aws-sdk:sfn:startExecution", "Sfn.ExecutionAlreadyExists", "Sfn.ExecutionAlreadyExistsException"),
]
WRONG_PREFIX = [
    ("cognitoidentityprovider:adminCreateUser", "Cognito.UsernameExistsException", "CognitoIdentityProvider"),
    ("dynamodb:putItem", "AmazonDynamoDB.ConditionalCheckFailedException", "DynamoDb"),
]
RIGHT = [
    ("lambda:invoke", "Lambda.Unknown"),
    ("lambda:invoke", "Lambda.ServiceException"),
    ("lambda:invoke", "Lambda.SdkClientException"),
    ("lambda:invoke", "Lambda.TooManyRequestsException"),
    ("lambda:invoke", "Lambda.ResourceNotReadyException"),
    ("lambda:invoke", "Orders.TooManyRequestException"),
    ("lambda:invoke", "TooManyRequestException"),
    ("dynamodb:putItem", "DynamoDB.AmazonDynamoDBException"),
    ("dynamodb:putItem", "DynamoDB.ThrottlingException"),
    ("dynamodb:putItem", "DynamoDB.ProvisionedThroughputExceededException"),
    ("aws-sdk:dynamodb:putItem", "DynamoDb.DynamoDbException"),
    ("ecs:runTask.sync", "AmazonECS.Unknown"),
    ("ecs:runTask.sync", "AmazonECS.ServerException"),
    ("ecs:runTask.sync", "ECS.ServerException"),
    ("eks:call", "EKS.409"),
    ("events:putEvents", "EventBridge.FailedEntry"),
    ("states:startExecution", "StepFunctions.ExecutionLimitExceededException"),
    ("aws-sdk:s3:getObject", "S3.S3Exception"),
    ("aws-sdk:lambda:getFunction", "Lambda.LambdaException"),
    ("aws-sdk:lambda:getFunction", "Other.TooManyRequestsException"),
    ("aws-sdk:nosuchservice:call", "Nosuchservice.Oops"),
    ("bedrock:invokeModel", "Bedrock.ThrottlingException"),
]


def remedies(resource: str, *names: str) -> list[str]:
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": {},
        "Retry": [{"ErrorEquals": [*names]}],
        "End": True,
    }
    found = check({"StartAt": "A", "States": {"A": state}})
    return [each.remedy for each in found if each.code == "UNKNOWN_SERVICE_ERROR"]


@pytest.mark.parametrize(("resource", "name", "right"), MISSPELT)
def test_a_name_that_is_almost_an_error_of_the_service_is_reported(resource: str, name: str, right: str) -> None:
    assert remedies(resource, name) == [f"write {right}"]


@pytest.mark.parametrize(("resource", "name", "right"), MISSPELT)
def test_it_is_not_reported_beside_the_right_name(resource: str, name: str, right: str) -> None:
    assert remedies(resource, name, right) == []


@pytest.mark.parametrize(("resource", "name", "prefix"), WRONG_PREFIX)
def test_an_sdk_integrations_error_with_the_prefix_of_another_service_is_reported(
    resource: str, name: str, prefix: str
) -> None:
    assert remedies(f"aws-sdk:{resource}", name) == [f"write {prefix}.{name.partition('.')[2]}"]


@pytest.mark.parametrize(("resource", "name"), RIGHT)
def test_a_name_that_the_service_or_an_author_may_throw_is_not_reported(resource: str, name: str) -> None:
    assert remedies(resource, name) == []


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("State.ALL", ['did you mean "States.ALL"?']),
        ("states.Timeout", ['did you mean "States.Timeout"?']),
        ("State.Missing", []),
        ("Status.Timeout", []),
        ("Orders.Timeout", []),
    ],
)
def test_an_error_name_that_misspells_states_is_not_an_error_of_the_service(name: str, remedy: list[str]) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"MessageBody": "m", "QueueUrl": "q"},
        "End": True,
    }
    caught = {**task, "Catch": [{"ErrorEquals": [name], "Next": "B"}]}
    thrown = {"Type": "Fail", "Error": "State.ALL"}

    def remedies_before(last: dict[str, str]) -> list[str]:
        findings = check({"StartAt": "A", "States": {"A": caught, "B": last}})
        return [each.remedy for each in findings if each.code == "UNKNOWN_ERROR"]

    assert remedies_before({"Type": "Succeed"}) == remedy
    assert remedies_before(thrown) == ([] if name == "State.ALL" else remedy)


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (["Comprehend.TextSizeLimitExceeded"], ["write Comprehend.TextSizeLimitExceededException"]),
        (["Comprehend.TextSizeLimitExceededException", "Glue.CrawlerRunningException"], []),
        (["Glue.CrawlerAlreadyRunning"], ["write Glue.CrawlerRunningException"]),
        (["Comprehend.EntityNotFoundException", "Orders.EntityNotFoundException", "EntityNotFound"], []),
    ],
)
def test_a_catcher_of_a_parallel_names_the_errors_of_its_branches(names: list[str], remedy: list[str]) -> None:
    calls = {"comprehend:detectSentiment": {"Text": "t", "LanguageCode": "en"}, "glue:startCrawler": {"Name": "c"}}
    tasks = [
        {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{call}", "Parameters": parameters, "End": True}
        for call, parameters in calls.items()
    ]
    branches = [{"StartAt": f"T{index}", "States": {f"T{index}": task}} for index, task in enumerate(tasks)]
    catch = [{"ErrorEquals": names, "Next": "D"}]
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": catch, "Next": "D"}
    found = check({"StartAt": "P", "States": {"P": parallel, "D": {"Type": "Succeed"}}})
    assert [each.remedy for each in found] == remedy


@pytest.mark.parametrize(
    ("resource", "names", "expected"),
    [
        ("dynamodb:putItem", ("Lambda.ServiceException", "Lambda.TooManyRequestsException"), 1),
        ("dynamodb:putItem", ("Lambda.ServiceException", "States.Timeout"), 0),
        ("dynamodb:putItem", ("Lambda.ServiceException", "DynamoDB.InternalServerErrorException"), 0),
        ("lambda:invoke", ("Lambda.ServiceException",), 0),
        ("aws-sdk:lambda:invoke", ("Lambda.LambdaException",), 0),
        ("sqs:sendMessage.waitForTaskToken", ("Lambda.ServiceException",), 0),
        ("states:startExecution.sync:2", ("Lambda.ServiceException",), 0),
    ],
)
def test_errors_of_lambda_alone_are_not_those_of_another_service(
    resource: str, names: tuple[str, ...], expected: int
) -> None:
    assert len(remedies(resource, *names)) == expected
