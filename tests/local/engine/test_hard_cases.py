"""What once went wrong: odd values, paths that lead nowhere, files that are broken, and names that were too plain."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices, GivenServices, Return, Run, read_mock_config, run, send_task_success
from workflow_dsl.local.console import Display
from workflow_dsl.local.project_run import Application
from workflow_dsl.project import Project

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {**PASS, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def one(type_: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": type_, "End": True, **fields}}}


def mapped(**fields: Any) -> dict[str, Any]:
    return one("Map", ItemProcessor=DISTRIBUTED, **fields)


def reading(content: bytes, **config: Any) -> Run:
    class Files(GivenServices):
        def read_object(self, bucket: str, key: str) -> bytes:
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


@pytest.mark.parametrize(("definition", "given", "error"), FAILURES)
def test_what_the_state_machine_got_wrong_is_its_failure(definition: dict[str, Any], given: Any, error: str) -> None:
    execution = run(definition, given)
    assert (execution.status, execution.error) == ("FAILED", error), execution.cause


@pytest.mark.parametrize(
    ("content", "config"),
    [
        (b"\x1f\x8b\x08broken", {"InputType": "JSON"}),
        (b"a\n" + b"x" * 200_000, {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}),
    ],
)
def test_a_file_that_cannot_be_read_is_the_readers_failure(content: bytes, config: dict[str, Any]) -> None:
    assert reading(content, **config).error == "States.ItemReaderFailed"


def test_a_distributed_map_goes_over_an_objects_fields() -> None:
    assert run(mapped(), {"a": 1, "b": 2}).output == [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]


def test_a_catch_whose_result_path_leads_nowhere_fails_as_a_states_does() -> None:
    task = one("Task", Resource="${f}", Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.a.b", "Next": "B"}])
    task["States"]["B"] = {"Type": "Succeed"}

    def fails(event: Any, context: Any) -> None:
        raise ValueError

    assert run(task, {"a": 1}, functions={"f": fails}).error == "States.ResultPathMatchFailure"


def test_a_nested_execution_has_the_tasks_timeout() -> None:
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


def test_what_an_author_gives_goes_through_json() -> None:
    given = {"a": (1, 2)}
    execution = run(one("Pass"), given)
    given["a"] = (3, 4)
    assert execution.output == {"a": [1, 2]}
    task = one("Task", Resource="${f}")
    assert run(task, mocks={"A": Return((1,))}).output == [1]
    assert run(task, mocks={"A": Return({1})}).error == "States.Runtime"
    assert run(task, "\ud800", functions={"f": lambda event, context: 1}).output == 1

    def answers(event: Any, context: Any) -> None:
        send_task_success(event, (1, 2))

    waits = one(
        "Task",
        Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
        Parameters={"FunctionName": "f", "Payload.$": "$$.Task.Token"},
    )
    assert run(waits, functions={"f": answers}).output == [1, 2]


@pytest.mark.parametrize("value", [{1}, float("nan"), object()])
def test_an_input_that_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(FindingsError, match="the input is no JSON"):
        run(PASS, value)


def test_a_value_that_grows_with_every_turn_of_a_loop_has_an_end() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "C"}], "Default": "A"}
    states = {"A": {"Type": "Pass", "Parameters": {"x.$": "$"}, "Next": "B"}, "B": choice, "C": {"Type": "Succeed"}}
    execution = run({"StartAt": "A", "States": states}, {})
    assert execution.error == "States.Runtime"
    assert execution.cause == "The state/task 'A' returned a result that is nested more than 200 levels deep."


@pytest.mark.parametrize("responses", [{"R": 5}, {"R": {"0": {"Throw": 5}}}, {"R": {"0": 5}}])
def test_a_mock_configuration_of_another_shape_is_said(tmp_path: Path, responses: Any) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(
        json.dumps({"StateMachines": {"m": {"TestCases": {"c": {"A": "R"}}}}, "MockedResponses": responses})
    )
    with pytest.raises(
        FindingsError, match=r"mocks\.json: R has (a response that is neither Return nor Throw|no responses)"
    ):
        read_mock_config(file, "c")


def test_services_that_were_closed_start_anew_and_stay_on_this_machine() -> None:
    services = BotoServices()
    services.call("aws-sdk:s3", "createBucket", {"Bucket": "some-bucket"})
    services.close()
    assert services.call("aws-sdk:s3", "listBuckets", {})["Buckets"] == []
    services.close()


def watched(definition: dict[str, Any], given: Any) -> list[str]:
    lines: list[str] = []
    run(definition, given, watch=Display(lines.append).watch)
    return [line.split("  ", 1)[1] for line in lines]


def test_items_that_run_in_turn_stand_in_one_column() -> None:
    lines = watched(one("Map", ItemProcessor=PASS, MaxConcurrency=1), [1, 2])
    assert lines == ["A", "  item 0", "  P", "  item 1", "  P"]


def test_the_state_that_failed_is_named_though_another_branch_went_on() -> None:
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
  Node:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: f/, Handler: index.handler, Runtime: nodejs20.x}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: m.asl.json
      DefinitionSubstitutions: {FArn: !GetAtt F.Arn, NodeArn: !GetAtt Node.Arn, Text: 'say "hi"', Inner: !Ref Inline}
  Inline:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: I, States: {I: {Type: Pass, Result: inner, End: true}}}}
  Broken:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: none.asl.json}
"""
HANDLER = "import boto3\ndef handler(event, context):\n    return [context.memory_limit_in_mb, boto3.client('sqs', region_name='us-east-1').list_queues().get('QueueUrls', [])]\n"


