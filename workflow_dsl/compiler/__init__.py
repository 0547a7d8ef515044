"""SDK graph -> Machine. The same workflow always compiles to the same text."""

from workflow_dsl.compiler.graph import compile_workflow

__all__ = ["compile_workflow"]
