"""Parts of a template: functions with their code, state machines, and SAM's connectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field


class FunctionCode(Record):
    """A Lambda function whose code is beside the template: the code's folder, and the configuration to run it.

    `memory` is in MB, `timeout` in seconds. `is_complete`: no layer or build adds to the code in the folder.
    `metadata` has the settings of its build.
    """

    logical_id: str
    name: str
    folder: Path
    handler: str
    memory: int
    timeout: float
    environment: Mapping[str, str]
    runtime: str = ""
    is_complete: bool = True
    metadata: Mapping[str, Json] = field(default_factory=dict)


class StateMachine(Record):
    """A state machine: the file of its definition or an inline definition, and the values of its placeholders."""

    logical_id: str
    name: str
    definition: Path | Mapping[str, Json] | str | None
    substitutions: Mapping[str, str]
    type: Literal["STANDARD", "EXPRESS"]


class Connector(Record):
    """A connector of SAM: its source, its other properties, and its keys in the template."""

    source: Mapping[str, Json]
    properties: Mapping[str, Json]
    keys: Keys


def connectors_in(resources: Mapping[str, Json]) -> Iterator[Connector]:
    """The connectors among resources, and those of a resource itself (SAM guide, "AWS::Serverless::Connector")."""
    for logical_id, resource in resources.items():
        keys: Keys = ("Resources", logical_id)
        fields = dict_or_empty(resource)
        for name, connector in dict_or_empty(fields.get("Connectors")).items():
            properties = dict_or_empty(dict_or_empty(connector).get("Properties"))
            yield Connector({"Id": logical_id}, properties, (*keys, "Connectors", name))
        if fields.get("Type") == "AWS::Serverless::Connector":
            properties = dict_or_empty(fields.get("Properties"))
            yield Connector(dict_or_empty(properties.get("Source")), properties, keys)
