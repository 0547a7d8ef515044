"""The JSON schema of an execution's input, in a file beside a definition: NAME.input.schema.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Place, Where, to_field
from workflow_dsl.shapes.shape import Shape

ENDING = ".input.schema.json"


def schema_beside(definition: Path, shown: Callable[[Path], str] = str) -> Shape | None:
    """Return the shape of NAME.input.schema.json beside a definition; None where no such file can be read."""
    path = _beside(definition)
    try:
        schema = json.loads(read_text(path)) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(schema, dict):
        return None
    from workflow_dsl.shapes.sources.json_schema import shape_of_schema

    return shape_of_schema(schema, shown(path))


def schema_problems(definition: Path, shown: Callable[[Path], str] = str) -> list[Finding]:
    """Return the finding about a file beside a definition that is to hold its input's schema, and cannot be read."""
    path = _beside(definition)
    try:
        schema = json.loads(read_text(path)) if path.is_file() else {}
    except json.JSONDecodeError as problem:
        message = f"is not JSON: {problem.msg}"
        return [_finding(Place(shown(path), problem.lineno, problem.colno), message, "correct it")]
    except OSError as problem:
        message, _, remedy = (problem.strerror or "cannot be read").partition("; ")
        return [_finding(Place(shown(path)), message, remedy or "make it readable")]
    except RecursionError:
        return [_finding(Place(shown(path)), "is nested too deeply", "flatten it")]
    message = _mistake(schema) if schema != {} else ""
    return [_finding(Place(shown(path)), message, 'write a schema such as {"type": "object"}')] if message else []


def _beside(definition: Path) -> Path:
    name = definition.name.removesuffix(definition.suffix).removesuffix(".asl")
    return definition.with_name(f"{name}{ENDING}")


def _finding(place: Place, message: str, remedy: str) -> Finding:
    return Finding("INPUT_SCHEMA", "error", Where(place=place), message, remedy)


def _mistake(schema: Json) -> str:
    """The reason why a document is not a JSON schema; "" for a schema."""
    from jsonschema import SchemaError  # lazy: 80 ms, only needed where such a file is
    from jsonschema.validators import Draft202012Validator, validator_for

    if not isinstance(schema, dict):
        return "is not a JSON schema, which is an object"
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as problem:
        at = to_field(tuple(problem.absolute_path))
        return f"is not a JSON schema: {f'{at}: ' if at else ''}{problem.message}"
    except (RecursionError, TypeError, ValueError):
        return "is not a JSON schema"
    return ""
