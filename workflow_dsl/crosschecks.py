"""A template against its state machines, its functions and the project's workflows: do they agree?

Each check is a generator; its findings stand at the template's line and say what to write there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workflow_dsl.asl import Json, State, leaves, where_of
from workflow_dsl.calls import dug, sites
from workflow_dsl.deployment import Deployed, Stack
from workflow_dsl.expressions.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Finding, Key, Place, Where, closest
from workflow_dsl.handlers import find_handler
from workflow_dsl.permissions import missing_permissions, unneeded_permissions
from workflow_dsl.template import Resource, Template, references
from workflow_dsl.template.kinds import ACTIVITY, BUCKET, FUNCTIONS, KINDS, MACHINES, QUALIFIERS, QUEUE, TABLES, TOPIC
from workflow_dsl.template.triggers import triggers_of

CODES: Mapping[str, tuple[Literal["error", "warning"], str]] = {
    "NO_HANDLER": ("error", "a function's handler is not in its file"),
    "NO_CODE": ("warning", "a function's folder is not there"),
    "MISSING_SUBSTITUTION": ("error", "a placeholder of a definition has no substitution"),
    "UNKNOWN_REFERENCE": ("error", "a substitution refers to what is not in the template"),
    "WRONG_RESOURCE": ("error", "a substitution stands for another kind of thing than the definition needs there"),
    "UNUSED_SUBSTITUTION": ("warning", "a substitution is for no placeholder of the definition"),
    "UNUSED_FUNCTION": ("warning", "no state machine, event or resource uses a function"),
    "NOT_GENERATED": ("warning", "a state machine is not deployed from the file that its workflow generates"),
    "NOT_DEPLOYED": ("warning", "no state machine of the template is deployed from a workflow"),
    "MISSING_PERMISSION": ("error", "a role lacks an action that a state needs"),
    "INCOMPLETE_PERMISSION": ("warning", "a role lacks an action to follow a job, to stop it, or to leave a trace"),
    "UNNEEDED_PERMISSION": ("warning", "a role has actions that no state needs"),
}
# What can be left out: every warning, and what a role is given somewhere else for all that is known here.
OPTIONAL = frozenset({"MISSING_PERMISSION", *(code for code, (severity, _) in CODES.items() if severity == "warning")})
_Check = Callable[[Stack], Iterator[Finding]]


def _finding(stack: Stack, code: str, keys: tuple[Key, ...], message: str, remedy: str) -> Finding:
    """A finding at what keys lead to in the template, or at the innermost thing around it that is there."""
    return Finding(code, CODES[code][0], Where(keys, place=stack.template.place_around(*keys)), message, remedy)


def in_doubt(findings: Iterable[Finding]) -> dict[str, set[str]]:
    """For each state machine the placeholders that a finding is about: no other is made of what they stand for."""
    doubted: dict[str, set[str]] = {}
    for finding in findings:
        match finding.where.keys:
            case ("Resources", str(machine), "Properties", "DefinitionSubstitutions", str(name)):
                doubted.setdefault(machine, set()).add(name)
    return doubted


def cross_check(stack: Stack) -> list[Finding]:
    """Everything that a template, its state machines, its functions and its project disagree about."""
    return [finding for check in _CHECKS for finding in check(stack)] if stack.machines else []


def missing_substitutions(stack: Stack) -> Iterator[Finding]:
    for each in stack.machines:
        given = {*stack.template.substitutions_of(each.resource.logical_id), *each.unknown}
        for name, where in _unsubstituted(each, given).items():
            logical_id = each.resource.logical_id
            message = f"{logical_id}: {where.in_definition} has ${{{name}}}, and there is no substitution for it"
            near = closest(name, given - _placeholders(each))
            yield _finding(stack, "MISSING_SUBSTITUTION", _substitution(each, name), message, near or _substitute(name))


def _unsubstituted(each: Deployed, given: set[str]) -> dict[str, Where]:
    """The placeholders that are a whole value or part of an ARN and stand for nothing, each where it comes first."""
    found: dict[str, Where] = {}
    for keys, text in leaves(each.written.document()):
        is_judged = isinstance(text, str) and (is_placeholder(text) or text.startswith("arn:"))
        for name in placeholders_in(text) if is_judged and keys[-1] != "Comment" else ():
            if name not in given:
                found.setdefault(name, where_of(keys))
    return found


def _substitute(name: str) -> str:
    if name.startswith("AWS::"):
        plain = name.removeprefix("AWS::")
        return f"write ${{{plain}}} in the definition, and {plain}: !Ref {name} in DefinitionSubstitutions"
    return f"add {name} to DefinitionSubstitutions"


def unused_substitutions(stack: Stack) -> Iterator[Finding]:
    for each in stack.machines:
        used = _placeholders(each)
        given = stack.template.substitutions_of(each.resource.logical_id)
        for name in given if each.has_definition else ():
            if name not in used:
                message = f"{each.resource.logical_id}: the definition has no placeholder ${{{name}}}"
                remedy = closest(name, used - given.keys()) or f"take {name} away"
                yield _finding(stack, "UNUSED_SUBSTITUTION", _substitution(each, name), message, remedy)


def _placeholders(each: Deployed) -> set[str]:
    return set(placeholders_in(json.dumps(each.written.document(), ensure_ascii=False)))


def _substitution(each: Deployed, name: str) -> tuple[Key, ...]:
    return (*each.keys, "Properties", "DefinitionSubstitutions", name)


def unknown_references(stack: Stack) -> Iterator[Finding]:
    template = stack.template
    known = {*template.resources, *template.values.parameters}
    for each in stack.machines if not _has_macros(template) else ():
        for keys, value in _given_values(each):
            for wanted in dict.fromkeys(references(value)):
                if wanted not in known and not wanted.startswith(("AWS::", "Serverless", *template.resources)):
                    message = f"{each.resource.logical_id}: {keys[-1]} refers to {wanted}, which is not in the template"
                    remedy = closest(wanted, known) or "refer to one of its resources or parameters"
                    yield _finding(stack, "UNKNOWN_REFERENCE", keys, message, remedy)


def _given_values(each: Deployed) -> Iterator[tuple[tuple[Key, ...], Json]]:
    """The substitutions of a state machine and its inline definition, each with the keys to it."""
    for name, value in each.template.substitutions_of(each.resource.logical_id).items():
        yield _substitution(each, name), value
    properties = each.template.resources[each.resource.logical_id].properties
    for field in ("Definition", "DefinitionString"):
        if field in properties:
            yield (*each.keys, "Properties", field), properties[field]


def _has_macros(template: Template) -> bool:
    """Whether something else than SAM adds to the template when it is deployed."""
    content = template.source.document
    transforms = content.get("Transform", [])
    named = transforms if isinstance(transforms, list) else [transforms]
    return "Fn::Transform" in content or any(each != "AWS::Serverless-2016-10-31" for each in named)


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
            [name], field = placeholders_in(dug(state.fields, keys)), str(keys[-1])
            if field in _WANTED and name in given and (name, field) not in seen:
                seen.add((name, field))
                yield from _wrong(stack, each, name, given[name], _WANTED[field], f'"{state.name}" {field}')


def _placed_placeholders(each: Deployed) -> Iterator[tuple[State, tuple[Key, ...]]]:
    """The states whose Resource, or the parameter that names what is called, is a placeholder, with the keys to it."""
    for state in each.written.walk():
        for site in sites(state):
            for keys in dict.fromkeys((site.resource, site.target)):
                if keys and is_placeholder(dug(state.fields, keys)):
                    yield state, keys


def _wrong(stack: Stack, each: Deployed, name: str, value: Json, wanted: _Wanted, field: str) -> Iterator[Finding]:
    """What is wrong with a substitution that is a plain Ref or GetAtt to a resource whose kind is known."""
    resource, attribute = _direct(stack.template, value)
    if resource is None or resource.type not in KINDS:
        return
    kind, is_wanted = KINDS[resource.type], resource.type in wanted.types
    is_arn = attribute == "Ref" and kind.ref == "arn"
    if is_wanted and (is_arn or attribute not in wanted.refused):
        return
    what = "ARN" if is_arn or attribute == "Arn" else "URL" if kind.ref == "url" and attribute == "Ref" else "name"
    message = f"{each.resource.logical_id}: {name} is the {what} of {kind.noun}, and {field} takes {wanted.said}"
    remedy = (
        f"write {wanted.written.format(resource.logical_id)}" if is_wanted else _refer(stack.template, wanted, name)
    )
    yield _finding(stack, "WRONG_RESOURCE", _substitution(each, name), message, remedy)


def _refer(template: Template, wanted: _Wanted, name: str) -> str:
    """What to write instead: the one resource of the right kind, or the one that the placeholder is named after."""
    fitting = [each.logical_id for each in template.of_types(*wanted.types)]
    meant = fitting if len(fitting) == 1 else [each for each in fitting if name.startswith(each)]
    return f"write {wanted.written.format(meant[0] if meant else 'NAME')}"


def _direct(template: Template, value: Json) -> tuple[Resource | None, str]:
    """The resource and the attribute of a plain Ref or GetAtt."""
    if not isinstance(value, dict) or len(value) != 1:
        return None, ""
    [(function, operand)] = value.items()
    if function == "Ref" and isinstance(operand, str):
        return template.resources.get(operand), "Ref"
    if function == "Fn::GetAtt":
        parts = operand.split(".", 1) if isinstance(operand, str) else operand
        if isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts):
            return template.resources.get(parts[0]), parts[1]
    return None, ""


def missing_handlers(stack: Stack) -> Iterator[Finding]:
    for code in stack.template.functions():
        keys = ("Resources", code.logical_id, "Properties")
        if not code.folder.exists():
            message = f"{code.logical_id}: there is no folder {_shown(stack, code.folder)}"
            yield _finding(stack, "NO_CODE", (*keys, "CodeUri"), message, "write the function's code, or mend CodeUri")
            continue
        handler = find_handler(code)
        if handler.problem and handler.file:
            message = f"{code.logical_id}: {_shown(stack, handler.file)} {handler.problem}"
            yield _finding(stack, "NO_HANDLER", (*keys, "Handler"), message, handler.remedy)


def _shown(stack: Stack, path: Path) -> str:
    """A path from the template's folder on."""
    folder = stack.template.path.parent
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def unused_functions(stack: Stack) -> Iterator[Finding]:
    is_known = all(each.has_definition for each in stack.machines)
    used = _used(stack) if is_known else {}
    for resource in stack.template.of_types(*FUNCTIONS):
        if is_known and resource.logical_id not in used:
            message = f"no state machine, event or resource uses {resource.logical_id}"
            remedy = "call it from a state, or take it out of the template"
            yield _finding(stack, "UNUSED_FUNCTION", ("Resources", resource.logical_id), message, remedy)


