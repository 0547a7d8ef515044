"""The template's functions: whether their handlers exist, and whether anything uses them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from workflow_dsl.agreement.common import as_note, finding_at, from_template
from workflow_dsl.agreement.function_code.handler_parameters import parameter_problem
from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.python_imports import missing_import
from workflow_dsl.application.template import FunctionCode, Resource, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.application.template.triggers import triggers_of
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.placeholders import placeholders_in
from workflow_dsl.findings import Finding, Keys, short_list


def missing_handlers(application: Application) -> Iterator[Finding]:
    """Functions whose folder is missing, and handlers that their file does not define."""
    template = application.template
    without_code: dict[Path, list[FunctionCode]] = {}
    for code in template.functions():
        handler_name = template.resources[code.logical_id].properties.get("Handler", "")
        if not os.path.lexists(code.folder):
            without_code.setdefault(_outermost_missing(code.folder), []).append(code)
        elif code.folder.suffix in _SOURCES and code.folder.is_file():
            message = f"{code.logical_id}: CodeUri is the file {from_template(application, code.folder)}"
            at: Keys = ("Resources", code.logical_id, "Properties", "CodeUri")
            yield finding_at(application, "NO_CODE", at, message, "write its folder, and the file in Handler")
        elif template.known(handler_name) is not None:
            keys = _handler_keys(application, code.logical_id)
            for where, problem, remedy in _handler_problems(application, code):
                message = f"{code.logical_id}: {where} {problem}"
                yield finding_at(application, "NO_HANDLER", keys, message, remedy)
    yield from _without_code(application, without_code)


def _handler_problems(application: Application, code: FunctionCode) -> Iterator[tuple[str, str, str]]:
    """The place, the problem and the remedy of a handler that Lambda cannot import or call."""
    handler = find_handler(code)
    if handler.file is None:
        return
    shown, name = from_template(application, handler.file), code.handler.rpartition(".")[2]
    missing = None if handler.problem else missing_import(code, handler.file)
    is_python = handler.file.suffix == ".py" and not handler.problem
    if handler.problem:
        yield shown, handler.problem, handler.remedy
    elif missing:
        yield f"{shown}:{missing.line}", missing.message, missing.remedy
    elif is_python and (problem := parameter_problem(handler.file, name)):
        yield f"{shown}:{handler.line}", problem, f"write def {name}(event, context)"


def _outermost_missing(folder: Path) -> Path:
    """The outermost folder of a path that does not exist."""
    path = Path(os.path.normpath(folder))
    while path.parent != path and not os.path.lexists(path.parent):
        path = path.parent
    return path


_SOURCES = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb")
# Files beside a template whose tools write the folders that CodeUri names.
_BUILDS = ("package.json", "tsconfig.json", "Makefile", "build.gradle", "pom.xml", "Cargo.toml", "go.mod", "build.sh")
# Names of folders and ends of files that tools write.
_OUTPUTS = frozenset(("dist", "build", "target", "out", "bin", "publish", ".aws-sam", ".build", ".webpack", ".esbuild"))
_PACKAGES = (".zip", ".jar", ".war")


def _without_code(application: Application, functions: Mapping[Path, list[FunctionCode]]) -> Iterator[Finding]:
    """One finding for each folder that does not exist, or one for all where a build seems to write them.

    What a build writes is a note: it is missing only until then.
    """
    folder = application.template.path.parent
    build = next((name for name in _BUILDS if (folder / name).is_file()), None)
    groups = [*functions.items()]
    if build and len(groups) > 1:
        groups = [(groups[0][0], [code for _, codes in groups for code in codes])]
    for missing, codes in groups:
        ids = [code.logical_id for code in codes]
        shown = from_template(application, codes[0].folder if len(codes) == 1 else missing)
        kind = "file" if codes[0].folder.suffix in _PACKAGES else "folder"
        folders = f"the {kind} {shown} does not exist" if build is None or len(functions) == 1 else _not_built(codes)
        message = f"{short_list(ids, most=4)}: {folders}"
        remedy = "write the function's code, or fix CodeUri"
        if len(codes) > 1 or build:
            remedy = f"build the code first{f': {build} is in the template folder' if build else ''}, or fix CodeUri"
        found = finding_at(application, "NO_CODE", ("Resources", ids[0], "Properties", "CodeUri"), message, remedy)
        yield as_note(found) if build or all(map(_is_built, codes)) else found


def _is_built(code: FunctionCode) -> bool:
    """True if a function's code is, by its name, in a folder or a file that a build writes."""
    return not _OUTPUTS.isdisjoint(code.folder.parts) or code.folder.suffix in _PACKAGES


