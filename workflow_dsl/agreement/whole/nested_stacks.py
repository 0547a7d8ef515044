"""Nested stacks whose templates are files of the project: the file, its parameters and its outputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.common import finding_at, template_uses_macros
from workflow_dsl.agreement.whole.parameters import refusal
from workflow_dsl.application.application import Application
from workflow_dsl.application.definition_files import names_in_folder, nearest
from workflow_dsl.application.template import Resource, Template, read_template
from workflow_dsl.application.template.attributes import attribute_references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Keys, did_you_mean, short_list

# The property with the template of each type; `sam package` takes a path there (SAM CLI reference, "sam package").
_FILES = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def wrong_nested_stacks(application: Application) -> Iterator[Finding]:
    """Nested stacks that CloudFormation refuses: no such file, a wrong or a missing parameter, an unknown output.

    CloudFormation template reference, "AWS::CloudFormation::Stack".
    """
    template = application.template
    for stack in template.of_types(*_FILES) if not template_uses_macros(template) else ():
        keys: Keys = ("Resources", stack.logical_id, "Properties", _FILES[stack.type])
        path = _file_of(template, stack)
        if path is None:
            continue
        if path.name not in names_in_folder(path.parent):
            message = f"{stack.logical_id}: {keys[-1]} names {path.name}, which does not exist"
            remedy = nearest(path, template.path.parent) or "write the path from the template's folder"
            yield finding_at(application, "TEMPLATE", keys, message, remedy)
            continue
        try:
            nested = read_template(path)
        except (FindingsError, OSError):
            continue  # it is not a template yet, or an argument names it
        if not template_uses_macros(nested):
            yield from _wrong_parameters(application, stack, nested)
            yield from _unknown_outputs(application, stack, nested)


def _file_of(template: Template, stack: Resource) -> Path | None:
    """The file with a nested stack's template; None if it is elsewhere, or in a folder that only a build creates."""
    name = stack.properties.get(_FILES[stack.type])
    if not isinstance(name, str) or not name.strip() or any(each in name for each in ("://", "{{", "${", "\0")):
        return None
    path = template.path.parent / name
    is_built = any(part in path.name.lower() for part in ("packaged", "output", "generated", "transformed"))
    return path if names_in_folder(path.parent) and not is_built else None


def _wrong_parameters(application: Application, stack: Resource, nested: Template) -> Iterator[Finding]:
    given = stack.properties.get("Parameters", {})
    if not isinstance(given, dict) or is_intrinsic(given) or any(name.startswith("Fn::") for name in given):
        return
    declared = dict_or_empty(nested.source.document.get("Parameters"))
    keys: Keys = ("Resources", stack.logical_id, "Properties", "Parameters")
    unknown = [name for name in given if name not in declared]
    for name in unknown:
        message = f"{stack.logical_id}: {nested.path.name} has no parameter {name}"
        remedy = did_you_mean(name, declared) or f"remove {name}, or declare it in {nested.path.name}"
        yield finding_at(application, "UNKNOWN_REFERENCE", (*keys, name), message, remedy)
    for name, value in given.items():
        problem = _refusal(application.template, dict_or_empty(declared.get(name)), value)
        if problem:
            message = f"{stack.logical_id}: {name} {problem[0]} in {nested.path.name}"
            yield finding_at(application, problem[1], (*keys, name), message, "write a value that it takes")
    required = [name for name, each in declared.items() if "Default" not in dict_or_empty(each) and name not in given]
    if required and not unknown:
        message = f"{stack.logical_id}: {nested.path.name} requires {short_list(required)}"
        remedy = f"add {required[0]} to Parameters"
        yield finding_at(application, "SCHEMA_VALIDATION_FAILED", keys, message, remedy)


def _refusal(template: Template, declaration: dict[str, Json], value: Json) -> tuple[str, str] | None:
    """Why a nested template does not take a value, and the code: an error if it takes no value of the parameter."""
    own = dict_or_empty(template.source.document.get("Parameters"))
    referred = own.get(value["Ref"]) if isinstance(value, dict) and isinstance(value.get("Ref"), str) else None
    values = as_list(dict_or_empty(referred).get("AllowedValues")) if referred else [value]
    problems = [problem for each in values if (problem := refusal(declaration, each))]
    if not problems:
        return None
    is_sure = len(problems) == len(values)
    shown = f"may be a value that {problems[0]}" if referred else problems[0]
    return shown, "SCHEMA_VALIDATION_FAILED" if is_sure else "CONDITIONAL_REFERENCE"


def nested_templates(template: Template) -> list[Path]:
    """The files with the templates of nested stacks that are in the project."""
    stacks = template.of_types(*_FILES) if not template_uses_macros(template) else ()
    paths = (_file_of(template, stack) for stack in stacks)
    return list(dict.fromkeys(path for path in paths if path and path.is_file()))


def _unknown_outputs(application: Application, stack: Resource, nested: Template) -> Iterator[Finding]:
    """GetAtt of an output that the nested template does not have."""
    outputs = dict_or_empty(nested.source.document.get("Outputs"))
    if any(name.startswith("Fn::") for name in outputs):
        return
    document = application.template.source.document
    sections = [(("Resources", name), each) for name, each in document["Resources"].items()]
    sections += [(("Outputs", name), each) for name, each in dict_or_empty(document.get("Outputs")).items()]
    for keys, section in sections:
        for name, attribute in dict.fromkeys(attribute_references(section)):
            output = attribute.removeprefix("Outputs.")
            if name == stack.logical_id and output == attribute and output in outputs:
                message = f"{keys[-1]}: a stack has its outputs below Outputs, and no attribute {name}.{output}"
                yield finding_at(
                    application, "UNKNOWN_REFERENCE", keys, message, f"write !GetAtt {name}.Outputs.{output}"
                )
            if name == stack.logical_id and output != attribute and output not in outputs:
                message = f"{keys[-1]}: {nested.path.name} has no output {output}"
                remedy = did_you_mean(output, outputs) or f"add {output} to its Outputs"
                yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)
