"""What authors mean by their placeholders, `function("StockBuyerFunction")`, against what the template says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workflow_dsl.agreement.common import direct, finding_at, substitution_keys, template_uses_macros
from workflow_dsl.application.machines import Stack
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
from workflow_dsl.findings import CATALOG, Finding, Where, closest

# The types of resource that each of authoring's references is for; resource() is for any.
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


def check_references(stack: Stack) -> Iterator[Finding]:
    for machine in stack.undeployed if not template_uses_macros(stack.template) else ():
        found = (wrong_reference(stack.template, meant) for meant in machine.reference_targets.values())
        yield from (wrong for wrong in found if wrong)
    for each in stack.machines if not template_uses_macros(stack.template) else ():
        given = stack.template.substitutions_of(each.resource.logical_id)
        for name, meant in each.reference_targets.items():
            wrong = wrong_reference(stack.template, meant)
            keys = substitution_keys(each, name)
            if wrong:
                yield replace(wrong, where=Where(keys, place=meant.place))
            elif name in given and not matches_target(stack.template, given[name], meant):
                message = f"{each.resource.logical_id}: the workflow means {meant.substitution} by {name}, not this"
                remedy = f"write {name}: {meant.substitution}"
                yield finding_at(stack, "WRONG_RESOURCE", keys, message, remedy)


def wrong_reference(template: Template, meant: ReferenceTarget) -> Finding | None:
    """What is wrong with a reference itself: nothing of this name is in the template, or something else is."""
    said, types = f'{meant.kind}("{meant.logical_id}")', _TYPES.get(meant.kind, ())
    if meant.kind == "parameter":
        known = [*template.values.parameters]
        is_there = meant.logical_id in known or meant.logical_id.startswith("AWS::")
    else:
        known = [each.logical_id for each in (template.of_types(*types) if types else template.resources.values())]
        # SAM makes more beside its resources, whose names begin with theirs: roles, aliases, versions.
        made = [name for name, each in template.resources.items() if each.type.startswith("AWS::Serverless::")]
        is_there = meant.logical_id in template.resources or meant.logical_id.startswith(tuple(made))
    if not is_there:
        remedy = closest(meant.logical_id, known) or f"name one that is there, or add {meant.logical_id} to it"
        return _finding("UNKNOWN_REFERENCE", meant, f"{said} is not in {template.path.name}", remedy)
    resource = template.resources.get(meant.logical_id)
    if resource and types and resource.type not in types:
        fitting = next((kind for kind, of_kind in _TYPES.items() if resource.type in of_kind), "resource")
        noun = KINDS[resource.type].noun if resource.type in KINDS else f"of type {resource.type}"
        remedy = f'write {fitting}("{meant.logical_id}")'
        return _finding("WRONG_RESOURCE", meant, f"{said} is {noun} in {template.path.name}", remedy)
    return None


def _finding(code: str, meant: ReferenceTarget, message: str, remedy: str) -> Finding:
    return Finding(code, CATALOG[code][0], Where(place=meant.place), message, remedy)


def matches_target(template: Template, value: Json, meant: ReferenceTarget) -> bool:
    """Whether a substitution gives what is meant; one that is more than a plain Ref or GetAtt may."""
    resource, attribute = direct(template, value)
    if resource is None:
        named = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else None
        is_other = named in template.values.parameters or meant.kind == "parameter"
        return not (isinstance(named, str) and is_other) or named == meant.logical_id
    return resource.logical_id == meant.logical_id and _plain(resource.type, attribute) == _plain(
        resource.type, meant.attribute
    )


def _plain(type_: str, attribute: str) -> str:
    """An attribute, with ARN for whatever gives the resource's ARN."""
    if attribute != "Ref" or type_ not in (*QUALIFIERS, *KINDS):
        return attribute
    given = "arn" if type_ in QUALIFIERS else KINDS[type_].ref
    return {"arn": "Arn", "url": "QueueUrl"}.get(given) or KINDS[type_].named_by
