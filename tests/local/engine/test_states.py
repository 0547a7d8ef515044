"""Each state type, in both query languages: its output, its next state, and its failures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.local import Run, run

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def machine(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of states A, B, C ... where each without a transition of its own transitions to the next."""
    names = "ABCDEFGH"[: len(states)]
    chained = {}
    for index, (name, state) in enumerate(zip(names, states, strict=True)):
        is_complete = state["Type"] in ("Choice", "Succeed", "Fail") or {"Next", "End"} & state.keys()
        transition = {} if is_complete else {"Next": names[index + 1]} if index + 1 < len(names) else {"End": True}
        chained[name] = {**state, **transition}
    return {**fields, "StartAt": "A", "States": chained}


def state(type_: str, **fields: Any) -> dict[str, Any]:
    return {"Type": type_, **fields}


def jsonata(type_: str, **fields: Any) -> dict[str, Any]:
    return {"Type": type_, "QueryLanguage": "JSONata", **fields}


def ended(run_: Run) -> tuple[Any, ...]:
    return (run_.status, run_.output) if run_.status == "SUCCEEDED" else (run_.status, run_.error, run_.cause)


def output_of(*states: dict[str, Any], value: Any) -> Any:
    return run(machine(*states), value, start_time=NOON).output


DATA_FLOW: list[tuple[dict[str, Any], Any, Any]] = [
    (state("Pass"), {"a": 1}, {"a": 1}),
    (state("Pass", Result=[1]), {"a": 1}, [1]),
    (state("Pass", InputPath="$.a"), {"a": {"b": 1}}, {"b": 1}),
    (state("Pass", InputPath=None), {"a": 1}, {}),
    (state("Pass", InputPath="$$.Execution.Name"), {}, "local"),
    (state("Pass", Parameters={"x.$": "$.a", "y": {"z.$": "$.b[1]"}, "l": [{"i.$": "$.a"}]}), {"a": 1, "b": [2, 3]},
     {"x": 1, "y": {"z": 3}, "l": [{"i": 1}]}),
    (state("Pass", Parameters={"f.$": "States.Format('{}-{}', $.a, 2)"}), {"a": "x"}, {"f": "x-2"}),
    (state("Pass", Result=1, ResultPath="$.r"), {"a": 1}, {"a": 1, "r": 1}),
    (state("Pass", Result=1, ResultPath="$.r.s"), {"a": 1}, {"a": 1, "r": {"s": 1}}),
    (state("Pass", Result=1, ResultPath=None), {"a": 1}, {"a": 1}),
    (state("Pass", OutputPath="$.a"), {"a": [1]}, [1]),
    (state("Pass", OutputPath=None), {"a": [1]}, {}),
    (state("Pass", Parameters={"all.$": "$..x"}), [{"x": 1}, {"y": {"x": 2}}], {"all": [1, 2]}),
    (state("Succeed", InputPath="$.a", OutputPath="$.b"), {"a": {"b": 2}}, 2),
    (jsonata("Pass", Output={"sum": "{% $states.input.a + 1 %}", "l": ["{% $states.input.a %}", "x"]}), {"a": 1},
     {"sum": 2, "l": [1, "x"]}),
    (jsonata("Pass"), {"a": None}, {"a": None}),
    (jsonata("Pass", Output="{% $states.input.a %}"), {"a": None}, None),
    (jsonata("Succeed", Output="{% $states.context.State.Name %}"), {}, "A"),
    (state("Wait", SecondsPath="$.s", OutputPath="$.s"), {"s": 5}, 5),
    (jsonata("Wait", Seconds="{% 2 + 3 %}", Output="done"), {}, "done"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "value", "output"), DATA_FLOW)
def test_a_state_has_the_output_of_its_data_flow_fields(fields: dict[str, Any], value: Any, output: Any) -> None:
    assert ended(run(machine(fields), value, start_time=NOON)) == ("SUCCEEDED", output)


def executing(text: str, name: str = "A", event: int = 2) -> str:
    return f"An error occurred while executing the state '{name}' (entered at the event id #{event}). {text}"


