"""Workflows in Python for AWS Step Functions: compiled, checked and kept from drifting."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_dsl.authoring import Workflow

__all__ = ["Workflow"]


def __getattr__(name: str) -> object:
    """Workflow, loaded when an author asks for it: checking a file needs none of it."""
    if name == "Workflow":
        from workflow_dsl.authoring import Workflow

        return Workflow
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
