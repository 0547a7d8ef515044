"""The words for what changed in a state."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.state_diff import diff
from workflow_dsl.views.changes.states import words_of, words_of_fields

Fields = dict[str, Any]
FAILED: Fields = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "BackoffRate": 1}
BASE: Fields = {"Type": "Task", "Resource": "${Buyer}", "Retry": [FAILED], "Next": "B"}


def words(before: Fields, after: Fields) -> list[str]:
    others = {name: {"Type": "Succeed"} for name in ("B", "C")}
    old, new = (Machine({"StartAt": "A", "States": {"A": fields, **others}}) for fields in (before, after))
    found = diff(old, new)
    return [f"{change.state.name}: {line}" for change in found.states for line in words_of(change)]


def retry(*retriers: Fields) -> Fields:
    return {**BASE, "Retry": [*retriers]}


def catch(*catchers: Fields) -> Fields:
    return {**BASE, "Catch": [*catchers]}


WAIT: Fields = {"Type": "Wait", "Seconds": 60, "Next": "B"}
MAP: Fields = {"Type": "Map", "MaxConcurrency": 5, "End": True}
CASES: list[tuple[Fields, Fields, list[str]]] = [
    (BASE, BASE, []),
    (
        BASE,
        retry({**FAILED, "IntervalSeconds": 15, "MaxAttempts": 5, "BackoffRate": 1.5}),
        [
            "a failed task is retried 5 times instead of 3, waiting 15 s + 22.5 s + ... instead of 2 s + 2 s + ...",
        ],
    ),
    (
        retry({**FAILED, "MaxAttempts": 2}),
        retry({**FAILED, "MaxAttempts": 2, "IntervalSeconds": 15, "BackoffRate": 1.5}),
        ["a failed task is retried 2 times, waiting 15 s + 22.5 s instead of 2 s + 2 s"],
    ),
    (BASE, retry({**FAILED, "MaxAttempts": 1}), ["a failed task is retried once instead of 3"]),
    (BASE, retry({**FAILED, "MaxAttempts": 0}), ["a failed task is no longer retried"]),
    (BASE, retry({**FAILED, "MaxDelaySeconds": 9}), [
        "a failed task is retried 3 times, waiting 2 s + 2 s + ..., at most 9 s instead of 2 s + 2 s + ..."
    ]),
    (BASE, retry({**FAILED, "JitterStrategy": "FULL"}), [
        "a failed task is retried 3 times, waiting 2 s + 2 s + ... with full jitter instead of 2 s + 2 s + ..."
    ]),
    (BASE, retry(), ["a failed task is no longer retried"]),
    (BASE, retry(FAILED, {"ErrorEquals": ["X", "Y"]}), ["X and Y are now retried 3 times, waiting 1 s + 2 s + ..."]),
    (
        retry({"ErrorEquals": ["X", "Y"]}),
        retry({"ErrorEquals": ["X"]}, {"ErrorEquals": ["Y"]}),
        ["now has Retry[1] {\"ErrorEquals\": [\"Y\"]}", "no longer has Retry[0].ErrorEquals[1] \"Y\""],
    ),
    (BASE, catch({"ErrorEquals": ["States.ALL"], "Next": "C"}), ['any error is now caught, and leads to "C"']),
    (catch({"ErrorEquals": ["E", "F"], "Next": "C"}), BASE, ["E and F are no longer caught"]),
    (
        catch({"ErrorEquals": ["E"], "Next": "B"}),
        catch({"ErrorEquals": ["E"], "Next": "C"}),
        ['E now leads to "C" instead of "B"'],
    ),
    (
        catch({"ErrorEquals": ["E"], "Next": "B"}),
        catch({"ErrorEquals": ["E"], "Next": "B", "ResultPath": "$.e"}),
        ['now has Catch[0].ResultPath "$.e"'],
    ),
    (WAIT, {**WAIT, "Seconds": 90}, ["waits 90 s instead of 60 s"]),
    (WAIT, {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "B"}, [
        'now waits until "2026-01-01T00:00:00Z"', "no longer waits 60 s"]),
    (BASE, {**BASE, "TimeoutSeconds": 30}, ["now times out after 30 s"]),
    ({**BASE, "TimeoutSeconds": 30}, BASE, ["no longer times out after 30 s"]),
    (BASE, {**BASE, "Resource": "${Seller}"}, ["calls Seller instead of Buyer"]),
    (BASE, {**BASE, "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "${Buyer}"}}, [
        "calls Lambda Buyer instead of Buyer", 'now has Parameters {"FunctionName": "${Buyer}"}']),
    ({**BASE, "Parameters": {"a": 1, "b": {"c": 2}}}, {**BASE, "Parameters": {"a": 1, "b": {"c": 3}}}, [
        "has Parameters.b.c 3 instead of 2"]),
    ({**BASE, "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "${Old}", "MessageBody": "a"}},
     {**BASE, "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "${New}", "MessageBody": "b"}},
     ["calls SQS sendMessage New instead of SQS sendMessage Old", 'has Parameters.MessageBody "b" instead of "a"']),
    (BASE, {**BASE, "Next": "C"}, ['goes on to "C" instead of "B"']),
    (BASE, {**{k: v for k, v in BASE.items() if k != "Next"}, "End": True}, [
        'ends the execution instead of going on to "B"']),
    ({**{k: v for k, v in BASE.items() if k != "Next"}, "End": True}, BASE, ['goes on to "B" instead of ending']),
    (BASE, {"Type": "Pass", "Next": "B"}, [
        'is of type "Pass" instead of "Task"', 'no longer calls "${Buyer}"', "a failed task is no longer retried"]),
    (MAP, {**MAP, "MaxConcurrency": 10}, ["takes at most 10 items at once instead of 5 items at once"]),
    ({**MAP, "MaxConcurrency": 0}, MAP, ["now takes at most 5 items at once"]),
    ({**MAP, "MaxConcurrency": 0}, {"Type": "Map", "End": True}, ["no longer has MaxConcurrency 0"]),
    (BASE, {**BASE, "ResultPath": None}, ["now has ResultPath null"]),
    ({"Type": "Choice", "Choices": [], "Default": "B"}, {"Type": "Succeed"}, [
        'is of type "Succeed" instead of "Choice"', "no longer has Choices []", 'no longer has Default "B"']),
    (MAP, {"Type": "Map", "End": True}, ["no longer takes at most 5 items at once"]),
    ({**BASE, "ResultPath": "$.x"}, {**BASE, "ResultPath": "$.y"}, ['puts its result at "$.y" instead of "$.x"']),
    (BASE, {**BASE, "Comment": "c"}, ['now has Comment "c"']),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_each_change_has_its_words(before: Fields, after: Fields, expected: list[str]) -> None:
    assert sorted(words(before, after)) == sorted(f"A: {line}" for line in expected)


def branches(*names: str) -> Fields:
    parts = [{"StartAt": name, "States": {name: {"Type": "Pass", "Comment": name, "End": True}}} for name in names]
    return {"Type": "Parallel", "Branches": parts, "End": True}


def test_branches_are_new_gone_or_in_another_order() -> None:
    assert words(branches("X", "Y"), branches("Y", "Z", "X"))[0] == ('A: has a new branch that starts at "Z"')
    assert words(branches("X", "Y"), branches("Y", "X")) == [
        "A: has its branches, and therefore their results, in a different order"
    ]
    assert words(branches("X", "Y"), branches("X")) == [
        'A: no longer has the branch that starts at "Y"',
        "Y: is removed: Pass",
    ]


def test_a_field_with_many_changes_is_cut() -> None:
    before, after = ({**BASE, "Parameters": {f"p{n}": value for n in range(20)}} for value in (1, 2))
    assert words(before, after)[-1] == "A: Parameters differs in 12 more places"


def test_added_removed_renamed_and_moved_states_say_so() -> None:
    def machine(*branches: Fields, **states: Any) -> Machine:
        parts = [{"StartAt": next(iter(branch)), "States": branch} for branch in branches]
        return Machine({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": parts}, **states}})

    one, two = {"Type": "Wait", "Seconds": 1, "End": True}, {"Type": "Wait", "Seconds": 2, "End": True}
    found = diff(
        machine({"One": one, "Two": two}, {"Old": {"Type": "Fail", "Error": "E"}}),
        machine({"Eins": one}, {"New": {"Type": "Succeed"}}, Two=two),
    )
    assert {change.state.name: words_of(change) for change in found.states} == {
        "Both": ['Branches[1] starts at "New" instead of "Old"'],
        "Eins": ['was called "One"'],
        "New": ["is new: Succeed"],
        "Two": ['moved from branch 1 of "Both" to the top level'],
        "Old": ["is removed: Fail, E"],
    }


def test_the_machine_itself_has_words() -> None:
    before = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}
    found = diff(Machine(before), Machine({**before, "StartAt": "B", "TimeoutSeconds": 60}))
    assert words_of_fields(found.fields) == ['starts at "B" instead of "A"', "now times out after 60 s"]
