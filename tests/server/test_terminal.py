"""live/terminal.py: the lines of executions that run at the same time, wait, and go on."""

from __future__ import annotations

import re

from tests.server.support import PREFIX, Api
from workflow_dsl.server.live.terminal import ExecutionPrinter

REVIEW = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Task", "Resource": f"{PREFIX}:activity:review", "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
        "Done": {"Type": "Pass", "End": True},
    },
}


def printed() -> tuple[Api, list[str], list[str]]:
    """An account with the activity and the state machine, its lines, and the tokens of two executions, a and b."""
    blocks: list[str] = []
    api = Api(watch=ExecutionPrinter(blocks.append))
    review = api("CreateActivity", name="review")["activityArn"]
    machine = api.machine(REVIEW, "m")
    tokens = []
    for name in ("a", "b"):
        api.start(machine, name=name)
        tokens.append(api.worker(review)["taskToken"])
    return api, blocks, tokens


def lines_of(blocks: list[str]) -> list[str]:
    """The lines, with their times in full minutes."""
    lines = [line for block in blocks for line in block.split("\n")]
    return [re.sub(r"(\d\d):\d\d\.\d+ ", r"\1 ", re.sub(r"(\d+)\.\d+ s", r"\1 s", line)) for line in lines]


def test_the_states_of_each_execution_are_printed_below_its_name_when_it_waits_and_when_it_ends() -> None:
    api, blocks, tokens = printed()
    api("SendTaskSuccess", taskToken=tokens[0], output="1")
    api.ended(f"{PREFIX}:execution:m:a")
    api("SendTaskFailure", taskToken=tokens[1], error="Busy", cause="no time")
    api.ended(f"{PREFIX}:execution:m:b")
    assert sorted(lines_of(blocks)[:4]) == ["    00  Ask", "    00  Ask", "  m a", "  m b"]
    assert lines_of(blocks)[4:] == [
        *("  m a", "    00  Rest", "    01  Done", "  SUCCEEDED m a, after 60 s"),
        *("  m b", "    00    failed: Busy: no time", "  FAILED m b, after 0 s: Busy: no time"),
    ]


def test_a_redrive_prints_what_it_does_and_nothing_again() -> None:
    api, blocks, tokens = printed()
    execution = f"{PREFIX}:execution:m:a"
    api("SendTaskFailure", taskToken=tokens[0], error="Busy")
    api.ended(execution)
    blocks.clear()
    api("RedriveExecution", executionArn=execution)
    api("SendTaskSuccess", taskToken=api.worker(f"{PREFIX}:activity:review")["taskToken"], output="1")
    api.ended(execution)
    states = [line for line in lines_of(blocks) if line != "  m a"]
    assert states[:-1] == ["    00  redriven", "    00  Ask", "    00  Rest", "    01  Done"]
