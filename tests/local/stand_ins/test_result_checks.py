"""result_checks.py: results of fakes of services, and those that the API cannot give."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import FakeServices, Return, Throw, run
from workflow_dsl.local.stand_ins.result_checks import api_problems

MEANT = "; correct it, or return Return(value, unchecked=True) if it is meant"
QUEUE = {"QueueUrl": "q", "MessageBody": "m"}
GLUE = {"JobName": "j"}


def outcome(integration: str, parameters: dict[str, Any], answer: Any) -> Any:
    """The output, or the error and cause, of one call of a fake that gives an answer."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}", "Parameters": parameters, "End": True}
    name = integration.partition(".")[0]
    execution = run({"StartAt": "T", "States": {"T": task}}, services={name: lambda parameters: answer})
    return execution.output if execution.status == "SUCCEEDED" else (execution.error, execution.cause)


ANSWERS: list[tuple[Any, Any]] = [
    ({"MessageId": "1", "MD5OfMessageBody": "a", "Md5OfMessageAttributes": "b"}, None),
    (None, {}),
    (Return({"MessageId": "1"}), {"MessageId": "1"}),
    (Return({"any": 1}, unchecked=True), {"any": 1}),
    (Throw("SQS.Busy", "later"), ("SQS.Busy", "later")),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_a_fake_answers_with_a_result_or_a_response(answer: Any, expected: Any) -> None:
    assert outcome("sqs:sendMessage", QUEUE, answer) == (answer if expected is None else expected)


IMPOSSIBLE: list[tuple[Any, str]] = [
    ({"MesageId": "1"}, "returns a result that the action cannot have: it has no field 'MesageId'; did you mean "
     f'"MessageId"?{MEANT}'),
    ({"MessageId": 1}, f"returns a result that the action cannot have: Field 'MessageId' must be a string{MEANT}"),
    ("sent", f"returns a result that the action cannot have: The result must be an object{MEANT}"),
    ({"MessageId": {1}}, "returns a value that is not JSON: Object of type set is not JSON serializable; return JSON"),
    (Return({}, after=1), "answers at once, so it cannot have `after`; mock the state in mocks= to delay it"),
    (Throw("E", after=1), "answers at once, so it cannot have `after`; mock the state in mocks= to delay it"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "problem"), IMPOSSIBLE)
def test_an_answer_that_the_action_cannot_give_is_refused(answer: Any, problem: str) -> None:
    with pytest.raises(FindingsError) as error:
        outcome("sqs:sendMessage", QUEUE, answer)
    assert str(error.value) == f"the fake of sqs:sendMessage {problem}"


def test_a_fake_of_a_job_answers_for_its_start_or_for_its_end() -> None:
    answers = iter(({"JobRunId": "1"}, {"Id": "1", "JobRunState": "SUCCEEDED"}, {"JobRunId": 1, "Id": 1}))
    services = FakeServices({"glue:startJobRun": lambda parameters: next(answers)})
    assert services.call("glue", "startJobRun", GLUE) == {"JobRunId": "1"}
    assert services.call("glue", "startJobRun", GLUE) == {"Id": "1", "JobRunState": "SUCCEEDED"}
    with pytest.raises(FindingsError, match="Field 'JobRunId' must be a string"):
        services.call("glue", "startJobRun", GLUE)


SILENT: list[tuple[str, str, Any]] = [
    ("sqs", "sendMessage.waitForTaskToken", {"any": 1}),
    ("eks", "runJob.sync", {"any": 1}),
    ("ecs", "runTask.sync", {"LastStatus": "STOPPED", "CreatedAt": 1769860800000}),
    ("glue", "startJobRun", {"JobRunId": "1", "JobName": "loader"}),
    ("emr-serverless", "stopApplication.sync", {"ApplicationId": "a"}),
    ("sagemaker", "createTrainingJob.sync", {"TrainingJobStatus": "Completed"}),
    ("http", "invoke", {"any": 1}),
    ("elasticmapreduce", "createCluster", {"any": 1}),
    ("lambda", "invoke", {"Payload": {"any": 1}}),
    ("bedrock", "invokeModel", {"Body": {"any": 1}, "ContentType": "application/json"}),
    ("aws-sdk:nosuchservice", "any", {"any": 1}),
    ("aws-sdk:s3", "nosuchaction", {"any": 1}),
    ("aws-sdk:bedrockruntime", "converse", {"Output": {"Message": {"Role": "user", "Content": [{"ToolUse": {
        "ToolUseId": "t", "Name": "n", "Input": {"any": 1}}}]}}, "StopReason": "end_turn",
        "Usage": {"InputTokens": 1, "OutputTokens": 1, "TotalTokens": 2}, "Metrics": {"LatencyMs": 1}}),
]  # fmt: skip


@pytest.mark.parametrize(("service", "action", "result"), SILENT)
def test_the_checks_are_silent_where_a_result_may_have_any_field(service: str, action: str, result: Any) -> None:
    assert api_problems(service, action, result) == []


def test_of_a_job_that_is_waited_for_the_fields_that_are_there_are_compared() -> None:
    assert api_problems("sagemaker", "createTrainingJob.sync", {"TrainingJobStatus": "Done"}) == [
        "Field 'TrainingJobStatus' is not an expected value"
    ]
    assert "Required field 'Status' is missing" in api_problems("states", "startExecution.sync:2", {})


UNKNOWN_FIELDS: list[tuple[str, str, Any, str]] = [
    ("athena", "startQueryExecution.sync", {"QueryExecutionId": "q"},
     "it has no field 'QueryExecutionId'; did you mean \"QueryExecution\"?"),
    ("codebuild", "startBuild.sync", {"Build": {"BuildStatsu": "FAILED"}},
     "it has no field 'BuildStatsu'; did you mean \"BuildStatus\"?"),
    ("glue", "startJobRun.sync", {"JobRunStatus": "FAILED"},
     "it has no field 'JobRunStatus'; did you mean \"JobRunState\"?"),
    ("emr-serverless", "startJobRun.sync", {"JobRunID": "r"}, "it has no field 'JobRunID'; did you mean \"JobRunId\"?"),
    ("aws-sdk:s3", "listObjectsV2", {"Contents": [{"Key": "a"}, {"Kei": "b"}]}, "it has no field 'Kei'; did you mean \"Key\"?"),
    ("aws-sdk:dynamodb", "query", {"items": []}, "it has no field 'items'; did you mean \"Items\"?"),
    ("aws-sdk:dynamodb", "query", {"Items": [{"id": {"s": "1"}}]}, "it has no field 's'; did you mean \"S\"?"),
    ("aws-sdk:sqs", "deleteMessage", {"Deleted": True}, "it has no field 'Deleted'; it has none"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "action", "result", "problem"), UNKNOWN_FIELDS)
def test_a_field_that_the_api_does_not_have_is_found_at_any_depth(
    service: str, action: str, result: Any, problem: str
) -> None:
    assert api_problems(service, action, result) == [problem]
