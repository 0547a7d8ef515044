"""Values that an author or a template may get wrong in a local run: each is a finding or the handler's error."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import run

PASS = {"Type": "Pass", "End": True}
INNER = {"StartAt": "B", "States": {"B": PASS}}
FUNCTION = {"CodeUri": "f", "Handler": "app.handler", "Runtime": "python3.12"}
CALL = {"Type": "Task", "Resource": "${F}", "End": True}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that writes a project: the properties of its function, other resources, and the handler's text."""
    monkeypatch.chdir(tmp_path)

    def write(handler: str = "", function: Any = None, **resources: Any) -> None:
        properties = {"DefinitionUri": "d.asl.json", "DefinitionSubstitutions": {"F": {"Fn::GetAtt": ["F", "Arn"]}}}
        all_resources = {
            "M": {"Type": "AWS::Serverless::StateMachine", "Properties": properties},
            "F": {"Type": "AWS::Serverless::Function", "Properties": FUNCTION | (function or {})},
            **resources,
        }
        (tmp_path / "f").mkdir()
        (tmp_path / "f" / "app.py").write_text(handler or "def handler(event, context):\n    return event\n")
        (tmp_path / "d.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": CALL}}))
        (tmp_path / "template.json").write_text(json.dumps({"Resources": all_resources}))
        (tmp_path / "pyproject.toml").write_text("[tool.workflow-dsl]\ntemplate = 'template.json'\n")

    return write


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


UNFILLED: list[tuple[dict[str, Any], str]] = [
    ({"Type": "Wait", "Seconds": "${T}", "End": True}, "Seconds"),
    ({"Type": "Wait", "Timestamp": "${T}", "End": True}, "Timestamp"),
    (CALL | {"TimeoutSeconds": "${T}"}, "TimeoutSeconds"),
    (CALL | {"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": "${T}"}]}, "Retry[0].MaxAttempts"),
    (CALL | {"Retry": [{"ErrorEquals": ["States.ALL"], "BackoffRate": "${T}"}]}, "Retry[0].BackoffRate"),
    ({"Type": "Map", "MaxConcurrency": "${T}", "ItemProcessor": INNER, "End": True}, "MaxConcurrency"),
]


@pytest.mark.parametrize(("state", "field"), UNFILLED)
def test_a_number_that_is_a_placeholder_without_a_value_is_refused(state: dict[str, Any], field: str) -> None:
    with pytest.raises(FindingsError) as refused:
        run({"StartAt": "A", "States": {"A": state}}, functions={"F": lambda event, _: event})
    assert [str(finding) for finding in refused.value.findings] == [
        f'"A" {field}: the placeholder ${{T}} has no value; set it in DefinitionSubstitutions, or pass substitutions'
    ]


HIDDEN: list[tuple[dict[str, Any], str]] = [
    ({"A": "${T}"}, '"A": the placeholder ${T} has no value'),
    ({"A": {"Type": "Pass", "Next": "${T}"}, "B": {"Type": "Succeed"}}, '"A" Next: the placeholder ${T} has no value'),
    ({"A": {"Type": "${T}", "End": True}}, '"A" Type: the placeholder ${T} has no value'),
    ({"A": CALL | {"ResultPath": "${T}"}}, '"A" ResultPath: the placeholder ${T} has no value'),
    ({"A": CALL | {"Retry": ["${T}"]}}, '"A" Retry[0]: the placeholder ${T} has no value'),
    ({"A": CALL | {"ResultSelector": {"a.$": "$.${T}"}}}, '"A" ResultSelector.a.$: the placeholder ${T} has no value'),
    ({"A": CALL | {"Parameters": {"a.$": "${T}"}}}, '"A" Parameters.a.$: the placeholder ${T} has no value'),
    (
        {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "${T}": 5, "Next": "B"}]}, "B": {"Type": "Succeed"}},
        "\"A\" Choices[0].${T}: Field '${T}' is not supported",
    ),
]


