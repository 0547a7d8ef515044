"""Calls that nothing can answer here: refused before the run, or once a run reaches them, with a mock to paste."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.definition.integrations import optimized
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local import BotoServices, FakeServices, Function, Return, Throw, run
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.local.stand_ins.answerable import gap_of_call
from workflow_dsl.local.stand_ins.gaps import Gap
from workflow_dsl.local.stand_ins.samples import sample_result
from workflow_dsl.shapes.sources.jobs import JOBS

TEXT = {"Text": "a", "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
TRANSLATE = ("aws-sdk:translate:translateText", TEXT)


def task(integration: str, parameters: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A Task that catches every error."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{integration}",
        "Parameters": parameters,
        "Catch": catch,
        "End": True,
        **fields,
    }


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": {**states, "Caught": {"Type": "Succeed"}}}


def refusal(definition: dict[str, Any], input: Any = None, **options: Any) -> Finding:
    """The one finding that keeps a run from starting, or stops it."""
    with pytest.raises(FindingsError) as raised:
        run(definition, input, **options)
    [finding] = raised.value.findings
    return finding


HTTP = {"Headers": {}, "ResponseBody": {}, "StatusCode": 200, "StatusText": "OK"}
KUBERNETES = {"ClusterName": "c", "CertificateAuthority": "x", "Endpoint": "https://c"}
NO_OPERATION = "it is not an operation of an AWS API, so boto3 cannot call it"
MODEL = {"JobName": "a", "CustomModelName": "b", "RoleArn": "r", "BaseModelIdentifier": "x"}
MODEL_DATA = {"TrainingDataConfig": {}, "OutputDataConfig": {"S3Uri": "s3://x"}}
JOB_RUN = {"VirtualClusterId": "v"}

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (*TRANSLATE, "moto has no translate"),
    ("aws-sdk:s3:putBucketMetricsConfiguration", {"Bucket": "b", "Id": "i", "MetricsConfiguration": {"Id": "i"}},
     "moto has no PutBucketMetricsConfiguration in s3"),
    ("aws-sdk:nosuchservice:get", {}, "boto3 has no service nosuchservice"),
    ("apigateway:invoke", {"ApiEndpoint": "x", "Method": "GET"}, NO_OPERATION),
    ("eks:call", {**KUBERNETES, "Method": "GET", "Path": "/"}, NO_OPERATION),
    ("eks:runJob.sync", {**KUBERNETES, "Job": {}}, NO_OPERATION),
    ("elasticmapreduce:createCluster.sync", {"Name": "a", "Instances": {}}, NO_OPERATION),
    ("elasticmapreduce:addStep", {"ClusterId": "a", "Step": {}}, NO_OPERATION),
    ("mediaconvert:createJob.sync", {"Role": "r", "Settings": {}}, "moto has no mediaconvert"),
    ("databrew:startJobRun.sync", {"Name": "n"}, "moto has no StartJobRun in databrew"),
    ("codebuild:startBuildBatch.sync", {"ProjectName": "p"}, "moto has no StartBuildBatch in codebuild"),
    ("bedrock:createModelCustomizationJob.sync", {**MODEL, **MODEL_DATA}, "in moto its job never ends"),
    ("emr-containers:startJobRun.sync", JOB_RUN, "in moto its job never ends"),
]  # fmt: skip


@pytest.mark.parametrize(("integration", "parameters", "reason"), REFUSED)
def test_what_cannot_be_answered_is_refused_before_anything_runs(
    integration: str, parameters: dict[str, Any], reason: str
) -> None:
    definition = machine(First={"Type": "Task", "Resource": "${F}", "Next": "Call"}, Call=task(integration, parameters))
    finding = refusal(definition, functions={"F": pytest.fail})
    assert (finding.code, finding.where.in_definition) == ("NOT_EXECUTED", '"Call" Resource')
    assert finding.message == f"calls {integration}, which cannot be answered here: {reason}"
    assert finding.remedy.startswith("mock the state: mocks={'Call': Return({")


@pytest.mark.parametrize(("integration", "parameters", "reason"), REFUSED)
def test_the_mock_of_a_refusal_makes_the_run_succeed(integration: str, parameters: dict[str, Any], reason: str) -> None:
    finding = refusal(machine(Call=task(integration, parameters)))
    value = ast.literal_eval(finding.remedy.removeprefix("mock the state: mocks={'Call': Return(").removesuffix(")}"))
    execution = run(machine(Call=task(integration, parameters)), mocks={"Call": Return(value)})
    assert (execution.status, execution.trail) == ("SUCCEEDED", ["Call"])


SAMPLES: list[tuple[str, str, str, Any]] = [
    ("http", "invoke", "", HTTP),
    ("eks", "call", "", HTTP),
    ("elasticmapreduce", "createCluster", "sync", {"ClusterId": "j-1"}),
    ("elasticmapreduce", "setClusterTerminationProtection", "", {}),
    ("sqs", "sendMessage", "waitForTaskToken", {}),
    ("aws-sdk:nosuchservice", "get", "", {}),
    ("aws-sdk:sqs", "deleteMessage", "", {}),
    ("sqs", "sendMessage", "", {"MessageId": "..."}),
    ("databrew", "startJobRun", "sync", {"JobName": "...", "State": "SUCCEEDED"}),
    ("emr-serverless", "startJobRun", "sync", {"ApplicationId": "...", "JobRunId": "..."}),
]


@pytest.mark.parametrize(("service", "action", "pattern", "expected"), SAMPLES)
def test_a_sample_has_the_shape_of_the_result(service: str, action: str, pattern: str, expected: Any) -> None:
    sample = sample_result(service, action, pattern)
    assert ({name: sample[name] for name in expected} if expected else sample) == expected


def test_a_sample_of_a_job_has_ended() -> None:
    athena = sample_result("athena", "startQueryExecution", "sync")
    assert athena["QueryExecution"]["Status"] == {"State": "SUCCEEDED"}
    assert sample_result("batch", "submitJob", "sync")["Status"] == "SUCCEEDED"
    assert sample_result("codebuild", "startBuild", "sync")["Build"]["BuildStatus"] == "SUCCEEDED"


def jobs_of_the_table() -> set[str]:
    rows = optimized().items()
    return {name for name, row in rows if ".sync" in row.get("patterns", []) and "api" in row} - {
        "states:startExecution"
    }


def test_every_sync_integration_with_an_api_has_a_job() -> None:
    assert set(JOBS) == jobs_of_the_table()


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_described_by_an_action_with_its_parameters(name: str) -> None:
    job, model = JOBS[name], service_model(optimized()[name]["api"][0])
    assert model is not None
    shape = model.parameters(model.actions[job.describe])
    assert shape is not None
    assert set(job.ids) == {*shape.required, *(member for member in job.ids if member in shape.members)}


def test_a_missing_dependency_of_moto_names_the_extra_to_install() -> None:
    finding = refusal(machine(Call=task("aws-sdk:apigateway:getRestApis", {})))
    assert finding.code == "NOT_INSTALLED"
    assert finding.message.endswith("cannot be answered here: moto needs openapi_spec_validator for it")
    assert finding.remedy.startswith("pip install 'moto[apigateway]'; or mock the state: mocks={'Call': Return({")


def in_process(code: str) -> str:
    """Run code in a process of its own, and return what it prints."""
    root = Path(__file__).parent.parent.parent.parent
    process = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return process.stdout


PRELUDE = """
import sys
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import run
def refusal(definition, **options):
    try:
        return run(definition, **options)
    except FindingsError as problem:
        return [finding.code + ' ' + finding.text.partition('mock the')[0] for finding in problem.findings]
