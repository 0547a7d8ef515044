"""JSON or YAML text -> a document, or the one finding that says why not."""

from __future__ import annotations

import json
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Where


def read(document: Any) -> dict[str, Any]:
    """The document as a dict. Raises FindingsError for text that cannot be read, and for what is no object."""
    if isinstance(document, bytes):
        document = _decode(document)
    value = _parse(document) if isinstance(document, str) else document
    if not isinstance(value, dict):
        raise _unreadable("Definition must be a valid JSON object", 'begin with {"StartAt": ..., "States": {...}}')
    return value


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _unreadable(f"is not UTF-8: byte {problem.start} cannot be read", "save it as UTF-8") from None


def _parse(text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        return _parse_json(text)
    return _parse_yaml(text)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise _unreadable(f"is not JSON: {problem.msg} at {where}", "mend it there") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _unreadable(f'has the field "{name}" twice in one object', "keep one of the two")
        found[name] = value
    return found


def _constant(name: str) -> Any:
    raise _unreadable(f"has {name}, which is no JSON value", "write a number")


def _parse_yaml(text: str) -> Any:
    import yaml  # 30 ms that JSON need not wait for

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        said = getattr(problem, "problem", None) or "it cannot be read"
        raise _unreadable(f"is neither JSON nor YAML: {said}{where}", "mend it there") from None


def _unreadable(message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", Where(), message, remedy)])
