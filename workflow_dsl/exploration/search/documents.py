"""JSON documents that values are put into, with the objects and lists around them."""

from __future__ import annotations

from typing import Any

from workflow_dsl.exploration.search.candidates import ABSENT
from workflow_dsl.exploration.search.symbols import Step


class Conflict(Exception):
    """A value is put into one that has no fields or items."""


def put(document: Any, path: tuple[Step, ...], value: Any) -> Any:
    """Return a document with a value in it, and the objects and lists around that. Raises Conflict.

    What is beside the path is shared with the old document, which stays as it is.
    """
    if not path:
        return {} if value is ABSENT else value
    step, rest = path[0], path[1:]
    if not isinstance(document, (dict, list)):  # a sample, in place of which a condition wants fields or items
        document = _container(path)
    if isinstance(step, str):
        return _with_field(document, step, rest, value)
    items = [] if document == {} else document
    if not isinstance(items, list):
        raise Conflict
    if value is ABSENT and not rest:
        return items[:step]
    items = [*items, *(_container(rest) for _ in range(len(items), step + 1))]
    items[step] = put(items[step], rest, value)
    return items


def _with_field(document: Any, name: str, rest: tuple[Step, ...], value: Any) -> Any:
    if not isinstance(document, dict):
        raise Conflict
    if value is ABSENT and not rest:
        return {other: each for other, each in document.items() if other != name}
    if value is ABSENT and name not in document:
        return document
    return {**document, name: put(document.get(name, _container(rest)), rest, value)}


def _container(rest: tuple[Step, ...]) -> Any:
    return [] if rest and isinstance(rest[0], int) else {}
