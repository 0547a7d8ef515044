"""Arguments against what a function takes: fields that are missing, and values of another kind.

Only what cannot fit is a mismatch: fields that the function does not declare are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow_dsl import records
from workflow_dsl.shapes.choice import common
from workflow_dsl.shapes.conformity import words_of
from workflow_dsl.shapes.shape import ListOf, Part, Presence, Record, Scalar, Shape


class Mismatch(records.Record):
    """A part of what is passed that does not fit: its path, "" for the whole.

    `lacking` are the records without a field that is required; `name` is that field, "" for a wrong kind. Then
    `passed` and `taken` are the words for both kinds. A mismatch is sure if no value fits.
    """

    path: str
    name: str
    passed: str
    taken: str
    lacking: tuple[Part, ...]
    is_sure: bool


def mismatches(passed: Shape, taken: Shape, path: str = "") -> Iterator[Mismatch]:
    """Yield where no value, or not every declared value, of one shape is one of another."""
    if passed.parts is None or taken.parts is None or not passed.parts:
        return
    unfit = [part for part in passed.parts if not _may_fit(part, taken)]
    fitting = [part for part in passed.parts if part not in unfit]
    if not fitting:
        yield Mismatch(path, "", words_of(passed), words_of(taken), tuple(unfit), True)
        return
    for kind in (Record, ListOf):
        here = [part for part in fitting if isinstance(part, kind)]
        wanted = [part for part in taken.parts if isinstance(part, kind)]
        if here and len(wanted) == 1:
            yield from _inside(here, wanted[0], path)


def _may_fit(part: Part, taken: Shape) -> bool:
    if isinstance(part, Scalar):
        return bool(common(Shape((part,)), taken).parts)
    return any(type(part) is type(other) for other in taken.parts or ())


def _inside(passed: Sequence[Part], taken: Part, path: str) -> Iterator[Mismatch]:
    if isinstance(taken, ListOf):
        for part in passed:
            if isinstance(part, ListOf):
                yield from mismatches(part.item, taken.item, f"{path}[]")
    elif isinstance(taken, Record):
        records = [part for part in passed if isinstance(part, Record)]
        for name, field in taken.fields.items():
            lacking = tuple(part for part in records if name not in part.fields and part.rest is None)
            if lacking and field.presence is Presence.SURE:
                yield Mismatch(path, name, "", "", lacking, len(lacking) == len(records))
            for part in records:
                if name in part.fields:
                    yield from mismatches(part.fields[name].shape, field.shape, f"{path}.{name}".removeprefix("."))
