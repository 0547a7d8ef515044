"""The form of ARNs in policies: those that can be no resource of the kind that an action is on, or not the needed one.

A parameter has one value in a stack, so that two ARNs differ for sure if they do before or behind the same parameter.
IAM user guide, "Identify AWS resources with ARNs"; Service Authorization Reference, "Resource types" of each service.
"""

from __future__ import annotations

import json
from itertools import zip_longest

from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.resource_types import KINDS, LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.permissions.needs import Need
from workflow_dsl.permissions.patterns import wildcards_match
from workflow_dsl.permissions.tables import arn_of_name
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex

# Services whose ARNs have the prefix of their actions, and one kind of resource for an action in the tables.
_BY_NAME = ("athena", "codebuild", "firehose", "glue")
_OWN_SERVICE = frozenset((*_BY_NAME, *(kind.service for kind in KINDS.values())))
_ACCESS_POINTS = ("accesspoint", "*", "?")  # of S3: these ARNs have a region and an account


def shape_of(template: Template, resource: Json) -> str | None:
    """A resource's ARN with `*` for what a parameter decides; None for one that a condition or a parameter chooses."""
    if not isinstance(resource, dict) or resource.keys() & {"Fn::If", "Ref"}:
        return None
    values = replace(template.values, parameters={}, unknown=lambda _: "*", _qualified_arns={}, _mapped={}, _names={})
    shape = values.of(resource)
    return shape if isinstance(shape, str) and shape.startswith("arn:") else None


def form_of(template: Template, value: Json) -> str | None:
    """The text of an Fn::Sub or Fn::Join, with `*` for what parameters and the stack decide; None for another value.

    It is one that begins as an ARN or a URL does.
    """
    if not isinstance(value, dict) or not value.keys() & {"Fn::Sub", "Fn::Join"}:
        return None
    unknown = replace(template.values, resources={}, parameters={}, unknown=lambda _: "*", _mapped={}, _names={})
    form = unknown.of(value)
    return form if isinstance(form, str) and form.startswith(("arn:", "https://")) else None


def cannot_match(shape: str, need: Need) -> bool:
    """True if a resource of this form, an ARN with `*` for what is unknown, can never be one that an action is on."""
    is_of_other = need.target.startswith("arn:") and need.target.split(":")[2] != need.service
    if not shape.startswith("arn:") or need.service not in _OWN_SERVICE or is_of_other:
        return False
    _, _, service, region, account, resource = [*shape.split(":", 5), *"******"][:6]
    if not wildcards_match(service, need.service):
        return True
    if need.service == "s3":
        return bool(region or account) and not resource.startswith(_ACCESS_POINTS) and "*" not in (region, account)
    are_swapped = region == LOCAL_ACCOUNT or account == LOCAL_REGION
    return are_swapped or "/" in account or not _may_begin(resource, need)


def _may_begin(resource: str, need: Need) -> bool:
    """True if a resource begins as those of the action do, as far as its text before a wildcard goes."""
    beginnings = [_kind_of(kind.arn) for kind in KINDS.values() if kind.service == need.service]
    if need.service in _BY_NAME:
        beginnings = [arn_of_name(need.action).partition("${")[0]]
    own = resource.partition("*")[0].partition("?")[0]
    others = _OTHER_KINDS.get(need.service, ())
    return any(not each or own.startswith(each) or each.startswith(own) for each in (*beginnings, *others))


# Other resources of these services that actions are on.
_OTHER_KINDS = {
    "events": ("api-destination/", "archive/", "connection/", "replay/", "rule/"),
    "glue": ("catalog", "database/", "table/"),
    "iam": ("instance-profile/", "policy/", "user/"),
    "lambda": ("code-signing-config:", "event-source-mapping:", "layer:"),
    "states": ("execution:", "express:", "mapRun:"),
}


def _kind_of(arn: str) -> str:
    """The text of a resource before its name: `table/`; "" for a service whose resources are names."""
    return arn.split(":", 3)[3].partition("{name}")[0]


_PIECE = lazy_regex("\ue000[^\ue001]*\ue001|[*?]|[^\ue000*?]+")  # a parameter, a wildcard, or text
_EXECUTION = lazy_regex("(?:execution|express|mapRun):([^:/]*)")
_OPEN = ("\ue000", "*", "?")  # the beginnings of what only the stack knows


def symbol_of(template: Template, value: Json) -> str | None:
    """A text with a mark for each parameter, and `*` for what else only the stack knows; None with a condition."""
    if isinstance(value, str):
        return value if "{" not in value else None
    written = json.dumps(value)
    if "Fn::If" in written or "{{resolve:" in written:
        return None
    pseudo = ("AWS::StackName", "AWS::StackId", "AWS::Region", "AWS::AccountId", "AWS::Partition")
    names = (*pseudo, *template.values.parameters)
    marks = {name: f"\ue000{number}\ue001" for number, name in enumerate(names)}
    values = template.values.without_invented(lambda _: "*")
    text = replace(values, pseudo=marks, parameters=marks, _qualified_arns={}, _mapped={}, _names={}).of(value)
    return text if isinstance(text, str) and "{" not in text else None  # else a part of it is no text


def has_symbol(template: Template, resource: Resource) -> bool:
    """True if the template gives a resource its name, and only the stack knows a part of it."""
    kind = KINDS.get(resource.type)
    written = resource.properties.get(kind.named_by) if kind else None
    return written is not None and not isinstance(written, str) and (symbol_of(template, written) or "*") != "*"


def surely_differs(template: Template, symbol: str, resource: Resource) -> bool:
    """True if an ARN or name, as symbol_of() returns it, is in no stack that of a resource, nor of a part of it."""
    kind = KINDS.get(resource.type)
    name = symbol_of(template, resource.properties.get(kind.named_by)) if kind else None
    if kind is None or not name or "*" in name:
        return False
    if not symbol.startswith("arn:"):
        return _differ(symbol, name)
    own = kind.arn.split(":", 3)[3].format(name=name)
    return all(_differ(part, own) for part in _wholes(symbol.split(":", 5)[-1]))


def _wholes(resource: str) -> set[str]:
    """A resource, and what it may be a part of: the function of an alias, the state machine of an execution."""
    execution = _EXECUTION.match(resource)
    if execution:
        return {f"stateMachine:{execution[1]}"}
    return {resource, resource.partition("/index/")[0], resource.partition("/")[0], resource.rpartition(":")[0]} - {""}


def _differ(one: str, other: str) -> bool:
    """True if two texts differ for sure: by their beginnings, or by their ends."""
    pieces = _PIECE.findall(one), _PIECE.findall(other)
    return _begin_apart(*pieces) or _begin_apart(*map(_reversed, pieces))


def _reversed(pieces: list[str]) -> list[str]:
    return [piece if piece[0] in _OPEN else piece[::-1] for piece in reversed(pieces)]


def _begin_apart(one: list[str], other: list[str]) -> bool:
    """True if the pieces of two texts differ before the first that is open and not the same parameter."""
    for index, (first, second) in enumerate(zip_longest(one, other, fillvalue="")):
        if first == second and first not in _OPEN:
            continue
        if first[:1] in _OPEN or second[:1] in _OPEN:
            return False
        if first.startswith(second) or second.startswith(first):
            shorter = one if len(first) < len(second) else other
            return len(shorter) <= index + 1  # else something open follows
        return True
    return False
