"""Values that a state machine's properties cannot have as they are written in the template."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import finding_at, substitution_keys
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import contains_macro, is_intrinsic
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Finding, Keys
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


def structured_substitutions(application: Application) -> Iterator[Finding]:
    """Substitutions that are a list or an object (template reference: DefinitionSubstitutions has scalar values)."""
    for machine in application.machines:
        for name, value in application.template.substitutions_of(machine.logical_id).items():
            known = application.template.known(value)
            if isinstance(known, (dict, list)) and not contains_macro(value):
                kind = "a list" if isinstance(known, list) else "an object"
                message = (
                    f"{machine.logical_id}: {name} is {kind}, and a substitution is a string, a number or a boolean"
                )
                remedy = f"write it as a JSON string, and ${{{name}}} without quotes in the definition"
                yield finding_at(application, _CODE, substitution_keys(machine, name), message, remedy)
