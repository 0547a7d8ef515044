"""in_python.py: remedies in the words of an author of Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow_dsl import validation
from workflow_dsl.validation import check
from workflow_dsl.validation.python_hints import in_python

EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(validation.__file__).with_name("examples.yaml").read_text("utf-8")
)
SAID = [
    ('did you mean "TimeoutSeconds"?', 'did you mean "timeout_seconds"?'),
    ('did you mean "Sell Stock"?', 'did you mean "Sell Stock"?'),
    ('add "ResultPath": "$.error" to keep both', 'add result_path="$.error" to keep both'),
    ('use SecondsPath, or give the state "QueryLanguage": "JSONata"', 'write seconds=path("..."), or give the state query_language="JSONata"'),
    ('write "{% $states.input.price < 50 %}"', 'write jsonata("$states.input.price < 50")'),
    ('send it: "TaskToken.$": "$$.Task.Token"', 'send it: "TaskToken": path("$$.Task.Token")'),
    ('write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}', 'write item_processor=ItemProcessor(..., mode="DISTRIBUTED", execution_type="STANDARD")'),
    ("call arn:aws:states:::states:startExecution.sync:2, with this as StateMachineArn in Parameters", 'write call("states:startExecution.sync:2", StateMachineArn=...)'),
    ('add "TableName"', "give it TableName=..."),
    ("give it a Default", "give it a default_choice()"),
    ("write \"FIRST_ROW\", or \"GIVEN\" and the names in CSVHeaders", "write csv_header_location=\"FIRST_ROW\", or \"GIVEN\" and csv_headers=[...]"),
    ('add "MaxAttempts": 3', "add max_attempts=3"),
    ('add "ResultSelector": {a}', "add result_selector={a}"),
    ("put a Wait into it, or count its rounds", "put a Wait into it, or count its rounds"),
]  # fmt: skip


@pytest.mark.parametrize(("asl", "python"), SAID)
def test_a_remedy_is_said_in_python(asl: str, python: str) -> None:
    assert in_python(asl) == python


def test_a_value_that_the_execution_has_is_said_in_the_states_language() -> None:
    remedy = "write a whole number of seconds from 0 to 99999999"
    assert [in_python(remedy, each) for each in ("JSONPath", "JSONata", None)] == [
        f'{remedy}, or path("$...")',
        f'{remedy}, or jsonata("...")',
        remedy,
    ]


# Names of ASL that are Python's too, or another thing's: states' kinds, what a service takes, errors.
LEFT = re.compile(
    r'"[A-Z]\w*": (?!path)|\.\$"|\{%|\b[A-Z][a-z]+[A-Z]\w*(Path|Seconds|Config|Selector|Batcher|Reader|Writer)\b'
)
ASL_ITSELF = ("begin with {", "a state machine in the Amazon States Language")  # of what no author of Python writes


def test_no_remedy_of_a_rule_is_left_in_asl() -> None:
    left = {}
    for rule, example in EXAMPLES.items():
        for finding in check(example["bad"]):
            said = in_python(finding.remedy)
            if LEFT.search(said) and not said.startswith(ASL_ITSELF):
                left[rule] = said
    assert left == {}
