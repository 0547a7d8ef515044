"""operations/executions.py and live/: executions that run, wait for answers, are stopped and redriven."""

from __future__ import annotations

import gc
import json
import threading
from typing import Any

import pytest

from tests.server.support import PASS, PREFIX, ROLE, Api, Refused, task
from workflow_dsl.local.engine.execution import Execution, Outcome
from workflow_dsl.server.operations.activities import is_gone

ACTIVITY = f"{PREFIX}:activity:review"
WAIT = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:price"


def test_a_wait_of_a_day_has_passed_at_once() -> None:
    api = Api()
    execution = api.start(api.machine(WAIT), name="nightly", input='{"a": 1}')
    description = api("DescribeExecution", executionArn=execution)
    assert execution == f"{PREFIX}:execution:machine:nightly"
    assert (description["status"], description["output"]) == ("SUCCEEDED", '{"a":1}')
    assert description["stopDate"] - description["startDate"] == pytest.approx(86_400, abs=1)
    assert api.events(execution) == ["ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"]


def test_an_execution_times_out_after_a_year() -> None:
    api = Api()
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 40_000_000, "End": True}}}
    execution = api.start(api.machine(wait))
    description = api("DescribeExecution", executionArn=execution)
    assert (description["status"], "error" in description) == ("TIMED_OUT", False)
    assert description["stopDate"] - description["startDate"] == pytest.approx(365 * 86_400, abs=1)
    assert api.events(execution) == ["ExecutionStarted", "WaitStateEntered", "ExecutionTimedOut"]


def test_an_execution_that_has_ended_is_let_go_without_a_search_for_cycles() -> None:
    api = Api()
    machine = api.machine(WAIT)
    gc.collect()
    gc.disable()
    try:
        arn = api.start(machine)
        left = [each for each in gc.get_objects() if isinstance(each, Execution) and each.arn == arn]
    finally:
        gc.enable()
    assert (api.ended(arn)["status"], left) == ("SUCCEEDED", [])


@pytest.mark.parametrize("state", [{"Type": "Pass"}, {"Type": "Wait", "Seconds": 0}])
def test_a_loop_without_end_is_started_without_waiting_for_it_and_can_be_stopped(state: dict[str, Any]) -> None:
    api = Api()
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": True, "Next": "End"}], "Default": "A"}
    loop = {"StartAt": "A", "States": {"A": {**state, "Next": "B"}, "B": choice, "End": {"Type": "Succeed"}}}
    record = api.account.executions[api.start(api.machine(loop, type="EXPRESS"))]
    running = record.status
    api.world.stop(record, Outcome("ABORTED"))
    assert (running, record.wait(10), record.status) == ("RUNNING", True, "ABORTED")


def test_in_real_time_a_wait_lasts_until_it_is_stopped() -> None:
    api = Api(is_real=True)
    execution = api.start(api.machine(WAIT))
    assert api("DescribeExecution", executionArn=execution)["status"] == "RUNNING"
    api("StopExecution", executionArn=execution, error="Enough", cause="no time")
    description = api.ended(execution)
    assert (description["status"], description["error"], description["cause"]) == ("ABORTED", "Enough", "no time")
    assert api.events(execution) == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    last = api("GetExecutionHistory", executionArn=execution, reverseOrder=True)["events"][0]
    assert (last["previousEventId"], last["executionAbortedEventDetails"]) == (
        0,
        {"error": "Enough", "cause": "no time"},
    )


def test_a_name_is_used_once_and_the_same_request_gets_the_running_execution() -> None:
    api = Api(is_real=True)
    arn = api.machine(WAIT)
    first, second = (api("StartExecution", stateMachineArn=arn, name="n", input="{}") for _ in range(2))
    assert first == second
    with pytest.raises(Refused) as error:
        api.start(arn, name="n", input="[]")
    exists = ("ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'")
    assert error.value.args == exists
    api("StopExecution", executionArn=first["executionArn"])
    with pytest.raises(Refused) as error:
        api.start(arn, name="n", input="{}")
    assert error.value.args == exists


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Invalid execution input."),
        (
            "once upon",
            "Unrecognized token 'once': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        ),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
    ],
)
def test_an_input_that_is_no_json_is_refused_in_the_words_of_the_service(text: str, problem: str) -> None:
    api = Api()
    arn = api.machine()
    with pytest.raises(Refused) as error:
        api.start(arn, input=text)
    assert error.value.args == ("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'")


