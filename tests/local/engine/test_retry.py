"""Retry and Catch: the errors they match, the retries and their delays, and the output of a catcher."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from workflow_dsl.local import LambdaContext, Return, Run, Throw, run
from workflow_dsl.local.errors import StateError, matches, retry_delay
from workflow_dsl.local.stand_ins.mocks import Mock

ALWAYS = Throw("E", "c")


def machine(**fields: Any) -> dict[str, Any]:
    """A machine of a Task T, and a state H for its Catch."""
    states: dict[str, Any] = {"T": {"Type": "Task", "Resource": "${F}", "End": True, **fields}}
    return {"StartAt": "T", "States": {**states, **({"H": {"Type": "Succeed"}} if "Catch" in fields else {})}}


def retrier(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors) or ["States.ALL"], **fields}


def catcher(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors) or ["States.ALL"], "Next": "H", **fields}


def attempts(execution: Run) -> list[float]:
    """The virtual seconds at which the task was called."""
    start = execution.history[0]["timestamp"]
    called = [event for event in execution.history if event["type"] == "LambdaFunctionScheduled"]
    return [(event["timestamp"] - start).total_seconds() for event in called]


INTERVALS: list[tuple[list[dict[str, Any]], list[float]]] = [
    ([retrier()], [0, 1, 3, 7]),
    ([retrier(IntervalSeconds=2)], [0, 2, 6, 14]),
    ([retrier(IntervalSeconds=3, BackoffRate=1.0)], [0, 3, 6, 9]),
    ([retrier(IntervalSeconds=2, BackoffRate=1.5, MaxAttempts=4)], [0, 2, 5, 9.5, 16.25]),
    ([retrier(IntervalSeconds=2, MaxDelaySeconds=5, MaxAttempts=4)], [0, 2, 6, 11, 16]),
    ([retrier(MaxAttempts=1)], [0, 1]),
    ([retrier(MaxAttempts=0)], [0]),
    ([retrier("E", MaxAttempts=0), retrier()], [0]),
    ([retrier("Other"), retrier("E", IntervalSeconds=5, MaxAttempts=2)], [0, 5, 15]),
    ([retrier("Other")], [0]),
    ([], [0]),
]


@pytest.mark.parametrize(("retriers", "moments"), INTERVALS)
def test_a_failing_task_is_retried_after_the_delays_of_its_retrier(
    retriers: list[dict[str, Any]], moments: list[float]
) -> None:
    execution = run(machine(Retry=retriers), mocks={"T": ALWAYS})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "E", "c")
    assert (attempts(execution), execution.duration) == (moments, moments[-1])


def test_a_task_that_succeeds_after_retries_returns_its_result() -> None:
    execution = run(machine(Retry=[retrier()]), mocks={"T": [ALWAYS, ALWAYS, Return("ok")]}, functions={"F": print})
    assert (execution.status, execution.output, attempts(execution)) == ("SUCCEEDED", "ok", [0, 1, 3])


def test_each_retrier_counts_its_own_retries() -> None:
    retriers = [retrier("A", MaxAttempts=2, BackoffRate=1.0), retrier("B", IntervalSeconds=10, MaxAttempts=1)]
    a, b = Throw("A"), Throw("B")
    execution = run(machine(Retry=retriers), mocks={"T": [a, b, a, a]}, functions={"F": print})
    assert (execution.error, attempts(execution)) == ("A", [0, 1, 11, 12])


def test_the_count_of_a_retrier_starts_again_with_every_visit() -> None:
    rule = {"Variable": "$.again", "BooleanEquals": True, "Next": "T"}
    states = {
        "T": {"Type": "Task", "Resource": "${F}", "Retry": [retrier(MaxAttempts=1)], "Next": "C"},
        "C": {"Type": "Choice", "Choices": [rule], "Default": "S"},
        "S": {"Type": "Succeed"},
    }
    answers: Mock = [ALWAYS, Return({"again": True}), ALWAYS, Return({"again": False})]
    execution = run({"StartAt": "T", "States": states}, mocks={"T": answers}, functions={"F": print})
    assert (execution.status, execution.trail, execution.duration) == ("SUCCEEDED", ["T", "C", "T", "C", "S"], 2)


def test_the_context_object_counts_the_retries_of_the_visit() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        seen.append(event["n"])
        if event["n"] < 2:
            raise ValueError
        return "ok"

    seen: list[int] = []
    definition = machine(Parameters={"n.$": "$$.State.RetryCount"}, Retry=[retrier("ValueError")])
    assert run(definition, functions={"F": handler}).output == "ok"
    assert seen == [0, 1, 2]


def test_full_jitter_waits_up_to_the_delay_and_the_seed_decides() -> None:
    definition = machine(Retry=[retrier(IntervalSeconds=10, JitterStrategy="FULL")])
    moments = {seed: attempts(run(definition, mocks={"T": ALWAYS}, seed=seed)) for seed in range(5)}
    for seconds in moments.values():
        first, second, third = (after - before for before, after in pairwise(seconds))
        assert (0 <= first <= 10, 0 <= second <= 20, 0 <= third <= 40) == (True, True, True)
    assert len({tuple(seconds) for seconds in moments.values()}) == 5
    assert attempts(run(definition, mocks={"T": ALWAYS}, seed=3)) == moments[3]


def test_no_jitter_is_the_default() -> None:
    definition = machine(Retry=[retrier(JitterStrategy="NONE")])
    assert attempts(run(definition, mocks={"T": ALWAYS})) == [0, 1, 3, 7]


def test_a_delay_beyond_the_range_of_floats_is_the_longest_allowed() -> None:
    assert retry_delay({"BackoffRate": 10.0, "MaxDelaySeconds": 60}, 1000) == 60
    assert retry_delay({"BackoffRate": 10.0}, 1000) == float("inf")


MATCHES: list[tuple[list[str], str | None, bool]] = [
    (["E"], "E", True),
    (["E"], "F", False),
    (["E", "F"], "F", True),
    (["e"], "E", False),
    (["States.ALL"], "E", True),
    (["States.ALL"], None, True),
    (["States.ALL"], "States.Timeout", True),
    (["States.ALL"], "States.HeartbeatTimeout", True),
    (["States.ALL"], "States.TaskFailed", True),
    (["States.ALL"], "States.NoChoiceMatched", True),
    (["States.ALL"], "States.Runtime", False),
    (["States.ALL"], "States.DataLimitExceeded", False),
    (["States.TaskFailed"], "E", True),
    (["States.TaskFailed"], "States.TaskFailed", True),
    (["States.TaskFailed"], "States.Timeout", False),
    (["States.TaskFailed"], "States.Runtime", False),
    (["States.TaskFailed"], "States.DataLimitExceeded", False),
    (["States.Timeout"], "States.Timeout", True),
    (["States.Timeout"], "States.HeartbeatTimeout", True),
    (["States.HeartbeatTimeout"], "States.HeartbeatTimeout", True),
    (["States.HeartbeatTimeout"], "States.Timeout", False),
    (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
]


@pytest.mark.parametrize(("names", "error", "matched"), MATCHES)
def test_an_error_name_matches_the_errors_that_aws_documents(
    names: list[str], error: str | None, matched: bool
) -> None:
    assert matches(names, error) is matched


def test_a_state_error_prints_its_error_and_cause() -> None:
    assert str(StateError("E", "c")) == "E: c"
    assert StateError(None).as_output() == {"Error": "", "Cause": ""}


THROWN: list[tuple[dict[str, Any], Throw, str]] = [
    (catcher(), Throw("E"), "SUCCEEDED"),
    (catcher("States.TaskFailed"), Throw("E"), "SUCCEEDED"),
    (catcher("States.TaskFailed"), Throw("States.Timeout"), "FAILED"),
    (catcher("States.Timeout"), Throw("States.HeartbeatTimeout"), "SUCCEEDED"),
    (catcher(), Throw("States.DataLimitExceeded"), "FAILED"),
    (catcher(), Throw("States.Runtime"), "FAILED"),
    (catcher("Other"), Throw("E"), "FAILED"),
]


@pytest.mark.parametrize(("caught", "thrown", "status"), THROWN)
def test_a_catcher_handles_only_matching_errors(caught: dict[str, Any], thrown: Throw, status: str) -> None:
    execution = run(machine(Catch=[caught]), mocks={"T": thrown})
    assert (execution.status, execution.trail) == (status, ["T", "H"] if status == "SUCCEEDED" else ["T"])


ERROR = {"Error": "E", "Cause": "c"}
CATCHES: list[tuple[dict[str, Any], Any]] = [
    (catcher(), ERROR),
    (catcher(ResultPath="$"), ERROR),
    (catcher(ResultPath="$.e"), {"in": 1, "e": ERROR}),
    (catcher(ResultPath="$.a.b"), {"in": 1, "a": {"b": ERROR}}),
    (catcher(ResultPath=None), {"in": 1}),
]


@pytest.mark.parametrize(("caught", "output"), CATCHES)
def test_a_catcher_inserts_the_error_at_its_result_path(caught: dict[str, Any], output: Any) -> None:
    assert run(machine(Catch=[caught]), {"in": 1}, mocks={"T": ALWAYS}).output == output


def test_the_first_matching_catcher_handles_the_error() -> None:
    catchers = [catcher("Other", ResultPath="$.other"), catcher("E", ResultPath="$.e"), catcher(ResultPath="$.all")]
    assert run(machine(Catch=catchers), {}, mocks={"T": ALWAYS}).output == {"e": ERROR}


def test_a_catcher_handles_the_error_after_the_last_retry() -> None:
    definition = machine(Retry=[retrier(MaxAttempts=2)], Catch=[catcher()])
    execution = run(definition, mocks={"T": ALWAYS})
    assert (execution.output, execution.duration, attempts(execution)) == (ERROR, 3, [0, 1, 3])


def caught_output(query_language: str, caught: dict[str, Any], handler: dict[str, Any]) -> Any:
    definition = machine(Catch=[caught], QueryLanguage=query_language)
    definition["States"]["H"] = {"Type": "Pass", "QueryLanguage": query_language, "End": True, **handler}
    return run(definition, {"in": 1}, mocks={"T": ALWAYS}).output


def test_a_catcher_assigns_variables_from_the_error() -> None:
    handler = {"Parameters": {"v.$": "$v", "input.$": "$"}}
    caught = catcher(Assign={"v.$": "$.Error"}, ResultPath=None)
    assert caught_output("JSONPath", caught, handler) == {"v": "E", "input": {"in": 1}}


def test_a_jsonata_catcher_returns_and_assigns_its_expressions() -> None:
    handler = {"Output": {"v": "{% $v %}", "input": "{% $states.input %}"}}
    caught = catcher(
        Assign={"v": "{% $states.errorOutput.Cause %}"},
        Output={"was": "{% $states.input.in %}", "error": "{% $states.errorOutput.Error %}"},
    )
    assert caught_output("JSONata", caught, handler) == {"v": "c", "input": {"was": 1, "error": "E"}}


def test_a_jsonata_catcher_without_an_output_returns_the_error() -> None:
    assert caught_output("JSONata", catcher(), {}) == ERROR


def test_a_failure_of_the_output_can_be_retried_and_caught() -> None:
    definition = machine(
        QueryLanguage="JSONata",
        Output="{% $states.result.none %}",
        Retry=[retrier("States.QueryEvaluationError", MaxAttempts=1)],
        Catch=[catcher("States.QueryEvaluationError")],
    )
    execution = run(definition, mocks={"T": Return({})})
    assert (execution.trail, execution.output["Error"], attempts(execution)) == (
        ["T", "H"], "States.QueryEvaluationError", [0, 1])  # fmt: skip


def test_every_retry_of_a_timeout_has_the_full_timeout() -> None:
    definition = machine(TimeoutSeconds=5, Retry=[retrier("States.Timeout", IntervalSeconds=1, BackoffRate=1.0)])
    slow, fast = Return(1, after=60), Return(2, after=4)
    execution = run(definition, mocks={"T": [slow, slow, fast]}, functions={"F": print})
    assert (execution.output, attempts(execution), execution.duration) == (2, [0, 6, 12], 16)


def test_a_retry_that_would_outlast_the_execution_times_out() -> None:
    definition = {**machine(Retry=[retrier(IntervalSeconds=60)]), "TimeoutSeconds": 10}
    execution = run(definition, mocks={"T": ALWAYS})
    assert (execution.status, execution.duration) == ("TIMED_OUT", 10)


def test_a_retried_and_caught_failure_is_in_the_history() -> None:
    execution = run(machine(Retry=[retrier(MaxAttempts=1)], Catch=[catcher()]), mocks={"T": ALWAYS})
    tried = ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"]
    left = ["TaskStateExited", "SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"]
    assert [event["type"] for event in execution.history] == [
        "ExecutionStarted",
        "TaskStateEntered",
        *tried,
        *tried,
        *left,
    ]
    assert [event["previousEventId"] for event in execution.history] == [0, 0, *range(2, 12)]
