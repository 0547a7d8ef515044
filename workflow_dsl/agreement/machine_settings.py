"""The properties of state machines themselves: those that CloudFormation and SAM refuse, or that have no effect.

CloudFormation template reference, "AWS::StepFunctions::StateMachine", and SAM guide, "AWS::Serverless::StateMachine".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import direct, finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean

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
_LEVELS, _TYPES = ("ALL", "ERROR", "FATAL", "OFF"), ("STANDARD", "EXPRESS")
_Problem = tuple[str, Keys, str, str]  # a code, keys below Properties, a message and a remedy


def wrong_settings(application: Application) -> Iterator[Finding]:
    """Properties of state machines with a wrong name or value: the deployment fails."""
    for machine in application.machines if not template_uses_macros(application.template) else ():
        for code, keys, message, remedy in _problems(machine):
            own: Keys = (*machine.keys, "Properties", *keys)
            yield finding_at(application, code, own, f"{machine.logical_id}: {message}", remedy)


def _problems(machine: TemplateMachine) -> Iterator[_Problem]:
    type_ = machine.template.resources[machine.logical_id].type
    yield from _wrong_names(type_, machine.properties)
    for field in ("Type", "StateMachineType"):
        yield from _not_one_of(machine, (field,), machine.properties.get(field), _TYPES)
    yield from _wrong_logging(machine, "Logging" if type_ == _SAM else "LoggingConfiguration")
    if type_ == _SAM and machine.properties.get("Role") and machine.properties.get("Policies"):
        message = "it has Role and Policies, and SAM takes one of them"
        yield "SCHEMA_VALIDATION_FAILED", ("Policies",), message, "add the policies to the role, or remove Role"
    yield from _wrong_tags(type_, machine.properties.get("Tags"))


def _wrong_names(type_: str, properties: Mapping[str, Json]) -> Iterator[_Problem]:
    """Properties that the type does not have, where their names are those of others, or nearly."""
    known = _PROPERTIES.get(type_, frozenset())
    for name in properties if known else ():
        if name in known or name in _DEFINITIONS or name.startswith("Fn::"):
            continue
        other = _OTHER_NAMES[type_].get(name)
        remedy = f"write {other}" if other else did_you_mean(name, known)
        if remedy:
            yield "SCHEMA_VALIDATION_FAILED", (name,), f"{type_} has no property {name}", remedy


def _not_one_of(machine: TemplateMachine, keys: Keys, value: Json, allowed: tuple[str, ...]) -> Iterator[_Problem]:
    known = machine.template.known(value)
    if isinstance(known, str) and known not in allowed and value != {"Ref": "AWS::NoValue"}:
        message = f"{keys[-1]} is {known}, and it is one of {', '.join(allowed)}"
        is_upper = known.upper() in allowed
        remedy = f"write {known.upper()}" if is_upper else did_you_mean(known, allowed) or "write one of them"
        yield "SCHEMA_VALIDATION_FAILED", keys, message, remedy


def _wrong_logging(machine: TemplateMachine, field: str) -> Iterator[_Problem]:
    """A level that there is not, a level without a log group, and a log group's name for its ARN.

    CloudFormation template reference, "AWS::StepFunctions::StateMachine LoggingConfiguration".
    """
    logging = dict_or_empty(machine.properties.get(field))
    level = None if is_intrinsic(logging) else machine.template.known(logging.get("Level"))
    yield from _not_one_of(machine, (field, "Level"), logging.get("Level"), _LEVELS)
    if level in _LEVELS and level != "OFF" and not logging.get("Destinations"):
        message = f"{field} has the level {level} and no log group"
        remedy = "add Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt LOG_GROUP.Arn}}]"
        yield "SCHEMA_VALIDATION_FAILED", (field,), message, remedy
    for index, destination in enumerate(as_list(logging.get("Destinations"))):
        group = dict_or_empty(dict_or_empty(destination).get("CloudWatchLogsLogGroup"))
        resource, attribute = direct(machine.template, group.get("LogGroupArn"))
        if resource is not None and resource.type == "AWS::Logs::LogGroup" and attribute == "Ref":
            keys: Keys = (field, "Destinations", index, "CloudWatchLogsLogGroup", "LogGroupArn")
            message = f"LogGroupArn is the name of {resource.logical_id}, and it takes the ARN of a log group"
            yield "WRONG_RESOURCE", keys, message, f"write !GetAtt {resource.logical_id}.Arn"


def _wrong_tags(type_: str, tags: Json) -> Iterator[_Problem]:
    """Tags in the form of the other type: SAM takes a map, and CloudFormation a list."""
    if type_ == _SAM and isinstance(tags, list):
        yield "SCHEMA_VALIDATION_FAILED", ("Tags",), "Tags is a list, and SAM takes a map", "write NAME: VALUE for each"
    if type_ == _CLOUDFORMATION and isinstance(tags, dict) and not is_intrinsic(tags):
        message, remedy = "Tags is a map, and CloudFormation takes a list", "write {Key: NAME, Value: VALUE} for each"
        yield "SCHEMA_VALIDATION_FAILED", ("Tags",), message, remedy