def test_a_handler_is_called_and_its_error_fails_the_execution() -> None:
    def price(event: Any, context: Any) -> Any:
        return {"price": 1 / event["quantity"]}

    api = Api({"price": price})
    arn = api.machine(task(FUNCTION))
    assert api.ended(api.start(arn, input='{"quantity": 2}'))["output"] == '{"price":0.5}'
    failed = api.ended(api.start(arn, input='{"quantity": 0}'))
    assert (failed["status"], failed["error"], failed["redriveStatus"]) == ("FAILED", "ZeroDivisionError", "REDRIVABLE")


def test_a_call_that_nothing_answers_fails_the_execution_with_the_reason() -> None:
    api = Api()
    missing = api.ended(api.start(api.machine(task(FUNCTION))))
    assert missing["error"] == "Lambda.ResourceNotFoundException"
    sqs = task("arn:aws:states:::sqs:sendMessage", Parameters={"QueueUrl": "q", "MessageBody": "m"})
    assert api.ended(api.start(api.machine(sqs, "queue")))["error"] == "States.Runtime"


def activity(api: Api) -> str:
    return str(api("CreateActivity", name="review")["activityArn"])


def test_a_worker_takes_the_task_of_an_activity_and_answers_it() -> None:
    api = Api()
    arn = activity(api)
    execution = api.start(api.machine(task(arn, TimeoutSeconds=3600)), input='{"page":1}')
    taken = api.worker(arn)
    assert taken["input"] == '{"page":1}'
    assert api("DescribeExecution", executionArn=execution)["status"] == "RUNNING"
    api("SendTaskHeartbeat", taskToken=taken["taskToken"])
    api("SendTaskSuccess", taskToken=taken["taskToken"], output='"good"')
    assert api.ended(execution)["output"] == '"good"'
    assert api.events(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    with pytest.raises(Refused) as error:
        api("SendTaskSuccess", taskToken=taken["taskToken"], output="1")
    assert error.value.args == ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("{", "Unexpected end-of-input"),
        (f'"{"é" * 131_072}"', "The output is larger than 262144 bytes."),
        ("1" * 5_000, "Number value length exceeds the maximum allowed"),
    ],
)
def test_an_output_that_is_no_json_or_too_large_leaves_the_task_waiting(output: str, problem: str) -> None:
    api = Api()
    arn = activity(api)
    execution = api.start(api.machine(task(arn)))
    token = api.worker(arn)["taskToken"]
    with pytest.raises(Refused) as error:
        api("SendTaskSuccess", taskToken=token, output=output)
    assert error.value.args == ("InvalidOutput", f"Invalid Output: '{problem}'")
    api("SendTaskSuccess", taskToken=token, output=f'"{"é" * 131_071}"')
    assert api.ended(execution)["status"] == "SUCCEEDED"


def test_a_worker_that_has_gone_leaves_a_task_that_is_there_to_another_one() -> None:
    api = Api()
    arn = activity(api)
    api.start(api.machine(task(arn)), input="[5]")
    token = is_gone.set(lambda: True)
    try:
        assert api("GetActivityTask", activityArn=arn) == {}
    finally:
        is_gone.reset(token)
    assert api.worker(arn)["input"] == "[5]"


def test_a_worker_gets_nothing_where_there_is_no_task() -> None:
    api = Api()
    assert api("GetActivityTask", activityArn=activity(api)) == {}
    with pytest.raises(Refused) as error:
        api("SendTaskFailure", taskToken="made up")
    assert error.value.args == ("InvalidToken", "Invalid Token: 'Invalid token'")


