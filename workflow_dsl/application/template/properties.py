"""The names that the properties of a resource type take: properties.json, which `tox -e facts` renews."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from math import inf
from pathlib import Path

from workflow_dsl.records import Record


class Member(Record):
    """One name of an object: its kind, the object in it, "" for none that is known, and its values.

    `least` and `most` are the limits of a number, as far as it has them.
    """

    name: str
    is_required: bool = False
    kind: str = ""
    inner: str = ""
    values: tuple[str, ...] = ()
    least: float = -inf
    most: float = inf


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    table: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("properties.json").read_bytes())
    return {type_: objects for type_, objects in table.items() if isinstance(objects, dict)}


def types_with_properties() -> list[str]:
    """The resource types whose properties are known, those of SAM among them."""
    return [type_ for type_ in _table() if "::" in type_]


def objects_in(type_: str) -> list[str]:
    """The names of the objects that the properties of a type lead to; "" is Properties itself."""
    return [*_table().get(type_, {})]


@cache
def members_of(type_: str, object_: str = "") -> Mapping[str, Member]:
    """The names that an object of a resource type takes; empty if it is unknown. "Globals" has an object a section."""
    words = _table().get(type_, {}).get(object_, "").split()
    return {member.name: member for member in map(_member, words)}


def _member(word: str) -> Member:
    """A word of the table: `Name!:l=Object`, `Name:p~A|B` or `Name:p#0..9`, with ! for a required one, and its kind."""
    head, _, tail = word.partition(":")
    tail, _, limits = tail.partition("#")
    tail, _, values = tail.partition("~")
    kind, _, inner = tail.partition("=")
    least, _, most = limits.partition("..")
    known = tuple(values.split("|")) if values else ()
    bounds = (float(least) if least else -inf, float(most) if most else inf)
    return Member(head.removesuffix("!"), head.endswith("!"), kind, inner, known, *bounds)
