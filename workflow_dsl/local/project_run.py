"""A project's application on this computer: its workflows with what its template gives them.

The real handlers of the template's functions, its substitutions, its other state machines, and its tables, queues,
topics and buckets, made in moto. Nothing leaves the machine, handlers' own boto3 calls included.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from workflow_dsl.application.template import Resource, StateMachine, Template, read_template
from workflow_dsl.application.template.resource_types import BUCKET
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, substituted
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.stand_ins.functions import Function, Handler
from workflow_dsl.local.stand_ins.handlers import load
from workflow_dsl.local.stand_ins.services import BotoServices, GivenServices
from workflow_dsl.project import Project


class Application:
    """The workflows and the template of a project. With an endpoint, AWS services are called there, not in moto."""

    def __init__(self, project: Project, endpoint_url: str | None = None) -> None:
        self._project = project
        self._endpoint_url = endpoint_url

    @cached_property
    def template(self) -> Template | None:
        """The project's template; None when there is none."""
        path = self._project.root / self._project.template
        return read_template(path) if path.is_file() else None

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The template's functions by name, each loaded when it is first called."""
        return {code.name: load(code) for code in self.template.functions()} if self.template else {}

    def machine(self, workflow: str) -> Machine:
        """The machine of a workflow by name, or of a .py, .json or .yaml file. Raises FindingsError."""
        path = Path(workflow)
        if path.suffix == ".py":
            return compile_file(path, root=self._project.root)
        if path.suffix in (".json", ".yaml", ".yml"):
            return Machine(read(path.read_bytes()))
        by_name = {each.stem: each for each in self._project.workflow_files()}
        if workflow not in by_name:
            remedy = closest(workflow, by_name) or f"there are {', '.join(by_name) or 'none'}"
            raise FindingsError([Finding("NO_WORKFLOW", "error", Where(), f"no workflow {workflow!r}", remedy)])
        return compile_file(by_name[workflow], root=self._project.root)

    def run(
        self,
        workflow: str,
        input: Json = None,
        *,
        functions: Mapping[str, Handler | Function] | None = None,
        objects: Mapping[str, str | bytes] | None = None,
        **options: Any,
    ) -> Run:
        """Runs a workflow, as `run()` does, with what the template gives it.

        `functions` stand in for the template's of the same name, logical id or placeholder. `objects` are put into its
        buckets before: `{"s3://MarketBucket/prices.csv": "symbol,price"}`. Calls that `services` given as functions do
        not answer are made as they are without it. Raises FindingsError.
        """
        answers = options.pop("services", None)
        deployed = self._state_machine(workflow)
        with self._services() as services:
            self._put(services, objects or {})
            execution = run(
                self.machine(workflow),
                input,
                functions=self._functions(deployed, functions or {}),
                substitutions=deployed.substitutions if deployed else None,
                services=GivenServices(answers, services) if isinstance(answers, Mapping) else answers or services,
                workflows=options.pop("workflows", None) or _Deployed(self.template),
                machine_name=Path(workflow).name.removesuffix(".asl.json").removesuffix(".py"),
                type=options.pop("type", None) or (deployed.type if deployed else "STANDARD"),
                **options,
            )
            execution.tables.update(self._contents(services))
        return execution

    def _state_machine(self, workflow: str) -> StateMachine | None:
        """The template's state machine that deploys a workflow: the one whose definition has its name."""
        name = Path(workflow).name.removesuffix(".py").removesuffix(".asl.json")
        for each in self.template.state_machines() if self.template else ():
            if isinstance(each.definition, Path) and each.definition.name.removesuffix(".asl.json") == name:
                return each
        return None

    def _functions(
        self, deployed: StateMachine | None, given: Mapping[str, Handler | Function]
    ) -> dict[str, Handler | Function]:
        """The template's functions, and over them those given, also by the ARN that a placeholder stands for."""
        aliases = dict(deployed.substitutions) if deployed else {}
        aliases |= {code.logical_id: code.name for code in (self.template.functions() if self.template else ())}
        stand_ins = {aliases.get(name, name): function for name, function in given.items()}
        return {**self.functions, **given, **stand_ins}

    @contextmanager
    def _services(self) -> Iterator[BotoServices]:
        """AWS services with the template's resources made in them, for handlers' own calls too."""
        services = BotoServices(self._endpoint_url)
        before = os.environ.get("AWS_ENDPOINT_URL")
        try:
            if self._endpoint_url:
                os.environ["AWS_ENDPOINT_URL"] = self._endpoint_url
            else:
                _make_resources(services, self.template)
            yield services
        finally:
            services.close()
            if self._endpoint_url:
                os.environ.pop("AWS_ENDPOINT_URL")
                os.environ.update({} if before is None else {"AWS_ENDPOINT_URL": before})

    def _put(self, services: BotoServices, objects: Mapping[str, str | bytes]) -> None:
        """Puts objects into buckets, each under its URL; a bucket goes by its logical id or its name."""
        buckets = (
            {each.logical_id: self.template.values.name(each) for each in self._buckets()} if self.template else {}
        )
        for url, content in objects.items():
            bucket, _, key = url.removeprefix("s3://").partition("/")
            name = buckets.get(bucket, bucket)
            is_there = self._endpoint_url is not None or name in buckets.values()
            if not url.startswith("s3://") or not key or not is_there:
                remedy = (
                    closest(bucket, buckets) or f"write s3://BUCKET/KEY; there is {', '.join(buckets) or 'no bucket'}"
                )
                raise FindingsError([Finding("NO_BUCKET", "error", Where(), f"nothing can be put at {url}", remedy)])
            body = content.encode() if isinstance(content, str) else content
            services.client("s3").put_object(Bucket=name, Key=key, Body=body)

    def _buckets(self) -> list[Resource]:
        return list(self.template.of_types(BUCKET)) if self.template else []

    def _contents(self, services: BotoServices) -> dict[str, list[Json]]:
        """What is in each of the template's tables."""
        tables = self._table_names() if self._endpoint_url is None else []
        scans = {name: services.client("dynamodb").get_paginator("scan").paginate(TableName=name) for name in tables}
        return {name: [item for page in scan for item in page["Items"]] for name, scan in scans.items()}

    def _table_names(self) -> list[str]:
        if self.template is None:
            return []
        return [name for type_ in _TABLE_TYPES for name, _ in self.template.of_type(type_)]


