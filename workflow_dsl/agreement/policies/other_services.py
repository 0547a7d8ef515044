"""Statements whose actions are on no resource of their services, so that they allow nothing.

Service Authorization Reference, "Actions, resources, and condition keys": the resource types of each service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem, direct
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys

# Services with actions on roles, buckets and topics, beside IAM, S3 and SNS.
_ON_OTHERS = ("devops-guru", "ec2", "ssm", "sts")


def statements_on_other_services(template: Template, keys: Keys, statement: Mapping[str, Json]) -> Iterator[Problem]:
    """A statement with resources of the template only, and actions of other services."""
    actions = as_list(statement.get("Action"))
    services = [each.partition(":")[0].lower() if isinstance(each, str) else "" for each in actions]
    resources = [direct(template, each)[0] for each in as_list(statement.get("Resource"))]
    kinds = [kind for each in resources if each and (kind := KINDS.get(each.type))]
    are_known = all(each.replace("-", "").isalnum() and each not in _ON_OTHERS for each in services)
    if statement.get("Effect") != "Allow" or not kinds or len(kinds) < len(resources) or not are_known:
        return
    if services and {kind.service for kind in kinds}.isdisjoint(services):
        message = f"{actions[0]} is not on {kinds[0].noun}, so that the statement allows nothing"
        remedy = f"write the ARN of what {actions[0]} is on"
        yield Problem((*keys, "Resource"), message, remedy, "INCOMPLETE_PERMISSION")
