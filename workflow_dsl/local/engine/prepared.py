"""A definition prepared to run: the path fields of every state are parsed once."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.expressions.jsonpath import Path, parse_path

_ROOT = parse_path("$")
_DATA_FLOW_FIELDS = frozenset(
    ("InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Output", "Assign", "Result")
)


class PreparedState:
    """A state as the engine reads it."""

    __slots__ = (
        *("at", "catchers", "entered_type", "exited_type", "fields", "input_path", "is_distributed"),
        *("is_jsonata", "name", "next", "output_path", "parameters", "passes_input_through", "result_path"),
        *("retriers", "scopes", "selector", "type", "visit_types"),
    )

    def __init__(self, state: State, language: str) -> None:
        fields = state.fields
        self.name, self.type, self.fields, self.at = state.name, str(state.type), fields, state.at
        self.entered_type, self.exited_type = self.visit_types = f"{self.type}StateEntered", f"{self.type}StateExited"
        self.is_jsonata = fields.get("QueryLanguage", language) == "JSONata"
        self.is_distributed = state.is_distributed
        self.next: str | None = fields.get("Next")
        self.retriers: list[Mapping[str, Json]] = list(fields.get("Retry", ()))
        self.catchers: list[Mapping[str, Json]] = list(fields.get("Catch", ()))
        self.input_path = _path(fields, "InputPath")
        self.output_path = _path(fields, "OutputPath")
        self.result_path = _path(fields, "ResultPath")
        # A Map's Parameters are the old name of its ItemSelector.
        self.parameters = None if self.type == "Map" else fields.get("Parameters")
        self.selector = fields.get("ResultSelector")
        self.scopes = [PreparedScope(machine, language) for machine in state.nested]
        # The common case of a Pass state, worth a shortcut.
        self.passes_input_through = self.type == "Pass" and _DATA_FLOW_FIELDS.isdisjoint(fields)

    @property
    def counts_retries(self) -> bool:
        """True if the state's context object has a State.RetryCount, as that of a Pass state has not on AWS."""
        return self.type in ("Task", "Parallel", "Map")


def _path(fields: Mapping[str, Json], name: str) -> Path | None:
    """Return a path field: `$` if it is missing, None if it is null."""
    value = fields.get(name, "$")
    return None if value is None else _ROOT if value == "$" else parse_path(value)


class PreparedScope:
    """The states that can transition to each other: those of the machine, a branch, or an iteration."""

    __slots__ = ("config", "start", "states")

    def __init__(self, machine: Machine, language: str) -> None:
        self.start: str = machine.start_at
        self.config: Mapping[str, Json] = machine.fields.get("ProcessorConfig") or {}
        self.states = {name: PreparedState(state, language) for name, state in machine.states.items()}

    def walk(self) -> Iterator[PreparedScope]:
        """Yield the scope, and the scopes inside its states."""
        yield self
        for state in self.states.values():
            for inner in state.scopes:
                yield from inner.walk()


class PreparedMachine:
    """A whole state machine, prepared to run."""

    __slots__ = ("definition", "scope", "timeout")

    def __init__(self, definition: Machine) -> None:
        self.definition = definition
        self.scope = PreparedScope(definition, definition.fields.get("QueryLanguage", "JSONPath"))
        self.timeout: float = definition.fields.get("TimeoutSeconds", float("inf"))

    def states(self, skip_inside: Container[str] = ()) -> Iterator[PreparedState]:
        """Yield every state, nested ones included, except those inside the states named in `skip_inside`."""
        scopes = [self.scope]
        while scopes:
            for state in scopes.pop().states.values():
                yield state
                scopes.extend(() if state.name in skip_inside else state.scopes)

    @classmethod
    def of_scope(cls, machine: PreparedMachine, scope: PreparedScope) -> PreparedMachine:
        """Return a scope of a machine as a machine of its own, for the child executions of a distributed Map."""
        child = cls.__new__(cls)
        child.definition, child.scope, child.timeout = machine.definition, scope, float("inf")
        return child


def parse_resource(resource: str) -> tuple[str, str, str, str]:
    """Return the kind, service, action and pattern of a Resource.

    The kind is "task" for an integration, "activity" for an activity, and "lambda" for everything else.
    """
    integration = integration_of(resource)
    if integration:
        service = f"aws-sdk:{integration.service}" if integration.is_sdk else integration.service
        return "task", service, integration.action, integration.pattern
    return ("activity" if ":activity:" in resource else "lambda"), "", "", ""
