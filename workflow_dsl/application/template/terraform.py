"""The CloudFormation template in what `terraform show -json` prints of a plan or a state.

Only what state machines need is taken: the machines, functions, roles, policies, the resources that states name, and
what starts the machines.
Sources: Terraform documentation, "JSON Output Format"; the AWS provider's reference of each resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.terraform_rows import (
    UNKNOWN,
    Row,
    Rows,
    all_referred,
    block_of,
    document_in,
    reference_to,
    referred,
    role_of,
    rows_of,
    value_of,
)
from workflow_dsl.application.template.terraform_triggers import pipe, rule, schedule
from workflow_dsl.definition.json import Json


def is_plan(document: Mapping[str, Json]) -> bool:
    """True for the JSON of a plan or a state, which has a `format_version`."""
    return bool(_root(document))


def _root(document: Mapping[str, Json]) -> dict[str, Json]:
    values = dict_or_empty(document.get("planned_values") or document.get("values"))
    return dict_or_empty(values.get("root_module"))


def template_of_plan(document: Mapping[str, Json]) -> dict[str, Json]:
    """The template of a plan or a state; a resource's logical ID is its address."""
    configuration = dict_or_empty(dict_or_empty(document.get("configuration")).get("root_module"))
    rows = Rows((row.address, row) for row in rows_of(_root(document), configuration, ""))
    resources: dict[str, Json] = {}
    for row in rows.values():
        if row.type in _TYPES:
            type_, convert = _TYPES[row.type]
            resources[row.address] = {"Type": type_, "Properties": convert(row, rows)}
    for row in rows.values():
        for role in _roles_of_policy(row, rows):
            _add_policy(resources[role]["Properties"], row, rows)
    return {"Resources": resources}


def _roles_of_policy(row: Row, rows: Rows) -> list[str]:
    """The roles that have an inline policy, or that a policy is attached to."""
    if row.type == "aws_iam_policy_attachment":
        named = [rows.roles.get(name) for name in as_list(row.values.get("roles"))]
        found = [*named, *all_referred(row, "roles", rows)]
    elif row.type in ("aws_iam_role_policy", "aws_iam_role_policy_attachment"):
        found = [role_of(row, "role", rows)]
    else:
        found = []
    return [each for each in dict.fromkeys(found) if each and rows[each].type == "aws_iam_role"]


def _machine(row: Row, rows: Rows) -> dict[str, Json]:
    role = role_of(row, "role_arn", rows)
    logging, tracing = (block_of(row.values.get(name)) for name in ("logging_configuration", "tracing_configuration"))
    properties: dict[str, Json] = {
        "StateMachineType": row.values.get("type", "STANDARD"),
        "RoleArn": {"Fn::GetAtt": [role, "Arn"]} if role else row.values.get("role_arn", UNKNOWN),
        "DefinitionString": _with_references(row.values.get("definition"), rows),
    }
    if logging.get("level") not in (None, "OFF"):
        properties["LoggingConfiguration"] = {"Level": logging["level"], "Destinations": [UNKNOWN]}
    if tracing.get("enabled"):
        properties["TracingConfiguration"] = {"Enabled": True}
    return {**_named("StateMachineName")(row, rows), **properties}


def _with_references(text: Json, rows: Rows) -> Json:
    """A definition with references in place of the ARNs that the plan knows; an unknown value without a definition."""
    if not isinstance(text, str):
        return UNKNOWN
    arns = {str(row.values["arn"]): row for row in rows.values() if row.type in _TYPES and row.values.get("arn")}
    if not arns:
        return text
    pattern = re.compile(rf"({'|'.join(map(re.escape, arns))})(?![\w-])")
    return {"Fn::Join": ["", [reference_to(arns[part]) if part in arns else part for part in pattern.split(text)]]}


def _function(row: Row, rows: Rows) -> dict[str, Json]:
    fields = {"handler": "Handler", "runtime": "Runtime", "timeout": "Timeout", "memory_size": "MemorySize"}
    known = {name: row.values[field] for field, name in fields.items() if row.values.get(field) is not None}
    role = role_of(row, "role", rows)
    of_role = {"Role": {"Fn::GetAtt": [role, "Arn"]}} if role else {}
    return {**_named("FunctionName", "function_name")(row, rows), **known, **of_role}


def _role(row: Row, rows: Rows) -> dict[str, Json]:
    policies = [
        {"PolicyName": policy.get("name"), "PolicyDocument": document_in(policy.get("policy"))}
        for policy in as_list(row.values.get("inline_policy"))
        if isinstance(policy, dict) and policy.get("policy")
    ]
    return {
        **_named("RoleName")(row, rows),
        "AssumeRolePolicyDocument": document_in(row.values.get("assume_role_policy")),
        "Policies": policies,
        "ManagedPolicyArns": [*as_list(row.values.get("managed_policy_arns"))],
    }


def _add_policy(role: dict[str, Json], row: Row, rows: Rows) -> None:
    """Add a policy to its role; one that is known after apply makes the role's grants unknown."""
    if row.type.endswith("_attachment"):
        arn = row.values.get("policy_arn", UNKNOWN)
        address = rows.by_arn.get(arn) if isinstance(arn, str) else referred(row, "policy_arn", rows)
        if not address or rows[address].type != "aws_iam_policy":
            role["ManagedPolicyArns"].append(arn)
            return
        row = rows[address]
    role["Policies"].append(
        {"PolicyName": row.values.get("name"), "PolicyDocument": document_in(row.values.get("policy"))}
    )


