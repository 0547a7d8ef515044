"""Machines as published workflows have them, each with a kind of condition that a search must solve."""

from __future__ import annotations

from typing import Any

from tests.exploration.machines import after, asks, choice, distributed, each_of, task


def vote(number: int) -> dict[str, Any]:
    """A branch that fails once a table has enough votes, and reads them again each time."""
    enough = {"Variable": "$.votes", "NumericGreaterThanEqualsPath": "$$.Execution.Input.quorum"}
    return {
        "StartAt": f"Read {number}",
        "States": {
            f"Read {number}": task(Next=f"Count {number}"),
            f"Count {number}": {
                "Type": "Pass",
                "Parameters": {"votes.$": "States.ArrayLength($.Item.votes.L)"},
                "Next": f"Enough? {number}",
            },
            f"Enough? {number}": {
                "Type": "Choice",
                "Choices": [{**enough, "Next": f"Enough {number}"}],
                "Default": f"Too few {number}",
            },
            f"Enough {number}": {"Type": "Fail", "Error": "Quorum"},
            f"Too few {number}": {"Type": "Pass", "End": True},
        },
    }


EMPTY_CELL = {
    "StartAt": "Rows",
    "States": {
        "Rows": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "orders", "Key": "rows.csv"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **choice({"Variable": "$.amount", "StringEquals": ""}),
            },
            "End": True,
        }
    },
}
DEAR = {"Variable": "$.price", "NumericGreaterThanPath": "$$.Execution.Input.limits.gold"}
MAP_IN_A_MAP = after(
    {"Type": "Map", "ItemsPath": "$.rows", "ItemProcessor": each_of({"ItemsPath": "$.cells"}, DEAR), "Next": "Third?"},
    {
        "StartAt": "Third?",
        "States": {
            "Third?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$[2]", "IsPresent": True, "Next": "Yes"}],
                "Default": "No",
            },
            "Yes": {"Type": "Succeed"},
            "No": {"Type": "Succeed"},
        },
    },
)
KINDS: dict[str, dict[str, Any]] = {
    "a quorum of branches": {
        "StartAt": "Vote",
        "States": {
            "Vote": {
                "Type": "Parallel",
                "Branches": [vote(number) for number in (1, 2, 3)],
                "Catch": [{"ErrorEquals": ["Quorum"], "Next": "Met"}],
                "Next": "Not met",
            },
            "Met": {"Type": "Succeed"},
            "Not met": {"Type": "Succeed"},
        },
    },
    "a text beside an attribute": {
        "StartAt": "Put",
        "States": {
            "Put": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "orders", "Item": {"id.$": "$.id", "state": "new"}},
                "Next": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    },
    "the number and the first of filtered items": after(
        {
            "Type": "Pass",
            "Parameters": {
                "failed.$": "$.checks[?(@.state == 'FAILED')]",
                "count.$": "States.ArrayLength($.checks[?(@.state == 'FAILED')])",
            },
        },
        choice(
            {"Variable": "$.count", "NumericGreaterThan": 2},
            {"Variable": "$.failed[0].severity", "StringEquals": "HIGH"},
            {"Variable": "$.count", "NumericEquals": 1},
        ),
    ),
    "the first of sorted items and a predicate": asks(
        "$count($quotes) > 0 and $quotes[0].price < 20",
        "$count($quotes[days <= 2]) > 0",
        first={"Type": "Pass", "Assign": {"quotes": "{% $states.input.quotes^(price) %}"}},
    ),
    "parts of a text": after(
        {
            "Type": "Pass",
            "Parameters": {
                "count.$": "States.ArrayLength(States.StringSplit($.path, '/'))",
                "first.$": "States.ArrayGetItem(States.StringSplit($.path, '/'), 0)",
            },
        },
        choice(
            {
                "And": [
                    {"Variable": "$.count", "NumericGreaterThan": 2},
                    {"Variable": "$.first", "StringEquals": "clean"},
                ]
            }
        ),
    ),
    "the sum of a field of all items, and then each": {
        "QueryLanguage": "JSONata",
        "StartAt": "Few?",
        "States": {
            "Few?": {
                "Type": "Choice",
                "Choices": [
                    {
                        "Condition": "{% $count($states.input.lines) > 0 and $sum($states.input.lines.qty) <= 100 %}",
                        "Next": "Lines",
                    }
                ],
                "Default": "Many",
            },
            "Lines": {
                "Type": "Map",
                "Items": "{% $states.input.lines %}",
                "ItemProcessor": {"StartAt": "Ship", "States": {"Ship": task()}},
                "End": True,
            },
            "Many": {"Type": "Succeed"},
        },
    },
    "parts of a text in variables": asks(
        "$ext in ['jpg', 'png'] and $parts[0] = 'in'",
        first={
            "Type": "Pass",
            "Assign": {
                "parts": "{% $split($states.input.key, '/') %}",
                "ext": "{% $substringAfter($states.input.key, '.') %}",
            },
        },
    ),
    "an age of years": asks(
        "($toMillis('2026-06-01T00:00:00Z') - $toMillis($states.input.made)) / 86400000 > 365",
    ),
    "an empty cell": EMPTY_CELL,
    "the groups of a list": asks(
        "$sums.north > 1000",
        "$counts.late >= 2",
        "$exists($sums.south)",
        first={
            "Type": "Pass",
            "Assign": {
                "sums": "{% $states.input.orders{region: $sum(amount)} %}",
                "counts": "{% $states.input.orders{status: $count($)} %}",
            },
        },
    ),
    "objects of groups": asks(
        "$kinds.image.count > 1",
        "$kinds.video.largest > 5000",
        first={
            "Type": "Pass",
            "Assign": {"kinds": "{% $states.input.rows{kind: {'count': $count(id), 'largest': $max(size)}} %}"},
        },
    ),
    "a template that is a placeholder": after(
        {"Type": "Pass", "Parameters": {"name.$": "States.Format('${Template}', $.tenant, States.Format('${A}', 7))"}},
        choice({"Variable": "$.name", "StringMatches": "sea-*"}),
    ),
    "a template that begins with a placeholder": after(
        {"Type": "Pass", "Parameters": {"key.$": "States.Format('${Prefix}/{}.json', $.id)"}},
        choice({"Variable": "$.key", "StringMatches": "*/7.json"}),
    ),
    "a later part of a text": after(
        {"Type": "Pass", "Parameters": {"parts.$": "States.StringSplit($.arn, ':')"}},
        choice({"Variable": "$.parts[3]", "StringEquals": "s3"}),
    ),
    "the input of an execution in a Map in a Map": MAP_IN_A_MAP,
    "the input of a child execution": distributed(
        each_of({"ItemsPath": "$.rows"}, {"Variable": "$$.Execution.Input.size", "NumericGreaterThan": 100})
    ),
}
