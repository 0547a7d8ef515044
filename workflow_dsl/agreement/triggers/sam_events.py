"""The Events of SAM's functions and state machines: their types, and the properties that each type takes and needs.

SAM guide, "EventSource" of AWS::Serverless::Function and of AWS::Serverless::StateMachine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem
from workflow_dsl.agreement.whole.properties import wrong_values
from workflow_dsl.application.template import Resource
from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.application.template.properties import members_of, objects_in
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys, closest, did_you_mean, short_list
from workflow_dsl.records import Record

# SAM hands the properties of these events to an event source mapping.
_MAPPING = "AWS::Lambda::EventSourceMapping"
_READ_BY_LAMBDA = ("DocumentDB", "DynamoDB", "Kinesis", "MQ", "MSK", "SQS", "SelfManagedKafka")
_READ_AS_STREAMS = ("StartingPosition",)  # event_sources reports a stream without it


class Event(Record):
    """An event of a resource of SAM: its name, its type, its properties and the keys to it."""

    name: str
    type: str
    properties: Mapping[str, Json]
    keys: Keys


def events_of(resource: Resource) -> Iterator[Event]:
    """The events of a function or state machine whose type SAM has for it and whose properties are written out."""
    for name, event in dict_or_empty(resource.properties.get("Events")).items():
        fields = dict_or_empty(event)
        kind, properties = str(fields.get("Type")), dict_or_empty(fields.get("Properties"))
        if members_of(resource.type, f"Events.{kind}") and not is_intrinsic(properties):
            yield Event(name, kind, properties, ("Resources", resource.logical_id, "Properties", "Events", name))


def wrong_events(resource: Resource) -> Iterator[Problem]:
    """Events of a type that SAM does not have, with other properties than it takes, or without those that it needs."""
    kinds = [name.removeprefix("Events.") for name in objects_in(resource.type) if name.startswith("Events.")]
    for name, event in dict_or_empty(resource.properties.get("Events")).items():
        kind = dict_or_empty(event).get("Type")
        keys: Keys = ("Resources", resource.logical_id, "Properties", "Events", name)
        if isinstance(event, dict) and not is_intrinsic(event) and kind not in kinds:
            message = f"its event {name} has the type {kind}, which SAM does not have"
            remedy = did_you_mean(str(kind), kinds) or f"write one of {short_list(sorted(kinds), most=20)}"
            yield Problem((*keys, "Type"), message if kind else f"its event {name} has no Type", remedy)
    for each in events_of(resource):
        yield from _of_properties(resource, each)


def _of_properties(resource: Resource, event: Event) -> Iterator[Problem]:
    members = members_of(resource.type, f"Events.{event.type}")
    own: Keys = (*event.keys, "Properties")
    about = f"its event {event.name} of the type {event.type}"
    meant = {unknown: closest(unknown, members) for unknown in event.properties if unknown not in members}
    for unknown, near in meant.items():
        if near:
            yield Problem((*own, unknown), f"{about} takes no {unknown}", f'did you mean "{near}"?')
    given = {*event.properties, *meant.values(), *_READ_AS_STREAMS}
    for name, member in members.items():
        if member.is_required and name not in given:
            yield Problem(own, f"{about} has no {name}", f"add {name}")
    handed_on = members_of(_MAPPING) if event.type in _READ_BY_LAMBDA else {}
    for name, member in handed_on.items():
        if member.values and name in event.properties:
            yield from wrong_values(member, (*own, name), event.properties[name])
