"""The template's tables, queues, topics and buckets in moto, anew for each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import BUCKET
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.stand_ins.services import BotoServices


def create_resources(services: BotoServices, template: Template) -> None:
    """Start moto, which also answers the handlers' own boto3 calls, and create the template's resources in it.

    Raises FindingsError for a resource that moto refuses, and if moto is not installed.
    """
    try:
        services.start()
        for type_, create in _CREATE.items():
            for name, properties in template.of_type(type_):
                _created(create, services, name, properties, template)
    except ImportError as problem:  # also of a part of moto
        remedy = "pip install boto3 'moto[dynamodb,s3]'"
        finding = Finding("NOT_INSTALLED", "error", Where(), f"running needs {problem.name}", remedy)
        raise FindingsError([finding]) from None


_Create = Callable[[Any, str, Mapping[str, Json]], object]


def _created(
    create: _Create, services: BotoServices, name: str, properties: Mapping[str, Json], template: Template
) -> None:
    try:
        create(services, name, properties)
    except (ImportError, FindingsError):
        raise
    except Exception as problem:  # moto raises anything for properties that CloudFormation refuses
        reason = f"lacks {problem}" if isinstance(problem, KeyError) else " ".join(str(problem).split())
        message = f"the resource {name} cannot be created in moto: {reason}"
        raise FindingsError([Finding("TEMPLATE", "error", Where(place=Place(str(template.path))), message)]) from None


def _table(services: BotoServices, name: str, properties: Mapping[str, Json]) -> None:
    fields = {field: properties[field] for field in _TABLE_FIELDS if field in properties}
    services.client("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **fields)


_TABLE_FIELDS = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def _simple_table(services: BotoServices, name: str, properties: Mapping[str, Json]) -> None:
    key = {"Name": "id", "Type": "String", **properties.get("PrimaryKey", {})}
    services.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key["Name"], "AttributeType": str(key["Type"])[:1]}],
        KeySchema=[{"AttributeName": key["Name"], "KeyType": "HASH"}],
    )


def _queue(services: BotoServices, name: str, properties: Mapping[str, Json]) -> None:
    attributes = {"FifoQueue": "true"} if _is_true(properties.get("FifoQueue")) else {}
    services.client("sqs").create_queue(
        QueueName=_fifo(name, properties, "QueueName", attributes), Attributes=attributes
    )


def _topic(services: BotoServices, name: str, properties: Mapping[str, Json]) -> None:
    attributes = {"FifoTopic": "true"} if _is_true(properties.get("FifoTopic")) else {}
    services.client("sns").create_topic(Name=_fifo(name, properties, "TopicName", attributes), Attributes=attributes)


def _is_true(value: Json) -> bool:
    return value is True or str(value).lower() == "true"


def _fifo(name: str, properties: Mapping[str, Json], field: str, attributes: Mapping[str, str]) -> str:
    """A name; one that CloudFormation would make up ends as that of its kind must."""
    is_made_up = bool(attributes) and not properties.get(field)
    return f"{name}.fifo" if is_made_up and not name.endswith(".fifo") else name


def _bucket(services: BotoServices, name: str, _: Mapping[str, Json]) -> None:
    services.client("s3").create_bucket(Bucket=name)


_CREATE: Mapping[str, _Create] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::Serverless::SimpleTable": _simple_table,
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
    BUCKET: _bucket,
}
