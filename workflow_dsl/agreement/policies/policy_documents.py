"""The policy documents of roles and policies: their elements, and resources that are no ARNs. IAM refuses others.

IAM user guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language"; template reference,
"AWS::IAM::Policy".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, direct, found, is_whole, template_uses_macros, unresolved_texts
from workflow_dsl.agreement.policies.bucket_statements import useless_bucket_statements
from workflow_dsl.agreement.policies.other_services import statements_on_other_services
from workflow_dsl.agreement.policies.secret_statements import incomplete_secrets
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.attributes import has_attribute
from workflow_dsl.application.template.intrinsics import (
    as_list,
    attribute_of,
    dict_or_empty,
    is_intrinsic,
    names_in_sub,
)
from workflow_dsl.application.template.resource_types import FUNCTIONS, KINDS, MACHINES, ROLE, Kind
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, closest, did_you_mean
from workflow_dsl.permissions import policy_templates

_DOCUMENTED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_OF_SAM = tuple(type_ for type_ in (*MACHINES, *FUNCTIONS) if type_.startswith("AWS::Serverless::"))
_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_VERSIONS = ("2012-10-17", "2008-10-17")


def wrong_policies(application: Application) -> Iterator[Finding]:
    """Policies that IAM refuses, so that the stack cannot be created."""
    template = application.template
    if template_uses_macros(template):
        return
    for resource in template.of_types(ROLE, *_DOCUMENTED, *_OF_SAM):
        for problem in _of_role(template, resource) if resource.type == ROLE else ():
            yield found(application, resource.logical_id, problem)
        for problem in _of_managed(template, resource):
            yield found(application, resource.logical_id, problem)
        for keys, document in _documents(resource):
            for problem in _of_document(template, keys, document):
                yield found(application, resource.logical_id, problem)
        if resource.type in _DOCUMENTED:
            for problem in _of_attached(template, resource):
                yield found(application, resource.logical_id, problem)


def useless_statements(application: Application) -> Iterator[Finding]:
    """Statements of policies that allow nothing, because their resources are of other services than their actions."""
    template = application.template
    if template_uses_macros(template):
        return
    for resource in template.of_types(ROLE, *_DOCUMENTED, *_OF_SAM):
        for keys, document in _documents(resource):
            statements = document.get("Statement")
            for index, statement in enumerate(as_list(statements)):
                at: Keys = (*keys, "Statement", *([index] if isinstance(statements, list) else []))
                for problem in statements_on_other_services(template, at, dict_or_empty(statement)):
                    yield found(application, resource.logical_id, problem)


def _of_role(template: Template, role: Resource) -> Iterator[Problem]:
    """A trust policy with an unresolved reference, and inline policies without their name or document.

    Template reference, "AWS::IAM::Role Policy".
    """
    field = "AssumeRolePolicyDocument"
    if field not in role.properties and is_whole(template):
        remedy = f"write {field} for {near}" if (near := closest(field, role.properties)) else f"add {field}"
        yield Problem(("Resources", role.logical_id, "Properties"), f"it has no {field}", remedy)
    yield from unresolved_texts(
        template, ("Resources", role.logical_id, "Properties", field), role.properties.get(field)
    )
    for index, policy in enumerate(as_list(role.properties.get("Policies"))):
        keys: Keys = ("Resources", role.logical_id, "Properties", "Policies", index)
        fields = dict_or_empty(policy)
        for name in ("PolicyName", "PolicyDocument"):
            if fields and not is_intrinsic(fields) and name not in fields:
                yield Problem(keys, f"a policy of its Policies has no {name}", f"add {name}")


# AWS Managed Policy Reference: policies that are known here have the path /service-role/, or none.
_SERVICE_ROLES = frozenset(
    "AWSBatchServiceEventTargetRole AWSGlueServiceRole AWSLambdaBasicExecutionRole AWSLambdaDynamoDBExecutionRole "
    "AWSLambdaKinesisExecutionRole AWSLambdaMSKExecutionRole AWSLambdaRole AWSLambdaSQSQueueExecutionRole "
    "AWSLambdaVPCAccessExecutionRole AmazonECSTaskExecutionRolePolicy AmazonEC2ContainerServiceEventsRole".split()
)
_WITHOUT_PATH = frozenset(
    "AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSLambdaExecute AWSStepFunctionsFullAccess "
    "AWSXRayDaemonWriteAccess "
    "AWSStepFunctionsConsoleFullAccess AmazonDynamoDBFullAccess AmazonS3FullAccess AmazonS3ReadOnlyAccess "
    "AmazonSNSFullAccess AmazonSQSFullAccess AmazonECS_FullAccess CloudWatchLogsFullAccess".split()
)


def _of_managed(template: Template, resource: Resource) -> Iterator[Problem]:
    """The ARNs of AWS managed policies with another path than theirs: "does not exist or is not attachable"."""
    for field in ("ManagedPolicyArns", "Policies"):
        for index, each in enumerate(as_list(resource.properties.get(field))):
            arn = template.value(each) if isinstance(each, str) or "Fn::Sub" in dict_or_empty(each) else None
            if isinstance(each, str) and each in policy_templates():  # SAM takes a string for a managed policy
                names = ", ".join(f"{name}: ..." for name in sorted(policy_templates()[each]))
                keys: Keys = ("Resources", resource.logical_id, "Properties", field, index)
                yield Problem(keys, f"{each} is a policy template, and not a policy", f"write {each}: {{{names}}}")
            begin, _, path = arn.partition(":iam::aws:policy/") if isinstance(arn, str) else ("", "", "")
            name = path.rpartition("/")[2]
            right = f"service-role/{name}" if name in _SERVICE_ROLES else name if name in _WITHOUT_PATH else path
            if path != right:
                keys = ("Resources", resource.logical_id, "Properties", field, index)
                yield Problem(keys, f"AWS has no policy {arn}", f"write {begin}:iam::aws:policy/{right}")


def _documents(resource: Resource) -> Iterator[tuple[Keys, dict[str, Json]]]:
    """The documents of a resource's policies that are written in the template."""
    keys: Keys = ("Resources", resource.logical_id, "Properties")
    document = resource.properties.get("PolicyDocument")
    if isinstance(document, dict) and not is_intrinsic(document):
        yield (*keys, "PolicyDocument"), document
    policies = resource.properties.get("Policies")
    for index, policy in enumerate(as_list(policies)):
        at: Keys = (*keys, "Policies", *([index] if isinstance(policies, list) else []))
        fields = dict_or_empty(policy)
        if "PolicyDocument" in fields:
            at, fields = (*at, "PolicyDocument"), dict_or_empty(fields["PolicyDocument"])
        elif "Statement" not in fields:
            continue  # a policy template, or the name of a policy
        if fields and not is_intrinsic(fields):
            yield at, fields