def _not_built(functions: Sequence[FunctionCode]) -> str:
    return "its folder does not exist" if len(functions) == 1 else f"the {len(functions)} folders do not exist"


def _handler_keys(application: Application, logical_id: str) -> Keys:
    """The keys to a function's Handler: its own, or that of the Globals."""
    content = application.template.source.document
    own, shared = ("Resources", logical_id, "Properties", "Handler"), ("Globals", "Function", "Handler")
    return shared if value_at(content, own) is None and value_at(content, shared) is not None else own


def unused_functions(application: Application) -> Iterator[Finding]:
    """Functions that no state, event or other resource uses; a note for those that no state machine may call either.

    A person may run such a function by hand.
    """
    machines = application.machines
    if not all(machine.has_definition for machine in machines) or any(map(_may_call_any_function, machines)):
        return
    used, meant = _used(application), _meant_for_machines(application)
    for resource in application.template.of_types(*FUNCTIONS):
        if resource.logical_id not in used:
            message = f"no state machine, event or resource uses {resource.logical_id}"
            remedy = "call it from a state, or ignore UNUSED_FUNCTION if something outside the template calls it"
            found = finding_at(application, "UNUSED_FUNCTION", ("Resources", resource.logical_id), message, remedy)
            yield found if resource.logical_id in meant else as_note(found)


def _meant_for_machines(application: Application) -> set[str]:
    """Resources that a state machine, its policies or a role refer to."""
    resources = [*application.template.resources.values()]
    referring = [each for each in resources if each.type in MACHINES or each.type.startswith("AWS::IAM::")]
    return {name for each in referring for name in references(each.properties)}


def _may_call_any_function(machine: TemplateMachine) -> bool:
    """True if the input of a state names the function that it calls."""
    calls = (site.call for state in machine.definition.walk() for site in call_sites(state))
    return any((call.service, call.action) == ("lambda", "invoke") and call.target is None for call in calls)


def _used(application: Application) -> set[str]:
    """Resources that a state calls, an event starts, or another resource references, IAM policies and logs aside."""
    template, content = application.template, application.template.source.document
    machines = {machine.logical_id: machine for machine in application.machines}
    used = {trigger.target for trigger in triggers_of(template)}
    for resource in (*template.resources.values(), *template.loops):
        name = resource.logical_id
        if not resource.type.startswith(("AWS::IAM::", "AWS::Logs::")):
            properties = _own_properties(resource, machines.get(name))
            used |= {other for other in (*references(properties), *_connected(properties)) if other != name}
    used |= {target.logical_id for machine in application.undeployed for target in machine.reference_targets.values()}
    named = tuple(_placeholders_of_undeployed(application))
    used |= {name for name in template.resources if any(placeholder.startswith(name) for placeholder in named)}
    for machine in application.machines:
        calls = [site.call for state in machine.with_local_values.walk() for site in call_sites(state)]
        called = [template.resource_at(call.target or "", call.service) for call in calls]
        used |= {resource.logical_id for resource in called if resource}
    exported = [each for each in dict_or_empty(content.get("Outputs")).values() if "Export" in dict_or_empty(each)]
    return used | set(references([exported, content.get("Globals"), content.get("Conditions")]))


def _placeholders_of_undeployed(application: Application) -> Iterator[str]:
    """The placeholders in the generated files of workflows that the template does not deploy yet.

    They are named after what they stand for. `validate` compiles no workflow, and finds the same as `generate`.
    """
    for name in application.workflow_files if application.project else ():
        machine = application.machine_of_workflow(name)
        file = application.project.generated_file(name) if application.project else None
        if file and file.is_file() and not (machine and machine.is_in_template):
            with suppress(OSError, ValueError):  # `generate` says that it is out of date
                yield from placeholders_in(read_text(file))


def _own_properties(resource: Resource, machine: TemplateMachine | None) -> dict[str, Json]:
    """A resource's properties without policies; of a state machine only the substitutions that its definition uses."""
    properties = {field: value for field, value in resource.properties.items() if field != "Policies"}
    if machine and machine.has_definition:
        substitutions = machine.template.substitutions_of(machine.logical_id)
        used = {key: value for key, value in substitutions.items() if key in machine.placeholders}
        properties["DefinitionSubstitutions"] = used
    return properties


def _connected(properties: Mapping[str, Json]) -> Iterator[str]:
    """The resources that a connector names by their Id."""
    for side in ("Source", "Destination"):
        for end in as_list(properties.get(side)):
            if isinstance(end, dict) and isinstance(end.get("Id"), str):
                yield end["Id"]
