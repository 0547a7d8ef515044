"""A template against its state machines, its functions and the project's workflows: do they agree?

Each check is a generator; its findings stand at the template's line and say what to write there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow_dsl.asl import Json, State, inside, leaves, where_of
from workflow_dsl.calls import sites
from workflow_dsl.codes import CODES
from workflow_dsl.deployment import Deployed, Stack
from workflow_dsl.expressions.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Finding, Key, Place, Where, closest
from workflow_dsl.handlers import find_handler
from workflow_dsl.permissions import missing_permissions, role_of, unneeded_permissions
from workflow_dsl.template import Resource, Template, references
from workflow_dsl.template.kinds import ACTIVITY, BUCKET, FUNCTIONS, KINDS, MACHINES, QUALIFIERS, QUEUE, TABLES, TOPIC
from workflow_dsl.template.triggers import triggers_of
from workflow_dsl.template.values import as_object, attribute_of, listed

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
    """Everything that a template, its state machines, its functions and its project disagree about.

    Where a substitution is wrong, nothing is called unused or unneeded that may be what it should stand for.
    """
    found = [finding for check in _CHECKS for finding in check(stack)] if stack.machines else []
    is_in_doubt = any(finding.code in _CAUSES for finding in found)
    return [finding for finding in found if not is_in_doubt or finding.code not in _CONSEQUENCES]


_CAUSES = ("MISSING_SUBSTITUTION", "UNKNOWN_REFERENCE", "WRONG_RESOURCE")
_CONSEQUENCES = ("UNUSED_SUBSTITUTION", "UNUSED_FUNCTION", "UNNEEDED_PERMISSION")


def missing_substitutions(stack: Stack) -> Iterator[Finding]:
    for each in _with_substitutions(stack):
        given = {*stack.template.substitutions_of(each.resource.logical_id), *each.unknown}
        for name, where in _unsubstituted(each, given).items():
            logical_id = each.resource.logical_id
            message = f"{logical_id}: {where.in_definition} has ${{{name}}}, and there is no substitution for it"
            near = closest(name, given - each.placeholders)
            yield _finding(stack, "MISSING_SUBSTITUTION", _substitution(each, name), message, near or _substitute(name))


def _unsubstituted(each: Deployed, given: set[str]) -> dict[str, Where]:
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


def _substitute(name: str) -> str:
    if name.startswith("AWS::"):
        plain = name.removeprefix("AWS::")
        return f"write ${{{plain}}} in the definition, and {plain}: !Ref {name} in DefinitionSubstitutions"
    return f"add {name} to DefinitionSubstitutions"


def _with_substitutions(stack: Stack) -> list[Deployed]:
    """The state machines whose substitutions all stand in the template."""
    if _has_macros(stack.template):
        return []
    return [each for each in stack.machines if stack.template.has_all_substitutions(each.resource.logical_id)]


def unused_substitutions(stack: Stack) -> Iterator[Finding]:
    for each in _with_substitutions(stack):
        given = stack.template.substitutions_of(each.resource.logical_id)
        for name in given if each.has_definition else ():
            if name not in each.placeholders:
                message = f"{each.resource.logical_id}: the definition has no placeholder ${{{name}}}"
                remedy = closest(name, each.placeholders - given.keys()) or f"take {name} away"
                yield _finding(stack, "UNUSED_SUBSTITUTION", _substitution(each, name), message, remedy)


def _substitution(each: Deployed, name: str) -> tuple[Key, ...]:
    return (*each.keys, "Properties", "DefinitionSubstitutions", name)


def unknown_references(stack: Stack) -> Iterator[Finding]:
    template = stack.template
    known = {*template.resources, *template.values.parameters}
    # SAM makes more beside its resources, whose names begin with theirs: roles, aliases, permissions, stages.
    made = [name for name, each in template.resources.items() if each.type.startswith("AWS::Serverless::")]
    for each in stack.machines if not _has_macros(template) else ():
        for keys, value in _given_values(each):
            for wanted in dict.fromkeys(references(value)):
                if wanted not in known and not wanted.startswith(("AWS::", "Serverless", *made)):
                    message = f"{each.resource.logical_id}: {keys[-1]} refers to {wanted}, which is not in the template"
                    remedy = closest(wanted, known) or "refer to one of its resources or parameters"
                    yield _finding(stack, "UNKNOWN_REFERENCE", keys, message, remedy)


def _given_values(each: Deployed) -> Iterator[tuple[tuple[Key, ...], Json]]:
    """The substitutions of a state machine, and its other properties, each with the keys to it."""
    for name, value in each.template.substitutions_of(each.resource.logical_id).items():
        yield _substitution(each, name), value
    for name, value in each.template.resources[each.resource.logical_id].properties.items():
        if name != "DefinitionSubstitutions":
            yield (*each.keys, "Properties", name), value


def _has_macros(template: Template) -> bool:
    """Whether something else than SAM adds to the template when it is deployed."""
    content = template.source.document
    transforms = listed(content.get("Transform"))
    is_own = any(each != "AWS::Serverless-2016-10-31" for each in transforms)
    return is_own or any(name.startswith("Fn::") for part in (content, content["Resources"]) for name in part)


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
            if field in _WANTED and name in given and (name, field) not in seen:
                seen.add((name, field))
                yield from _wrong(stack, each, name, given[name], _WANTED[field], f'"{state.name}" {field}')


def _placed_placeholders(each: Deployed) -> Iterator[tuple[State, tuple[Key, ...]]]:
    """The states whose Resource, or the parameter that names what is called, is a placeholder, with the keys to it."""
    for state in each.written.walk():
        for site in sites(state):
            for keys in dict.fromkeys((site.resource, site.target)):
                if keys and is_placeholder(inside(state.fields, keys)):
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
    ending = kind.ref.capitalize() if attribute == "Ref" else attribute
    what = "ARN" if ending.endswith("Arn") else "URL" if ending.endswith("Url") else "name"
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
    named = attribute_of(operand) if function == "Fn::GetAtt" else None
    return (template.resources.get(named[0]), named[1]) if named else (None, "")


def missing_handlers(stack: Stack) -> Iterator[Finding]:
    for code in stack.template.functions():
        keys: tuple[Key, ...] = ("Resources", code.logical_id, "Properties")
        given = stack.template.resources[code.logical_id].properties
        if not os.path.lexists(code.folder):
            message = f"{code.logical_id}: there is no folder {_shown(stack, code.folder)}"
            yield _finding(stack, "NO_CODE", (*keys, "CodeUri"), message, "write the function's code, or mend CodeUri")
        elif stack.template.known(given.get("Handler", "")) is not None:
            handler = find_handler(code)
            if handler.problem and handler.file:
                message = f"{code.logical_id}: {_shown(stack, handler.file)} {handler.problem}"
                yield _finding(stack, "NO_HANDLER", _handler(stack, code.logical_id), message, handler.remedy)


def _handler(stack: Stack, logical_id: str) -> tuple[Key, ...]:
    """The keys to a function's Handler: its own, or that of the Globals."""
    content = stack.template.source.document
    keys = ("Resources", logical_id, "Properties", "Handler")
    shared = ("Globals", "Function", "Handler")
    return shared if inside(content, keys) is None and inside(content, shared) is not None else keys


