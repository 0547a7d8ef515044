"""Rules of a Choice that match no value, or none that the rules before them leave, whatever the input is.

A comparison with a constant has one result for all values between two constants, so one value of each such class
decides it. Any other comparison may be true or false, and the field of each Variable may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, pairwise, product
from math import prod
from operator import eq, ge, gt, le, lt

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning

_Rule = Mapping[str, Json]
_Values = Mapping[str, Json]  # by the path of a Variable, and by the text of a comparison that is not decided
_MOST = 4_096  # combinations of values that a rule is tried with
_ABSENT, _OBJECT = object(), object()
_TYPES: Mapping[str, type | tuple[type, ...]] = {"String": str, "Numeric": (int, float), "Boolean": bool}
_COMPARE = {"Equals": eq, "LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge}
_OPERATORS = {f"{kind}{name}": (kind, compare) for kind in _TYPES for name, compare in _COMPARE.items()}
_TESTS: Mapping[str, Callable[[object], bool]] = {
    "IsPresent": lambda value: value is not _ABSENT,
    "IsNull": lambda value: value is None,
    "IsString": lambda value: _is_of("String", value),
    "IsNumeric": lambda value: _is_of("Numeric", value),
    "IsBoolean": lambda value: _is_of("Boolean", value),
}
_NESTING = ("And", "Or", "Not")
_BESIDE = ("Variable", "Next", "Comment", "Assign", "Output")
_CHANGING = ("$random", "$uuid", "$now", "$millis")  # which give another value for each Condition


@warning("DEAD_RULE", guide_url("state-choice"), applies_to="Choice", of_values=True)
def rule_matches_nothing(definition: Definition) -> Iterator[Problem]:
    """A Choice rule matches a value that the rules before it do not match."""
    for state in definition.states_of_type("Choice"):
        rules = [rule for _, rule in state.items_of("Choices")]
        for number in range(len(rules)):
            reason = why_never(rules, number)
            if reason:
                yield Problem(state.at("Choices", number), reason, "remove it, or move it up")


def why_never(rules: Sequence[_Rule], number: int) -> str:
    """Return why a Choice rule matches no value: by itself, or because of the rules before it; "" if it may match."""
    rule = rules[number]
    if "Condition" in rule:
        return matches_nothing_after([index for index in range(number) if _is_repeated(rule, rules[index])][:1])
    own = [*_comparisons(rule)]
    paths = {comparison.get("Variable") for comparison in own}
    before = [index for index in range(number) if paths.issuperset(_paths(rules[index]))]
    if not before and len(own) == len(paths):
        return ""
    values = _values([*own, *chain.from_iterable(_comparisons(rules[index]) for index in before)])
    if prod(map(len, values.values())) > _MOST:
        return ""
    cases = [dict(zip(values, case, strict=True)) for case in product(*values.values())]
    matching = [case for case in cases if _matches(rule, case)]
    if not matching:
        return "matches no value"
    hiding = [index for index in before if all(_matches(rules[index], case) for case in matching)]
    is_hidden = all(any(_matches(rules[index], case) for index in before) for case in matching)
    return matches_nothing_after(hiding[:1] or before if is_hidden else [])


def matches_nothing_after(before: Sequence[int]) -> str:
    """Return the words for a rule for which others, of these indexes, leave nothing; "" for none."""
    others = f"Choices[{before[0]}]" if len(before) == 1 else "the rules before it"
    return f"matches nothing after {others}" if before else ""


def _is_repeated(rule: _Rule, other: _Rule) -> bool:
    condition = rule["Condition"]
    is_steady = isinstance(condition, str) and not any(name in condition for name in _CHANGING)
    return is_steady and other.get("Condition") == condition


def _comparisons(rule: Json) -> Iterator[_Rule]:
    """Yield the comparisons in a rule."""
    if isinstance(rule, list):
        for each in rule:
            yield from _comparisons(each)
    elif isinstance(rule, dict):
        nested = [rule[name] for name in _NESTING if name in rule]
        yield from chain.from_iterable(map(_comparisons, nested)) if nested else (rule,)


def _paths(rule: _Rule) -> list[Json]:
    return [comparison.get("Variable") for comparison in _comparisons(rule)]


def _values(comparisons: Sequence[_Rule]) -> dict[str, list[object]]:
    """A value of each class for each Variable, and both results of each comparison that is not decided."""
    constants: dict[str, list[Json]] = {}
    for comparison in comparisons:
        name, operand = _operator(comparison)
        if _is_decided(name, operand):
            constants.setdefault(str(comparison["Variable"]), []).append(operand)
    values: dict[str, list[object]] = {path: _classes(known) for path, known in constants.items()}
    return values | {_text(each): [True, False] for each in comparisons if not _is_decided(*_operator(each))}


def _classes(constants: Sequence[Json]) -> list[object]:
    numbers = sorted({each for each in constants if _is_of("Numeric", each)}) or [0]
    strings = sorted({each for each in constants if isinstance(each, str)})
    between = [(one + other) / 2 for one, other in pairwise(numbers)]
    around = [numbers[0] - 1, *numbers, *between, numbers[-1] + 1]
    return [_ABSENT, _OBJECT, None, True, False, *around, "", *strings, *(f"{each}\0" for each in strings)]


def _matches(rule: _Rule, values: _Values) -> bool:
    if "And" in rule:
        return all(_matches(each, values) for each in rule["And"])
    if "Or" in rule:
        return any(_matches(each, values) for each in rule["Or"])
    if "Not" in rule:
        return not _matches(rule["Not"], values)
    name, operand = _operator(rule)
    if not _is_decided(name, operand):
        return bool(values[_text(rule)])
    value = values[str(rule["Variable"])]
    if name in _TESTS:
        return _TESTS[name](value) is operand
    kind, compare = _OPERATORS[name]
    return _is_of(kind, value) and bool(compare(value, operand))


def _operator(comparison: _Rule) -> tuple[str, Json]:
    return next((item for item in comparison.items() if item[0] not in _BESIDE), ("", None))


def _is_decided(name: str, operand: Json) -> bool:
    if name in _TESTS:
        return isinstance(operand, bool)
    kind = _OPERATORS[name][0] if name in _OPERATORS else ""
    return bool(kind) and _is_of(kind, operand) and (kind != "String" or is_known(operand))


def _is_of(kind: str, value: object) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "Boolean" or not isinstance(value, bool))


def _text(comparison: _Rule) -> str:
    name, operand = _operator(comparison)
    return f"{comparison.get('Variable')} {name} {operand!r}"
