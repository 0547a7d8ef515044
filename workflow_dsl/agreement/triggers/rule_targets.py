"""The functions, topics and queues that rules send events to: their own policies must let EventBridge call them.

So must those of dead-letter queues.

EventBridge user guide, "Using resource-based policies for Amazon EventBridge": Lambda, SNS and SQS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.agreement.common import (
    certain,
    direct,
    finding_at,
    is_whole,
    template_uses_macros,
)
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES, QUEUE, TOPIC
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions.patterns import actions_overlap

EVENTBRIDGE = "events.amazonaws.com"


class Policy(NamedTuple):
    """The types of the policies of a resource, each with its property that names what they are of, and the action."""

    owners: Mapping[str, str]
    action: str

    @property
    def type(self) -> str:
        """The type to add where a policy is missing."""
        return next(iter(self.owners))


_OF_FUNCTIONS = {"AWS::Lambda::Permission": "FunctionName", "AWS::Lambda::ResourcePolicy": "ResourceArn"}
_OF_TOPICS = {"AWS::SNS::TopicPolicy": "Topics", "AWS::SNS::TopicInlinePolicy": "TopicArn"}
_OF_QUEUES = {"AWS::SQS::QueuePolicy": "Queues", "AWS::SQS::QueueInlinePolicy": "Queue"}
POLICIES: Mapping[str, Policy] = {
    **dict.fromkeys(FUNCTIONS, Policy(_OF_FUNCTIONS, "lambda:InvokeFunction")),
    TOPIC: Policy(_OF_TOPICS, "sns:Publish"),
    QUEUE: Policy(_OF_QUEUES, "sqs:SendMessage"),
}


def refusing_targets(application: Application) -> Iterator[Finding]:
    """Targets and dead-letter queues that no policy of the template lets EventBridge call: the event is lost."""
    template = application.template
    if template_uses_macros(template) or not is_whole(template):
        return
    for name, keys, arn in _called(template):
        resource, attribute = direct(template, arn)
        policy = POLICIES.get(resource.type) if resource else None
        if resource and keys[-1] == "DeadLetterConfig" and resource.type == QUEUE and attribute != "Arn":
            message = f"{name}: its DeadLetterConfig has the URL or name of {resource.logical_id}, but it takes the ARN"
            remedy = f"write !GetAtt {resource.logical_id}.Arn"
            yield finding_at(application, "WRONG_RESOURCE", keys, message, remedy)
        elif resource and policy and not may_call(template, resource, policy, EVENTBRIDGE):
            message = f"{name}: {EVENTBRIDGE} has no permission {policy.action} on {resource.logical_id}"
            remedy = f"add an {policy.type} for {resource.logical_id} with the principal {EVENTBRIDGE}"
            yield finding_at(application, "MISSING_PERMISSION", keys, message, remedy)


def _called(template: Template) -> Iterator[tuple[str, Keys, Json]]:
    """The targets of rules that need no role, and the dead-letter queues of their targets and of SAM's events.

    EventBridge user guide, "Using dead-letter queues to process undelivered events": a role is not used for them.
    """
    for rule in template.of_types("AWS::Events::Rule"):
        for index, each in enumerate(as_list(rule.properties.get("Targets"))):
            target, keys = dict_or_empty(each), ("Resources", rule.logical_id, "Properties", "Targets", index)
            if "RoleArn" not in target:
                yield rule.logical_id, keys, target.get("Arn")
            yield rule.logical_id, (*keys, "DeadLetterConfig"), _dead_letters(target)
    for resource in template.of_types(*MACHINES, *FUNCTIONS):
        for name, event in dict_or_empty(resource.properties.get("Events")).items():
            about = dict_or_empty(event)
            if about.get("Type") in ("CloudWatchEvent", "EventBridgeRule", "Schedule"):
                at: Keys = ("Resources", resource.logical_id, "Properties", "Events", name, "Properties")
                queue = _dead_letters(dict_or_empty(about.get("Properties")))
                yield resource.logical_id, (*at, "DeadLetterConfig"), queue


def _dead_letters(target: Mapping[str, Json]) -> Json:
    return dict_or_empty(target.get("DeadLetterConfig")).get("Arn")


def may_call(template: Template, resource: Resource, policy: Policy, service: str) -> bool:
    """True if a policy lets a service call a resource, or may be one of it. SAM's connectors make such policies."""
    if template.connectors or any(_may_make_policies(user.type) for user in template.referrers(resource.logical_id)):
        return True
    for each in template.of_types(*policy.owners):
        owners = [direct(template, value)[0] for value in as_list(each.properties.get(policy.owners[each.type]))]
        is_of_it = any(owner is None or owner.logical_id == resource.logical_id for owner in owners)
        document = each.properties.get("PolicyDocument", {"Statement": dict(each.properties)})
        if is_of_it and (not isinstance(document, dict) or is_intrinsic(document)):
            return True
        statements = as_list(dict_or_empty(document).get("Statement"))
        if is_of_it and any(_lets(template, each, policy.action, service) for each in statements):
            return True
    return False


def _may_make_policies(type_: str) -> bool:
    """True for nested stacks, custom resources, modules and types of others: they do what they like with a resource."""
    return (
        type_.startswith("AWS::CloudFormation::")
        or type_ == "AWS::Serverless::Application"
        or not type_.startswith("AWS::")
    )


def _lets(template: Template, statement: Json, action: str, service: str) -> bool:
    """True unless a statement surely is for others than a service, about other actions, or a denial."""
    fields = dict_or_empty(statement)
    principal = fields.get("Principal")
    values = principal.values() if isinstance(principal, dict) and not is_intrinsic(principal) else [principal]
    names = [certain(template, name) for value in values for name in as_list(value)]
    actions = [certain(template, each) for each in as_list(fields.get("Action"))]
    is_about = not actions or any(not isinstance(each, str) or actions_overlap(each, action) for each in actions)
    is_for_it = any(name is None or name in ("*", service) for name in names)
    return is_for_it and is_about and fields.get("Effect", "Allow") != "Deny"
