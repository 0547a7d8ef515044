"""SAM's connectors: the resources that they name, and their permissions (SAM guide, "AWS::Serverless::Connector")."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, created_at_deployment, found, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean

_PERMISSIONS = ("Read", "Write")


def wrong_connectors(application: Application) -> Iterator[Finding]:
    """Connectors of a resource that the template does not define, or with another permission than Read and Write."""
    template = application.template
    if template_uses_macros(template):
        return
    for logical_id, resource in template.source.document["Resources"].items():
        fields = dict_or_empty(resource)
        if fields.get("Type") == "AWS::Serverless::Connector":
            keys: Keys = ("Resources", logical_id, "Properties")
            for problem in _problems(template, keys, dict_or_empty(fields.get("Properties"))):
                yield found(application, logical_id, problem)
        for name, connector in dict_or_empty(fields.get("Connectors")).items():
            keys = ("Resources", logical_id, "Connectors", name, "Properties")
            for problem in _problems(template, keys, dict_or_empty(dict_or_empty(connector).get("Properties"))):
                yield found(application, logical_id, problem)


def _problems(template: Template, keys: Keys, properties: dict[str, Json]) -> Iterator[Problem]:
    for side in ("Source", "Destination"):
        for end in as_list(properties.get(side)):
            name = dict_or_empty(end).get("Id")
            if isinstance(name, str) and name not in template.resources and not created_at_deployment(template, name):
                message = f"its connector names {name}, which the template does not define"
                remedy = did_you_mean(name, template.resources) or "name one of its resources"
                yield Problem((*keys, side), message, remedy, "UNKNOWN_REFERENCE")
    for permission in as_list(properties.get("Permissions")):
        if isinstance(permission, str) and permission not in _PERMISSIONS:
            message = f"its connector has the permission {permission}, and SAM has Read and Write"
            yield Problem(
                (*keys, "Permissions"), message, did_you_mean(permission, _PERMISSIONS) or "write one of them"
            )
