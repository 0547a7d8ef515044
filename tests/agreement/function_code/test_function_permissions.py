"""function_code/function_permissions.py: functions that answer tasks or start executions without the permission."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

LACKS = "F: f/app.{} calls {}, and its role has no permission states:{}"


def found(tmp_path: Path, code: str, suffix: str, policies: str = "[]") -> list[str]:
    """The messages for a function with this code and these policies."""
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / f"app.{suffix}").write_text(code)
    runtime = "python3.13" if suffix == "py" else "nodejs22.x"
    properties = f"CodeUri: f, Handler: app.handler, Runtime: {runtime}, Policies: {policies}"
    more = f"F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}\n"
    return [message for _, message, _ in reports(application_of(tmp_path, more=more), "MISSING_PERMISSION")]


IN_NODE = "import * as sfn from '@aws-sdk/client-sfn';\nexport const handler = async (event) => {\n  {}\n};\n"
IN_PYTHON = (
    "import boto3\nsfn = boto3.client('stepfunctions')\ndef handler(event, context):\n    {}\n    assume = event\n"
)
CALLS = [
    (IN_PYTHON.format("sfn.send_task_success(taskToken='t', output='1')"), "py", 4, "SendTaskSuccess"),
    (IN_NODE.replace("{}", "await c.send(new sfn.SendTaskFailureCommand({ taskToken }));"), "mjs", 3, "SendTaskFailure"),
    (IN_NODE.replace("{}", "await c.send(new StartExecutionCommand(input));"), "mjs", 3, "StartExecution"),
    (IN_NODE.replace("{}", "/* first */ await c.send(new StartExecutionCommand(input));"), "mjs", 3, "StartExecution"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "suffix", "line", "action"), CALLS)
def test_a_call_without_a_permission_is_reported(
    tmp_path: Path, code: str, suffix: str, line: int, action: str
) -> None:
    assert found(tmp_path, code, suffix) == [LACKS.format(f"{suffix}:{line}", action, action)]


OTHERS = [
    (IN_NODE.replace("{}", "/* new sfn.SendTaskFailureCommand({ taskToken }) */"), "mjs"),
    (IN_NODE.replace("{}", "log('new StartExecutionCommand({})');"), "mjs"),
    (IN_NODE.replace("{}", "await c.send(new DescribeExecutionCommand({ executionArn }));"), "mjs"),
    (IN_NODE.replace("{}", "const role = assumeRole(event); await c.send(new StartExecutionCommand(role));"), "mjs"),
    (IN_PYTHON.format("sfn.describe_execution(executionArn='e')"), "py"),
]


@pytest.mark.parametrize(("code", "suffix"), OTHERS)
def test_code_that_makes_no_such_call_is_not_reported(tmp_path: Path, code: str, suffix: str) -> None:
    assert found(tmp_path, code, suffix) == []


def test_a_call_with_a_permission_is_not_reported(tmp_path: Path) -> None:
    policies = "[{Version: '2012-10-17', Statement: [{Effect: Allow, Action: states:SendTaskSuccess, Resource: '*'}]}]"
    assert found(tmp_path, CALLS[0][0], "py", policies) == []
