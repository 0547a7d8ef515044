"""includes.py: the OpenAPI documents of APIs that stand in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.application.template import read_template

INCLUDE = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}}"
API = {"openapi": "3.0.1", "x": {"Fn::Sub": "${M}"}}


def body(folder: Path, value: str, type_: str = "AWS::Serverless::Api", field: str = "DefinitionBody") -> object:
    """The document of an API in a template, beside an api.yaml."""
    (folder / "api.yaml").write_text("openapi: 3.0.1\nx: !Sub ${M}\n")
    (folder / "list.yaml").write_text("[]\n")
    (folder / "broken.yaml").write_text("{")
    (folder / "template.yaml").write_text(f"Resources: {{A: {{Type: '{type_}', Properties: {{{field}: {value}}}}}}}\n")
    return read_template(folder / "template.yaml").resources["A"].properties[field]


@pytest.mark.parametrize(
    ("type_", "field"), [("AWS::Serverless::HttpApi", "DefinitionBody"), ("AWS::ApiGateway::RestApi", "Body")]
)
def test_a_document_in_a_file_is_read(tmp_path: Path, type_: str, field: str) -> None:
    assert body(tmp_path, INCLUDE % "api.yaml", type_, field) == API


@pytest.mark.parametrize("location", ["s3://bucket/api.yaml", "missing.yaml", "list.yaml", "broken.yaml", "{Ref: P}"])
def test_one_that_cannot_be_read_stays_as_it_is(tmp_path: Path, location: str) -> None:
    assert list(body(tmp_path, INCLUDE % location)) == ["Fn::Transform"]  # type: ignore[call-overload]


def test_a_document_in_the_template_stays_as_it_is(tmp_path: Path) -> None:
    assert body(tmp_path, "{openapi: 3.0.1}") == {"openapi": "3.0.1"}
