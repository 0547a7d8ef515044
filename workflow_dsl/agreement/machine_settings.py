"""The properties of state machines themselves: those that CloudFormation and SAM refuse, or that have no effect.

CloudFormation template reference, "AWS::StepFunctions::StateMachine", and SAM guide, "AWS::Serverless::StateMachine".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem, found, is_whole, template_uses_macros, unresolved_texts
from workflow_dsl.agreement.log_groups import LEVELS, LOG_GROUP, wrong_logging, wrong_retention
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean
from workflow_dsl.records import replace

_SAM, _CLOUDFORMATION = "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"
_PROPERTIES: Mapping[str, frozenset[str]] = {
    _SAM: frozenset(
        "AutoPublishAlias Definition DefinitionSubstitutions DefinitionUri DeploymentPreference Events Logging Name "
        "PermissionsBoundary Policies PropagateTags Role RolePath Tags Tracing Type UseAliasAsEventTarget".split()
    ),
    _CLOUDFORMATION: frozenset(
        "Definition DefinitionS3Location DefinitionString DefinitionSubstitutions EncryptionConfiguration "
        "LoggingConfiguration RoleArn StateMachineName StateMachineType Tags TracingConfiguration".split()
    ),
}
_NAMES_IN_SAM = {
    "LoggingConfiguration": "Logging",
    "RoleArn": "Role",
    "StateMachineName": "Name",
    "StateMachineType": "Type",
    "TracingConfiguration": "Tracing",
}
_OTHER_NAMES: Mapping[str, Mapping[str, str]] = {
    _SAM: _NAMES_IN_SAM,
    _CLOUDFORMATION: {sams: own for own, sams in _NAMES_IN_SAM.items()},
}
_DEFINITIONS = ("DefinitionS3Location", "DefinitionString", "DefinitionUri")  # tools translate them into each other
_TYPES = ("STANDARD", "EXPRESS")
# CloudFormation's resource attributes, and SAM's.
_BESIDE_PROPERTIES = "Condition Connectors DeletionPolicy DependsOn Metadata UpdatePolicy UpdateReplacePolicy".split()


def wrong_settings(application: Application) -> Iterator[Finding]:
    """Properties of state machines with a wrong name or value: the deployment fails."""
    for machine in application.machines if not template_uses_macros(application.template) else ():
        for problem in _problems(machine):
            keys: Keys = (*machine.keys, "Properties", *problem.keys)
            yield found(application, machine.logical_id, replace(problem, keys=keys))
    groups = application.template.of_types(LOG_GROUP)
    for group in groups if not template_uses_macros(application.template) else ():
        for problem in wrong_retention(application.template, group):
            yield found(application, group.logical_id, problem)


def _problems(machine: TemplateMachine) -> Iterator[Problem]:
    type_ = machine.template.resources[machine.logical_id].type
    yield from _wrong_names(type_, machine.properties)
    for field in ("Type", "StateMachineType"):
        yield from _not_one_of(machine, (field,), machine.properties.get(field), _TYPES)
    field = "Logging" if type_ == _SAM else "LoggingConfiguration"
    yield from _not_one_of(machine, (field, "Level"), _logging_of(machine, field).get("Level"), LEVELS)
    yield from wrong_logging(machine.template, field, _logging_of(machine, field))
    beside = dict_or_empty(machine.template.source.document["Resources"][machine.logical_id])
    yield from _wrong_definition(type_, {**beside, **machine.properties}, is_whole(machine.template))
    yield from _unresolved(machine)
    if type_ == _CLOUDFORMATION and is_whole(machine.template) and not _has_role(machine.properties):
        yield Problem((), "it has no RoleArn", "add RoleArn: !GetAtt ROLE.Arn")
    if type_ == _SAM and machine.properties.get("Role") and machine.properties.get("Policies"):
        message = "it has Role and Policies, but SAM takes one of them"
        yield Problem(("Policies",), message, "add the policies to the role, or remove Role")
    yield from _plain_settings(machine.properties)
    yield from _wrong_tags(type_, machine.properties.get("Tags"))


def _wrong_names(type_: str, properties: Mapping[str, Json]) -> Iterator[Problem]:
    """Properties that the type does not have, where their names are those of others, or nearly."""
    known = _PROPERTIES.get(type_, frozenset())
    for name in properties if known else ():
        if name in known or name in _DEFINITIONS or name.startswith("Fn::"):
            continue
        other = _OTHER_NAMES[type_].get(name)
        remedy = f"write {other}" if other else did_you_mean(name, known)
        if name in _BESIDE_PROPERTIES:
            remedy = f"move {name} out of Properties, beside Type"
        if remedy:
            yield Problem((name,), f"{type_} has no property {name}", remedy)


def _wrong_definition(type_: str, properties: Mapping[str, Json], is_complete: bool) -> Iterator[Problem]:
    """No definition, and several of them (SAM guide and template reference: required properties).

    Another tool may still write what a template has no property for.
    """
    given = [name for name in ("Definition", *_DEFINITIONS) if name in properties]
    is_computed = any(name.startswith("Fn::") for name in properties)
    if len(given) > 1 and not is_computed:
        message = f"it has {' and '.join(given)}, but takes one definition"
        yield Problem((given[1],), message, f"remove {given[1]}")
    if not given and not is_computed and is_complete:
        field = "DefinitionUri" if type_ == _SAM else "DefinitionString"
        is_misspelt = any(
            did_you_mean(name, ("Definition", *_DEFINITIONS)) for name in properties if name not in _PROPERTIES[type_]
        )
        if not is_misspelt:
            yield Problem((), "it has no definition", f"add {field}")
    yield from _other_form(properties)
    encryption = properties.get("EncryptionConfiguration")
    if isinstance(encryption, dict) and not is_intrinsic(encryption) and "Type" not in encryption:
        message = "EncryptionConfiguration has no Type"
        yield Problem(("EncryptionConfiguration",), message, "add Type: CUSTOMER_MANAGED_KMS_KEY")


def _other_form(properties: Mapping[str, Json]) -> Iterator[Problem]:
    """A DefinitionString that is an object, and a Definition that is a string."""
    string, definition = properties.get("DefinitionString"), properties.get("Definition")
    if isinstance(string, dict) and string and not is_intrinsic(string) and "States" in string:
        yield Problem(("DefinitionString",), "DefinitionString is an object, but it takes a string", "write Definition")
    if isinstance(definition, str) or dict_or_empty(definition).keys() & {"Fn::Sub", "Fn::Join"}:
        yield Problem(("Definition",), "Definition is a string, but it takes an object", "write DefinitionString")


def _has_role(properties: Mapping[str, Json]) -> bool:
    """True if a state machine of CloudFormation has a role, maybe under another name or by a macro."""
    return any(name in ("RoleArn", "Role") or name.startswith("Fn::") for name in properties)


def _unresolved(machine: TemplateMachine) -> Iterator[Problem]:
    """References in properties that stay text."""
    for name, value in machine.properties.items():
        if name not in ("Definition", "DefinitionString", "Events"):
            yield from unresolved_texts(machine.template, (name,), value)


def _logging_of(machine: TemplateMachine, field: str) -> dict[str, Json]:
    logging = dict_or_empty(machine.properties.get(field))
    return {} if is_intrinsic(logging) else logging


def _not_one_of(machine: TemplateMachine, keys: Keys, value: Json, allowed: tuple[str, ...]) -> Iterator[Problem]:
    known = machine.template.known(value)
    if isinstance(known, str) and known not in allowed and value != {"Ref": "AWS::NoValue"}:
        message = f"{keys[-1]} is {known}, but must be one of {', '.join(allowed)}"
        is_upper = known.upper() in allowed
        remedy = f"write {known.upper()}" if is_upper else did_you_mean(known, allowed) or "write one of them"
        yield Problem(keys, message, remedy)


_OBJECTS = {
    "Logging": "{Level: ALL, Destinations: [...]}",
    "LoggingConfiguration": "{Level: ALL, Destinations: [...]}",
    "Tracing": "{Enabled: true}",
    "TracingConfiguration": "{Enabled: true}",
}


def _plain_settings(properties: Mapping[str, Json]) -> Iterator[Problem]:
    """A setting that is an object, given as a plain value: functions take Tracing: Active."""
    for field, form in _OBJECTS.items():
        value = properties.get(field)
        if isinstance(value, (str, bool, list)):
            yield Problem((field,), f"{field} is {value}, but it takes an object", f"write {field}: {form}")


def _wrong_tags(type_: str, tags: Json) -> Iterator[Problem]:
    """Tags in the form of the other type: SAM takes a map, and CloudFormation a list."""
    if type_ == _SAM and isinstance(tags, list):
        yield Problem(("Tags",), "Tags is a list, but SAM takes a map", "write NAME: VALUE for each")
    if type_ == _CLOUDFORMATION and isinstance(tags, dict) and not is_intrinsic(tags):
        message, remedy = "Tags is a map, but CloudFormation takes a list", "write {Key: NAME, Value: VALUE} for each"
        yield Problem(("Tags",), message, remedy)
