"""A definition -> the workflow module that compiles to it."""

from workflow_dsl.importer.importing import Imported, import_definition

__all__ = ["Imported", "import_definition"]
