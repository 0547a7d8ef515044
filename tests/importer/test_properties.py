"""Any definition that AWS would accept is imported, and its module compiles to the same content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from tests.conftest import ROOT
from tests.local.engine.test_properties import scopes
from tests.validation.test_fuzz import EXAMPLES, definitions
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import Finding, FindingsError
from workflow_dsl.importer import import_definition
from workflow_dsl.validation import check

ROWS = ROOT.parent / "shared" / "conformance" / "definitions.jsonl"


def is_valid(document: Any) -> bool:
    return not any(finding.severity == "error" for finding in check(document))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scopes())
def test_generated_machines_are_imported_and_compile_to_the_same_content(document: dict[str, Any]) -> None:
    event("valid" if is_valid(document) else "refused")
    if is_valid(document):
        assert "def build() -> Workflow:" in import_definition(read_source(document))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions())
def test_an_edited_definition_is_imported_or_refused_with_its_place(document: dict[str, Any]) -> None:
    problems: list[Finding] = []
    try:
        import_definition(read_source(json.dumps(document), "d.json"))
    except FindingsError as error:
        problems += error.findings
    assert all(finding.where.place for finding in problems)
    assert bool(problems) or is_valid(document)


def test_every_valid_example_of_the_rules_is_imported() -> None:
    valid = [document for document in EXAMPLES if is_valid(document)]
    assert len(valid) > 50
    assert [document for document in valid if not imported(document)] == []


@pytest.mark.skipif(not ROWS.is_file(), reason="the recorded data is not next to this checkout")
def test_every_valid_definition_of_the_recorded_data_is_imported() -> None:
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    valid = [row for row in rows if row["label"] == "valid"]
    refused = [row["id"] for row in valid if not imported(row["raw"] or row["definition"], row["type"] or "STANDARD")]
    assert (refused, bool(valid)) == ([], True)


def imported(document: Any, type_: Any = "STANDARD") -> bool:
    try:
        import_definition(read_source(document), type=type_)
    except FindingsError:
        return False
    return True
