"""The exits of a state whose query language is JSONata."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.shapes.passing import Exit, Visit
from workflow_dsl.shapes.shape import UNKNOWN


def jsonata_exits(visit: Visit) -> Iterator[Exit]:
    """Yield the exits of a state in JSONata, each with the shape of what goes there."""
    for target in visit.passing.state.targets:
        yield target.name, UNKNOWN
