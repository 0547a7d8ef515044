"""Rules of a Choice that match no value, or none that the rules before them leave, whatever the input is.

A comparison with a constant has one result for all values between two constants, so one value of each such class
decides it. Any other comparison may be true or false, and the field of each Variable may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise, product
from math import prod
from operator import eq, ge, gt, le, lt

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning

_Rule = Mapping[str, Json]
_Values = Mapping[str, Json]  # by the path of a Variable, and by the text of a comparison that is not decided
_MOST = 4_096  # combinations of values that a rule is tried with
_MOST_BEFORE = 40  # rules that one is compared with
_EXACT = 2**52  # below it, a float has neighbours that differ by less than 1
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
_BESIDE = ("Next", "Comment", "Assign", "Output")
_CHANGING = ("$random", "$uuid", "$now", "$millis")  # which give another value for each Condition


@warning("DEAD_RULE", guide_url("state-choice"), applies_to="Choice", of_values=True)
def rule_matches_nothing(definition: Definition) -> Iterator[Problem]:
    """A Choice rule matches a value that the rules before it do not match."""
    for state in definition.states_of_type("Choice"):
        rules = state.items_of("Choices")
        for number, reason in dead_rules([rule for _, rule in rules]).items():
            yield Problem(state.at("Choices", rules[number][0]), reason, "remove it, or move it up")


def dead_rules(rules: Sequence[_Rule]) -> dict[int, str]:
    """Return why rules of a Choice match no value, by their numbers: by themselves, or because of those before them."""
    if _are_apart(rules):
        return {}
    paths = [frozenset(comparison.get("Variable") for comparison in _comparisons(rule)) for rule in rules]
    reasons, first = dict[int, str](), dict[str, int]()
    for number, rule in enumerate(rules):
        text = repr({name: value for name, value in rule.items() if name not in _BESIDE})
        same = first.setdefault(text, number)
        if same < number and not any(name in text for name in _CHANGING):
            reasons[number] = matches_nothing_after([same])
        elif "Condition" not in rule:
            before = (other for other in range(number) if paths[other] <= paths[number])
            reasons[number] = _why(rules, number, [*islice(before, _MOST_BEFORE)])
    return {number: reason for number, reason in reasons.items() if reason}


def _are_apart(rules: Sequence[_Rule]) -> bool:
    """True if each rule is one comparison of another Variable, or another Condition, as in most Choices."""
    tested = {rule.get("Variable", rule.get("Condition")) for rule in rules}
    return len(tested) == len(rules) and None not in tested


def _why(rules: Sequence[_Rule], number: int, before: Sequence[int]) -> str:
    """The reason why a rule matches no value, compared with some of those before it; "" if it may match one."""
    values = _values([comparison for index in (*before, number) for comparison in _comparisons(rules[index])])
    if prod(map(len, values.values())) > _MOST:
        return ""
    cases = [dict(zip(values, case, strict=True)) for case in product(*values.values())]
    matching = [case for case in cases if _matches(rules[number], case)]
    if not matching:
        return "matches no value"
    hiding = [index for index in before if all(_matches(rules[index], case) for case in matching)]
    is_hidden = all(any(_matches(rules[index], case) for index in before) for case in matching)
    return matches_nothing_after(hiding[:1] or before if is_hidden else [])


def matches_nothing_after(before: Sequence[int]) -> str:
    """Return the words for a rule for which others, of these numbers, leave nothing; "" for none."""
    others = f"Choices[{before[0]}]" if len(before) == 1 else "the rules before it"
    return f"matches nothing after {others}" if before else ""


def _comparisons(rule: Json) -> Iterator[_Rule]:
    """Yield the comparisons in a rule."""
    if isinstance(rule, list):
        for each in rule:
            yield from _comparisons(each)
    elif isinstance(rule, dict):
        nested = [rule[name] for name in _NESTING if name in rule]
        yield from chain.from_iterable(map(_comparisons, nested)) if nested else (rule,)


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
    return next((item for item in comparison.items() if item[0] != "Variable" and item[0] not in _BESIDE), ("", None))


def _is_decided(name: str, operand: Json) -> bool:
    if name in _TESTS:
        return isinstance(operand, bool)
    kind = _OPERATORS[name][0] if name in _OPERATORS else ""
    if not kind or not _is_of(kind, operand):
        return False
    return is_known(operand) if kind == "String" else kind != "Numeric" or abs(operand) < _EXACT


def _is_of(kind: str, value: object) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "Boolean" or not isinstance(value, bool))


def _text(comparison: _Rule) -> str:
    name, operand = _operator(comparison)
    return f"{comparison.get('Variable')} {name} {operand!r}"
