"""Read a SAM or CloudFormation template and resolve its values."""

from __future__ import annotations

from workflow_dsl.application.template.intrinsics import references
from workflow_dsl.application.template.model import (
    Template,
    empty_template,
    read_template,
    template_of,
)
from workflow_dsl.application.template.parts import Connector, FunctionCode, StateMachine
from workflow_dsl.application.template.values import Resource

__all__ = [
    "Connector",
    "FunctionCode",
    "Resource",
    "StateMachine",
    "Template",
    "empty_template",
    "read_template",
    "references",
    "template_of",
]
