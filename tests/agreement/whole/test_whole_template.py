"""whole_template.py: the list of transforms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

SAM, EXTENSIONS, MACRO = "AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "Mine"
ORDERS = [
    ([SAM, EXTENSIONS], [f"write {EXTENSIONS} first"]),
    ([EXTENSIONS, SAM], []),
    ([MACRO, SAM, EXTENSIONS], [f"write {EXTENSIONS} first"]),
    ([EXTENSIONS], []),
    ([SAM], []),
    (SAM, []),
]


@pytest.mark.parametrize(("transforms", "expected"), ORDERS)
def test_language_extensions_come_before_sam(tmp_path: Path, transforms: object, expected: list[str]) -> None:
    application = application_of(tmp_path)
    application.template.source.document["Transform"] = transforms
    assert [remedy for _, _, remedy in reports(application, "TRANSFORM_ORDER")] == expected
