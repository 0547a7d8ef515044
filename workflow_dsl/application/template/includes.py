"""The OpenAPI documents that a template includes from files beside it, by AWS::Include.

CloudFormation user guide, "AWS::Include transform"; `aws cloudformation package` and `sam package` upload the file that
Location names (AWS CLI reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import FindingsError

_BODIES = {
    "AWS::ApiGateway::RestApi": "Body",
    "AWS::ApiGatewayV2::Api": "Body",
    "AWS::Serverless::Api": "DefinitionBody",
    "AWS::Serverless::HttpApi": "DefinitionBody",
}


def with_included_documents(properties: Mapping[str, Json], type_: str, folder: Path) -> dict[str, Json]:
    """The properties of an API with its document in place of the AWS::Include, if the file is in the folder."""
    field = _BODIES.get(type_, "")
    transform = dict_or_empty(dict_or_empty(properties.get(field)).get("Fn::Transform"))
    location = dict_or_empty(transform.get("Parameters")).get("Location")
    if transform.get("Name") != "AWS::Include" or not isinstance(location, str) or "://" in location:
        return {**properties}
    try:
        document = read_source(read_file(folder / location), location, strict=False).document
    except (OSError, ValueError, FindingsError):
        return {**properties}
    return {**properties, field: document if isinstance(document, dict) else properties[field]}
