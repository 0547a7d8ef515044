"""Templates with a state machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from workflow_dsl.application.machines import TemplateMachine, template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


def machines_of(
    folder: Path,
    states: Mapping[str, Any],
    properties: str = "",
    resources: str = "",
    type_: str = "AWS::Serverless::StateMachine",
    sections: str = "",
) -> list[TemplateMachine]:
    """The state machines of a template; the first, M, has these states and properties."""
    definition = json.dumps({"StartAt": next(iter(states), ""), "States": states})
    path = folder / "template.yaml"
    head = f"Resources:\n  M:\n    Type: {type_}\n    Properties:\n      Definition: {definition}\n"
    path.write_text(
        head + indent(dedent(properties).strip() + "\n", "      ") + indent(dedent(resources), "  ") + sections
    )
    return template_machines(
        read_template(path, "template.yaml"), lambda file: read_source(file.read_bytes(), str(file))
    )