"""


def test_a_module_that_only_the_call_misses_stops_the_run() -> None:
    definition = machine(Call=task("glue:startJobRun.sync", {"JobName": "n"}))
    code = f"{PRELUDE}\nsys.modules['pyparsing'] = None\nprint(refusal({definition!r}))"
    message = "calls glue:startJobRun.sync, which cannot be answered here: moto needs pyparsing for it"
    assert in_process(code) == f"{[f'NOT_INSTALLED {message}; pip install {chr(39)}moto[glue]{chr(39)}; or ']}\n"


READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
PROCESSOR = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "P",
    "States": {"P": {"Type": "Pass", "End": True}},
}
READS = {"Read": {"Type": "Map", "ItemReader": READER, "ItemProcessor": PROCESSOR, "End": True}}


def test_without_moto_a_call_and_a_reader_are_refused() -> None:
    call = {name: value for name, value in task("sqs:sendMessage", {"QueueUrl": "q"}).items() if name != "End"}
    parameters = {"QueueUrl": "q", "MessageBody": "m"}
    definition = machine(Call={**call, "Parameters": parameters, "Next": "Read"}, **READS)
    code = f"{PRELUDE}\nsys.modules['moto'] = None\nprint(*refusal({definition!r}), sep=chr(10))"
    assert in_process(code).splitlines() == [
        "NOT_INSTALLED calls sqs:sendMessage, which cannot be answered here: moto is not installed; "
        "pip install 'workflow-dsl[local]'; or ",
        "NOT_INSTALLED moto is not installed; pip install 'workflow-dsl[local]'",
    ]


def test_without_moto_a_reader_of_a_nested_execution_stops_the_run() -> None:
    start = machine(Start=task("states:startExecution.sync", {"StateMachineArn": "child"}))
    child = {"StartAt": "Read", "States": READS}
    code = f"{PRELUDE}\nsys.modules['moto'] = None\nprint(refusal({start!r}, workflows={{'child': {child!r}}}))"
    assert "NOT_INSTALLED moto is not installed; pip install 'workflow-dsl[local]'" in in_process(code)


IN_MOTO: list[tuple[str, dict[str, Any], str]] = [
    (
        *("aws-sdk:ecr:getDownloadUrlForLayer", {"RepositoryName": "repo", "LayerDigest": "sha256:1"}),
        "moto has not implemented it (ECR.get_download_url_for_layer is not yet implemented)",
    ),
    ("aws-sdk:sesv2:sendEmail", {"Content": {}}, "moto fails with UnboundLocalError: cannot access local variable"),
]


@pytest.mark.parametrize(("integration", "parameters", "reason"), IN_MOTO)
def test_what_only_the_call_shows_stops_the_run_and_is_never_caught(
    integration: str, parameters: dict[str, Any], reason: str
) -> None:
    retry = [{"ErrorEquals": ["States.ALL"]}]
    finding = refusal(machine(Call=task(integration, parameters, Retry=retry)))
    assert (finding.code, finding.where.state) == ("NOT_EXECUTED", "Call")
    assert finding.message.startswith(f"calls {integration}, which cannot be answered here: {reason}")


def test_a_branch_that_cannot_be_answered_stops_the_run() -> None:
    integration, parameters, _ = IN_MOTO[1]
    call = {"Type": "Task", "Resource": f"arn:aws:states:::{integration}", "Parameters": parameters, "End": True}
    branch = {"StartAt": "Call", "States": {"Call": call}}
    parallel = {"Type": "Parallel", "Branches": [branch], "Catch": task("a", {})["Catch"], "End": True}
    assert refusal(machine(Both=parallel)).where.state == "Call"


def test_a_nested_execution_that_cannot_be_answered_stops_the_run() -> None:
    start = task("states:startExecution.sync:2", {"StateMachineArn": "child"})
    finding = refusal(machine(Start=start), workflows={"child": machine(Call=task(*TRANSLATE))})
    assert (finding.where.state, finding.message.partition("here: ")[2]) == (
        "Call",
        "it is not implemented (404: Not yet implemented)",
    )


def test_a_mock_or_a_fake_answers_instead() -> None:
    definition = machine(Call=task(*TRANSLATE))
    answer = {"TranslatedText": "x", "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
    fake = {TRANSLATE[0]: lambda parameters: answer}
    for options in (
        {"mocks": {"Call": Return(answer)}},
        {"services": fake},
        {"services": FakeServices(fake, BotoServices())},
    ):
        assert run(definition, **options).output == answer


CHOICE = {
    "Type": "Choice",
    "Choices": [{"Variable": "$.call", "BooleanEquals": True, "Next": "Call"}],
    "Default": "Other",
}


def cannot_run(event: Any, context: Any) -> Any:
    raise AssertionError


def runs_elsewhere() -> list[Finding]:
    return [Finding("NO_HANDLER", "error", Where(place=Place("functions/x")), "X runs cobol", "replace it")]


cannot_run.problems = runs_elsewhere  # type: ignore[attr-defined]  # as the handlers of a template have it


@pytest.mark.parametrize(
    "call", [task(*TRANSLATE), {"Type": "Task", "Resource": "${F}", "Catch": task("a", {})["Catch"], "End": True}]
)
def test_with_mocks_a_call_is_refused_only_when_it_is_reached(call: dict[str, Any]) -> None:
    definition = machine(Pick=CHOICE, Call=call, Other={"Type": "Task", "Resource": "${G}", "End": True})
    options: dict[str, Any] = {"functions": {"F": Function(cannot_run)}, "mocks": {"Other": Return(1)}}
    assert run(definition, {"call": False}, **options).output == 1
    assert refusal(definition, {"call": True}, **options).where.in_definition == '"Call" Resource'


def test_a_state_whose_mocks_end_may_make_the_call_and_is_refused_before() -> None:
    failing = {"Call": [Throw("Busy")]}
    assert refusal(machine(Call=task(*TRANSLATE)), mocks=failing).where.state == "Call"


def test_a_function_that_only_the_run_names_is_refused_when_it_is_called() -> None:
    invoke = task("lambda:invoke", {"FunctionName.$": "$.name"})
    finding = refusal(machine(Call=invoke), {"name": "F"}, functions={"F": Function(cannot_run)})
    assert str(finding) == 'functions/x: "Call" Resource: X runs cobol; replace it'


def test_a_function_of_a_nested_execution_is_refused_when_it_is_called() -> None:
    start = task("states:startExecution.sync", {"StateMachineArn": "child"})
    child = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "${F}", "End": True}}}
    finding = refusal(machine(Start=start), workflows={"child": child}, functions={"F": Function(cannot_run)})
    assert str(finding) == 'functions/x: "Call" Resource: X runs cobol; replace it'


def test_an_endpoint_may_answer_every_operation() -> None:
    at_endpoint = BotoServices("http://localhost:1")
    assert at_endpoint.gap("aws-sdk:translate", "translateText", "") is None
    assert at_endpoint.gap("bedrock", "createModelCustomizationJob", ".sync") is None
    assert at_endpoint.gap("eks", "call", "") == Gap(NO_OPERATION)
    at_endpoint.close()


ANSWERED = """
    aws-sdk:lambda:invoke aws-sdk:sfn:startExecution aws-sdk:sfn:sendTaskSuccess aws-sdk:es:listDomainNames
    aws-sdk:timestreamquery:tagResource aws-sdk:docdb:createDBCluster aws-sdk:elasticloadbalancingv2:createRule
    aws-sdk:s3:listObjectsV2 aws-sdk:batch:submitJob aws-sdk:cloudwatchlogs:putLogEvents aws-sdk:eventbridge:putEvents
    aws-sdk:cognitoidentityprovider:adminGetUser aws-sdk:ssm:getParameter aws-sdk:secretsmanager:getSecretValue
    aws-sdk:dynamodb:query aws-sdk:sts:getCallerIdentity aws-sdk:bedrockruntime:invokeModel dynamodb:updateItem
    events:putEvents lambda:invoke states:startExecution sns:publish sqs:sendMessage bedrock:invokeModel
