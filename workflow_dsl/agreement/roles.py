"""The permissions that states need against those that the template grants."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, as_note, direct, finding_at, found, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import BUCKET, FUNCTIONS, KINDS, MACHINES, QUEUE, TABLES, TOPIC
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean, short_list
from workflow_dsl.permissions import missing_permissions, policy_templates, role_of, unneeded_permissions


def wrong_permissions(application: Application) -> Iterator[Finding]:
    """Permissions that a role lacks, and those that no state of the machines sharing it needs."""
    by_role: dict[str, list[TemplateMachine]] = {}
    for machine in application.machines if not template_uses_macros(application.template) else ():
        by_role.setdefault(role_of(application.template, machine.logical_id) or "", []).append(machine)
        for gap in missing_permissions(machine):
            code = "MISSING_PERMISSION" if gap.level == "required" else "INCOMPLETE_PERMISSION"
            yield finding_at(application, code, gap.keys, gap.message, gap.remedy)
    for sharing in by_role.values():
        for gap in unneeded_permissions(sharing):
            unneeded = finding_at(application, "UNNEEDED_PERMISSION", gap.keys, gap.message, gap.remedy)
            yield as_note(unneeded) if gap.is_rest else unneeded


_OF_SAM = ("AWS::Serverless::StateMachine", "AWS::Serverless::Function")


def wrong_policy_templates(application: Application) -> Iterator[Finding]:
    """Policy templates that SAM does not have, or that lack a parameter: SAM refuses the template."""
    known = policy_templates()
    template = application.template
    for owner in template.of_types(*_OF_SAM) if not template_uses_macros(template) else ():
        policies = owner.properties.get("Policies")
        for index, policy in enumerate(as_list(policies)):
            if not isinstance(policy, dict) or len(policy) != 1 or is_intrinsic(policy) or "Statement" in policy:
                continue
            [(name, values)] = policy.items()
            at = [index] if isinstance(policies, list) else []
            keys: Keys = ("Resources", owner.logical_id, "Properties", "Policies", *at)
            if name not in known:
                message = f"{owner.logical_id}: SAM has no policy template {name}"
                remedy = did_you_mean(name, known) or "write its statements: - Statement: [...]"
                yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)
            elif isinstance(values, dict) and not is_intrinsic(values) and known[name] - values.keys():
                missing = short_list(sorted(known[name] - values.keys()))
                message = f"{owner.logical_id}: {name} has no parameter {missing}"
                remedy = (did_you_mean(missing, values) and f"write {missing} instead") or f"add {missing}"
                yield finding_at(application, "SCHEMA_VALIDATION_FAILED", (*keys, name), message, remedy)
            else:
                for problem in _no_names(template, (*keys, name), name, dict_or_empty(values)):
                    yield found(application, owner.logical_id, problem)


def _no_names(template: Template, keys: Keys, policy: str, values: dict[str, Json]) -> Iterator[Problem]:
    """The ARNs and URLs in parameters of a policy template that are names: SAM puts them into ARNs."""
    for parameter, value in values.items():
        resource, attribute = direct(template, value)
        kind = KINDS.get(resource.type) if resource else None
        if resource is None or kind is None or not parameter.endswith("Name"):
            continue
        given = kind.ref if attribute == "Ref" else attribute
        if given.lower().endswith(("arn", "url")):
            message = f"{policy}: {parameter} is the {given.upper()} of {kind.noun}, but it takes the name"
            name = f"!Ref {resource.logical_id}" if kind.ref == "name" else f"!GetAtt {resource.logical_id}"
            attribute = "" if kind.ref == "name" else _NAME_ATTRIBUTES.get(resource.type, ".Name")
            yield Problem((*keys, parameter), message, f"write {name}{attribute}", "WRONG_RESOURCE")
        elif resource.type not in _NAMED_BY.get(parameter, (resource.type,)):
            message = f"{policy}: {parameter} is {kind.noun}, {resource.logical_id}"
            noun = KINDS[_NAMED_BY[parameter][0]].noun
            yield Problem((*keys, parameter), message, f"write the name of {noun}", "WRONG_RESOURCE")


_NAMED_BY = {
    "BucketName": (BUCKET,),
    "FunctionName": FUNCTIONS,
    "QueueName": (QUEUE,),
    "StateMachineName": MACHINES,
    "TableName": TABLES,
    "TopicName": (TOPIC,),
}


_NAME_ATTRIBUTES = {QUEUE: ".QueueName", TOPIC: ".TopicName"}
