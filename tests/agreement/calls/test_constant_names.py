"""calls/constant_names.py: names that a service takes once, and that are the same in every execution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

START, TRAIN = "states:startExecution", "sagemaker:createTrainingJob.sync"
WRONG = [
    (START, "Name", "nightly", "STANDARD", ["N: Name is nightly each time, but Step Functions accepts a name only once"]),
    (TRAIN, "TrainingJobName", "churn", "STANDARD", ["N: TrainingJobName is churn each time, but SageMaker accepts a name only once"]),
    (START, "Name", "nightly", "EXPRESS", []),
    (START, "Name", "${Stage}-nightly", "STANDARD", []),
    (START, "Name.$", "$$.Execution.Name", "STANDARD", []),
    (START, "Input", "nightly", "STANDARD", []),
]  # fmt: skip


@pytest.mark.parametrize(("action", "parameter", "name", "type_", "expected"), WRONG)
def test_a_name_that_is_taken_after_the_first_execution_is_reported(
    tmp_path: Path, action: str, parameter: str, name: str, type_: str, expected: list[str]
) -> None:
    parameters = {"StateMachineArn": "${C}", parameter: name}
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": parameters, "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    child = "Policies: [P], Definition: {StartAt: A, States: {A: {Type: Succeed}}}"
    more = (
        f"C: {{Type: AWS::Serverless::StateMachine, Properties: {{Type: {type_}, {child}}}}}\n"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{C: !Ref C, Stage: !Ref Stage}}\n    Definition: {definition}\n"
    )
    found = reports(application_of(tmp_path, more=more), "SAME_NAME")
    assert [message for _, message, _ in found] == expected
