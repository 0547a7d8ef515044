"""start.py, http.py, project.py: a server with boto3's client, and the project behind it."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.server.support import PASS, PREFIX, ROLE, task
from workflow_dsl.application.application import read_application
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.engine.execution import Outcome
from workflow_dsl.project import find_project
from workflow_dsl.server import Server, Settings, mock_step_functions
from workflow_dsl.server.account import Account

TEMPLATE = {
    "Resources": {
        "Trade": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Name": "trading",
                "DefinitionUri": "trade.asl.json",
                "DefinitionSubstitutions": {"Price": {"Fn::GetAtt": ["Price", "Arn"]}, "Trades": {"Ref": "Trades"}},
            },
        },
        "Price": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "price", "Handler": "app.handler", "Runtime": "python3.12"},
        },
        "Trades": {"Type": "AWS::Serverless::SimpleTable"},
        "Review": {"Type": "AWS::StepFunctions::Activity", "Properties": {"Name": "review"}},
    }
}
TRADE = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Task", "Resource": "${Price}", "Next": "Record"},
        "Record": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "${Trades}", "Item": {"id": {"S.$": "$"}}},
            "ResultPath": None,
            "End": True,
        },
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "template.yaml": json.dumps(TEMPLATE),
        "trade.asl.json": json.dumps(TRADE),
        "price/app.py": "def handler(event, context):\n    return 'five'\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def server(project: Path, lines: list[str]) -> Iterator[Server]:
    with Server(read_application(find_project(project)), show=lines.append) as server:
        yield server


def output_of(server: Server, machine: str, value: str = "{}") -> Any:
    """The output of an execution, once it has ended."""
    client = server.client("stepfunctions")
    started = client.start_execution(stateMachineArn=f"{PREFIX}:stateMachine:{machine}", input=value)
    described = ended(server.backend.account, client, started["executionArn"])
    return described.get("output", described.get("cause"))


def ended(account: Account, client: Any, execution: str) -> Any:
    """The description of an execution, once it has ended."""
    assert account.executions[execution].wait(30)
    return client.describe_execution(executionArn=execution)


def test_the_projects_state_machine_runs_with_its_function_and_its_table(server: Server, lines: list[str]) -> None:
    client = server.client("stepfunctions")
    assert [machine["name"] for machine in client.list_state_machines()["stateMachines"]] == ["trading"]
    assert [activity["name"] for activity in client.list_activities()["activities"]] == ["review"]
    assert output_of(server, "trading") == '"five"'
    [item] = server.client("dynamodb").scan(TableName="Trades")["Items"]
    assert item == {"id": {"S": "five"}}
    assert lines[0:2] == ["ListStateMachines", "ListActivities"]
    assert any("\n  SUCCEEDED trading " in line for line in lines)


def test_other_services_answer_at_the_same_address(server: Server) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="a/b c.txt", Body="grün".encode())
    assert s3.get_object(Bucket="files", Key="a/b c.txt")["Body"].read().decode() == "grün"
    assert s3.head_object(Bucket="files", Key="a/b c.txt")["ContentLength"] == 5
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="files", Key="none")


def test_a_resource_that_moto_refuses_is_reported_and_machines_run_without_it(project: Path, lines: list[str]) -> None:
    trades = {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": 1}}
    template = {"Resources": {"Trade": TEMPLATE["Resources"]["Trade"], "Trades": trades}}
    (project / "template.yaml").write_text(json.dumps(template))
    (project / "trade.asl.json").write_text(json.dumps(PASS))
    with Server(read_application(find_project(project)), show=lines.append) as server:
        assert output_of(server, "trading") == "{}"
        assert server.client("s3").list_buckets()["Buckets"] == []
    [line] = [line for line in lines if line.startswith("moto: ")]
    assert "Trades" in line


def test_with_an_endpoint_other_services_answer_there(tmp_path: Path) -> None:
    settings, elsewhere = Settings(endpoint_url="http://127.0.0.1:9"), "other services are at http://127"
    with Server.of(tmp_path, settings) as server, pytest.raises(ClientError, match=elsewhere):
        server.client("sqs").list_queues()


def test_one_state_is_tested_with_the_projects_function(server: Server) -> None:
    state = task("arn:aws:lambda:us-east-1:111111111111:function:Price")["States"]["Task"]
    tested = server.client("stepfunctions").test_state(definition=json.dumps(state), roleArn=ROLE)
    assert (tested["status"], tested["output"]) == ("SUCCEEDED", '"five"')


class _LambdaEndpoint(BaseHTTPRequestHandler):
    """Answers Invoke with the name of the function."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps(self.path.split("/")[3]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def lambda_endpoint() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _LambdaEndpoint) as endpoint:
        thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{endpoint.server_port}"
        endpoint.shutdown()
        thread.join()


