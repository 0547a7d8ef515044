"""jobs.py: `.sync` describes a job until it ends; fakes start and describe the jobs here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.fake_aws import ErrorResponse, FakeAws, serving
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices, Return, Run, run
from workflow_dsl.local.errors import StateError

Fakes = dict[str, Callable[[dict[str, Any]], Any]]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """An endpoint with fake credentials for it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with serving() as aws:
        yield aws


def sync(integration: str, services: Any, parameters: dict[str, Any], **fields: Any) -> Run:
    """Run a Task whose parameters come from its input, so that they need not be whole."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}.sync", "End": True, **fields}
    whole = {"QueryLanguage": "JSONata", "Arguments": "{% $states.input %}"}
    caught = {"Caught": {"Type": "Succeed"}} if "Catch" in fields else {}
    states = {"Job": {**task, **whole}, **caught}
    return run({"StartAt": "Job", "States": states}, parameters, services=services)


def answering(*answers: Any, received: list[Any] | None = None) -> Callable[[dict[str, Any]], Any]:
    """A fake that gives one answer after the other, and then the last one again."""
    left = list(answers)

    def fake(parameters: dict[str, Any]) -> Any:
        if received is not None:
            received.append(parameters)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return fake


def ended(run_: Run) -> tuple[Any, ...]:
    return (run_.status, run_.output) if run_.status == "SUCCEEDED" else (run_.status, run_.error, run_.cause)


def query(state: str) -> dict[str, Any]:
    return {"QueryExecution": {"QueryExecutionId": "q", "Status": {"State": state}}}


class Case(NamedTuple):
    """A job: its start with its answer, the action that describes it, and the descriptions while it runs and ends."""

    start: str
    parameters: Any
    started: Any
    describe: str
    ids: Any
    running: Any
    succeeded: Any
    failed: Any
    result: Any
    cause: Any


NODES = {"ClusterName": "c", "NodegroupName": "n"}
MODEL = {"CustomModelName": "m", "RoleArn": "r", "BaseModelIdentifier": "b"}
CUSTOMIZATION = {
    "JobName": "j",
    **MODEL,
    "TrainingDataConfig": {"S3Uri": "s3://b/in"},
    "OutputDataConfig": {"S3Uri": "s3://b/out"},
    "HyperParameters": {},
}
ECS = {"TaskDefinition": "t"}
JOB_RUN_ARN = "arn:aws:emr-serverless:us-east-1:111111111111:/applications/a/jobruns/j"
EMR_SERVERLESS = {"ApplicationId": "a", "JobRunId": "j", "Arn": JOB_RUN_ARN}
TRAINING = {
    "TrainingJobName": "t",
    "AlgorithmSpecification": {"TrainingInputMode": "File"},
    "RoleArn": "r",
    "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
    "ResourceConfig": {"VolumeSizeInGB": 1},
    "StoppingCondition": {},
}
JOBS = [
    Case(
        *("athena:startQueryExecution", {"QueryString": "select 1"}, {"QueryExecutionId": "q"}),
        *("athena:getQueryExecution", {"QueryExecutionId": "q"}),
        *(query("RUNNING"), query("SUCCEEDED"), query("CANCELLED"), query("SUCCEEDED"), query("CANCELLED")),
    ),
    Case(
        *("batch:submitJob", {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}, {"JobId": "7"}),
        *("batch:describeJobs", {"Jobs": ["7"]}),
        *({"Jobs": [{"JobId": "7", "Status": "RUNNABLE"}]}, {"Jobs": [{"JobId": "7", "Status": "SUCCEEDED"}]}),
        *({"Jobs": [{"Status": "FAILED"}]}, {"JobId": "7", "Status": "SUCCEEDED"}, {"Status": "FAILED"}),
    ),
    Case(
        *("bedrock:createModelCustomizationJob", CUSTOMIZATION, {"JobArn": "a"}),
        *("bedrock:getModelCustomizationJob", {"JobIdentifier": "a"}),
        *({"Status": "InProgress"}, {"Status": "Completed", "JobArn": "a"}, {"Status": "Stopped"}),
        *({"Status": "Completed", "JobArn": "a"}, {"Status": "Stopped"}),
    ),
    Case(
        *("codebuild:startBuild", {"ProjectName": "p"}, {"Build": {"Id": "p:1"}}),
        *("codebuild:batchGetBuilds", {"Ids": ["p:1"]}, {"Builds": [{"BuildStatus": "IN_PROGRESS"}]}),
        *({"Builds": [{"BuildStatus": "SUCCEEDED"}]}, {"Builds": [{"BuildStatus": "FAULT"}]}),
        *({"Build": {"BuildStatus": "SUCCEEDED"}}, {"Build": {"BuildStatus": "FAULT"}}),
    ),
    Case(
        *("codebuild:retryBuildBatch", {"Id": "p:0"}, {"BuildBatch": {"Id": "p:1"}}),
        *("codebuild:batchGetBuildBatches", {"Ids": ["p:1"]}, {"BuildBatches": [{"BuildBatchStatus": "IN_PROGRESS"}]}),
        *({"BuildBatches": [{"BuildBatchStatus": "SUCCEEDED"}]}, {"BuildBatches": [{"BuildBatchStatus": "FAILED"}]}),
        *({"BuildBatch": {"BuildBatchStatus": "SUCCEEDED"}}, {"BuildBatch": {"BuildBatchStatus": "FAILED"}}),
    ),
    Case(
        *(
            "databrew:startJobRun",
            {"Name": "n"},
            {"RunId": "r"},
            "databrew:describeJobRun",
            {"Name": "n", "RunId": "r"},
        ),
        *({"State": "RUNNING"}, {"State": "SUCCEEDED", "RunId": "r"}, {"State": "TIMEOUT"}),
        *({"State": "SUCCEEDED", "RunId": "r"}, {"State": "TIMEOUT"}),
    ),
    Case(
        *("ecs:runTask", {"TaskDefinition": "t"}, {"Tasks": [{"TaskArn": "a", "ClusterArn": "c"}]}),
        *("ecs:describeTasks", {"Cluster": "c", "Tasks": ["a"]}, {"Tasks": [{"LastStatus": "RUNNING"}]}),
        {"Tasks": [{"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {}]}]},
        {"Tasks": [{"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {"ExitCode": 1}]}]},
        {"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {}]},
        {"LastStatus": "STOPPED", "Containers": [{"ExitCode": 0}, {"ExitCode": 1}]},
    ),
    Case(
        *("eks:createNodegroup", {**NODES, "Subnets": ["s"], "NodeRole": "r"}, {"Nodegroup": {}}),
        *("eks:describeNodegroup", NODES, {"Nodegroup": {"Status": "CREATING"}}),
        *({"Nodegroup": {"Status": "ACTIVE"}}, {"Nodegroup": {"Status": "CREATE_FAILED"}}),
        *({"Nodegroup": {"Status": "ACTIVE"}}, {"Nodegroup": {"Status": "CREATE_FAILED"}}),
    ),
    Case(
        *("eks:deleteCluster", {"Name": "c"}, {"Cluster": {"Name": "c", "Status": "DELETING"}}),
        *("eks:describeCluster", {"Name": "c"}, {"Cluster": {"Status": "DELETING"}}),
        *(StateError("Eks.ResourceNotFoundException"), {"Cluster": {"Status": "FAILED"}}),
        *({"Cluster": {"Name": "c", "Status": "DELETING"}}, {"Cluster": {"Status": "FAILED"}}),
    ),
    Case(
        *("emr-serverless:startJobRun", {"ApplicationId": "a", "ExecutionRoleArn": "r"}, EMR_SERVERLESS),
        *("emr-serverless:getJobRun", {"ApplicationId": "a", "JobRunId": "j"}, {"JobRun": {"State": "RUNNING"}}),
        *({"JobRun": {"State": "SUCCESS"}}, {"JobRun": {"State": "FAILED"}}),
        *(EMR_SERVERLESS, {"State": "FAILED"}),
    ),
    Case(
        *("glue:startJobRun", {"JobName": "n"}, {"JobRunId": "r"}, "glue:getJobRun", {"JobName": "n", "RunId": "r"}),
        *({"JobRun": {"JobRunState": "RUNNING"}}, {"JobRun": {"JobRunState": "SUCCEEDED"}}),
        *({"JobRun": {"JobRunState": "TIMEOUT"}}, {"JobRunState": "SUCCEEDED"}, {"JobRunState": "TIMEOUT"}),
    ),
    Case(
        *(
            "mediaconvert:createJob",
            {"Role": "r", "Settings": {}},
            {"Job": {"Id": "j"}},
            "mediaconvert:getJob",
            {"Id": "j"},
        ),
        *({"Job": {"Status": "PROGRESSING"}}, {"Job": {"Status": "COMPLETE"}}, {"Job": {"Status": "ERROR"}}),
        *({"Job": {"Status": "COMPLETE"}}, {"Job": {"Status": "ERROR"}}),
    ),
    Case(
        *("sagemaker:createTrainingJob", TRAINING, {"TrainingJobArn": "a"}),
        *("sagemaker:describeTrainingJob", {"TrainingJobName": "t"}, {"TrainingJobStatus": "InProgress"}),
        *({"TrainingJobStatus": "Completed"}, {"TrainingJobStatus": "Failed"}),
        *({"TrainingJobStatus": "Completed"}, {"TrainingJobStatus": "Failed"}),
    ),
]


@pytest.mark.parametrize("case", JOBS, ids=lambda case: case.start)
def test_a_job_is_described_until_it_ends(case: Case) -> None:
    described: list[Any] = []
    describe = answering(case.running, case.running, case.succeeded, received=described)
    execution = sync(case.start, {case.start: answering(case.started), case.describe: describe}, case.parameters)
    assert ended(execution) == ("SUCCEEDED", case.result)
    assert (execution.duration, described) == (2, [case.ids] * 3)


@pytest.mark.parametrize("case", JOBS, ids=lambda case: case.start)
def test_a_failed_job_fails_its_state_with_its_description(case: Case) -> None:
    services = {case.start: answering(case.started), case.describe: answering(case.running, case.failed)}
    execution = sync(case.start, services, case.parameters)
    cause = json.dumps(case.cause, separators=(",", ":"))
    assert (*ended(execution), execution.duration) == ("FAILED", "States.TaskFailed", cause, 1)


def test_the_history_of_a_job_has_the_answer_of_its_start() -> None:
    services = {
        "glue:startJobRun": answering({"JobRunId": "r"}),
        "glue:getJobRun": answering({"JobRun": {"JobRunState": "SUCCEEDED"}}),
    }
    history = sync("glue:startJobRun", services, {"JobName": "n"}).history
    assert [event["type"] for event in history[2:-2]] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]
    submitted = history[4]["taskSubmittedEventDetails"]
    assert (submitted["resource"], submitted["output"]) == ("startJobRun.sync", '{"JobRunId":"r"}')


def test_a_failed_job_can_be_caught_and_retried() -> None:
    failed = {"JobRun": {"JobRunState": "FAILED", "ErrorMessage": "no memory"}}
    services = {"glue:startJobRun": answering({"JobRunId": "r"}), "glue:getJobRun": answering(failed)}
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]
    execution = sync(
        "glue:startJobRun",
        services,
        {"JobName": "n"},
        Catch=catch,
        Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
    )
    cause = '{"JobRunState":"FAILED","ErrorMessage":"no memory"}'
    assert execution.output == {"Error": "States.TaskFailed", "Cause": cause}
    assert (len(execution.calls), execution.trail) == (2, ["Job", "Caught"])


def test_a_job_that_runs_past_the_timeout_of_its_state_times_out() -> None:
    services = {
        "glue:startJobRun": answering({"JobRunId": "r"}),
        "glue:getJobRun": answering({"JobRun": {"JobRunState": "RUNNING"}}),
    }
    execution = sync("glue:startJobRun", services, {"JobName": "n"}, TimeoutSeconds=86400)
    assert (execution.error, execution.duration) == ("States.Timeout", 86400)


def test_a_job_that_never_ends_stops_the_run() -> None:
    services = {
        "glue:startJobRun": answering({"JobRunId": "r"}),
        "glue:getJobRun": answering({"JobRun": {"JobRunState": "RUNNING"}}),
    }
    with pytest.raises(
        FindingsError, match=r'"Job" Resource: calls glue:startJobRun.sync, .* its job stays RUNNING; mock'
    ):
        sync("glue:startJobRun", services, {"JobName": "n"}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])


def test_a_start_that_names_no_job_stops_the_run() -> None:
    services = {"glue:startJobRun": answering({}), "glue:getJobRun": pytest.fail}
    with pytest.raises(FindingsError, match=r"the answer of startJobRun does not name its job, as .*started/JobRunId"):
        sync("glue:startJobRun", services, {"JobName": "n"})


def test_an_ecs_task_that_cannot_be_placed_fails_with_the_reasons() -> None:
    started = {"Tasks": [], "Failures": [{"Reason": "RESOURCE:MEMORY"}]}
    execution = sync("ecs:runTask", {"ecs:runTask": answering(started), "ecs:describeTasks": pytest.fail}, ECS)
    assert ended(execution) == ("FAILED", "AmazonECS.Unknown", '[{"Reason":"RESOURCE:MEMORY"}]')


def test_an_ecs_task_that_never_started_has_failed() -> None:
    stopped = {"LastStatus": "STOPPED", "StopCode": "TaskFailedToStart", "Containers": [{}]}
    started = {"Tasks": [{"TaskArn": "a", "ClusterArn": "c"}]}
    services = {"ecs:runTask": answering(started), "ecs:describeTasks": answering({"Tasks": [stopped]})}
    assert sync("ecs:runTask", services, ECS).error == "States.TaskFailed"


def test_an_error_of_the_description_is_the_error_of_the_state() -> None:
    services = {
        "glue:startJobRun": answering({"JobRunId": "r"}),
        "glue:getJobRun": answering(StateError("Glue.InternalServiceException", "x")),
    }
    assert ended(sync("glue:startJobRun", services, {"JobName": "n"})) == (
        "FAILED",
        "Glue.InternalServiceException",
        "x",
    )


def test_a_fake_of_the_start_alone_answers_for_the_whole_job() -> None:
    execution = sync(
        "glue:startJobRun", {"glue:startJobRun": answering({"JobRunState": "SUCCEEDED"})}, {"JobName": "n"}
    )
    assert ended(execution) == ("SUCCEEDED", {"JobRunState": "SUCCEEDED"})


def test_a_job_at_an_endpoint_takes_real_time(endpoint: FakeAws) -> None:
    states = iter(["RUNNING", "RUNNING", "SUCCEEDED"])
    endpoint.responses["StartJobRun"] = {"JobRunId": "r"}
    endpoint.responses["GetJobRun"] = lambda parameters: {"JobRun": {"Id": "r", "JobRunState": next(states)}}
    slept: list[float] = []
    services = BotoServices(endpoint.url, sleep=slept.append)
    execution = sync("glue:startJobRun", services, {"JobName": "n"})
    services.close()
    assert ended(execution) == ("SUCCEEDED", {"Id": "r", "JobRunState": "SUCCEEDED"})
    assert (slept, execution.duration) == ([1, 1], 2)


@pytest.mark.parametrize(
    "problem",
    [
        ErrorResponse("InternalFailure", "API action 'StartJobRun' for service 'glue' not yet implemented", 501),
        ErrorResponse("NotImplemented", "no", 501),
        ErrorResponse("UnknownOperationException", "no"),
        ErrorResponse("404", "Not yet implemented", 404),
    ],
)
def test_an_endpoint_without_a_part_for_a_call_stops_the_run(endpoint: FakeAws, problem: ErrorResponse) -> None:
    endpoint.responses["StartJobRun"] = problem
    services = BotoServices(endpoint.url)
    with pytest.raises(FindingsError) as raised:
        sync("glue:startJobRun", services, {"JobName": "n"}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])
    services.close()
    [finding] = raised.value.findings
    assert (finding.code, finding.where.state) == ("NOT_EXECUTED", "Job")
    assert finding.message.startswith("calls glue:startJobRun.sync, which cannot be answered here: ")
    assert finding.remedy.startswith("mock the state: mocks={'Job': Return({")


def test_the_mock_of_a_job_is_its_result() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::mediaconvert:createJob.sync",
        "End": True,
        "Parameters": {"Role": "r", "Settings": {}},
    }
    machine = {"StartAt": "Job", "States": {"Job": task}}
    assert run(machine, mocks={"Job": Return({"Job": {"Id": "j"}})}).output == {"Job": {"Id": "j"}}


def test_a_job_has_a_task_token_so_that_it_can_be_answered_before_its_end() -> None:
    parameters = {"StateMachineArn": "m", "Input": {"token.$": "$$.Task.Token"}}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "End": True,
        "Parameters": parameters,
    }
    job = run({"StartAt": "Job", "States": {"Job": task}}, mocks={"Job": Return({}, unchecked=True)})
    [call] = job.calls
    assert (job.status, list(call.arguments["Input"])) == ("SUCCEEDED", ["token"])
