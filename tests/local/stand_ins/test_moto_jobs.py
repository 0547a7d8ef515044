"""Jobs that moto runs: each `.sync` integration whose job ends there, from its start to its result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workflow_dsl.local import BotoServices, Run, run

ROLE = "arn:aws:iam::111111111111:role/r"


@pytest.fixture(scope="module")
def boto() -> Iterator[BotoServices]:
    """Services with what jobs need to start."""
    services = BotoServices()
    services.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    yield services
    services.close()


def sync(services: BotoServices, integration: str, parameters: dict[str, Any], **fields: Any) -> Run:
    resource = f"arn:aws:states:::{integration}.sync"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **fields}
    return run({"StartAt": "Job", "States": {"Job": task}}, services=services)


def output(execution: Run) -> Any:
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return execution.output


@pytest.fixture(scope="module")
def subnets(boto: BotoServices) -> list[str]:
    return [subnet["SubnetId"] for subnet in boto.client("ec2").describe_subnets()["Subnets"]][:2]


def test_an_athena_query(boto: BotoServices) -> None:
    result = output(sync(boto, "athena:startQueryExecution", {"QueryString": "select 1", "WorkGroup": "primary"}))
    assert (list(result), result["QueryExecution"]["Query"]) == (["QueryExecution"], "select 1")
    assert result["QueryExecution"]["Status"]["State"] == "SUCCEEDED"


def test_a_batch_job_without_docker(boto: BotoServices) -> None:
    batch = boto.client("batch")
    batch.create_compute_environment(computeEnvironmentName="cpus", type="UNMANAGED", serviceRole=ROLE)
    order = [{"order": 1, "computeEnvironment": "cpus"}]
    batch.create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    image = {"image": "busybox", "vcpus": 1, "memory": 128}
    batch.register_job_definition(jobDefinitionName="work", type="container", containerProperties=image)
    result = output(sync(boto, "batch:submitJob", {"JobName": "j", "JobQueue": "queue", "JobDefinition": "work"}))
    assert (result["JobName"], result["Status"], result["Container"]["Vcpus"]) == ("j", "SUCCEEDED", 1)


def test_a_codebuild_build(boto: BotoServices) -> None:
    boto.client("codebuild").create_project(
        name="proj",
        source={"type": "S3", "location": "bucket/key"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "img", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole="arn:aws:iam::111111111111:role/service-role/x",
    )
    result = output(sync(boto, "codebuild:startBuild", {"ProjectName": "proj"}))
    assert (list(result), result["Build"]["BuildStatus"]) == (["Build"], "SUCCEEDED")
    assert result["Build"]["Arn"].startswith("arn:aws:codebuild:")


@pytest.fixture(scope="module")
def fargate(boto: BotoServices, subnets: list[str]) -> dict[str, Any]:
    """The parameters of an ECS task on Fargate."""
    ecs = boto.client("ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(
        family="f",
        containerDefinitions=[{"name": "n", "image": "i", "memory": 128, "cpu": 1}],
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
    )
    network = {"AwsvpcConfiguration": {"Subnets": subnets, "SecurityGroups": []}}
    return {"Cluster": "c", "TaskDefinition": "f", "LaunchType": "FARGATE", "NetworkConfiguration": network}


def test_an_ecs_task_takes_virtual_time(boto: BotoServices, fargate: dict[str, Any]) -> None:
    execution = sync(boto, "ecs:runTask", fargate)
    result = output(execution)
    assert (result["LastStatus"], result["LaunchType"], execution.duration) == ("STOPPED", "FARGATE", 3)


def test_an_ecs_task_times_out(boto: BotoServices, fargate: dict[str, Any]) -> None:
    execution = sync(boto, "ecs:runTask", fargate, TimeoutSeconds=2)
    assert (execution.error, execution.duration) == ("States.Timeout", 2)
    assert [event["type"] for event in execution.history[4:]] == ["TaskSubmitted", "TaskTimedOut", "ExecutionFailed"]


def test_an_eks_cluster_with_what_is_in_it(boto: BotoServices, subnets: list[str]) -> None:
    node_group = {"ClusterName": "k", "NodegroupName": "n"}
    profile = {"ClusterName": "k", "FargateProfileName": "p"}
    selectors = {"PodExecutionRoleArn": ROLE, "Selectors": [{"Namespace": "default"}]}
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("createCluster", {"Name": "k", "RoleArn": ROLE, "ResourcesVpcConfig": {"SubnetIds": subnets}}, "Cluster"),
        ("createNodegroup", {**node_group, "Subnets": subnets, "NodeRole": ROLE}, "Nodegroup"),
        ("createFargateProfile", {**profile, **selectors}, "FargateProfile"),
        ("deleteFargateProfile", profile, "FargateProfile"),
        ("deleteNodegroup", node_group, "Nodegroup"),
        ("deleteCluster", {"Name": "k"}, "Cluster"),
    ]
    for action, parameters, name in steps:
        result = output(sync(boto, f"eks:{action}", parameters))
        assert (list(result), result[name]["Status"]) == ([name], "ACTIVE")


def test_an_emr_serverless_application_and_its_job_run(boto: BotoServices) -> None:
    created = output(
        sync(boto, "emr-serverless:createApplication", {"Name": "a", "Type": "SPARK", "ReleaseLabel": "emr-6.6.0"})
    )
    application = {"ApplicationId": created["ApplicationId"]}
    assert sorted(created) == ["ApplicationId", "Arn", "Name"]
    assert output(sync(boto, "emr-serverless:startApplication", application)) == application
    job = {**application, "ExecutionRoleArn": ROLE, "JobDriver": {"SparkSubmit": {"EntryPoint": "s3://b/k"}}}
    started = output(sync(boto, "emr-serverless:startJobRun", job))
    assert sorted(started) == ["ApplicationId", "Arn", "JobRunId"]
    run_ = {**application, "JobRunId": started["JobRunId"]}
    assert output(sync(boto, "emr-serverless:cancelJobRun", run_)) == run_
    assert output(sync(boto, "emr-serverless:stopApplication", application)) == application
    assert output(sync(boto, "emr-serverless:deleteApplication", application)) == application


def test_the_deletion_of_a_virtual_cluster(boto: BotoServices, subnets: list[str]) -> None:
    boto.client("eks").create_cluster(name="other", roleArn=ROLE, resourcesVpcConfig={"subnetIds": subnets})
    provider = {"type": "EKS", "id": "other", "info": {"eksInfo": {"namespace": "n"}}}
    cluster = boto.client("emr-containers").create_virtual_cluster(name="v", containerProvider=provider)
    result = output(sync(boto, "emr-containers:deleteVirtualCluster", {"Id": cluster["id"]}))
    assert (list(result), result["VirtualCluster"]["State"]) == (["VirtualCluster"], "TERMINATED")


def test_a_glue_job_run(boto: BotoServices) -> None:
    boto.client("glue").create_job(Name="g", Role=ROLE, Command={"Name": "glueetl"})
    result = output(sync(boto, "glue:startJobRun", {"JobName": "g"}))
    assert (result["JobName"], result["JobRunState"], result["Id"][:3]) == ("g", "SUCCEEDED", "jr_")


def test_a_glue_job_run_that_is_not_waited_for_names_its_job(boto: BotoServices) -> None:
    boto.client("glue").create_job(Name="h", Role=ROLE, Command={"Name": "glueetl"})
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun",
        "Parameters": {"JobName": "h"},
        "End": True,
    }
    result = output(run({"StartAt": "Job", "States": {"Job": task}}, services=boto))
    assert [name for name in result if not name.startswith("Sdk")] == ["JobName", "JobRunId"]


def test_an_error_of_the_start_is_that_of_the_service(boto: BotoServices) -> None:
    execution = sync(boto, "glue:startJobRun", {"JobName": "none"})
    assert (execution.status, execution.error) == ("FAILED", "Glue.EntityNotFoundException")


S3_URI = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b"}}}
CLUSTER = {"InstanceType": "ml.m4.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
SAGEMAKER: list[tuple[str, dict[str, Any]]] = [
    (
        "Training",
        {
            "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": "s3://o"},
            "ResourceConfig": CLUSTER,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "InputDataConfig": [{"ChannelName": "a", **S3_URI}],
        },
    ),
    (
        "Transform",
        {
            "ModelName": "m",
            "TransformInput": S3_URI,
            "TransformOutput": {"S3OutputPath": "s3://o"},
            "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m4.xlarge"},
        },
    ),
    (
        "Processing",
        {"RoleArn": ROLE, "AppSpecification": {"ImageUri": "i"}, "ProcessingResources": {"ClusterConfig": CLUSTER}},
    ),
    (
        "HyperParameterTuning",
        {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Bayesian",
                "ResourceLimits": {"MaxParallelTrainingJobs": 1},
            }
        },
    ),
]


@pytest.mark.parametrize(("kind", "parameters"), SAGEMAKER)
def test_a_sagemaker_job(boto: BotoServices, kind: str, parameters: dict[str, Any]) -> None:
    result = output(sync(boto, f"sagemaker:create{kind}Job", {f"{kind}JobName": "t", **parameters}))
    assert (result[f"{kind}JobName"], result[f"{kind}JobStatus"]) == ("t", "Completed")
