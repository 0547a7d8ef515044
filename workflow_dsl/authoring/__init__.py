"""What an author imports beside the SDK."""

from workflow_dsl.authoring.conditions import Condition, Variable, var
from workflow_dsl.authoring.workflow import Workflow

__all__ = ["Condition", "Variable", "Workflow", "var"]
