"""Compare a grant of a role with a need: its actions, and the resources that both name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.resource_types import (
    KINDS,
    LOCAL_ACCOUNT,
    LOCAL_PARTITION,
    MACHINES,
    QUALIFIERS,
    Kind,
)
from workflow_dsl.definition.json import Json
from workflow_dsl.permissions.arn_forms import cannot_match, has_symbol, shape_of, surely_differs, symbol_of
from workflow_dsl.permissions.grants import ENDING_IN_WILDCARD, Grant
from workflow_dsl.permissions.models import ACTIONS as MODEL_ACTIONS
from workflow_dsl.permissions.models import is_another_model
from workflow_dsl.permissions.needs import LOG_DELIVERY, Need, is_qualified
from workflow_dsl.permissions.patterns import actions_overlap, pattern_matches, wildcards_match
from workflow_dsl.permissions.resource_policies import has_own_policy


class _GrantedResource(NamedTuple):
    """A statement's resource: the template's resources that it refers to, its string if that is known, and its shape.

    The shape is the string with invented values for those that only the stack has, the symbol one with marks for them.
    `is_direct`: it is a plain Ref or GetAtt, so that it is no pattern.
    """

    logical_ids: tuple[str, ...]
    value: Json
    shape: Json = None
    symbol: str | None = None
    is_direct: bool = False


class ResolvedGrant(NamedTuple):
    """A grant with its resources resolved; None stands for any resource."""

    grant: Grant
    resources: tuple[_GrantedResource, ...] | None


def is_granted(need: Need, template: Template, grants: list[ResolvedGrant], role: str) -> bool:
    """True if a role surely has, or may have, what is needed: by its policies or by those of the resource."""
    target = target_of(need, template)
    if any(grant.grant.is_denied and _denies(grant, need, target) for grant in grants):
        return False
    if target and has_own_policy(template, target, role, need.action):
        return True
    return any(covers(grant, need, target, template) for grant in grants)


def _denies(grant: ResolvedGrant, need: Need, target: str | None) -> bool:
    """True if a statement surely denies a need: on all resources, or on a reference to the needed one."""
    is_on_all = grant.resources is None or any(resource.value == "*" for resource in grant.resources)
    is_on_it = any(target is not None and resource.logical_ids == (target,) for resource in grant.resources or ())
    denied = any(wildcards_match(action.lower(), need.action.lower()) for action in grant.grant.actions)
    return denied and (is_on_all or is_on_it)


def target_of(need: Need, template: Template) -> str | None:
    """The logical ID of the needed resource, if it is in the template."""
    resource = need.resource_in(template)
    return resource.logical_id if resource else None


def resolved_grants(grants: Iterable[Grant], template: Template) -> list[ResolvedGrant]:
    """Return grants with what their resources are in the template."""
    return [
        ResolvedGrant(
            grant,
            None if grant.resources is None else tuple(_resolve(resource, template) for resource in grant.resources),
        )
        for grant in grants
    ]


def _resolve(resource: Json, template: Template) -> _GrantedResource:
    names = dict.fromkeys(references(resource))
    if names.keys() & template.values.parameters.keys():  # the stack may have another value than the default
        return _GrantedResource((), None, shape_of(template, resource), symbol_of(template, resource))
    logical_ids = tuple(logical_id for name in names for logical_id in _with_alias_target(name, template))
    # The ARN that a resource gives itself is known for the kinds of resources here, and invented for others.
    types = {template.resources[name].type for name in logical_ids}
    is_invented = "arn:" not in str(resource) and not types <= {*KINDS, *QUALIFIERS}
    shape = None if is_invented else template.value(resource)
    symbol = None if logical_ids else symbol_of(template, resource)
    is_direct = isinstance(resource, dict) and not resource.keys().isdisjoint(("Ref", "Fn::GetAtt"))
    role = next((name for name in names if is_direct and _is_role_of_sam(name, template)), None)
    if role:
        return _GrantedResource((), f"arn:{LOCAL_PARTITION}:iam::{LOCAL_ACCOUNT}:role/{role}")
    return _GrantedResource(logical_ids, template.known(resource), shape, symbol, is_direct)


def _is_role_of_sam(name: str, template: Template) -> bool:
    """True for the role that SAM creates for a function or state machine without one."""
    owner = template.resources.get(name.removesuffix("Role"))
    is_sams = owner is not None and owner.type.startswith("AWS::Serverless::") and "Role" not in owner.properties
    return is_sams and name.endswith("Role") and name not in template.resources


def _with_alias_target(name: str, template: Template) -> Iterator[str]:
    """A resource's logical ID, and those of what it is an alias or a version of, in the end a function or a machine."""
    names = [name] if name in template.resources else []
    for each in names:
        yield each
        if template.resources[each].type.endswith(("Alias", "Version")):
            others = references(template.resources[each].properties)
            names += [other for other in others if other in template.resources and other not in names]


