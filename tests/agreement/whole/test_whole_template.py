"""whole_template.py: the list of transforms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import read_template

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


def test_a_misspelt_state_machine_is_found_though_the_template_has_no_other(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: {M: {Type: AWS::Serverless::StateMachin, Properties: {DefinitionUri: m.asl.json}}}")
    application = Application(read_template(file, file.name), [])
    message = "M: there is no resource type AWS::Serverless::StateMachin"
    assert reports(application) == [
        ("SCHEMA_VALIDATION_FAILED", message, 'did you mean "AWS::Serverless::StateMachine"?')
    ]


def test_globals_have_the_properties_that_sam_takes_there(tmp_path: Path) -> None:
    application = application_of(tmp_path, head="Globals: {Function: {Timout: 10, Runtime: python3.13}}\n")
    assert reports(application) == [
        ("SCHEMA_VALIDATION_FAILED", "Globals has no Timout for Function", 'did you mean "Timeout"?')
    ]
