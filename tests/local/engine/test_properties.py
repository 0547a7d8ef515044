"""For every machine and input, a run ends with a well-formed history, and the same seed repeats it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Run, Throw, run

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-2, 2)
    | st.sampled_from(["", "a", "2026-01-31T12:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["$", "$.a", "$.b", "$.a.b", "$.a[0]", "$..a", "$.a[*]", "$$.State.Name", "$$.Map.Item.Value", "$v"]
)
REFERENCES = st.sampled_from(["$", "$.r", "$.a.r", None])
CALLS = st.sampled_from(
    [
        "States.Array($.a, 1)",
        "States.Format('{}', $)",
        "States.UUID()",
        "States.MathRandom(1, 9)",
        "States.ArrayLength($)",
    ]
)
TEMPLATES = st.dictionaries(st.sampled_from(["x.$", "y.$"]), PATHS | CALLS, max_size=2) | st.just({"z": 1})
EXPRESSIONS = st.sampled_from(
    ["{% $states.input %}", "{% $states.input.a %}", "{% $random() %}", "{% $states.input.a + 1 %}", "{% [1..3] %}", 1]
)
ERRORS = st.sampled_from([["States.ALL"], ["States.TaskFailed"], ["E"], ["States.Timeout"]])
RETRIERS = st.fixed_dictionaries(
    {"ErrorEquals": ERRORS},
    optional={
        "IntervalSeconds": st.integers(1, 9),
        "MaxAttempts": st.integers(0, 3),
        "JitterStrategy": st.just("FULL"),
    },
)
RESPONSES = st.builds(Return, VALUES) | st.builds(Throw, st.sampled_from(["E", "F", "States.Timeout"]))


def fields(**optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


def rules(names: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    compare = st.sampled_from(
        [("IsPresent", True), ("NumericEquals", 1), ("StringMatches", "a*"), ("BooleanEquals", False)]
    )
    rule = st.builds(
        lambda path, operator, target: {"Variable": path, operator[0]: operator[1], "Next": target},
        PATHS,
        compare,
        st.sampled_from(names),
    )
    return st.lists(rule, min_size=1, max_size=2)


@st.composite
def scopes(draw: st.DrawFn, prefix: str = "S", depth: int = 2) -> dict[str, Any]:
    """A machine of up to four states: most transition to the next, some back, some contain nested scopes."""
    names = [f"{prefix}{number}" for number in range(draw(st.integers(1, 4)))]
    states = {}
    for index, name in enumerate(names):
        transition = {"Next": names[index + 1]} if index + 1 < len(names) else {"End": True}
        states[name] = draw(state_of(name, names, transition, depth))
    return {"StartAt": names[0], "States": states}


@st.composite
def state_of(draw: st.DrawFn, name: str, names: list[str], transition: dict[str, Any], depth: int) -> dict[str, Any]:
    io = fields(InputPath=PATHS, OutputPath=PATHS, Parameters=TEMPLATES, ResultPath=REFERENCES)
    retry_fields = fields(Retry=st.lists(RETRIERS, max_size=1), ResultSelector=TEMPLATES)
    catch = [{"ErrorEquals": ["States.ALL"], "Next": names[-1]}] if "Next" in transition and draw(st.booleans()) else []
    kinds = ["Pass", "JSONata", "Choice", "Wait", "Task"] + (["Map", "Parallel", "Distributed"] if depth else [])
    match draw(st.sampled_from(kinds)):
        case "JSONata":
            return {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": draw(EXPRESSIONS),
                "Assign": {"v": draw(EXPRESSIONS)},
                **transition,
            }
        case "Choice" if "Next" in transition:
            return {"Type": "Choice", "Choices": draw(rules(names)), "Default": transition["Next"]}
        case "Wait":
            return {"Type": "Wait", "Seconds": draw(st.integers(0, 99)), **transition}
        case "Task":
            return {"Type": "Task", "Resource": "${f}", **draw(io), **draw(retry_fields), "Catch": catch, **transition}
        case "Map":
            inner = draw(scopes(f"{name}.", depth - 1))
            return {
                "Type": "Map",
                "ItemProcessor": inner,
                "MaxConcurrency": draw(st.integers(0, 2)),
                **draw(retry_fields),
                "Catch": catch,
                **transition,
            }
        case "Distributed":
            inner = {
                **draw(scopes(f"{name}.", depth - 1)),
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            }
            return {
                "Type": "Map",
                "ItemProcessor": inner,
                "ToleratedFailurePercentage": draw(st.sampled_from([0, 100])),
                **transition,
            }
        case "Parallel":
            branches = [draw(scopes(f"{name}{letter}.", depth - 1)) for letter in "ab"]
            return {"Type": "Parallel", "Branches": branches, **draw(retry_fields), "Catch": catch, **transition}
    return {"Type": "Pass", **draw(io), **draw(fields(Assign=TEMPLATES)), **transition}


def mocks_for(definition: dict[str, Any], responses: list[Any]) -> dict[str, Any]:
    tasks: list[str] = []
    waiting = [definition]
    while waiting:
        scope = waiting.pop()
        for name, state in scope["States"].items():
            tasks += [name] if state["Type"] == "Task" else []
            waiting += [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
    return {name: responses[index % len(responses)] for index, name in enumerate(tasks)}


def check_history(execution: Run) -> None:
    history = execution.history
    assert [event["id"] for event in history] == list(range(1, len(history) + 1))
    assert all(event["previousEventId"] < event["id"] for event in history)
    assert all(one["timestamp"] <= other["timestamp"] for one, other in pairwise(history))
    assert history[0]["type"] == "ExecutionStarted"
    ends = {"SUCCEEDED": "ExecutionSucceeded", "FAILED": "ExecutionFailed", "TIMED_OUT": "ExecutionTimedOut"}
    assert history[-1]["type"] == ends[execution.status]
    assert sum(event["type"].startswith("Execution") for event in history) == 2
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if event["type"].endswith("StateEntered")]
    names = set(entered)
    assert [name for name in execution.trail if name in names] == entered
    json.dumps(history, default=str, allow_nan=False)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scopes(), VALUES, st.lists(RESPONSES, min_size=1, max_size=3), st.integers(0, 9))
def test_a_run_ends_with_a_well_formed_history_which_the_same_seed_repeats(
    definition: dict[str, Any], value: Any, responses: list[Any], seed: int
) -> None:
    mocks = mocks_for(definition, responses)
    definition = {**definition, "TimeoutSeconds": 10_000}
    try:
        first, second = (run(definition, value, mocks=mocks, seed=seed, start_time=NOON) for _ in range(2))
    except FindingsError:
        event("refused")  # a definition with validation errors does not start
        return
    event(first.status)
    check_history(first)
    assert first.history == second.history
    assert (first.status, first.output, first.trail) == (second.status, second.output, second.trail)
