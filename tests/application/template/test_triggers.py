"""triggers.py: the triggers of state machines and functions."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from workflow_dsl.application.template import read_template
from workflow_dsl.application.template.triggers import Trigger, triggers_of


def triggers_in(folder: Path, resources: str, events: str = "{}") -> list[Trigger]:
    path = folder / "template.yaml"
    head = f"Parameters: {{State: {{Default: DISABLED}}}}\nResources:\n  F: {{Type: AWS::Serverless::Function}}\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Events: {events}\n"
    path.write_text(head + indent(dedent(resources), "  "))
    return triggers_of(read_template(path))


EVENTS = [
    ("{Type: Schedule, Properties: {Schedule: rate(1 hour), State: !Ref State}}", "Schedule", "rate(1 hour), disabled"),
    ("{Type: ScheduleV2, Properties: {ScheduleExpression: cron(0 1 * * ? *)}}", "ScheduleV2", "cron(0 1 * * ? *)"),
    ("{Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false}}", "Schedule", "rate(1 day), disabled"),
    ("{Type: Api, Properties: {Path: /orders, Method: post}}", "Api", "POST /orders"),
    ("{Type: HttpApi}", "HttpApi", "ANY"),
    ("{Type: HttpApi, Properties: {Path: /any body, Method: any}}", "HttpApi", "ANY /any body"),
    (
        "{Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3], detail-type: [Object Created]}}}",
        "EventBridgeRule",
        "aws.s3, Object Created",
    ),
    ("{Type: EventBridgeRule}", "EventBridgeRule", ""),
    ("[]", "None", ""),
]


@pytest.mark.parametrize(("event", "kind", "detail"), EVENTS)
def test_a_sam_event_is_a_trigger(tmp_path: Path, event: str, kind: str, detail: str) -> None:
    assert triggers_in(tmp_path, "", f"{{E: {event}}}") == [Trigger("M", kind, "E", detail)]


TRIGGERS = [
    (
        "R: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day), Targets: [{Arn: !Ref M}]}}",
        [Trigger("M", "Rule", "R", "rate(1 day)")],
    ),
    (
        "R: {Type: AWS::Scheduler::Schedule, Properties: {ScheduleExpression: at(x), State: DISABLED, Target: {Arn: !GetAtt M.Arn}}}",
        [Trigger("M", "Schedule", "R", "at(x), disabled")],
    ),
    (
        "R: {Type: AWS::Pipes::Pipe, Properties: {Source: !GetAtt Q.Arn, Target: !Ref M, Enrichment: !GetAtt F.Arn}}\nQ: {Type: AWS::SQS::Queue}",
        [Trigger("M", "Pipe", "R", "Q"), Trigger("F", "Pipe", "R", "Q")],
    ),
    (
        "R: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: 'arn:aws:sqs:r:1:q', FunctionName: !Ref F}}",
        [Trigger("F", "EventSourceMapping", "R", "q")],
    ),
    (
        "R: {Type: AWS::Lambda::Permission, Properties: {Principal: apigateway.amazonaws.com, FunctionName: !Ref F}}",
        [Trigger("F", "Permission", "R", "apigateway.amazonaws.com")],
    ),
    (
        "R: {Type: AWS::Serverless::Function, Properties: {FunctionUrlConfig: {AuthType: NONE}, Events: [none]}}",
        [Trigger("R", "FunctionUrl", "R")],
    ),
    (
        "R: {Type: AWS::Serverless::Api, Properties: {DefinitionBody: {paths: {/orders: {post: {uri: !Ref M}, get: {uri: !Ref F}}, /: {x-amazon-apigateway-any-method: {uri: !Ref M}}}}}}",
        [Trigger("M", "Api", "R", "POST /orders, ANY /"), Trigger("F", "Api", "R", "GET /orders")],
    ),
    (
        "R: {Type: AWS::ApiGateway::RestApi, Properties: {Body: {paths: {/orders: {post: {uri: !Ref M}}}}}}",
        [Trigger("M", "RestApi", "R", "POST /orders")],
    ),
    ("R: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt M.Name}}", []),
    ("R: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: !Ref Q}]}}\nQ: {Type: AWS::SQS::Queue}", []),
]


@pytest.mark.parametrize(("resources", "triggers"), TRIGGERS)
def test_a_resource_is_the_trigger_of_its_targets(tmp_path: Path, resources: str, triggers: list[Trigger]) -> None:
    assert triggers_in(tmp_path, resources) == triggers


def test_a_trigger_is_printed_in_one_line() -> None:
    assert [str(Trigger("M", "Api", "Start", "POST /")), str(Trigger("M", "Pipe", "P"))] == [
        "Api Start: POST /",
        "Pipe P",
    ]
