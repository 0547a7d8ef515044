"""The CloudFormation template in what `terraform show -json` prints of a plan or a state.

Only what state machines need is taken: the machines, functions, roles, policies, the resources that states name, and
the rules and schedules that start a machine.
Sources: Terraform documentation, "JSON Output Format"; the AWS provider's reference of each resource.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.records import Record, replace
from workflow_dsl.regexes import lazy_regex


class _Row(Record):
    """A resource of a plan, with the expressions that its configuration has in place of unknown values."""

    address: str
    module: str  # the prefix of the addresses of its module
    type: str
    values: Mapping[str, Json]
    expressions: Mapping[str, Json]


class _Rows(dict[str, _Row]):
    """The resources of a plan by address. What is looked up for each of them is found once: a plan may be large."""

    @cached_property
    def first_instances(self) -> dict[str, str]:
        """The address of the first instance of each resource with `count` or `for_each`."""
        return {_INSTANCE.sub("", address): address for address in reversed(self)}

    @cached_property
    def by_arn(self) -> dict[str, _Row]:
        """The resources of known types by their ARNs, as far as Terraform knows these."""
        return {str(row.values["arn"]): row for row in self.values() if row.type in _TYPES and row.values.get("arn")}

    @cached_property
    def roles(self) -> dict[Json, str]:
        """The address of the first role of each name."""
        roles = [row for row in reversed(self.values()) if row.type == "aws_iam_role"]
        return {name: row.address for row in roles if isinstance(name := row.values.get("name"), str)}


_INSTANCE = lazy_regex(r'\[(\d+|"[^"]*")\]$')


def is_plan(document: Mapping[str, Json]) -> bool:
    """True for the JSON of a plan or a state, which has a `format_version`."""
    return bool(_root(document))


def _root(document: Mapping[str, Json]) -> dict[str, Json]:
    values = dict_or_empty(document.get("planned_values") or document.get("values"))
    return dict_or_empty(values.get("root_module"))


def template_of_plan(document: Mapping[str, Json]) -> dict[str, Json]:
    """The template of a plan or a state; a resource's logical ID is its address."""
    configuration = dict_or_empty(dict_or_empty(document.get("configuration")).get("root_module"))
    rows = _Rows((row.address, row) for row in _rows(_root(document), configuration, ""))
    resources: dict[str, Json] = {}
    for row in rows.values():
        if row.type in _TYPES:
            type_, convert = _TYPES[row.type]
            resources[row.address] = {"Type": type_, "Properties": convert(row, rows)}
    for row in rows.values():
        role = _referred(row, "role", rows) or _role_named(row, rows)
        is_policy = row.type in ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
        if is_policy and role and rows[role].type == "aws_iam_role":
            _add_policy(resources[role]["Properties"], row)
    return {"Resources": resources}


def _rows(module: Mapping[str, Json], configuration: Mapping[str, Json], prefix: str) -> Iterator[_Row]:
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
            yield _Row(address, prefix, str(resource.get("type")), values, expressions.get(own, {}))
    calls = dict_or_empty(configuration.get("module_calls"))
    for child in map(dict_or_empty, as_list(module.get("child_modules"))):
        address = str(child.get("address"))
        name = address.removeprefix(f"{prefix}module.").partition("[")[0]
        inner = dict_or_empty(dict_or_empty(calls.get(name)).get("module"))
        yield from _rows(child, inner, f"{address}.")


def _referred(row: _Row, field: str, rows: _Rows) -> str | None:
    """The address of the resource that an expression refers to."""
    for reference in as_list(dict_or_empty(row.expressions.get(field)).get("references")):
        address = f"{row.module}{reference}"
        if address in rows:
            return address
        if address in rows.first_instances:
            return rows.first_instances[address]
    return None


def _role_named(row: _Row, rows: _Rows) -> str | None:
    """The role that has the name or the ARN in a resource's value."""
    name = str(row.values.get("role") or row.values.get("role_arn") or "").rpartition("/")[2]
    return rows.roles.get(name) if name else None


def _document(value: Json) -> Json:
    """The document in a string; an unknown value without one."""
    try:
        return json.loads(value) if isinstance(value, str) else _UNKNOWN
    except (ValueError, RecursionError):
        return _UNKNOWN


_UNKNOWN: Json = {"Ref": "AWS::KnownAfterApply"}


