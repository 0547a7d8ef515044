"""declarations.py: what surrounds a state machine, from its template, its functions and its definition's folder."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support import Write
from workflow_dsl.application.application import read_application
from workflow_dsl.application.checking import check_machine
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import Project
from workflow_dsl.shapes import flow_of
from workflow_dsl.shapes.formats.typescript import type_of

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Outer:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: outer.asl.json
      DefinitionSubstitutions: {InnerArn: !Ref Inner}
      Events:
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: '{"order": "1"}'}}
  Inner:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: inner.asl.json
      DefinitionSubstitutions: {PriceArn: !GetAtt Price.Arn}
  Price:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: price, Handler: app.handler, Runtime: python3.12}
"""
HANDLER = """
    from typing import TypedDict

    class Order(TypedDict):
        id: str

    class Price(TypedDict):
        amount: float

    def handler(event: Order, context) -> Price: ...
"""
OUTER = {
    "StartAt": "Start",
    "States": {
        "Start": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "${InnerArn}", "Input": {"id.$": "$.order"}},
            "Next": "Keep",
        },
        "Keep": {"Type": "Pass", "InputPath": "$.Output.amount", "End": True},
    },
}
INNER = {"StartAt": "Price", "States": {"Price": {"Type": "Task", "Resource": "${PriceArn}", "End": True}}}


@pytest.fixture
def application_folder(project: Project) -> Path:
    (project.root / "price").mkdir()
    files = {
        "template.yaml": TEMPLATE,
        "price/app.py": dedent(HANDLER),
        "outer.asl.json": json.dumps(OUTER),
        "inner.asl.json": json.dumps(INNER),
    }
    for name, text in files.items():
        (project.root / name).write_text(text, "utf-8")
    return project.root


def findings(project: Project, name: str) -> list[str]:
    application = read_application(project)
    declarations = Declarations(application)
    found = check_machine(application.named(name), declarations=declarations, ignore=["NO_LAMBDA_RETRY"])
    return [f"{finding.code}: {finding.message}" for finding in found]


def test_what_surrounds_a_machine_is_declared(project: Project, application_folder: Path) -> None:
    application = read_application(project)
    declarations = Declarations(application)
    outer, inner = application.named("Outer"), application.named("Inner")
    flow = flow_of(outer.with_known_values, declarations.of(outer))
    assert (type_of(flow.input), type_of(flow.output)) == ('{order: "1"}', "number")
    [price] = declarations.of(inner).calls.values()
    assert (price.name, type_of(price.takes), type_of(price.gives), price.gives_at) == (
        "Price",
        "{id: string}",
        "{amount: number}",
        "price/app.py:10",
    )
    assert type_of(declarations.of(outer, with_events=False).input) == "unknown"
    assert (findings(project, "Outer"), findings(project, "Inner")) == ([], [])


def test_a_field_that_a_nested_machine_does_not_give_is_found(project: Project, application_folder: Path) -> None:
    file = application_folder / "outer.asl.json"
    file.write_text(file.read_text().replace("Output.amount", "Output.price"))
    assert findings(project, "Outer") == [
        "UNDECLARED_FIELD: reads $.Output.price, but $.Output has only amount (Price, price/app.py:7)"
    ]


def test_an_input_that_a_nested_machine_does_not_take_is_found(project: Project, application_folder: Path) -> None:
    schema = {"properties": {"id": {"type": "string"}, "region": {"type": "string"}}, "required": ["id", "region"]}
    (application_folder / "inner.input.schema.json").write_text(json.dumps(schema))
    assert findings(project, "Outer") == ['WRONG_ARGUMENT: Inner takes "region", but its input has only id']
    assert findings(project, "Inner") == []


SCHEMAS = {
    "no JSON": ("{", "is not JSON: Expecting property name enclosed in double quotes"),
    "no object": ("[]", "is not a JSON schema, which is an object"),
    "an unknown type": (
        '{"properties": {"id": {"type": "strng"}}}',
        "is not a JSON schema: properties.id.type: 'strng' is not valid under any of the given schemas",
    ),
    "other bytes": ("\udcff", "is not UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), SCHEMAS.values(), ids=SCHEMAS)
def test_a_schema_that_cannot_be_read_is_an_error_and_declares_nothing(
    project: Project, application_folder: Path, text: str, message: str
) -> None:
    (application_folder / "inner.input.schema.json").write_text(text, "utf-8", "surrogateescape")
    assert (findings(project, "Outer"), findings(project, "Inner")) == ([], [f"INPUT_SCHEMA: {message}"])


ORDERS = """
from typing import TypedDict

class Order(TypedDict):
    sku: str

def build():
    return Workflow(Pass("Keep", input_path="$.sku"), input=Order)
"""


def test_a_workflow_declares_the_type_of_its_input(project: Project, write_workflow: Write) -> None:
    path = write_workflow("orders", ORDERS)
    application = read_application(project, {"orders": compile_file(path, root=project.root)})
    machine = application.machine_of_workflow("orders")
    assert machine is not None
    declared = Declarations(application).of(machine)
    assert type_of(declared.input) == "{sku: string}"
    assert type_of(flow_of(machine.definition, declared).output) == "string"


def test_an_input_that_is_no_class_is_an_authors_mistake(project: Project, write_workflow: Write) -> None:
    path = write_workflow("orders", ORDERS.replace("input=Order", "input={'sku': str}"))
    with pytest.raises(FindingsError, match=r"input is .*, which is not a class; pass the class itself"):
        compile_file(path, root=project.root)
