"""Machines with many of one thing: fields of a state, states after each other, rules of a Choice."""

from __future__ import annotations

from typing import Any

from tests.exploration.machines import task

CREATE_TABLE = "arn:aws:states:::aws-sdk:glue:createTable"


def of_fields(states: int, fields: int) -> dict[str, Any]:
    """Tasks whose arguments have many fields, each with a path or a call, and a Choice after each of them."""
    machine: dict[str, Any] = {"Done": {"Type": "Succeed"}}
    for number in range(states):
        following = f"Create {number + 1}" if number + 1 < states else "Done"
        table = {
            f"p{each}.$": f"States.Format('{{}}/{{}}', $.flow.p{each}, $.source.q{each})" for each in range(fields)
        }
        columns = [{"Name.$": f"$.flow.columns.c{each}", "Type": "string"} for each in range(fields)]
        machine[f"Create {number}"] = {
            "Type": "Task",
            "Resource": CREATE_TABLE,
            "Parameters": {
                "DatabaseName.$": "States.Format('{}_db', $.flow.name)",
                "TableInput": {
                    "Name.$": f"$.flow.tables[{number}]",
                    "StorageDescriptor": {"Columns": columns},
                    "Parameters": table,
                },
            },
            "ResultPath": f"$.created{number}",
            "Next": f"Full? {number}",
        }
        machine[f"Full? {number}"] = {
            "Type": "Choice",
            "Choices": [{"Variable": f"$.flow.kind{number}", "StringEquals": "full", "Next": following}],
            "Default": "Done",
        }
    return {"StartAt": "Create 0", "States": machine}


def of_formats(states: int, fields: int) -> dict[str, Any]:
    """States that each make all fields of two of the state before it."""
    machine: dict[str, Any] = {"Short": {"Type": "Succeed"}, "Long": {"Type": "Succeed"}}
    for number in range(states):
        pairs = {f"p{each}.$": f"States.Format('{{}}{{}}', $.p{each}, $.p{each - 1})" for each in range(1, fields)}
        following = f"Join {number + 1}" if number + 1 < states else "Which?"
        machine[f"Join {number}"] = {"Type": "Pass", "Parameters": {"p0.$": "$.p0", **pairs}, "Next": following}
    rule = {"Variable": f"$.p{fields - 1}", "StringMatches": "*x*", "Next": "Long"}
    machine["Which?"] = {"Type": "Choice", "Choices": [rule], "Default": "Short"}
    return {"StartAt": "Join 0", "States": machine}


def of_states(count: int) -> dict[str, Any]:
    """A line of tasks that are retried and caught, with a Choice before each of them."""
    machine: dict[str, Any] = {"Done": {"Type": "Succeed"}, "Failed": {"Type": "Fail"}}
    for number in range(count):
        following = f"Skip? {number + 1}" if number + 1 < count else "Done"
        skip = {"Variable": f"$.skip{number}", "BooleanEquals": True, "Next": following}
        machine[f"Skip? {number}"] = {"Type": "Choice", "Choices": [skip], "Default": f"Do {number}"}
        machine[f"Do {number}"] = task(
            Next=following,
            ResultPath=f"$.done{number}",
            Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
        )
    return {"StartAt": "Skip? 0", "States": machine}


def of_rules(count: int) -> dict[str, Any]:
    """A Choice of many ranges of a number."""
    machine: dict[str, Any] = {f"Range {number}": {"Type": "Succeed"} for number in range(count)}
    rules = [
        {
            "And": [
                {"Variable": "$.n", "NumericGreaterThanEquals": 10 * number},
                {"Variable": "$.n", "NumericLessThan": 10 * number + 10},
            ],
            "Next": f"Range {number}",
        }
        for number in range(count)
    ]
    machine["Which?"] = {"Type": "Choice", "Choices": rules, "Default": "None"}
    return {"StartAt": "Which?", "States": {**machine, "None": {"Type": "Succeed"}}}


LARGE = {
    "many fields": of_fields(5, 40),
    "fields of fields": of_formats(12, 6),
    "many states": of_states(28),
    "many rules": of_rules(20),
}