def _machine(row: _Row, rows: _Rows) -> dict[str, Json]:
    role = _referred(row, "role_arn", rows) or _role_named(row, rows)
    logging, tracing = (_block(row.values.get(name)) for name in ("logging_configuration", "tracing_configuration"))
    properties: dict[str, Json] = {
        "StateMachineType": row.values.get("type", "STANDARD"),
        "RoleArn": {"Fn::GetAtt": [role, "Arn"]} if role else row.values.get("role_arn", _UNKNOWN),
        "DefinitionString": _with_references(row.values.get("definition"), rows),
    }
    if logging.get("level") not in (None, "OFF"):
        properties["LoggingConfiguration"] = {"Level": logging["level"], "Destinations": [_UNKNOWN]}
    if tracing.get("enabled"):
        properties["TracingConfiguration"] = {"Enabled": True}
    return {**_named("StateMachineName")(row, rows), **properties}


def _with_references(text: Json, rows: _Rows) -> Json:
    """A definition with references in place of the ARNs that the plan knows; an unknown value without a definition."""
    if not isinstance(text, str):
        return _UNKNOWN
    arns = rows.by_arn
    if not arns:
        return text
    pattern = re.compile(rf"({'|'.join(map(re.escape, arns))})(?![\w-])")
    return {"Fn::Join": ["", [_reference(arns[part]) if part in arns else part for part in pattern.split(text)]]}


def _reference(row: _Row) -> dict[str, Json]:
    """The ARN of a resource. An address has dots, as a Ref of SAM to a part of a function has: `Function.Alias`."""
    return {"Fn::GetAtt": [row.address, "TopicArn" if row.type == "aws_sns_topic" else "Arn"]}


def _block(value: Json) -> dict[str, Json]:
    return dict_or_empty(next(iter(as_list(value)), None))


def _function(row: _Row, rows: _Rows) -> dict[str, Json]:
    fields = {"handler": "Handler", "runtime": "Runtime", "timeout": "Timeout", "memory_size": "MemorySize"}
    known = {name: row.values[field] for field, name in fields.items() if row.values.get(field) is not None}
    role = _referred(row, "role", rows)
    role_of = {"Role": {"Fn::GetAtt": [role, "Arn"]}} if role else {}
    return {**_named("FunctionName", "function_name")(row, rows), **known, **role_of}


def _role(row: _Row, rows: _Rows) -> dict[str, Json]:
    policies = [
        {"PolicyName": policy.get("name"), "PolicyDocument": _document(policy.get("policy"))}
        for policy in as_list(row.values.get("inline_policy"))
        if isinstance(policy, dict) and policy.get("policy")
    ]
    return {
        **_named("RoleName")(row, rows),
        "AssumeRolePolicyDocument": _document(row.values.get("assume_role_policy")),
        "Policies": policies,
        "ManagedPolicyArns": [*as_list(row.values.get("managed_policy_arns"))],
    }


def _add_policy(role: dict[str, Json], row: _Row) -> None:
    """Add a policy to its role; one that is known after apply makes the role's grants unknown."""
    if row.type == "aws_iam_role_policy_attachment":
        role["ManagedPolicyArns"].append(row.values.get("policy_arn", _UNKNOWN))
    else:
        role["Policies"].append(
            {"PolicyName": row.values.get("name"), "PolicyDocument": _document(row.values.get("policy"))}
        )


