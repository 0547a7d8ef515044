"""A baseline: the findings that a team knows of, by fingerprint, so that only new ones count."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from workflow_dsl.definition.json import Json, to_text
from workflow_dsl.findings import Finding
from workflow_dsl.views.reports import fingerprints

_VERSION = 1


def baseline_text(findings: Iterable[Finding]) -> str:
    """The content of a baseline's file: a row for each finding, in an order that makes small diffs."""
    findings = list(findings)
    rows = [_row(finding, print_) for finding, print_ in zip(findings, fingerprints(findings), strict=True)]
    rows.sort(key=lambda row: [row["file"], row["pointer"], row["code"], row["fingerprint"]])
    return to_text({"version": _VERSION, "findings": rows})


def _row(finding: Finding, fingerprint: str) -> dict[str, Json]:
    place = finding.where.place
    file = place.file if place else ""
    return {"code": finding.code, "file": file, "pointer": finding.where.pointer, "fingerprint": fingerprint}


def known_fingerprints(text: str) -> frozenset[str]:
    """The fingerprints in a baseline's file. Raises ValueError for another file."""
    content = json.loads(text)
    rows = content.get("findings") if isinstance(content, dict) and content.get("version") == _VERSION else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "fingerprint" in row for row in rows):
        raise ValueError("is not a baseline; write one with --update-baseline")
    return frozenset(str(row["fingerprint"]) for row in rows)


def new_findings(findings: Iterable[Finding], known: Collection[str]) -> list[Finding]:
    """The findings that a baseline does not have."""
    findings = list(findings)
    pairs = zip(findings, fingerprints(findings), strict=True)
    return [finding for finding, fingerprint in pairs if fingerprint not in known]
