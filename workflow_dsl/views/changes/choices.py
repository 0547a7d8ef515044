"""The words for changed Choice rules: which values lead elsewhere, or which conditions were added and removed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, groupby, pairwise
from typing import Any

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.views.diagram.captions import condition_in_words

_Fields = Mapping[str, Json]
_Number = Fraction | float
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "NumericEquals": lambda value, constant: value == constant,
    "NumericLessThan": lambda value, constant: value < constant,
    "NumericLessThanEquals": lambda value, constant: value <= constant,
    "NumericGreaterThan": lambda value, constant: value > constant,
    "NumericGreaterThanEquals": lambda value, constant: value >= constant,
}
_SYMBOLS = dict(zip(("=", "<", "<=", ">", ">="), _OPERATORS, strict=True))
_JSONATA = lazy_regex(r"\{%\s*(\$[\w.]+)\s*(<=|>=|<|>|=)\s*(-?\d{1,15}(?:\.\d{1,15})?)\s*%\}")


def choice_words(before: _Fields, after: _Fields) -> list[str]:
    """The changes of a Choice state's Choices and Default, for the state's fields before and after.

    Where all rules compare one variable with numbers: `at 50 ($.price) it now goes to "Buy" instead of "Sell"`.
    """
    lines = _by_number(before, after)
    return list(_by_rule(before, after)) if lines is None else lines


# By number: try each constant, and a value on each side of it.


class _Test(Record):
    """A condition on one variable: the constants in it, and a function of the variable's value."""

    variables: frozenset[str]
    constants: frozenset[Fraction]
    holds: Callable[[_Number], bool]


def _by_number(before: _Fields, after: _Fields) -> list[str] | None:
    """The lines about numbers; None if a rule compares something else."""
    old, new = _tests(before), _tests(after)
    if old is None or new is None or not old or not new:
        return None
    variables = frozenset[str]().union(*(test.variables for test, _ in (*old, *new)))
    constants = sorted(frozenset[Fraction]().union(*(test.constants for test, _ in (*old, *new))))
    if len(variables) != 1 or not constants:
        return None
    between: list[_Number] = [(one + other) / 2 for one, other in pairwise(constants)]
    samples = [-math.inf, *chain(*zip(constants, [*between, math.inf], strict=True))]
    ways = [(_target(new, after, value), _target(old, before, value)) for value in samples]
    lines = []
    for (now, then), run in groupby(range(len(samples)), key=lambda index: ways[index]):
        indexes = list(run)
        if now != then:
            place = _range(indexes[0], indexes[-1], constants)
            lines.append(f"{place} ({min(variables)}) it now {_goes(now)} instead of {_to(then)}")
    return lines or ["its rules are written differently, but lead to the same states"]


def _range(first: int, last: int, constants: list[Fraction]) -> str:
    """The samples as words. Even indexes lie below, between and above the constants, odd ones are constants."""
    low = constants[(first - 1) // 2] if first else None
    high = constants[last // 2] if last < 2 * len(constants) else None
    if low is None or high is None:
        if low is None:
            return "always" if high is None else f"{'up to' if last % 2 else 'below'} {_shown(high)}"
        return f"{'from' if first % 2 else 'above'} {_shown(low)}"
    if first == last and first % 2:
        return f"at {_shown(low)}"
    start = f"from {_shown(low)}" if first % 2 else f"above {_shown(low)}"
    return f"{start} {'up to' if last % 2 else 'and below'} {_shown(high)}"


def _shown(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.12g}"


def _tests(fields: _Fields) -> list[tuple[_Test, Json]] | None:
    """The conditions of a state with their targets; None if one is not of numbers, or does more than lead on."""
    rules = fields.get("Choices")
    tests: list[tuple[_Test, Json]] = []
    for rule in rules if isinstance(rules, list) else []:
        test = _test(rule)
        if test is None or not rule.keys().isdisjoint(("Assign", "Output")):
            return None
        tests.append((test, rule.get("Next")))
    return tests


def _test(rule: Json) -> _Test | None:
    if not isinstance(rule, dict):
        return None
    for name, combine in (("And", all), ("Or", any)):
        if isinstance(rule.get(name), list):
            return _combined([_test(part) for part in rule[name]], combine)
    if "Not" in rule:
        return _combined([_test(rule["Not"])], lambda results: not all(results))
    condition = _JSONATA.fullmatch(str(rule.get("Condition")))
    if condition:
        variable, symbol, number = condition.groups()
        return _compared(variable, _SYMBOLS[symbol], Fraction(number))
    operator = next((name for name in _OPERATORS if name in rule), "")
    constant = rule.get(operator)
    if isinstance(constant, bool) or not isinstance(constant, (int, float)):
        return None
    return _compared(str(rule.get("Variable")), operator, Fraction(str(constant)))


def _compared(variable: str, operator: str, constant: Fraction) -> _Test:
    compare = _OPERATORS[operator]
    return _Test(frozenset([variable]), frozenset([constant]), lambda value: compare(value, constant))


def _combined(parts: list[_Test | None], combine: Callable[[Iterator[bool]], bool]) -> _Test | None:
    tests = [part for part in parts if part is not None]
    if len(tests) < len(parts):
        return None
    return _Test(
        frozenset[str]().union(*(test.variables for test in tests)),
        frozenset[Fraction]().union(*(test.constants for test in tests)),
        lambda value: combine(test.holds(value) for test in tests),
    )


def _target(tests: list[tuple[_Test, Json]], fields: _Fields, value: _Number) -> str | None:
    target = next((target for test, target in tests if test.holds(value)), fields.get("Default"))
    return None if target is None else short_json(target)


def _goes(target: str | None) -> str:
    return "fails, as no rule matches," if target is None else f"goes to {target}"


def _to(target: str | None) -> str:
    return "failing" if target is None else target


# By rule: conditions that are equal in content are the same rule.


def _by_rule(before: _Fields, after: _Fields) -> Iterator[str]:
    old, new = _rules(before), _rules(after)
    for key, rule in new.items():
        condition, target = _condition(rule), short_json(rule.get("Next"))
        if key not in old:
            yield f"now goes to {target} if {condition}"
        elif rule != old[key]:
            then = short_json(old[key].get("Next"))
            yield (
                f"goes to {target} instead of {then} if {condition}"
                if then != target
                else f"has a different output or variables if {condition}"
            )
    for key, rule in old.items():
        if key not in new:
            yield f"no longer goes to {short_json(rule.get('Next'))} if {_condition(rule)}"
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield "tries its rules in a different order"
    default, old_default = (fields.get("Default") for fields in (after, before))
    if default != old_default:
        yield _default(default, old_default)


def _default(now: Json, then: Json) -> str:
    if now is None:
        return f"fails if no rule matches, instead of going to {short_json(then)}"
    instead = f" instead of {short_json(then)}" if then is not None else ", instead of failing,"
    return f"goes to {short_json(now)}{instead} if no rule matches"


def _rules(fields: _Fields) -> dict[str, _Fields]:
    """The rules of a state by their conditions."""
    rules = fields.get("Choices")
    rules_by_condition: dict[str, _Fields] = {}
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict):
            condition = {
                name: value for name, value in rule.items() if name not in ("Next", "Assign", "Output", "Comment")
            }
            rules_by_condition.setdefault(repr(sorted(condition.items())), rule)
    return rules_by_condition


def _condition(rule: _Fields) -> str:
    words = condition_in_words(rule) or short_json({name: rule[name] for name in rule if name != "Next"})
    return words if len(words) <= 100 else f"{words[:97]}..."
