"""Placeholders of definitions against what the template substitutes for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflow_dsl.agreement.common import direct, finding_at, substitution_keys, template_uses_macros
from workflow_dsl.agreement.references import matches_target, wrong_reference
from workflow_dsl.application.machines import Stack, TemplateMachine
from workflow_dsl.application.template import Template, references
from workflow_dsl.application.template.resource_types import (
    ACTIVITY,
    BUCKET,
    FUNCTIONS,
    KINDS,
    MACHINES,
    QUALIFIERS,
    QUEUE,
    TABLES,
    TOPIC,
)
from workflow_dsl.definition.calls import sites
from workflow_dsl.definition.json import Json, inside, leaves
from workflow_dsl.definition.machine import State, where_of
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Finding, Keys, Where, closest


def missing_substitutions(stack: Stack) -> Iterator[Finding]:
    for each in _with_substitutions(stack):
        given = {*stack.template.substitutions_of(each.resource.logical_id), *each.unknown}
        for name, where in _unsubstituted(each, given).items():
            if name in each.reference_targets and wrong_reference(stack.template, each.reference_targets[name]):
                continue
            logical_id = each.resource.logical_id
            message = f"{logical_id}: {where.in_definition} has ${{{name}}}, and there is no substitution for it"
            near = closest(name, given - each.placeholders)
            yield finding_at(
                stack, "MISSING_SUBSTITUTION", substitution_keys(each, name), message, near or _substitute(each, name)
            )


def _unsubstituted(each: TemplateMachine, given: set[str]) -> dict[str, Where]:
    """The placeholders that are a whole value or part of an ARN and stand for nothing, each where it comes first."""
    found: dict[str, Where] = {}
    for keys, text in leaves(each.written.document()):
        is_judged = isinstance(text, str) and (is_placeholder(text) or text.startswith("arn:"))
        # In a list, as of a command's words, and in a Result it may be meant as it stands.
        is_data = keys[-1] == "Comment" or isinstance(keys[-1], int) or "Result" in keys
        for name in placeholders_in(text) if is_judged and not is_data else ():
            if name not in given:
                found.setdefault(name, where_of(keys))
    return found


def _substitute(each: TemplateMachine, name: str) -> str:
    if name in each.reference_targets:
        return f"add {name}: {each.reference_targets[name].substitution} to DefinitionSubstitutions"
    if name.startswith("AWS::"):
        plain = name.removeprefix("AWS::")
        return f"write ${{{plain}}} in the definition, and {plain}: !Ref {name} in DefinitionSubstitutions"
    return f"add {name} to DefinitionSubstitutions"


def _with_substitutions(stack: Stack) -> list[TemplateMachine]:
    """The state machines whose substitutions all stand in the template."""
    if template_uses_macros(stack.template):
        return []
    return [each for each in stack.machines if stack.template.substitutions_are_static(each.resource.logical_id)]


def unused_substitutions(stack: Stack) -> Iterator[Finding]:
    for each in _with_substitutions(stack):
        given = stack.template.substitutions_of(each.resource.logical_id)
        for name in given if each.has_definition else ():
            if name not in each.placeholders:
                message = f"{each.resource.logical_id}: the definition has no placeholder ${{{name}}}"
                remedy = closest(name, each.placeholders - given.keys()) or f"take {name} away"
                yield finding_at(stack, "UNUSED_SUBSTITUTION", substitution_keys(each, name), message, remedy)


def unknown_references(stack: Stack) -> Iterator[Finding]:
    template = stack.template
    known = {*template.resources, *template.values.parameters}
    # SAM makes more beside its resources, whose names begin with theirs: roles, aliases, permissions, stages.
    made = [name for name, each in template.resources.items() if each.type.startswith("AWS::Serverless::")]
    for each in stack.machines if not template_uses_macros(template) else ():
        for keys, value in _given_values(each):
            for wanted in dict.fromkeys(references(value)):
                if wanted not in known and not wanted.startswith(("AWS::", "Serverless", *made)):
                    message = f"{each.resource.logical_id}: {keys[-1]} refers to {wanted}, which is not in the template"
                    remedy = closest(wanted, known) or "refer to one of its resources or parameters"
                    yield finding_at(stack, "UNKNOWN_REFERENCE", keys, message, remedy)


def _given_values(each: TemplateMachine) -> Iterator[tuple[Keys, Json]]:
    """The substitutions of a state machine, and its other properties, each with the keys to it."""
    for name, value in each.template.substitutions_of(each.resource.logical_id).items():
        yield substitution_keys(each, name), value
    for name, value in each.template.resources[each.resource.logical_id].properties.items():
        if name != "DefinitionSubstitutions":
            yield (*each.keys, "Properties", name), value


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a field takes: resources of some types, in words, and how it is written; not by these attributes."""

    types: tuple[str, ...]
    said: str
    written: str
    refused: tuple[str, ...] = ()  # "Ref" for Ref


