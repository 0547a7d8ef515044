"""The form of ARNs in policies: those that can be no resource of the kind that an action is on.

IAM user guide, "Identify AWS resources with ARNs"; Service Authorization Reference, "Resource types" of each service.
"""

from __future__ import annotations

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import KINDS, LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.permissions.needs import Need
from workflow_dsl.permissions.patterns import wildcards_match
from workflow_dsl.permissions.tables import arn_of_name
from workflow_dsl.records import replace

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
