"""Comparisons and operators whose operands never suit each other, and Maps over what is no list, by shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.shapes.choice import compared_kind
from workflow_dsl.shapes.conformity import words_of
from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.reading import read, reference_steps
from workflow_dsl.shapes.scene import ARITHMETIC, Operation
from workflow_dsl.shapes.shape import MOST_CACHED, UNKNOWN, Shape
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning
from workflow_dsl.validation.rules.values.reads import given_by, is_declared, misused_values, passing_states


@warning("NEVER_EQUAL", guide_url("state-choice"), of_values=True)
def compares_another_kind(definition: Definition) -> Iterator[Problem]:
    """A comparison has values of one kind on both sides: a number in NumericEquals, a string in StringEquals."""
    for passing in passing_states(definition, "Choice"):
        for keys, rule in passing.state.comparisons if passing.arguments.parts else ():
            found = _compared(passing, rule)
            if found is not None:
                path, operator, shape = found
                message = f"{path} is {words_of(shape)}, and {operator} is never true for it"
                is_operand = path != rule.get("Variable")
                remedy = "compare with the path of another value" if is_operand else _operator_remedy(operator, shape)
                yield Problem(passing.state.at(*keys), message, remedy)
    for passing, each in _operations(definition):
        if not each.fails and not each.holders:
            result = "never" if each.operator == "=" else "always"
            values = f"{each.text} is {words_of(each.shape)}, and {each.operator} {_other(each)}"
            yield Problem(passing.state.at(*each.keys), f"{values} is {result} true", "compare values of one type")
    yield from misused_values(definition, are_comparisons=True)


def _operations(definition: Definition) -> Iterator[tuple[StateFlow, Operation]]:
    """Yield the operations of JSONata whose operands never suit each other, each text once in a field."""
    for passing in passing_states(definition) if definition.jsonata_states else ():
        seen: set[tuple[Keys, str, str]] = set()
        for each in passing.operations:
            if (each.keys, each.text, each.operator) not in seen:
                seen.add((each.keys, each.text, each.operator))
                yield passing, each


def _other(each: Operation) -> str:
    """The second operand; one that is no literal with its type, in brackets."""
    words = words_of(each.other_shape)
    return each.other if each.other == words else f"{each.other} ({words})"


def _compared(passing: StateFlow, rule: Mapping[str, Json]) -> tuple[str, str, Shape] | None:
    """The path in a rule with no value of the kind that its operator compares: the path, the operator and its shape."""
    operator = next((name for name in rule if compared_kind(name) is not None), "")
    other = rule[operator] if operator.endswith("Path") else None
    return _of_another_kind(passing.arguments, operator, (rule.get("Variable"), other)) if operator else None


@lru_cache(MOST_CACHED)
def _of_another_kind(data: Shape, operator: str, paths: tuple[Json, ...]) -> tuple[str, str, Shape] | None:
    kind = compared_kind(operator)
    for path in paths:
        steps = reference_steps(path)
        shape = UNKNOWN if steps is None else read(data, steps).shape
        if kind is not None and shape.parts and shape.kinds.isdisjoint(kind.kinds):
            return str(path), operator, shape
    return None


@warning("WRONG_OPERAND", guide_url("transforming-data"), applies_to="JSONata", of_values=True)
def operands_do_not_suit(definition: Definition) -> Iterator[Problem]:
    """An operator of JSONata has operands that it takes: + numbers, and < two numbers or two strings."""
    for passing, each in _operations(definition):
        if each.operator in ARITHMETIC:
            message = f"{each.text} is {words_of(each.shape)}, but {each.operator} takes numbers"
            remedy = "write & to concatenate" if each.operator == "+" else "convert it with $number()"
            yield Problem(passing.state.at(*each.keys), message, remedy)
        elif each.fails:
            message = (
                f"{each.text} is {words_of(each.shape)}, and {each.operator} cannot compare it with {_other(each)}"
            )
            yield Problem(passing.state.at(*each.keys), message, "compare two numbers or two strings")


@warning("NOT_A_LIST", guide_url("state-map-inline"), applies_to="Map", of_values=True)
def items_are_no_list(definition: Definition) -> Iterator[Problem]:
    """A Map works off a list; a distributed one, and one in JSONata, also takes an object."""
    for passing in passing_states(definition, "Map"):
        state, shape = passing.state, passing.items
        is_jsonata = definition.language_of(state) == "JSONata"
        taken = {"list", "object"} if is_jsonata or state.is_distributed else {"list"}
        if shape.parts and taken.isdisjoint(shape.kinds):
            field = "Items" if is_jsonata else "ItemsPath"
            value = state.fields.get(field, "the input" if is_jsonata else "$")
            lists = [name for part in shape.records for name, each in part.fields.items() if each.shape.lists]
            right = f"write {field}: {value}.{lists[0]}" if lists else f"set {field} to a list"
            where = state.at(field) if field in state.fields else state.at()
            yield Problem(where, f"{value} is {words_of(shape)}, but a Map takes a list", right)


def _operator_remedy(operator: str, shape: Shape) -> str:
    kind = next(iter(shape.kinds))
    prefix = {"string": "String", "number": "Numeric", "boolean": "Boolean"}.get(kind)
    suffix = operator.removeprefix("String").removeprefix("Numeric").removeprefix("Boolean").removeprefix("Timestamp")
    return f"write {prefix}{suffix}" if prefix and len(shape.kinds) == 1 else "compare another field"


@warning("NOT_A_BOOLEAN", guide_url("state-choice"), applies_to="Choice", of_values=True)
def condition_is_no_boolean(definition: Definition) -> Iterator[Problem]:
    """A Condition is true or false; with any other value the state fails with States.QueryEvaluationError."""
    for passing in passing_states(definition, "Choice"):
        for index, shape in passing.wrong_conditions:
            message = f"its Condition is {words_of(shape)}, and not true or false"
            remedy = "compare it, or write $boolean(...) or $exists(...)"
            yield Problem(passing.state.at("Choices", index, "Condition"), message, remedy)


@warning("CONSTANT_CONDITION", guide_url("state-choice"), of_values=True)
def rule_is_constant(definition: Definition) -> Iterator[Problem]:
    """A rule or comparison is true for some of the declared values, and not for others."""
    for passing in passing_states(definition, "Choice"):
        rules = dict(passing.state.items_of("Choices")) if passing.constant_rules else {}
        for index, holds in passing.constant_rules:
            rule = rules[index]
            steps = reference_steps(rule.get("Variable"))
            reading = read(passing.arguments, steps) if steps else None
            if reading is None or not reading.holders or not is_declared(reading.holders):
                continue
            if _compared(passing, rule) is None:
                what = words_of(reading.shape)
                message = f"this rule {'always' if holds else 'never'} matches: {rule['Variable']} is {what}"
                yield Problem(
                    passing.state.at("Choices", index),
                    f"{message}{given_by(reading.holders)}",
                    "correct the value, or remove the rule",
                )
    for passing, each in _operations(definition):
        if each.holders and is_declared(each.holders):
            message = f"{each.operator} {each.other} is never true here: {each.text} is {words_of(each.shape)}"
            remedy = "correct the value, or remove the comparison"
            yield Problem(passing.state.at(*each.keys), f"{message}{given_by(each.holders)}", remedy)