def _table(row: Row, rows: Rows) -> dict[str, Json]:
    """The keys of a table and its indexes; only its name if one of them has its keys in another form."""
    values = row.values
    name = _named("TableName")(row, rows)
    globals_, locals_ = (
        [_index(dict_or_empty(each), values) for each in as_list(values.get(field))]
        for field in ("global_secondary_index", "local_secondary_index")
    )
    attributes = [dict_or_empty(each) for each in as_list(values.get("attribute"))]
    if not values.get("hash_key") or None in (*globals_, *locals_):
        return name
    return {
        **name,
        "BillingMode": "PAY_PER_REQUEST",  # its capacity is not looked at
        "KeySchema": _keys(values),
        "AttributeDefinitions": [
            {"AttributeName": each.get("name"), "AttributeType": each.get("type")} for each in attributes
        ],
        **({"GlobalSecondaryIndexes": globals_} if globals_ else {}),
        **({"LocalSecondaryIndexes": locals_} if locals_ else {}),
    }


def _index(index: Mapping[str, Json], table: Mapping[str, Json]) -> dict[str, Json] | None:
    fields = {"hash_key": table.get("hash_key"), **index} if "hash_key" not in index and "range_key" in index else index
    if not fields.get("hash_key"):
        return None
    return {
        "IndexName": index.get("name"),
        "KeySchema": _keys(fields),
        "Projection": {"ProjectionType": index.get("projection_type")},
    }


def _keys(fields: Mapping[str, Json]) -> list[Json]:
    keys = {"HASH": fields.get("hash_key"), "RANGE": fields.get("range_key")}
    return [{"AttributeName": name, "KeyType": type_} for type_, name in keys.items() if name]


def _task_definition(row: Row, rows: Rows) -> dict[str, Json]:
    """The size, the network, the roles and the containers of a task."""
    containers = document_in(row.values.get("container_definitions"))
    fields = {"family": "Family", "network_mode": "NetworkMode", "cpu": "Cpu", "memory": "Memory"}
    roles = {"TaskRoleArn": "task_role_arn", "ExecutionRoleArn": "execution_role_arn"}
    known = {name: row.values[field] for field, name in fields.items() if row.values.get(field) is not None}
    given = {name: value_of(row, field, rows) for name, field in roles.items()}
    return {
        **known,
        **{name: value for name, value in given.items() if value is not None},
        "RequiresCompatibilities": [*as_list(row.values.get("requires_compatibilities"))],
        "ContainerDefinitions": [
            {"Name": dict_or_empty(each).get("name", UNKNOWN)}
            for each in (containers if isinstance(containers, list) else [{}])
        ],
    }


def _bucket(row: Row, rows: Rows) -> dict[str, Json]:
    """A bucket's name, and whether it sends its events to EventBridge."""
    name = _named("BucketName", "bucket")(row, rows)
    sent = any(each.values.get("eventbridge") is not False for each in rows.notifications.get(row.address, []))
    configuration = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    return {**name, **({"NotificationConfiguration": configuration} if sent else {})}


class _named:  # noqa: N801  # used as a function
    """A resource of which only the name counts, and other values that are strings, numbers or booleans."""

    def __init__(self, property_: str, field: str = "name", **others: str) -> None:
        self._fields = {field: property_, **others}

    def __call__(self, row: Row, _rows: Rows) -> dict[str, Json]:
        values = {property_: row.values.get(field) for field, property_ in self._fields.items()}
        return {name: value for name, value in values.items() if isinstance(value, (str, int))}


_FIFO = {"content_based_deduplication": "ContentBasedDeduplication"}
_Convert = Callable[[Row, Rows], dict[str, Json]]
_TYPES: Mapping[str, tuple[str, _Convert]] = {
    "aws_sfn_state_machine": ("AWS::StepFunctions::StateMachine", _machine),
    "aws_sfn_activity": ("AWS::StepFunctions::Activity", _named("Name")),
    "aws_lambda_function": ("AWS::Lambda::Function", _function),
    "aws_iam_role": ("AWS::IAM::Role", _role),
    "aws_ecs_task_definition": ("AWS::ECS::TaskDefinition", _task_definition),
    "aws_dynamodb_table": ("AWS::DynamoDB::Table", _table),
    "aws_sqs_queue": ("AWS::SQS::Queue", _named("QueueName", **_FIFO, fifo_queue="FifoQueue")),
    "aws_sns_topic": ("AWS::SNS::Topic", _named("TopicName", **_FIFO, fifo_topic="FifoTopic")),
    "aws_s3_bucket": ("AWS::S3::Bucket", _bucket),
    "aws_cloudwatch_event_bus": ("AWS::Events::EventBus", _named("Name")),
    "aws_cloudwatch_event_rule": ("AWS::Events::Rule", rule),
    "aws_scheduler_schedule": ("AWS::Scheduler::Schedule", schedule),
    "aws_pipes_pipe": ("AWS::Pipes::Pipe", pipe),
}
