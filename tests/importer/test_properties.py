"""Any definition that AWS would accept is imported, and its module compiles to the same content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings

from tests.conftest import ROOT
from tests.local.engine.test_properties import scopes
from tests.validation.test_fuzz import EXAMPLES, definitions
from workflow_dsl.definition.reading import Source, read_source
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
def test_every_valid_definition_of_the_recorded_data_is_imported_in_half_the_lines() -> None:
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    valid = [row for row in rows if row["label"] == "valid"]
    sources = {row["id"]: read_source(row["raw"] or row["definition"]) for row in valid}
    texts = {row["id"]: imported(sources[row["id"]], row["type"] or "STANDARD") for row in valid}
    assert ([name for name, text in texts.items() if not text], bool(valid)) == ([], True)
    lines_of_json = sum(len(json.dumps(source.document, indent=2).splitlines()) for source in sources.values())
    assert sum(len(text.splitlines()) for text in texts.values()) <= lines_of_json / 2


def imported(document: Any, type_: Any = "STANDARD") -> str:
    """The text of the module for a definition, "" for one that is refused."""
    try:
        return import_definition(document if isinstance(document, Source) else read_source(document), type=type_)
    except FindingsError:
        return ""
