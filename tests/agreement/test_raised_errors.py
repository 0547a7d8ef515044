"""raised_errors.py: names of errors in Retry and Catch that are almost those that the function's code raises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

PYTHON = "class OutOfStock(Exception): ...\ndef handler(event, context):\n    raise OutOfStock\n"
IN_NODE = "class OutOfStock extends Error {}\nexports.handler = async () => { throw new OutOfStock() }\n"
BY_NAME = "exports.handler = async () => { const e = new Error(); e.name = 'OutOfStock'; throw e }\n"


def named(tmp_path: Path, names: list[str], code: str, file: str = "app.py", runtime: str = "python3.12") -> list[str]:
    """The remedies where a state of the function catches errors of these names."""
    (tmp_path / "stock").mkdir()
    (tmp_path / "stock" / file).write_text(code)
    task = {
        "Type": "Task",
        "Resource": "${Stock}",
        "Retry": [{"ErrorEquals": names}, {"ErrorEquals": ["Lambda.TooManyRequestsException"]}],
        "End": True,
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    more = (
        f"Stock: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: stock, Handler: app.handler, Runtime: {runtime}}}}}\n"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n"
        "    Policies: [LambdaInvokePolicy: {FunctionName: !Ref Stock}]\n"
        "    DefinitionSubstitutions: {Stock: !GetAtt Stock.Arn}\n"
        f"    Definition: {definition}\n"
    )
    return [remedy for _, _, remedy in reports(application_of(tmp_path, more=more), "NEVER_RAISED")]


MISSPELT = [(PYTHON, "app.py", "python3.12"), (IN_NODE, "app.js", "nodejs20.x"), (BY_NAME, "app.js", "nodejs20.x")]


@pytest.mark.parametrize(("code", "file", "runtime"), MISSPELT)
def test_a_name_that_is_almost_an_error_of_the_code_is_reported(
    tmp_path: Path, code: str, file: str, runtime: str
) -> None:
    assert named(tmp_path, ["OutofStocks"], code, file, runtime) == ["write OutOfStock"]


def test_a_class_whose_errors_have_another_name_is_reported(tmp_path: Path) -> None:
    assert named(tmp_path, ["OutOfStock"], RENAMED, "app.js", "nodejs20.x") == ["write StockError"]


RENAMED = "class OutOfStock extends Error {\n  constructor(m) {\n    super(m);\n    this.name = 'StockError';\n  }\n}\nexports.handler = async () => { throw new OutOfStock() }\n"
OWN = "class NoStock(Exception): ...\nclass Closed(ValueError): ...\ndef handler(event, context):\n    raise NoStock\n"
OTHER = [
    (["SoldOutForever"], f"import os, boto3\n{OWN}", ["write Closed or NoStock"]),
    (["SoldOutForever", "NoStock"], OWN, []),
    (["SoldOutForever"], f"import requests\n{OWN}", []),
    (["ValueError"], OWN, []),
    (["ClientError"], OWN, []),
    (["ResourceNotFoundException"], OWN, []),
]


@pytest.mark.parametrize(("names", "code", "expected"), OTHER)
def test_an_error_that_code_with_errors_of_its_own_cannot_raise_is_reported(
    tmp_path: Path, names: list[str], code: str, expected: list[str]
) -> None:
    assert named(tmp_path, names, code) == expected


def in_parallel(tmp_path: Path, *others: object) -> list[str]:
    """The remedies where a Parallel of the function and other states catches SoldOutForever."""
    (tmp_path / "stock").mkdir()
    (tmp_path / "stock" / "app.py").write_text(OWN)
    tasks = [{"Type": "Task", "Resource": "${Stock}", "End": True}, *others]
    state = {
        "Type": "Parallel",
        "Branches": [{"StartAt": "B", "States": {"B": each}} for each in tasks],
        "Catch": [{"ErrorEquals": ["SoldOutForever"], "Next": "Z"}],
        "End": True,
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": state, "Z": {"Type": "Succeed"}}})
    more = (
        "Stock: {Type: AWS::Serverless::Function, Properties: {CodeUri: stock, Handler: app.handler, Runtime: python3.13}}\n"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n"
        "    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{Stock: !GetAtt Stock.Arn}}\n    Definition: {definition}\n"
    )
    return [remedy for _, _, remedy in reports(application_of(tmp_path, more=more), "NEVER_RAISED")]


def test_an_error_that_no_function_in_a_parallel_raises_is_reported(tmp_path: Path) -> None:
    assert in_parallel(tmp_path) == ["write Closed or NoStock"]


FAIL = {"Type": "Fail", "Error": "SoldOutForever"}
ACTIVITY = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:111111111111:activity:a", "End": True}


@pytest.mark.parametrize("other", [FAIL, ACTIVITY])
def test_one_that_another_state_may_raise_is_not_reported(tmp_path: Path, other: object) -> None:
    assert in_parallel(tmp_path, other) == []


SILENT = [
    (["OutOfStock"], PYTHON),
    (["NotFound"], f"import requests\n{PYTHON}"),
    (["StockError", "OutOfStock"], RENAMED),
    (
        ["OutOfStock"],
        "class OutOfStock extends Error {}\nclass Other extends Error { get x() { this.name = 'Y' } }",
    ),
    (["OutOfStock"], RENAMED.replace("StockError", "OutOfStock")),
    (["OutOfStocks", "OutOfStock"], PYTHON),
    (["OutOfStocks"], f"{PYTHON}\n# OutOfStocks\n"),
    (["OutOfStocks"], "def handler(event, context): ...\n"),
    (["Lambda.Unknown", "States.Timeout"], PYTHON),
    (["${Name}"], PYTHON),
    (["KeyError"], "class MyKeyError(Exception): ...\ndef handler(event, context):\n    return event['id']\n"),
    (["ClientError"], "class MyClientError(Exception): ...\n"),
    (["MyOutOfStock"], f"import requests\n{PYTHON}"),
]


@pytest.mark.parametrize(("names", "code"), SILENT)
def test_a_name_that_the_code_may_raise_is_not_reported(tmp_path: Path, names: list[str], code: str) -> None:
    assert named(tmp_path, names, code) == []
