"""A definition -> the workflow module that compiles to it."""

from workflow_dsl.importer.importing import import_definition

__all__ = ["import_definition"]
