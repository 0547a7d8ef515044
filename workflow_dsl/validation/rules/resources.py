"""The Resource of a Task or Map: it exists, and it can be called with this pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.definition.integrations import (
    Integration,
    integration_of,
    optimized,
    sdk_name,
    sdk_services,
    suggestion_for,
)
from workflow_dsl.definition.json import short_json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import did_you_mean
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url, warning


@error(guide_url("state-task"), applies_to="Task")
def resource_is_an_arn(definition: Definition) -> Iterator[Problem]:
    """A Resource is an ARN."""
    for state in definition.states_of_type("Task"):
        resource = state.fields.get("Resource")
        if isinstance(resource, str) and resource and not resource.startswith(("arn:", "${")):
            remedy = "write the ARN of a function, an activity or an integration, or a ${Placeholder} for it"
            if resource.isalnum():
                remedy = f"write an ARN: !GetAtt {resource}.Arn in a template, because !Ref returns the name"
            message = f"Value is not a valid resource ARN, got {short_json(resource)}"
            yield Problem(state.at("Resource"), message, remedy)


def called_integrations(definition: Definition) -> Iterator[tuple[State, str, Integration]]:
    """Yield the tasks that call a service integration whose name contains no placeholder."""
    for state in definition.states_of_type("Task"):
        resource = state.fields.get("Resource")
        integration = integration_of(resource) if isinstance(resource, str) else None
        if integration and all(map(is_known, (integration.service, integration.action, integration.pattern))):
            yield state, str(resource), integration


@error(guide_url("state-task"), applies_to="Task")
def resource_can_be_called(definition: Definition) -> Iterator[Problem]:
    """A task calls a function, an activity or a service integration, not a queue, table or state machine by its ARN."""
    for state in definition.states_of_type("Task"):
        resource = state.fields.get("Resource")
        if is_known(resource) and resource.startswith("arn:"):
            remedy = _not_callable(resource)
            if remedy:
                yield Problem(state.at("Resource"), _not_recognized(resource), remedy)


_ARN = lazy_regex(r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):[^:]*:[^:]*:(?P<rest>.*)", re.DOTALL)
_LAMBDA = lazy_regex(r"function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?")
# Activities; `task:` is in examples of the States Language.
_OF_STATES = lazy_regex(r"(?:activity|task):.+")


def _not_callable(resource: str) -> str | None:
    """The remedy for an ARN that a task cannot call; None for a well-formed one."""
    arn = _ARN.fullmatch(resource)
    if arn and not re.fullmatch(r"aws(-[a-z]+)*", arn["partition"]):
        return "write arn:aws:..., or arn:${Partition}:... with Partition: !Ref AWS::Partition"
    if not arn or arn["service"] == "lambda":
        is_function = arn and _LAMBDA.fullmatch(arn["rest"])
        return None if is_function else "write arn:aws:lambda:REGION:ACCOUNT:function:NAME"
    if arn["service"] == "states":
        return _states_remedy(resource, arn["rest"])
    if arn["service"] == "swf":  # in examples of the States Language
        return None
    return f"call an action of the service, such as {_some_action(arn['service'])}, and pass this in Parameters"


def _states_remedy(resource: str, rest: str) -> str | None:
    if rest.partition(":")[0] in ("stateMachine", "execution", "express"):
        return "call arn:aws:states:::states:startExecution.sync:2, with this as StateMachineArn in Parameters"
    if ":::activity:" in resource:
        return "write the whole ARN of the activity: arn:aws:states:REGION:ACCOUNT:activity:NAME"
    if integration_of(resource) or _OF_STATES.fullmatch(rest):
        return None
    return "write arn:aws:states:::SERVICE:ACTION, or arn:aws:states:::aws-sdk:SERVICE:ACTION"


def _some_action(service: str) -> str:
    action = next((name for name in optimized() if name.startswith(f"{service}:")), f"aws-sdk:{service}:...")
    return f"arn:aws:states:::{action}"


def _not_recognized(resource: str) -> str:
    return (
        f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region"
    )


@error(guide_url("integrate-optimized"), applies_to="Integration")
def known_integration(definition: Definition) -> Iterator[Problem]:
    """Step Functions has the service integration and supports its pattern, such as .sync."""
    for state, resource, integration in definition.memo(called_integrations):
        remedy = suggestion_for(integration)
        if remedy:
            yield Problem(state.at("Resource"), _not_recognized(resource), remedy)


@warning("UNKNOWN_INTEGRATION", guide_url("supported-services-awssdk"), applies_to="Integration")
def uncertain_integration(definition: Definition) -> Iterator[Problem]:
    """An integration may not exist if botocore lacks its service, or if AWS's own pages disagree about its pattern."""
    for state, _, integration in definition.memo(called_integrations):
        service, name = integration.service, f"{integration.service}:{integration.action}"
        if integration.is_sdk and sdk_services() and service not in sdk_services():
            if not sdk_name(service):
                # people write the name that the AWS CLI has, without its hyphens
                known = [name for name, folder in sdk_services().items() if folder.replace("-", "") == service]
                hint = did_you_mean(known[0], known) if known else did_you_mean(service, sdk_services())
                remedy, message = hint or "check that the service still exists", f"botocore has no service {service}"
                yield Problem(state.at("Resource"), message, remedy, is_note=not hint)
        elif not integration.is_sdk and integration.pattern in optimized().get(name, {}).get("disputed", ()):
            message = f"AWS's pages disagree on whether {name} supports {integration.pattern}"
            yield Problem(state.at("Resource"), message, "try it before you rely on it", is_note=True)


@error(guide_url("input-output-itemreader"), applies_to="Map")
def map_resources(definition: Definition) -> Iterator[Problem]:
    """A Map reads items with s3:getObject or s3:listObjectsV2, and writes results with s3:putObject."""
    for state in definition.states_of_type("Map"):
        for field, actions in (("ItemReader", ("getObject", "listObjectsV2")), ("ResultWriter", ("putObject",))):
            holder = state.fields.get(field)
            resource = holder.get("Resource") if isinstance(holder, dict) else None
            if is_known(resource) and not any(resource.endswith(f":states:::s3:{action}") for action in actions):
                examples = ", ".join(f"arn:<partition>:states:::s3:{action}" for action in actions)
                message = f"The field 'Resource' does not match any of the allowed values. Examples: [{examples}]"
                arns = [f"arn:aws:states:::s3:{action}" for action in actions]
                remedy = did_you_mean(resource, arns) or "write one of these"
                yield Problem(state.at(field, "Resource"), message, remedy)
