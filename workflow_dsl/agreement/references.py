"""References that authors write in Python, `function("StockBuyerFunction")`, against the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import (
    created_at_deployment,
    direct,
    finding_at,
    substitution_keys,
    template_uses_macros,
)
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import (
    ACTIVITY,
    BUCKET,
    BUS,
    FUNCTIONS,
    KINDS,
    MACHINES,
    QUALIFIERS,
    QUEUE,
    TABLES,
    TOPIC,
)
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.findings import CATALOG, Finding, Where, did_you_mean
from workflow_dsl.records import replace

# The resource types that each of authoring's references is for; resource() is for any.
_TYPES: Mapping[str, tuple[str, ...]] = {
    "function": (*FUNCTIONS, *QUALIFIERS),
    "activity": (ACTIVITY,),
    "state_machine": MACHINES,
    "table": TABLES,
    "queue": (QUEUE,),
    "topic": (TOPIC,),
    "bucket": (BUCKET,),
    "event_bus": (BUS,),
}


def wrong_references(application: Application) -> Iterator[Finding]:
    """References to a missing resource or one of another type, and substitutions that contradict a reference."""
    template = application.template
    if template_uses_macros(template):
        return
    for machine in application.undeployed:
        findings = (wrong_reference(template, target) for target in machine.reference_targets.values())
        yield from filter(None, findings)
    for machine in application.machines:
        substitutions = template.substitutions_of(machine.logical_id)
        for name, target in machine.reference_targets.items():
            finding, keys = wrong_reference(template, target), substitution_keys(machine, name)
            if finding:
                yield replace(finding, where=Where(keys, place=target.place))
            elif name in substitutions and not matches_target(machine, name, target):
                message = f"{machine.logical_id}: in the workflow, ${{{name}}} stands for {target.substitution}"
                remedy = f"write {name}: {target.substitution}"
                yield finding_at(application, "WRONG_RESOURCE", keys, message, remedy)


def wrong_reference(template: Template, target: ReferenceTarget) -> Finding | None:
    """The problem of a reference: the template lacks its resource, or has one of another type; None without one."""
    reference, types = f'{target.kind}("{target.logical_id}")', _TYPES.get(target.kind, ())
    if not _exists(template, target):
        resources = template.of_types(*types) if types else template.resources.values()
        names = [resource.logical_id for resource in resources]
        names = list(template.values.parameters) if target.kind == "parameter" else names
        remedy = (
            did_you_mean(target.logical_id, names) or f"name a resource of the template, or add {target.logical_id}"
        )
        return _finding("UNKNOWN_REFERENCE", target, f"{reference} is not in {template.path.name}", remedy)
    resource = template.resources.get(target.logical_id)
    if resource and types and resource.type not in types:
        kind = next((kind for kind, of_kind in _TYPES.items() if resource.type in of_kind), "resource")
        noun = KINDS[resource.type].noun if resource.type in KINDS else f"of type {resource.type}"
        remedy = f'write {kind}("{target.logical_id}")'
        return _finding("WRONG_RESOURCE", target, f"{reference} is {noun} in {template.path.name}", remedy)
    return None


def _exists(template: Template, target: ReferenceTarget) -> bool:
    """True if the template has the resource or parameter of a reference, or SAM creates it."""
    if target.kind == "parameter":
        return target.logical_id in template.values.parameters or target.logical_id.startswith("AWS::")
    return target.logical_id in template.resources or created_at_deployment(template, target.logical_id)


def _finding(code: str, target: ReferenceTarget, message: str, remedy: str) -> Finding:
    return Finding(code, CATALOG[code][0], Where(place=target.place), message, remedy)


def matches_target(machine: TemplateMachine, name: str, target: ReferenceTarget) -> bool:
    """True if a substitution gives a reference's target; False only for a plain Ref or GetAtt of something else.

    A name and an ARN of one resource are equal where every field that has the placeholder takes both.
    """
    template, value = machine.template, machine.template.substitutions_of(machine.logical_id)[name]
    resource, attribute = direct(template, value)
    if resource is None:
        referred = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else None
        is_comparable = referred in template.values.parameters or target.kind == "parameter"
        return not (isinstance(referred, str) and is_comparable) or referred == target.logical_id
    if resource.logical_id != target.logical_id:
        return False
    attributes = {_canonical(resource.type, attribute), _canonical(resource.type, target.attribute)}
    return len(attributes) == 1 or (attributes <= _NAMES_AND_ARNS and _takes_name_or_arn(machine, name))


# The attribute that Ref gives: its primary identifier (CloudFormation, "Return values" of each type, and
# primaryIdentifier in the type's schema in its registry).
_REF = {
    **dict.fromkeys(MACHINES, "Arn"),
    **dict.fromkeys(QUALIFIERS, "Arn"),
    ACTIVITY: "Arn",
    BUS: "Name",
    QUEUE: "QueueUrl",
    TOPIC: "TopicArn",
    "AWS::ApiGateway::RestApi": "RestApiId",
    "AWS::Batch::JobDefinition": "JobDefinitionArn",
    "AWS::Batch::JobQueue": "JobQueueArn",
    "AWS::ECS::TaskDefinition": "TaskDefinitionArn",
    "AWS::Events::Connection": "Name",
    "AWS::KMS::Key": "KeyId",
    "AWS::Lambda::Alias": "AliasArn",
    "AWS::Lambda::Version": "FunctionArn",
    "AWS::SecretsManager::Secret": "Id",
    "AWS::SageMaker::Model": "Id",
}
# Parameters that take the name of a resource and its ARN, by the API reference of each service.
_NAME_OR_ARN = frozenset("Cluster EventBusName FunctionName JobDefinition JobQueue ProjectName TableName".split())
_NAMES_AND_ARNS = frozenset(("Arn", "Name", "TableName", "FunctionName", "QualifiedArn"))


def _canonical(type_: str, attribute: str) -> str:
    """An attribute's name, with the one that Ref gives in place of Ref."""
    if attribute != "Ref":
        return attribute
    return _REF.get(type_) or (KINDS[type_].named_by if type_ in KINDS else attribute)


def _takes_name_or_arn(machine: TemplateMachine, name: str) -> bool:
    """True if a placeholder stands only where a parameter takes a name and an ARN."""
    placeholder = f"${{{name}}}"
    fields = machine.definition.walk()
    taking = (
        _placeholders_for_either(state.fields.get(field), placeholder) for state in fields for field in _PARAMETERS
    )
    return sum(taking) == machine.definition.to_text().count(placeholder)


_PARAMETERS = ("Parameters", "Arguments")


def _placeholders_for_either(value: Json, placeholder: str) -> int:
    """The number of parameters in a value that have a placeholder and take a name and an ARN."""
    if isinstance(value, list):
        return sum(_placeholders_for_either(item, placeholder) for item in value)
    if not isinstance(value, dict):
        return 0
    own = [name for name in _NAME_OR_ARN if value.get(name) == placeholder]
    return len(own) + sum(_placeholders_for_either(item, placeholder) for item in value.values())
