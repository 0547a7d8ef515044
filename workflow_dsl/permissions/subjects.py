"""The resources that calls are on, as IAM names them, and their parts: an object of a bucket, an index of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import BUS, LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.calls import ServiceCall
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Key
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex

Subject = tuple[str, str, str]  # an ARN, URL or name, the logical ID behind a placeholder, and the part of it


def subjects_of(
    machine: TemplateMachine, call: ServiceCall, parameters: Mapping[str, Json], part: str
) -> list[Subject]:
    """The resources that a call is on; "" for what is unknown."""
    if call.service in ("events", "eventbridge") and call.action == "putEvents":
        return list(dict.fromkeys(_buses(machine, parameters)))
    if call.service == "scheduler" and call.action.endswith("Schedule"):
        return [(_schedules(machine, parameters), "", "")]
    return [(*target_of_call(machine, call, parameters), part)]


def target_of_call(machine: TemplateMachine, call: ServiceCall, parameters: Mapping[str, Json]) -> tuple[str, str]:
    """The ARN, name or URL of a call's target, and the logical ID of the one behind a placeholder; "" if unknown."""
    if not call.target:
        return "", ""
    if not is_known(call.target):
        resource = machine.referenced(call.target)
        return "", resource.logical_id if resource else ""
    qualifier = parameters.get("Qualifier", "*" if "Qualifier.$" in parameters else None)
    if call.service != "lambda" or not isinstance(qualifier, str):
        return call.target, ""
    return f"{call.target}:{'*' if '{' in qualifier else qualifier}", ""


def source_of_copy(machine: TemplateMachine, call: ServiceCall, parameters: Mapping[str, Json]) -> Subject:
    """The target and the resource of what a call copies, without its key."""
    return *target_of_call(machine, replace(call, target=bucket_copied(parameters)), {}), ""


def _buses(machine: TemplateMachine, parameters: Mapping[str, Json]) -> Iterator[Subject]:
    """The bus of each event: the default one without EventBusName (API reference, "PutEventsRequestEntry")."""
    entries = parameters.get("Entries")
    for entry in as_list(entries) or [None]:
        fields = dict_or_empty(entry)
        name = fields.get("EventBusName", None if "EventBusName.$" in fields or not fields else "default")
        if not isinstance(name, str) or name.startswith("{%"):
            yield "", "", ""
        elif is_known(name):
            yield name, "", ""
        else:
            bus = machine.referenced(name)
            yield "", bus.logical_id if bus and bus.type == BUS else "", ""


def _schedules(machine: TemplateMachine, parameters: Mapping[str, Json]) -> str:
    """The ARN of the schedule that a call is on, with `*` for a name that only the execution has; "" if it is unknown.

    Service Authorization Reference, "Amazon EventBridge Scheduler"; the group without GroupName is default.
    """
    group = None if "GroupName.$" in parameters else parameters.get("GroupName", "default")
    if isinstance(group, str):  # a reference to a group is its placeholder, or its logical ID in place of its name
        resource = machine.template.resources.get(group) if is_known(group) else machine.referenced(group)
        group = resource.properties.get("Name") if resource else group if is_known(group) else None
    if not isinstance(group, str) or group.startswith("{%"):
        return ""
    name = parameters.get("Name")
    is_literal = isinstance(name, str) and is_known(name) and not name.startswith("{%")
    here = f"{LOCAL_REGION}:{LOCAL_ACCOUNT}"
    return f"arn:{LOCAL_PARTITION}:scheduler:{here}:schedule/{group}/{name if is_literal else '*'}"


def part_of(machine: TemplateMachine, call: ServiceCall, parameters: Mapping[str, Json], field: Key) -> str:
    """The key of an object, or `index/NAME`, as far as a call's parameters say it; "" if unknown."""
    if call.service == "dynamodb":
        return _index_of(machine, call, parameters)
    is_copy = "copy" in call.action.lower()  # whose source has its own key
    return "" if is_copy else _key_of(parameters, field)


def _key_of(parameters: Mapping[str, Json], field: Key) -> str:
    """The key of an object as far as a call's parameters say it: the whole key, or how it begins.

    A ResultWriter writes below its prefix (developer guide, "ResultWriter").
    """
    if field == "ResultWriter" and is_known(prefix := parameters.get("Prefix")) and not prefix.startswith("{%"):
        return f"{prefix.strip('/')}/*" if prefix.strip("/") else ""
    key, path = parameters.get("Key"), parameters.get("Key.$")
    begins = re.match(r"States\.Format\('([^'{}\\]+)", path) if isinstance(path, str) else None
    is_literal = is_known(key) and not key.startswith("{%")
    return str(key) if is_literal else f"{begins[1]}*" if begins else ""


def _index_of(machine: TemplateMachine, call: ServiceCall, parameters: Mapping[str, Json]) -> str:
    """The index that a query or scan is on (Service Authorization Reference, "Amazon DynamoDB"); "" for none.

    One that a table of the template does not have is another finding.
    """
    name, target = parameters.get("IndexName"), call.target or ""
    table = machine.referenced(target) or machine.template.resource_at(target, "dynamodb")
    is_there = table is None or str(name) in str(table.properties)
    return f"index/{name}" if is_known(name) and re.fullmatch(r"[\w.-]+", name) and is_there else ""


def bucket_copied(parameters: Mapping[str, Json]) -> str | None:
    """The bucket at the beginning of a CopySource, `bucket/key`, also as JSONata or States.Format; None if unknown."""
    source = parameters.get("CopySource", parameters.get("CopySource.$"))
    bucket = _SOURCE.match(source) if isinstance(source, str) else None
    return bucket[1] if bucket else None


_SOURCE = lazy_regex(r"(?:\{%\s*[\"']|States\.Format\('|/)?(\$\{[^}]+\}|[a-z0-9][a-z0-9.-]+)/")
