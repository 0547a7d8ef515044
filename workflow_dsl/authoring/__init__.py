"""What an author imports beside the SDK."""

from workflow_dsl.authoring.workflow import Workflow

__all__ = ["Workflow"]
