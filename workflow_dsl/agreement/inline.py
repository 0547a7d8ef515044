"""Values that a state machine's properties cannot have as they are written in the template."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.agreement.common import finding_at, substitution_keys
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import contains_macro, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json, leaves, value_at
from workflow_dsl.definition.machine import Machine, to_where
from workflow_dsl.definition.placeholders import UnquotedPlaceholder
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation.rules.placeholders import numbers_and_booleans

_CODE = "SCHEMA_VALIDATION_FAILED"


def text_for_numbers(application: Application) -> Iterator[Finding]:
    """Intrinsic functions in an inline Definition where a number or a boolean belongs.

    SAM replaces each by `"${definition_substitution_1}"` in quotes, and the Ref of a parameter is text (SAM translator,
    StateMachineGenerator; CloudFormation user guide, "Parameters": a number is used as a string).
    """
    for machine in application.machines:
        inline = machine.properties.get("Definition")
        if isinstance(inline, dict) and not contains_macro(inline):
            for keys in _numbers(inline):
                value = value_at(inline, keys)
                if _is_text(machine, value):
                    message = (
                        f"{machine.logical_id}: {keys[-1]} takes a number or boolean, and {_name(value)} is a string"
                    )
                    remedy = (
                        "write the value itself, or move the definition to a file of DefinitionUri, with an unquoted "
                        "${Name} and Name in DefinitionSubstitutions"
                    )
                    where: Keys = (*machine.keys, "Properties", "Definition", *keys)
                    yield finding_at(application, _CODE, where, message, remedy)


def _numbers(inline: dict[str, Json]) -> Iterator[Keys]:
    """The keys of the values of an inline definition that are numbers or booleans."""
    yield ("TimeoutSeconds",)
    for state in Machine(inline).walk():
        yield from ((*state.keys, *keys) for keys in numbers_and_booleans(state))


def _is_text(machine: TemplateMachine, value: Json) -> bool:
    """True for an intrinsic function whose value becomes text, and is not a JSONata expression."""
    if not isinstance(value, dict) or not is_intrinsic(value):
        return False
    keeps_type = machine.template.resources[machine.logical_id].type == "AWS::StepFunctions::StateMachine"
    known = machine.template.known(value)
    is_expression = isinstance(known, str) and known.startswith("{%")
    return not is_expression and not (keeps_type and _name(value) == "Fn::If")


def _name(value: Json) -> str:
    return str(next(iter(value)))


def strings_without_quotes(application: Application) -> Iterator[Finding]:
    """Placeholders without quotes in a definition of JSON whose value is a string that is not JSON by itself.

    The deployment puts the value's text in its place (template reference, "DefinitionSubstitutions").
    """
    for machine in application.machines:
        source = machine.source
        if source and source.is_json and machine.has_definition and _UNQUOTED.search(source.text):
            numbers = {*_numbers(dict(machine.definition.fields))}
            for keys, text in leaves(source.document):
                is_unquoted = isinstance(text, UnquotedPlaceholder) and keys not in numbers
                if is_unquoted and _is_no_json(machine, str(text)):
                    message = f"{machine.logical_id}: {text} has no quotes, and its value is a string that is not JSON"
                    where = replace(to_where(keys), place=source.places([keys]).get(keys))
                    yield Finding("INVALID_JSON_DESCRIPTION", "error", where, message, f'write "{text}"')


def _is_list(template: Template, value: Json) -> bool:
    """True for a reference to a parameter that is a list, and for a function that gives one."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    parameter = dict_or_empty(dict_or_empty(template.source.document.get("Parameters")).get(str(value.get("Ref"))))
    is_parameter = str(parameter.get("Type")).startswith(_LISTS)
    return is_parameter or _name(value) in ("Fn::Split", "Fn::GetAZs", "Fn::Cidr")


_LISTS = ("List<", "CommaDelimitedList", "AWS::SSM::Parameter::Value<List")
_UNQUOTED = lazy_regex(r"[:\[,]\s*\$\{")


def _is_no_json(machine: TemplateMachine, placeholder: str) -> bool:
    """True if a placeholder's value is a string that is not JSON by itself: a word, a name or an ARN."""
    value = (machine.substitutions or {}).get(placeholder[2:-1])
    if value is None:
        return machine.substitutions is not None and machine.referenced(placeholder) is not None
    try:
        json.loads(value if isinstance(value, str) else "null")
    except ValueError:
        return True
    return False


def structured_substitutions(application: Application) -> Iterator[Finding]:
    """Substitutions that are a list, an object or null (template reference: DefinitionSubstitutions has scalars)."""
    for machine in application.machines:
        for name, value in application.template.substitutions_of(machine.logical_id).items():
            known = application.template.known(value)
            is_list = _is_list(application.template, value)
            if value is None or is_list or (isinstance(known, (dict, list)) and not contains_macro(value)):
                kind = "a list" if is_list or isinstance(known, list) else "an object"
                kind = "null" if value is None else kind
                message = (
                    f"{machine.logical_id}: {name} is {kind}, and a substitution is a string, a number or a boolean"
                )
                remedy = f"write it as a JSON string, and ${{{name}}} without quotes in the definition"
                if value is None:
                    remedy = "give it a value, or remove it"
                elif is_list:
                    remedy = f"""join it: !Join ['","', ...], and write ["${{{name}}}"] in the definition"""
                yield finding_at(application, _CODE, substitution_keys(machine, name), message, remedy)