def _of_document(template: Template, keys: Keys, document: dict[str, Json]) -> Iterator[Problem]:
    version = document.get("Version", _VERSIONS[0])
    if not isinstance(version, dict) and str(version) not in _VERSIONS:
        message = f"its policy has the version {version}, which IAM does not accept"
        yield Problem((*keys, "Version"), message, f'write "{_VERSIONS[0]}"')
    if "Statement" not in document:
        remedy = "write Statement" if did_you_mean("Statement", document) else "add Statement"
        yield Problem(keys, "its policy has no Statement", remedy)
    statements = document.get("Statement")
    for index, statement in enumerate(as_list(statements)):
        fields = dict_or_empty(statement)
        if fields and not any(name.startswith("Fn::") for name in fields):
            at: Keys = (*keys, "Statement", *([index] if isinstance(statements, list) else []))
            yield from _of_statement(template, at, fields)


def _of_statement(template: Template, keys: Keys, statement: dict[str, Json]) -> Iterator[Problem]:
    names = {name.lower() for name in statement}
    for element in ("Effect", "Action", "Resource"):
        if names.isdisjoint((element.lower(), f"not{element.lower()}")):
            others = statement.keys() - {*_ELEMENTS}
            remedy = f"write {element}" if did_you_mean(element, others) else f"add {element}"
            yield Problem(keys, f"a statement of its policy has no {element}", remedy)
    yield from useless_bucket_statements(template, keys, statement)
    yield from incomplete_secrets(template, keys, statement)
    for field in ("Resource", "NotResource"):
        resources = statement.get(field)
        for index, each in enumerate(as_list(resources)):
            at: Keys = (*keys, field, *([index] if isinstance(resources, list) else []))
            unresolved = list(unresolved_texts(template, at, each))
            yield from unresolved or _no_arn(template, at, each)


