"""Explored paths tell what goes wrong on them: failures on allowed data, wrong calls, too much data, endless loops."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exploration.machines import MACHINES, choice, task
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.mishaps import mishaps
from workflow_dsl.shapes import UNKNOWN, Declared, Shape
from workflow_dsl.shapes.declared import NOTHING_DECLARED, Signature
from workflow_dsl.shapes.shape import ANY_RECORD, Field, ListOf, Presence, Record, Scalar

TEXT, NUMBER = Shape((Scalar("string"),)), Shape((Scalar("number"),))


def record(**fields: Shape | Field) -> Shape:
    return Shape((Record(fields),))


MAY_HAVE_A_CODE = record(id=TEXT, code=Field(TEXT, Presence.OPTIONAL))
READS_THE_CODE = {
    "StartAt": "Read",
    "States": {"Read": {"Type": "Pass", "Parameters": {"code.$": "$.code"}, "End": True}},
}
READS_IN_THE_CODE = {
    "StartAt": "Read",
    "States": {"Read": {"Type": "Pass", "Parameters": {"code.$": "$.code.area"}, "End": True}},
}
LIST_OF_ANY = Shape((ListOf(ANY_RECORD),))
NOWHERE_ELSE = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Wait", "Seconds": 5, "Next": "Done?"},
        "Done?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "Ask"}, {"Variable": "$.n", "IsPresent": False, "Next": "Ask"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}  # fmt: skip
MANY_STEPS = [f"Step {number}" for number in range(12)]
EACH_IN_MANY_STEPS = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.lines",
            "ItemProcessor": {
                "StartAt": MANY_STEPS[0],
                "States": {
                    name: {"Type": "Pass", **({"Next": after} if after else {"End": True})}
                    for name, after in zip(MANY_STEPS, [*MANY_STEPS[1:], ""], strict=True)
                },
            },
            "End": True,
        }
    },
}
WIDE_ITEMS = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.lines",
            "ItemProcessor": {
                "StartAt": "Widen",
                "States": {"Widen": {"Type": "Pass", "Result": {"text": "x" * 300}, "End": True}},
            },
            "End": True,
        }
    },
}
CALLS = {"StartAt": "Call", "States": {"Call": task()}}
TAKES_A_NUMBER = Signature("Price", record(n=NUMBER), TEXT, "app.py:3")
GIVES_ANYTHING = Signature("Price", record(n=NUMBER), UNKNOWN, "app.py:3")
CALL_KEYS = ("States", "Call")
WRONG: list[tuple[dict[str, Any], Declared, list[tuple[str, str | None, str]]]] = [
    (
        READS_THE_CODE,
        Declared(MAY_HAVE_A_CODE),
        [("FAILS_ON_DATA", "Read", 'States.Runtime with the input {"id": "id"}, which its shape allows')],
    ),
    (READS_IN_THE_CODE, Declared(record(code=ANY_RECORD, id=TEXT)), []),
    (READS_IN_THE_CODE, Declared(record(code=UNKNOWN, id=TEXT)), []),
    (READS_IN_THE_CODE, Declared(record(code=LIST_OF_ANY, id=TEXT)), []),
    (NOWHERE_ELSE, NOTHING_DECLARED, [("ENDLESS_LOOP", "Ask", 'no transition leads out of the loop "Ask" > "Done?"')]),
    (
        EACH_IN_MANY_STEPS,
        NOTHING_DECLARED,
        [("FULL_HISTORY", "Each", "the history of 25,000 events is full with a list of 1,000 items")],
    ),
    (
        WIDE_ITEMS,
        NOTHING_DECLARED,
        [("TOO_MUCH_DATA", "Each", "the data is over 256 KiB with a list of 1,000 items, on the path Each > Widen")],
    ),
    (
        CALLS,
        Declared(MAY_HAVE_A_CODE, {CALL_KEYS: TAKES_A_NUMBER}),
        [
            (
                "OUTSIDE_TYPE",
                "Call",
                'what Price is called with lacks "n" (its type is declared in app.py:3), on the path Call',
            )
        ],
    ),
    (CALLS, Declared(MAY_HAVE_A_CODE, {CALL_KEYS: GIVES_ANYTHING}), []),
    (CALLS, Declared(UNKNOWN, {CALL_KEYS: TAKES_A_NUMBER}), []),
    (READS_THE_CODE, NOTHING_DECLARED, []),
    (READS_THE_CODE, Declared(record(code=TEXT)), []),
    (choice({"Variable": "$.n", "NumericLessThan": 2}), NOTHING_DECLARED, []),
]


@pytest.mark.parametrize(("machine", "declared", "expected"), WRONG)
def test_what_goes_wrong_is_a_finding_with_its_example(
    machine: dict[str, Any], declared: Declared, expected: list[tuple[str, str | None, str]]
) -> None:
    found = mishaps(explore(machine), declared)
    assert [(finding.code, finding.where.state, finding.message) for finding in found] == expected


@pytest.mark.parametrize("name", MACHINES)
def test_a_sound_machine_has_no_finding(name: str) -> None:
    assert mishaps(explore(MACHINES[name]), NOTHING_DECLARED) == []