def _shown(stack: Stack, path: Path) -> str:
    """A path from the template's folder on."""
    folder = stack.template.path.parent
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def unused_functions(stack: Stack) -> Iterator[Finding]:
    if not all(each.has_definition for each in stack.machines):
        return
    used = _used(stack)
    for resource in stack.template.of_types(*FUNCTIONS):
        if resource.logical_id not in used:
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
            given, wanted = template.substitutions_of(name), deployed[name].placeholders
            properties["DefinitionSubstitutions"] = {key: each for key, each in given.items() if key in wanted}
        used |= {each for each in (*references(properties), *_connected(properties)) if each != name}
    for each in stack.machines:
        for state in each.local.walk():
            found = [template.resource_at(site.call.target or "", site.call.service) for site in sites(state)]
            used |= {resource.logical_id for resource in found if resource}
    exported = [each for each in as_object(content.get("Outputs")).values() if "Export" in as_object(each)]
    return used | set(references([exported, content.get("Globals"), content.get("Conditions")]))


def _connected(properties: Mapping[str, Json]) -> Iterator[str]:
    """The resources that a connector names by their Id."""
    for side in ("Source", "Destination"):
        for end in listed(properties.get(side)):
            if isinstance(end, dict) and isinstance(end.get("Id"), str):
                yield end["Id"]


def definitions_of_workflows(stack: Stack) -> Iterator[Finding]:
    """A workflow's state machine is deployed from the file it generates, and every workflow by one."""
    if stack.project is None:
        return
    project = stack.project
    names = {path.stem: path for path in project.workflow_files()}
    deployed = set()
    for each in stack.machines:
        path, name = each.resource.definition, each.workflow
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
    by_role: dict[str, list[Deployed]] = {}
    for each in stack.machines if not _has_macros(stack.template) else ():
        by_role.setdefault(role_of(stack.template, each.resource.logical_id) or "", []).append(each)
        for gap in missing_permissions(each):
            code = "MISSING_PERMISSION" if gap.level == "must" else "INCOMPLETE_PERMISSION"
            yield _finding(stack, code, gap.keys, gap.message, gap.remedy)
    for sharing in by_role.values():
        for gap in unneeded_permissions(sharing):
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