def covers(grant: ResolvedGrant, need: Need, target: str | None, template: Template) -> bool:
    """True if a grant allows a need, or may allow it as far as the template says."""
    if grant.grant.is_denied or not any(actions_overlap(action, need.action) for action in grant.grant.actions):
        return False
    is_known = need.target or need.resource
    if need.action in LOG_DELIVERY and _are_log_groups(grant.resources or (), template):
        return False  # these actions are on all resources (developer guide, "Logging with CloudWatch Logs")
    if grant.resources is None or not is_known or need.scope == "*":
        return True
    if need.scope == "rule":
        return any(_may_be_rule(resource, need.target) for resource in grant.resources)
    if need.service == "scheduler":
        return any(_may_be_schedule(resource, need.target, template) for resource in grant.resources)
    is_prefix = grant.grant.name in ENDING_IN_WILDCARD
    return any(_may_match(resource, need, target, template, is_prefix) for resource in grant.resources)


def _are_log_groups(resources: Sequence[_GrantedResource], template: Template) -> bool:
    """True if a statement is on log groups of the template only."""
    types = [{template.resources[name].type for name in resource.logical_ids} for resource in resources]
    return bool(types) and all(each == {"AWS::Logs::LogGroup"} for each in types)


def _may_be_rule(granted: _GrantedResource, name: str) -> bool:
    """True if a statement's resource can be the rule of a name, which Step Functions creates on the default bus."""
    pattern = granted.value
    is_arn = isinstance(pattern, str) and pattern.startswith("arn:")
    return not is_arn or wildcards_match(str(pattern).split(":", 5)[-1], f"rule/{name}")


def _may_be_schedule(granted: _GrantedResource, schedule: str, template: Template) -> bool:
    """True if a statement's resource may match the ARN of a schedule, whose name is `*` if only the execution knows it.

    The ARN of a group is that of no schedule in it.
    """
    if granted.logical_ids:
        types = {template.resources[name].type for name in granted.logical_ids}
        return not granted.is_direct or types != {"AWS::Scheduler::ScheduleGroup"}
    if not isinstance(granted.value, str):
        return True
    kind, group, name = schedule.split(":", 5)[-1].split("/", 2)
    pattern = granted.value.split(":", 5)[-1]
    parts = pattern.split("/", 2)
    if len(parts) < 3:
        return "*" in pattern and wildcards_match(pattern, f"{kind}/{group}/{name}")
    is_of_group = parts[0] == kind and wildcards_match(parts[1], group)
    return is_of_group and (name == "*" or wildcards_match(parts[2], name))


