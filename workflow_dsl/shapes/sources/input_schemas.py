"""The JSON schema of an execution's input, in a file beside a definition: NAME.input.schema.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from workflow_dsl.definition.files import read_text
from workflow_dsl.shapes.shape import Shape
from workflow_dsl.shapes.sources.json_schema import shape_of_schema

ENDING = ".input.schema.json"


def schema_beside(definition: Path, shown: Callable[[Path], str] = str) -> Shape | None:
    """Return the shape of NAME.input.schema.json beside a definition; None where no such file can be read."""
    name = definition.name.removesuffix(definition.suffix).removesuffix(".asl")
    path = definition.with_name(f"{name}{ENDING}")
    try:
        schema = json.loads(read_text(path)) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    return shape_of_schema(schema, shown(path)) if isinstance(schema, dict) else None
