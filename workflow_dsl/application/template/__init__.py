"""The SAM or CloudFormation template: read, and its values resolved to what they are on this computer."""

from __future__ import annotations

from workflow_dsl.application.template.model import FunctionCode, StateMachine, Template, read_template, template_of
from workflow_dsl.application.template.values import Resource, references

__all__ = [
    "FunctionCode",
    "Resource",
    "StateMachine",
    "Template",
    "read_template",
    "references",
    "template_of",
]