""".split()


@pytest.mark.parametrize("name", ANSWERED)
def test_moto_has_common_calls(name: str) -> None:
    service, _, action = name.rpartition(":")
    assert gap_of_call(service, action, "", in_moto=True) is None


def test_a_template_with_a_function_in_another_language_runs_where_the_run_does_not_reach_it(
    project: Any, write_workflow: Any
) -> None:
    (project.root / "f").mkdir()
    (project.root / "f" / "index.js").write_text("exports.handler = async () => 1;\n")
    call = {"Type": "Task", "Resource": "${Clean}", "End": True}
    other = {"Type": "Pass", "End": True}
    definition = {"StartAt": "Pick", "States": {"Pick": CHOICE, "Call": call, "Other": other}}
    (project.root / "flow.asl.json").write_text(json.dumps(definition))
    (project.root / "template.yaml").write_text(
        "Resources:\n"
        "  Clean: {Type: AWS::Serverless::Function, Properties: {CodeUri: f, Handler: index.handler, Runtime: java21}}\n"
        "  Flow:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: flow.asl.json\n"
        "      DefinitionSubstitutions: {Clean: !GetAtt Clean.Arn}\n"
    )
    runner = ProjectRunner(read_application(project))
    assert runner.run("Flow", {"call": False}).trail == ["Pick", "Other"]
    with pytest.raises(FindingsError, match='"Call" Resource: Clean runs java21'):
        runner.run("Flow", {"call": True})
