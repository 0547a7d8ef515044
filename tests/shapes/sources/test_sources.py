"""The sources: handlers with their parameters and literals, pydantic models, events, APIs and schemas."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from workflow_dsl.definition.service_models import service_model
from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.shape import Presence
from workflow_dsl.shapes.sources.apis import output_shape
from workflow_dsl.shapes.sources.events import event_shape, pipe_shape
from workflow_dsl.shapes.sources.handlers import signature_of
from workflow_dsl.shapes.sources.json_schema import shape_of_schema

HANDLERS: list[tuple[str, str, str]] = [  # the source, what it takes, and what it gives
    ("def handler(event, context): return {'a': 1, 'b': [event]}", "unknown", "{a: 1, b: [unknown]}"),
    ("def handler(event, context): return {'a': 1, **event}", "unknown", "{a: unknown, ...}"),
    ("def handler(event, context) -> dict: return {'a': 'x'}", "unknown", '{a: "x"}'),
    ("def handler(event, context):\n  if event: return {'a': 1}\n  return {'b': 1}", "unknown", "{a: 1} | {b: 1}"),
    ("def handler(event, context):\n  if event: return {'a': 1}", "unknown", "{a: 1} | null"),
    ("def handler(event, context):\n  if event: return other()\n  return {'a': 1}", "unknown", "unknown"),
    ("def handler(event, context):\n  def inner(): return 1\n  return {'a': inner()}", "unknown", "{a: unknown}"),
    ("def handler(event, context):\n  print(event)\n  a = event['a']\n  return {'b': json.dumps(a)}", "{a: unknown, ...}", "{b: string}"),
    ("def handler(event, context):\n  a = event['a']['b']\n  return {'b': f'{event[\"c\"]}'}", "{a: {b: unknown, ...}, c: unknown, ...}", "{b: string}"),
    ("def handler(event, context):\n  return {'a': event['x'] < 3, 'b': not event, 'c': event['x'] + 3}", "{x: unknown, ...}", "{a: boolean, b: boolean, c: unknown}"),
    ("def handler(event, context):\n  if not event['a']: raise ValueError('a')\n  return {'b': event['c']}", "{a: unknown, c: unknown, ...}", "{b: unknown}"),
    ("def handler(event, context):\n  if not event['a']:\n    if event.get('d'): return {'b': 1}\n    raise ValueError('a')\n  return {'b': event['c']}", "{a: unknown, ...}", "{b: 1} | {b: unknown}"),
    ("def handler(event, context):\n  if event['a'] == 1: return {'b': event['c']}\n  return {'b': event['d']}", "{a: unknown, ...}", "{b: unknown}"),
    ("def handler(event, context):\n  r = {'a': 1}\n  return r", "unknown", "{a: 1}"),
    ("def handler(event, context):\n  r = {'a': 1}\n  r['b'] = 2\n  return r", "unknown", "{a: 1, b?: 2}"),
    ("def handler(event, context):\n  r = {'a': 1, 'b': int(x), 'c': len(x), 'd': float(x)}\n  save(r['a'])\n  return r", "unknown", "{a: 1, b: number, c: number, d: number}"),
    ("def handler(event, context):\n  r = {'a': {'b': 1}}\n  r['a']['c'] = 2\n  return r", "unknown", "unknown"),
    ("def handler(event, context):\n  r = {'a': 1}\n  del r['a']\n  return r", "unknown", "unknown"),
    ("def handler(event, context):\n  r = {'a': 1}\n  r = other()\n  return r", "unknown", "unknown"),
    ("def handler(event, context):\n  r = {'a': 1}\n  fill(r)\n  return r", "unknown", "unknown"),
    ("def handler(event, context):\n  return {'b': 'x' if event['a'] else 'y'}", "{a: unknown, ...}", '{b: "x" | "y"}'),
    ("def handler(event, context):\n  if event: a = event['a']\n  return {'b': event['b']}", "{b: unknown, ...}", "{b: unknown}"),
    ("def handler(event, context):\n  a = event.get('a') and event['a']\n  return {'b': event['b']}", "{b: unknown, ...}", "{b: unknown}"),
    ("def handler(event, context):\n  a = event['a']\n  fill(event)\n  return {'b': event['b']}", "{a: unknown, ...}", "{b: unknown}"),
    ("def handler(event, context):\n  event['a'] = 1\n  return {'b': event['a']}", "unknown", "{b: unknown}"),
    ("def handler(event, context):\n  event = load(event)\n  return {'b': event['a']}", "unknown", "{b: unknown}"),
    ("def handler(event, context):\n  a = 1 < 2 < event['a']\n  return {'b': event['b']}", "{b: unknown, ...}", "{b: unknown}"),
    ("def handler(event: dict[str, int], context): yield {'a': 1}", "Record<string, number>", "unknown"),
    ("def handler(event: Item, context) -> Item: ...", "{sku: string, count?: number | string, tags?: string[]}", "{sku: string, count: number, tags: string[]}"),
    ("def handler(event: Point, context) -> list[Point]: ...", "{x: number, y?: number}", "{x: number, y: number}[]"),
    ("def handler(event: Renamed, context) -> Configured: ...", "{kept: string, Other: string}", "Record<string, unknown>"),
    ("def handler(event: Any, context) -> Extra: ...", "unknown", "Record<string, unknown>"),
    ("def handler(event: Either, context) -> Renamed: ...", "{kept: string, ...}", "{kept: string, ...}"),
    ("def handler(event, context): return Renamed(**event).model_dump()", "{kept: unknown, Other: unknown, ...}", "{kept: string, other: string}"),
    ("def handler(event, context): return Renamed(**event['a']).model_dump(by_alias=True)", "{a: {kept: unknown, Other: unknown, ...}, ...}", "{kept: string, Other: string}"),
    ("def handler(event: TwoNames, context): return TwoNames(a=1).model_dump(by_alias=True)", "{in: number | string, ...}", "{out: number, c: number, ...}"),
    ("def handler(event, context): return read().model_dump(by_alias=True)", "unknown", "unknown"),
    ("def handler(event: Functional, context) -> types.Remote: ...", "{a-b: string}".replace("a-b", '"a-b"'), "{far: string}"),
    ("def handler(event: From, context) -> None: ...", "{far: string}", "null"),
]  # fmt: skip
MODELS = """
import types_of_mine as types
from dataclasses import dataclass, field
from pydantic import BaseModel, ConfigDict, Field
from typing import TypedDict
from .types_of_mine import Remote as From

