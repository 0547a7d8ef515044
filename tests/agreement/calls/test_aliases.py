"""calls/aliases.py: calls of an alias that the function or the state machine does not have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

LIVE = "F: {Type: AWS::Serverless::Function, Properties: {CodeUri: checker, Handler: app.handler, Runtime: python3.13, AutoPublishAlias: live}}\n"
PLAIN = LIVE.replace(", AutoPublishAlias: live", "")
BY_STAGE = LIVE.replace("live", "!Ref Stage")
ALIAS = "A: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref F, FunctionVersion: '1', Name: prod}}\n"
OPEN_ALIAS = ALIAS.replace("prod", "!Ref Stage")


def found(tmp_path: Path, function: str, value: str, parameter: str = "FunctionName") -> list[tuple[str, str]]:
    """The messages and remedies where a state calls the value of a substitution."""
    action = "lambda:invoke" if parameter == "FunctionName" else "states:startExecution"
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{action}",
        "Parameters": {parameter: "${Called}"},
        "End": True,
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    more = (
        f"{function}N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{Called: {value}}}\n    Definition: {definition}\n"
    )
    application = application_of(tmp_path, more=more)
    return [(message, remedy) for _, message, remedy in reports(application, "UNKNOWN_REFERENCE")]


@pytest.mark.parametrize(("more", "remedy"), [("", "write live"), (ALIAS.replace("prod", "proud"), "write proud")])
def test_an_alias_that_a_function_lacks_is_reported(tmp_path: Path, more: str, remedy: str) -> None:
    assert found(tmp_path, LIVE + more, "!Sub '${F.Arn}:prod'") == [("N: F has no alias prod", remedy)]


RIGHT = [
    (LIVE, "!Sub '${F.Arn}:live'"),
    (LIVE, "!Sub '${F.Arn}:$LATEST'"),
    (LIVE, "!Sub '${F.Arn}:3'"),
    (LIVE, "!GetAtt F.Arn"),
    (LIVE, "!Ref F.Alias"),
    (PLAIN, "!Sub '${F.Arn}:prod'"),
    (BY_STAGE, "!Sub '${F.Arn}:prod'"),
    (PLAIN + ALIAS, "!Sub '${F.Arn}:prod'"),
    (PLAIN + OPEN_ALIAS, "!Sub '${F.Arn}:dev'"),
    (LIVE + OPEN_ALIAS, "!Sub '${F.Arn}:dev'"),
    (LIVE, "!Sub '${F.Arn}:${Stage}'"),
    (LIVE, "!Sub ['${F.Arn}:${Name}', {Name: !Ref Stage}]"),
]


@pytest.mark.parametrize(("function", "value"), RIGHT)
def test_one_that_it_has_or_may_have_elsewhere_is_not_reported(tmp_path: Path, function: str, value: str) -> None:
    assert found(tmp_path, function, value) == []


MACHINE = """C: {Type: AWS::Serverless::StateMachine, Properties: {Policies: [P], Definition: {StartAt: A, States: {A: {Type: Succeed}}}}}
CV: {Type: AWS::StepFunctions::StateMachineVersion, Properties: {StateMachineArn: !Ref C}}
CA: {Type: AWS::StepFunctions::StateMachineAlias, Properties: {Name: live, RoutingConfiguration: [{StateMachineVersionArn: !Ref CV, Weight: 100}]}}
"""


@pytest.mark.parametrize(("alias", "expected"), [("live", []), ("lives", [("N: C has no alias lives", "write live")])])
def test_an_alias_that_a_state_machine_lacks_is_reported(
    tmp_path: Path, alias: str, expected: list[tuple[str, str]]
) -> None:
    assert found(tmp_path, MACHINE, f"!Sub '${{C}}:{alias}'", "StateMachineArn") == expected
