"""One visit to a state: its input, the variables in scope, and the shapes recorded for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field
from workflow_dsl.shapes.declared import Signature
from workflow_dsl.shapes.misuses import Misuse
from workflow_dsl.shapes.scene import Operation, Read, Scene, Variables
from workflow_dsl.shapes.shape import NOTHING, STRING, UNKNOWN, Field, Origin, Presence, Shape, join
from workflow_dsl.shapes.shape import Record as Object


class StateFlow(Record, frozen=False):
    """The shapes at one state: what enters it, what it calls with and gets, what leaves it; NOTHING if unreached.

    `caught` is what leaves it through its catchers, `items` what a Map works off.
    """

    state: State
    input: Shape = NOTHING
    arguments: Shape = NOTHING
    result: Shape = NOTHING
    output: Shape = NOTHING
    caught: Shape = NOTHING
    items: Shape = UNKNOWN
    reads: list[Read] = field(default_factory=list)
    misuses: list[Misuse] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)  # of JSONata, whose operands never suit each other
    constant_rules: tuple[tuple[int, bool], ...] = ()  # the indexes of Choice rules with what they always give
    wrong_conditions: tuple[tuple[int, Shape], ...] = ()  # those whose Condition is never a boolean, with its shape

    @property
    def is_reached(self) -> bool:
        """True if an execution may enter the state."""
        return self.input.parts != ()


class Visit(Scene, frozen=False):
    """The scene of a state, with its input as the data, and its fields.

    `calls` has what is declared of the calls of states, `through` returns what leaves a scope in the state, for its
    input and context. `left` collects what leaves the state, with the name of the next one, None at the end of a scope.
    """

    passing: StateFlow
    fields: Mapping[str, Json]
    calls: Mapping[Keys, Signature]
    through: Callable[[Machine, Shape, Shape, Variables], Shape]
    left: list[tuple[Json, Shape]]

    @property
    def signature(self) -> Signature:
        """The signature of what the state calls, as far as it is declared."""
        return self.calls.get(self.passing.state.keys, _NO_SIGNATURE) if self.calls else _NO_SIGNATURE

    def assign(self, assigned: Shape) -> None:
        """Assign the fields of an object to the variables of these names."""
        for each in assigned.records:
            for name, assigned_field in each.fields.items():
                self.variables.assign(name, assigned_field.shape)

    def leave(self, output: Shape, fields: Mapping[str, Json]) -> None:
        """Pass an output on to the Next of the state or of one of its rules or catchers."""
        self.left.append((fields.get("Next"), output))

    def catch(self, output: Shape, catcher: Mapping[str, Json]) -> None:
        """Pass an output on through a catcher."""
        self.passing.caught = join(self.passing.caught, output)
        self.leave(output, catcher)

    def through_scope(self, machine: Machine, input: Shape, context: Shape) -> Shape:
        """Return what leaves a scope in the state."""
        variables = Variables(None if machine.is_distributed else self.variables)
        return self.through(machine, input, context, variables)


_NO_SIGNATURE = Signature("")


def error_output(state: State) -> Shape:
    """Return what a catcher of a state gets (States Language, "Fallback States")."""
    return Shape((Object(_ERROR_OUTPUT, None, (Origin(f'a catcher of "{state.name}"'),), 1),), 2)


_ERROR_OUTPUT: Mapping[str, Shape | Field] = {"Error": STRING, "Cause": Field(STRING, Presence.UNSTATED)}
