"""A project of any size: workflows that call two functions each, their roles, and the template that deploys them."""

from __future__ import annotations

from pathlib import Path

WORKFLOW = """from stepfunctions.steps import Chain, Retry, Task

from workflow_dsl import Workflow

TRANSIENT = ["ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException"]


def call(name, placeholder):
    task = Task(name, resource=placeholder)
    if {with_retries}:
        task.add_retry(Retry(error_equals=[f"Lambda.{{error}}" for error in TRANSIENT], max_attempts=3))
    return task


def build():
    store = Task(
        "Store",
        resource="arn:aws:states:::dynamodb:putItem",
        parameters={{"TableName": "${{Table}}", "Item": {{"id": {{"S.$": "$.id"}}}}}},
    )
    steps = [call(f"Step {{step}}", "${{F{first}Arn}}") for step in range({steps})]
    return Workflow(Chain([call("Check", "${{F{first}Arn}}"), call("Order", "${{F{second}Arn}}"), *steps, store]))
"""
HEAD = """AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::Serverless::SimpleTable
"""
FUNCTION = """  F{number}:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: functions/f{number}/, Handler: app.handler, Runtime: python3.13}}
"""
MACHINE = """  M{number}:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: generated/m{number}.asl.json
      DefinitionSubstitutions:
        F{first}Arn: !GetAtt F{first}.Arn
        F{second}Arn: !GetAtt F{second}.Arn
        Table: !Ref Table
      Policies:
        - LambdaInvokePolicy: {{FunctionName: !Ref F{first}}}
        - LambdaInvokePolicy: {{FunctionName: !Ref F{second}}}
        - DynamoDBWritePolicy: {{TableName: !Ref Table}}
"""


def write_project(folder: Path, machines: int, *, steps: int = 0, with_warnings: bool = False) -> None:
    """Write a project of this many workflows with three states and `steps` more, and of twice as many functions.

    `with_warnings`: each call of a function lacks its retrier. The generated files are not written.
    """
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.workflow-dsl]\nworkflows = "workflows"\n', "utf-8")
    parts = [HEAD]
    for number in range(2 * machines):
        code = folder / "functions" / f"f{number}"
        code.mkdir(parents=True)
        (code / "app.py").write_text("def handler(event, context):\n    return event\n", "utf-8")
        parts.append(FUNCTION.format(number=number))
    for number in range(machines):
        fields = {"number": number, "first": 2 * number, "second": 2 * number + 1}
        workflow = WORKFLOW.format(**fields, steps=steps, with_retries=not with_warnings)
        (folder / "workflows" / f"m{number}.py").write_text(workflow, "utf-8")
        parts.append(MACHINE.format(**fields))
    (folder / "template.yaml").write_text("".join(parts), "utf-8")
