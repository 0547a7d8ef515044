"""Parts of a recorded execution: a state with what is inside of it, an item, or what failed and what is around it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.replay.support import END, RETRY, recorded, scope
from workflow_dsl.local.console import EventPrinter
from workflow_dsl.local.replay.parts import Part, hidden_events
from workflow_dsl.local.replay.recording import seconds_since_start

CHARGE = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:charge", "Retry": RETRY}
PASS = {"Type": "Pass"}
EACH = {
    "Type": "Map",
    "MaxConcurrency": 1,
    "ItemProcessor": scope(Read={**PASS, "Next": "Charge"}, Charge={**CHARGE, **END}),
    "Next": "Both",
}
BOTH = {
    "Type": "Parallel",
    "Branches": [scope(Left={**PASS, **END}), scope(Right={**PASS, "InputPath": "$[7]", **END})],
    **END,
}
DEFINITION = scope(First={**PASS, "Next": "Each"}, Each=EACH, Both=BOTH)


def failing_once() -> Any:
    calls = []

    def charge(event: Any, context: Any) -> Any:
        calls.append(event)
        if event == 2 and calls.count(2) == 1:
            raise ValueError("no funds")
        return event

    return charge


PARTS = {
    "all": (Part(), ["First", "Each", "item 0", "Read", "Charge", "item 1", "Read", "Charge", "failed", "retry", "item 2", "Read", "Charge", "Both", "Left", "Right"]),
    "a state": (Part("Charge"), ["Charge", "Charge", "failed", "retry", "Charge"]),
    "a Map": (Part("Each"), ["Each", "item 0", "Read", "Charge", "item 1", "Read", "Charge", "failed", "retry", "item 2", "Read", "Charge"]),
    "a Parallel": (Part("Both"), ["Both", "Left", "Right"]),
    "an item": (Part(item=1), ["item 1", "Read", "Charge", "failed", "retry"]),
    "a state of an item": (Part("Charge", 2), ["Charge"]),
    "what failed": (Part(failed=True), ["Each", "item 1", "Charge", "failed", "retry", "Both", "Right"]),
    "what failed in a state": (Part("Charge", failed=True), ["Charge", "failed", "retry"]),
    "what did not fail": (Part("First", failed=True), []),
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_its_states_and_what_is_around_a_failure(part: str) -> None:
    chosen, expected = PARTS[part]
    recording, _ = recorded(DEFINITION, [1, 2, 3], functions={"charge": failing_once()})
    hidden, printed = hidden_events(recording, chosen), list[str]()
    printer = EventPrinter(printed.append)
    for event in recording.events:
        printer.print_event(seconds_since_start(recording, event), event, is_hidden=event["id"] in hidden)
    words = [line.split("  ", 1)[1].split(":")[0].split(" (")[0].strip() for line in printed]
    assert [word if word.startswith("item") else word.split()[0] for word in words] == expected