def _may_match(granted: _GrantedResource, need: Need, target: str | None, template: Template, is_prefix: bool) -> bool:
    """True if a statement's resource can match the needed one; False only when both are known and differ.

    `is_prefix`: the statement's resource ends in `*`, which the template does not show.
    """
    logical_ids, pattern, shape, symbol, is_direct = granted
    resource = template.resources[target] if target else None
    if isinstance(shape, str) and not is_prefix and _is_of_another_kind(shape, need, resource):
        return False
    if resource and resource.type not in KINDS:
        types = {template.resources[logical_id].type for logical_id in logical_ids}
        are_others = is_direct and bool(types) and all(_is_beside(type_, resource.type) for type_ in types)
        return target in logical_ids or not (resource.type in types or (types and types <= _NOT_CALLED) or are_others)
    if logical_ids:
        return target in logical_ids if target is not None else _may_be_one_of(logical_ids, need, template)
    if resource and symbol and has_symbol(template, resource):
        return not surely_differs(template, f"{symbol}*" if is_prefix else symbol, resource)
    if not isinstance(pattern, str) or need.service not in _SERVICES_WITH_NAMES_IN_ARNS:
        return True
    return _matches_resource(pattern, resource, template) if resource else _matches_target(pattern, need.target)


def _matches_target(pattern: str, target: str) -> bool:
    """True if a pattern may match an ARN, URL or name that is no resource of the template."""
    needed = target.rpartition("/")[2] if "://" in target else target
    return pattern_matches(pattern, needed) or ("*" in pattern and not needed.startswith("arn:"))


def _may_be_one_of(logical_ids: Sequence[str], need: Need, template: Template) -> bool:
    """True if a need that is on no resource of the template, as far as it is known, may be on one of these."""
    if need.scope == "itself":
        return _may_be_itself(logical_ids, need, template)
    return not need.target or any(_may_have_name(template.resources[name], need, template) for name in logical_ids)


def _may_have_name(resource: Resource, need: Need, template: Template) -> bool:
    """True if the literal ARN, URL or name of a need may be that of a resource of the template.

    It may, too, if it is no right name: then another finding is about it.
    """
    kind = KINDS.get(resource.type)
    if kind is None or kind.service != need.service or not _is_name_of(kind, need.target, template):
        return True
    written = resource.properties.get(kind.named_by)
    if written is None:  # CloudFormation generates the name: the stack's, the logical ID, and random characters
        generated = rf"(?i)(?:^|[-:/]){re.escape(resource.logical_id)}-[a-z0-9]{{8,}}"
        return re.search(generated, need.target) is not None
    name = None if template.values.parameters.keys() & set(references(written)) else template.known(written)
    return not isinstance(name, str) or re.search(rf"(?:^|[:/]){re.escape(name)}(?:$|[:/])", need.target) is not None


def _is_name_of(kind: Kind, target: str, template: Template) -> bool:
    """True for an ARN of a kind, and for a URL or name that no resource of the template has."""
    if target.startswith("arn:"):
        beginning = kind.arn.partition("{name}")[0].split(":", 3)[-1]
        return target.split(":", 5)[-1].startswith((beginning, "execution:"))
    is_taken = any(target in (template.values.name(each), each.logical_id) for each in template.resources.values())
    return re.fullmatch(r"[\w.:/*-]+", target) is not None and not is_taken


def _may_be_itself(logical_ids: Sequence[str], need: Need, template: Template) -> bool:
    """False if a statement's resources are other state machines than the one that needs a permission on itself."""
    machines = [template.resources[name] for name in logical_ids if template.resources[name].type in MACHINES]
    names = {name for each in machines for name in (f"{each.logical_id}-*", template.values.name(each))}
    return not need.target or not machines or need.target.removesuffix(":*").rpartition(":")[2] in names


def _is_of_another_kind(shape: str, need: Need, resource: Resource | None) -> bool:
    """True if an ARN is of another kind or part than the needed resource, unless that one is a wrong reference."""
    if need.action in MODEL_ACTIONS:
        return is_another_model(shape, need.target)
    is_right = resource is None or resource.type not in KINDS or KINDS[resource.type].service == need.service
    return (is_right and cannot_match(shape, need)) or _is_of_another_part(shape, need)


