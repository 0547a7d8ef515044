"""Subscriptions of topics: their protocols and endpoints, and the queues and functions that SNS may not call.

API reference of SNS, "Subscribe"; SNS developer guide, "Fanout to Amazon SQS queues" and "Fanout to Lambda functions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.agreement.common import certain, direct, finding_at, is_whole, template_uses_macros
from workflow_dsl.agreement.triggers.rule_targets import POLICIES, may_call
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS, KINDS, QUEUE, TOPIC
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean

_SNS = "sns.amazonaws.com"
_PROTOCOLS = ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
_TAKING_ARNS: Mapping[str, tuple[str, ...]] = {"lambda": FUNCTIONS, "sqs": (QUEUE,)}


class _Subscription(NamedTuple):
    owner: str
    keys: Keys
    fields: Mapping[str, Json]


def wrong_subscriptions(application: Application) -> Iterator[Finding]:
    """Subscriptions that SNS refuses, and those whose messages their queue or function refuses."""
    template = application.template
    if template_uses_macros(template):
        return
    for each in _subscriptions(template):
        protocol = certain(template, each.fields.get("Protocol"))
        if isinstance(protocol, str) and protocol not in _PROTOCOLS:
            message = f"{each.owner}: its Protocol is {protocol}, which SNS does not have"
            remedy = did_you_mean(protocol, _PROTOCOLS) or f"write one of {', '.join(_PROTOCOLS)}"
            yield finding_at(application, "SCHEMA_VALIDATION_FAILED", (*each.keys, "Protocol"), message, remedy)
        yield from _of_endpoint(application, each, str(protocol))
        for keys, value in _scalars((*each.keys, "FilterPolicy"), each.fields.get("FilterPolicy")):
            message = f"{each.owner}: {keys[-1]} in its FilterPolicy is not a list"
            yield finding_at(application, "SCHEMA_VALIDATION_FAILED", keys, message, f"write {keys[-1]}: [{value}]")


def _scalars(keys: Keys, policy: Json) -> Iterator[tuple[Keys, Json]]:
    """The names of a filter policy whose value is no list and no object (SNS developer guide, "Filter policies")."""
    for name, value in policy.items() if isinstance(policy, dict) and not is_intrinsic(policy) else ():
        if isinstance(value, dict):
            yield from _scalars((*keys, name), value)
        elif not isinstance(value, list) and value is not None:
            yield (*keys, name), value


def _subscriptions(template: Template) -> Iterator[_Subscription]:
    for own in template.of_types("AWS::SNS::Subscription"):
        yield _Subscription(own.logical_id, ("Resources", own.logical_id, "Properties"), own.properties)
    for topic in template.of_types(TOPIC):
        keys: Keys = ("Resources", topic.logical_id, "Properties", "Subscription")
        for index, fields in enumerate(as_list(topic.properties.get("Subscription"))):
            yield _Subscription(topic.logical_id, (*keys, index), dict_or_empty(fields))


def _of_endpoint(application: Application, subscription: _Subscription, protocol: str) -> Iterator[Finding]:
    """An endpoint by its name or URL, and one without a policy for SNS."""
    template = application.template
    endpoint, attribute = direct(template, subscription.fields.get("Endpoint"))
    if endpoint is None or endpoint.type not in _TAKING_ARNS.get(protocol, ()):
        return
    keys: Keys = (*subscription.keys, "Endpoint")
    if attribute != "Arn":
        kind = KINDS[endpoint.type]
        form = kind.form if attribute == "Ref" else attribute
        message = f"{subscription.owner}: its Endpoint is the {form} of {kind.noun}, but {protocol} takes the ARN"
        yield finding_at(application, "WRONG_RESOURCE", keys, message, f"write !GetAtt {endpoint.logical_id}.Arn")
    elif is_whole(template) and not may_call(template, endpoint, policy := POLICIES[endpoint.type], _SNS):
        message = f"{subscription.owner}: {_SNS} has no permission {policy.action} on {endpoint.logical_id}"
        remedy = f"add an {policy.type} for {endpoint.logical_id} with the principal {_SNS}"
        yield finding_at(application, "MISSING_PERMISSION", keys, message, remedy)
