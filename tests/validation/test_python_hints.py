"""python_hints.py: remedies in Python instead of ASL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow_dsl import validation
from workflow_dsl.validation import check
from workflow_dsl.validation.python_hints import python_remedy

EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(validation.__file__).with_name("examples.yaml").read_text("utf-8")
)
REMEDIES = [
    ('did you mean "TimeoutSeconds"?', 'did you mean "timeout_seconds"?'),
    ('did you mean "Sell Stock"?', 'did you mean "Sell Stock"?'),
    ('add "ResultPath": "$.error" to keep both', 'add result_path="$.error" to keep both'),
    ('use SecondsPath, or give the state "QueryLanguage": "JSONata"', 'write seconds=path("..."), or give the state query_language="JSONata"'),
    ('write "{% $states.input.price < 50 %}"', 'write jsonata("$states.input.price < 50")'),
    ('send it: "TaskToken.$": "$$.Task.Token"', 'send it: "TaskToken": path("$$.Task.Token")'),
    ('write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}', 'write item_processor=ItemProcessor(..., mode="DISTRIBUTED", execution_type="STANDARD")'),
    ("call arn:aws:states:::states:startExecution.sync:2, with this as StateMachineArn in Parameters", 'write call("states:startExecution.sync:2", StateMachineArn=...)'),
    ('add "TableName"', "add TableName=..."),
    ("add a Default", "add a default_choice()"),
    ("write \"FIRST_ROW\", or \"GIVEN\" and the names in CSVHeaders", "write csv_header_location=\"FIRST_ROW\", or \"GIVEN\" and csv_headers=[...]"),
    ('add "MaxAttempts": 3', "add max_attempts=3"),
    ('add "ResultSelector": {a}', "add result_selector={a}"),
    ("add a Wait to the loop, or count its iterations", "add a Wait to the loop, or count its iterations"),
]  # fmt: skip


@pytest.mark.parametrize(("asl", "python"), REMEDIES)
def test_a_remedy_is_written_in_python(asl: str, python: str) -> None:
    assert python_remedy(asl) == python


def test_a_runtime_value_is_written_in_the_query_language_of_the_state() -> None:
    remedy = "write a whole number of seconds from 0 to 99999999"
    assert [python_remedy(remedy, language) for language in ("JSONPath", "JSONata", None)] == [
        f'{remedy}, or path("$...")',
        f'{remedy}, or jsonata("...")',
        remedy,
    ]


# ASL syntax and field names, except words that Python code uses too: state types, parameters of services, errors.
ASL_SYNTAX = re.compile(
    r'"[A-Z]\w*": (?!path)|\.\$"|\{%|\b[A-Z][a-z]+[A-Z]\w*(Path|Seconds|Config|Selector|Batcher|Reader|Writer)\b'
)
NOT_FOR_PYTHON = ("begin with {", "a state machine in the Amazon States Language")  # no workflow in Python needs them


def test_no_remedy_of_a_rule_contains_asl() -> None:
    in_asl = {}
    for rule, example in EXAMPLES.items():
        for finding in check(example["bad"]):
            remedy = python_remedy(finding.remedy)
            if ASL_SYNTAX.search(remedy) and not remedy.startswith(NOT_FOR_PYTHON):
                in_asl[rule] = remedy
    assert in_asl == {}
