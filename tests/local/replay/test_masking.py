"""masking.py: a recording without its confidential values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.replay.support import END, recorded, scope
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.replay.masking import Field, masked
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.records import replace

CHARGE = scope(
    Charge={
        "Type": "Task",
        "Resource": "arn:aws:lambda:us-east-1:111111111111:function:charge",
        "Parameters": {"body.$": "States.JsonToString($)", "card.$": "$.card"},
        "Next": "Keep",
    },
    Keep={"Type": "Pass", "Parameters": {"seen.$": "$.number"}, **END},
)
INPUT = {
    "card": {"number": "4111-1111", "name": "Ann O'Hara"},
    "amount": 7,
    "items": [{"card": {"number": "5500-0000"}}],
}


def charged(result: Any = None) -> Recording:
    return recorded(CHARGE, INPUT, functions={"charge": lambda event, context: result or event["card"]})[0]


@pytest.mark.parametrize("path", ["$.card.number", "number", "$.number", "card.number"])
def test_a_field_is_masked_wherever_it_is(path: str) -> None:
    text = masked(charged(), [Field.parse(path)]).to_text()
    assert ("4111-1111" in text, "5500-0000" in text, "Ann O'Hara" in text, "***" in text) == (False, False, True, True)


def test_a_whole_object_is_masked() -> None:
    recording = masked(charged(), [Field.parse("$.card")])
    assert json.loads(recording.input or "") == {"card": "***", "amount": 7, "items": [{"card": "***"}]}
    assert "Ann O'Hara" not in recording.to_text()


def test_a_masked_recording_is_replayed() -> None:
    recording = masked(charged(), [Field.parse("number")])
    assert replay(recording, Machine(CHARGE)).difference is None


def test_nothing_else_changes() -> None:
    assert masked(charged(), [Field.parse("absent")]) == charged()


def test_a_masked_text_is_removed_from_a_cause() -> None:
    def refuse(event: Any, context: Any) -> Any:
        raise ValueError(f"card {event['card']['number']} is blocked")

    recording = recorded(CHARGE, INPUT, functions={"charge": refuse})[0]
    assert "card *** is blocked" in (masked(recording, [Field.parse("number")]).cause or "")


@pytest.mark.parametrize("path", ["", "$", "$..card", "$.cards[0]", "$.*", "a..b"])
def test_another_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="write a field's name, or a path such as"):
        Field.parse(path)


def test_a_masked_number_is_removed_from_texts_and_json_stays_json() -> None:
    def refuse(event: Any, context: Any) -> Any:
        raise ValueError(f"account {event['account']} of 123456789012 is blocked")

    definition = scope(
        Charge={"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:charge", **END}
    )
    recording = recorded(
        definition, {"account": 12345678, "payer": 12345678, "amount": 7}, functions={"charge": refuse}
    )[0]
    without = masked(replace(recording, name="account-12345678"), [Field.parse("account")])
    assert json.loads(without.input or "") == {"account": "***", "payer": "***", "amount": 7}
    assert "account *** of 123456789012 is blocked" in (without.cause or "")
    assert (without.name, "12345678" in without.to_text().replace("123456789012", "")) == ("account-***", False)
    assert all(
        json.loads(event["stateEnteredEventDetails"]["input"])
        for event in without.events
        if "stateEnteredEventDetails" in event
    )


def test_a_text_in_the_name_of_an_execution_is_masked() -> None:
    recording = replace(charged(), name="of-4111-1111", arn="arn:aws:states:us-east-1:1:execution:m:of-4111-1111")
    without = masked(recording, [Field.parse("number")])
    assert (without.name, without.arn) == ("of-***", "arn:aws:states:us-east-1:1:execution:m:of-***")