def test_functions_that_no_template_has_are_called_at_the_lambda_endpoint_by_any_name(
    tmp_path: Path, lambda_endpoint: str
) -> None:
    named_late = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName.$": "$"}, OutputPath="$.Payload")
    with Server.of(tmp_path, Settings(lambda_endpoint=lambda_endpoint)) as server:
        client = server.client("stepfunctions")
        client.create_state_machine(name="late", definition=json.dumps(named_late), roleArn=ROLE)
        assert output_of(server, "late", '"Tax"') == '"Tax"'
        state = task("arn:aws:lambda:us-east-1:111111111111:function:Fee:live")["States"]["Task"]
        assert client.test_state(definition=json.dumps(state), roleArn=ROLE)["output"] == '"Fee"'
        arn = client.create_activity(name="work")["activityArn"]
        client.create_state_machine(name="work", definition=json.dumps(task(arn)), roleArn=ROLE)
        client.start_execution(stateMachineArn=f"{PREFIX}:stateMachine:work", input="[5]")
        assert client.get_activity_task(activityArn=arn)["input"] == "[5]"


def saved(file: Path, text: str) -> None:
    """Save a file later than it was."""
    later = file.stat().st_mtime_ns + 1_000_000_000
    file.write_text(text)
    os.utime(file, ns=(later, later))


def test_what_is_saved_is_live_at_the_next_execution_which_a_logical_id_starts_too(
    server: Server, project: Path
) -> None:
    client = server.client("stepfunctions")
    assert output_of(server, "Trade") == '"five"'
    saved(project / "price/app.py", "def handler(event, context):\n    return 'six'\n")
    assert output_of(server, "trading") == '"six"'
    saved(project / "trade.asl.json", json.dumps(PASS))
    assert output_of(server, "trading") == "{}"
    described = client.describe_state_machine(stateMachineArn=f"{PREFIX}:stateMachine:trading")
    assert json.loads(described["definition"]) == PASS
    other = {"Resources": {"Other": TEMPLATE["Resources"]["Trade"]}}
    saved(project / "template.yaml", json.dumps(other))
    assert output_of(server, "Other") == "{}"


def test_a_file_that_is_broken_is_reported_and_what_was_there_stays(
    server: Server, project: Path, lines: list[str]
) -> None:
    saved(project / "template.yaml", "Resources: [")
    assert output_of(server, "trading") == '"five"'
    assert [line for line in lines if "template.yaml" in line]


def request(server: Server, body: str, method: str = "POST", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, "/", body, {"X-Amz-Target": "AWSStepFunctions.ListStateMachines", **named})
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def test_a_request_of_a_browser_a_large_one_and_a_foreign_one_are_refused(server: Server) -> None:
    assert request(server, "{}")[0] == 200
    assert request(server, "{}", Origin="http://example.com")[0] == 403
    assert request(server, "{}", "GET")[0] == 405
    assert request(server, "{}", Sec_Fetch_Site="same-origin")[0] == 403
    assert request(server, "{}", Content_Length=str(10**9))[0] == 413
    assert request(server, "{", X_Amz_Target="AWSStepFunctions.ListActivities") == (
        400,
        {"__type": "SerializationException", "message": "The request body is not valid JSON"},
    )
    assert request(server, "{}", X_Amz_Target="Other.Operation")[0] == 404


HOSTS = [
    *(("127.0.0.1:8083", 200), ("[::1]:8083", 200), ("LOCALHOST", 200), ("bucket.localhost:1", 200), ("ci", 200)),
    *(("host.docker.internal:8083", 200), ("sync-states.us-east-1.amazonaws.com", 200)),
    *(("example.com:8083", 403), ("localhost.example.com", 403), ("127.0.0.1.example.com", 403), ("a.com.", 403)),
]


@pytest.mark.parametrize(("host", "status"), HOSTS)
def test_a_page_whose_name_leads_to_this_computer_gets_no_answer(server: Server, host: str, status: int) -> None:
    assert request(server, "{}", Host=host)[0] == status


def test_a_head_without_end_is_refused(server: Server) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nX-Long: ".ljust(65_537, b"a"))
        answer = connection.makefile("rb").read()
    assert (answer.splitlines()[0], answer.splitlines()[-1]) == (
        b"HTTP/1.1 400 Bad Request",
        b"The headers are too large.",
    )