def _table(row: _Row, rows: _Rows) -> dict[str, Json]:
    """The keys of a table and of its indexes; none that Terraform does not know yet."""
    values = row.values
    blocks = (("global_secondary_index", "GlobalSecondaryIndexes"), ("local_secondary_index", "LocalSecondaryIndexes"))
    indexes = {
        name: [
            {"IndexName": index.get("name"), "KeySchema": _keys(index) or [*_keys(values)[:1], *_sort_key(index)]}
            for index in map(dict_or_empty, as_list(values.get(field)))
        ]
        for field, name in blocks
        if values.get(field)
    }
    attributes = [
        {"AttributeName": each.get("name"), "AttributeType": each.get("type")}
        for each in map(dict_or_empty, as_list(values.get("attribute")))
    ]
    schema = {"KeySchema": _keys(values), "AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
    return {**_named("TableName")(row, rows), **(schema if _keys(values) else {}), **indexes}


def _keys(values: Mapping[str, Json]) -> list[Json]:
    key = values.get("hash_key")
    return [{"AttributeName": key, "KeyType": "HASH"}, *_sort_key(values)] if key else []


def _sort_key(values: Mapping[str, Json]) -> list[Json]:
    key = values.get("range_key")
    return [{"AttributeName": key, "KeyType": "RANGE"}] if key else []


def _rule(row: _Row, rows: _Rows) -> dict[str, Json]:
    """A rule of EventBridge with its targets, which are resources of their own."""
    targets = [
        {"Id": each.address, **_target(each, rows)}
        for each in rows.values()
        if each.type == "aws_cloudwatch_event_target"
        and (_referred(each, "rule", rows) == row.address or each.values.get("rule") == row.values.get("name"))
    ]
    pattern, schedule = row.values.get("event_pattern"), row.values.get("schedule_expression")
    when = {"EventPattern": _document(pattern)} if pattern or "event_pattern" in row.expressions else {}
    when |= {"ScheduleExpression": schedule or _UNKNOWN} if schedule or "schedule_expression" in row.expressions else {}
    return {**_named("Name")(row, rows), **when, "State": row.values.get("state") or "ENABLED", "Targets": targets}


def _schedule(row: _Row, rows: _Rows) -> dict[str, Json]:
    expressions = dict_or_empty(next(iter(as_list(row.expressions.get("target"))), None))
    target = replace(row, values=_block(row.values.get("target")), expressions=expressions)
    window = _block(row.values.get("flexible_time_window"))
    names = {"mode": "Mode", "maximum_window_in_minutes": "MaximumWindowInMinutes"}
    return {
        **_named("Name")(row, rows),
        "ScheduleExpression": row.values.get("schedule_expression") or _UNKNOWN,
        "FlexibleTimeWindow": {name: window[field] for field, name in names.items() if window.get(field) is not None},
        "State": row.values.get("state") or "ENABLED",
        "Target": _target(target, rows),
    }


def _target(row: _Row, rows: _Rows) -> dict[str, Json]:
    """The target of a rule or schedule: its ARN, its role and its input."""
    fields = {"arn": "Arn", "role_arn": "RoleArn", "input": "Input"}
    given = {name: _given(row, field, rows) for field, name in fields.items()}
    return {name: value for name, value in given.items() if value is not None}


def _given(row: _Row, field: str, rows: _Rows) -> Json:
    """The value of an argument, as a reference where it is the ARN of a resource; None without one."""
    address, value = _referred(row, field, rows), row.values.get(field)
    if field != "input" and address and rows[address].type in _TYPES:
        return _reference(rows[address])
    if isinstance(value, str) and value in rows.by_arn:
        return _reference(rows.by_arn[value])
    return _UNKNOWN if value is None and row.expressions.get(field) else value


class _named:  # noqa: N801  # used as a function
    """A resource of which only the name counts, and other values that are texts, numbers or booleans."""

    def __init__(self, property_: str, field: str = "name", **others: str) -> None:
        self._fields = {field: property_, **others}

    def __call__(self, row: _Row, _rows: _Rows) -> dict[str, Json]:
        values = {property_: row.values.get(field) for field, property_ in self._fields.items()}
        return {name: value for name, value in values.items() if isinstance(value, (str, int))}


_Convert = Callable[[_Row, _Rows], dict[str, Json]]
_TYPES: Mapping[str, tuple[str, _Convert]] = {
    "aws_sfn_state_machine": ("AWS::StepFunctions::StateMachine", _machine),
    "aws_sfn_activity": ("AWS::StepFunctions::Activity", _named("Name")),
    "aws_lambda_function": ("AWS::Lambda::Function", _function),
    "aws_iam_role": ("AWS::IAM::Role", _role),
    "aws_dynamodb_table": ("AWS::DynamoDB::Table", _table),
    "aws_sqs_queue": (
        "AWS::SQS::Queue",
        _named("QueueName", fifo_queue="FifoQueue", content_based_deduplication="ContentBasedDeduplication"),
    ),
    "aws_sns_topic": (
        "AWS::SNS::Topic",
        _named("TopicName", fifo_topic="FifoTopic", content_based_deduplication="ContentBasedDeduplication"),
    ),
    "aws_s3_bucket": ("AWS::S3::Bucket", _named("BucketName", "bucket")),
    "aws_cloudwatch_event_bus": ("AWS::Events::EventBus", _named("Name")),
    "aws_cloudwatch_event_rule": ("AWS::Events::Rule", _rule),
    "aws_scheduler_schedule": ("AWS::Scheduler::Schedule", _schedule),
}
