"""The roles that a call hands over to a service, for which its caller needs iam:PassRole.

IAM user guide, "Grant a user permissions to pass a role to an AWS service". The members that hold a role are those of
the API, in botocore's models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.definition.integrations import integration_of, parameters_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.definition.service_models import Shape
from workflow_dsl.permissions.patterns import wildcards_match
from workflow_dsl.permissions.tables import words_of
from workflow_dsl.regexes import lazy_regex

_ROLE = lazy_regex(r".*Role(?:Arn|ARN|Override)?")
# Members with the role of someone whom the service does not become, and operations that only ask about a role.
_OF_OTHERS = lazy_regex(r"(?i)cross|source|target|principal|assume|guest|serviceAccount")
_READS = ("Batch", "Describe", "Get", "List", "Search", "Lookup", "Test", "Validate", "Delete", "Remove")
# In EMR on EKS a role is assumed by the job's service account (EMR on EKS guide, "Job execution roles").
_NOT_PASSED = ("accountaccess", "auditmanager", "emr-containers", "emrcontainers", "iam", "organizations", "sts")
# Actions whose own guide asks for iam:PassRole, where the Service Authorization Reference does not.
_BY_GUIDES = (
    "batch:RegisterJobDefinition",
    "bedrock:Create*",
    "cloudformation:*",
    "codebuild:*",
    "comprehend:Start*",
    "eks:Create*",
    "events:Put*",
    "glue:*",
    "mediaconvert:CreateJob",
    "rekognition:Start*",
    "textract:Start*",
    "transcribe:Start*",
    "translate:Start*",
)


def passed_roles(resource: str, parameters: Mapping[str, Json]) -> Iterator[str]:
    """Yield the ARN or name of each role that a call's parameters hand over; "" for one that is known at run time."""
    integration = integration_of(resource)
    shape = parameters_of(integration) if integration else None
    if integration is None or shape is None or integration.service in _NOT_PASSED:
        return
    operation = integration.action[0].upper() + integration.action[1:]
    if not operation.startswith(_READS):
        yield from _in_structure(shape, parameters)


def must_pass_role(action: str) -> bool:
    """True if AWS documents that an action needs iam:PassRole for the role that it gets; for others it is likely."""
    prefix, _, name = action.partition(":")
    return name in words_of("pass_role", prefix) or any(wildcards_match(pattern, action) for pattern in _BY_GUIDES)


def _in_structure(shape: Shape, values: Mapping[str, Json]) -> Iterator[str]:
    for key, value in values.items():
        name = key.removesuffix(".$")
        if _holds_role(shape, name) and value is not None:
            is_literal = name == key and is_known(value) and not value.startswith("{%")
            yield value if is_literal else ""
        elif name == "IamInstanceProfile" or (_is_computed(key, value) and _requires_role(shape, name)):
            yield ""
        else:
            yield from _in_value(shape, shape.members.get(name), value)


def _holds_role(shape: Shape, name: str) -> bool:
    """True for a member that is a role by its name, and a string as far as its shape is known."""
    member = shape.member(name)
    is_text = member.get("type") == "string" if member else shape.model is None and name in shape.members
    is_role = _ROLE.fullmatch(name) is not None and not _OF_OTHERS.search(name)
    return is_text and is_role and "enum" not in member


def _is_computed(key: str, value: Json) -> bool:
    return key.endswith(".$") or (isinstance(value, str) and value.startswith("{%"))


def _requires_role(shape: Shape, name: str) -> bool:
    """True for a member that is a structure whose required members have a role."""
    inner = shape.model.structure(shape.members.get(name) or "") if shape.model and _is_structure(shape, name) else None
    return inner is not None and any(_holds_role(inner, each) or _requires_role(inner, each) for each in inner.required)


def _is_structure(shape: Shape, name: str) -> bool:
    return shape.member(name).get("type") == "structure"


def _in_value(shape: Shape, name: str | None, value: Json) -> Iterator[str]:
    """The roles in a value of a shape of the same model."""
    if shape.model is None or name is None:
        return
    details = shape.model.shapes[name]
    if details["type"] == "structure" and isinstance(value, dict):
        yield from _in_structure(shape.model.structure(name), value)
    elif details["type"] == "list" and isinstance(value, list):
        for item in value:
            yield from _in_value(shape, details["member"]["shape"], item)
    elif details["type"] == "map" and isinstance(value, dict):
        for item in value.values():
            yield from _in_value(shape, details["value"]["shape"], item)


def roles_of_task_definition(template: Template, definition: Resource) -> Iterator[str]:
    """Yield the roles of a task definition of the template: their ARN, or "" for one that only the stack has."""
    for field in ("TaskRoleArn", "ExecutionRoleArn"):
        role = definition.properties.get(field)
        if role is not None and role != {"Ref": "AWS::NoValue"}:
            known = template.known(role)
            yield known if isinstance(known, str) else next(_arns(template, role), "")


def _arns(template: Template, role: Json) -> Iterator[str]:
    names = (name for name in references(role) if name in template.resources)
    return (template.values.arn(template.resources[name]) for name in names)