def test_a_failed_execution_is_redriven_from_its_state_and_the_history_goes_on() -> None:
    api = Api()
    arn = activity(api)
    states = {
        "First": {"Type": "Pass", "Assign": {"v": 7}, "Next": "Work"},
        "Work": {"Type": "Task", "Resource": arn, "Next": "Last"},
        "Last": {"Type": "Pass", "Parameters": {"v.$": "$v", "result.$": "$"}, "End": True},
    }
    execution = api.start(api.machine({"StartAt": "First", "States": states}))
    api("SendTaskFailure", taskToken=api.worker(arn)["taskToken"], error="Busy")
    assert api.ended(execution)["error"] == "Busy"
    api("RedriveExecution", executionArn=execution)
    api("SendTaskSuccess", taskToken=api.worker(arn)["taskToken"], output="3")
    ended = api.ended(execution)
    assert (ended["status"], ended["output"], ended["redriveCount"]) == ("SUCCEEDED", '{"result":3,"v":7}', 1)
    assert api.events(execution)[7:10] == ["ExecutionFailed", "ExecutionRedriven", "TaskStateEntered"]
    with pytest.raises(Refused) as error:
        api("RedriveExecution", executionArn=execution)
    assert error.value.args == ("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven")


def failing_once(calls: list[Any]) -> Any:
    """A handler that fails at its first call with an event that is in `calls` twice, and returns the event."""

    def handler(event: Any, context: Any) -> Any:
        calls.append(event)
        if event == "b" and calls.count("b") == 1:
            raise ValueError
        return f"{event}!"

    return handler


def test_a_redrive_that_is_sent_twice_is_one_redrive() -> None:
    api = Api()
    arn = api.start(api.machine({"StartAt": "F", "States": {"F": {"Type": "Fail"}}}))
    first, again = (api("RedriveExecution", executionArn=arn, clientToken="one") for _ in range(2))
    assert first == again
    assert api("DescribeExecution", executionArn=arn)["redriveCount"] == 1
    api("RedriveExecution", executionArn=arn, clientToken="two")
    assert api("DescribeExecution", executionArn=arn)["redriveCount"] == 2


def test_an_execution_with_a_full_history_is_not_redrivable() -> None:
    api = Api()
    rule = {"Variable": "$.end", "IsPresent": True, "Next": "End"}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "Again"}
    states = {"Choice": choice, "Again": {"Type": "Pass", "Next": "Choice"}, "End": {"Type": "Succeed"}}
    arn = api.start(api.machine({"StartAt": "Choice", "States": states}))
    described = api.ended(arn)
    reason = "Execution history event limit exceeded"
    assert (described["status"], described["redriveStatusReason"]) == ("FAILED", reason)
    with pytest.raises(Refused) as error:
        api("RedriveExecution", executionArn=arn)
    assert error.value.args == ("ExecutionNotRedrivable", reason)


def test_executions_are_listed_by_the_time_of_their_end_and_running_ones_by_their_start() -> None:
    api = Api()
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$", "End": True}}}
    machine = api.machine(wait)
    for name, seconds in (("long", "900"), ("short", "1"), ("middle", "60")):
        api.start(machine, name=name, input=seconds)
    listed = api("ListExecutions", stateMachineArn=machine)["executions"]
    assert [each["name"] for each in listed] == ["long", "middle", "short"]


def test_only_a_map_run_has_executions_that_wait_for_a_redrive() -> None:
    api = Api()
    with pytest.raises(Refused) as error:
        api("ListExecutions", stateMachineArn=api.machine(), statusFilter="PENDING_REDRIVE")
    assert error.value.args == ("ValidationException", "The statusFilter PENDING_REDRIVE needs a mapRunArn")


def test_a_redrive_runs_only_the_failed_iterations_of_a_map_again() -> None:
    calls: list[Any] = []
    others: list[Any] = []
    api = Api({"price": failing_once(calls), "other": lambda event, context: others.append(event)})
    other = "arn:aws:lambda:us-east-1:111111111111:function:other"
    steps = {
        "Before": {
            "Type": "Task",
            "Resource": other,
            "ResultPath": None,
            "Assign": {"v.$": "$$.Map.Item.Value"},
            "Next": "Price",
        },
        "Price": {"Type": "Task", "Resource": FUNCTION, "Next": "After"},
        "After": {"Type": "Pass", "Parameters": {"price.$": "$", "v.$": "$v"}, "End": True},
    }
    processor = {"StartAt": "Before", "States": steps}
    states = {"Each": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}}
    execution = api.start(api.machine({"StartAt": "Each", "States": states}), input='["a", "b", "c"]')
    assert (api.ended(execution)["status"], calls, others) == ("FAILED", ["a", "b"], ["a", "b"])
    api("RedriveExecution", executionArn=execution)
    ended = api.ended(execution)
    wanted = [{"price": f"{item}!", "v": item} for item in "abc"]
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", wanted)
    assert (calls, others) == (["a", "b", "b", "c"], ["a", "b", "c"])


