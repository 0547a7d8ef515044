"""Generated tests: their names, their text, and what is added to a file that exists."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.exploration.machines import COMPENSATES, POLLS, after, asks, choice, distributed, each_of, task
from workflow_dsl.application.application import read_application
from workflow_dsl.exploration.cover import run_scenario, shrunk, smallest_cover
from workflow_dsl.exploration.execution_paths import Scenario
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.path_groups import LastError, paths_to_show
from workflow_dsl.exploration.pytest_files.cases import first_case
from workflow_dsl.exploration.pytest_files.naming import sentence_of
from workflow_dsl.exploration.pytest_files.text import Case, added_to, combined, new_file, text_of
from workflow_dsl.exploration.reports.lines import exploration_lines
from workflow_dsl.local import InTurn, Return, Throw, run
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project
from workflow_dsl.records import replace

PRICED = {
    "StartAt": "Check Price",
    "States": {
        "Check Price": task(Retry=[{"ErrorEquals": ["Stock.Busy"], "MaxAttempts": 2}], Next="Cheap?"),
        "Cheap?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.price", "NumericLessThanEquals": 50, "Next": "Buy Stock"}],
            "Default": "Sell Stock",
        },
        "Buy Stock": {"Type": "Pass", "End": True},
        "Sell Stock": {"Type": "Pass", "End": True},
    },
}
DISTRIBUTED = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "ListURLsOfNASAData",
                "States": {
                    "ListURLsOfNASAData": task(
                        Retry=[{"ErrorEquals": ["DynamoDB.AmazonDynamoDBException"], "MaxAttempts": 0}], End=True
                    )
                },
            },
            "End": True,
        }
    },
}
SENTENCES: list[tuple[dict[str, Any], list[str]]] = [
    (
        PRICED,
        [
            "buys stock at 50",
            "sells stock at 51",
            "retries Check Price after a busy error when it buys stock at 50",
            "gives up after three busy errors of Check Price",
        ],
    ),
    (
        choice({"Variable": "$.kind", "StringEquals": "gift"}),
        ["goes to A for gift", "goes to Other for other"],
    ),
    (
        choice({"Variable": "$.kind", "StringEquals": "gift"}, {"Variable": "$.count", "NumericGreaterThan": 5}),
        ["goes to A for gift", "goes to B at 6", "goes to Other for other"],
    ),
    (
        choice({"Variable": "$.query", "IsPresent": True}),
        ["goes to A with query", "goes to Other without query"],
    ),
    (
        asks("$exists($states.input.query)"),
        ["goes to A with query", "goes to Other without query"],
    ),
    (
        choice({"And": [{"Variable": "$.paid", "IsPresent": True}, {"Variable": "$.paid", "BooleanEquals": True}]}),
        ["goes to A if paid is true", "goes to Other if paid is false", "goes to Other without paid"],
    ),
    (
        POLLS,
        ["goes to Done for DONE", "goes to Broken for BROKEN and fails",
         "gives up after one error of Ask"],
    ),
    (
        DISTRIBUTED,
        ["lists urls of nasa data", "fails after one amazon dynamo db error of ListURLsOfNASAData"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("machine", "sentences"), SENTENCES)
def test_a_path_is_named_by_what_happens_on_it(machine: dict[str, Any], sentences: list[str]) -> None:
    exploration = explore(machine)
    paths = [group.nameless for group in paths_to_show(exploration)]
    assert sorted(sentence_of(exploration, path) for path in paths) == sorted(sentences)


def test_a_rule_in_a_child_execution_is_named_without_its_value() -> None:
    machine = distributed(each_of({"ItemsPath": "$.rows"}, {"Variable": "$.kind", "StringEquals": "gift"}))
    exploration = explore(machine)
    sentences = {sentence_of(exploration, group.nameless) for group in paths_to_show(exploration)}
    assert sentences == {"goes to A", "goes to Other"}


SEVERAL = [{"ErrorEquals": ["Shop.Busy", "Shop.Shut", "Shop.Lost", "States.TaskFailed"]}]
TWICE = {
    "StartAt": "Ask",
    "States": {"Ask": task(Retry=SEVERAL, Next="Pay"), "Pay": task(Retry=SEVERAL, Catch=[
        {"ErrorEquals": ["Shop.Busy", "Shop.Shut", "States.TaskFailed"], "Next": "Refund"},
    ]), "Refund": {"Type": "Pass", "End": True}},
}  # fmt: skip


def test_paths_that_differ_by_the_name_of_an_error_are_one_group() -> None:
    exploration = explore(TWICE)
    groups = paths_to_show(exploration)
    errors = ("Shop.Busy", "Shop.Shut", "Shop.Lost", "Example.Error")
    assert [(sentence_of(exploration, group.nameless), group.errors) for group in groups] == [
        ("pays", ()),
        ("refunds after four errors of Pay", errors),
        ("retries Ask and Pay", ()),
        ("retries Ask and Pay", ()),
        ("gives up after four errors of Ask", errors),
    ]
    assert [*exploration_lines(exploration)][5:9] == [
        "2. refunds after four errors of Pay",
        "   Ask > Pay > Refund",
        "   Ask: {}",
        "   Pay: each of Shop.Busy, Shop.Shut, Shop.Lost, Example.Error (4 times)",
    ]


def test_a_path_that_fails_by_its_data_is_told_if_no_other_reaches_its_elements() -> None:
    machine = choice({"Variable": "$.kind", "StringEquals": "gift"})
    machine["States"]["A"] = {"Type": "Pass", "Result": {}, "Next": "Read"}
    machine["States"]["Read"] = {"Type": "Pass", "Parameters": {"price.$": "$.price"}, "End": True}
    exploration = explore(machine)
    told = smallest_cover(exploration)
    assert [path.run.trail[-1] for path in told] == ["Other", "Read"]
    assert frozenset().union(*map(exploration.covered_by, told)) == frozenset(exploration.elements)


DEFINITION = {"StartAt": "Check", "States": {"Check": task(Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}])}}


def case(name: str = "test_it_waits", *, with_output: bool = False, in_turn: bool = False) -> Case:
    responses = (Throw("Busy"), Return({"price": 5}))
    execution = run(DEFINITION, {"id": "a"}, mocks={"Check": InTurn(*responses)})
    return Case(name, "shop", {"id": "a"}, {"Check": responses}, execution, {}, with_output, in_turn)


TEXT = """\
def test_it_waits(run_workflow: RunWorkflow) -> None:
    execution = run_workflow(
        "shop",
        {"id": "a"},
        mocks={"Check": [Throw("Busy"), Return({"price": 5})]},
    )
    assert execution.status == "SUCCEEDED"
    assert execution.trail == ["Check"]
    assert execution.duration == 2
