"""The resources in what `terraform show -json` prints, and the references between them.

Sources: Terraform documentation, "JSON Output Format"; the AWS provider's reference of each resource.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property

from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex


class Row(Record):
    """A resource of a plan, with the expressions that its configuration has in place of unknown values."""

    address: str
    module: str  # the prefix of the addresses of its module
    type: str
    values: Mapping[str, Json]
    expressions: Mapping[str, Json]


class Rows(dict[str, Row]):
    """The resources of a plan by address. What is looked up for each of them is found once: a plan may be large."""

    @cached_property
    def first_instances(self) -> dict[str, str]:
        """The address of the first instance of each resource with `count` or `for_each`."""
        return {_INSTANCE.sub("", address): address for address in reversed(self)}

    @cached_property
    def roles(self) -> dict[Json, str]:
        """The address of the first role of each name."""
        roles = [row for row in reversed(self.values()) if row.type == "aws_iam_role"]
        return {name: row.address for row in roles if isinstance(name := row.values.get("name"), str)}

    @cached_property
    def by_arn(self) -> dict[Json, str]:
        """The address of the first resource of each ARN."""
        arns = ((row.values.get("arn"), row.address) for row in reversed(self.values()))
        return {arn: address for arn, address in arns if isinstance(arn, str)}

    @cached_property
    def targets(self) -> dict[str, list[Row]]:
        """The targets of each EventBridge rule, by its address."""
        rules = [row for row in self.values() if row.type == "aws_cloudwatch_event_rule"]
        names = {row.values.get("name"): row.address for row in rules}
        found: dict[str, list[Row]] = {}
        for row in self.values():
            if row.type == "aws_cloudwatch_event_target":
                rule = referred(row, "rule", self) or names.get(row.values.get("rule"), "")
                found.setdefault(rule, []).append(row)
        return found

    @cached_property
    def notifications(self) -> dict[str, list[Row]]:
        """The notification settings of each bucket, by its address."""
        buckets = {row.values.get("bucket"): row.address for row in self.values() if row.type == "aws_s3_bucket"}
        found: dict[str, list[Row]] = {}
        for row in self.values():
            if row.type == "aws_s3_bucket_notification":
                bucket = referred(row, "bucket", self) or buckets.get(row.values.get("bucket"), "")
                found.setdefault(bucket, []).append(row)
        return found


_INSTANCE = lazy_regex(r'\[(\d+|"[^"]*")\]$')


def rows_of(module: Mapping[str, Json], configuration: Mapping[str, Json], prefix: str) -> Iterator[Row]:
    """The managed resources of a module and of those in it."""
    expressions = {
        str(each.get("address")): dict_or_empty(each.get("expressions"))
        for each in map(dict_or_empty, as_list(configuration.get("resources")))
    }
    for resource in map(dict_or_empty, as_list(module.get("resources"))):
        if resource.get("mode", "managed") == "managed":
            address = str(resource.get("address"))
            own = address.removeprefix(prefix).partition("[")[0]
            values = dict_or_empty(resource.get("values"))
            yield Row(address, prefix, str(resource.get("type")), values, expressions.get(own, {}))
    calls = dict_or_empty(configuration.get("module_calls"))
    for child in map(dict_or_empty, as_list(module.get("child_modules"))):
        address = str(child.get("address"))
        name = address.removeprefix(f"{prefix}module.").partition("[")[0]
        inner = dict_or_empty(dict_or_empty(calls.get(name)).get("module"))
        yield from rows_of(child, inner, f"{address}.")


def referred(row: Row, field: str, rows: Rows, block: str = "") -> str | None:
    """The address of the resource that the expression of a field refers to, or of one in a block."""
    return next(all_referred(row, field, rows, block), None)


def all_referred(row: Row, field: str, rows: Rows, block: str = "") -> Iterator[str]:
    """The address of each resource that the expression of a field refers to; the first instance of those with more."""
    expressions = block_of(row.expressions.get(block)) if block else row.expressions
    for reference in as_list(dict_or_empty(expressions.get(field)).get("references")):
        address = f"{row.module}{reference}"
        if address in rows:
            yield address
        elif address in rows.first_instances:
            yield rows.first_instances[address]


def role_of(row: Row, field: str, rows: Rows) -> str | None:
    """The role that a field names, or gives the ARN of; of one that is known after apply, the first that it refers to.

    A value that is known counts more: its expression may choose between roles.
    """
    value = str(row.values.get(field) or "")
    if not value:
        return referred(row, field, rows)
    address = rows.roles.get(value.rpartition("/")[2])
    own = rows[address].values.get("arn") if address else None
    is_of_other_account = value.startswith("arn:") and own not in (None, value)
    return None if is_of_other_account else address


def document_in(value: Json) -> Json:
    """The document in a string; an unknown value without one."""
    try:
        return json.loads(value) if isinstance(value, str) else UNKNOWN
    except (ValueError, RecursionError):
        return UNKNOWN


UNKNOWN: Json = {"Ref": "AWS::KnownAfterApply"}


def block_of(value: Json) -> dict[str, Json]:
    """The first of the blocks that a plan has as a list of objects."""
    return dict_or_empty(next(iter(as_list(value)), None))


def value_of(row: Row, field: str, rows: Rows, block: str = "") -> Json:
    """A field's value, or that of a field in a block; a reference for the ARN of a resource, None without a value."""
    value = (block_of(row.values.get(block)) if block else row.values).get(field)
    address = rows.by_arn.get(value) if isinstance(value, str) and value else referred(row, field, rows, block)
    found = reference_to(rows[address]) if address else None
    is_given = field in (block_of(row.expressions.get(block)) if block else row.expressions)
    return found or (UNKNOWN if value is None and is_given else value)


def reference_to(row: Row) -> dict[str, Json] | None:
    """The reference that gives a resource's ARN; None for a resource that a template has no use for."""
    attribute = _ARN_ATTRIBUTES.get(row.type)
    return {"Fn::GetAtt": [row.address, attribute]} if attribute else None


_ARN_ATTRIBUTES = {
    **dict.fromkeys(("aws_lambda_function", "aws_sfn_state_machine", "aws_sfn_activity", "aws_dynamodb_table"), "Arn"),
    **dict.fromkeys(("aws_sqs_queue", "aws_s3_bucket", "aws_iam_role", "aws_cloudwatch_event_bus"), "Arn"),
    "aws_sns_topic": "TopicArn",
    "aws_ecs_task_definition": "TaskDefinitionArn",
}