def test_a_redrive_runs_only_the_failed_branches_of_a_parallel_again_also_inside_of_another() -> None:
    calls: list[Any] = []
    api = Api({"price": failing_once(calls)})

    def branch(item: str) -> dict[str, Any]:
        call = {"Type": "Task", "Resource": FUNCTION, "InputPath": f"$.{item}", "End": True}
        return {"StartAt": item, "States": {item: call}}

    def parallel(name: str, *branches: Any) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: {"Type": "Parallel", "Branches": branches, "End": True}}}

    definition = parallel("Outer", branch("a"), parallel("Inner", branch("c"), branch("b")))
    execution = api.start(api.machine(definition), input='{"a": "a", "b": "b", "c": "c"}')
    assert (api.ended(execution)["status"], sorted(calls)) == ("FAILED", ["a", "b", "c"])
    api("RedriveExecution", executionArn=execution)
    assert api.ended(execution)["output"] == '["a!",["c!","b!"]]'
    assert sorted(calls) == ["a", "b", "b", "c"]


def test_a_stop_ends_an_execution_whose_handler_still_works() -> None:
    started, may_end = threading.Event(), threading.Event()

    def slow(event: Any, context: Any) -> Any:
        started.set()
        may_end.wait(10)

    api = Api({"price": slow})
    execution = api.start(api.machine(task(FUNCTION)))
    assert started.wait(10)
    api("StopExecution", executionArn=execution)
    may_end.set()
    assert api.ended(execution)["status"] == "ABORTED"
    assert api.events(execution)[-1] == "ExecutionAborted"


def test_what_a_stopped_execution_still_does_changes_nothing_of_its_redrive() -> None:
    started, may_end = threading.Event(), threading.Event()
    calls: list[int] = []

    def slow_at_first(event: Any, context: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            started.set()
            may_end.wait(10)
            raise ValueError
        return "second"

    api = Api({"price": slow_at_first})
    execution = api.start(api.machine(task(FUNCTION)))
    assert started.wait(10)
    api("StopExecution", executionArn=execution)
    api("RedriveExecution", executionArn=execution)
    assert api.ended(execution)["output"] == '"second"'
    events = api.events(execution)
    may_end.set()
    api.ended(api.start(api.machine(task(FUNCTION), "other")))
    assert (api.ended(execution)["output"], api.events(execution)) == ('"second"', events)
    assert events[-1] == "ExecutionSucceeded"


def test_an_execution_that_another_one_starts_is_in_the_account_too() -> None:
    api = Api()
    child = api.machine(name="child")
    nested = task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": child, "Input": [1]})
    output = json.loads(api.ended(api.start(api.machine(nested)))["output"])
    [listed] = api("ListExecutions", stateMachineArn=child)["executions"]
    assert (output["Output"], output["ExecutionArn"]) == ([1], listed["executionArn"])
    assert api.events(listed["executionArn"])[-1] == "ExecutionSucceeded"


MAP: dict[str, Any] = {
    "Type": "Map",
    "Label": "Each",
    "ToleratedFailureCount": 1,
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Check",
        "States": {
            "Check": {
                "Type": "Choice",
                "Choices": [{"Variable": "$", "NumericLessThan": 3, "Next": "Good"}],
                "Default": "Bad",
            },
            "Good": {"Type": "Pass", "End": True},
            "Bad": {"Type": "Fail", "Error": "TooLarge"},
        },
    },
    "End": True,
}


