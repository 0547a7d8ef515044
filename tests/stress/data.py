"""Parts about data: definitions through check(), templates and definitions through the commands."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import yaml
from click.testing import CliRunner

from tests.stress.mutation import as_json, mutated, mutated_text, parts_of
from tests.stress.parts import faults_of
from workflow_dsl.cli import main
from workflow_dsl.definition.reading import read
from workflow_dsl.validation import check
from workflow_dsl.validation.rules_page import examples

EXAMPLES: list[Any] = [read(definition[kind]) for definition in examples().values() for kind in ("bad", "good")]
DONORS = [part for document in EXAMPLES for part in parts_of(document)]


def definitions(random: Random, count: int) -> Iterator[str]:
    """Mutated definitions through check(), as documents and as text, with and without substitutions."""
    for number in range(count):
        document = mutated(random, random.choice(EXAMPLES), DONORS)
        text = mutated_text(random, as_json(document)) if number % 3 == 0 else as_json(document)
        content = text if number % 2 else document
        substitutions = {"A": "x", "B": None} if number % 5 == 0 else None
        yield from faults_of(partial(check, content, substitutions=substitutions), f"definition {number}")


_SUB = {"Fn::Sub": ["${a}-${AWS::Region}", {"a": {"Ref": "Table"}}]}
_TEMPLATE: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Stage": {"Type": "String", "Default": "beta"}},
    "Mappings": {"Limits": {"beta": {"Most": "5"}}},
    "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "Not": {"Fn::Not": [{"Condition": "IsProd"}]}},
    "Globals": {"Function": {"Runtime": "python3.12", "Timeout": 5}},
    "Resources": {
        "Machine": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Name": {"Fn::If": ["IsProd", "m", {"Fn::Join": ["-", ["m", {"Ref": "Stage"}]]}]},
                "DefinitionUri": "d.asl.json",
                "DefinitionSubstitutions": {
                    "Function": {"Fn::GetAtt": ["Function", "Arn"]},
                    "Table": {"Ref": "Table"},
                    "Most": {"Fn::FindInMap": ["Limits", {"Ref": "Stage"}, "Most"]},
                },
                "Policies": [
                    {"LambdaInvokePolicy": {"FunctionName": {"Ref": "Function"}}},
                    {"Statement": [{"Effect": "Allow", "Action": ["dynamodb:*"], "Resource": [_SUB, "arn:aws:dynamodb:*"]}]},
                ],
                "Events": {"Hourly": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)", "Enabled": False}}},
                "Logging": {"Level": "ALL"},
            },
        },
        "Inline": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"DefinitionString": {"Fn::Sub": '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
        "Function": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "f", "Handler": "app.handler", "AutoPublishAlias": "live"}},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Function"}, "Name": "b"}},
        "Table": {"Type": "AWS::Serverless::SimpleTable", "Condition": "Not", "Properties": {"TableName": {"Ref": "AWS::StackName"}}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Select": [0, ["q", "r"]]}}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {"Statement": {"Action": "a:b", "Resource": "*"}}}]}},
    },
}  # fmt: skip
_CALL = {
    "Comment": "at most ${Most} times",
    "Type": "Task", "Resource": "${Function}", "Next": "B",
    "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
}  # fmt: skip
_PUT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "${Table}", "Item": {}},
    "End": True,
}
_DEFINITION = {"StartAt": "A", "States": {"A": _CALL, "B": _PUT}}
_COMMANDS = (
    ["validate"],
    ["validate", "template.json", "--format", "sarif"],
    ["validate", ".", "--format", "github"],
    ["uses"],
    ["uses", "--format", "mermaid"],
    ["uses", "--format", "markdown", "--by", "function"],
    ["policies", "Machine"],
    ["policies", "Inline"],
    ["diagram", "Machine"],
    ["policies", "Machine", "--stanza"],
    ["diagram", "d.asl.json", "--format", "mermaid"],
    ["diagram", "template.json", "--fold", "A"],
    ["import", "d.asl.json", "--stdout"],
    ["import", "template.json", "--stdout"],
    ["diff", "old.asl.json", "d.asl.json"],
    ["diff", "old.asl.json", "Machine", "--format", "markdown"],
    ["test-state", "Machine", "A", "--mock", "{}"],
    ["test-state", "d.asl.json", "B", "--mock", "{}", "--validation", "PRESENT"],
)


def templates(random: Random, count: int) -> Iterator[str]:
    """Mutated templates, definitions, settings files and handlers through the commands that read them."""
    donors = [*parts_of(_TEMPLATE), *DONORS]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        (Path(folder) / "f").mkdir()
        for number in range(count):
            _write_project(random, number, donors)
            command = random.choice(_COMMANDS)
            yield from faults_of(partial(invoke, command), f"template {number}, {' '.join(command)}")


_SETTINGS = "[tool.workflow-dsl]\ntemplate = 'template.json'\nignore = ['NO_DEFAULT']\n"
_HANDLER = "def handler(event, context):\n    return event\n"


def _write_project(random: Random, number: int, donors: list[Any]) -> None:
    template = as_json(mutated(random, _TEMPLATE, donors))
    if number % 7 == 0:
        template = mutated_text(random, template)
    if number % 5 == 0:
        with contextlib.suppress(ValueError, RecursionError, yaml.YAMLError):
            template = yaml.safe_dump(json.loads(template))
    definition = as_json(mutated(random, _DEFINITION, donors)) if number % 2 else as_json(_DEFINITION)
    old = mutated(random, _DEFINITION, donors)
    settings = mutated_text(random, _SETTINGS) if number % 11 == 0 else _SETTINGS
    handler = mutated_text(random, _HANDLER) if number % 3 == 0 else _HANDLER
    files = {"template.json": template, "d.asl.json": definition, "old.asl.json": as_json(old)}
    files |= {"pyproject.toml": settings, "f/app.py": handler}
    for name, text in files.items():
        Path(name).write_bytes(text.encode("utf-8", "surrogatepass"))


def invoke(command: list[str]) -> None:
    """Call a command. Raises what it raises, and AssertionError for an exit code that is not one of its own."""
    result = CliRunner().invoke(main, command)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    if result.exit_code not in (0, 1, 2):
        raise AssertionError(f"exit code {result.exit_code}{os.linesep}{result.output}")
