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


def asks(*conditions: str, first: dict[str, Any] | None = None) -> dict[str, Any]:
    """A machine whose Choice asks these questions in JSONata, after a first state if one is given."""
    rules = [{"Condition": f"{{% {condition} %}}"} for condition in conditions]
    machine = choice(*rules)
    return jsonata(machine if first is None else after(first, machine))


def fails_as(catcher: dict[str, Any], condition: dict[str, Any]) -> dict[str, Any]:
    """A machine that chooses by the error of a task, whatever it is."""
    machine = choice(condition)
    failing = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Choose", **catcher}], Next="Fine")
    return {
        "StartAt": "Try",
        "States": {"Try": failing, "Fine": {"Type": "Succeed"}, **machine["States"]},
    }


def each_of(items: dict[str, Any], *rules: dict[str, Any], then: dict[str, Any] | None = None) -> dict[str, Any]:
    """A Map with a Choice in it, and a Choice after it."""
    inner = choice(*rules) if rules else {"StartAt": "Work", "States": {"Work": task()}}
    each = {"Type": "Map", "ItemProcessor": inner, "End": True} | items
    return after(each, then) if then else {"StartAt": "Each", "States": {"Each": each}}


OBJECTS = {
    "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "photos"}},
    "ToleratedFailureCount": 1,
}
ROWS = {
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSONL"},
        "Arguments": {"Bucket": "rows", "Key": "{% $states.input.key %}"},
    },
    "ToleratedFailurePercentage": "{% $states.input.tolerated %}",
}


def distributed(machine: dict[str, Any]) -> dict[str, Any]:
    """A machine whose Map runs its iterations as executions."""
    each = next(state for state in machine["States"].values() if state["Type"] == "Map")
    each["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    return machine


SOLVED = {
    "two times of the input": choice({"Variable": "$.paid", "TimestampGreaterThanPath": "$.due"}),
    "two flags of the input": choice({"Variable": "$.one", "BooleanEqualsPath": "$.other"}),
    "a distance of two times": asks(
        "$toMillis($states.input.due) < $toMillis($states.input.paid)",
        "$toMillis($states.input.due) - $toMillis($states.input.paid) > 5*24*60*60*1000",
    ),
    "a sum of products": asks("$sum($states.input.lines.(price * amount)) > 700"),
    "numbers behind arithmetic": asks("$floor($states.input.n / 12) = 5", "$power($states.input.n, 2) = 64"),
    "keys of an object": asks("'owner' in $keys($states.input.roles)"),
    "a table in a variable": asks(
        "$states.input.weight > $lookup($limits, $states.input.size)",
        "$states.input.weight = $lookup($limits, $states.input.size)",
        first={"Type": "Pass", "Assign": {"limits": {"small": 3, "large": 30}}},
    ),
    "values that repeat": asks("$count($distinct($states.input.ids)) = $count($states.input.ids)"),
    "fields of a merged object": asks(
        "$states.input.mode = 'slow'",
        "$string($states.input.level) = '7'",
        first={"Type": "Pass", "Output": "{% $merge([{'mode': 'slow'}, $states.input]) %}"},
    ),
    "joined texts": after(
        {"Type": "Pass", "Parameters": {"zone.$": "States.Format('{}/{}', $.area, $.site)"}},
        choice({"Variable": "$.zone", "StringEquals": "north/harbour"}),
    ),
    "a filter of a path": after(
        {"Type": "Pass", "Parameters": {"late.$": "$.parcels[?(@.state=='LATE')]", "all.$": "$..code"}},
        choice({"Variable": "$.late[0]", "IsPresent": True}, {"Variable": "$.all[0]", "IsPresent": True}),
    ),
    "arguments of functions": after(
        {
            "Type": "Pass",
            "Parameters": {
                "parts.$": "States.ArrayPartition($.list, 2)",
                "text.$": "States.Base64Decode($.code)",
                "both.$": "States.JsonMerge($.one, $.other, false)",
            },
        },
        choice({"Variable": "$.parts[1]", "IsPresent": True}, {"Variable": "$.both.key", "StringEquals": "k7"}),
    ),
    "the items of a function": asks(
        "'ADA' in $map($states.input.people, function($person) {$uppercase($person.name)})",
        "$exists($filter($states.input.people, function($person) {$person.age > 66}))",
    ),
    "any field": asks("'late' in $states.input.parcels.*.state", "$count($states.input.**.code) > 2"),
    "two bounds of one time": asks(
        "$toMillis($states.input.made) < $toMillis('2026-01-20T00:00:00Z')",
        "$states.input.made > $states.input.sold",
    ),
    "the results of two branches": jsonata(
        after(
            {
                "Type": "Parallel",
                "Branches": [{"StartAt": name, "States": {name: task()}} for name in ("One", "Two")],
                "Assign": {"points": "{% $states.result[0].points + $states.result[1].points %}"},
            },
            asks("$points > 120"),
        )
    ),
    "an item by its number": after(
        {"Type": "Pass", "Parameters": {"stop.$": "States.ArrayGetItem($.stops, $.next)"}},
        choice({"Variable": "$.stop.kind", "StringEquals": "END"}),
    ),
    "a timeout beside failures": {
        "StartAt": "Work",
        "States": {
            "Work": task(
                Catch=[
                    {"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"},
                    {"ErrorEquals": ["States.ALL"], "Next": "Late"},
                ]
            ),
            "Failed": {"Type": "Succeed"},
            "Late": {"Type": "Succeed"},
        },
    },
    "the name of any error": fails_as({"ResultPath": "$.e"}, {"Variable": "$.e.Error", "StringEquals": "Shop.Closed"}),
    "the JSON of a cause": jsonata(
        fails_as({}, {"Condition": "{% $parse($states.input.Cause).errorType = 'KeyError' %}"})
    ),
    "a later item": jsonata(
        each_of(
            {
                "Items": "{% $states.input.stops %}",
                "ItemSelector": {"number": "{% $states.context.Map.Item.Index %}"},
            },
            {"Condition": "{% $states.input.number = 2 %}"},
        )
    ),
    "results of two items": each_of(
        {"ItemsPath": "$.jobs"}, then=choice({"Variable": "$[1].state", "StringEquals": "OK"})
    ),
    "a batch of two": distributed(
        each_of(
            {
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "JSON"},
                    "Parameters": {"Bucket": "rows", "Key": "rows.json"},
                },
                "ItemBatcher": {"MaxItemsPerBatch": 5},
            },
            {"Variable": "$.Items[1]", "IsPresent": True},
        )
    ),
    "listed objects": distributed(
        each_of(
            OBJECTS,
            {"Variable": "$.Size", "NumericGreaterThan": 4096},
            {"Variable": "$.Key", "StringMatches": "*.png"},
        )
    ),
    "a tolerance from the input": jsonata(
        distributed(each_of(ROWS, {"Condition": "{% $contains($states.input.mail, '@') %}"}))
    ),
    "twenty polls": jsonata(
        after(
            {"Type": "Pass", "Assign": {"polls": 0}},
            {
                "StartAt": "Ask",
                "States": {
                    "Ask": task(Assign={"polls": "{% $polls + 1 %}"}, Next="Ready?"),
                    "Ready?": {
                        "Type": "Choice",
                        "Choices": [
                            {"Condition": "{% $states.input.state = 'READY' %}", "Next": "Done"},
                            {"Condition": "{% $polls >= 20 %}", "Next": "Slow"},
                        ],
                        "Default": "Ask",
                    },
                    "Done": {"Type": "Succeed"},
                    "Slow": {"Type": "Fail", "Error": "Slow"},
                },
            },
        )
    ),
}
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