"""


def test_a_test_is_formatted_as_ruff_formats_it() -> None:
    assert text_of(case()) == TEXT


def test_a_test_has_the_output_on_request() -> None:
    assert text_of(case(with_output=True)) == f'{TEXT}    assert execution.output == {{"price": 5}}\n'


def test_a_new_file_imports_what_its_tests_use() -> None:
    heading = '"""The execution paths of shop."""\n\nfrom workflow_dsl.local import Return, RunWorkflow, Throw\n\n\n'
    assert new_file("shop", [case()]) == heading + TEXT


def test_only_what_is_missing_is_added_to_a_file() -> None:
    mine = "from workflow_dsl.local import RunWorkflow  # mine\n\n\ndef test_mine():\n    pass\n"
    text, added = added_to(mine, [case()])
    head, _, rest = text.partition("\n")
    assert (head, rest.split("\n")[0]) == (
        mine.split("\n", maxsplit=1)[0],
        "from workflow_dsl.local import Return, Throw",
    )
    assert (text.endswith(f"    pass\n\n\n{TEXT}"), [each.name for each in added]) == (True, ["test_it_waits"])
    assert added_to(text, [case("test_again")]) == (text, [])


def of_error(name: str, *, with_output: bool = False) -> Case:
    """A test in which an error is caught, and in which its name is the output."""
    caught = {"ErrorEquals": ["States.ALL"], "Next": "Tell"}
    definition = {"StartAt": "Check", "States": {"Check": task(Catch=[caught]), "Tell": {"Type": "Succeed"}}}
    execution = run(definition, mocks={"Check": Throw(name)})
    last = LastError("Check", name)
    return Case("test_it_tells", "shop", {}, {"Check": (Throw(name),)}, execution, {}, with_output, last=last)


PARAMETERS = """\
@pytest.mark.parametrize("error", ["Busy", "Shut"])
def test_it_tells(run_workflow: RunWorkflow, error: str) -> None:
    execution = run_workflow("shop", mocks={"Check": Throw(error)})
    assert execution.status == "SUCCEEDED"
    assert execution.trail == ["Check", "Tell"]
    assert execution.duration == 0
    assert execution.output == {"Error": error, "Cause": ""}