@pytest.mark.parametrize(("states", "message"), HIDDEN)
def test_a_field_that_a_placeholder_hides_is_refused(states: dict[str, Any], message: str) -> None:
    with pytest.raises(FindingsError) as refused:
        run({"StartAt": "A", "States": states}, functions={"F": lambda event, _: event})
    remedy = "set it in DefinitionSubstitutions, or pass substitutions"
    assert [str(finding) for finding in refused.value.findings] == [f"{message}; {remedy}"]


def test_a_placeholder_in_an_argument_or_a_jsonata_string_stays_as_it_is() -> None:
    arguments = {"name": "${T}", "list": ["${T}"]}
    states = {
        "A": CALL | {"Parameters": arguments, "Next": "B"},
        "B": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% {'name': '${T}'} %}", "End": True},
    }
    del states["A"]["End"]
    ended = run({"StartAt": "A", "States": states}, functions={"F": lambda event, _: event})
    assert (ended.calls[0].arguments, ended.output) == (arguments, {"name": "${T}"})


REFUSED_RESOURCES: list[tuple[dict[str, Any], str, str]] = [
    ({"Type": "AWS::DynamoDB::Table", "Properties": {}}, "dynamodb", "lacks 'KeySchema'"),
    ({"Type": "AWS::Serverless::SimpleTable", "Properties": {"PrimaryKey": "id"}}, "dynamodb", ""),
    (
        {"Type": "AWS::Serverless::SimpleTable", "Properties": {"PrimaryKey": {"Name": 5}}},
        "dynamodb",
        "Parameter validation",
    ),
    ({"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True, "QueueName": "R"}}, "sns", "An error occurred"),
]
LISTING = {"dynamodb": "list_tables", "sns": "list_topics"}


@pytest.mark.parametrize("catches", [True, False])
@pytest.mark.parametrize(("resource", "service", "reason"), REFUSED_RESOURCES)
def test_a_resource_that_moto_refuses_is_a_finding_of_a_run_that_may_need_it(
    write: Any, resource: dict[str, Any], service: str, reason: str, catches: bool
) -> None:
    call = f"boto3.client('{service}').{LISTING[service]}()"
    lines = ["    try:", f"        {call}", "    except Exception:", "        pass"] if catches else [f"    {call}"]
    write("\n".join(["import boto3", "", "def handler(event, context):", *lines, "    return event", ""]), R=resource)
    code, _, errors = invoke("run", "M")
    assert (code, f"the resource R cannot be created in moto: {reason}" in errors) == (1, True), errors


@pytest.mark.parametrize(
    ("resource", "expression"),
    [(REFUSED_RESOURCES[0][0], "event"), (REFUSED_RESOURCES[3][0], "boto3.client('dynamodb').list_tables()")],
)
def test_a_resource_that_moto_refuses_does_not_matter_to_a_run_that_cannot_need_it(
    write: Any, resource: dict[str, Any], expression: str
) -> None:
    write(f"import boto3\n\ndef handler(event, context):\n    {expression}\n    return event\n", R=resource)
    code, _, errors = invoke("run", "M")
    assert code == 0, errors


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "AWS::Serverless::SimpleTable", "Properties": {"PrimaryKey": {"Name": "key"}}},
        {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
        {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": "false"}},
        {"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": "true"}},
    ],
)
def test_what_cloudformation_adds_to_a_resource_is_added(write: Any, resource: dict[str, Any]) -> None:
    write(R=resource)
    assert invoke("run", "M")[0] == 0


@pytest.mark.parametrize("field", ["MemorySize", "Timeout"])
@pytest.mark.parametrize("value", ["inf", "nan", "1e400", [], {}, "x", None])
def test_a_limit_that_is_no_number_is_the_default(write: Any, field: str, value: Any) -> None:
    write(function={field: value})
    assert invoke("run", "M")[0] == 0


