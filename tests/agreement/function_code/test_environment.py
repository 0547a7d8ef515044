"""function_code/environment.py: the environment variables that code reads, and the template does not set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

OTHER = "F: stock/app.{}:{} reads the variable {}, which its Environment does not have"


def found(tmp_path: Path, code: str, environment: str, runtime: str = "python3.13") -> list[tuple[str, str]]:
    """The messages and remedies for a function with this code and environment."""
    suffix = "py" if runtime.startswith("python") else "js"
    (tmp_path / "stock").mkdir()
    (tmp_path / "stock" / f"app.{suffix}").write_text(code)
    properties = (
        f"CodeUri: stock, Handler: app.handler, Runtime: {runtime}{environment and f', Environment: {environment}'}"
    )
    more = f"F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}\n"
    return [(message, remedy) for _, message, remedy in reports(application_of(tmp_path, more=more), "NO_VARIABLE")]


ONE = "{Variables: {TABLE_NAME: !Ref Table}}"
HANDLER = "def handler(event, context):\n"
MISSING = [
    (f'import os\nT = os.environ["TABEL_NAME"]\n{HANDLER}    return T\n', ONE, 2, "TABEL_NAME", 'did you mean "TABLE_NAME"?'),
    (f'import os\nT = os.environ["T"]\n{HANDLER}    return T\n', "", 2, "T", "add T to the Variables of its Environment"),
    (f'from os import environ\n{HANDLER}    return use(environ["QUEUE"])\n', ONE, 3, "QUEUE", "add QUEUE to the Variables of its Environment"),
    (f'import os\n{HANDLER}    return send(1)\ndef send(x):\n    with a:\n        return os.environ["Q"]\n', ONE, 6, "Q", "add Q to the Variables of its Environment"),
    (f'import os\n{HANDLER}    try:\n        return os.environ["Q"]\n    except Exception as e:\n        print(e)\n        raise\n', ONE, 4, "Q", "add Q to the Variables of its Environment"),
    (f'import os\n{HANDLER}    if event:\n        sqs.send_message(QueueUrl=os.environ["Q"])\n', ONE, 4, "Q", "add Q to the Variables of its Environment"),
    (f'import os\nT = os.getenv("TABLENAME")\n{HANDLER}    return T\n', ONE, 2, "TABLENAME", 'did you mean "TABLE_NAME"?'),
]  # fmt: skip


@pytest.mark.parametrize(("code", "environment", "line", "name", "remedy"), MISSING)
def test_a_variable_that_python_needs_and_nothing_sets_is_reported(
    tmp_path: Path, code: str, environment: str, line: int, name: str, remedy: str
) -> None:
    assert found(tmp_path, code, environment) == [(OTHER.format("py", line, name), remedy)]


IN_NODE = [
    ("const client = 1\nexports.handler = () => send({ TableName: process.env.TABLE })\n", 2, "TABLE"),
    ("const NAME = process.env.TABLE;\nexports.handler = () => send({\n  TableName: NAME,\n})\n", 1, "TABLE"),
    ("const { TABLE } = process.env;\nexports.handler = () => send({ TableName: TABLE })\n", 1, "TABLE"),
    ("const QUEUE_URL = process.env['QUEUE_URL']\nexports.handler = () => send({ QueueUrl: QUEUE_URL, Body: 1 })\n", 1, "QUEUE_URL"),
    ("const { TABLE_NAMES } = process.env;\nexports.handler = () => TABLE_NAMES\n", 1, "TABLE_NAMES"),
    ("const { TABLE: table, LEVEL = 'x' } = process.env;\nexports.handler = () => send({ TableName: table })\n", 1, "TABLE"),
    ("const QueueUrl = process.env.Q as string;\nexports.handler = () => send({ QueueUrl, Body: `${1}` })\n", 1, "Q"),
    ("exports.handler = () =>\n  send({ 'QueueUrl': (process.env['Q']!), Body: \"don't\" })\n", 2, "Q"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "line", "name"), IN_NODE)
def test_a_variable_that_node_passes_on_and_nothing_sets_is_reported(
    tmp_path: Path, code: str, line: int, name: str
) -> None:
    assert [message for message, _ in found(tmp_path, code, ONE, "nodejs22.x")] == [OTHER.format("js", line, name)]


SILENT = [
    ('T = os.environ["TABLE_NAME"]', ONE),
    ('T = os.environ["AWS_REGION"]', ONE),
    ('T = os.environ.get("OTHER")', ONE),
    ('T = os.environ.get("TABLENAME", "t")', ONE),
    ('T = os.environ["DEBUG_TABLE"] if os.environ.get("DEBUG") else 1', ONE),
    ('if "Q" in os.environ:\n    T = os.environ["Q"]', ONE),
    ('os.environ["Q"] = "x"\nT = os.environ["Q"]', ONE),
    ('os.environ.setdefault("Q", "x")\nT = os.environ["Q"]', ONE),
    ('try:\n    T = os.environ["Q"]\nexcept KeyError:\n    pass', ONE),
    ('try:\n    T = os.environ["Q"]\nexcept Exception:\n    T = 1', ONE),
    ('def other():\n    return os.environ["Q"]', ONE),
    ('from dotenv import load_dotenv\nload_dotenv()\nT = os.environ["Q"]', ONE),
    ('T = os.environ["Q"]', "!Ref Environment"),
    ('T = os.environ["Q"]', "{Variables: !Ref Variables}"),
    ('T = os.environ["Q"]', "{Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/start}}"),
]


@pytest.mark.parametrize(("code", "environment"), SILENT)
def test_a_variable_that_may_be_set_or_is_not_needed_is_not_reported(
    tmp_path: Path, code: str, environment: str
) -> None:
    assert found(tmp_path, f"import os\n{code}\n{HANDLER}    return 1\n", environment) == []


SILENT_IN_NODE = [
    "send({ TableName: process.env.TABLE_NAME })",
    "send({ TableName: process.env.TABLE || 'table' })",
    "send({ TableName: process.env.TABLE ?? 'table' })",
    "// send({ TableName: process.env.TABLE })",
    "if (process.env.TABLE) send({ TableName: process.env.TABLE })",
    "log(process.env.LEVEL)",
    "const { LEVEL = 'x' } = process.env",
    "/* send({ TableName: process.env.TABLE }) */",
    "text(`send({ TableName: process.env.TABLE })`)",
    "process.env.TABLE ??= 'table'; send({ TableName: process.env.TABLE })",
    "const T = process.env.TABLE; if (T) send({ TableName: T })",
    "const T = process.env.TABLE; send({ TableName: T ?? 'table' })",
    "send({ TableName: process.env.TABLE?.trim() })",
    "send({ TableName: process.env[name] })",
    "send({ TableName: config({ ...process.env }).TABLE })",
    "send({ TableName: process.env.TABLE",
]


@pytest.mark.parametrize("code", SILENT_IN_NODE)
def test_a_variable_that_node_can_do_without_is_not_reported(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, f"exports.handler = () => 1\n{code}\n", ONE, "nodejs22.x") == []
