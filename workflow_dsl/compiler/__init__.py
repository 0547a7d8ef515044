"""SDK graph -> Machine: the same text for the same workflow, wherever and whenever it is compiled."""

from workflow_dsl.compiler.graph import compile_workflow

__all__ = ["compile_workflow"]
