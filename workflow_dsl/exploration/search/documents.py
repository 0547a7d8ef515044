"""JSON documents that values are put into, with the objects and lists around them."""

from __future__ import annotations

from typing import Any

from workflow_dsl.exploration.search.candidates import ABSENT
from workflow_dsl.exploration.search.symbols import Step


class Conflict(Exception):
    """A value is put into one that has no fields or items."""


def put(document: Any, path: tuple[Step, ...], value: Any) -> Any:
    """Put a value into a document, with the objects and lists around it. Raises Conflict."""
    if not path:
        return {} if value is ABSENT else value
    step, rest = path[0], path[1:]
    if not isinstance(document, (dict, list)):  # a sample, in place of which a condition wants fields or items
        document = _container(path)
    if isinstance(step, str):
        return _put_field(document, step, rest, value)
    document = [] if document == {} else document
    if not isinstance(document, list):
        raise Conflict
    if value is ABSENT and not rest:
        del document[step:]
        return document
    while len(document) <= step:
        document.append(_container(rest))
    document[step] = put(document[step], rest, value)
    return document


def _put_field(document: Any, name: str, rest: tuple[Step, ...], value: Any) -> Any:
    if not isinstance(document, dict):
        raise Conflict
    if value is ABSENT and not rest:
        document.pop(name, None)
    elif value is not ABSENT or name in document:
        document[name] = put(document.get(name, _container(rest)), rest, value)
    return document


def _container(rest: tuple[Step, ...]) -> Any:
    return [] if rest and isinstance(rest[0], int) else {}
