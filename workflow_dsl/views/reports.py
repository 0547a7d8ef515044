"""Findings as plain text, JSON, GitHub annotations and SARIF."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from workflow_dsl.definition.json import Json, inert_json
from workflow_dsl.findings import Finding, Place
from workflow_dsl.views.folding import Repeated
from workflow_dsl.views.inert import for_github, for_terminal

Lines = Callable[[Place], list[str]]  # returns the lines of a place's file
Style = Callable[[str, str], str]  # returns a string in the color of a severity
_MAX_WIDTH = 100


def as_text(
    finding: Finding, lines: Lines, style: Style = lambda text, _severity: text, more: Iterable[str] = ()
) -> Iterator[str]:
    """Yield a finding's lines: its place and problem, the source line with carets, the remedy, and `more`.

    A note is one line.
    """
    where = finding.where
    label = style(f"{finding.severity} {finding.code}", finding.severity)
    message = finding.message if finding.severity != "note" else "; ".join((finding.text, *more))
    problem = (for_terminal(where.in_definition), for_terminal(message))
    yield ": ".join(filter(None, (for_terminal(str(where.place or "")), label, *problem)))
    if finding.severity == "note":
        return
    if where.place:
        yield from _snippet(where.place, lines)
    for line in filter(None, (finding.remedy, *more)):
        yield f"      = {for_terminal(line)}"


def blanked(text: str) -> str:
    """The string with a blank for each line break and control character."""
    return "".join(char if char.isprintable() else " " for char in text)


def _snippet(place: Place, lines: Lines) -> Iterator[str]:
    source = lines(place) if place.line else []
    if place.line is None or not 0 < place.line <= len(source):
        return
    line = source[place.line - 1]
    if place.column is None:
        start, length = len(line) - len(line.lstrip()), len(line.strip())
    else:
        start, length = place.column - 1, place.length
    is_first = start == 0 and length <= 1
    if is_first and (line == "{" or len(line) > _MAX_WIDTH):  # the whole of a file, such as a Terraform plan
        return
    first = max(0, start - _MAX_WIDTH // 2) if len(line) > _MAX_WIDTH else 0
    excerpt = blanked(line[first : first + _MAX_WIDTH]).rstrip()  # a minified definition is one line of 1 MB
    carets = "^" * max(1, min(length, len(excerpt) - (start - first)))
    yield f"{place.line:5} | {excerpt}"
    yield f"      | {' ' * (start - first)}{carets}"


def as_json(findings: Iterable[Finding]) -> str:
    """The findings as a JSON list."""
    return inert_json(json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False))


def as_github(findings: Iterable[Repeated]) -> Iterator[str]:
    """Yield workflow commands, which GitHub shows as annotations (docs.github.com, "Workflow commands")."""
    for repeated in findings:
        finding = repeated.first
        place = finding.where.place
        properties = {"file": place.file if place else "", "title": finding.code}
        if place and place.line:
            properties |= {"line": str(place.line), "endLine": str(place.line)}
        if place and place.column:
            properties |= {"col": str(place.column), "endColumn": str(place.column + place.length)}
        options = ",".join(f"{name}={for_github(value, ':,')}" for name, value in properties.items() if value)
        message = "; ".join((_message(finding), *repeated.lines))
        command = "notice" if finding.severity == "note" else finding.severity
        yield f"::{command} {options}::{for_github(message)}"


def _message(finding: Finding) -> str:
    return ": ".join(filter(None, (finding.where.in_definition, finding.text)))


def as_sarif(findings: Iterable[Finding], rules: Iterable[Any], version: str) -> str:
    """A SARIF 2.1.0 log with one run, for code scanning (OASIS, Static Analysis Results Interchange Format)."""
    findings = list(findings)
    used = {_rule_id(finding) for finding in findings}
    descriptors = {rule.name: _descriptor(rule) for rule in rules if rule.name in used}
    driver = {
        "name": "workflow-dsl",
        "version": version,
        "rules": [*descriptors.values(), *({"id": name} for name in sorted(used - descriptors.keys()))],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(*pair) for pair in zip(findings, fingerprints(findings), strict=True)],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return inert_json(json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False))


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """A fingerprint for each finding, which stays the same while lines and states around it change.

    A number tells a finding from the same one about another machine of the template.
    """
    from hashlib import sha256  # lazy import: 3 ms, only needed for SARIF and baselines

    seen: Counter[tuple[str, ...]] = Counter()
    prints = []
    for finding in findings:
        place = finding.where.place or Place("definition")
        key = (_rule_id(finding), place.file, finding.where.pointer, finding.message)
        identity = "\0".join((*key, str(seen[key])))
        prints.append(sha256(identity.encode(errors="surrogateescape")).hexdigest()[:32])
        seen[key] += 1
    return prints


def _rule_id(finding: Finding) -> str:
    return finding.rule or finding.code


def _descriptor(rule: Any) -> Json:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": f"{rule.summary} See {rule.source}"},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"code": rule.code},
    }


def _result(finding: Finding, fingerprint: str) -> Json:
    where = finding.where
    place = where.place or Place("definition")
    name = {} if where.state is None else {"name": where.state}
    return {
        "ruleId": _rule_id(finding),
        "level": finding.severity,
        "message": {"text": _message(finding).replace("](", "] (")},  # no link (SARIF 2.1.0, 3.11.6)
        "locations": [
            {
                "physicalLocation": _physical_location(place),
                "logicalLocations": [{"fullyQualifiedName": where.pointer, **name}],
            }
        ],
        "partialFingerprints": {"workflowDsl/v1": fingerprint},
    }


def _physical_location(place: Place) -> Json:
    region = {
        "startLine": place.line or 1,
        "startColumn": place.column or 1,
        "endLine": place.line or 1,
        "endColumn": (place.column or 1) + place.length,
    }
    return {"artifactLocation": {"uri": quote(os.fsencode(place.file))}, "region": region}
