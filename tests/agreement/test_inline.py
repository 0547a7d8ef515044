"""inline.py: intrinsic functions where a number belongs, and substitutions that are no scalar."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent

import pytest

from workflow_dsl.agreement import cross_check
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source

SAM, PLAIN = "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"
HEAD = """Parameters: {N: {Type: Number, Default: 3}, Text: {Type: String, Default: "{% $n %}"}, Subnets: {Type: CommaDelimitedList}}
Conditions: {Is: !Equals [!Ref N, 3]}
Mappings: {A: {b: {c: 5}}}
Resources:
"""
OF_SAM = """  M:
    Type: TYPE
    Properties:
"""


def complaints(folder: Path, properties: str, type_: str = SAM) -> list[tuple[str, str]]:
    """The place and the message of each finding that has AWS's code for a wrong type."""
    path = folder / "template.yaml"
    path.write_text(HEAD + OF_SAM.replace("TYPE", type_) + indent(properties, "      "))
    template = read_template(path, "template.yaml")
    machines = template_machines(template, lambda file: read_source(file.read_bytes(), file.name))
    findings = cross_check(Application(template, machines))
    return [(str(each.where.place), each.message) for each in findings if each.code == "SCHEMA_VALIDATION_FAILED"]


NUMBERS = {
    "Seconds": "{Type: Wait, Seconds: VALUE, End: true}",
    "TimeoutSeconds": "{Type: Task, Resource: r, TimeoutSeconds: VALUE, End: true}",
    "MaxAttempts": "{Type: Task, Resource: r, Retry: [{ErrorEquals: [States.ALL], MaxAttempts: VALUE}], End: true}",
    "MaxConcurrency": "{Type: Map, MaxConcurrency: VALUE, ItemProcessor: {StartAt: B, States: {B: {Type: Pass, End: true}}}, End: true}",
    "NumericEquals": "{Type: Choice, Choices: [{Variable: $.a, NumericEquals: VALUE, Next: A}]}",
    "BooleanEquals": "{Type: Choice, Choices: [{Not: {Variable: $.a, BooleanEquals: VALUE}, Next: A}]}",
}


@pytest.mark.parametrize("type_", [SAM, PLAIN])
@pytest.mark.parametrize("field", NUMBERS)
def test_a_number_by_reference_in_an_inline_definition_becomes_text(tmp_path: Path, field: str, type_: str) -> None:
    state = NUMBERS[field].replace("VALUE", "!Ref N")
    definition = f"Definition:\n  StartAt: A\n  States:\n    A: {state}\n"
    [(place, message)] = complaints(tmp_path, definition, type_)
    assert place.startswith("template.yaml:11:")
    assert message == f"M: {field} takes a number or boolean, and Ref is a string"


FUNCTIONS = {
    "!FindInMap [A, b, c]": (1, 1),
    "!Sub '${N}'": (1, 1),
    "!If [Is, 5, 10]": (1, 0),  # CloudFormation keeps the type of what it selects
    "!GetAtt M.Name": (1, 1),
    "!Ref Text": (0, 0),  # a JSONata expression is text
    "5": (0, 0),
}


@pytest.mark.parametrize("value", FUNCTIONS)
def test_every_intrinsic_function_but_a_plain_if_gives_text(tmp_path: Path, value: str) -> None:
    definition = "Definition: {StartAt: A, States: {A: {Type: Wait, Seconds: VALUE, End: true}}}\n"
    counts = [len(complaints(tmp_path, definition.replace("VALUE", value), type_)) for type_ in (SAM, PLAIN)]
    assert tuple(counts) == FUNCTIONS[value]


SUBSTITUTIONS = {
    "!Ref Subnets": ["M: L is a list, and a substitution is a string, a number or a boolean"],
    '!Split [",", a]': ["M: L is a list, and a substitution is a string, a number or a boolean"],
    '!Join [",", !Ref Subnets]': [],
    "!Select [0, !Ref Subnets]": [],
    "[a, b]": ["M: L is a list, and a substitution is a string, a number or a boolean"],
    "null": ["M: L is null, and a substitution is a string, a number or a boolean"],
    "{a: b}": ["M: L is an object, and a substitution is a string, a number or a boolean"],
    "!Ref N": [],
    "!If [Is, [a], [b]]": [],  # only the stack has it
    "true": [],
    "5": [],
}


@pytest.mark.parametrize("value", SUBSTITUTIONS)
def test_a_substitution_is_a_scalar(tmp_path: Path, value: str) -> None:
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${L}", "End": True}}})
    (tmp_path / "m.asl.json").write_text(text)
    properties = f"DefinitionUri: m.asl.json\nDefinitionSubstitutions: {{L: {value}}}\n"
    assert [message for _, message in complaints(tmp_path, properties)] == SUBSTITUTIONS[value]
