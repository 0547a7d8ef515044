"""The template's tables, queues, topics and buckets in moto, anew for each run.

Creating them takes longer than a run, so each is created when a request is on its way to moto that may need it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import BUCKET
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.stand_ins.moto_support import INSTALL
from workflow_dsl.local.stand_ins.services import BotoServices
from workflow_dsl.regexes import lazy_regex

# DynamoDB's requests concern nothing but tables, except those that export to a bucket or import from one.
_OF_TABLES = lazy_regex(r"DynamoDB_\d+\.(?!Export|Import)")


class Resources:
    """The resources of a template, which moto gets when they are needed.

    Raises FindingsError for a resource that moto refuses, and if a part of moto is not installed.
    """

    def __init__(self, services: BotoServices, template: Template) -> None:
        self._services, self._template = services, template
        self._lock = threading.RLock()  # another thread waits until all are there; their creation sends requests too
        self._pending = [_TABLES, _OTHERS]
        self._problem: FindingsError | None = None

    @property
    def _has_tables(self) -> bool:
        return _TABLES not in self._pending

    def items(self) -> dict[str, list[Json]]:
        """Return the items of each table by its name; none as long as no request was sent."""
        if self._problem:
            raise self._problem
        names = [name for type_ in _TABLES for name, _ in self._template.of_type(type_)]
        if not self._has_tables:
            return {name: [] for name in names}
        paginator = self._services.client("dynamodb").get_paginator("scan")
        return {name: [item for page in paginator.paginate(TableName=name) for item in page["Items"]] for name in names}

    def create(self, *, tables_only: bool = False) -> None:
        """Create the resources that are not there yet, or the tables of them."""
        with self._lock:
            while self._pending and not (tables_only and self._has_tables):
                for type_, create in self._pending.pop(0).items():
                    for name, properties in self._template.of_type(type_):
                        self._create(create, name, properties)

    def _create(self, create: _Create, name: str, properties: Mapping[str, Json]) -> None:
        try:
            create(self._services, name, properties)
        except ImportError as problem:  # of a part of moto
            raise _not_installed(problem) from None
        except FindingsError:
            raise
        except Exception as problem:  # moto raises anything for properties that CloudFormation refuses
            reason = f"lacks {problem}" if isinstance(problem, KeyError) else " ".join(str(problem).split())
            message = f"the resource {name} cannot be created in moto: {reason}"
            place = Where(place=Place(str(self._template.path)))
            raise FindingsError([Finding("TEMPLATE", "error", place, message)]) from None

    @contextmanager
    def created_when_needed(self) -> Iterator[None]:
        """Start moto, and create them before it answers the first request that may need them, whoever sends it.

        A resource that moto refuses is also reported at the end, as a handler may catch every exception of its call.
        """
        try:
            self._services.start()
            from moto.core.models import (
                botocore_stubber,
            )  # answers every request: botocore's, the gateway's, all others
        except ImportError as problem:
            raise _not_installed(problem) from None
        answer = botocore_stubber.process_request  # of every request: botocore's, the gateway's, all others

        def create_and_answer(request: Any) -> Any:
            if self._pending:
                self._prepare(request.headers.get("X-Amz-Target") or b"")
            return answer(request)

        vars(botocore_stubber)["process_request"] = create_and_answer
        try:
            yield
        finally:
            del vars(botocore_stubber)["process_request"]
        if self._problem:
            raise self._problem

    def _prepare(self, target: bytes | str) -> None:
        text = target.decode("latin-1") if isinstance(target, bytes) else target
        try:
            self.create(tables_only=_OF_TABLES.match(text) is not None)
        except FindingsError as problem:
            self._problem = problem
            raise


def _not_installed(problem: ImportError) -> FindingsError:
    """The error of a run without moto, or without a part of it."""
    return FindingsError([Finding("NOT_INSTALLED", "error", Where(), f"running needs {problem.name}", INSTALL)])


_Create = Callable[[Any, str, Mapping[str, Json]], object]


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


_TABLES: Mapping[str, _Create] = {"AWS::DynamoDB::Table": _table, "AWS::Serverless::SimpleTable": _simple_table}
_OTHERS: Mapping[str, _Create] = {"AWS::SQS::Queue": _queue, "AWS::SNS::Topic": _topic, BUCKET: _bucket}
TABLE_TYPES = tuple(_TABLES)
