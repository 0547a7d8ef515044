"""The roles of the resources of a template."""

from __future__ import annotations

from workflow_dsl.application.template import Template, references
from workflow_dsl.application.template.intrinsics import dict_or_empty


def role_of(template: Template, logical_id: str) -> str | None:
    """The logical ID of a state machine's role, in the template or created by SAM; None for any other role."""
    resource = template.resources[logical_id]
    role = resource.properties.get("Role", resource.properties.get("RoleArn"))
    if role is None:
        return f"{logical_id}Role" if resource.type == "AWS::Serverless::StateMachine" else None
    names = set(references(role))
    name = names.pop() if len(names) == 1 else ""  # between two the stack decides
    is_in_template = name in template.resources and template.resources[name].type == "AWS::IAM::Role"
    return name if is_in_template and "Fn::If" not in dict_or_empty(role) else None