def _used(stack: Stack) -> set[str]:
    """The resources that are called by a state, started by an event, or referred to where it is more than a right."""
    template, content = stack.template, stack.template.source.document
    used = {trigger.target for trigger in triggers_of(template)}
    deployed = {each.resource.logical_id: each for each in stack.machines}
    for name, resource in template.resources.items():
        if resource.type.startswith(("AWS::IAM::", "AWS::Logs::")):
            continue
        properties = {field: value for field, value in resource.properties.items() if field != "Policies"}
        if name in deployed and deployed[name].has_definition:
            given, wanted = template.substitutions_of(name), _placeholders(deployed[name])
            properties["DefinitionSubstitutions"] = {key: each for key, each in given.items() if key in wanted}
        used |= {each for each in (*references(properties), *_connected(properties)) if each != name}
    for each in stack.machines:
        for state in each.local.walk():
            found = [template.resource_at(site.call.target or "", site.call.service) for site in sites(state)]
            used |= {resource.logical_id for resource in found if resource}
    exported = [each for each in _objects(content.get("Outputs")) if "Export" in each]
    return used | set(references([exported, content.get("Globals"), content.get("Conditions")]))


def _connected(properties: Mapping[str, Json]) -> Iterator[str]:
    """The resources that a connector names by their Id."""
    for side in ("Source", "Destination"):
        ends = properties.get(side)
        for end in ends if isinstance(ends, list) else [ends]:
            if isinstance(end, dict) and isinstance(end.get("Id"), str):
                yield end["Id"]