def test_a_map_run_has_its_numbers_and_its_child_executions() -> None:
    api = Api()
    execution = api.start(api.machine({"StartAt": "Map", "States": {"Map": MAP}}), input="[1,2,3]")
    assert api.ended(execution)["output"] == "[1,2]"
    [listed] = api("ListMapRuns", executionArn=execution)["mapRuns"]
    run = api("DescribeMapRun", mapRunArn=listed["mapRunArn"])
    counts = {"pending": 0, "running": 0, "succeeded": 2, "failed": 1, "timedOut": 0, "aborted": 0, "total": 3}
    assert (run["status"], run["toleratedFailureCount"], run["maxConcurrency"]) == ("SUCCEEDED", 1, 0)
    assert run["itemCounts"] == run["executionCounts"] == {**counts, "resultsWritten": 3}
    failed = api("ListExecutions", mapRunArn=listed["mapRunArn"], statusFilter="FAILED")["executions"]
    assert [each["itemCount"] for each in failed] == [1]
    description = api.ended(failed[0]["executionArn"])
    assert (description["error"], description["mapRunArn"]) == ("TooLarge", listed["mapRunArn"])
    started = api("GetExecutionHistory", executionArn=failed[0]["executionArn"])["events"][0]
    assert started["executionStartedEventDetails"]["roleArn"] == ROLE
    with pytest.raises(Refused):
        api("UpdateMapRun", mapRunArn=listed["mapRunArn"], toleratedFailureCount=3)


def test_a_task_may_start_a_version_or_an_alias() -> None:
    api = Api()
    fixed = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "first", "End": True}}}
    child = api.machine(fixed, "child", publish=True)
    api("UpdateStateMachine", stateMachineArn=child, definition=json.dumps(PASS))
    routes = [{"stateMachineVersionArn": f"{child}:1", "weight": 100}]
    alias = api("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    outputs = []
    for number, arn in enumerate((child, f"{child}:1", alias)):
        start = {"StateMachineArn": arn, "Input": "{}"}
        nested = task("arn:aws:states:::states:startExecution.sync:2", Parameters=start, OutputPath="$.Output")
        outputs.append(api.ended(api.start(api.machine(nested, f"parent{number}")))["output"])
    assert outputs == ["{}", '"first"', '"first"']


def test_a_map_run_that_waits_is_described_and_takes_another_limit() -> None:
    api = Api()
    arn = activity(api)
    processor = {
        **MAP["ItemProcessor"],
        "StartAt": "Ask",
        "States": {"Ask": {"Type": "Task", "Resource": arn, "End": True}},
    }
    machine = {**MAP, "MaxConcurrency": 2, "ToleratedFailureCount": 0, "ItemProcessor": processor}
    execution = api.start(api.machine({"StartAt": "Map", "States": {"Map": machine}}), input="[1,2,3]")
    first, second = api.worker(arn), api.worker(arn)
    [listed] = api("ListMapRuns", executionArn=execution)["mapRuns"]
    run = api("DescribeMapRun", mapRunArn=listed["mapRunArn"])
    counts = {"succeeded": 0, "failed": 0, "timedOut": 0, "aborted": 0, "total": 3, "resultsWritten": 0}
    assert (run["status"], run["itemCounts"]) == ("RUNNING", {"pending": 1, "running": 2, **counts})
    api("UpdateMapRun", mapRunArn=listed["mapRunArn"], toleratedFailureCount=2)
    for each in (first, second):
        api("SendTaskFailure", taskToken=each["taskToken"], error="Bad")
    api("SendTaskSuccess", taskToken=api.worker(arn)["taskToken"], output='"good"')
    assert api.ended(execution)["output"] == '["good"]'
    assert api("DescribeMapRun", mapRunArn=listed["mapRunArn"])["toleratedFailureCount"] == 2


@pytest.mark.parametrize(
    ("tolerated", "status", "counts"),
    [(0, "FAILED", {"aborted": 2}), (1, "SUCCEEDED", {"aborted": 1, "succeeded": 1})],
)
def test_a_stopped_child_of_a_map_run_is_a_failed_item(tolerated: int, status: str, counts: dict[str, int]) -> None:
    api = Api()
    arn = activity(api)
    steps = {"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": arn, "End": True}}}
    machine = {**MAP, "ToleratedFailureCount": tolerated, "ItemProcessor": {**MAP["ItemProcessor"], **steps}}
    execution = api.start(api.machine({"StartAt": "Map", "States": {"Map": machine}}), input="[1,2]")
    first, second = api.worker(arn), api.worker(arn)
    [run] = api("ListMapRuns", executionArn=execution)["mapRuns"]
    children = api("ListExecutions", mapRunArn=run["mapRunArn"])["executions"]
    inputs = {api("DescribeExecution", executionArn=each["executionArn"])["input"]: each for each in children}
    api("StopExecution", executionArn=inputs[first["input"]]["executionArn"], error="Stopped")
    if tolerated:
        api("SendTaskSuccess", taskToken=second["taskToken"], output="7")
    assert api.ended(execution)["status"] == status
    with pytest.raises(Refused, match="TaskTimedOut"):
        api("SendTaskSuccess", taskToken=first["taskToken"], output="7")
    described = api("DescribeMapRun", mapRunArn=run["mapRunArn"])
    assert described["status"] == status
    assert {name: number for name, number in described["itemCounts"].items() if number} == {
        **counts,
        "total": 2,
        **({"resultsWritten": 1} if tolerated else {}),
    }


