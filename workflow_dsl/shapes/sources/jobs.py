"""The jobs of `.sync` integrations: the call that describes each, its end, and what of it is the state's result.

Developer guide: "Run a Job (.sync)" and the page of each optimized integration; the calls that describe a job are in
"IAM policies for integrated services". Shapes without a page are those that samples of the guide read: `$.Build.Arn`,
`$.QueryExecution.QueryExecutionId`. The description of a Batch job, an ECS task and a Glue job run is the state's
whole result (LocalStack's snapshots of the service).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.records import Record

Keys = tuple[str | int, ...]
_IDS = Mapping[str, str | list[str]]


class Job(Record):
    """A job: the action that describes it, and how to read the description.

    `ids` has the path of each parameter of that action, `request/JobName` or `started/JobRunId`, or a path in a list.
    `at` leads to the description, `status` from there to its state.
    """

    describe: str
    ids: _IDS
    at: Keys
    status: tuple[str, ...]
    succeeded: tuple[str, ...]
    failed: tuple[str, ...] = ()
    result_name: str = ""  # the name of the description in the result; "" if it is the whole result
    returns_start: bool = False  # the result is that of the start
    ends_when_gone: bool = False  # the job deletes what is described
    ends_in_moto: bool = True

    def parameters(self, request: Json, started: Json) -> dict[str, Json] | None:
        """Return the parameters of the call that describes a job; None if the answer of its start does not name it."""
        sides = {"request": request, "started": started}
        found: dict[str, Json] = {}
        for name, path in self.ids.items():
            value = _value_at(sides, path[0] if isinstance(path, list) else path)
            if value is None:
                return None
            found[name] = [value] if isinstance(path, list) else value
        return found

    def description(self, answer: Json) -> Json:
        """Return the description in the answer of the describing action."""
        return _value_at(answer, self.at)

    def result_of(self, description: Json) -> Json:
        """Return a description as the result of the state."""
        return {self.result_name: description} if self.result_name else description

    def state_of(self, description: Json) -> str:
        """Return the state of a job by its description."""
        return str(_value_at(description, self.status) or "unknown")

    def has_failed(self, description: Json) -> bool:
        """True if a job that has ended did so in failure."""
        return self.state_of(description) in self.failed or _has_failed_container(description)


def _has_failed_container(description: Json) -> bool:
    """An ECS task fails by the exit code of a container, or if it never started."""
    if not isinstance(description, dict) or "Containers" not in description:
        return False
    codes = [container.get("ExitCode") or 0 for container in description["Containers"]]
    return any(codes) or description.get("StopCode") == "TaskFailedToStart"


def _value_at(value: Json, path: str | Keys) -> Any:
    for key in path.split("/") if isinstance(path, str) else path:
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


_CLUSTER: _IDS = {"Name": "request/Name"}
_NODEGROUP: _IDS = {"ClusterName": "request/ClusterName", "NodegroupName": "request/NodegroupName"}
_PROFILE: _IDS = {"ClusterName": "request/ClusterName", "FargateProfileName": "request/FargateProfileName"}
_APPLICATION: _IDS = {"ApplicationId": "request/ApplicationId"}


def _build(kind: str) -> Job:
    """A build or batch of builds of CodeBuild."""
    describe, many = ("batchGetBuilds", "Builds") if kind == "Build" else ("batchGetBuildBatches", "BuildBatches")
    failed = ("FAILED", "FAULT", "TIMED_OUT", "STOPPED")
    ids: _IDS = {"Ids": [f"started/{kind}/Id"]}
    return Job(describe, ids, (many, 0), (f"{kind}Status",), ("SUCCEEDED",), failed, kind)


def _sagemaker(kind: str) -> Job:
    """A SageMaker job, which is described by its name."""
    ids: _IDS = {f"{kind}JobName": f"request/{kind}JobName"}
    return Job(f"describe{kind}Job", ids, (), (f"{kind}JobStatus",), ("Completed",), ("Failed", "Stopped"))


def _created(kind: str, ids: _IDS) -> Job:
    """Something of EKS that is created."""
    return Job(f"describe{kind}", ids, (kind,), ("Status",), ("ACTIVE",), ("CREATE_FAILED", "FAILED"), kind)


def _deleted(kind: str, ids: _IDS) -> Job:
    """Something of EKS that is deleted."""
    failed = ("DELETE_FAILED", "FAILED")
    return Job(f"describe{kind}", ids, (kind,), ("Status",), (), failed, kind, ends_when_gone=True)


def _emr_serverless(*succeeded: str, **ids: str) -> Job:
    """EMR Serverless: the response is that without `.sync`, once the application or job run is in a state."""
    kind = "JobRun" if "JobRunId" in ids else "Application"
    failed = [state for state in ("FAILED", "CANCELLED", "SUCCESS", "TERMINATED") if state not in succeeded]
    return Job(f"get{kind}", {**_APPLICATION, **ids}, (kind,), ("State",), succeeded, tuple(failed), returns_start=True)


JOBS: Mapping[str, Job] = {
    "athena:startQueryExecution": Job(
        describe="getQueryExecution",
        ids={"QueryExecutionId": "started/QueryExecutionId"},
        at=("QueryExecution",),
        status=("Status", "State"),
        succeeded=("SUCCEEDED",),
        failed=("FAILED", "CANCELLED"),
        result_name="QueryExecution",
    ),
    "batch:submitJob": Job(
        "describeJobs", {"Jobs": ["started/JobId"]}, ("Jobs", 0), ("Status",), ("SUCCEEDED",), ("FAILED",)
    ),
    "bedrock:createModelCustomizationJob": Job(
        describe="getModelCustomizationJob",
        ids={"JobIdentifier": "started/JobArn"},
        at=(),
        status=("Status",),
        succeeded=("Completed",),
        failed=("Failed", "Stopped"),
        ends_in_moto=False,
    ),
    "codebuild:retryBuildBatch": _build("BuildBatch"),
    "codebuild:startBuild": _build("Build"),
    "codebuild:startBuildBatch": _build("BuildBatch"),
    "databrew:startJobRun": Job(
        describe="describeJobRun",
        ids={"Name": "request/Name", "RunId": "started/RunId"},
        at=(),
        status=("State",),
        succeeded=("SUCCEEDED",),
        failed=("FAILED", "STOPPED", "TIMEOUT"),
    ),
    "ecs:runTask": Job(
        describe="describeTasks",
        ids={"Cluster": "started/Tasks/0/ClusterArn", "Tasks": ["started/Tasks/0/TaskArn"]},
        at=("Tasks", 0),
        status=("LastStatus",),
        succeeded=("STOPPED",),
    ),
    "eks:createCluster": _created("Cluster", _CLUSTER),
    "eks:createFargateProfile": _created("FargateProfile", _PROFILE),
    "eks:createNodegroup": _created("Nodegroup", _NODEGROUP),
    "eks:deleteCluster": _deleted("Cluster", _CLUSTER),
    "eks:deleteFargateProfile": _deleted("FargateProfile", _PROFILE),
    "eks:deleteNodegroup": _deleted("Nodegroup", _NODEGROUP),
    "emr-containers:deleteVirtualCluster": Job(
        describe="describeVirtualCluster",
        ids={"Id": "started/Id"},
        at=("VirtualCluster",),
        status=("State",),
        succeeded=("TERMINATED",),
        failed=("ARRESTED",),
        result_name="VirtualCluster",
    ),
    "emr-containers:startJobRun": Job(
        describe="describeJobRun",
        ids={"Id": "started/Id", "VirtualClusterId": "started/VirtualClusterId"},
        at=("JobRun",),
        status=("State",),
        succeeded=("COMPLETED",),
        failed=("FAILED", "CANCELLED"),
        result_name="JobRun",
        ends_in_moto=False,
    ),
    "emr-serverless:cancelJobRun": _emr_serverless("CANCELLED", JobRunId="request/JobRunId"),
    "emr-serverless:createApplication": _emr_serverless(
        "CREATED", "STARTING", "STARTED", ApplicationId="started/ApplicationId"
    ),
    "emr-serverless:deleteApplication": _emr_serverless("TERMINATED"),
    "emr-serverless:startApplication": _emr_serverless("STARTED"),
    "emr-serverless:startJobRun": _emr_serverless("SUCCESS", JobRunId="started/JobRunId"),
    "emr-serverless:stopApplication": _emr_serverless("STOPPED"),
    # A stopped run is no failure (LocalStack's implementation, which was compared with the service).
    "glue:startJobRun": Job(
        describe="getJobRun",
        ids={"JobName": "request/JobName", "RunId": "started/JobRunId"},
        at=("JobRun",),
        status=("JobRunState",),
        succeeded=("SUCCEEDED", "STOPPED"),
        failed=("FAILED", "TIMEOUT", "ERROR", "EXPIRED"),
    ),
    "mediaconvert:createJob": Job(
        "getJob", {"Id": "started/Job/Id"}, ("Job",), ("Status",), ("COMPLETE",), ("ERROR", "CANCELED"), "Job"
    ),
    "sagemaker:createHyperParameterTuningJob": _sagemaker("HyperParameterTuning"),
    "sagemaker:createLabelingJob": _sagemaker("Labeling"),
    "sagemaker:createProcessingJob": _sagemaker("Processing"),
    "sagemaker:createTrainingJob": _sagemaker("Training"),
    "sagemaker:createTransformJob": _sagemaker("Transform"),
}
# Fields of the request in the result of an action: developer guide, the pages of AWS Glue and EMR Serverless.
_ADDED: Mapping[str, str] = {
    "emr-serverless:deleteApplication": "ApplicationId",
    "emr-serverless:startApplication": "ApplicationId",
    "emr-serverless:stopApplication": "ApplicationId",
    "glue:startJobRun": "JobName",
}


def job_of(service: str, action: str) -> Job | None:
    """Return the job that `.sync` of an optimized integration follows; None if it is not an operation of an API."""
    return JOBS.get(f"{service}:{action}")


def added_fields(service: str, action: str) -> tuple[str, ...]:
    """Return the fields of its request that Step Functions adds to the result of an optimized integration."""
    name = _ADDED.get(f"{service}:{action}")
    return (name,) if name else ()


def with_request_fields(
    service: str, action: str, request: Mapping[str, Json], result: dict[str, Json]
) -> dict[str, Json]:
    """Return the result of an optimized integration with the fields of its request that Step Functions adds."""
    return {**result, **{name: request[name] for name in added_fields(service, action) if name in request}}
