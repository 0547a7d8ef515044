"""The permissions that SAM's connectors add to the role of their source (SAM guide, "AWS::Serverless::Connector").

connectors.json has the statements of the SAM translator, by the types of the source and of the destination.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.application.template import Connector, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.permissions.roles import role_of
from workflow_dsl.permissions.tables import table


class Connected(NamedTuple):
    """A statement that a connector adds to a role, with the connector's keys in the template."""

    actions: tuple[str, ...]
    resources: tuple[Json, ...]
    keys: Keys


class UnknownConnector(Exception):
    """A connector whose statements are not known; its text is the reason."""


def connected(template: Template, role: str) -> Iterator[Connected]:
    """The statements that connectors add to a role; UnknownConnector if it may be another's that is not known."""
    for connector in template.connectors:
        for destination in map(dict_or_empty, as_list(connector.properties.get("Destination"))):
            if _is_role_of(template, role, connector, destination):
                yield from _statements(template, connector, destination)


def _is_role_of(template: Template, role: str, connector: Connector, destination: Mapping[str, Json]) -> bool:
    """True if the source of a connector has a role."""
    if "Id" in connector.source:
        return _role_of_source(template, str(connector.source["Id"]), destination) == role
    names = set(references(connector.source.get("RoleName")))
    if not names & template.resources.keys():
        raise UnknownConnector(f"{connector.keys[-1]} may be a connector of it")
    return names == {role}


def _role_of_source(template: Template, logical_id: str, destination: Mapping[str, Json]) -> str | None:
    """The role of a source; of a rule, the role of its target that is the destination."""
    source = template.resources.get(logical_id)
    if source is None:
        return None
    if source.type == "AWS::Events::Rule":
        targets = map(dict_or_empty, as_list(source.properties.get("Targets")))
        roles = (target.get("RoleArn") for target in targets if _is_target(target, destination))
        return next((name for role in roles for name in references(role)), None)
    if source.type == "AWS::Serverless::Function" and "Role" not in source.properties:
        return f"{logical_id}Role"
    return role_of(template, logical_id)


def _is_target(target: Mapping[str, Json], destination: Mapping[str, Json]) -> bool:
    arn = target.get("Arn")
    return destination.get("Id") in [*references(arn)] or ("Arn" in destination and destination["Arn"] == arn)


def _statements(template: Template, connector: Connector, destination: Mapping[str, Json]) -> Iterator[Connected]:
    profile = _profile(template, connector.source, destination)
    if profile is None:
        raise UnknownConnector("it has a connector to another kind of resource than SAM's documentation lists")
    for permission in as_list(connector.properties.get("Permissions")):
        if not isinstance(permission, str):
            raise UnknownConnector("only the stack has its connector's Permissions")
        for statement in profile.get(permission, ()):
            resources = tuple(_filled(resource, destination) for resource in statement["Resource"])
            yield Connected(tuple(statement["Action"]), resources, connector.keys)


def _profile(template: Template, source: Mapping[str, Json], destination: Mapping[str, Json]) -> Json:
    sides = (_type_of(template, source), _type_of(template, destination))
    return dict_or_empty(table("connectors").get(sides[0])).get(sides[1])


def _type_of(template: Template, end: Mapping[str, Json]) -> str:
    """The type of one end, as CloudFormation has it; given by its ARN, it names its type."""
    resource = template.resources.get(str(end.get("Id")))
    type_ = resource.type if resource else str(end.get("Type"))
    return _OF_SAM.get(type_, type_)


_OF_SAM = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
}


def _filled(resource: str, destination: Mapping[str, Json]) -> Json:
    """A resource of a statement, with the destination in it."""
    logical_id = destination.get("Id")
    if resource == "%{Arn}":
        return {"Fn::GetAtt": [logical_id, "Arn"]} if logical_id else destination.get("Arn")
    if logical_id:
        return {"Fn::Sub": resource.replace("%{", f"${{{logical_id}.")}
    names = {name: destination.get(name) for name in ("Arn", "Name")}
    return {"Fn::Sub": [resource.replace("%{", "${"), names]}
