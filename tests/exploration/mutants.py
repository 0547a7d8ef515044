"""Mutants of a definition: each has one slip that an author could make."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_OPPOSITES = {
    "NumericLessThanEquals": "NumericLessThan",
    "NumericLessThan": "NumericLessThanEquals",
    "NumericGreaterThan": "NumericGreaterThanEquals",
    "NumericGreaterThanEquals": "NumericGreaterThan",
    "NumericEquals": "NumericGreaterThan",
    "StringEquals": "StringGreaterThan",
}
_JSONATA = ((" > ", " >= "), (" >= ", " > "), (" < ", " <= "), (" <= ", " < "), (" = ", " != "), (" and ", " or "))


def mutants_of(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the description and the definition of each mutant."""
    for where in _places(definition):
        for what, change in _changes(_at(definition, where), _at(definition, where[:-1])):
            mutant = copy.deepcopy(definition)
            change(_at(mutant, where))
            yield f"{'/'.join(map(str, where))}: {what}", mutant


def _at(value: Any, keys: tuple[Any, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value


def _places(definition: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all states."""
    for name, state in definition.get("States", {}).items():
        yield (*keys, "States", name)
        for field in ("Iterator", "ItemProcessor"):
            if field in state:
                yield from _places(state[field], (*keys, "States", name, field))
        for number, branch in enumerate(state.get("Branches", [])):
            yield from _places(branch, (*keys, "States", name, "Branches", number))


def _changes(state: dict[str, Any], scope: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from _of_transitions(state, scope)
    yield from _of_order(state.get("Choices", []))
    for number, rule in enumerate(state.get("Choices", [])):
        yield from _of_rule(number, rule)
        yield from _of_parts(rule, ("Choices", number))
    yield from _of_names(state)
    for field in ("Retry", "Catch"):
        for number, _ in enumerate(state.get(field, [])):
            yield f"no {field}[{number}]", _removing(field, number)
    for number, retrier in enumerate(state.get("Retry", [])):
        most = retrier.get("MaxAttempts", 3)
        for value in {most + 1, max(most - 1, 0)} - {most}:
            yield f"MaxAttempts {value}", _setting(("Retry", number, "MaxAttempts"), value)
        yield "a longer interval", _setting(("Retry", number, "IntervalSeconds"), retrier.get("IntervalSeconds", 1) + 7)
    if isinstance(state.get("Seconds"), int):
        yield "a longer wait", _setting(("Seconds",), state["Seconds"] + 1)


def _of_transitions(state: dict[str, Any], scope: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    fields: list[tuple[Any, ...]] = [(field,) for field in ("Next", "Default") if field in state]
    fields += [(field, index, "Next") for field in ("Choices", "Catch") for index, _ in enumerate(state.get(field, []))]
    for keys in fields:
        others = [name for name in scope if name != _at(state, keys)]
        if others:
            yield f"{keys} to {others[0]}", _setting(keys, others[0])


def _of_order(rules: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for number, (rule, following) in enumerate(pairwise(rules)):
        yield f"Choices[{number}] after the next", _setting(("Choices", slice(number, number + 2)), [following, rule])


def _of_parts(rule: dict[str, Any], keys: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for name, other in (("And", "Or"), ("Or", "And")):
        parts = rule.get(name, [])
        if len(parts) > 1:
            yield f"{other} for {name}", _renaming(keys, name, other)
        for number, part in enumerate(parts):
            if len(parts) > 1:
                yield f"{name} without [{number}]", _removing_at((*keys, name), number)
            yield from _of_parts(part, (*keys, name, number))
            for field, operand in part.items():
                if isinstance(operand, (int, float)) and not isinstance(operand, bool):
                    yield f"{field} {operand + 1}", _setting((*keys, name, number, field), operand + 1)


def _of_names(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in ("Retry", "Catch"):
        for number, handler in enumerate(state.get(field, [])):
            names = handler["ErrorEquals"]
            for index, name in enumerate(names if len(names) > 1 else ()):
                yield f"{field}[{number}] without {name}", _removing_at((field, number, "ErrorEquals"), index)


def _of_rule(number: int, rule: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, operand in rule.items():
        if isinstance(operand, (int, float)) and not isinstance(operand, bool):
            for value in (operand + 1, operand - 1):
                yield f"{name} {value}", _setting(("Choices", number, name), value)
        if isinstance(operand, str) and name.startswith("String"):
            yield f"{name} of another text", _setting(("Choices", number, name), f"{operand}!")
        if isinstance(operand, bool):
            yield f"{name} {not operand}", _setting(("Choices", number, name), not operand)
        if name in _OPPOSITES:
            yield _OPPOSITES[name], _renaming(("Choices", number), name, _OPPOSITES[name])
    condition = str(rule.get("Condition", ""))
    for old, new in _JSONATA:
        if old in condition:
            yield f"{new} for {old}", _setting(("Choices", number, "Condition"), condition.replace(old, new, 1))


def _setting(keys: tuple[Any, ...], value: Any) -> Any:
    def change(state: dict[str, Any]) -> None:
        _at(state, keys[:-1])[keys[-1]] = value

    return change


def _removing_at(keys: tuple[Any, ...], number: int) -> Any:
    def change(state: dict[str, Any]) -> None:
        del _at(state, keys)[number]

    return change


def _removing(field: str, number: int) -> Any:
    def change(state: dict[str, Any]) -> None:
        del state[field][number]
        if not state[field]:
            del state[field]

    return change


def _renaming(keys: tuple[Any, ...], old: str, new: str) -> Any:
    def change(state: dict[str, Any]) -> None:
        rule = _at(state, keys)
        rule[new] = rule.pop(old)

    return change