"""


def test_tests_of_several_errors_are_one_with_a_parameter() -> None:
    [together] = combined([of_error(name, with_output=True) for name in ("Busy", "Shut")])
    heading = (
        '"""The execution paths of shop."""\n\nimport pytest\nfrom workflow_dsl.local import RunWorkflow, Throw\n\n\n'
    )
    assert new_file("shop", [together]) == heading + PARAMETERS


def test_tests_that_differ_in_more_than_their_error_stay_apart() -> None:
    cases = [of_error("Busy"), replace(of_error("Shut"), input={"id": 1})]
    assert combined(cases) == cases


def test_a_test_of_several_errors_is_added_for_those_that_a_file_lacks() -> None:
    there = new_file("shop", [of_error("Busy")])
    [together] = combined([of_error(name) for name in ("Busy", "Shut", "Lost", "Example.Error")])
    text, [added] = added_to(there, [together])
    assert added.errors == ("Shut", "Lost")
    assert text.startswith('"""The execution paths of shop."""\n\nimport pytest\nfrom workflow_dsl.local import')
    assert text.endswith(text_of(added))
    assert added_to(text, [together]) == (text, [])


def test_a_long_list_of_errors_is_formatted_as_ruff_formats_it() -> None:
    names = tuple(f"Lambda.{word}Exception" for word in ("Service", "AWSLambda", "SdkClient"))
    text = text_of(replace(of_error(names[0]), errors=names))
    assert text.startswith(
        '@pytest.mark.parametrize(\n    "error",\n    [\n        "Lambda.ServiceException",\n'
        '        "Lambda.AWSLambdaException",\n        "Lambda.SdkClientException",\n    ],\n)\ndef test_it_tells('
    )


def test_a_shrunk_path_needs_all_that_it_is_given() -> None:
    exploration = explore(COMPENSATES)
    for path in smallest_cover(exploration):
        small = shrunk(exploration, path)
        assert small.run.trail == path.run.trail
        assert len(str(small.scenario)) <= len(str(path.scenario))


def test_a_state_that_cannot_make_a_real_call_is_answered_in_turn() -> None:
    text = text_of(case(in_turn=True))
    assert 'mocks={"Check": InTurn(Throw("Busy"), Return({"price": 5}))},' in text
    assert new_file("shop", [case(in_turn=True)]).count("InTurn, Return, RunWorkflow, Throw") == 1


FIRST_CASES: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    (POLLS, ({"pause": 1}, ["Wait", "Ask", "Finished?", "Done"], "SUCCEEDED")),
    (PRICED, ({}, ["Check Price", "Cheap?", "Buy Stock"], "SUCCEEDED")),
    (
        after(task(ResultSelector={"n.$": "$.Payload.n"}), choice({"Variable": "$.n", "NumericEquals": 5})),
        ({}, ["First", "Choose", "A"], "SUCCEEDED"),
    ),
    (  # text for a number of DynamoDB has digits
        {
            "StartAt": "Put",
            "States": {
                "Put": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::dynamodb:putItem",
                    "Parameters": {
                        "TableName": "T",
                        "Item": {"Id": {"N.$": "$.id"}, "Tags": {"L": [{"N.$": "$.tag"}]}},
                    },
                    "End": True,
                }
            },
        },
        ({"id": "1", "tag": "1"}, ["Put"], "SUCCEEDED"),
    ),
    (
        {"StartAt": "A", "States": {"A": task(Next="B"), "B": {"Type": "Fail", "Error": "Broken"}}},
        ({}, ["A", "B"], "FAILED"),
    ),
]


@pytest.mark.parametrize(("definition", "expected"), FIRST_CASES)
def test_the_first_test_is_of_an_execution_that_ends_well_if_one_does(
    tmp_path: Path, definition: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    (tmp_path / "m.asl.json").write_text(json.dumps(definition), "utf-8")
    first = first_case(
        explore(definition), str(tmp_path / "m.asl.json"), ProjectRunner(read_application(Project(tmp_path)))
    )
    assert first is not None
    assert (first.input, first.run.trail, first.run.status) == expected


HOSTILE = ["it's", 'say "no"', 'it\'s "no"', "\\' \" \\\\", "two\nlines\x1b[1m", '""" + open("x") + """', "é\u202e{%"]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_stays_text(text: str) -> None:
    definition = {"StartAt": text, "States": {text: task()}}
    execution = run(definition, {text: text}, mocks={text: Return({text: [text]})})
    written = Case("test_it", text, {text: text}, {text: (Return({text: [text]}),)}, execution, {}, with_output=True)
    call = ast.parse(text_of(written)).body[0]
    strings = {node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert strings == {text, "SUCCEEDED"}


BY_DUE = choice(
    {"And": [{"Variable": "$.plan", "StringEquals": "S"}, {"Variable": "$.due", "NumericLessThan": 1}]},
    {"Or": [{"Variable": "$.owner", "StringEquals": "me"}, {"Variable": "$.size", "NumericGreaterThan": 9}]},
)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"plan": "S", "due": 1, "owner": "you", "size": 9}, "goes to Other at 1"),
        ({"plan": "T", "due": 0, "owner": "you", "size": 9}, "goes to Other for T"),
        ({"plan": "T", "due": 0, "owner": "you", "size": 10}, "goes to B at 10"),
        ({"plan": "T", "due": 0, "owner": "me", "size": 9}, "goes to B for me"),
    ],
)
def test_a_name_has_the_value_that_decides(data: dict[str, Any], name: str) -> None:
    exploration = explore(BY_DUE)
    path = run_scenario(exploration, Scenario(data))
    assert path is not None
    assert sentence_of(exploration, path) == name