class Item(BaseModel):
    sku: str
    count: int = 0
    tags: list[str] = Field(default_factory=list)

@dataclass
class Point:
    x: float
    y: float = 0.0

class Renamed(BaseModel):
    kept: str
    other: str = Field(alias="Other")

class Either(Renamed):
    model_config = ConfigDict(populate_by_name=True)
    other: str = Field(alias="Other")

class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")

class TwoNames(BaseModel):
    a: int = Field(validation_alias="in", serialization_alias="out")
    b: int = Field(validation_alias=AliasPath("x", 0), serialization_alias=NAME)
    c: int = Field(validation_alias=AliasChoices("d", "e"))

class Base(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper)

class Configured(Base):
    name: str

Functional = TypedDict("Functional", {"a-b": str})

"""


@pytest.mark.parametrize(("source", "takes", "gives"), HANDLERS)
def test_a_handler_declares_what_it_takes_and_gives(source: str, takes: str, gives: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(MODELS + source)
    (tmp_path / "types_of_mine.py").write_text("from typing import TypedDict\nclass Remote(TypedDict):\n    far: str\n")
    signature = signature_of(tmp_path / "app.py", "handler", "F")
    assert (type_of(signature.takes), type_of(signature.gives)) == (takes, gives)


def test_nothing_of_a_handler_is_run(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        dedent("""
        raise SystemExit
        def handler(event, context) -> int: ...
    """)
    )
    assert type_of(signature_of(tmp_path / "app.py", "handler", "F").gives) == "number"


ENVELOPE = (
    "{version: string, id: string, detail-type: string, source: string, account: string, time: string, region: string, "
    "resources: string[], detail: Record<string, unknown>}"
).replace("detail-type", '"detail-type"')
S3_OBJECTS = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
SCHEDULED = (
    ENVELOPE.replace('"detail-type": string', '"detail-type": "Scheduled Event"')
    .replace("source: string", 'source: "aws.events"')
    .replace("detail: Record<string, unknown>", "detail: {}")
)


def details(source: str, *types: str) -> dict[str, Any]:
    """A rule whose target gets the details of these events."""
    return {"Pattern": {"source": [source], "detail-type": list(types)}, "InputPath": "$.detail"}


STATE = '{reason?: string, reasonData?: string, timestamp?: string, value: "ALARM" | "INSUFFICIENT_DATA" | "OK", ...}'
EVENTS: list[tuple[str, dict[str, Any], str]] = [
    ("Schedule", {}, SCHEDULED),
    ("Schedule", {"Input": '{"a": 1}'}, "{a: 1}"),
    ("Schedule", {"Input": "no JSON"}, "unknown"),
    ("EventBridgeRule", {"Pattern": {"source": ["a"]}}, ENVELOPE.replace("source: string", 'source: "a"')),
    ("EventBridgeRule", {"Pattern": {}, "InputPath": "$.detail", "Target": {"Id": "a"}}, "Record<string, unknown>"),
    ("EventBridgeRule", {"Pattern": {}, "InputPath": "$.detail"}, "Record<string, unknown>"),
    ("EventBridgeRule", {"Pattern": S3_OBJECTS, "InputPath": "$.detail.bucket"}, "{name: string}"),
    ("EventBridgeRule", {"Pattern": S3_OBJECTS, "InputPath": "$.detail.object.size"}, "unknown"),
    ("EventBridgeRule", {"Pattern": {}, "InputPath": "$.deatil"}, "unknown"),
    ("EventBridgeRule", {"Pattern": {}, "InputPath": "detail"}, "unknown"),
    ("ScheduleV2", {}, "unknown"),
    ("ScheduleV2", {"Input": '{"a": "<aws.scheduler.scheduled-time>"}'}, "{a?: unknown}"),
    (
        "EventBridgeRule",
        {"InputTransformer": {"InputTemplate": '{"a": <state>, "b": "is <state>", "c": ["<state>"], "d": 1}'}},
        "{a?: unknown, b?: unknown, c: unknown[], d: 1}",
    ),
    (
        "EventBridgeRule",
        {
            "Pattern": S3_OBJECTS,
            "InputTransformer": {
                "InputPathsMap": {"key": "$.detail.object.key", "size": "$.detail.object.size", "all": "$.detail"},
                "InputTemplate": '{"key": <key>, "size": <size>, "all": <all>, "text": "of <key>", "in": "<key>"}',
            },
        },
        "{key: string, size?: unknown, all: unknown, text?: unknown, in: string}",
    ),
    ("EventBridgeRule", {"InputTransformer": {"InputTemplate": '"The state is <state>"'}}, "unknown"),
    ("EventBridgeRule", {"InputTransformer": {"InputTemplate": '{"a": 1, "<state>": 2}'}}, "Record<string, unknown>"),
    ("Api", {}, "unknown"),
    ("EventBridgeRule", details("aws.cloudwatch", "CloudWatch Alarm State Change"),
     f"{{alarmName: string, state: {STATE}, previousState?: {STATE}, configuration?: Record<string, unknown>, ...}}"),
    ("EventBridgeRule", details("aws.ecr", "ECR Image Action"),
     '{result: string, "repository-name": string, "action-type": string, "image-digest"?: string, "image-tag"?: string, ...}'),
    ("EventBridgeRule", details("aws.codepipeline", "CodePipeline Pipeline Execution State Change"),
     '{pipeline: string, "execution-id": string, state: string, ...}'),
    ("EventBridgeRule", details("aws.guardduty", "GuardDuty Finding"),
     "{accountId: string, arn: string, createdAt: string, id: string, region: string, schemaVersion: string, type: string, "
     "updatedAt: string, description?: string, partition?: string, title?: string, severity: number, ...}"),
    ("EventBridgeRule", details("aws.states", "Step Functions Execution Status Change"),
     "{executionArn: string, stateMachineArn: string, name: string, status: string, input?: string | null, "
     "output?: string | null, startDate: number, ...}"),
    ("EventBridgeRule", details("aws.ecr", "ECR Image Action", "ECR Image Scan"),
     '{result: string, "repository-name": string, "action-type": string, "image-digest"?: string, "image-tag"?: string, ...} | Record<string, unknown>'),
    ("EventBridgeRule", {"Pattern": {"source": [{"prefix": "aws."}], "detail-type": ["ECR Image Action"]}, "InputPath": "$.detail"},
     "Record<string, unknown>"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "properties", "expected"), EVENTS)
def test_an_event_that_starts_a_machine_has_a_shape(kind: str, properties: dict[str, Any], expected: str) -> None:
    assert type_of(event_shape(kind, properties, "E")) == expected


TEMPLATE = '{"id": <$.messageId>, "sku": <$.body.sku>, "group": "<$.attributes.MessageGroupId>", "kind": "order"}'
PIPES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "kafka", "unknown"),
    ({"TargetParameters": {"InputTemplate": TEMPLATE}}, "", '{id?: unknown, sku?: unknown, group?: unknown, kind: "order"}[]'),
    ({"TargetParameters": {"InputTemplate": TEMPLATE}}, "sqs", '{id: string, sku?: unknown, group?: unknown, kind: "order"}[]'),
    ({"TargetParameters": {"InputTemplate": "<$.body>"}}, "sqs", "unknown[]"),
]  # fmt: skip


@pytest.mark.parametrize(("pipe", "source", "expected"), PIPES)
def test_a_pipe_starts_a_machine_with_a_list(pipe: dict[str, Any], source: str, expected: str) -> None:
    assert type_of(pipe_shape(pipe, source, "P")) == expected


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("sqs", "attributes awsRegion body eventSource eventSourceARN md5OfBody messageAttributes messageId receiptHandle"),
        (
            "kinesis",
            "approximateArrivalTimestamp awsRegion data eventID eventName eventSource eventSourceARN eventVersion "
            "invokeIdentityArn kinesisSchemaVersion partitionKey sequenceNumber",
        ),
        ("dynamodb", "awsRegion dynamodb eventID eventName eventSource eventSourceARN eventVersion"),
    ],
)  # fmt: skip
def test_an_event_of_a_pipe_has_the_documented_fields(source: str, fields: str) -> None:
    [event] = pipe_shape({}, source, "P").lists[0].item.records
    sure = [name for name, each in sorted(event.fields.items()) if each.presence is Presence.SURE]
    assert (sure, event.rest, [each.text for each in event.origins]) == (fields.split(), None, ["P"])


def test_an_object_of_s3_is_in_the_detail_of_its_event() -> None:
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
    shape = event_shape("EventBridgeRule", {"Pattern": pattern}, "E")
    detail = shape.records[0].fields["detail"].shape.records[0]
    assert type_of(detail.fields["bucket"].shape) == "{name: string}"


def test_the_output_of_an_api_has_its_fields_in_both_spellings_and_none_for_sure() -> None:
    model = service_model("sqs")
    assert model is not None
    [part] = output_shape(model, "SendMessage", is_sdk=False).records
    assert {"MD5OfMessageBody", "Md5OfMessageBody", "MessageId"} <= part.fields.keys()
    assert {field.presence.value for field in part.fields.values()} == {"unstated"}


SCHEMAS: list[tuple[Any, str]] = [
    ({"type": "string"}, "string"),
    ({"type": ["string", "null"]}, "string | null"),
    ({"enum": ["a", 1]}, '"a" | 1'),
    ({"const": True}, "true"),
    ({"type": "array", "items": {"type": "integer"}}, "number[]"),
    ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, "[string]"),
    ({"properties": {"a": {"type": "string"}}}, "{a?: string}"),
    ({"properties": {"a": {}}, "required": ["a"], "additionalProperties": True}, "{a: unknown, ...}"),
    ({"type": "object"}, "Record<string, unknown>"),
    ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
    ({"anyOf": [{"type": "string"}, {"type": "number"}]}, "string | number"),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "boolean"}}}, "boolean"),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "unknown"),
    ({"$ref": "other.json"}, "unknown"),
    ({"allOf": [{"type": "string"}, {"minLength": 1}]}, "unknown"),
    (True, "unknown"),
    (False, "never"),
    ("no schema", "unknown"),
]


@pytest.mark.parametrize(("schema", "expected"), SCHEMAS)
def test_a_json_schema_declares_a_shape(schema: Any, expected: str) -> None:
    assert type_of(shape_of_schema(schema)) == expected