_WANTED = {
    "Resource": _Wanted(
        (*FUNCTIONS, *QUALIFIERS, ACTIVITY), "the ARN of a function", "!GetAtt {}.Arn", ("Ref", "Name")
    ),
    "FunctionName": _Wanted((*FUNCTIONS, *QUALIFIERS), "a Lambda function", "!GetAtt {}.Arn"),
    "TableName": _Wanted(TABLES, "a table", "!Ref {}"),
    "QueueUrl": _Wanted((QUEUE,), "the URL of a queue", "!Ref {}", ("Arn", "QueueName")),
    "TopicArn": _Wanted((TOPIC,), "the ARN of a topic", "!Ref {}", ("TopicName",)),
    "StateMachineArn": _Wanted(MACHINES, "the ARN of a state machine", "!Ref {}", ("Name",)),
    "Bucket": _Wanted((BUCKET,), "the name of a bucket", "!Ref {}", ("Arn",)),
}


def wrong_resources(stack: Stack) -> Iterator[Finding]:
    for each in stack.machines:
        given = stack.template.substitutions_of(each.resource.logical_id)
        seen = set()
        for state, keys in _placed_placeholders(each) if given else ():
            [name], field = placeholders_in(inside(state.fields, keys)), str(keys[-1])
            if field in _WANTED and name in given and (name, field) not in seen and _is_as_meant(each, name, given):
                seen.add((name, field))
                yield from _wrong(stack, each, name, given[name], _WANTED[field], f'"{state.name}" {field}')


def _is_as_meant(each: TemplateMachine, name: str, given: Mapping[str, Json]) -> bool:
    """Whether a substitution is what its author means by it, as far as that is said; if not, that is the mistake."""
    return name not in each.reference_targets or matches_target(
        each.template, given[name], each.reference_targets[name]
    )


def _placed_placeholders(each: TemplateMachine) -> Iterator[tuple[State, Keys]]:
    """The states whose Resource, or the parameter that names what is called, is a placeholder, with the keys to it."""
    for state in each.written.walk():
        for site in sites(state):
            for keys in dict.fromkeys((site.resource, site.target)):
                if keys and is_placeholder(inside(state.fields, keys)):
                    yield state, keys


def _wrong(
    stack: Stack, each: TemplateMachine, name: str, value: Json, wanted: _Wanted, field: str
) -> Iterator[Finding]:
    """What is wrong with a substitution that is a plain Ref or GetAtt to a resource whose kind is known."""
    resource, attribute = direct(stack.template, value)
    if resource is None or resource.type not in KINDS:
        return
    kind, is_wanted = KINDS[resource.type], resource.type in wanted.types
    is_arn = attribute == "Ref" and kind.ref == "arn"
    if is_wanted and (is_arn or attribute not in wanted.refused):
        return
    ending = kind.ref.capitalize() if attribute == "Ref" else attribute
    what = "ARN" if ending.endswith("Arn") else "URL" if ending.endswith("Url") else "name"
    message = f"{each.resource.logical_id}: {name} is the {what} of {kind.noun}, and {field} takes {wanted.said}"
    remedy = (
        f"write {wanted.written.format(resource.logical_id)}" if is_wanted else _refer(stack.template, wanted, name)
    )
    yield finding_at(stack, "WRONG_RESOURCE", substitution_keys(each, name), message, remedy)


def _refer(template: Template, wanted: _Wanted, name: str) -> str:
    """What to write instead: the one resource of the right kind, or the one that the placeholder is named after."""
    fitting = [each.logical_id for each in template.of_types(*wanted.types)]
    meant = fitting if len(fitting) == 1 else [each for each in fitting if name.startswith(each)]
    return f"write {wanted.written.format(meant[0] if meant else 'NAME')}"
