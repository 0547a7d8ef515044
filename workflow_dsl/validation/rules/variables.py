"""Workflow variables: the names that Assign may have."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url

_LONGEST = 80


def assigned_variables(definition: Definition) -> Iterator[tuple[State, str, Keys]]:
    """Yield the variables that states, Choice rules and catchers assign: the state, the name and its keys."""
    for state in definition.states:
        values: list[tuple[Keys, Json]] = [(("Assign",), state.fields.get("Assign"))]
        for field in ("Choices", "Catch"):
            if field in state.fields:
                values += [((field, index, "Assign"), item.get("Assign")) for index, item in state.items_of(field)]
        for keys, variables in values:
            if isinstance(variables, dict):
                is_jsonpath = definition.language_of(state) == "JSONPath"
                for name in variables:
                    yield state, name.removesuffix(".$") if is_jsonpath else name, (*keys, name)


@error(guide_url("workflow-variables"), "RESERVED_VARIABLE_NAME", applies_to="Assign")
def reserved_variable(definition: Definition) -> Iterator[Problem]:
    """No variable is named states: $states is reserved."""
    for state, name, keys in definition.memo(assigned_variables):
        if name == "states":
            yield Problem(state.at_key(*keys), "Cannot assign to reserved variable '$states'", "choose another name")


@error(guide_url("workflow-variables"), "INVALID_VARIABLE_NAME", applies_to="Assign")
def variable_names(definition: Definition) -> Iterator[Problem]:
    """A variable's name has at most 80 letters, digits and _, and does not begin with a digit."""
    for state, name, keys in definition.memo(assigned_variables):
        if not is_known(name):
            continue
        if len(name) > _LONGEST:
            message = (
                f"Invalid variable name {short_json(name)}: it has {len(name)} characters, the limit is {_LONGEST}"
            )
            yield Problem(state.at_key(*keys), message, "shorten it")
        elif not name.isidentifier():
            message = f"Invalid variable name '{name}': the variable name contains invalid characters"
            yield Problem(state.at_key(*keys), message, _name_remedy(name))


def is_allowed(name: str) -> bool:
    """True if a variable may have this name."""
    return name.isidentifier() and name != "states" and len(name) <= _LONGEST


def _name_remedy(name: str) -> str:
    if name.startswith("$"):
        return f'write "{name[1:]}", without the $'
    if name.endswith(".$"):
        return f'write "{name[:-2]}": JSONata needs no .$'
    return "use letters, digits and _, and do not begin with a digit"


@error(guide_url("workflow-variables"), "DUPLICATE_VARIABLE_NAME", applies_to="Assign")
def variables_of_the_outer_scope(definition: Definition) -> Iterator[Problem]:
    """A state in a Parallel or inline Map does not assign a variable that an enclosing scope assigns.

    A catcher's Assign is ignored, because the service accepts it.
    """
    by_scope: dict[Keys, dict[str, State]] = {}
    assignments = [row for row in definition.memo(assigned_variables) if row[2][0] != "Catch"]
    for state, name, _ in assignments:
        by_scope.setdefault(state.scope.keys, {}).setdefault(name, state)
    for state, name, keys in assignments:
        outer = _outer_assignment(state.scope, name, by_scope)
        if outer:
            message = f"The variable name '{name}' was already defined in a parent scope"
            yield Problem(state.at_key(*keys), message, f'choose another name: "{outer.name}" assigns this one')


def _outer_assignment(scope: Machine, name: str, by_scope: dict[Keys, dict[str, State]]) -> State | None:
    while scope.owner is not None and not scope.is_distributed:
        scope = scope.owner.scope
        if name in by_scope.get(scope.keys, {}):
            return by_scope[scope.keys][name]
    return None
