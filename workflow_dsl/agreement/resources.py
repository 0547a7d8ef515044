"""The resources that a state machine's substitutions give, against the fields that have their placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem, direct, finding_at, found, found_in_state, substitution_keys
from workflow_dsl.agreement.references import matches_target
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import (
    ACTIVITY,
    BUCKET,
    FUNCTIONS,
    KINDS,
    MACHINES,
    QUALIFIERS,
    QUEUE,
    ROLE,
    TABLES,
    TOPIC,
)
from workflow_dsl.definition.calls import ServiceCall, call_sites, roles_in
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions import form_of
from workflow_dsl.records import Record, replace


class _Expected(Record):
    """The resources that a field takes: their types, a noun for them, and the reference to write.

    `refused` are the attributes of such a resource that the field does not take, "Ref" among them.
    """

    types: tuple[str, ...]
    noun: str
    reference: str
    refused: tuple[str, ...] = ()


_EXPECTED = {
    "Resource": _Expected(
        (*FUNCTIONS, *QUALIFIERS, ACTIVITY), "the ARN of a function", "!GetAtt {}.Arn", ("Ref", "Name")
    ),
    "FunctionName": _Expected((*FUNCTIONS, *QUALIFIERS), "a Lambda function", "!GetAtt {}.Arn"),
    "TableName": _Expected(TABLES, "a table", "!Ref {}", ("StreamArn", "TableId")),
    "QueueUrl": _Expected((QUEUE,), "the URL of a queue", "!Ref {}", ("Arn", "QueueName")),
    "TopicArn": _Expected((TOPIC,), "the ARN of a topic", "!Ref {}", ("TopicName",)),
    "StateMachineArn": _Expected(MACHINES, "the ARN of a state machine", "!Ref {}", ("Name",)),
    "Bucket": _Expected(
        (BUCKET,), "the name of a bucket", "!Ref {}", ("Arn", "DomainName", "RegionalDomainName", "WebsiteURL")
    ),
    "RoleArn": _Expected((ROLE,), "the ARN of a role", "!GetAtt {}.Arn", ("Ref", "RoleId")),
}


class _Named(Record):
    """A resource that a parameter of a service names: its type, a noun, and how Ref gives it."""

    type: str
    noun: str
    is_name: bool = True  # False for a parameter that takes an ARN, too


# Parameters of services by the service and the parameter, by each service's API reference.
_NAMED: Mapping[tuple[str, str], _Named] = {
    ("athena", "WorkGroup"): _Named("AWS::Athena::WorkGroup", "an Athena workgroup"),
    ("batch", "JobDefinition"): _Named("AWS::Batch::JobDefinition", "a job definition", is_name=False),
    ("batch", "JobQueue"): _Named("AWS::Batch::JobQueue", "a job queue", is_name=False),
    ("codebuild", "ProjectName"): _Named("AWS::CodeBuild::Project", "a CodeBuild project", is_name=False),
    ("ecs", "Cluster"): _Named("AWS::ECS::Cluster", "a cluster", is_name=False),
    ("ecs", "TaskDefinition"): _Named("AWS::ECS::TaskDefinition", "a task definition", is_name=False),
    ("glue", "JobName"): _Named("AWS::Glue::Job", "a Glue job"),
}
_CRAWLERS = _Named("AWS::Glue::Crawler", "a Glue crawler")
_KNOWN_TYPES = frozenset(
    (*KINDS, _CRAWLERS.type, *(named.type for named in _NAMED.values()))
)  # Ref gives their own name


def wrong_named_resources(application: Application) -> Iterator[Finding]:
    """Substitutions that give another resource than the parameter of a service names, or an ARN for its name."""
    for machine in application.machines:
        substitutions = application.template.substitutions_of(machine.logical_id)
        for state in machine.definition.walk() if substitutions else ():
            for site in call_sites(state):
                parameters = dict_or_empty(state.fields.get("Parameters", state.fields.get("Arguments")))
                for field, value in parameters.items():
                    named = _named(site.call, field)
                    name = placeholders_in(value)[0] if named and is_placeholder(value) else ""
                    if named and name in substitutions:
                        yield from _wrong_named(application, machine, name, substitutions[name], field, named)


def _named(call: ServiceCall, field: str) -> _Named | None:
    is_crawler = call.service == "glue" and field == "Name" and call.action.endswith("Crawler")
    return _CRAWLERS if is_crawler else _NAMED.get((call.service, field))


def _wrong_named(
    application: Application, machine: TemplateMachine, name: str, value: Json, field: str, named: _Named
) -> Iterator[Finding]:
    resource, attribute = direct(application.template, value)
    is_other = resource is not None and resource.type != named.type and resource.type in _KNOWN_TYPES
    text = value.get("Fn::Sub") if isinstance(value, dict) else None
    is_arn = named.is_name and (attribute.endswith("Arn") or (isinstance(text, str) and text.startswith("arn:")))
    if is_other or is_arn:
        given = f"is a resource of type {resource.type}" if resource and is_other else "is an ARN"
        noun = named.noun if is_other else f"the name of {named.noun}"
        fitting = [each.logical_id for each in application.template.of_types(named.type)]
        message = f"{machine.logical_id}: {name} {given}, but {field} takes {noun}"
        remedy = f"write !Ref {fitting[0] if len(fitting) == 1 else 'NAME'}"
        yield finding_at(application, "WRONG_RESOURCE", substitution_keys(machine, name), message, remedy)


def wrong_forms(application: Application) -> Iterator[Finding]:
    """Substitutions whose text is an ARN or URL of another form than the field of their placeholder takes."""
    for machine in application.machines:
        substitutions = application.template.substitutions_of(machine.logical_id)
        judged = set()
        for state, keys in _whole_placeholders(machine) if substitutions else ():
            [name], field = placeholders_in(value_at(state.fields, keys)), _field(keys)
            pattern = _FORMS.get(field)
            if pattern is None or name in judged or name not in substitutions:
                continue
            judged.add(name)
            form = form_of(application.template, substitutions[name])
            is_open = bool(form) and str(form).endswith(":*") and str(form).count(":") == 5  # the stack knows the kind
            if form and not is_open and not re.fullmatch(pattern, form):
                message = f"{machine.logical_id}: {name} has the form {form}, but {field} takes {_EXPECTED[field].noun}"
                logical_id = _fitting(application.template, _EXPECTED[field], name)
                remedy = f"write {_EXPECTED[field].reference.format(logical_id)}"
                yield finding_at(application, "WRONG_RESOURCE", substitution_keys(machine, name), message, remedy)


# The forms with `*` for what only the stack knows; a Resource can be an activity, and a bus of events has any form.
_FORMS = {
    "Resource": r"arn:[^:]+:(lambda:[^:]+:[^:]+:function:[^:]+(:[^:]+)?|states:.*)",
    "QueueUrl": r"https://[^/]+/[^/]+/[^/]+",
    "TopicArn": r"arn:[^:]+:sns:[^:]+:[^:]+:[^:]+",
    "StateMachineArn": r"arn:[^:]+:states:[^:]+:[^:]+:stateMachine:.+",
    "RoleArn": r"arn:[^:]+:iam::[^:]+:role/.+",
}


def wrong_resources(application: Application) -> Iterator[Finding]:
    """References that give another kind of resource than their field takes, in substitutions and in the definition."""
    for machine in application.machines:
        substitutions = application.template.substitutions_of(machine.logical_id)
        judged = set()
        for state, keys in _whole_placeholders(machine) if substitutions or machine.unknown else ():
            [name], field = placeholders_in(value_at(state.fields, keys)), _field(keys)
            value = substitutions.get(name, reference_behind(machine, name))
            is_new = field in _EXPECTED and value is not None and (name, field) not in judged
            if is_new and _is_as_referenced(machine, name):
                judged.add((name, field))
                place = f'"{state.name}" {keys[-1]}'
                for problem in _wrong(application.template, name, value, _EXPECTED[field], place):
                    if name in substitutions:
                        at = replace(problem, keys=substitution_keys(machine, name))
                        yield found(application, machine.logical_id, at)
                    else:
                        yield found_in_state(machine, state, replace(problem, keys=keys))


_STACK = "Stack."  # the prefix of placeholders for values of the stack in a DefinitionString


def reference_behind(machine: TemplateMachine, name: str) -> Json:
    """The reference in a definition that a placeholder stands for, whose value only the stack has; None without one."""
    logical_id, _, attribute = name.removeprefix(_STACK).partition(".")
    if name not in machine.unknown or logical_id not in machine.template.resources:
        return None
    return {"Fn::GetAtt": [logical_id, attribute]} if attribute else {"Ref": logical_id}


def connections_by_name(application: Application) -> Iterator[Finding]:
    """Substitutions that give a connection's name where an HTTP task takes its ARN: the task fails.

    CloudFormation template reference, "AWS::Events::Connection", "Return values"; developer guide, "Call HTTPS APIs".
    """
    for machine in application.machines:
        substitutions = application.template.substitutions_of(machine.logical_id)
        fields = (_connection_of(state) for state in machine.definition.walk())
        placeholders = {name for value in fields if is_placeholder(value) for name in placeholders_in(value)}
        for name in sorted(placeholders & substitutions.keys()):
            resource, attribute = direct(application.template, substitutions[name])
            if resource is not None and resource.type == "AWS::Events::Connection" and attribute in ("Ref", "Name"):
                message = f"{machine.logical_id}: {name} is the name of a connection, but ConnectionArn takes its ARN"
                remedy = f"write !GetAtt {resource.logical_id}.Arn"
                yield finding_at(application, "WRONG_RESOURCE", substitution_keys(machine, name), message, remedy)


# Parameters that take a name and no ARN, with the type whose attribute Arn may be mistaken for it (API references of
# Kinesis, "PutRecord", of Firehose, "PutRecord", and of CloudWatch Logs, "PutLogEvents").
_TAKE_NAMES = {
    "StreamName": "AWS::Kinesis::Stream",
    "DeliveryStreamName": "AWS::KinesisFirehose::DeliveryStream",
    "LogGroupName": "AWS::Logs::LogGroup",
}


def arns_for_names(application: Application) -> Iterator[Finding]:
    """Substitutions that give the ARN of a stream or log group where a call takes its name: the call fails."""
    for machine in application.machines:
        substitutions = application.template.substitutions_of(machine.logical_id)
        for state in machine.definition.walk():
            parameters = dict_or_empty(state.fields.get("Parameters", state.fields.get("Arguments")))
            for field, type_ in _TAKE_NAMES.items():
                name = _placeholder(parameters.get(field))
                resource, attribute = direct(application.template, substitutions.get(name))
                if resource is not None and resource.type == type_ and attribute == "Arn":
                    message = f"{machine.logical_id}: {name} is an ARN, but {field} takes the name"
                    keys = substitution_keys(machine, name)
                    yield finding_at(application, "WRONG_RESOURCE", keys, message, f"write !Ref {resource.logical_id}")


def _placeholder(value: Json) -> str:
    """The name in a value that is a placeholder; "" for any other value."""
    return placeholders_in(value)[0] if isinstance(value, str) and is_placeholder(value) else ""


def _connection_of(state: State) -> Json:
    for field in ("Parameters", "Arguments"):
        for holder in ("Authentication", "InvocationConfig"):  # the second for private APIs
            connection = dict_or_empty(dict_or_empty(state.fields.get(field)).get(holder))
            if "ConnectionArn" in connection:
                return connection["ConnectionArn"]
    return None


def _field(keys: Keys) -> str:
    """The name of a field in the table of fields."""
    return "RoleArn" if str(keys[-1]).endswith("RoleArn") else str(keys[-1])


def judged_elsewhere(state: State) -> set[Keys]:
    """The keys of the values in a state that the checks here are about: what its calls name, and roles."""
    sites = list(call_sites(state))
    return {keys for site in sites for keys in (site.resource, site.target, *roles_in(state, site)) if keys}


def _is_as_referenced(machine: TemplateMachine, name: str) -> bool:
    """True if a substitution gives what the author's reference means; if not, that is the finding."""
    target = machine.reference_targets.get(name)
    return target is None or matches_target(machine, name, target)


