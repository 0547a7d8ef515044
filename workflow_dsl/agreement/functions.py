"""Functions, workflows and permissions: whether what is there is used, and what is needed is there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow_dsl.agreement.common import finding_at, shown, template_uses_macros
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.machines import Stack, TemplateMachine
from workflow_dsl.application.template import references
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.application.template.triggers import triggers_of
from workflow_dsl.application.template.values import as_list, dict_or_empty
from workflow_dsl.definition.calls import sites
from workflow_dsl.definition.json import Json, inside
from workflow_dsl.findings import CATALOG, Finding, Keys, Place, Where
from workflow_dsl.permissions import missing_permissions, role_of, unneeded_permissions


def missing_handlers(stack: Stack) -> Iterator[Finding]:
    for code in stack.template.functions():
        keys: Keys = ("Resources", code.logical_id, "Properties")
        given = stack.template.resources[code.logical_id].properties
        if not os.path.lexists(code.folder):
            message = f"{code.logical_id}: there is no folder {shown(stack, code.folder)}"
            yield finding_at(
                stack, "NO_CODE", (*keys, "CodeUri"), message, "write the function's code, or mend CodeUri"
            )
        elif stack.template.known(given.get("Handler", "")) is not None:
            handler = find_handler(code)
            if handler.problem and handler.file:
                message = f"{code.logical_id}: {shown(stack, handler.file)} {handler.problem}"
                yield finding_at(stack, "NO_HANDLER", _handler(stack, code.logical_id), message, handler.remedy)


def _handler(stack: Stack, logical_id: str) -> Keys:
    """The keys to a function's Handler: its own, or that of the Globals."""
    content = stack.template.source.document
    keys = ("Resources", logical_id, "Properties", "Handler")
    shared = ("Globals", "Function", "Handler")
    return shared if inside(content, keys) is None and inside(content, shared) is not None else keys


def unused_functions(stack: Stack) -> Iterator[Finding]:
    if not all(each.has_definition for each in stack.machines):
        return
    used = _used(stack)
    for resource in stack.template.of_types(*FUNCTIONS):
        if resource.logical_id not in used:
            message = f"no state machine, event or resource uses {resource.logical_id}"
            remedy = "call it from a state, or take it out of the template"
            yield finding_at(stack, "UNUSED_FUNCTION", ("Resources", resource.logical_id), message, remedy)


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
    used |= {meant.logical_id for machine in stack.undeployed for meant in machine.reference_targets.values()}
    for each in stack.machines:
        for state in each.local.walk():
            found = [template.resource_at(site.call.target or "", site.call.service) for site in sites(state)]
            used |= {resource.logical_id for resource in found if resource}
    exported = [each for each in dict_or_empty(content.get("Outputs")).values() if "Export" in dict_or_empty(each)]
    return used | set(references([exported, content.get("Globals"), content.get("Conditions")]))


def _connected(properties: Mapping[str, Json]) -> Iterator[str]:
    """The resources that a connector names by their Id."""
    for side in ("Source", "Destination"):
        for end in as_list(properties.get(side)):
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
            remedy = f"write DefinitionUri: {shown(stack, generated)}"
            yield finding_at(stack, "NOT_GENERATED", (*each.keys, "Properties", "DefinitionUri"), message, remedy)
    for name, path in names.items():
        if name not in deployed:
            message = f"no state machine of the template is deployed from {project.shown(path)}"
            remedy = f"give one DefinitionUri: {shown(stack, project.generated_file(name))}"
            where = Where(place=Place(stack.template.source.file))
            yield Finding("NOT_DEPLOYED", CATALOG["NOT_DEPLOYED"][0], where, message, remedy)


def permissions(stack: Stack) -> Iterator[Finding]:
    by_role: dict[str, list[TemplateMachine]] = {}
    for each in stack.machines if not template_uses_macros(stack.template) else ():
        by_role.setdefault(role_of(stack.template, each.resource.logical_id) or "", []).append(each)
        for gap in missing_permissions(each):
            code = "MISSING_PERMISSION" if gap.level == "must" else "INCOMPLETE_PERMISSION"
            yield finding_at(stack, code, gap.keys, gap.message, gap.remedy)
    for sharing in by_role.values():
        for gap in unneeded_permissions(sharing):
            yield finding_at(stack, "UNNEEDED_PERMISSION", gap.keys, gap.message, gap.remedy)