def test_requests_that_come_together_are_answered_in_their_order(server: Server) -> None:
    address = urlsplit(server.url)
    validate = json.dumps({"definition": json.dumps(PASS)})  # in a thread, unlike the others
    calls = [("ListActivities", "{}"), ("ValidateStateMachineDefinition", validate), *[("ListActivities", "{}")] * 200]
    requests = [
        f"POST / HTTP/1.1\r\nHost: ci\r\nX-Amz-Target: AWSStepFunctions.{name}\r\nContent-Length: {len(body)}\r\n"
        f"Connection: {'close' if number == len(calls) else 'keep-alive'}\r\n\r\n{body}"
        for number, (name, body) in enumerate(calls, start=1)
    ]
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        for part in "".join(requests)[:-1], requests[-1][-1]:
            connection.sendall(part.encode())
        answers = re.findall(rb'\r\n\r\n\{"(\w+)"', connection.makefile("rb").read())
    assert answers == [b"activities", b"result", *[b"activities"] * 200]


def test_a_worker_that_has_gone_takes_no_task(server: Server) -> None:
    client = server.client("stepfunctions")
    arn = client.list_activities()["activities"][0]["activityArn"]
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    headers = {"X-Amz-Target": "AWSStepFunctions.GetActivityTask"}
    connection.request("POST", "/", json.dumps({"activityArn": arn}), headers)
    connection.close()
    made = client.create_state_machine(name="work", definition=json.dumps(task(arn)), roleArn=ROLE)
    client.start_execution(stateMachineArn=made["stateMachineArn"], input="[5]")
    assert client.get_activity_task(activityArn=arn)["input"] == "[5]"


def test_a_handler_may_wait_for_an_execution_with_a_handler(server: Server, project: Path) -> None:
    client = server.client("stepfunctions")
    resource = "arn:aws:lambda:us-east-1:111111111111:function:Price"
    made = client.create_state_machine(
        name="inner", definition=json.dumps(task(resource)), roleArn=ROLE, type="EXPRESS"
    )
    code = (
        "import boto3\n\n\ndef handler(event, context):\n    if event != 'outer':\n        return 'inner'\n"
        "    client = boto3.client('stepfunctions')\n"
        f"    return client.start_sync_execution(stateMachineArn='{made['stateMachineArn']}', input='1')['output']\n"
    )
    saved(project / "price/app.py", code)
    outer = client.create_state_machine(name="outer", definition=json.dumps(task(resource)), roleArn=ROLE)
    execution = client.start_execution(stateMachineArn=outer["stateMachineArn"], input='"outer"')["executionArn"]
    assert json.loads(ended(server.backend.account, client, execution)["output"]) == '"inner"'


def test_a_handler_may_ask_for_the_end_of_an_execution_whose_handler_waits_for_its_turn(
    server: Server, project: Path
) -> None:
    client = server.client("stepfunctions")
    resource = "arn:aws:lambda:us-east-1:111111111111:function:Price"
    for name in ("inner", "outer"):
        client.create_state_machine(name=name, definition=json.dumps(task(resource)), roleArn=ROLE)
    code = (
        "import os\nimport boto3\n\n\ndef handler(event, context):\n    if event != 'outer':\n"
        "        return os.environ.pop('OWN', 'none')\n"
        "    os.environ['OWN'] = 'outer'\n    client = boto3.client('stepfunctions')\n"
        f"    arn = client.start_execution(stateMachineArn='{PREFIX}:stateMachine:inner', input='1')['executionArn']\n"
        "    while (found := client.describe_execution(executionArn=arn))['status'] == 'RUNNING':\n        pass\n"
        "    return [found['output'], os.environ['AWS_LAMBDA_FUNCTION_NAME']]\n"
    )
    saved(project / "price/app.py", code)
    assert json.loads(output_of(server, "outer", '"outer"')) == ['"outer"', "Price"]


def test_a_test_case_of_a_mock_configuration_answers_the_states_that_it_names(tmp_path: Path, project: Path) -> None:
    file = tmp_path / "mocks.json"
    states = {"Price": "Six", "Record": "Done"}
    responses = {"Six": {"0": {"Return": "six"}}, "Done": {"0": {"Return": {}}}}
    file.write_text(
        json.dumps({"StateMachines": {"trading": {"TestCases": {"Six": states}}}, "MockedResponses": responses})
    )
    with Server(read_application(find_project(project)), Settings(mocks=file)) as server:
        assert output_of(server, "trading#Six") == '"six"'
        assert "no test case 'Seven'" in output_of(server, "trading#Seven")
        assert output_of(server, "trading") == '"five"'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([], "is not a mock configuration"),
        (
            {"StateMachines": {"trading": {"TestCases": {"Six": {"Price": "Sixx"}}}}, "MockedResponses": {"Six": {}}},
            "has no mocked response 'Sixx'",
        ),
    ],
)
def test_a_mock_configuration_that_cannot_be_read_is_refused_at_the_start(
    tmp_path: Path, content: Any, problem: str
) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(json.dumps(content))
    with pytest.raises(FindingsError, match=problem):
        Server(read_application(find_project(tmp_path)), Settings(mocks=file))


