"""The parts of resources that calls are on: an object of a bucket, an index of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.calls import ServiceCall
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Key
from workflow_dsl.regexes import lazy_regex


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
