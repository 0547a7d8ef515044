"""The variables that each state reads, as DescribeStateMachine lists them."""

from __future__ import annotations

from functools import lru_cache

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read
from workflow_dsl.validation.rules.dataflow import variables_read
from workflow_dsl.validation.rules.rule import Definition


@lru_cache(maxsize=256)
def variable_references(text: str) -> dict[str, list[str]]:
    """Return the names of the variables by the state that reads them, sorted; states that read none are left out."""
    names_by_state: dict[str, set[str]] = {}
    for state, _, name in variables_read(Definition(Machine(read(text)))):
        names_by_state.setdefault(state.name, set()).add(name)
    return {state: sorted(names) for state, names in sorted(names_by_state.items())}