FAILURES: list[tuple[dict[str, Any], Any, str, str | None]] = [
    (state("Fail", Error="E", Cause="c"), {}, "E", "c"),
    (state("Fail", ErrorPath="$.e", CausePath="States.Format('because {}', $.c)"), {"e": "E", "c": 1}, "E", "because 1"),
    (jsonata("Fail", Error="{% 'E' & 1 %}"), {}, "E1", None),
    (state("Pass", InputPath="$.a.b"), {}, "States.Runtime", executing("Invalid path '$.a.b' : Missing property in path $['a']")),
    (state("Pass", InputPath="$.a[3]"), {"a": []}, "States.Runtime",
     executing("Invalid path '$.a[3]' : Index out of bounds when evaluating path $['a'][3]")),
    (state("Pass", Parameters={"x.$": "$.a"}), {"b": 1}, "States.Runtime",
     executing("""The JSONPath '$.a' specified for the field 'x.$' could not be found in the input '{"b":1}'""")),
    (state("Pass", Parameters={"x.$": "States.ArrayGetItem($.a, 5)"}), {"a": [1]}, "States.IntrinsicFailure",
     executing("The function 'States.ArrayGetItem($.a, 5)' had the following error: the index 5 is out of range")),
    (state("Pass", Result=1, ResultPath="$.a.b"), {"a": 1}, "States.ResultPathMatchFailure",
     'Unable to apply ReferencePath $.a.b to input {"a":1}'),
    (state("Wait", SecondsPath="$.s"), {"s": True}, "States.Runtime",
     executing("The SecondsPath parameter cannot be parsed as a long value: $.s == true")),
    (state("Wait", TimestampPath="$.t"), {}, "States.Runtime",
     executing("The TimestampPath parameter does not reference an input value: $.t")),
    (jsonata("Wait", Seconds="{% -1 %}"), {}, "States.QueryEvaluationError",
     executing("The Seconds field references a negative value: -1")),
    (jsonata("Wait", Seconds="{% 1.5 %}"), {}, "States.QueryEvaluationError",
     executing("The Seconds field must be a whole number: 1.5")),
    (jsonata("Pass", Output="{% $states.input.zz %}"), {}, "States.QueryEvaluationError",
     executing("The JSONata expression '$states.input.zz' specified for the field 'Output' returned nothing (undefined).")),
    (jsonata("Pass", Output="{% 1 + 'a' %}"), {}, "States.QueryEvaluationError", None),
    (jsonata("Fail", Error="{% 5 %}"), {}, "States.QueryEvaluationError",
     executing("The JSONata expression '5' specified for the field 'Error' returned an unexpected result type. "
               "Expected 'string', but was 'number' for value: 5")),
    (state("Fail", ErrorPath="$.e"), {"e": 5}, "States.Runtime",
     executing("The ErrorPath parameter does not reference a string: $.e == 5")),
    (state("Choice", Choices=[{"Variable": "$.a", "NumericEquals": 1, "Next": "A"}]), {}, "States.Runtime",
     executing("Invalid path '$.a': The choice state's condition path references an invalid value.")),
    (state("Choice", Choices=[{"And": [{"Not": {"Variable": "$.b", "IsNull": True}}], "Next": "A"}]), {"a": 1},
     "States.Runtime", executing("Invalid path '$.b': The choice state's condition path references an invalid value.")),
    (state("Choice", Choices=[{"Variable": "$.a", "NumericEquals": 1, "Next": "A"}]), {"a": 2}, "States.NoChoiceMatched",
     executing("Failed to transition out of the state 'A'. The state does not point to a next state.")),
    (jsonata("Choice", Choices=[{"Condition": "{% 5 %}", "Next": "A"}]), {}, "States.QueryEvaluationError",
     executing("The JSONata expression '{% 5 %}' specified for the field 'Choices[0]/Condition' returned an unexpected "
               "result type. Expected 'boolean' for value: 5")),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "value", "error", "cause"), FAILURES)
def test_a_state_fails_with_the_error_and_cause_of_the_service(
    fields: dict[str, Any], value: Any, error: str, cause: str | None
) -> None:
    end = [] if fields["Type"] == "Fail" else [state("Succeed")]
    if fields["Type"] == "Choice":
        fields = {**fields, "Choices": [{**rule, "Next": "B"} for rule in fields["Choices"]]}
    execution = run(machine(fields, *end), value, start_time=NOON)
    assert (execution.status, execution.error) == ("FAILED", error)
    assert cause is None or execution.cause == cause


