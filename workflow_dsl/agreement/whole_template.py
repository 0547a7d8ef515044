"""The names that CloudFormation itself looks up in a template: of conditions and of what a resource depends on."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import created_at_deployment, finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.findings import Finding, Keys, did_you_mean


def unknown_names(application: Application) -> Iterator[Finding]:
    """A Condition or a DependsOn of a name that the template does not define: CloudFormation refuses the template.

    CloudFormation user guide, "Conditions" and "DependsOn attribute".
    """
    template = application.template
    document = template.source.document
    conditions = dict_or_empty(document.get("Conditions"))
    is_static = not any(name.startswith("Fn::") for name in conditions)
    for logical_id, resource in document["Resources"].items() if not template_uses_macros(template) else ():
        if not isinstance(resource, dict):
            continue
        keys: Keys = ("Resources", logical_id)
        condition = resource.get("Condition")
        if is_static and isinstance(condition, str) and condition not in conditions:
            message = f"{logical_id}: its Condition is {condition}, which the template does not define"
            remedy = did_you_mean(condition, conditions) or "name one of its Conditions"
            yield finding_at(application, "UNKNOWN_REFERENCE", (*keys, "Condition"), message, remedy)
        for name in as_list(resource.get("DependsOn")):
            if isinstance(name, str) and name not in template.resources and not created_at_deployment(template, name):
                message = f"{logical_id}: it depends on {name}, which the template does not define"
                remedy = did_you_mean(name, template.resources) or "name one of its resources"
                yield finding_at(application, "UNKNOWN_REFERENCE", (*keys, "DependsOn"), message, remedy)
