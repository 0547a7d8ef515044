"""Cases that once failed: odd values, paths without a value, broken files, and ambiguous names."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices, FakeServices, Return, Run, read_mock_config, run, send_task_success
from workflow_dsl.local.console import EventPrinter
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {**PASS, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def one(type_: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": type_, "End": True, **fields}}}


def mapped(**fields: Any) -> dict[str, Any]:
    return one("Map", ItemProcessor=DISTRIBUTED, **fields)


def run_reading(content: bytes, **config: Any) -> Run:
    class Files(FakeServices):
        def read_object(self, bucket: str, key: str, version: str | None = None) -> bytes:
            return content

    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    return run(mapped(ItemReader=reader), services=Files({}))


FAILURES: list[tuple[dict[str, Any], Any, str]] = [
    (mapped(ItemBatcher={"MaxItemsPerBatchPath": "$.none"}, ItemsPath="$.l"), {"l": [1]}, "States.Runtime"),
    (mapped(ItemsPath="$.l", MaxConcurrencyPath="$.c"), {"l": [1], "c": -1}, "States.Runtime"),
    (one("Map", ItemProcessor=PASS, ItemsPath="$.l", MaxConcurrencyPath="$.c"), {"l": [1], "c": -1}, "States.Runtime"),
    (one("Map", ItemProcessor=PASS, ItemsPath="$.l", MaxConcurrencyPath="$.c"), {"l": [1], "c": True}, "States.Runtime"),
    (mapped(ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Prefix": "x"}}), [1], "States.Runtime"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "value", "error"), FAILURES)
def test_a_mistake_of_the_state_machine_is_its_failure(definition: dict[str, Any], value: Any, error: str) -> None:
    execution = run(definition, value)
    assert (execution.status, execution.error) == ("FAILED", error), execution.cause


@pytest.mark.parametrize(
    ("content", "config"),
    [
        (b"\x1f\x8b\x08broken", {"InputType": "JSON"}),
        (b'a\n"never closed', {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}),
        (b"a" * 11_000, {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}),
    ],
)
def test_a_broken_file_is_a_failure_of_the_reader(content: bytes, config: dict[str, Any]) -> None:
    assert run_reading(content, **config).error == "States.ItemReaderFailed"


def test_a_distributed_map_iterates_over_the_fields_of_an_object() -> None:
    assert run(mapped(), {"a": 1, "b": 2}).output == [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]


def test_a_catcher_whose_result_path_cannot_be_applied_fails_like_a_state() -> None:
    task = one("Task", Resource="${f}", Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.a.b", "Next": "B"}])
    task["States"]["B"] = {"Type": "Succeed"}

    def fails(event: Any, context: Any) -> None:
        raise ValueError

    assert run(task, {"a": 1}, functions={"f": fails}).error == "States.ResultPathMatchFailure"


def test_a_nested_execution_ends_at_the_timeout_of_its_task() -> None:
    resource = "arn:aws:states:::states:startExecution.sync:2"
    task = one("Task", Resource=resource, Parameters={"StateMachineArn": "arn:x:child"}, TimeoutSeconds=5)
    execution = run(task, workflows={"child": one("Wait", Seconds=60)})
    assert (execution.error, execution.duration) == ("States.Timeout", 5)
    assert [event["type"] for event in execution.history][2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskTimedOut",
    ]


def test_inputs_mocks_and_callbacks_are_converted_to_json() -> None:
    value = {"a": (1, 2)}
    execution = run(one("Pass"), value)
    value["a"] = (3, 4)
    assert execution.output == {"a": [1, 2]}
    task = one("Task", Resource="${f}")
    assert run(task, mocks={"A": Return((1,))}).output == [1]
    assert run(task, mocks={"A": Return({1})}).error == "States.Runtime"
    assert run(task, "\ud800", functions={"f": lambda event, context: 1}).output == 1

    def answers(event: Any, context: Any) -> None:
        send_task_success(event["token"], (1, 2))

    waits = one(
        "Task",
        Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
        Parameters={"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
    )
    assert run(waits, functions={"f": answers}).output == [1, 2]


@pytest.mark.parametrize("value", [{1}, float("nan"), object()])
def test_an_input_that_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(FindingsError, match="the input is not valid JSON"):
        run(PASS, value)


def test_an_input_that_python_cannot_write_is_nested_too_deeply() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(FindingsError, match="the input is nested too deeply"):
        run(PASS, value)


def test_a_loop_that_nests_its_value_deeper_every_time_fails() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "C"}], "Default": "A"}
    states = {"A": {"Type": "Pass", "Parameters": {"x.$": "$"}, "Next": "B"}, "B": choice, "C": {"Type": "Succeed"}}
    execution = run({"StartAt": "A", "States": states}, {})
    assert execution.error == "States.Runtime"
    assert execution.cause == "The state/task 'A' returned a result that is nested more than 200 levels deep."


@pytest.mark.parametrize("responses", [{"R": 5}, {"R": {"0": {"Throw": 5}}}, {"R": {"0": 5}}])
def test_a_malformed_mock_configuration_is_reported(tmp_path: Path, responses: Any) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(
        json.dumps({"StateMachines": {"m": {"TestCases": {"c": {"A": "R"}}}}, "MockedResponses": responses})
    )
    with pytest.raises(
        FindingsError, match=r"mocks\.json: R has (a response that is neither Return nor Throw|no responses)"
    ):
        read_mock_config(file, "c")


def test_closed_services_start_again_and_stay_local() -> None:
    services = BotoServices()
    services.call("aws-sdk:s3", "createBucket", {"Bucket": "some-bucket"})
    services.close()
    assert services.call("aws-sdk:s3", "listBuckets", {})["Buckets"] == []
    services.close()


def printed_lines(definition: dict[str, Any], value: Any) -> list[str]:
    lines: list[str] = []
    run(definition, value, watch=EventPrinter(lines.append).watch)
    return [line.split("  ", 1)[1] for line in lines]


def test_items_that_run_one_after_another_are_printed_in_one_column() -> None:
    lines = printed_lines(one("Map", ItemProcessor=PASS, MaxConcurrency=1), [1, 2])
    assert lines == ["A", "  item 0", "  P", "  item 1", "  P"]


def test_the_failed_state_is_named_while_another_branch_still_runs() -> None:
    def branch(name: str, last: dict[str, Any]) -> dict[str, Any]:
        wait = {"Type": "Wait", "Seconds": 1, "Next": f"{name}2"}
        return {"StartAt": name, "States": {name: wait, f"{name}2": last}}

    branches = [branch("A1", {"Type": "Fail", "Error": "E"}), branch("B1", {"Type": "Wait", "Seconds": 9, "End": True})]
    assert run(one("Parallel", Branches=branches)).failed_in == "A12"


TEMPLATE = """
Parameters: {Mem: {Default: 256}, Odd: }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: my-f, CodeUri: f/, Handler: app.handler, Runtime: python3.13, MemorySize: !Ref Mem, Timeout: !Ref Odd}
  Java:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: f/, Handler: Main::handle, Runtime: java21}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: m.asl.json
      DefinitionSubstitutions: {FArn: !GetAtt F.Arn, JavaArn: !GetAtt Java.Arn, Text: 'say "hi"', Inner: !Ref Inline}
  Inline:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: I, States: {I: {Type: Pass, Result: inner, End: true}}}}
  Broken:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: none.asl.json}
