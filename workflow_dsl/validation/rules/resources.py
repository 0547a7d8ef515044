"""What a Task calls: whether there is such a resource, and such a pattern of calling it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.definition.integrations import (
    Integration,
    instead_of,
    integration_of,
    optimized,
    sdk_name,
    sdk_services,
)
from workflow_dsl.definition.json import short
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import closest
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide, warning


@error(guide("state-task"), about="Task")
def resource_is_an_arn(definition: Definition) -> Iterator[Problem]:
    """A Resource is an ARN."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        if isinstance(resource, str) and resource and not resource.startswith(("arn:", "${")):
            remedy = "write the ARN of a function, an activity or an integration, or a ${Placeholder} for it"
            if resource.isalnum():
                remedy = f"write an ARN; what gives it in a template is !GetAtt {resource}.Arn, and !Ref the name"
            message = f"Value is not a valid resource ARN, and this is {short(resource)}"
            yield Problem(state.at("Resource"), message, remedy)


def called_integrations(definition: Definition) -> Iterator[tuple[State, str, Integration]]:
    """The tasks that call an integration whose name is known."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        called = integration_of(resource) if isinstance(resource, str) else None
        if called and is_known(called.service) and is_known(called.action) and is_known(called.pattern):
            yield state, str(resource), called


@error(guide("integrate-optimized"), about="Integration")
def known_integration(definition: Definition) -> Iterator[Problem]:
    """An integration is one that Step Functions has, with a pattern that it takes."""
    for state, resource, called in definition.once(called_integrations):
        remedy = instead_of(called)
        if remedy:
            yield Problem(state.at("Resource"), _not_recognized(resource), remedy)


@error(guide("state-task"), about="Task")
def resource_can_be_called(definition: Definition) -> Iterator[Problem]:
    """A task calls a function, an activity or an integration, not a queue, a table or a state machine by its ARN."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        if is_known(resource) and resource.startswith("arn:"):
            remedy = _not_callable(resource)
            if remedy:
                yield Problem(state.at("Resource"), _not_recognized(resource), remedy)


_ARN = re.compile(r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):[^:]*:[^:]*:(?P<rest>.*)", re.DOTALL)
_LAMBDA = re.compile(r"function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?")
# An activity; and what the States Language has for a task in its examples.
_OF_STATES = re.compile(r"(?:activity|task):.+")


def _not_callable(resource: str) -> str | None:
    """What to write instead of an ARN that nothing can be called by; None for one that is well formed."""
    found = _ARN.fullmatch(resource)
    if found and not re.fullmatch(r"aws[a-z-]*", found["partition"]):
        return "write arn:aws:..., or arn:${Partition}:... with Partition: !Ref AWS::Partition"
    if not found or found["service"] == "lambda":
        formed = found and _LAMBDA.fullmatch(found["rest"])
        return None if formed else "write arn:aws:lambda:REGION:ACCOUNT:function:NAME"
    if found["service"] == "states":
        return _not_of_states(resource, found["rest"])
    if found["service"] == "swf":  # which the States Language has in its examples
        return None
    return f"call an action of the service, such as {_some_action(found['service'])}, and name this in Parameters"


def _not_of_states(resource: str, rest: str) -> str | None:
    if rest.partition(":")[0] in ("stateMachine", "execution", "express"):
        return "call arn:aws:states:::states:startExecution.sync:2, with this as StateMachineArn in Parameters"
    if integration_of(resource) or _OF_STATES.fullmatch(rest):
        return None
    return "write arn:aws:states:::SERVICE:ACTION, or arn:aws:states:::aws-sdk:SERVICE:ACTION"


def _some_action(service: str) -> str:
    known = next((name for name in optimized() if name.startswith(f"{service}:")), f"aws-sdk:{service}:...")
    return f"arn:aws:states:::{known}"


def _not_recognized(resource: str) -> str:
    return (
        f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region"
    )


@warning("UNKNOWN_INTEGRATION", guide("supported-services-awssdk"), about="Integration")
def uncertain_integration(definition: Definition) -> Iterator[Problem]:
    """A service that botocore does not have, or a pattern that AWS's own pages disagree about, may not be there."""
    for state, _, called in definition.once(called_integrations):
        if called.is_sdk and sdk_services() and called.service not in sdk_services():
            if not sdk_name(called.service):
                remedy = closest(called.service, sdk_services()) or "see that the service is still there"
                yield Problem(state.at("Resource"), f"botocore has no service {called.service}", remedy)
        elif not called.is_sdk and called.pattern in optimized().get(f"{called.service}:{called.action}", {}).get(
            "disputed", ()
        ):
            message = f"AWS's pages disagree whether {called.service}:{called.action} takes {called.pattern}"
            yield Problem(state.at("Resource"), message, "try it before you rely on it")


@error(guide("input-output-itemreader"), about="Map")
def map_resources(definition: Definition) -> Iterator[Problem]:
    """A Map reads its items with s3:getObject or s3:listObjectsV2, and writes its results with s3:putObject."""
    for state in definition.of("Map"):
        for field, actions in (("ItemReader", ("getObject", "listObjectsV2")), ("ResultWriter", ("putObject",))):
            holder = state.fields.get(field)
            resource = holder.get("Resource") if isinstance(holder, dict) else None
            if is_known(resource) and not any(resource.endswith(f":states:::s3:{action}") for action in actions):
                examples = ", ".join(f"arn:<partition>:states:::s3:{action}" for action in actions)
                message = f"The field 'Resource' does not match any of the allowed values. Examples: [{examples}]"
                remedy = (
                    closest(resource, [f"arn:aws:states:::s3:{action}" for action in actions]) or "write one of these"
                )
                yield Problem(state.at(field, "Resource"), message, remedy)


RULES = (
    resource_is_an_arn,
    resource_can_be_called,
    known_integration,
    uncertain_integration,
    map_resources,
)
