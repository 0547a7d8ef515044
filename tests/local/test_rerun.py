"""rerun.py: a recorded execution with live states, and run on from one of its states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.local.replay.support import recorded
from workflow_dsl.cli import main
from workflow_dsl.project import Project

PRICE = "arn:aws:lambda:eu-west-1:123456789012:function:app-Price-X1"
CHARGE = "arn:aws:lambda:eu-west-1:123456789012:function:app-Charge-X2"
TEMPLATE = """\
Resources:
  Price: {Type: AWS::Serverless::Function, Properties: {CodeUri: code/, Handler: app.price, Runtime: python3.12}}
  Charge: {Type: AWS::Serverless::Function, Properties: {CodeUri: code/, Handler: app.charge, Runtime: python3.12}}
  Shop:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: shop.asl.json
      DefinitionSubstitutions: {Price: !GetAtt Price.Arn, Charge: !GetAtt Charge.Arn}
"""
CODE = """\
def price(event, context):
    return {"price": 99}

def charge(event, context):
    return {"charged": event["price"]}
"""
SHOP: dict[str, Any] = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Task", "Resource": "${Price}", "Assign": {"seen.$": "$.price"}, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource": "${Charge}", "End": True}}}
            ],
            "Next": "Done",
        },
        "Done": {
            "Type": "Pass",
            "Parameters": {"charged.$": "$[0].charged", "seen.$": "$seen", "symbol.$": "$$.Execution.Input.symbol"},
            "End": True,
        },
    },
}


def refuse(event: Any, context: Any) -> Any:
    raise ValueError("no funds")


@pytest.fixture
def saved(project: Project) -> Path:
    """A project, and the recording of an execution in the account whose Charge failed."""
    (project.root / "template.yaml").write_text(TEMPLATE)
    (project.root / "code").mkdir()
    (project.root / "code" / "app.py").write_text(CODE)
    (project.root / "shop.asl.json").write_text(json.dumps(SHOP))
    deployed = json.loads(json.dumps(SHOP).replace("${Price}", PRICE).replace("${Charge}", CHARGE))
    functions = {"app-Price-X1": lambda event, context: {"price": 7}, "app-Charge-X2": refuse}
    recording, _ = recorded(deployed, {"symbol": "A"}, functions=functions)
    file = project.root / "e.json"
    file.write_text(recording.to_text().replace('"workflow": "t"', '"workflow": "Shop"'))
    return file


def dsl(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def output(result: Result) -> Any:
    return json.loads(result.stdout[result.stdout.index("Output: ") + 8 :].partition("\n}")[0] + "\n}")


LIVE = [("Charge", 7), ("all", 99), ("Price,Charge", 99), ("Price, Charge", 99)]


@pytest.mark.parametrize(("live", "price"), LIVE)
def test_live_states_call_the_handlers_and_the_others_take_the_record(live: str, price: int, saved: Path) -> None:
    result = dsl("replay", str(saved), "--live", live)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "SUCCEEDED now, FAILED in the recording")
    assert output(result) == {"charged": price, "seen": price, "symbol": "A"}


def test_a_live_replay_that_fails_again_exits_with_1(saved: Path) -> None:
    result = dsl("replay", str(saved), "--live", "Price")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (1, "FAILED now, FAILED in the recording")


@pytest.mark.parametrize("live", ["Charg", "Done", ""])
def test_a_live_state_must_make_calls(live: str, saved: Path) -> None:
    result = dsl("replay", str(saved), "--live", live)
    assert (result.exit_code, f'"{live}" calls nothing, or is not a state of the workflow' in result.stderr) == (
        1,
        True,
    )


@pytest.mark.parametrize(("at", "price"), [((), 7), (("--at", "Both"), 7), (("--at", "Price"), 99)])
def test_a_run_goes_on_with_the_recorded_input_and_variables(at: tuple[str, ...], price: int, saved: Path) -> None:
    result = dsl("run", "Shop", "--from", str(saved), *at)
    assert (result.exit_code, output(result)) == (0, {"charged": price, "seen": price, "symbol": "A"})


@pytest.mark.parametrize("at", ["Charge", "Done", "Prise"])
def test_a_run_begins_at_a_recorded_state_of_the_top_level(at: str, saved: Path) -> None:
    result = dsl("run", "Shop", "--from", str(saved), "--at", at)
    message = f'"{at}" is not a state that the execution entered at the top level'
    assert (result.exit_code, message in result.stderr) == (1, True)


def test_a_successful_execution_needs_a_state_to_begin_at(saved: Path) -> None:
    content = json.loads(saved.read_text())
    saved.write_text(json.dumps({**content, "status": "SUCCEEDED"}))
    result = dsl("run", "Shop", "--from", str(saved))
    assert (result.exit_code, "name the state to begin at with --at" in result.stderr) == (1, True)


def test_a_state_needs_a_recording(saved: Path) -> None:
    result = dsl("run", "Shop", "--at", "Both")
    assert (result.exit_code, "--at needs a recording: give --from FILE" in result.stderr) == (2, True)


VALUES = [7, "{% 1 %}", {"a.$": "$.b"}, [None, True], "$.x"]


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
@pytest.mark.parametrize("value", VALUES)
def test_variables_of_any_value_are_restored(language: str, value: Any, project: Project) -> None:
    read = {"Output": {"v": "{% $kept %}"}} if language == "JSONata" else {"Parameters": {"v.$": "$kept"}}
    keep = {"kept": "{% $states.input.v %}"} if language == "JSONata" else {"kept.$": "$.v"}
    definition = {
        "QueryLanguage": language,
        "StartAt": "Keep",
        "States": {
            "Keep": {"Type": "Pass", "Assign": keep, "Next": "Read"},
            "Read": {"Type": "Pass", **read, "End": True},
        },
    }
    (project.root / "kept.asl.json").write_text(json.dumps(definition))
    (project.root / "e.json").write_text(recorded(definition, {"v": value})[0].to_text())
    result = dsl("run", "kept.asl.json", "--from", "e.json", "--at", "Read")
    assert (result.exit_code, output(result)) == (0, {"v": value})