def test_a_map_run_takes_another_concurrency_while_it_runs() -> None:
    api = Api()
    arn = activity(api)
    steps = {"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": arn, "End": True}}}
    machine = {**MAP, "MaxConcurrency": 1, "ItemProcessor": {**MAP["ItemProcessor"], **steps}}
    execution = api.start(api.machine({"StartAt": "Map", "States": {"Map": machine}}), input="[1,2,3,4,5]")
    taken = [api.worker(arn)]
    [run] = api("ListMapRuns", executionArn=execution)["mapRuns"]

    api("UpdateMapRun", mapRunArn=run["mapRunArn"], maxConcurrency=3)
    taken += [api.worker(arn), api.worker(arn)]
    api("UpdateMapRun", mapRunArn=run["mapRunArn"], maxConcurrency=1)
    for each in taken:
        api("SendTaskSuccess", taskToken=each["taskToken"], output="0")
    for _ in range(2):
        last = api.worker(arn)
        assert api("DescribeMapRun", mapRunArn=run["mapRunArn"])["itemCounts"]["running"] == 1
        api("SendTaskSuccess", taskToken=last["taskToken"], output="0")
    assert api.ended(execution)["output"] == "[0,0,0,0,0]"


def test_a_redrive_goes_on_with_the_map_run_and_its_failed_children() -> None:
    calls: list[Any] = []
    api = Api({"price": failing_once(calls)})
    steps = {
        "StartAt": "Keep",
        "States": {
            "Keep": {"Type": "Pass", "Next": "Price"},
            "Price": {"Type": "Task", "Resource": FUNCTION, "End": True},
        },
    }
    processor = {**MAP["ItemProcessor"], **steps}
    machine = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}
    execution = api.start(api.machine({"StartAt": "Map", "States": {"Map": machine}}), input='["a","b","c"]')
    assert api.ended(execution)["status"] == "FAILED"
    [run] = api("ListMapRuns", executionArn=execution)["mapRuns"]
    [failed] = api("ListExecutions", mapRunArn=run["mapRunArn"], statusFilter="FAILED")["executions"]
    api("RedriveExecution", executionArn=execution)
    ended = api.ended(execution)
    assert (ended["status"], ended.get("output"), calls) == ("SUCCEEDED", '["a!","b!","c!"]', ["a", "b", "b", "c"])
    described = api("DescribeMapRun", mapRunArn=run["mapRunArn"])
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    assert described["executionCounts"]["succeeded"] == 3
    child = api.ended(failed["executionArn"])
    assert (child["status"], child["redriveCount"]) == ("SUCCEEDED", 1)
    assert api.events(failed["executionArn"]).count("PassStateEntered") == 1
    assert "MapRunRedriven" in api.events(execution)


def test_the_executions_of_a_deleted_state_machine_fail() -> None:
    api = Api()
    arn, machine = activity(api), api.machine(task(f"{PREFIX}:activity:review"))
    execution = api.start(machine)
    api.worker(arn)
    api("DeleteStateMachine", stateMachineArn=machine)
    ended = api.ended(execution)
    failure = ("FAILED", "States.Runtime", "State machine machine has been deleted.")
    assert (ended["status"], ended["error"], ended["cause"]) == failure
    assert api.events(execution)[-1] == "ExecutionFailed"


