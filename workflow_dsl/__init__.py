"""Workflows in Python for AWS Step Functions: compiled, checked and kept from drifting."""

from workflow_dsl.authoring import Workflow

__all__ = ["Workflow"]