def test_an_execution_that_ends_with_the_server_has_no_line(tmp_path: Path) -> None:
    lines: list[str] = []
    with Server(read_application(find_project(tmp_path)), show=lines.append) as server:
        client = server.client("stepfunctions")
        arn = client.create_activity(name="review")["activityArn"]
        made = client.create_state_machine(name="m", definition=json.dumps(task(arn)), roleArn=ROLE)
        execution = client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
        assert client.get_activity_task(activityArn=arn)["input"] == "{}"
    account, world = server.backend.account, server.backend.world
    world.stop(account.executions[execution], Outcome("ABORTED"))
    assert [line for line in lines if "ABORTED" in line] == []


def test_an_account_is_kept_in_a_file_across_restarts(tmp_path: Path) -> None:
    file, project = tmp_path / "account.json", find_project(tmp_path)
    with Server(read_application(project), Settings(persist=file)) as server:
        client = server.client("stepfunctions")
        arn = client.create_activity(name="review")["activityArn"]
        made = client.create_state_machine(name="m", definition=json.dumps(task(arn)), roleArn=ROLE, publish=True)
        execution = client.start_execution(stateMachineArn=made["stateMachineVersionArn"])["executionArn"]
        token = client.get_activity_task(activityArn=arn)["taskToken"]
        client.send_task_failure(taskToken=token, error="Busy")
        ended(server.backend.account, client, execution)
        events = client.get_execution_history(executionArn=execution)["events"]
        waiting = client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["account.json"]
    with Server(read_application(project), Settings(persist=file)) as server:
        client = server.client("stepfunctions")
        assert client.describe_execution(executionArn=execution)["error"] == "Busy"
        assert client.get_execution_history(executionArn=execution)["events"] == events
        described = client.describe_execution(executionArn=waiting)
        assert (described["status"], described["redriveStatus"]) == ("ABORTED", "REDRIVABLE")
        last = client.get_execution_history(executionArn=waiting, reverseOrder=True, maxResults=1)["events"][0]
        assert (last["type"], last["executionAbortedEventDetails"]["error"]) == ("ExecutionAborted", "Server.Ended")
        client.redrive_execution(executionArn=waiting)
        client.send_task_success(taskToken=client.get_activity_task(activityArn=arn)["taskToken"], output="2")
        assert ended(server.backend.account, client, waiting)["output"] == "2"
        client.redrive_execution(executionArn=execution)
        token = client.get_activity_task(activityArn=arn)["taskToken"]
        client.send_task_success(taskToken=token, output="1")
        assert ended(server.backend.account, client, execution)["output"] == "1"
    file.write_text("[]")
    with pytest.raises(FindingsError, match="was not written by `workflow-dsl serve --persist`"):
        Server(read_application(project), Settings(persist=file))


def test_a_folder_that_takes_no_file_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        Server(read_application(find_project(tmp_path)), Settings(persist=tmp_path / "none" / "account.json"))
    assert error.value.filename == str(tmp_path / "none")


def test_a_device_is_no_account(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.symlink_to("/dev/null")
    with pytest.raises(OSError, match="is not a regular file"):
        Server(read_application(find_project(tmp_path)), Settings(persist=file))


@mock_aws
def test_boto3_in_moto_gets_the_engine_without_http() -> None:
    boto3.client("sqs", "us-east-1")  # boto3's default session is there before
    with mock_step_functions({"double": lambda event, context: event * 2}) as account:
        client = boto3.client("stepfunctions", "us-east-1")
        queue = boto3.client("sqs", "us-east-1").create_queue(QueueName="q")["QueueUrl"]
        arguments = {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}
        machine = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters=arguments)
        double = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "End": True}
        machine["States"] = {"Task": {**machine["States"]["Task"], "Next": "Double"}, "Double": double}
        del machine["States"]["Task"]["End"]
        made = client.create_state_machine(name="m", definition=json.dumps(machine), roleArn=ROLE)
        execution = client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
        message = boto3.client("sqs", "us-east-1").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]
        client.send_task_success(taskToken=message["Body"], output="21")
        assert ended(account, client, execution)["output"] == "42"
        with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
            client.describe_execution(executionArn=f"{PREFIX}:execution:m:none")


@mock_aws
@mock_step_functions()
def test_the_engine_in_moto_is_a_decorator_too() -> None:
    client = boto3.client("stepfunctions", "us-east-1")
    made = client.create_state_machine(name="m", definition=json.dumps(PASS), roleArn=ROLE)
    execution = client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]
    assert client.describe_execution(executionArn=execution)["output"] == "{}"
