"""The roles of state machines, and of the rules, schedules, pipes, APIs and topic rules that start them.

A service must be allowed to assume its role, and a role that starts a state machine must be allowed to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from workflow_dsl.agreement.common import direct, finding_at, machine_type, template_uses_macros
from workflow_dsl.agreement.triggers.api_integrations import ACTIONS, INTEGRATING, integrations_of
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import MACHINES, QUALIFIED_MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions import allows, assumed_roles, for_role, may_assume, role_of
from workflow_dsl.records import Record

_ROLE = "AWS::IAM::Role"


class Start(Record):
    """A resource that starts a state machine: where its role belongs, the role, and the action that the role needs.

    `machine` refers to the state machine by its ARN, or with `takes_name` by its name.
    """

    resource: Resource
    machine: Json
    role: Json
    keys: Keys
    action: str = "states:StartExecution"
    takes_name: bool = False


def untrusted_roles(application: Application) -> Iterator[Finding]:
    """Roles of the template that Step Functions may not assume.

    The service refuses to create their state machines (developer guide, "Creating an IAM role for your state machine").
    """
    template = application.template
    for machine in application.machines if not template_uses_macros(template) else ():
        role = role_of(template, machine.logical_id)
        for field in ("Role", "RoleArn"):
            keys: Keys = (*machine.keys, "Properties", field)
            yield from _no_arn(application, machine.logical_id, keys, machine.properties.get(field))
        if role in template.resources:
            yield from _untrusted(application, machine.logical_id, str(role), "states")


# The properties with the roles that services assume (template reference of each type).
_ROLES_OF: Mapping[str, tuple[str, str]] = {
    "AWS::CodeBuild::Project": ("ServiceRole", "codebuild"),
    "AWS::Glue::Crawler": ("Role", "glue"),
    "AWS::Glue::Job": ("Role", "glue"),
    "AWS::Lambda::Function": ("Role", "lambda"),
    "AWS::Serverless::Function": ("Role", "lambda"),
}
# They take the name of a role, too (template reference, examples of AWS::CodeBuild::Project; Glue API, "CreateJob").
_TAKING_NAMES = ("codebuild", "glue")


def untrusted_service_roles(application: Application) -> Iterator[Finding]:
    """Roles of functions, Glue jobs and builds that their service may not assume: it refuses to create them."""
    template = application.template
    for resource in template.of_types(*_ROLES_OF) if not template_uses_macros(template) else ():
        field, service = _ROLES_OF[resource.type]
        role, _ = direct(template, resource.properties.get(field))
        if role is not None and role.type == _ROLE:
            keys: Keys = ("Resources", resource.logical_id, "Properties", field)
            if service not in _TAKING_NAMES:
                yield from _no_arn(application, resource.logical_id, keys, resource.properties.get(field))
            yield from _untrusted(application, resource.logical_id, role.logical_id, service)


def untrusted_passed_roles(application: Application) -> Iterator[Finding]:
    """Roles of the template that states hand over to a service that may not assume them: the call fails."""
    template = application.template
    for machine in application.machines if not template_uses_macros(template) else ():
        for state in machine.with_known_values.walk():
            for service, arn in assumed_roles(machine, state):
                role = template.resource_at(arn, "iam")
                if role is not None and role.type == _ROLE:
                    user = f'{machine.logical_id}: "{state.name}"'
                    yield from _untrusted(application, user, role.logical_id, service, "the")


def wrong_starters(application: Application) -> Iterator[Finding]:
    """Rules, schedules, pipes, APIs and topic rules that cannot start their state machine.

    EventBridge user guide, "Using IAM roles", "Scheduler: Setting up the execution role", "Pipes: Permissions"; API
    Gateway, "Creating a Step Functions API"; IoT Core, "Step Functions"; SAM guide, Schedule and ScheduleV2.
    """
    template = application.template
    starters = template.of_types(*STARTERS) if not template_uses_macros(template) else ()
    for resource in starters:
        service, starts = STARTERS[resource.type]
        for start in starts(resource):
            yield from _wrong_start(application, start, service)
    for machine in template.of_types(*MACHINES) if not template_uses_macros(template) else ():
        for service, start in _of_schedules(machine):
            yield from _wrong_start(application, start, service)


def _wrong_start(application: Application, start: Start, service: str) -> Iterator[Finding]:
    template, name = application.template, start.resource.logical_id
    machine = started_machine(template, start.machine)
    if machine is None:
        return
    if start.takes_name and direct(template, start.machine)[1] in ("Ref", "Arn"):
        message = f"{name}: its target is the ARN of {machine}, but it takes the name"
        yield finding_at(application, "WRONG_RESOURCE", start.keys, message, f"write !GetAtt {machine}.Name")
    elif not start.takes_name and _is_name(template, start.machine, machine):
        message = f"{name}: its target is the name of {machine}, but it takes the ARN"
        yield finding_at(application, "WRONG_RESOURCE", start.keys, message, f"write !Ref {machine}")
    if (
        start.action == "states:StartSyncExecution"
        and machine_type(template, template.resources[machine]) == "STANDARD"
    ):
        message = f"{name}: it waits for {machine}, which is a STANDARD state machine"
        remedy = f"start it without waiting, or add Type: EXPRESS to {machine}"
        yield finding_at(application, "WRONG_RESOURCE", start.keys, message, remedy)
        return
    if start.role is None:
        message = f"{name}: it starts {machine} without a role"
        remedy = f"add {start.keys[-1]}: a role that {service}.amazonaws.com may assume and that allows {start.action}"
        yield finding_at(application, "NO_ROLE", start.keys, message, remedy)
        return
    role, attribute = direct(template, start.role)
    yield from _no_arn(application, name, start.keys, start.role)
    if role is None or role.type != _ROLE or attribute != "Arn":
        return
    yield from _untrusted(application, name, role.logical_id, service)
    # Versions and aliases are authorized by the state machine's ARN, or by their own (developer guide, "Authorization
    # for versions and aliases").
    if allows(template, role.logical_id, start.action, machine) is False:
        message = f"{name}: its role {role.logical_id} has no permission {start.action} on {machine}"
        keys: Keys = ("Resources", role.logical_id, "Properties", "Policies")
        remedy = for_role(role.logical_id, [start.action], [f"!Ref {machine}"])
        yield finding_at(application, "MISSING_PERMISSION", keys, message, remedy)


def _no_arn(application: Application, user: str, keys: Keys, role: Json) -> Iterator[Finding]:
    """The reference to a role that gives its name where its ARN belongs."""
    resource, attribute = direct(application.template, role)
    if resource is not None and resource.type == _ROLE and attribute != "Arn":
        message = f"{user}: {keys[-1]} is the name of {resource.logical_id}, but it takes the ARN of a role"
        remedy = f"write !GetAtt {resource.logical_id}.Arn"
        yield finding_at(application, "WRONG_RESOURCE", keys, message, remedy)


def _untrusted(application: Application, user: str, role: str, service: str, whose: str = "its") -> Iterator[Finding]:
    if may_assume(application.template, role, service) is False:
        keys: Keys = ("Resources", role, "Properties", "AssumeRolePolicyDocument")
        message = f"{user}: {service}.amazonaws.com may not assume {whose} role {role}"
        trust = f"{{Effect: Allow, Principal: {{Service: {service}.amazonaws.com}}, Action: sts:AssumeRole}}"
        remedy = f"add to its Statement: {trust}"
        yield finding_at(application, "UNTRUSTED_ROLE", keys, message, remedy)


def started_machine(template: Template, value: Json) -> str | None:
    """The state machine that a reference to it, to its version or to its alias names; None without one."""
    names = [*references(value)]
    for name in names:
        resource = template.resources.get(name)
        if resource is not None and resource.type in MACHINES:
            return name
        if resource is not None and resource.type in QUALIFIED_MACHINES:
            names += [each for each in references(dict(resource.properties)) if each not in names]
    return None


def _is_name(template: Template, value: Json, machine: str) -> bool:
    """True if a value, or a request template, has the name of a state machine where its ARN belongs."""
    return (
        direct(template, value)[1] == "Name"
        or re.search(rf'"stateMachineArn\\*"\s*:\s*\\*"\$\{{{machine}\.Name\}}', json.dumps(value)) is not None
    )


def _of_rule(rule: Resource) -> Iterator[Start]:
    keys: Keys = ("Resources", rule.logical_id, "Properties", "Targets")
    for index, target in enumerate(as_list(rule.properties.get("Targets"))):
        fields = dict_or_empty(target)
        yield Start(rule, fields.get("Arn"), fields.get("RoleArn"), (*keys, index, "RoleArn"))


def _of_schedule(schedule: Resource) -> Iterator[Start]:
    target = dict_or_empty(schedule.properties.get("Target"))
    keys: Keys = ("Resources", schedule.logical_id, "Properties", "Target", "RoleArn")
    yield Start(schedule, target.get("Arn"), target.get("RoleArn"), keys)


def _of_pipe(pipe: Resource) -> Iterator[Start]:
    properties, keys = pipe.properties, ("Resources", pipe.logical_id, "Properties", "RoleArn")
    for field, parameters in (("Target", "TargetParameters"), ("Enrichment", "EnrichmentParameters")):
        options = dict_or_empty(dict_or_empty(properties.get(parameters)).get("StepFunctionStateMachineParameters"))
        kind = options.get("InvocationType", "REQUEST_RESPONSE")
        is_async = field == "Target" and kind != "REQUEST_RESPONSE"
        action = "states:StartExecution" if is_async else "states:StartSyncExecution"
        yield Start(pipe, properties.get(field), properties.get("RoleArn"), keys, action)


def _of_api(api: Resource) -> Iterator[Start]:
    """The starts by the integrations of an API."""
    for integration in integrations_of(api):
        fields, keys = integration.fields, (*integration.keys, integration.role_key)
        machine = fields.get("requestTemplates") or dict_or_empty(fields.get("requestParameters")).get(
            "StateMachineArn"
        )
        if integration.action in ACTIONS:
            yield Start(api, machine, fields.get("credentials"), keys, f"states:{integration.action}")


def _of_topic_rule(rule: Resource) -> Iterator[Start]:
    keys: Keys = ("Resources", rule.logical_id, "Properties", "TopicRulePayload", "Actions")
    actions = dict_or_empty(rule.properties.get("TopicRulePayload")).get("Actions")
    for index, action in enumerate(as_list(actions)):
        start = dict_or_empty(dict_or_empty(action).get("StepFunctions"))
        if start:
            own: Keys = (*keys, index, "StepFunctions", "RoleArn")
            yield Start(rule, start.get("StateMachineName"), start.get("RoleArn"), own, takes_name=True)


def _of_schedules(machine: Resource) -> Iterator[tuple[str, Start]]:
    """The starts by SAM's schedules with a role of their own, each with its service; SAM creates the other roles."""
    for name, event in dict_or_empty(machine.properties.get("Events")).items():
        service = _SCHEDULES.get(str(dict_or_empty(event).get("Type")))
        role = dict_or_empty(dict_or_empty(event).get("Properties")).get("RoleArn")
        if service and role is not None:
            keys: Keys = ("Resources", machine.logical_id, "Properties", "Events", name, "Properties", "RoleArn")
            yield service, Start(machine, {"Ref": machine.logical_id}, role, keys)


_SCHEDULES = {"Schedule": "events", "ScheduleV2": "scheduler"}
STARTERS: Mapping[str, tuple[str, Callable[[Resource], Iterator[Start]]]] = {
    "AWS::Events::Rule": ("events", _of_rule),
    "AWS::Scheduler::Schedule": ("scheduler", _of_schedule),
    "AWS::Pipes::Pipe": ("pipes", _of_pipe),
    **dict.fromkeys(INTEGRATING, ("apigateway", _of_api)),
    "AWS::IoT::TopicRule": ("iot", _of_topic_rule),
}