def _objects(value: Json) -> list[dict[str, Json]]:
    return [each for each in value.values() if isinstance(each, dict)] if isinstance(value, dict) else []


def definitions_of_workflows(stack: Stack) -> Iterator[Finding]:
    """A workflow's state machine is deployed from the file it generates, and every workflow by one."""
    if stack.project is None:
        return
    project = stack.project
    names = {path.stem: path for path in project.workflow_files()}
    deployed = set()
    for each in stack.machines:
        path = each.resource.definition
        name = path.name.removesuffix(".asl.json") if isinstance(path, Path) else ""
        if not isinstance(path, Path) or name not in names:
            continue
        deployed.add(name)
        generated = project.generated_file(name)
        if path.resolve() != generated.resolve():
            message = f"{each.resource.logical_id} is deployed from another file than the workflow {name} generates"
            remedy = f"write DefinitionUri: {_shown(stack, generated)}"
            yield _finding(stack, "NOT_GENERATED", (*each.keys, "Properties", "DefinitionUri"), message, remedy)
    for name, path in names.items():
        if name not in deployed:
            message = f"no state machine of the template is deployed from {project.shown(path)}"
            remedy = f"give one DefinitionUri: {_shown(stack, project.generated_file(name))}"
            where = Where(place=Place(stack.template.source.file))
            yield Finding("NOT_DEPLOYED", CODES["NOT_DEPLOYED"][0], where, message, remedy)


def permissions(stack: Stack) -> Iterator[Finding]:
    for each in stack.machines:
        for gap in missing_permissions(each):
            code = "MISSING_PERMISSION" if gap.level == "must" else "INCOMPLETE_PERMISSION"
            yield _finding(stack, code, gap.keys, gap.message, gap.remedy)
        others = [other for other in stack.machines if other is not each]
        for gap in unneeded_permissions(each, others):
            yield _finding(stack, "UNNEEDED_PERMISSION", gap.keys, gap.message, gap.remedy)


_CHECKS: tuple[_Check, ...] = (
    definitions_of_workflows,
    missing_substitutions,
    unknown_references,
    wrong_resources,
    unused_substitutions,
    missing_handlers,
    unused_functions,
    permissions,
)