def _is_beside(type_: str, other: str) -> bool:
    """True for two kinds of resources of one service, as a job queue and a job definition."""
    return type_ != other and type_.split("::")[:2] == other.split("::")[:2]


_NOT_CALLED = frozenset(("AWS::ECS::Cluster", "AWS::ECS::Service"))  # ecs:RunTask is on a task definition


def _matches_resource(pattern: str, resource: Resource, template: Template) -> bool:
    """True if a pattern may match a resource of the template, of a kind whose ARN is known."""
    if template.known(resource.properties.get(KINDS[resource.type].named_by)) is None:  # CloudFormation generates it
        is_logical_id = pattern.removesuffix("*") == resource.logical_id  # which is no part of the name's beginning
        return not is_logical_id and ("*" in pattern or not pattern.startswith("arn:"))
    if "Path" in resource.properties:  # of a role: it stands before the name
        return True
    names = template.values.arn(resource), template.values.name(resource)
    return any(pattern_matches(pattern, name) for name in names)


def _is_of_another_part(pattern: str, need: Need) -> bool:
    """True if a pattern is the ARN of another part of a resource than the needed one, so that IAM never matches them.

    The executions of a state machine (developer guide, "IAM policies for nested workflows"), an alias or a version of a
    function, and the function without one (Lambda developer guide, "Using Lambda aliases in event sources and
    permissions policies"), a revision of a task definition, the objects of a bucket, the indexes of a table (Service
    Authorization Reference, ECS, S3 and DynamoDB).
    """
    if not pattern.startswith("arn:"):
        return False
    resource = pattern.split(":", 5)[-1]
    if need.service == "s3":
        is_in_bucket = need.scope == "objects" or ("Object" in need.action and "Bucket" not in need.action)
        return (
            _is_another_object(resource, need.key)
            if is_in_bucket
            else need.action == "s3:ListBucket" and "/" in resource
        )
    if need.scope == "executions" or ":execution:" in need.target:
        return resource.startswith("stateMachine:")
    if need.action == "lambda:InvokeFunction" and need.target:
        part = r"function:[^:*?]+" if is_qualified(need.target) else r"function:[^:]+:(?!\$LATEST).+"
        return re.fullmatch(part, resource) is not None
    if need.action == "ecs:RunTask":
        return re.fullmatch(r"task-definition/[^:*?]+|cluster/.*|service/.*", resource) is not None
    return need.service == "dynamodb" and _is_another_part_of_table(resource, need)


_ON_STREAMS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
# DynamoDB's actions that an index takes, too; PartiQL's are called by the statement.
_ON_INDEXES = ("dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect")


def _is_another_part_of_table(resource: str, need: Need) -> bool:
    """True if a resource is a table or another index where the needed one is an index, or an index for the items."""
    if need.action in _ON_STREAMS:
        return re.fullmatch(r"table/[^/*?]+", resource) is not None
    if need.action not in _ON_INDEXES:
        return re.fullmatch(r"table/[^*?]+/index/.*", resource) is not None
    table, slash, index = resource.partition("/index/")
    if not need.key or "*" in table or "?" in table:
        return False
    is_other = not slash or not wildcards_match(index, need.key.removeprefix("index/"))
    return is_other and (bool(slash) or re.fullmatch(r"table/[^/]+", table) is not None)


def _is_another_object(pattern: str, key: str) -> bool:
    """True if a pattern, `bucket/key`, cannot match the object of a key: it is a bucket, or of another beginning."""
    bucket, slash, keys = pattern.partition("/")
    if "*" in bucket or "?" in bucket or not slash:
        return not slash and not re.search(r"[*?]", bucket)
    if key and not key.endswith("*"):
        return not wildcards_match(keys, key)
    begin, granted = key.removesuffix("*"), re.split(r"[*?]", keys)[0]
    return not begin.startswith(granted) and not granted.startswith(begin)


_SERVICES_WITH_NAMES_IN_ARNS = frozenset(kind.service for kind in KINDS.values())
