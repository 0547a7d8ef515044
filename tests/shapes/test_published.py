"""Findings about values in published definitions are true; skipped without the data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shapes.misspelling import OF_VALUES
from workflow_dsl.validation import check

DATA = Path(__file__).parent.parent.parent.parent / "shared" / "conformance" / "definitions.jsonl"

# Each of these reads what is not there: a result of lambda:invoke without Payload, that of getSpeechSynthesisTask
# without SynthesisTask, that of startExecution.sync:2 without Output, and an error of what is no error.
TRUE_FINDINGS = {
    "sfn-cfn-stacksets-workflow-cdk": "$.error",
    "tts-converter": "$.TaskStatus",
    "parallelized-embedding-pipeline": "$.Bucket",
    "distributed-data-stream-aggregator": "$states.result.resultCount",
}


@pytest.mark.skipif(not DATA.is_file(), reason="the published definitions are not next to this checkout")
def test_published_definitions_have_no_finding_about_values_but_true_ones() -> None:
    found: dict[str, list[str]] = {}
    for line in DATA.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["label"] == "valid":
            findings = check(row["raw"] or row["definition"], type=row["type"])
            texts = [finding.message for finding in findings if finding.code in OF_VALUES]
            if texts:
                found.setdefault(row["id"].partition(":")[2].partition("/")[0], []).extend(texts)
    assert found.keys() == TRUE_FINDINGS.keys()
    assert [name for name, path in TRUE_FINDINGS.items() if not any(path in text for text in found[name])] == []