def test_a_state_machine_does_not_have_the_executions_of_a_deleted_one_of_its_name() -> None:
    api = Api()
    machine = api.machine()
    api.ended(api.start(machine, name="nightly"))
    api("DeleteStateMachine", stateMachineArn=machine)
    assert api("ListExecutions", stateMachineArn=api.machine()) == {"executions": []}
    execution = api.start(machine, name="nightly")
    [listed] = api("ListExecutions", stateMachineArn=machine)["executions"]
    assert listed["executionArn"] == execution


def test_a_stop_ends_the_children_of_a_map_run_and_what_it_started() -> None:
    api = Api()
    arn = activity(api)
    child = api.machine(task(arn), "child")
    nested = task("arn:aws:states:::states:startExecution.sync", Parameters={"StateMachineArn": child})
    execution = api.start(api.machine(nested))
    api.worker(arn)
    [running] = api("ListExecutions", stateMachineArn=child)["executions"]
    api("StopExecution", executionArn=execution)
    assert api.ended(running["executionArn"])["status"] == "ABORTED"


def test_an_express_execution_has_its_result_in_the_answer_and_is_not_shown_otherwise() -> None:
    api = Api()
    arn = api.machine(type="EXPRESS")
    answer = api("StartSyncExecution", stateMachineArn=arn, input="[1]", name="now")
    assert (answer["status"], answer["output"], answer["name"]) == ("SUCCEEDED", "[1]", "now")
    assert answer["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}
    not_valid = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    for operation in ("DescribeExecution", "GetExecutionHistory", "StopExecution"):
        with pytest.raises(Refused) as error:
            api(operation, executionArn=answer["executionArn"])
        assert error.value.args == not_valid
    unsupported = "This operation is not supported by this type of state machine"
    for operation, machine in (("ListExecutions", arn), ("StartSyncExecution", api.machine(name="standard"))):
        with pytest.raises(Refused) as error:
            api(operation, stateMachineArn=machine)
        assert error.value.args == ("StateMachineTypeNotSupported", unsupported)


def test_only_the_latest_executions_are_kept() -> None:
    api = Api(keep=2)
    arn = api.machine()
    executions = [api.start(arn) for _ in range(4)]
    listed = api("ListExecutions", stateMachineArn=arn)["executions"]
    assert [each["executionArn"] for each in listed] == executions[:1:-1]
    with pytest.raises(Refused) as error:
        api("DescribeExecution", executionArn=executions[0])
    assert error.value.args == ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{executions[0]}'")


def test_a_history_may_be_read_backwards_and_without_data() -> None:
    api = Api()
    execution = api.start(api.machine(PASS))
    history = api("GetExecutionHistory", executionArn=execution, reverseOrder=True, maxResults=1)
    assert [event["type"] for event in history["events"]] == ["ExecutionSucceeded"]
    assert "nextToken" in history
    events = api("GetExecutionHistory", executionArn=execution, includeExecutionData=False)["events"]
    assert events[1]["stateEnteredEventDetails"] == {"name": "Pass", "inputDetails": {"truncated": False}}


def test_hundreds_of_executions_at_once_end_each_with_its_own_answer() -> None:
    api = Api()
    arn = activity(api)
    machine = api.machine(task(arn))
    executions = {api.start(machine, input=str(number)): str(number) for number in range(200)}

    def work() -> None:
        for _ in range(50):
            taken = api.worker(arn)
            api("SendTaskSuccess", taskToken=taken["taskToken"], output=taken["input"])

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    assert {execution: api.ended(execution)["output"] for execution in executions} == executions


def test_a_trace_header_is_taken_unless_it_is_outside_ascii() -> None:
    api = Api()
    machine = api.machine(PASS)
    assert api("StartExecution", stateMachineArn=machine, traceHeader="Root=1-5-6;Sampled=1")["executionArn"]
    with pytest.raises(Refused) as refused:
        api("StartExecution", stateMachineArn=machine, traceHeader="é")
    assert refused.value.args == (
        "ValidationException",
        "1 validation error detected: Value 'é' at 'traceHeader' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: \\p{ASCII}*",
    )