_TABLE_TYPES = ("AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable")
_TABLE = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")


class _Deployed(Mapping[str, Json]):
    """The definitions of a template's state machines by the name their ARN ends with, each read when it is started."""

    def __init__(self, template: Template | None) -> None:
        self._machines = {each.name: each for each in template.state_machines()} if template else {}

    def __getitem__(self, name: str) -> Json:
        machine = self._machines[name]
        if isinstance(machine.definition, Path):
            try:
                return json.dumps(read(substituted(machine.definition.read_text("utf-8"), machine.substitutions)))
            except (OSError, UnicodeDecodeError) as problem:
                where = Where(place=Place(str(machine.definition)))
                raise FindingsError([Finding("NO_WORKFLOW", "error", where, f"cannot be read: {problem}")]) from None
        inline = machine.definition
        text = inline if isinstance(inline, str) else json.dumps(inline)
        return substituted(text, machine.substitutions)

    def __iter__(self) -> Iterator[str]:
        return iter(self._machines)

    def __len__(self) -> int:
        return len(self._machines)


def _make_resources(services: BotoServices, template: Template | None) -> None:
    """Starts moto, so that a handler's own boto3 call never leaves the machine, and makes the template's resources."""
    try:
        _ = services.session
    except ImportError as problem:
        remedy = "pip install boto3 'moto[dynamodb,s3]'"
        raise FindingsError(
            [Finding("NOT_INSTALLED", "error", Where(), f"running needs {problem.name}", remedy)]
        ) from None
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        if template:
            _make(services, template)
    except (BotoCoreError, ClientError) as problem:
        said = " ".join(str(problem).split())
        where = Where(place=Place(str(template.path) if template else ""))
        raise FindingsError(
            [Finding("TEMPLATE", "error", where, f"a resource cannot be made in moto: {said}")]
        ) from None


def _make(services: BotoServices, template: Template) -> None:
    for name, properties in template.of_type("AWS::DynamoDB::Table"):
        given = {field: properties[field] for field in _TABLE if field in properties}
        services.client("dynamodb").create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **given)
    for name, properties in template.of_type("AWS::Serverless::SimpleTable"):
        key = properties.get("PrimaryKey", {"Name": "id", "Type": "String"})
        services.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key["Name"], "AttributeType": key["Type"][0]}],
            KeySchema=[{"AttributeName": key["Name"], "KeyType": "HASH"}],
        )
    for name, properties in template.of_type("AWS::SQS::Queue"):
        fifo = {"FifoQueue": "true"} if properties.get("FifoQueue") else {}
        services.client("sqs").create_queue(QueueName=name, Attributes=fifo)
    for name, properties in template.of_type("AWS::SNS::Topic"):
        fifo = {"FifoTopic": "true"} if properties.get("FifoTopic") else {}
        services.client("sns").create_topic(Name=name, Attributes=fifo)
    for name, _ in template.of_type(BUCKET):
        services.client("s3").create_bucket(Bucket=name)
