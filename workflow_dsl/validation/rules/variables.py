"""Workflow variables: what Assign may name."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.json import Json, short
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide

_Keys = Keys
_LONGEST = 80


def assigned(definition: Definition) -> Iterator[tuple[State, str, _Keys]]:
    """The variables that states assign, in their Choice rules and catchers too, with the keys to each."""
    for state in definition.states:
        given: list[tuple[_Keys, Json]] = [(("Assign",), state.fields.get("Assign"))]
        for field in ("Choices", "Catch"):
            if field in state.fields:
                given += [((field, index, "Assign"), item.get("Assign")) for index, item in state.items_of(field)]
        for keys, variables in given:
            if isinstance(variables, dict):
                is_jsonpath = definition.language_of(state) == "JSONPath"
                for name in variables:
                    yield state, name.removesuffix(".$") if is_jsonpath else name, (*keys, name)


@error(guide("workflow-variables"), "RESERVED_VARIABLE_NAME", about="Assign")
def reserved_variable(definition: Definition) -> Iterator[Problem]:
    """No variable is called states: $states is the service's own."""
    for state, name, keys in definition.once(assigned):
        if name == "states":
            yield Problem(state.at_key(*keys), "Cannot assign to reserved variable '$states'", "choose another name")


@error(guide("workflow-variables"), "INVALID_VARIABLE_NAME", about="Assign")
def variable_names(definition: Definition) -> Iterator[Problem]:
    """A variable's name is a letter or _, then letters, digits and _, at most 80 of them."""
    for state, name, keys in definition.once(assigned):
        if not is_known(name):
            continue
        if len(name) > _LONGEST:
            message = f"Invalid variable name {short(name)}: it has {len(name)} characters, and 80 are the most"
            yield Problem(state.at_key(*keys), message, "shorten it")
        elif not name.isidentifier():
            message = f"Invalid variable name '{name}': the variable name contains invalid characters"
            yield Problem(state.at_key(*keys), message, _better(name))


def is_allowed(name: str) -> bool:
    """Whether a variable can have a name."""
    return name.isidentifier() and name != "states" and len(name) <= _LONGEST


def _better(name: str) -> str:
    if name.startswith("$"):
        return f'write "{name[1:]}", without the $'
    if name.endswith(".$"):
        return f'write "{name[:-2]}": JSONata needs no .$'
    return "use letters, digits and _, and none of the digits first"


@error(guide("workflow-variables"), "DUPLICATE_VARIABLE_NAME", about="Assign")
def variables_of_the_outer_scope(definition: Definition) -> Iterator[Problem]:
    """A state inside a Parallel or an inline Map assigns no variable of a scope around it.

    A catcher's Assign is not counted: the service has been seen to take that.
    """
    by_scope: dict[_Keys, dict[str, State]] = {}
    given = [row for row in definition.once(assigned) if row[2][0] != "Catch"]
    for state, name, _ in given:
        by_scope.setdefault(state.scope.keys, {}).setdefault(name, state)
    for state, name, keys in given:
        outer = _assigned_around(state.scope, name, by_scope)
        if outer:
            message = f"The variable name '{name}' was already defined in a parent scope"
            yield Problem(state.at_key(*keys), message, f'choose another name; "{outer.name}" assigns that one')


def _assigned_around(scope: Machine, name: str, by_scope: dict[_Keys, dict[str, State]]) -> State | None:
    while scope.owner is not None and not scope.is_distributed:
        scope = scope.owner.scope
        if name in by_scope.get(scope.keys, {}):
            return by_scope[scope.keys][name]
    return None


RULES = (reserved_variable, variable_names, variables_of_the_outer_scope)
