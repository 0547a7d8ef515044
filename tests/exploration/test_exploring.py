"""The search reaches every element of a machine, says why not where it cannot, and is the same every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exploration.kinds import KINDS
from tests.exploration.large import LARGE
from tests.exploration.machines import MACHINES, SOLVED, asks, choice, distributed, task
from workflow_dsl.definition.reading import read
from workflow_dsl.exploration.cover import shrunk, smallest_cover
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.reports.half_done import half_done_lines
from workflow_dsl.exploration.reports.reasons import dead_parts, reason_of
from workflow_dsl.exploration.search.faults import SAMPLE
from workflow_dsl.exploration.variants import given_up_on
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Throw
from workflow_dsl.local.coverage import describe
from workflow_dsl.validation import check


@pytest.mark.parametrize("name", [*MACHINES, *SOLVED, *KINDS, *LARGE])
def test_every_element_is_reached(name: str) -> None:
    exploration = explore({**MACHINES, **SOLVED, **KINDS, **LARGE}[name])
    assert [describe(element) for element in exploration.missing] == []


@pytest.mark.parametrize("name", ["numbers", "compensates", "queries"])
def test_the_same_seed_finds_the_same_paths(name: str) -> None:
    one, other = (explore(MACHINES[name], seed=3) for _ in range(2))
    assert [path.scenario for path in one.paths] == [path.scenario for path in other.paths]


@pytest.mark.parametrize("number", ["1e300", "1e-300", f"1{'0' * 100}"])
def test_constants_of_any_size_do_not_stop_the_search(number: str) -> None:
    condition = f"{{% $states.input.n * {number} / 1e-300 > 5 and $sqrt($states.input.m) = {number} %}}"
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "Large?",
        "States": {
            "Large?": {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "Yes"}], "Default": "No"},
            "Yes": {"Type": "Succeed"},
            "No": {"Type": "Succeed"},
        },
    }
    assert "No" in {path.run.trail[-1] for path in explore(machine).paths if path.run.status == "SUCCEEDED"}


def test_no_more_executions_run_than_are_allowed() -> None:
    assert len(explore(MACHINES["compensates"], most_runs=2).paths) <= 2


def test_an_interrupt_ends_the_search_with_what_it_found() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    exploration = explore(MACHINES["compensates"], progress=interrupt)
    assert (exploration.is_complete, len(exploration.paths)) == (False, 1)


def test_a_definition_that_cannot_run_is_refused() -> None:
    with pytest.raises(FindingsError, match="Nowhere"):
        explore({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}})


def test_a_definition_with_placeholders_is_refused_for_its_own_errors() -> None:
    call = {**task(Next="Nowhere"), "Parameters": {"QueueUrl": "${Queue}", "MessageBody": "m"}}
    wait = {"Type": "Wait", "Seconds": "${Delay}", "Next": "T"}
    with pytest.raises(FindingsError, match="Missing 'Next' target: Nowhere"):
        explore({"StartAt": "W", "States": {"W": wait, "T": call}})


N = "$.n"
UNREACHED = [
    (
        choice({"Variable": N, "NumericLessThan": 10}, {"Variable": N, "NumericLessThan": 5}),
        '"Choose" Choices[1]',
        "matches nothing after Choices[0]",
    ),
    (
        choice({"And": [{"Variable": N, "NumericLessThan": 1}, {"Variable": N, "NumericGreaterThan": 2}]}),
        '"Choose" Choices[0]',
        "matches no value",
    ),
    (
        choice({"Variable": N, "IsPresent": True}, {"Variable": N, "IsPresent": False}),
        '"Choose" Default',
        "Default is never taken: a rule matches every value",
    ),
    (
        {
            "StartAt": "T",
            "States": {
                "T": task(Catch=[{"ErrorEquals": ["A", "States.Timeout"], "Next": "E"}, {"ErrorEquals": ["A"], "Next": "E"}]),
                "E": {"Type": "Succeed"},
            },
        },
        '"T" Catch[1]',
        "Catch[0] before it handles A",
    ),
    (
        {
            "StartAt": "T",
            "States": {
                "T": task(Retry=[{"ErrorEquals": ["A", "States.Timeout"]}, {"ErrorEquals": ["B", "A"]}]),
            },
        },
        '"T" Retry[1] for A',
        "Retry[0] before it handles A",
    ),
    (
        {
            "StartAt": "T",
            "States": {
                "T": task(Catch=[{"ErrorEquals": [name], "Next": "E"} for name in ("States.Timeout", "States.TaskFailed", "States.ALL")]),
                "E": {"Type": "Succeed"},
            },
        },
        '"T" Catch[2]',
        "Catch[0] and Catch[1] before it handle all its errors",
    ),
    (
        {
            "StartAt": "T",
            "States": {"T": task(Catch=[{"ErrorEquals": ["States.Runtime"], "Next": "E"}]), "E": {"Type": "Succeed"}},
        },
        '"T" Catch[0]',
        "States.Runtime is never handled by Retry and Catch",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("machine", "element", "reason"), UNREACHED)
def test_what_is_not_reached_has_a_reason(machine: dict[str, Any], element: str, reason: str) -> None:
    exploration = explore(machine)
    reasons = {describe(each): reason_of(exploration, each) for each in exploration.missing}
    assert reasons[element] == reason


def test_a_dead_rule_and_a_dead_error_name_are_findings_at_their_place() -> None:
    machine = choice({"Variable": N, "NumericLessThan": 2}, {"Variable": N, "NumericLessThan": 1})
    machine["States"]["A"] = task(Catch=[{"ErrorEquals": [name, "C"], "Next": "Other"} for name in ("A", "B")])
    assert [(each.code, str(each.where), each.message) for each in dead_parts(explore(machine))] == [
        ("DEAD_RULE", '"Choose" Choices[1]', "matches nothing after Choices[0]"),
        ("DEAD_ERROR", '"A" Catch[1].ErrorEquals[1]', "Catch[0] before it handles C"),
    ]


NAMES = ["A.One", "A.Two", "A.Three", "States.Timeout", "States.TaskFailed"]
HANDLED = {
    "StartAt": "T",
    "States": {
        "T": task(
            Retry=[{"ErrorEquals": NAMES[:3], "MaxAttempts": 2}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            Catch=[{"ErrorEquals": NAMES, "Next": "E"}],
            TimeoutSeconds=9,
        ),
        "E": {"Type": "Succeed"},
    },
}


def faults_of_paths(machine: dict[str, Any]) -> set[tuple[tuple[str, ...], bool]]:
    """The errors of each path in turn, and if the task has a result after them."""
    responses = [path.scenario.responses.get("T", ()) for path in explore(machine).paths]
    return {
        (tuple(each.error for each in all_ if isinstance(each, Throw)), isinstance(all_[-1], Return))
        for all_ in responses
    }


def test_each_error_name_is_retried_and_comes_once_too_often() -> None:
    found = faults_of_paths(HANDLED)
    caught = {((name,) * 3, False) for name in NAMES[:3]}
    assert found >= {((), True), (("A.One", "A.Two", SAMPLE), True), *caught}
    assert found >= {(("States.Timeout",) * 2, False), ((SAMPLE,) * 2, False)}


def test_a_retrier_gives_up_if_its_task_is_called_often_enough() -> None:
    failing = {**choice({"Variable": "$.kind", "StringEquals": "gift"})["States"]["Choose"], "Default": "Refuse"}
    call = task(Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}], End=True)
    states = {"Choose": failing, "A": call, "Refuse": {"Type": "Fail", "Error": "Bad"}}
    rows = {"Type": "Map", "ItemsPath": "$.rows", "ItemProcessor": {"StartAt": "Choose", "States": states}, "End": True}
    exploration = explore(distributed({"StartAt": "Rows", "States": {"Rows": rows | {"ToleratedFailureCount": 0}}}))
    given_up = [path.run for path in exploration.paths if given_up_on(path, exploration.states)]
    assert (["A", "A", "A"], "A") in [([call.state for call in run.calls], run.trail[-1]) for run in given_up]


def test_a_timeout_is_tried_where_a_task_has_a_limit_and_nothing_names_it() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "E"}]
    machine = {"StartAt": "T", "States": {"T": task(Catch=catch, HeartbeatSeconds=9), "E": {"Type": "Succeed"}}}
    assert faults_of_paths(machine) >= {(("States.Timeout",), False), ((SAMPLE,), False)}


MAY_MATCH = {
    "an unknown formula": asks("$states.input.a * $states.input.a + $states.input.a = 5402"),
    "a formula after one field": asks("$states.input.n > 3", "$string($states.input.n) & 'x' = '-71x'"),
    "the name of the execution": choice({"Variable": "$$.Execution.Name", "StringMatches": "nightly-*"}),
    "a pattern and a bound": choice(
        {
            "And": [
                {"Variable": "$.key", "StringMatches": "*-q-*"},
                {"Variable": "$.key", "StringGreaterThan": "m"},
                {"Variable": "$.key", "StringLessThan": "mm"},
            ]
        }
    ),
}


@pytest.mark.parametrize("name", MAY_MATCH)
def test_a_rule_that_may_match_is_no_dead_one(name: str) -> None:
    assert dead_parts(explore(MAY_MATCH[name])) == []


def test_a_rule_that_cannot_hold_is_a_finding_at_its_place() -> None:
    exploration = explore(choice({"Variable": N, "NumericLessThan": 10}, {"Variable": N, "NumericLessThan": 5}))
    [finding] = dead_parts(exploration)
    assert (finding.code, finding.where.field, finding.message) == (
        "DEAD_RULE",
        "Choices[1]",
        "matches nothing after Choices[0]",
    )


PUBLISHED = Path(__file__).parents[3] / "shared" / "conformance" / "definitions.jsonl"


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published definitions are not on this computer")
def test_most_elements_of_published_machines_are_reached_or_explained() -> None:
    reached = total = 0
    for line in PUBLISHED.read_text("utf-8").splitlines()[::8]:
        row = json.loads(line)
        text = row["raw"] or json.dumps(row["definition"])
        if row["label"] != "valid" or '"Choice"' not in text or any(f.severity == "error" for f in check(text)):
            continue
        exploration = explore(json.dumps(read(text)), type_=row["type"])
        explained = [each for each in exploration.missing if not reason_of(exploration, each).startswith("no ")]
        total += len(exploration.elements)
        reached += len(exploration.elements) - len(exploration.missing) + len(explained)
    assert reached >= 0.95 * total


def test_work_that_a_failure_leaves_half_done_is_reported() -> None:
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Cancel"}]
    states = {
        "Book": task(Catch=caught, Next="Pay"),
        "Pay": task(Next="Send"),
        "Send": task(Catch=caught),
        "Cancel": task(),
    }
    lines = list(half_done_lines(explore({"StartAt": "Book", "States": states})))
    assert lines == ['half done: a failure of "Pay" is not caught after "Book", while one of "Book" leads to "Cancel"']


def test_each_comparison_of_a_rule_decides_it_in_a_path_of_the_smallest_cover() -> None:
    rule = {
        "And": [
            {"Variable": "$.total", "NumericGreaterThan": 1000},
            {"Or": [{"Variable": "$.from", "StringEquals": "CH"}, {"Variable": "$.is_new", "BooleanEquals": True}]},
        ]
    }
    exploration = explore(choice(rule))
    found = [
        (
            path.run.trail[-1],
            path.scenario.input["total"] > 1000,
            path.scenario.input.get("from"),
            path.scenario.input.get("is_new"),
        )
        for path in (shrunk(exploration, path) for path in smallest_cover(exploration))
    ]
    assert sorted(found, key=repr) == [
        ("A", True, "CH", None),
        ("A", True, "other", True),
        ("Other", False, "CH", None),
        ("Other", True, "other", False),
    ]


def test_a_condition_in_jsonata_is_decided_by_each_of_its_comparisons() -> None:
    exploration = explore(asks("$states.input.n > 5 and $states.input.kind = 'a'"))
    decided = {goal[2:] for goals in exploration.decided.values() for goal in goals}
    assert decided == {(0, True, 0), (0, False, 0), (0, False, 1)}