def _no_arn(template: Template, keys: Keys, resource: Json) -> Iterator[Problem]:
    """The resource of a statement that is a name, an URL or an ID."""
    if isinstance(resource, str) and not resource.startswith(("*", "arn:", "{{")):
        yield Problem(keys, f'Resource is {resource}, but it takes ARNs or "*"', "write its ARN", "WRONG_RESOURCE")
    form = _form(template, resource)
    if form and form.count(":") < 5 and "*" not in form:
        message = f"Resource is an ARN of {form.count(':') + 1} parts, but an ARN has 6"
        yield Problem(keys, message, "write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE", "WRONG_RESOURCE")
    begins = _beginning(resource)
    referred, attribute = direct(template, begins)
    kind = (KINDS.get(referred.type) or _WITHOUT_ARN.get(referred.type)) if referred else None
    if referred is None or kind is None:
        return
    is_arn = kind.ref == "arn" if attribute == "Ref" else attribute.endswith(("Arn", "ArnForPolicy"))
    if not is_arn and (attribute == "Ref" or has_attribute(referred.type, attribute)):  # another one is unknown
        form = kind.form if attribute == "Ref" else attribute
        message = f"Resource begins with the {form} of {kind.noun}, but it takes ARNs"
        right = kind.reference_to_arn(referred.logical_id)
        sub = f"${{{referred.logical_id}{'' if kind.ref == 'arn' else '.Arn'}}}"
        remedy = f"write {right}" if begins is resource else f"begin it with {sub}"
        yield Problem(keys, message, remedy, "WRONG_RESOURCE")


# Types whose Ref is a name or an ID, and which have an attribute Arn (template reference, "Return values" of each).
_WITHOUT_ARN = {
    type_: Kind(noun, "", "")
    for type_, noun in (
        ("AWS::CodeBuild::Project", "a CodeBuild project"),
        ("AWS::Cognito::UserPool", "a user pool"),
        ("AWS::ECR::Repository", "a repository"),
        ("AWS::ECS::Cluster", "a cluster"),
        ("AWS::EMRServerless::Application", "an EMR Serverless application"),
        ("AWS::Events::Connection", "a connection"),
        ("AWS::KMS::Key", "a key"),
        ("AWS::Kinesis::Stream", "a stream"),
        ("AWS::KinesisFirehose::DeliveryStream", "a delivery stream"),
        ("AWS::Logs::LogGroup", "a log group"),
    )
}


def _form(template: Template, resource: Json) -> str:
    """An ARN with a letter for each reference to a resource or pseudo parameter; "" for any other string."""
    text = resource.get("Fn::Sub") if isinstance(resource, dict) else resource
    if not isinstance(text, str) or not text.startswith("arn:"):
        return ""
    names = names_in_sub(text)
    is_known = all(name.startswith("AWS::") or name.partition(".")[0] in template.resources for name in names)
    return re.sub(r"\$\{[^}]*\}", "x", text) if is_known else ""


def _beginning(resource: Json) -> Json:
    """The reference that a resource is, or that its Fn::Sub begins with."""
    text = resource.get("Fn::Sub") if isinstance(resource, dict) else None
    if not isinstance(text, str) or not text.startswith("${") or "}" not in text:
        return resource if text is None else None
    name = text[2:].partition("}")[0].strip()
    attribute = attribute_of(name) if "." in name else None
    return {"Fn::GetAtt": [*attribute]} if attribute else {"Ref": name}


def _of_attached(template: Template, policy: Resource) -> Iterator[Problem]:
    """A role that a policy is attached to by its ARN: it takes the name."""
    field = "RoleName" if policy.type == "AWS::IAM::RolePolicy" else "Roles"
    roles = policy.properties.get(field)
    for index, each in enumerate(as_list(roles)):
        role, attribute = direct(template, each)
        if role is not None and role.type == ROLE and attribute != "Ref":
            keys: Keys = ("Resources", policy.logical_id, "Properties", field)
            at = (*keys, index) if isinstance(roles, list) else keys
            message = f"{field} has the {attribute} of {role.logical_id}, but it takes the name of a role"
            yield Problem(at, message, f"write !Ref {role.logical_id}", "WRONG_RESOURCE")
