"""console.py: the printed lines of an execution and of its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from workflow_dsl.local import Return, Run, Throw, run
from workflow_dsl.local.console import EventPrinter, cause_summary, format_clock, format_duration, run_result_lines

SEND = "arn:aws:states:::sqs:sendMessage"
MESSAGE = {"QueueUrl": "q", "MessageBody": "m"}
END = {"End": True}


def scope(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def printed(definition: dict[str, Any], input: Any = None, **options: Any) -> tuple[list[str], Run]:
    lines: list[str] = []
    return lines, run(definition, input, watch=EventPrinter(lines.append).watch, **options)


RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 15, "BackoffRate": 1.5}]
TRADER = scope(
    Check={"Type": "Task", "Resource": "${Checker}", "Retry": RETRY, "Next": "Buy?"},
    **{"Buy?": {"Type": "Choice", "Choices": [{"Variable": "$.price", "NumericLessThan": 9, "Next": "Record"}]}},
    Record={"Type": "Task", "Resource": SEND, "Parameters": MESSAGE, "Retry": RETRY, "TimeoutSeconds": 3, **END},
)


def test_states_failures_and_retries_are_printed_with_their_time() -> None:
    failing = {"Check": [Throw("E", "no\n price"), Throw("E"), Return({"price": 1})], "Record": [Return({}, after=4)]}
    lines, execution = printed(TRADER, functions={"Checker": print}, mocks=failing, services={"sqs:sendMessage": print})
    assert lines == [
        "00:00.000  Check",
        "00:00.000    failed: E: no price",
        "00:15.000    retry 1 after 15 s",
        "00:15.000    failed: E",
        "00:37.500    retry 2 after 22.5 s",
        "00:37.500  Buy?",
        "00:37.500  Record",
        "00:40.500    failed: States.Timeout",
        "00:55.500    retry 1 after 15 s",
    ]
    assert execution.status == "SUCCEEDED"


def test_the_exceptions_of_a_handler_and_a_worker_are_printed_with_their_line() -> None:
    def broken(event: Any, context: Any) -> Any:
        raise ValueError("no price")

    caught = {"Catch": [{"ErrorEquals": ["ValueError"], "Next": "Work"}]}
    activity = "arn:aws:states:us-east-1:111111111111:activity:worker"
    machine = scope(
        Check={"Type": "Task", "Resource": "${Checker}", **caught, **END},
        Work={"Type": "Task", "Resource": activity, **END},
    )
    lines, _ = printed(machine, functions={"Checker": broken, "worker": broken})
    raised = broken.__code__.co_firstlineno + 1
    failed = f"00:00.000    failed: ValueError: no price (test_console.py:{raised})"
    assert lines == ["00:00.000  Check", failed, "00:00.000  Work", failed]


def test_a_failed_expression_is_printed() -> None:
    machine = scope(A={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $error('no') %}", **END})
    lines, _ = printed(machine)
    assert lines[0] == "00:00.000  A"
    assert [line.partition(": A")[0] for line in lines[1:]] == ["00:00.000    failed: States.QueryEvaluationError"]


def test_branches_are_indented() -> None:
    inner = {"Type": "Parallel", "Branches": [scope(Deep={"Type": "Pass", **END})], **END}
    slow = scope(Slow={"Type": "Wait", "Seconds": 61, "Next": "Inner"}, Inner=inner)
    machine = scope(
        Both={"Type": "Parallel", "Branches": [slow, scope(Quick={"Type": "Pass", **END})], "Next": "After"},
        After={"Type": "Succeed"},
    )
    lines, _ = printed(machine)
    assert lines == [
        "00:00.000  Both",
        "00:00.000    Slow",
        "00:00.000    Quick",
        "01:01.000    Inner",
        "01:01.000      Deep",
        "01:01.000  After",
    ]


def test_the_items_of_a_map_are_numbered_and_their_states_indented() -> None:
    processor = scope(Each={"Type": "Wait", "SecondsPath": "$", **END})
    machine = scope(All={"Type": "Map", "ItemProcessor": processor, "Next": "After"}, After={"Type": "Succeed"})
    lines, _ = printed(machine, [2, 1])
    assert lines == [
        "00:00.000  All",
        "00:00.000    item 0",
        "00:00.000    Each",
        "00:00.000    item 1",
        "00:00.000    Each",
        "00:02.000  After",
    ]


def test_a_line_names_its_item_if_the_line_above_belongs_to_another() -> None:
    processor = scope(Rest={"Type": "Wait", "SecondsPath": "$", "Next": "Note"}, Note={"Type": "Pass", **END})
    machine = scope(All={"Type": "Map", "ItemProcessor": processor, **END})
    assert printed(machine, [2, 1])[0] == [
        "00:00.000  All",
        "00:00.000    item 0",
        "00:00.000    Rest",
        "00:00.000    item 1",
        "00:00.000    Rest",
        "00:01.000    Note",
        "00:02.000    Note (item 0)",
    ]


def test_failed_items_of_a_distributed_map_are_listed_at_the_end() -> None:
    processor = {
        **scope(Work={"Type": "Task", "Resource": "${Worker}", **END}),
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    machine = scope(All={"Type": "Map", "ItemProcessor": processor, "ToleratedFailureCount": 6, **END})

    def work(event: Any, context: Any) -> Any:
        return {}[event]

    execution = run(machine, list(range(6)), functions={"Worker": work})
    failed_at = work.__code__.co_firstlineno + 1
    lines = [line for line in run_result_lines(execution) if line.startswith(("Item ", "and "))]
    items = [f'Item {index} of "All": KeyError: {index} (test_console.py:{failed_at})' for index in range(5)]
    assert lines == [*items, "and 1 more"]
    assert (execution.status, [(item.number, item.error) for item in execution.failed_items]) == (
        "SUCCEEDED",
        [(index, "KeyError") for index in range(6)],
    )


@pytest.mark.parametrize(
    ("time", "text"),
    [(0, "00:00.000"), (61.5, "01:01.500"), (3599.9, "59:59.900"), (3600, "1:00:00.000"), (90061, "25:01:01.000")],
)
def test_time_is_printed_as_minutes_and_seconds_and_hours_if_any(time: float, text: str) -> None:
    assert format_clock(time) == text


@pytest.mark.parametrize(
    ("time", "text"),
    [(15.0, "15 s"), (22.5, "22.5 s"), (0, "0 s"), (86_400.4, "1 day"), (222_048, "2.57 days")],
)
def test_a_duration_has_no_needless_zeros(time: float, text: str) -> None:
    assert format_duration(time) == text


SUMMARIES: list[tuple[str | None, str]] = [
    (None, ""),
    ("plain\n  text", "plain text"),
    ('{"errorMessage": "no price", "stackTrace": []}', "no price"),
    ('{"errorMessage": null}', ""),
    ('{"other": 1}', '{"other": 1}'),
    ("[1]", "[1]"),
    ("x" * 200, "x" * 200),
    ("x" * 201, "x" * 197 + "..."),
]


@pytest.mark.parametrize(("cause", "line"), SUMMARIES)
def test_a_cause_is_printed_on_one_line(cause: str | None, line: str) -> None:
    assert cause_summary(cause) == line


def passing(input: Any) -> Run:
    return run(scope(A={"Type": "Pass", **END}), input)


OUTPUTS: list[tuple[Any, str]] = [
    ("grün", '"grün"'),
    ([1], "[\n  1\n]"),
    ({"a": 1, "SdkHttpMetadata": {"b": 2}, "SdkResponseMetadata": 3},
     '{\n  "a": 1,\n  "SdkHttpMetadata": "...",\n  "SdkResponseMetadata": "..."\n}'),
]  # fmt: skip


@pytest.mark.parametrize(("output", "text"), OUTPUTS)
def test_a_success_ends_with_its_output(output: Any, text: str) -> None:
    assert list(run_result_lines(passing(output))) == [
        "SUCCEEDED after 0 s of virtual time; 1 transition, 0 Lambda calls, $25.00 per million",
        f"Output: {text}",
    ]


def failing(error: Mapping[str, Any]) -> Run:
    return run(scope(Wait={"Type": "Wait", "Seconds": 2, "Next": "Broken"}, Broken={"Type": "Fail", **error}))


TRACE = json.dumps({"errorMessage": "no price", "stackTrace": ['  File "app.py", line 3\n    raise\n', "  end\n"]})
FAILURES: list[tuple[dict[str, Any], list[str]]] = [
    ({"Error": "E", "Cause": "because"}, ['In "Broken": E: because']),
    ({"Error": "E"}, ['In "Broken": E']),
    ({}, ['In "Broken": no error name']),
    ({"Error": "E", "Cause": "[1]"}, ['In "Broken": E: [1]']),
    ({"Error": "E", "Cause": TRACE},
     ['In "Broken": E: no price (app.py:3)', '  File "app.py", line 3', "    raise", "  end"]),
]  # fmt: skip


@pytest.mark.parametrize(("error", "lines"), FAILURES)
def test_a_failure_ends_with_its_state_error_and_trace(error: dict[str, Any], lines: list[str]) -> None:
    assert list(run_result_lines(failing(error))) == [
        "FAILED after 2 s of virtual time; 2 transitions, 0 Lambda calls, $50.00 per million",
        *lines,
    ]


def test_tables_with_records_are_printed_with_the_first_twenty() -> None:
    execution = passing(1)
    execution.tables.update(Empty=[], One=[{"Id": {"S": "ü"}}], Many=[{"Id": {"N": str(n)}} for n in range(25)])
    assert list(run_result_lines(execution))[2:] == [
        "One: 1 record",
        '  {"Id": {"S": "ü"}}',
        "Many: 25 records",
        *(f'  {{"Id": {{"N": "{n}"}}}}' for n in range(20)),
    ]