def _whole_placeholders(machine: TemplateMachine) -> Iterator[tuple[State, Keys]]:
    """The states whose Resource, whose parameter that names the resource called, or whose role is a placeholder.

    Each with the keys of that value in the state.
    """
    for state in machine.definition.walk():
        for site in call_sites(state):
            for keys in dict.fromkeys((site.resource, site.target, *roles_in(state, site))):
                if keys and is_placeholder(value_at(state.fields, keys)):
                    yield state, keys


def _wrong(template: Template, name: str, value: Json, expected: _Expected, field: str) -> Iterator[Problem]:
    """The problem of a value that is a plain Ref or GetAtt of a resource of a known kind."""
    resource, attribute = direct(template, value)
    resource = resource or _generated_role(template, value)
    if resource is None or resource.type not in KINDS:
        return
    kind, is_expected = KINDS[resource.type], resource.type in expected.types
    is_arn = attribute == "Ref" and kind.ref == "arn"
    if is_expected and (is_arn or attribute not in expected.refused):
        return
    ending = kind.ref.capitalize() if attribute == "Ref" else attribute or "Arn"
    value_is = "ARN" if ending.endswith("Arn") else "URL" if ending.endswith("Url") else "name"
    message = f"{name.removeprefix(_STACK)} is the {value_is} of {kind.noun}, but {field} takes {expected.noun}"
    logical_id = resource.logical_id if is_expected else _fitting(template, expected, name)
    yield Problem((), message, f"write {expected.reference.format(logical_id)}", "WRONG_RESOURCE")


def _generated_role(template: Template, value: Json) -> Resource | None:
    """The role that SAM creates for a function or a state machine, `NameRole`, if a value is a plain Ref or GetAtt."""
    names = [*references(value)] if isinstance(value, dict) and value.keys() & {"Ref", "Fn::GetAtt"} else []
    owner = template.resources.get(names[0].removesuffix("Role")) if names and names[0].endswith("Role") else None
    is_sams = owner is not None and owner.type.startswith("AWS::Serverless::") and "Role" not in owner.properties
    return Resource(names[0], ROLE, {}) if is_sams and names[0] not in template.resources else None


def _fitting(template: Template, expected: _Expected, name: str) -> str:
    """The one resource of the expected types, or the one that the placeholder is named after; else NAME."""
    fitting = [resource.logical_id for resource in template.of_types(*expected.types)]
    likely = fitting if len(fitting) == 1 else [logical_id for logical_id in fitting if name.startswith(logical_id)]
    return likely[0] if likely else "NAME"