"""
HANDLER = "import boto3\ndef handler(event, context):\n    return [context.memory_limit_in_mb, boto3.client('sqs', region_name='us-east-1').list_queues().get('QueueUrls', [])]\n"


@pytest.fixture
def runner(tmp_path: Path) -> ProjectRunner:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "app.py").write_text(HANDLER)
    return ProjectRunner(read_application(Project(tmp_path)))


def definition(tmp_path: Path, state: dict[str, Any]) -> str:
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": {"End": True, **state}}}))
    return str(tmp_path / "m.asl.json")


def test_a_handlers_own_call_reaches_moto_without_any_resource_in_the_template(
    runner: ProjectRunner, tmp_path: Path
) -> None:
    assert runner.run(definition(tmp_path, {"Type": "Task", "Resource": "${FArn}"})).output == [256, []]


def test_a_replacement_is_found_by_logical_id_even_if_the_function_has_a_name(
    runner: ProjectRunner, tmp_path: Path
) -> None:
    path = definition(tmp_path, {"Type": "Task", "Resource": "${FArn}"})
    assert runner.run(path, functions={"F": lambda event, context: "stub"}).output == "stub"


def test_a_function_that_cannot_run_here_is_reported_only_if_it_is_called(
    runner: ProjectRunner, tmp_path: Path
) -> None:
    path = definition(tmp_path, {"Type": "Task", "Resource": "${JavaArn}"})
    with pytest.raises(FindingsError, match=r"Java runs java21, which cannot run locally; call it at an endpoint with"):
        runner.run(path)
    assert runner.run(path, functions={"Java": lambda event, context: 1}).output == 1


def test_a_workflow_starts_one_that_is_defined_inline_in_the_template(runner: ProjectRunner, tmp_path: Path) -> None:
    parameters = {"StateMachineArn": "${Inner}", "Input": {"text": "${Text}"}}
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": parameters}
    output = runner.run(definition(tmp_path, state)).output
    assert (output["Input"], output["Output"]) == ({"text": 'say "hi"'}, "inner")


def test_a_missing_definition_is_reported_when_it_is_started(runner: ProjectRunner, tmp_path: Path) -> None:
    parameters = {"StateMachineArn": "arn:x:Broken"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": parameters}
    with pytest.raises(FindingsError, match=r"Broken: the file none\.asl\.json does not exist"):
        runner.run(definition(tmp_path, state))


def test_a_handler_imports_its_own_packages_and_leaves_other_modules_unchanged(tmp_path: Path) -> None:
    from workflow_dsl.application.template import FunctionCode
    from workflow_dsl.local.lambda_functions.loading import load_function

    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "decoder.py").write_text("N = 'own'\n")
    (tmp_path / "json" / "__init__.py").write_text("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("from json.decoder import N\ndef handler(event, context):\n    return N\n")
    before = dict(sys.modules)
    function = load_function(FunctionCode("F", "F", tmp_path, "src.app.handler", 128, 3, {}))
    assert function.handler({}, None) == "own"
    assert {name for name in sys.modules if name.partition(".")[0] in ("src", "json")} == {
        name for name in before if name.partition(".")[0] == "json"
    }
    assert sys.modules["json"] is before["json"]


def test_a_service_unknown_to_boto3_and_http_are_refused_before_the_start() -> None:
    with pytest.raises(FindingsError, match="cannot be answered here: boto3 has no service nothere; mock the state"):
        run(one("Task", Resource="arn:aws:states:::aws-sdk:nothere:get", Parameters={}))
    request = {"ApiEndpoint": "https://example.com", "Method": "GET"}
    http = one("Task", Resource="arn:aws:states:::http:invoke", Parameters=request)
    with pytest.raises(FindingsError, match="calls http:invoke, which cannot be answered here"):
        run(http)
    assert run(http, services={"http:invoke": lambda parameters: {"StatusCode": 200}}).output == {"StatusCode": 200}


def test_a_run_of_pass_states_loads_no_optional_library() -> None:
    code = (
        "import sys; from workflow_dsl.local import run; "
        "run({'StartAt': 'A', 'States': {'A': {'Type': 'Pass', 'End': True}}}, {'a': 1}); "
        "print(sorted({'boto3', 'botocore', 'moto', 'jsonata', 'regex', 'stepfunctions'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent.parent
    process = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert process.stdout == "[]\n"


def test_the_children_of_a_failed_map_are_stopped() -> None:
    called: list[Any] = []
    child = {
        "StartAt": "W",
        "States": {
            "W": {"Type": "Wait", "SecondsPath": "$", "Next": "C"},
            "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "F"}], "Default": "T"},
            "T": {"Type": "Task", "Resource": "${f}", "End": True},
            "F": {"Type": "Fail", "Error": "E"},
        },
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
    }
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    states = {
        "A": {"Type": "Map", "ItemProcessor": child, "Catch": catch, "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 99, "End": True},
    }
    functions = {"f": lambda event, context: called.append(event)}
    execution = run({"StartAt": "A", "States": states}, [1, 5], functions=functions)
    assert (execution.status, called) == ("SUCCEEDED", [])


def test_a_background_execution_has_its_own_timeout_and_runs_to_its_end() -> None:
    called: list[Any] = []
    states = {"W": {"Type": "Wait", "Seconds": 9, "Next": "T"}, "T": {"Type": "Task", "Resource": "${f}", "End": True}}
    task = one("Task", Resource="arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": "arn:x:child"})
    functions = {"f": lambda event, context: called.append(event)}
    for timeout in (5, 50):
        child = {"StartAt": "W", "States": states, "TimeoutSeconds": timeout}
        assert run(task, workflows={"child": child}, functions=functions).duration == 0
    assert called == [{}]


def test_a_mocked_map_reads_no_items_and_its_states_need_no_handler() -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "Parameters": {"Bucket": "b", "Key": "k"},
        "ReaderConfig": {"InputType": "PARQUET"},
    }
    inner = {
        "StartAt": "T",
        "States": {"T": {"Type": "Task", "Resource": "${f}", "End": True}},
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    execution = run(one("Map", ItemProcessor=inner, ItemReader=reader), mocks={"A": Return([1])})
    assert execution.output == [1]
    assert [event["type"] for event in execution.history][2:5] == [
        "MapStateStarted",
        "MapStateSucceeded",
        "MapStateExited",
    ]


def test_a_start_time_without_a_time_zone_is_utc() -> None:
    wait = one("Wait", Timestamp="2026-01-31T12:00:05Z")
    assert run(wait, start_time=datetime(2026, 1, 31, 12)).duration == 5  # noqa: DTZ001


def test_a_definition_can_be_yaml_and_a_path_that_cannot_be_evaluated_is_a_failure() -> None:
    assert run("StartAt: A\nStates: {A: {Type: Succeed}}").status == "SUCCEEDED"
    assert run(one("Wait", SecondsPath="$.a.min()"), {"a": "x"}).error == "States.Runtime"


def test_a_topic_of_the_template_is_found_by_its_arn(tmp_path: Path) -> None:
    template = """
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t.fifo, FifoTopic: true}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q.fifo, FifoQueue: true, KmsMasterKeyId: !Ref AWS::NoValue}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: m.asl.json, DefinitionSubstitutions: {Topic: !Ref Topic, Unknown: !Select [0, [a]]}}
"""
    (tmp_path / "template.yaml").write_text(template)
    parameters = {"TopicArn": "${Topic}", "Message": {"a": 1}, "MessageGroupId": "g", "MessageDeduplicationId": "d"}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": parameters,
        "Comment": "${Unknown}",
    }
    execution = ProjectRunner(read_application(Project(tmp_path))).run(definition(tmp_path, state))
    assert execution.status == "SUCCEEDED", execution.cause


def test_a_handler_that_takes_longer_in_real_time_than_its_states_timeout_times_out() -> None:
    def slow(event: Any, context: Any) -> int:
        threading.Event().wait(1.1)
        return 1

    execution = run(one("Task", Resource="${f}", TimeoutSeconds=1), functions={"f": slow})
    assert (execution.error, execution.history[-2]["type"]) == ("States.Timeout", "LambdaFunctionTimedOut")


@pytest.mark.parametrize("module", ["moto", "moto.dynamodb.responses"])
def test_a_run_without_moto_or_a_part_of_it_reports_what_to_install(module: str) -> None:
    code = (
        f"import sys; sys.modules['{module}'] = None; from workflow_dsl.cli import main; main(['run', 'stock_trader'])"
    )
    root = Path(__file__).parent.parent.parent
    process = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (process.returncode, "Check Stock Value" in process.stdout) == (1, module != "moto")
    remedy = "pip install 'workflow-dsl[local]'"
    assert process.stderr == f"error NOT_INSTALLED: running needs {module}\n      = {remedy}\n"


def test_resources_without_a_name_or_a_key_are_created_as_a_stack_would(tmp_path: Path) -> None:
    resources = {
        "Q": "{Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}",
        "S": "{Type: AWS::SNS::Topic, Properties: {FifoTopic: true}}",
        "B": "{Type: AWS::S3::Bucket}",
        "T": "{Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: sku}}}",
    }
    lines = [f"  {name}: {resource}\n" for name, resource in resources.items()]
    (tmp_path / "template.yaml").write_text(f"Resources:\n{''.join(lines)}")
    runner = ProjectRunner(read_application(Project(tmp_path)))
    execution = runner.run(definition(tmp_path, {"Type": "Pass"}), tables={"T": [{"sku": "pen"}]})
    assert execution.tables == {"T": [{"sku": {"S": "pen"}}]}


def test_an_endpoint_without_credentials_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    services = BotoServices("http://127.0.0.1:9")
    task = one("Task", Resource="arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": "q", "MessageBody": "m"})
    execution = run(task, services=services)
    assert (execution.error, execution.cause) == (
        "States.Runtime",
        "sendMessage cannot be called: no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for an "
        "emulator to any string",
    )
    services.close()
