"""test_state(): how one state ends, and the data after each step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import LambdaContext, Return, StateTest, Throw, run, test_state

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
MESSAGE = {"QueueUrl": "q", "MessageBody": "m"}
SEND = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": MESSAGE, "End": True}
SENT = {"MessageId": "m-1"}


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "${Greeter}", "End": True, **fields}


def jsonata(type_: str, **fields: Any) -> dict[str, Any]:
    return {"Type": type_, "QueryLanguage": "JSONata", **fields}


def branches(*types: str) -> list[dict[str, Any]]:
    return [
        {"StartAt": f"B{number}", "States": {f"B{number}": {"Type": type_, "End": True}}}
        for number, type_ in enumerate(types)
    ]


def mapped(mode: str = "INLINE", **fields: Any) -> dict[str, Any]:
    config = {"Mode": mode, **({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})}
    processor = {"ProcessorConfig": config, "StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


DATA_FLOW = {
    "InputPath": "$.person",
    "Parameters": {"name.$": "$.first"},
    "ResultSelector": {"hi.$": "$.name"},
    "ResultPath": "$.said",
    "OutputPath": "$.said",
}
PERSON = {"person": {"first": "Ada"}}
PERSON_SAID = {**PERSON, "said": {"hi": "Ada"}}

# The state, its input, its output, and the data after each step.
STEPS: list[tuple[dict[str, Any], Any, Any, dict[str, Any]]] = [
    (
        *({"Type": "Pass", "End": True}, 1, 1),
        {"afterInputPath": 1, "afterParameters": 1, "afterResultSelector": 1, "afterResultPath": 1},
    ),
    (
        *({"Type": "Pass", "Result": 2, "InputPath": "$.a", "ResultPath": "$.r", "End": True}, {"a": 1}, {"a": 1, "r": 2}),
        {"result": 2, "afterResultSelector": 2, "afterResultPath": {"a": 1, "r": 2}},
    ),
    (
        *(task(**DATA_FLOW), PERSON, {"hi": "Ada"}),
        {
            "afterInputPath": {"first": "Ada"},
            "afterParameters": {"name": "Ada"},
            "result": {"name": "Ada"},
            "afterResultSelector": {"hi": "Ada"},
            "afterResultPath": PERSON_SAID,
        },
    ),
    (
        *(task(QueryLanguage="JSONata", Arguments={"name": "{% $states.input.n %}"}, Output="done"), {"n": 1}, "done"),
        {"afterArguments": {"name": 1}, "result": {"name": 1}},
    ),
    (
        *({"Type": "Choice", "InputPath": "$.a", "Choices": [{"Variable": "$", "IsNull": False, "Next": "N"}]}, {"a": 1}, 1),
        {"afterInputPath": 1},
    ),
    ({"Type": "Wait", "Seconds": 200, "End": True}, {"a": 1}, {"a": 1}, {"afterInputPath": {"a": 1}}),
    ({"Type": "Succeed", "InputPath": "$.a"}, {"a": 1}, 1, {"afterInputPath": 1}),
    (jsonata("Pass", Output={"b": "{% $states.input.a %}"}, End=True), {"a": 1}, {"b": 1}, {}),
    (jsonata("Succeed"), {"a": 1}, {"a": 1}, {}),
]  # fmt: skip


def echo(event: Any, context: LambdaContext) -> Any:
    return event


def steps_of(test: StateTest) -> dict[str, Any]:
    return {name: value for name, value in test.inspection.items() if name != "input"}


@pytest.mark.parametrize(("state", "value", "output", "steps"), STEPS)
def test_the_data_after_each_step(state: dict[str, Any], value: Any, output: Any, steps: dict[str, Any]) -> None:
    test = test_state(state, value, functions={"Greeter": echo})
    assert (test.status, test.output, test.inspection.get("input"), steps_of(test)) == (
        "SUCCEEDED",
        output,
        value,
        steps,
    )


ITEMS = {"list": [1, 2], "most": 3}
SELECTED = {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "most.$": "$.most"}
MAPS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (mapped(ItemsPath="$.list"), {"afterItemsPath": [1, 2], "maxConcurrency": 0}),
    (
        mapped(ItemsPath="$.list", ItemSelector=SELECTED, MaxConcurrencyPath="$.most"),
        {
            "afterItemsPath": [1, 2],
            "afterItemSelector": [{"n": 1, "i": 0, "most": 3}, {"n": 2, "i": 1, "most": 3}],
            "maxConcurrency": 3,
        },
    ),
    (
        mapped("DISTRIBUTED", ItemsPath="$.list", ItemBatcher={"MaxItemsPerBatch": 2}, ToleratedFailurePercentage=50),
        {
            "afterItemsPath": [1, 2],
            "afterItemBatcher": [{"Items": [1, 2]}],
            "maxConcurrency": 0,
            "toleratedFailurePercentage": 50,
        },
    ),
    (
        mapped("DISTRIBUTED", ItemsPath="$.list", ToleratedFailureCountPath="$.most", ResultPath="$.r"),
        {"afterItemsPath": [1, 2], "maxConcurrency": 0, "toleratedFailureCount": 3, "afterResultPath": {**ITEMS, "r": [7]}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("state", "steps"), MAPS)
def test_a_map_selects_and_groups_its_items_without_running_them(state: dict[str, Any], steps: dict[str, Any]) -> None:
    test = test_state(state, ITEMS, mock=Return([7]))
    after = {"afterInputPath": ITEMS, "afterResultSelector": [7], "afterResultPath": [7]}
    assert (test.status, steps_of(test)) == ("SUCCEEDED", {**after, **steps})


def test_a_jsonata_map_has_no_items_path() -> None:
    state = mapped(
        "DISTRIBUTED",
        QueryLanguage="JSONata",
        Items="{% $states.input.list %}",
        ItemSelector="{% $states.context.Map.Item.Value * 2 %}",
    )
    assert steps_of(test_state(state, ITEMS, mock=Return([7]))) == {"afterItemSelector": [2, 4], "maxConcurrency": 0}


READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
FILES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"InputType": "JSON"}, "[1, 2]", {}),
    ({"InputType": "JSONL"}, "1\n2\n", {}),
    ({"InputType": "JSON", "ItemsPointer": "/a"}, '{"a": [1, 2]}', {"afterItemsPointer": [1, 2]}),
]


@pytest.mark.parametrize(("config", "content", "steps"), FILES)
def test_a_map_reads_the_data_of_its_item_reader(config: dict[str, Any], content: str, steps: dict[str, Any]) -> None:
    state = mapped(
        "DISTRIBUTED", ItemReader={**READER, "ReaderConfig": config}, ItemSelector={"n.$": "$$.Map.Item.Value"}
    )
    test = test_state(state, {}, mock=Return([]), reader_data=content)
    selected = {"afterItemSelector": [{"n": 1}, {"n": 2}], "maxConcurrency": 0}
    results: dict[str, Any] = {"afterInputPath": {}, "afterResultSelector": [], "afterResultPath": []}
    assert steps_of(test) == {**results, **selected, **steps}


def test_a_map_reads_a_listing_of_objects() -> None:
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
    state = mapped("DISTRIBUTED", ItemReader=reader, ItemSelector={"key.$": "$$.Map.Item.Value.Key"})
    for listing in ('[{"Key": "a.csv"}]', '{"Contents": [{"Key": "a.csv"}]}'):
        test = test_state(state, mock=Return([]), reader_data=listing)
        assert test.inspection["afterItemSelector"] == [{"key": "a.csv"}]
    for other in ("a.csv", "7", "[7]", '{"Contents": 7}'):
        assert test_state(state, mock=Return([]), reader_data=other).error == "States.ItemReaderFailed"


def test_without_the_data_of_its_item_reader_a_map_takes_its_items_from_the_input() -> None:
    state = mapped("DISTRIBUTED", ItemReader=READER, ItemsPath="$.orders")
    assert steps_of(test_state(state, {"orders": [5]}, mock=Return([])))["afterItemsPath"] == [5]


def test_a_parallel_shows_only_what_follows_its_branches() -> None:
    state = {
        "Type": "Parallel",
        "InputPath": "$.a",
        "Branches": branches("Pass", "Pass"),
        "ResultPath": "$.r",
        "End": True,
    }
    both = {"a": 1, "r": ["x", "y"]}
    test = test_state(state, {"a": 1}, mock=Return(["x", "y"]))
    assert (test.output, steps_of(test)) == (both, {"afterResultSelector": ["x", "y"], "afterResultPath": both})


RETRY = [
    {"ErrorEquals": ["Other"]},
    {"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2, "BackoffRate": 2},
]
CATCH = [{"ErrorEquals": ["Other"], "Next": "A"}, {"ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.why"}]
WHY = {"a": 1, "why": {"Error": "Busy", "Cause": "c"}}

# The state's fields, the retries so far, and the test's status, output, next state and error details.
HANDLED: list[tuple[dict[str, Any], int, tuple[Any, ...]]] = [
    ({}, 0, ("FAILED", None, None, {})),
    ({"Retry": RETRY}, 0, ("RETRIABLE", None, None, {"retryIndex": 1, "retryBackoffIntervalSeconds": 3})),
    ({"Retry": RETRY}, 1, ("RETRIABLE", None, None, {"retryIndex": 1, "retryBackoffIntervalSeconds": 6})),
    ({"Retry": RETRY}, 2, ("FAILED", None, None, {"retryIndex": 1})),
    ({"Catch": CATCH}, 0, ("CAUGHT_ERROR", WHY, "B", {"catchIndex": 1})),
    ({"Catch": CATCH, "Retry": RETRY}, 1, ("RETRIABLE", None, None, {"retryIndex": 1, "retryBackoffIntervalSeconds": 6})),
    ({"Catch": CATCH, "Retry": RETRY}, 2, ("CAUGHT_ERROR", WHY, "B", {"retryIndex": 1, "catchIndex": 1})),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "retries", "outcome"), HANDLED)
def test_an_error_is_retried_or_caught_or_fails_the_state(
    fields: dict[str, Any], retries: int, outcome: tuple[Any, ...]
) -> None:
    test = test_state(task(**fields), {"a": 1}, mock=Throw("Busy", "c"), retries=retries)
    details = test.inspection.get("errorDetails", {})
    assert (test.status, test.output, test.next_state, details) == outcome
    assert (test.error, test.cause) == ("Busy", "c")


def test_a_retry_shows_its_delay_without_jitter() -> None:
    state = task(Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "JitterStrategy": "FULL"}])
    test = test_state(state, mock=Throw("Busy"))
    assert test.inspection["errorDetails"]["retryBackoffIntervalSeconds"] == 100


THRESHOLDS: list[tuple[dict[str, Any], int, str]] = [
    (mapped("DISTRIBUTED", ToleratedFailureCount=1), 1, "SUCCEEDED"),
    (mapped("DISTRIBUTED", ToleratedFailureCount=1), 2, "FAILED"),
    (mapped("DISTRIBUTED", ToleratedFailurePercentage=50), 2, "SUCCEEDED"),
    (mapped("DISTRIBUTED", ToleratedFailurePercentage=50), 3, "FAILED"),
    (mapped("DISTRIBUTED"), 1, "FAILED"),
    (mapped("INLINE"), 1, "SUCCEEDED"),
]


@pytest.mark.parametrize(("state", "failures", "status"), THRESHOLDS)
def test_too_many_failed_iterations_fail_a_distributed_map(state: dict[str, Any], failures: int, status: str) -> None:
    test = test_state(state, [1, 2, 3, 4], mock=Return([]), failed_iterations=failures)
    error = "States.ExceedToleratedFailureThreshold" if status == "FAILED" else None
    assert (test.status, test.error) == (status, error)


def test_a_mocked_error_comes_before_too_many_failed_iterations() -> None:
    state = mapped("DISTRIBUTED", Catch=[{"ErrorEquals": ["Bad"], "Next": "Repair"}])
    test = test_state(state, [1], mock=Throw("Bad"), failed_iterations=1, failed_in="Each")
    assert (test.status, test.error, test.next_state) == ("CAUGHT_ERROR", "Bad", "Repair")


NESTED = {
    "StartAt": "All",
    "States": {
        "All": {
            **mapped(ItemsPath="$.items", Catch=[{"ErrorEquals": ["Bad"], "Next": "Repair"}]),
            "ItemProcessor": {"StartAt": "One", "States": {"One": task()}},
        },
        "Repair": {"Type": "Succeed"},
    },
}


def test_the_states_around_a_state_handle_the_error_that_it_does_not() -> None:
    test = test_state(NESTED, {"n": 1}, name="One", mock=Throw("Bad", "c"))
    assert (test.status, test.next_state, test.output) == ("CAUGHT_ERROR", "Repair", {"Error": "Bad", "Cause": "c"})
    assert test_state(NESTED, name="One", mock=Throw("Worse")).status == "FAILED"


def test_an_error_in_a_distributed_map_ends_its_child_execution_only() -> None:
    around = {**NESTED["States"]["All"], "ItemProcessor": mapped("DISTRIBUTED")["ItemProcessor"]}  # type: ignore[index]
    around["ItemProcessor"]["States"] = {"Each": task()}
    definition = {**NESTED, "States": {**NESTED["States"], "All": around}}  # type: ignore[dict-item]
    assert test_state(definition, name="Each", mock=Throw("Bad")).status == "FAILED"


CAUSES: list[tuple[dict[str, Any], str, str]] = [
    (
        *({"Type": "Pass", "Parameters": {"b.$": "$.b"}, "End": True}, "States.Runtime"),
        "The JSONPath '$.b' specified for the field 'b.$' could not be found in the input '{}'",
    ),
    (
        *(jsonata("Pass", Output="{% $states.input.b %}", End=True), "States.QueryEvaluationError"),
        "The JSONata expression '$states.input.b' specified for the field 'Output' returned nothing (undefined).",
    ),
    (
        *({"Type": "Choice", "Choices": [{"Variable": "$.b", "IsPresent": True, "Next": "N"}]}, "States.NoChoiceMatched"),
        "Failed to transition out of the state 'StateName'. The state does not point to a next state.",
    ),
    (
        *({**mapped(), "ItemsPath": "$$.Execution.Name"}, "States.Runtime"),
        'Reference path "$.Execution.Name" must point to array.',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("state", "error", "cause"), CAUSES)
def test_the_cause_of_an_error_refers_to_no_event(state: dict[str, Any], error: str, cause: str) -> None:
    test = test_state(state, {}, mock=Return([]) if state["Type"] == "Map" else None)
    assert (test.status, test.error, test.cause) == ("FAILED", error, cause)


@pytest.mark.parametrize(
    ("state", "mock"),
    [
        ({"Type": "Wait", "Seconds": 301, "End": True}, None),
        (task(), Return(1, after=301)),
        (mapped(ItemsPath="$.list"), Return([1], after=301)),
    ],
)
def test_a_test_takes_at_most_five_minutes(state: dict[str, Any], mock: Return | None) -> None:
    test = test_state(state, ITEMS, mock=mock)
    assert (test.status, test.error) == ("FAILED", "States.Timeout")


def context_of(**options: Any) -> Any:
    state = jsonata("Pass", Output="{% $states.context %}", End=True)
    return test_state(state, {"a": 1}, start_time=NOON, seed=1, **options).output


def test_the_context_object_is_made_up_or_given() -> None:
    made_up = context_of()
    machine, execution = made_up["StateMachine"]["Name"], made_up["Execution"]["Name"]
    arn = "arn:aws:states:us-east-1:111111111111"
    assert made_up == {
        "Execution": {
            "Id": f"{arn}:express:{machine}:{execution}",
            "Input": {"a": 1},
            "StartTime": "2026-01-31T12:00:00.000Z",
            "Name": execution,
            "RoleArn": None,
        },
        "StateMachine": {"Id": f"{arn}:stateMachine:{machine}", "Name": machine},
        "State": {"Name": "StateName", "EnteredTime": "2026-01-31T12:00:00.000Z"},
    }
    assert context_of() == made_up
    assert context_of(role_arn="arn:aws:iam::1:role/r")["Execution"]["RoleArn"] == "arn:aws:iam::1:role/r"
    assert context_of(context={"State": {"Name": "Mine"}}) == {"State": {"Name": "Mine"}}


def test_retries_are_in_the_context_object() -> None:
    state = task(Parameters={"count.$": "$$.State.RetryCount"})
    assert test_state(state, {}, functions={"Greeter": echo}, retries=2).output == {"count": 2}


@pytest.mark.parametrize(("mode", "source"), [("INLINE", {}), ("DISTRIBUTED", {"Source": "STATE_DATA"})])
def test_a_state_inside_a_map_has_the_input_as_its_item(mode: str, source: dict[str, str]) -> None:
    inner = {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item"}, "End": True}
    processor = {**mapped(mode)["ItemProcessor"], "States": {"Each": inner}}
    definition = {"StartAt": "M", "States": {"M": {**mapped(mode), "ItemProcessor": processor}}}
    assert test_state(definition, "x", name="Each").output == {"item": {"Index": 0, "Value": "x", **source}}


def test_variables_are_seen_and_assigned() -> None:
    state = {"Type": "Pass", "Parameters": {"v.$": "$v"}, "Assign": {"w": 2}, "End": True}
    test = test_state(state, variables={"v": 1})
    assert (test.output, test.inspection["variables"]) == ({"v": 1}, {"v": 1, "w": 2})


def test_a_task_calls_services_and_workflows() -> None:
    assert test_state(SEND, services={"sqs:sendMessage": lambda _: SENT}).output == SENT
    child = {"StartAt": "C", "States": {"C": {"Type": "Succeed"}}}
    start = {**SEND, "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "a:child"}}
    assert test_state(start, workflows={"child": child}, seed=1).status == "SUCCEEDED"


def test_a_callback_and_a_job_are_mocked() -> None:
    waiting = {
        **SEND,
        "Resource": f"{SEND['Resource']}.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
    }
    test = test_state(waiting, mock=Return("approved"))
    assert (test.output, list(test.inspection["afterParameters"])) == ("approved", ["QueueUrl", "MessageBody"])


def test_placeholders_are_substituted() -> None:
    state = {"Type": "Pass", "Result": "${Greeting}", "End": True}
    assert test_state(state, substitutions={"Greeting": "hello"}).output == "hello"


def test_a_task_needs_a_handler_or_a_mock() -> None:
    with pytest.raises(FindingsError, match=r"calls \$\{Greeter\}, which has no handler"):
        test_state(task())
    assert test_state(task(), mock=Return(1)).output == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)
PATHS = st.sampled_from(["$", "$.a", "$.b", "$.a.b"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "InputPath": PATHS,
        "Parameters": st.sampled_from([{"p.$": "$"}, {"p.$": "$.a", "q": 1}]),
        "ResultPath": st.sampled_from(["$", "$.a", "$.r"]) | st.none(),
        "OutputPath": PATHS,
    },
)


@given(fields=FIELDS, value=st.dictionaries(st.sampled_from("ab"), JSON, max_size=2))
def test_a_state_ends_as_in_an_execution(fields: dict[str, Any], value: Any) -> None:
    state = {"Type": "Pass", **fields, "End": True}
    test, execution = test_state(state, value), run({"StartAt": "StateName", "States": {"StateName": state}}, value)
    assert (test.status, test.output, test.error) == (execution.status, execution.output, execution.error)
