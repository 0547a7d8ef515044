"""Findings as they are read: by a person, as a compiler prints them; by a program; by a code host."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Place

Lines = Callable[[Place], list[str]]  # the lines of a place's file
Style = Callable[[str, str], str]  # a text in the colour of a severity
_WIDEST = 100


def as_text(finding: Finding, lines: Lines, style: Style = lambda text, _severity: text) -> Iterator[str]:
    """A finding as lines: its place and what is wrong, the offending line with a caret, and what to write instead."""
    where = finding.where
    label = style(f"{finding.severity} {finding.code}", finding.severity)
    said = (printable(where.in_definition), printable(finding.message))
    yield ": ".join(filter(None, (printable(str(where.place or "")), label, *said)))
    if where.place:
        yield from _snippet(where.place, lines)
    if finding.remedy:
        yield f"      = {printable(finding.remedy)}"


def printable(text: str) -> str:
    """A text on one line, and nothing in it that a terminal would obey."""
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text)


def _snippet(place: Place, lines: Lines) -> Iterator[str]:
    known = lines(place) if place.line else []
    if place.line is None or not 0 < place.line <= len(known):
        return
    line = "".join(mark if mark.isprintable() else " " for mark in known[place.line - 1])
    indent = len(line) - len(line.lstrip())
    start, length = (indent, len(line.strip())) if place.column is None else (place.column - 1, place.length)
    first = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = line[first : first + _WIDEST].rstrip()
    carets = "^" * max(1, min(length, len(shown) - (start - first)))
    yield f"{place.line:5} | {shown}"
    yield f"      | {' ' * (start - first)}{carets}"


def as_json(findings: Iterable[Finding]) -> str:
    return json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False)


def as_github(findings: Iterable[Finding]) -> Iterator[str]:
    """Workflow commands that a GitHub action shows beside the lines (docs.github.com, "Workflow commands")."""
    for finding in findings:
        place = finding.where.place
        at = {"file": place.file if place else "", "title": finding.code}
        if place and place.line:
            at |= {"line": str(place.line), "endLine": str(place.line)}
        if place and place.column:
            at |= {"col": str(place.column), "endColumn": str(place.column + place.length)}
        given = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in at.items() if value)
        yield f"::{finding.severity} {given}::{_escaped(_said(finding))}"


def _escaped(text: str, others: str = "") -> str:
    for mark in ("%", "\r", "\n", *others):
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text


def _said(finding: Finding) -> str:
    return ": ".join(filter(None, (finding.where.in_definition, finding.text)))


def as_sarif(findings: Iterable[Finding], rules: Iterable[Any], version: str) -> str:
    """A SARIF 2.1.0 log with one run, as code scanning takes it (OASIS, Static Analysis Results Interchange Format)."""
    listed = list(findings)
    used = {_rule_id(finding) for finding in listed}
    described = {rule.name: _described(rule) for rule in rules if rule.name in used}
    driver = {
        "name": "workflow-dsl",
        "version": version,
        "rules": [*described.values(), *({"id": name} for name in sorted(used - described.keys()))],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, earlier) for finding, earlier in _counted(listed)],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _counted(findings: list[Finding]) -> Iterator[tuple[Finding, int]]:
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        same = (_rule_id(finding), finding.where.place.file if finding.where.place else "", finding.where.pointer)
        yield finding, seen[(*same, finding.message)]
        seen[(*same, finding.message)] += 1


def _rule_id(finding: Finding) -> str:
    return finding.rule or finding.code


def _described(rule: Any) -> Json:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": f"{rule.summary} See {rule.source}"},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"code": rule.code},
    }


def _result(finding: Finding, earlier: int) -> Json:
    """A finding; `earlier` are those before it that say the same, of another machine in one template."""
    from hashlib import sha256  # 3 ms that no other format need wait for

    where = finding.where
    place = where.place or Place("definition")
    identity = "\0".join((_rule_id(finding), place.file, where.pointer, finding.message, str(earlier)))
    name = {} if where.state is None else {"name": where.state}
    return {
        "ruleId": _rule_id(finding),
        "level": finding.severity,
        "message": {"text": _said(finding)},
        "locations": [
            {
                "physicalLocation": _physical(place),
                "logicalLocations": [{"fullyQualifiedName": where.pointer, **name}],
            }
        ],
        "partialFingerprints": {"workflowDsl/v1": sha256(identity.encode(errors="surrogateescape")).hexdigest()[:32]},
    }


def _physical(place: Place) -> Json:
    region = {
        "startLine": place.line or 1,
        "startColumn": place.column or 1,
        "endLine": place.line or 1,
        "endColumn": (place.column or 1) + place.length,
    }
    return {"artifactLocation": {"uri": quote(os.fsencode(place.file))}, "region": region}