@pytest.fixture
def application(tmp_path: Path) -> Application:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "app.py").write_text(HANDLER)
    return Application(Project(tmp_path))


def definition(tmp_path: Path, state: dict[str, Any]) -> str:
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": {"End": True, **state}}}))
    return str(tmp_path / "m.asl.json")


def test_a_handlers_own_call_reaches_moto_though_the_template_has_no_resource(
    application: Application, tmp_path: Path
) -> None:
    assert application.run(definition(tmp_path, {"Type": "Task", "Resource": "${FArn}"})).output == [256, []]


def test_a_stand_in_is_found_by_logical_id_though_the_function_has_a_name(
    application: Application, tmp_path: Path
) -> None:
    path = definition(tmp_path, {"Type": "Task", "Resource": "${FArn}"})
    assert application.run(path, functions={"F": lambda event, context: "stub"}).output == "stub"


def test_a_function_that_is_no_python_is_in_the_way_only_of_who_calls_it(
    application: Application, tmp_path: Path
) -> None:
    path = definition(tmp_path, {"Type": "Task", "Resource": "${NodeArn}"})
    with pytest.raises(FindingsError, match=r"Node runs nodejs20\.x; give a stand-in for it in functions"):
        application.run(path)
    assert application.run(path, functions={"Node": lambda event, context: 1}).output == 1