FAILING = {
    "class E(Exception):\n    def __str__(self): raise ValueError\ndef handler(*_): raise E\n": "<unprintable E object>",
    "class E(Exception):\n    def __str__(self): return 5\ndef handler(*_): raise E\n": "<unprintable E object>",
    "class E(BaseException): ...\ndef handler(*_): raise E\n": "Runtime.ExitError",
    "def handler(*_): raise GeneratorExit\n": "Runtime.ExitError",
}


@pytest.mark.parametrize("handler", FAILING)
def test_whatever_a_handler_raises_is_its_error(write: Any, handler: str) -> None:
    write(handler)
    code, output, _ = invoke("run", "M", "--history", "json")
    assert (code, FAILING[handler] in json.dumps(json.loads(output)[-1])) == (1, True)


def test_what_a_handler_prints_is_no_part_of_the_output(write: Any) -> None:
    write("print('at import')\ndef handler(*_):\n    print('in the call')\n    return 1\n")
    for arguments in (["run", "M", "--history", "json"], ["test-state", "M", "A", "--format", "json"]):
        code, output, errors = invoke(*arguments)
        assert (code, bool(json.loads(output))) == (0, True)
        assert errors == "at import\nin the call\n"


def test_a_handler_cannot_change_the_environment_or_the_path_of_others(write: Any) -> None:
    write("import os, sys\ndef handler(*_):\n    os.environ.clear()\n    sys.path.clear()\n    os.environ['X'] = 'x'\n")
    before = dict(os.environ), list(sys.path)
    assert invoke("run", "M")[0] == 0
    assert (dict(os.environ), list(sys.path)) == before


WRONG_CALLS = [
    ["--input", "@/dev/zero"],
    ["--input", "@none.json"],
    ["--input", "@f"],
    ["--input", "@a\0b"],
    ["--input", "[" * 100_000],
    ["--put", "none=s3://B/k"],
    ["--put", "a\0b=s3://B/k"],
    ["--mock", "none#case"],
    ["--mock", "/dev/zero#case"],
    ["--mock", "f#case"],
    ["--item", "T=@none"],
    ["--item", f"T={'9' * 5_000}"],
    ["--return", "A=@none"],
    ["--return", "A=@f"],
    ["--fail", "A=E*99999999999"],
]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/zero")
@pytest.mark.parametrize("options", WRONG_CALLS, ids=lambda options: " ".join(options)[:30])
def test_an_option_with_a_file_or_a_value_that_cannot_be_read_is_a_wrong_call(write: Any, options: list[str]) -> None:
    write()
    assert invoke("run", "M", *options)[0] == 2


RESPONSES: list[tuple[Any, str]] = [
    ({"0-30000000": {"Return": 1}}, "R has the call number"),
    ({"9" * 5_000: {"Return": 1}}, "R has the call number"),
    ({"²": {"Return": 1}}, "R has the call number"),
    ({"0": {"Throw": {"Error": "E", "Cause": {}}}}, "R has an Error or a Cause that is not a string"),
    ([], "R has no responses"),
]


@pytest.mark.parametrize(("responses", "message"), RESPONSES, ids=lambda value: str(value)[:20])
def test_a_mock_configuration_with_odd_values_is_a_finding(write: Any, responses: Any, message: str) -> None:
    write()
    cases = {"StateMachines": {"M": {"TestCases": {"c": {"A": "R"}}}}, "MockedResponses": {"R": responses}}
    Path("mocks.json").write_text(json.dumps(cases))
    code, _, errors = invoke("run", "M", "--mock", "mocks.json#c")
    assert (code, message in errors) == (1, True), errors


def test_a_mock_configuration_names_responses_with_strings(write: Any) -> None:
    write()
    cases = {"StateMachines": {"M": {"TestCases": {"c": {"A": ["R"]}}}}, "MockedResponses": {"R": {}}}
    Path("mocks.json").write_text(json.dumps(cases))
    assert invoke("run", "M", "--mock", "mocks.json#c")[0] == 1
