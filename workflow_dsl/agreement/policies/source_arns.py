"""The sources that resource policies let in by aws:SourceArn: a condition with a name in place of an ARN lets none in.

IAM user guide, "AWS global condition context keys": aws:SourceArn.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import direct, finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys

_POLICIES = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")


def wrong_source_arns(application: Application) -> Iterator[Finding]:
    """Conditions on aws:SourceArn, and the SourceArn of permissions, that are the name or URL of a resource."""
    template = application.template
    if template_uses_macros(template):
        return
    for resource in template.of_types(*_POLICIES, "AWS::Lambda::Permission"):
        for keys, value in _sources(resource):
            source, attribute = direct(template, value)
            kind = KINDS.get(source.type) if source else None
            is_name = attribute.endswith(("Name", "Url")) or (
                attribute == "Ref" and kind is not None and kind.ref != "arn"
            )
            if source and kind and is_name:
                form = kind.form if attribute == "Ref" else "URL" if attribute.endswith("Url") else "name"
                message = f"{resource.logical_id}: its SourceArn is the {form} of {kind.noun}, which no caller has"
                remedy = f"write {kind.reference_to_arn(source.logical_id)}"
                yield finding_at(application, "WRONG_RESOURCE", keys, message, remedy)


def _sources(resource: Resource) -> Iterator[tuple[Keys, Json]]:
    own: Keys = ("Resources", resource.logical_id, "Properties")
    yield (*own, "SourceArn"), resource.properties.get("SourceArn")
    statements = dict_or_empty(resource.properties.get("PolicyDocument")).get("Statement")
    for index, statement in enumerate(as_list(statements)):
        at: Keys = (*own, "PolicyDocument", "Statement", *([index] if isinstance(statements, list) else []))
        for operator, tests in dict_or_empty(dict_or_empty(statement).get("Condition")).items():
            for key, value in dict_or_empty(tests).items():
                if key.lower() == "aws:sourcearn":
                    yield from (((*at, "Condition", operator, key), each) for each in as_list(value))