def test_a_workflow_starts_one_that_stands_in_the_template_itself(application: Application, tmp_path: Path) -> None:
    parameters = {"StateMachineArn": "${Inner}", "Input": "${Text}"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": parameters}
    output = application.run(definition(tmp_path, state)).output
    assert (output["Input"], output["Output"]) == ('say "hi"', "inner")


def test_a_definition_that_is_not_there_is_said_when_it_is_started(application: Application, tmp_path: Path) -> None:
    parameters = {"StateMachineArn": "arn:x:Broken"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": parameters}
    with pytest.raises(FindingsError, match=r"none\.asl\.json: cannot be read"):
        application.run(definition(tmp_path, state))


def test_a_handler_sees_its_own_package_and_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    from workflow_dsl.application.template import FunctionCode
    from workflow_dsl.local.stand_ins.handlers import load

    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "decoder.py").write_text("N = 'own'\n")
    (tmp_path / "json" / "__init__.py").write_text("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("from json.decoder import N\ndef handler(event, context):\n    return N\n")
    before = dict(sys.modules)
    function = load(FunctionCode("F", "F", tmp_path, "src.app.handler", 128, 3, {}))
    assert function.handler({}, None) == "own"
    assert {name for name in sys.modules if name.partition(".")[0] in ("src", "json")} == {
        name for name in before if name.partition(".")[0] == "json"
    }
    assert sys.modules["json"] is before["json"]


def test_a_service_that_boto3_does_not_have_is_the_tasks_failure_and_http_is_refused_before_the_start() -> None:
    execution = run(one("Task", Resource="arn:aws:states:::aws-sdk:nothere:get", Parameters={}))
    assert (execution.error, execution.cause) == ("States.Runtime", "There is no service aws-sdk:nothere to call")
    request = {"ApiEndpoint": "https://example.com", "Method": "GET"}
    http = one("Task", Resource="arn:aws:states:::http:invoke", Parameters=request)
    with pytest.raises(FindingsError, match="is not executed here; answer it with mocks"):
        run(http)
    assert run(http, services={"http:invoke": lambda parameters: {"StatusCode": 200}}).output == {"StatusCode": 200}


def test_importing_the_engine_loads_no_library_that_a_plain_run_does_without() -> None:
    code = (
        "import sys; from workflow_dsl.local import run; "
        "run({'StartAt': 'A', 'States': {'A': {'Type': 'Pass', 'End': True}}}, {'a': 1}); "
        "print(sorted({'boto3', 'botocore', 'moto', 'jsonata', 'jsonpath', 'regex', 'stepfunctions'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_children_of_a_map_that_failed_are_stopped_with_it() -> None:
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


def test_an_execution_that_nobody_waits_for_has_its_own_timeout_and_runs_to_its_end() -> None:
    called: list[Any] = []
    states = {"W": {"Type": "Wait", "Seconds": 9, "Next": "T"}, "T": {"Type": "Task", "Resource": "${f}", "End": True}}
    task = one("Task", Resource="arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": "arn:x:child"})
    functions = {"f": lambda event, context: called.append(event)}
    for timeout in (5, 50):
        child = {"StartAt": "W", "States": states, "TimeoutSeconds": timeout}
        assert run(task, workflows={"child": child}, functions=functions).duration == 0
    assert called == [{}]


def test_a_mocked_map_is_not_read_and_what_is_in_it_needs_no_handler() -> None:
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


def test_a_start_time_without_a_zone_is_utc() -> None:
    wait = one("Wait", Timestamp="2026-01-31T12:00:05Z")
    assert run(wait, start_time=datetime(2026, 1, 31, 12)).duration == 5  # noqa: DTZ001


def test_yaml_runs_and_a_path_that_cannot_be_applied_is_a_failure() -> None:
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
    execution = Application(Project(tmp_path)).run(definition(tmp_path, state))
    assert execution.status == "SUCCEEDED", execution.cause


def test_a_handler_that_really_takes_longer_than_its_states_timeout_has_timed_out() -> None:
    def slow(event: Any, context: Any) -> int:
        threading.Event().wait(1.1)
        return 1

    execution = run(one("Task", Resource="${f}", TimeoutSeconds=1), functions={"f": slow})
    assert (execution.error, execution.history[-2]["type"]) == ("States.Timeout", "LambdaFunctionTimedOut")


def test_running_without_moto_says_what_to_install() -> None:
    code = "import sys; sys.modules['moto'] = None; from workflow_dsl.cli import main; main(['run', 'stock_trader'])"
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error NOT_INSTALLED: running needs moto\n      = pip install boto3 'moto[dynamodb,s3]'\n"


def test_a_table_that_cannot_be_made_is_the_templates_mistake(tmp_path: Path) -> None:
    table = "{Type: AWS::DynamoDB::Table, Properties: {AttributeDefinitions: [], KeySchema: []}}"
    (tmp_path / "template.yaml").write_text(f"Resources: {{T: {table}}}\n")
    with pytest.raises(FindingsError, match=r"template\.yaml: a resource cannot be made in moto: "):
        Application(Project(tmp_path)).run(definition(tmp_path, {"Type": "Pass"}))


def test_the_state_machines_of_a_template_are_a_mapping(application: Application) -> None:
    from workflow_dsl.local.project_run import _Deployed

    deployed = _Deployed(application.template)
    assert (list(deployed), len(deployed)) == (["Machine", "Inline", "Broken"], 3)


def test_an_endpoint_without_credentials_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    services = BotoServices("http://127.0.0.1:9")
    task = one("Task", Resource="arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": "q", "MessageBody": "m"})
    execution = run(task, services=services)
    assert (execution.error, execution.cause) == (
        "States.Runtime",
        "sendMessage cannot be called: Unable to locate credentials",
    )
    services.close()
