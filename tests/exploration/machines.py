"""Small machines that are explored: each has something that a search must solve."""

from __future__ import annotations

from typing import Any

TASK = "arn:aws:lambda:us-east-1:123456789012:function:work"


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": TASK, **({} if "Next" in fields else {"End": True}), **fields}


def choice(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine whose first state takes one of these rules to the state A, B, C."""
    targets = "ABC"
    choices = [{**rule, "Next": targets[number]} for number, rule in enumerate(rules)]
    ends = {name: {"Type": "Pass", "End": True} for name in [*targets[: len(rules)], "Other"]}
    first = {"Type": "Choice", "Choices": choices, "Default": "Other", **fields}
    return {"StartAt": "Choose", "States": {"Choose": first, **ends}}


def after(first: dict[str, Any], machine: dict[str, Any]) -> dict[str, Any]:
    """A machine that does something before it chooses."""
    first = {name: value for name, value in first.items() if name != "End"} | {"Next": machine["StartAt"]}
    return {"StartAt": "First", "States": {"First": first, **machine["States"]}}


def jsonata(machine: dict[str, Any]) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **machine}


COUNTS_TO_THREE = {
    "StartAt": "Start",
    "States": {
        "Start": {"Type": "Pass", "Result": {"n": 0}, "Next": "Count"},
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough?"},
        "Enough?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThanEquals": 3, "Next": "Done"}],
            "Default": "Count",
        },
        "Done": {"Type": "Succeed"},
    },
}
POLLS = {
    "StartAt": "Wait",
    "States": {
        "Wait": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Ask"},
        "Ask": task(ResultPath="$.job", Next="Finished?"),
        "Finished?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.job.state", "StringEquals": "DONE", "Next": "Done"},
                {"Variable": "$.job.state", "StringEquals": "BROKEN", "Next": "Broken"},
            ],
            "Default": "Wait",
        },
        "Done": {"Type": "Succeed"},
        "Broken": {"Type": "Fail", "Error": "Job.Broken"},
    },
}
COMPENSATES = {
    "StartAt": "Book",
    "States": {
        "Book": task(
            Retry=[{"ErrorEquals": ["Hotel.Busy"], "MaxAttempts": 2}, {"ErrorEquals": ["States.Timeout"]}],
            Catch=[
                {"ErrorEquals": ["Hotel.Full"], "ResultPath": "$.problem", "Next": "Cancel"},
                {"ErrorEquals": ["States.ALL"], "Next": "Cancel"},
            ],
            Next="Pay",
        ),
        "Pay": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Cancel"}]),
        "Cancel": task(Next="Cancelled"),
        "Cancelled": {"Type": "Fail", "Error": "Cancelled"},
    },
}
EACH_LINE = {
    "StartAt": "Lines",
    "States": {
        "Lines": {
            "Type": "Map",
            "ItemsPath": "$.lines",
            "ItemProcessor": choice({"Variable": "$.amount", "NumericGreaterThan": 100}),
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "End": True,
        },
        "Failed": {"Type": "Pass", "End": True},
    },
}
BOTH_BRANCHES = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": task()}},
                {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "End": True}}},
            ],
            "Catch": [{"ErrorEquals": ["Left.Broken"], "Next": "Mend"}],
            "ResultSelector": {"left.$": "$[0].size"},
            "Next": "Big?",
        },
        "Big?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.left", "NumericGreaterThan": 9, "Next": "Mend"}],
            "Default": "Keep",
        },
        "Mend": {"Type": "Pass", "End": True},
        "Keep": {"Type": "Pass", "End": True},
    },
}
READS_A_FILE = {
    "StartAt": "Rows",
    "States": {
        "Rows": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "rows", "Key.$": "$.key"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **choice({"Variable": "$.kind", "StringEquals": "good"}),
            },
            "End": True,
        }
    },
}
EMBEDDED = after(
    {"Type": "Pass", "Parameters": {"body.$": "States.StringToJson($.text)"}},
    choice({"Variable": "$.body.size", "NumericLessThan": 3}),
)
VARIABLES = after(
    task(Assign={"limit.$": "$.limit"}, ResultPath=None),
    choice({"Variable": "$.price", "NumericLessThanPath": "$limit"}, {"Variable": "$.price", "IsString": True}),
)
QUERIES = jsonata(
    after(
        task(Arguments={"id": "{% $states.input.id %}"}, Assign={"lines": "{% $states.result.lines %}"}),
        choice(
            {"Condition": "{% $count($lines) > 2 and $states.context.Execution.Input.id != 'x' %}"},
            {"Condition": "{% $exists($states.input.tags) and 'new' in $states.input.tags %}"},
            {"Condition": "{% $match($states.input.code, /^[A-Z]{2}[0-9]+$/) ? true : false %}"},
        ),
    )
)
MACHINES: dict[str, dict[str, Any]] = {
    "numbers": choice(
        {"And": [{"Variable": "$.n", "NumericGreaterThan": 5}, {"Variable": "$.n", "NumericLessThan": 7}]},
        {"Variable": "$.n", "NumericGreaterThanEquals": 10},
    ),
    "texts": choice(
        {"Variable": "$.file", "StringMatches": "log-*.txt"},
        {"Or": [{"Variable": "$.file", "StringEquals": "a"}, {"Variable": "$.file", "StringGreaterThan": "x"}]},
    ),
    "presence and types": choice(
        {"Not": {"Variable": "$.a", "IsPresent": True}},
        {"Variable": "$.a", "IsNull": True},
        {"Variable": "$.a", "IsTimestamp": True},
    ),
    "times": choice({"Variable": "$.at", "TimestampLessThan": "2026-03-01T00:00:00Z"}),
    "counts to three": COUNTS_TO_THREE,
    "polls": POLLS,
    "compensates": COMPENSATES,
    "each line": EACH_LINE,
    "both branches": BOTH_BRANCHES,
    "reads a file": READS_A_FILE,
    "embedded JSON": EMBEDDED,
    "variables": VARIABLES,
    "queries": QUERIES,
}
