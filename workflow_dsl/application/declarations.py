"""The shapes around a state machine: its input, and what the functions and state machines that it calls declare.

The input is that of `Workflow(input=Order)`, or of the JSON schema NAME.input.schema.json beside the definition, or
else that of the events which start it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.starting_events import input_of_events
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.machine import State, TypeReference
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.shapes.declared import Declared, Signature
from workflow_dsl.shapes.flow import flow_of
from workflow_dsl.shapes.shape import UNKNOWN, Shape
from workflow_dsl.shapes.sources.annotations import Reading, shape_of_class
from workflow_dsl.shapes.sources.handlers import Shown, signature_of
from workflow_dsl.shapes.sources.input_schemas import schema_beside, schema_problems
from workflow_dsl.shapes.sources.python_modules import class_of


class Declarations:
    """The declarations around the state machines of an application; each handler and machine is read once."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._codes = {code.logical_id: code for code in application.template.functions()}
        self._functions: dict[str, Signature] = {}
        self._machines: dict[str, Signature] = {}

    def of(self, machine: TemplateMachine, *, with_events: bool = True) -> Declared:
        """Return the shape of a state machine's input, and the signature of what each of its states calls.

        Without a declaration of the input, it is that of the events that start the machine, if `with_events`.
        """
        calls = {keys: signature for keys, signature in self._calls(machine) if signature is not None}
        declared = self._declared_input(machine)
        is_of_events = with_events and declared.parts is None
        return Declared(input_of_events(self._application.template, machine) if is_of_events else declared, calls)

    def problems(self, machine: TemplateMachine) -> list[Finding]:
        """Return the findings about the schema of a state machine's input, which stands beside its definition."""
        path = machine.resource.definition
        if machine.definition.input_type is not None or not isinstance(path, Path):
            return []
        return schema_problems(path, self._application.shown)

    def _calls(self, machine: TemplateMachine) -> Iterator[tuple[Keys, Signature | None]]:
        for written, local in machine.states():
            if local.type == "Task":
                yield written.keys, self._signature(written, local)

    def _signature(self, written: State, local: State) -> Signature | None:
        site = next(call_sites(local), None) or next(call_sites(written), None)
        if site is None:
            return None
        call = site.call
        resource = self._application.template.resource_at(call.target or "", call.service or "lambda")
        if resource is None:
            return None
        if resource.type in FUNCTIONS:
            return self._of_function(resource.logical_id)
        return self._of_machine(resource.logical_id) if resource.type in MACHINES else None

    def _of_function(self, logical_id: str) -> Signature | None:
        """The signature of a function whose handler is in Python; nothing is known of others."""
        if logical_id not in self._functions:
            self._functions[logical_id] = Signature(logical_id)
            code = self._codes.get(logical_id)
            handler = find_handler(code) if code else None
            if code and handler and handler.file and handler.file.suffix == ".py" and not handler.problem:
                name = code.handler.rpartition(".")[2]
                self._functions[logical_id] = signature_of(handler.file, name, logical_id, self._application.shown)
        return self._functions[logical_id]

    def _of_machine(self, logical_id: str) -> Signature | None:
        """The signature of a nested state machine: its declared input, and what its states give."""
        if logical_id not in self._machines:
            self._machines[logical_id] = Signature(logical_id)  # of one that starts itself, nothing more is known
            machine = next((each for each in self._application.machines if each.logical_id == logical_id), None)
            if machine is not None and machine.has_definition and not machine.problems:
                takes = self._declared_input(machine)
                gives = flow_of(machine.with_known_values, self.of(machine)).output
                self._machines[logical_id] = Signature(logical_id, takes, gives if gives.parts else UNKNOWN)
        return self._machines[logical_id]

    def _declared_input(self, machine: TemplateMachine) -> Shape:
        """The input that the workflow or a schema beside the definition declares."""
        reference = machine.definition.input_type
        if reference is not None:
            return shape_of_type(reference, self._application.shown)
        path = machine.resource.definition
        return (isinstance(path, Path) and schema_beside(path, self._application.shown)) or UNKNOWN


def shape_of_type(reference: TypeReference, shown: Shown = str) -> Shape:
    """Return the shape of the type that a workflow declares as its input."""
    found = class_of(Path(reference.file), reference.name)
    if found is None:
        return UNKNOWN
    module, statement = found
    return shape_of_class(statement, module, Reading(lambda each: shown(each.file), is_input=True))
