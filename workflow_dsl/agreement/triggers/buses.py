"""The buses on which rules look for events, against those that get them: from AWS services, and from states.

EventBridge user guide, "Event buses": events of AWS services go to the default bus of the account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product

from workflow_dsl.agreement.common import Problem, direct, found, template_uses_macros
from workflow_dsl.agreement.triggers.sam_events import events_of
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import BUS, MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Finding, Keys, closest
from workflow_dsl.permissions import role_of
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_RULE, _NEVER = "AWS::Events::Rule", "NEVER_STARTS"
_DEFAULT = "default"
_FIELDS = {"source": "Source", "detail-type": "DetailType"}


class _Listener(Record):
    """A rule, or an event of SAM that becomes one: its bus, if that is known, its pattern, and the keys to both."""

    owner: str
    bus: str | None
    pattern: Mapping[str, Json]
    keys: Keys
    bus_keys: Keys


class _Put(Record):
    """An event that a state puts on a bus; None for a bus, a source or a type that only the execution knows."""

    state: str
    bus: str | None
    values: Mapping[str, str | None]


def wrong_buses(application: Application) -> Iterator[Finding]:
    """Rules on a bus that never gets the events that they look for, while another bus gets them."""
    template = application.template
    if template_uses_macros(template):
        return
    listeners = [*_listeners(template)]
    puts = [put for machine in application.machines for put in _puts(machine)] if listeners else []
    for listener in listeners:
        problems = [*_of_aws(template, listener)]
        if puts and not _others_may_put(template):
            problems += _of_states(template, listener, listeners, puts)
        for problem in problems:
            yield found(application, listener.owner, problem)


def _listeners(template: Template) -> Iterator[_Listener]:
    for rule in template.of_types(_RULE):
        own: Keys = ("Resources", rule.logical_id, "Properties")
        yield from _listener(template, rule.logical_id, own, rule.properties, "EventPattern")
    for owner in template.of_types("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
        for event in events_of(owner):
            own = (*event.keys, "Properties")
            yield from _listener(template, owner.logical_id, own, event.properties, "Pattern")


def _listener(
    template: Template, owner: str, keys: Keys, properties: Mapping[str, Json], field: str
) -> Iterator[_Listener]:
    pattern = properties.get(field)
    if isinstance(pattern, dict) and not is_intrinsic(pattern):
        bus = _bus(template, properties.get("EventBusName", _DEFAULT))
        yield _Listener(owner, bus, pattern, (*keys, field), (*keys, "EventBusName"))


def _bus(template: Template, value: Json) -> str | None:
    """The logical ID of a bus of the template, the name of another, `default`, or None for an unknown one."""
    resource, _ = direct(template, value)
    if resource is not None:
        return resource.logical_id if resource.type == BUS else None
    named = (each for each in template.of_types(BUS) if each.properties.get("Name") == value)
    own = next(named, None)
    return own.logical_id if own else value if isinstance(value, str) else None


def _puts(machine: TemplateMachine) -> Iterator[_Put]:
    for state in machine.with_known_values.walk():
        if not str(state.fields.get("Resource")).endswith(":putEvents"):
            continue
        parameters = dict_or_empty(state.fields.get("Parameters", state.fields.get("Arguments")))
        for entry in as_list(parameters.get("Entries")) or [None]:
            fields = dict_or_empty(entry)
            values = {field: _literal(fields.get(name)) for field, name in _FIELDS.items()}
            yield _Put(state.name, _bus_of_entry(machine, fields), values)


def _bus_of_entry(machine: TemplateMachine, entry: Mapping[str, Json]) -> str | None:
    name = entry.get("EventBusName", None if "EventBusName.$" in entry or not entry else _DEFAULT)
    if isinstance(name, str) and not is_known(name):
        resource = machine.referenced(name)
        return resource.logical_id if resource and resource.type == BUS else None
    return _bus(machine.template, name) if _literal(name) else None


def _literal(value: Json) -> str | None:
    return value if isinstance(value, str) and is_known(value) and not value.startswith("{%") else None


def _of_aws(template: Template, listener: _Listener) -> Iterator[Problem]:
    """A pattern for events of AWS services on a bus of the template that nothing sends them to."""
    bus = template.resources.get(listener.bus or "")
    sources = as_list(listener.pattern.get("source"))
    are_of_aws = all(isinstance(each, str) and each.startswith("aws.") and "partner" not in each for each in sources)
    if bus is not None and sources and are_of_aws and not _may_be_fed(template, bus):
        message = f"no event of the source {sources[0]} comes to {bus.logical_id}: AWS sends it to the default bus"
        yield Problem(listener.bus_keys, message, "remove EventBusName", _NEVER)


def _may_be_fed(template: Template, bus: Resource) -> bool:
    """True for a bus of a partner, and one to which a rule or another account may send events."""
    if bus.properties.keys() & {"EventSourceName", "Policy"}:
        return True
    policies = template.of_types("AWS::Events::EventBusPolicy")
    if any(_bus(template, each.properties.get("EventBusName")) in (bus.logical_id, None) for each in policies):
        return True
    outputs = template.source.document.get("Outputs")
    names = {bus.logical_id, str(bus.properties.get("Name"))}
    sending = [each for each in template.referrers(bus.logical_id) if each.type not in (*MACHINES, _RULE)]
    targets = [rule.properties.get("Targets") for rule in template.of_types(_RULE)]
    are_passed = any(not _only_listens(each) for each in sending)
    return are_passed or not names.isdisjoint({*references(outputs), *references(targets)}) or _is_in(targets, bus)


def _is_in(targets: list[Json], bus: Resource) -> bool:
    name = bus.properties.get("Name")
    return isinstance(name, str) and f"event-bus/{name}" in json.dumps(targets, default=str)


def _only_listens(resource: Resource) -> bool:
    """True for what refers to a bus without sending it the events of another: functions, and roles that put events."""
    return resource.type in ("AWS::Serverless::Function", "AWS::Lambda::Function", "AWS::Events::Archive") or (
        resource.type.startswith("AWS::IAM::")
        and "events.amazonaws.com" not in json.dumps(resource.properties, default=str)
    )


def _others_may_put(template: Template) -> bool:
    """True if anything but the role of a state machine may put events."""
    roles = {role_of(template, machine.logical_id) for machine in template.of_types(*MACHINES)}
    others = (each for each in template.resources.values() if each.type not in MACHINES)
    return any(_PUTTING.search(json.dumps(each.properties, default=str)) for each in others if not _is_of(each, roles))


_PUTTING = lazy_regex("PutEvents|AmazonEventBridge|events:[*]")


def _is_of(resource: Resource, roles: set[str | None]) -> bool:
    """True for one of these roles, and for a policy of them only."""
    attached = {*references([resource.properties.get(field) for field in ("Roles", "RoleName")])}
    return resource.logical_id in roles or (bool(attached) and attached <= roles)


def _of_states(
    template: Template, listener: _Listener, listeners: list[_Listener], puts: list[_Put]
) -> Iterator[Problem]:
    """A pattern that no event of a state matches, where one is put on another bus, or has nearly the same names."""
    if listener.bus is None or any(_may_get(listener, put) for put in puts):
        return
    unheard = [put for put in puts if not any(_may_get(each, put) for each in listeners)]
    for put in unheard:
        if put.bus and put.bus != listener.bus and _has_source(listener, put) and _matches(listener, put):
            message = f'its rule is on {_named(listener.bus)}, but "{put.state}" puts the event on {_named(put.bus)}'
            remedy = f"write EventBusName: !Ref {put.bus}" if put.bus in template.resources else "remove EventBusName"
            yield Problem(listener.bus_keys, message, remedy, _NEVER)
            return
    near = next((pair for put in unheard if put.bus == listener.bus and (pair := _nearly(listener, put))), None)
    if near:
        field, put = near[0], near[1]
        message = f'no event has the {field} of its event pattern: "{put.state}" puts {put.values[field]}'
        yield Problem((*listener.keys, field), message, f"write {put.values[field]}", _NEVER)


def _named(bus: str) -> str:
    return "the default bus" if bus == _DEFAULT else bus


def _may_get(listener: _Listener, put: _Put) -> bool:
    return (listener.bus is None or put.bus is None or listener.bus == put.bus) and _matches(listener, put)


def _matches(listener: _Listener, put: _Put) -> bool:
    """True if the names of an event match a pattern, or may match it."""
    return "$or" in listener.pattern or all(_may_have(listener.pattern, field, put.values[field]) for field in _FIELDS)


def _may_have(pattern: Mapping[str, Json], field: str, value: str | None) -> bool:
    wanted = as_list(pattern.get(field))
    return field not in pattern or value is None or value in wanted or not all(isinstance(each, str) for each in wanted)


def _has_source(listener: _Listener, put: _Put) -> bool:
    return put.values["source"] in as_list(listener.pattern.get("source"))


def _nearly(listener: _Listener, put: _Put) -> tuple[str, _Put] | None:
    """The field in which an event misses a pattern, if it has nearly the same name there and matches the other."""
    for field, other in product(_FIELDS, _FIELDS):
        value, wanted = put.values[field], as_list(listener.pattern.get(field))
        is_alone = field != other and _may_have(listener.pattern, other, put.values[other])
        if is_alone and value and len(wanted) == 1 and closest(str(wanted[0]), [value], least=0.7):
            return field, put
    return None
