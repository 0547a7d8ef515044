"""A definition made ready to run: every state with its fields parsed once, and whatever cannot run refused."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.expressions.jsonpath import Path, parse_path

_WHOLE = parse_path("$")


class PreparedState:
    """A state as the engine reads it."""

    __slots__ = (
        *("catchers", "end", "entered_type", "exited_type", "fields", "input_path", "is_jsonata", "is_plain"),
        *("at", "name", "next", "output_path", "parameters", "result_path", "retriers", "scopes", "selector", "type"),
    )

    def __init__(self, state: State, language: str) -> None:
        fields = state.fields
        self.name, self.type, self.fields, self.at = state.name, str(state.type), fields, state.at
        self.entered_type, self.exited_type = f"{self.type}StateEntered", f"{self.type}StateExited"
        self.is_jsonata = fields.get("QueryLanguage", language) == "JSONata"
        self.next: str | None = fields.get("Next")
        self.end = "Next" not in fields
        self.retriers: list[Mapping[str, Json]] = list(fields.get("Retry", ()))
        self.catchers: list[Mapping[str, Json]] = list(fields.get("Catch", ()))
        self.input_path = _path(fields, "InputPath")
        self.output_path = _path(fields, "OutputPath")
        self.result_path = _path(fields, "ResultPath")
        # A Map's Parameters are the old name of its ItemSelector.
        self.parameters = None if self.type == "Map" else fields.get("Parameters")
        self.selector = fields.get("ResultSelector")
        self.scopes = [PreparedScope(machine, language) for machine in state.nested]
        # Nothing to do with what comes in and goes out: the common case, worth a short cut.
        self.is_plain = not fields.keys() & {
            *("InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Output", "Assign", "Result")
        }


def _path(fields: Mapping[str, Json], name: str) -> Path | None:
    """A path field: the whole when it is left out, None when it is null."""
    value = fields.get(name, "$")
    return None if value is None else _WHOLE if value == "$" else parse_path(value)


class PreparedScope:
    """The states among which transitions stay: of the machine, a branch, or an iteration."""

    __slots__ = ("config", "nodes", "start")

    def __init__(self, machine: Machine, language: str) -> None:
        self.start: str = machine.start_at
        self.config: Mapping[str, Json] = machine.fields.get("ProcessorConfig") or {}
        self.nodes = {name: PreparedState(state, language) for name, state in machine.states.items()}


class PreparedMachine:
    """A whole machine, ready to run."""

    __slots__ = ("machine", "scope", "timeout")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.scope = PreparedScope(machine, machine.fields.get("QueryLanguage", "JSONPath"))
        self.timeout: float = machine.fields.get("TimeoutSeconds", float("inf"))

    def nodes(self, without: Container[str] = ()) -> Iterator[PreparedState]:
        """Every state, nested ones too; not those nested in the ones that are left out."""
        waiting = [self.scope]
        while waiting:
            scope = waiting.pop()
            for node in scope.nodes.values():
                yield node
                waiting.extend(() if node.name in without else node.scopes)

    @classmethod
    def inside(cls, program: PreparedMachine, scope: PreparedScope) -> PreparedMachine:
        """A part of a program as one of its own: a distributed Map's children run it."""
        part = cls.__new__(cls)
        part.machine, part.scope, part.timeout = program.machine, scope, float("inf")
        return part