RULES: list[tuple[dict[str, Any], Any, bool]] = [
    ({"Variable": "$.a", "StringEquals": "x"}, {"a": "x"}, True),
    ({"Variable": "$.a", "StringLessThanPath": "$.b"}, {"a": "x", "b": "y"}, True),
    ({"Variable": "$.a", "StringEquals": "1"}, {"a": 1}, False),
    ({"Variable": "$.a", "StringMatches": "log-*.txt"}, {"a": "log-1.txt"}, True),
    ({"Variable": "$.a", "StringMatches": r"a\*b"}, {"a": "a*b"}, True),
    ({"Variable": "$.a", "StringMatches": r"a\*b"}, {"a": "axb"}, False),
    ({"Variable": "$.a", "StringMatches": "*" * 30 + "x"}, {"a": "y" * 5000}, False),
    ({"Variable": "$.a", "StringMatches": "*a" * 10 + "*b"}, {"a": "a" * 80}, False),
    ({"Variable": "$.a", "StringMatches": "a*b*c"}, {"a": "a-b-c"}, True),
    ({"Variable": "$.a", "StringMatches": "a*b*c"}, {"a": "a-c"}, False),
    ({"Variable": "$.a", "StringMatches": "ab*b"}, {"a": "ab"}, False),
    ({"Variable": "$.a", "StringMatches": r"\\*"}, {"a": "\\x"}, True),
    ({"Variable": "$.a", "NumericGreaterThan": 1.5}, {"a": 2}, True),
    ({"Variable": "$.a", "NumericEquals": 1}, {"a": True}, False),
    ({"Variable": "$.a", "NumericLessThanEqualsPath": "$.b"}, {"a": 2, "b": 2.0}, True),
    ({"Variable": "$.a", "BooleanEquals": False}, {"a": False}, True),
    ({"Variable": "$.a", "BooleanEquals": False}, {"a": 0}, False),
    ({"Variable": "$.a", "TimestampLessThan": "2026-01-31T12:00:00+01:00"}, {"a": "2026-01-31T10:59:59.999999999Z"}, True),
    ({"Variable": "$.a", "TimestampEquals": "2026-01-31T12:00:00Z"}, {"a": "2026-01-31 12:00:00Z"}, False),
    ({"Variable": "$.a", "IsPresent": False}, {}, True),
    ({"Variable": "$.a", "IsPresent": True}, {"a": None}, True),
    ({"Variable": "$.a", "IsNull": True}, {"a": None}, True),
    ({"Variable": "$.a", "IsString": False}, {"a": 1}, True),
    ({"Variable": "$.a", "IsNumeric": True}, {"a": True}, False),
    ({"Variable": "$.a", "IsBoolean": True}, {"a": True}, True),
    ({"Variable": "$.a", "IsTimestamp": True}, {"a": "2026-02-30T12:00:00Z"}, False),
    ({"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "NumericEquals": 1}]}, {}, False),
    ({"Or": [{"Variable": "$.a", "IsPresent": False}, {"Variable": "$.a", "NumericEquals": 1}]}, {"a": 1}, True),
    ({"Not": {"Variable": "$.a", "NumericEquals": 1}}, {"a": 1}, False),
    ({"Variable": "$$.State.Name", "StringEquals": "A"}, {}, True),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "value", "matched"), RULES)
def test_a_choice_takes_its_default_unless_the_rule_matches(rule: dict[str, Any], value: Any, matched: bool) -> None:
    choice = state("Choice", Choices=[{**rule, "Next": "B"}], Default="C")
    assert run(machine(choice, state("Succeed"), state("Succeed")), value).trail == ["A", "B" if matched else "C"]


def test_a_choice_has_the_output_and_the_variables_of_the_chosen_rule() -> None:
    choice = jsonata(
        "Choice",
        Choices=[
            {"Condition": "{% $states.input.n > 1 %}", "Assign": {"v": "many"}, "Output": "{% 'more' %}", "Next": "B"}
        ],
        Assign={"v": "few"},
        Default="B",
    )
    after = jsonata("Pass", Output="{% [$v, $states.input] %}")
    assert [output_of(choice, after, value={"n": n}) for n in (2, 1)] == [["many", "more"], ["few", {"n": 1}]]


def test_a_choice_applies_input_path_and_output_path() -> None:
    choice = state(
        "Choice", InputPath="$.in", OutputPath="$.o", Choices=[{"Variable": "$.o", "NumericEquals": 1, "Next": "B"}]
    )
    assert output_of(choice, state("Succeed"), value={"in": {"o": 1}}) == 1


@pytest.mark.parametrize(
    ("wait", "value", "duration"),
    [
        (state("Wait", Seconds=90), {}, 90),
        (state("Wait", SecondsPath="$.s"), {"s": 5}, 5),
        (state("Wait", Timestamp="2026-01-31T13:00:00Z"), {}, 3600),
        (state("Wait", TimestampPath="$.t"), {"t": "2026-01-31T12:00:00.5Z"}, 0.5),
        (state("Wait", Timestamp="2020-01-01T00:00:00Z"), {}, 0),
        (jsonata("Wait", Seconds="{% 2 * 3 %}"), {}, 6),
        (jsonata("Wait", Timestamp="{% $states.input.t %}"), {"t": "2026-01-31T12:00:01Z"}, 1),
    ],
)
def test_a_wait_takes_virtual_time(wait: dict[str, Any], value: Any, duration: float) -> None:
    execution = run(machine(wait), value, start_time=NOON)
    assert (execution.status, execution.duration) == ("SUCCEEDED", duration)
    assert (execution.history[-1]["timestamp"] - NOON).total_seconds() == duration


def test_variables_are_assigned_together_and_seen_by_later_states() -> None:
    first = state("Pass", Assign={"a.$": "$.x", "b": 1})
    second = state("Pass", Assign={"a": 2, "old.$": "$a"}, Parameters={"a.$": "$a"})
    third = state("Pass", Parameters={"a.$": "$a", "old.$": "$old", "b.$": "$b", "before.$": "$.a"})
    assert output_of(first, second, third, value={"x": 1}) == {"a": 2, "old": 1, "b": 1, "before": 1}


def test_the_context_object_describes_the_execution_the_machine_and_the_state() -> None:
    execution = run(
        machine(state("Pass", Parameters={"c.$": "$$"})),
        {"i": 1},
        name="n",
        machine_name="m",
        start_time=NOON,
        context={"X": 1},
    )
    assert execution.output["c"] == {
        "Execution": {
            "Id": "arn:aws:states:us-east-1:111111111111:execution:m:n",
            "Input": {"i": 1},
            "StartTime": "2026-01-31T12:00:00.000Z",
            "Name": "n",
            "RoleArn": "arn:aws:iam::111111111111:role/m",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": "arn:aws:states:us-east-1:111111111111:stateMachine:m", "Name": "m"},
        "X": 1,
        "State": {"Name": "A", "EnteredTime": "2026-01-31T12:00:00.000Z"},
    }


def test_computed_fields_follow_the_other_fields_in_the_order_of_a_java_map() -> None:
    template = {"price.$": "$.p", "symbol.$": "$.s", "fixed": {"b.$": "$.p", "a": 1}, "quantity.$": "$.q"}
    output = run(machine(state("Pass", Parameters=template)), {"p": 1, "s": "ACME", "q": 3}).output
    assert json.dumps(output) == '{"fixed": {"a": 1, "b": 1}, "symbol": "ACME", "quantity": 3, "price": 1}'


def test_a_result_larger_than_256_kib_fails_and_one_of_that_size_does_not() -> None:
    largest = "x" * (256 * 1024 - 2)
    assert run(machine(state("Pass", Result=largest))).status == "SUCCEEDED"
    execution = run(machine(state("Pass", Result=largest + "x")))
    cause = "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit."
    assert ended(execution) == ("FAILED", "States.DataLimitExceeded", cause)


VARIABLES = {
    "two of 128 KiB": ([{"x": 128, "y": 128}], "SUCCEEDED"),
    "one of more than 256 KiB": ([{"x": 257}], "FAILED"),
    "two in one Assign": ([{"x": 128, "y": 129}], "FAILED"),
    "two in two of them": ([{"x": 200}, {"y": 200}], "SUCCEEDED"),
}


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
@pytest.mark.parametrize(("assigned", "status"), VARIABLES.values(), ids=VARIABLES)
def test_variables_have_256_kib_in_one_assign(assigned: list[dict[str, int]], status: str, language: str) -> None:
    states = [
        state("Pass", Assign={name: "x" * (kib * 1024 - 2) for name, kib in variables.items()})
        for variables in assigned
    ]
    execution = run(machine(*states, QueryLanguage=language))
    assert (execution.status, execution.error) == (
        status,
        None if status == "SUCCEEDED" else "States.DataLimitExceeded",
    )


@pytest.mark.parametrize(
    ("names", "status"),
    [
        ([f"v{number}" for number in range(40)], "SUCCEEDED"),
        ([f"v{number}" for number in range(41)], "FAILED"),
        ([f"v{number % 2}" for number in range(41)], "SUCCEEDED"),
    ],
)
def test_variables_have_10_mib_in_all(names: list[str], status: str) -> None:
    states = {
        f"S{place}": state("Pass", Assign={f"{name}.$": "$"}, Next=f"S{place + 1}") for place, name in enumerate(names)
    }
    definition = {"StartAt": "S0", "States": {**states, f"S{len(names)}": state("Succeed")}}
    assert run(definition, "x" * (256 * 1024 - 2)).status == status


def test_an_execution_that_takes_longer_than_its_machine_allows_times_out() -> None:
    execution = run(machine(state("Wait", Seconds=60), state("Succeed"), TimeoutSeconds=5))
    assert (execution.status, execution.error, execution.duration, execution.trail) == ("TIMED_OUT", None, 5, ["A"])
    last = execution.history[-1]
    assert (last["type"], last["previousEventId"]) == ("ExecutionTimedOut", 0)
    assert last["executionTimedOutEventDetails"] == {"error": "States.Timeout"}


def loop(**fields: Any) -> dict[str, Any]:
    rule = {"Variable": "$.never", "IsPresent": True, "Next": "C"}
    return machine(state("Pass", Next="B"), state("Choice", Choices=[rule], Default="A"), state("Succeed"), **fields)


def test_an_endless_loop_ends_at_the_services_limit_of_events() -> None:
    execution = run(loop(), {})
    cause = "The execution reached the maximum number of history events (25000)."
    assert ended(execution) == ("FAILED", "States.Runtime", cause)
    assert len(execution.history) == 25_000


def test_an_endless_loop_of_an_express_machine_ends_as_if_its_five_minutes_were_over() -> None:
    assert run(loop(), {}, type="EXPRESS").status == "TIMED_OUT"


def test_an_express_execution_has_five_minutes() -> None:
    waiting = machine(state("Wait", Seconds=301))
    assert [run(waiting, type=type_).status for type_ in ("STANDARD", "EXPRESS")] == ["SUCCEEDED", "TIMED_OUT"]


def test_the_items_of_an_inline_map_come_from_the_data_of_the_state() -> None:
    selector = {"at.$": "$$.Map.Item.Source", "index.$": "$$.Map.Item.Index"}
    inside = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    definition = {
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemProcessor": inside, "ItemSelector": selector, "End": True}},
    }
    assert run(definition, ["a", "b"]).output == [{"at": "STATE_DATA", "index": 0}, {"at": "STATE_DATA", "index": 1}]


NULL = "Unable to apply Path transformation to null or empty input."
READS_NULL: list[dict[str, Any]] = [
    {"Type": "Pass", "Parameters": {"all.$": "$"}, "End": True},
    {"Type": "Pass", "InputPath": "$.a", "End": True},
    {"Type": "Wait", "SecondsPath": "$.a", "End": True},
    {"Type": "Choice", "Choices": [{"Variable": "$", "IsString": True, "Next": "B"}], "Default": "B"},
]


@pytest.mark.parametrize("state", READS_NULL)
def test_a_path_cannot_be_applied_to_null(state: dict[str, Any]) -> None:
    states = {"A": state, **({"B": {"Type": "Succeed"}} if "Choices" in state else {})}
    execution = run({"StartAt": "A", "States": states}, None)
    prefix = "An error occurred while executing the state 'A' (entered at the event id #2)."
    assert (execution.error, execution.cause) == ("States.Runtime", f"{prefix} {NULL}")


def test_null_is_passed_on_where_no_path_is_applied() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$", "OutputPath": "$", "End": True}}}
    assert run(definition, None).output is None
