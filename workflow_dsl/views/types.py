"""The shapes of a machine for people: what enters and leaves each state, and who gives it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes import Declared, flow_of
from workflow_dsl.shapes.formats import python, typescript
from workflow_dsl.shapes.formats.names import types_of
from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.shape import Shape
from workflow_dsl.shapes.sources.json_schema import schema_of
from workflow_dsl.validation import check


def lines_of(states: Iterable[StateFlow], format_: str) -> Iterator[str]:
    """Yield the lines of some states in a format: text, typescript, python or json-schema."""
    if format_ == "text":
        for passing in states:
            yield from _lines_of_state(passing)
        return
    types = types_of(states)
    if format_ == "json-schema":
        schemas = {name: schema_of(shape) for name, shape in types.items()}
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": schemas}
        yield json.dumps(document, indent=2, ensure_ascii=False)
    else:
        yield from (typescript if format_ == "typescript" else python).declarations(types)


def _lines_of_state(passing: StateFlow) -> Iterator[str]:
    yield passing.state.name
    if not passing.is_reached:
        yield "    is never reached"
        return
    for word, shape in (("in", passing.input), ("out", passing.output), ("error", passing.caught)):
        if shape.parts != ():
            yield f"    {word:5} {typescript.type_of(shape, depth=_depth(shape))}{_sources(shape)}"


def _depth(shape: Shape) -> int:
    """The levels to print: few of the answer of an API, which has hundreds of fields."""
    is_of_api = any(origin.text.startswith("the result of") for part in shape.records for origin in part.origins)
    return 2 if is_of_api else 5


def _sources(shape: Shape) -> str:
    """The sources of the objects in a shape, at its top: ` (functions/stock_buyer/app.py:35)`."""
    origins = dict.fromkeys(origin.text for part in shape.records for origin in part.origins)
    return f"  ({', '.join(origins)})" if origins else ""


def tips_of(machine: Machine, declared: Declared) -> dict[str, tuple[str, ...]]:
    """Return what enters and leaves each state, for the tips of a diagram, by the state's name.

    Nothing is said of a definition with errors, nor of a state of whose values nothing is known.
    """
    if any(finding.severity == "error" for finding in check(machine)):
        return {}
    flow = flow_of(machine, declared)
    return {passing.state.name: _tip(passing) for passing in flow.states.values()}


def sides_of(machine: Machine, declared: Declared) -> dict[str, dict[str, str]]:
    """Return the types of the `input` and `output` of each state, by its name, where they are known; as tips_of()."""
    if any(finding.severity == "error" for finding in check(machine)):
        return {}
    flow = flow_of(machine, declared)
    return {
        passing.state.name: {
            side: typescript.type_of(shape, depth=_depth(shape))
            for side, shape in (("input", passing.input), ("output", passing.output))
            if shape.parts
        }
        for passing in flow.states.values()
    }


def _tip(passing: StateFlow) -> tuple[str, ...]:
    shapes = (("in", passing.input), ("out", passing.output))
    return tuple(f"{word}: {typescript.type_of(shape, 6, 2)}" for word, shape in shapes if shape.parts)
