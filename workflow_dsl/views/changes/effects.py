"""The effects of a changed definition: for running executions, for the role and for callers."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.findings import short_list
from workflow_dsl.permissions.changes import PermissionChanges, permission_changes
from workflow_dsl.records import Record
from workflow_dsl.validation.rules.dataflow import input_paths

# API reference, UpdateStateMachine; developer guide, "Redriving executions".
RUNNING = "running executions, and redrives of them, keep the definition that they started with"


class Effects(Record):
    """The permissions that change, and the fields of the input that the first state reads now and read before."""

    permissions: PermissionChanges
    inputs: tuple[str, ...] = ()
    inputs_before: tuple[str, ...] = ()


def effects_of(before: TemplateMachine, after: TemplateMachine) -> Effects:
    """Return what it means to replace a definition by another one."""
    inputs, inputs_before = (_first_inputs(machine.definition) for machine in (after, before))
    return Effects(permission_changes(before, after), inputs, inputs_before)


def _first_inputs(machine: Machine) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_field(path) for state in _first_states(machine) for path in input_paths(state)))


def _first_states(machine: Machine) -> Iterator[State]:
    """Yield the first state, and the first ones of a Parallel's branches, which have the same input."""
    start = machine.start_at
    first = machine.states.get(start) if isinstance(start, str) else None
    if first is None:
        return
    yield first
    if first.type == "Parallel" and first.fields.keys().isdisjoint(("InputPath", "Parameters", "Arguments")):
        for branch in first.nested:
            yield from _first_states(branch)


def _field(path: str) -> str:
    return path.removeprefix("$.").removeprefix("$states.input.")


def effect_words(effects: Effects) -> Iterator[str]:
    """Yield a sentence for each effect."""
    yield RUNNING
    for action, resource in effects.permissions.added:
        yield f"the role now needs {action} on {resource}"
    for action, resource in effects.permissions.removed:
        yield f"the role no longer needs {action} on {resource}"
    if effects.permissions.unknown:
        yield f"the permissions of {short_list(effects.permissions.unknown, quoted=True)} are unknown"
    added = [name for name in effects.inputs if name not in effects.inputs_before]
    gone = [name for name in effects.inputs_before if name not in effects.inputs]
    if added:
        yield f"the first state now reads {short_list(added)} of the input"
    if gone:
        yield f"the first state no longer reads {short_list(gone)} of the input"
