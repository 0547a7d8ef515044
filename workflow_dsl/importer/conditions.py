"""Choice rules -> conditions in Python: `var("$.price") <= 50`, `&`, `|`, `~`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_

from workflow_dsl.authoring import Condition, var
from workflow_dsl.authoring.conditions import Kind
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import FindingsError
from workflow_dsl.importer.code import Atom, Call, Items, Joined, Node, Text, Wrapped, quoted
from workflow_dsl.importer.values import Values
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_COMPARISON = lazy_regex(r"(Numeric|String|Timestamp|Boolean)(LessThan|GreaterThan|)(Equals|)(Path|)")
_KINDS: Mapping[str, Kind] = {"Numeric": "number", "String": "text", "Timestamp": "time", "Boolean": "boolean"}
_SIGNS = {"LessThan": "<", "LessThanEquals": "<=", "GreaterThan": ">", "GreaterThanEquals": ">=", "Equals": "=="}
_TESTS = {
    "IsPresent": "is_present",
    "IsNull": "is_null",
    "IsNumeric": "is_number",
    "IsString": "is_text",
    "IsBoolean": "is_boolean",
    "IsTimestamp": "is_time",
}
_JOINED = {"And": ("&", and_), "Or": ("|", or_)}
_LONGEST_COMPARISON = 90
_FEWEST_ALTERNATIVES = 3


class _Written(Record):
    """A condition as an expression, and as the object that the expression creates."""

    node: Node
    condition: Condition
    is_comparison: bool = False

    @property
    def operand(self) -> Node:
        """The expression as an operand, in parentheses unless it is a call."""
        return Wrapped(self.node) if self.is_comparison else self.node


def condition_of(rule: Mapping[str, Json]) -> Node:
    """Return the condition of a rule without its Next."""
    written = _written(dict(rule))
    return written.node


def _written(rule: dict[str, Json]) -> _Written:
    """The shortest form that creates exactly this rule; the rule itself if none does."""
    try:
        written = _joined(rule) or _negated(rule) or _compared(rule)
    except FindingsError:
        written = None
    if written is not None and written.condition.to_dict() == rule:
        return written
    return _Written(Call("Condition", (("", Values(is_jsonata=False).data(rule)),)), Condition(rule))


def _joined(rule: dict[str, Json]) -> _Written | None:
    [name, rules] = next(iter(rule.items()), ("", None))
    if name not in _JOINED or not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        return None
    if name == "Or" and (alternatives := _alternatives(rules)):
        return alternatives
    if len(rules) < 2:
        return None
    sign, join = _JOINED[name]
    operands = [_written(each) for each in rules]
    node = Joined(sign, tuple(operand.operand for operand in operands))
    return _Written(node, reduce(join, (operand.condition for operand in operands)), is_comparison=True)


def _alternatives(rules: list[dict[str, Json]]) -> _Written | None:
    """Several rules that compare one variable with constants: `var("$.a").is_in(["x", "y", "z"])`."""
    if len(rules) < _FEWEST_ALTERNATIVES or len({(rule.get("Variable"), *rule) for rule in rules}) != 1:
        return None
    operator = next((name for name in rules[0] if name != "Variable"), "")
    path, values = rules[0].get("Variable"), [rule[operator] for rule in rules]
    if operator not in ("StringEquals", "NumericEquals") or not isinstance(path, str):
        return None
    if not all(isinstance(value, (str, int, float)) for value in values):
        return None
    node = Call(f"var({quoted(path)}).is_in", (("", Items(tuple(map(Values(is_jsonata=False).data, values)))),))
    return _Written(node, var(path).is_in(values))


def _negated(rule: dict[str, Json]) -> _Written | None:
    inner = rule.get("Not")
    if not isinstance(inner, dict):
        return None
    written = _written(inner)
    is_call = isinstance(written.node, Atom) and not written.is_comparison
    node = Atom(f"~{written.node.flat()}") if is_call else Wrapped(written.node, "~")
    return _Written(node, ~written.condition)


def _compared(rule: dict[str, Json]) -> _Written | None:
    path = rule.get("Variable")
    if len(rule) != 2 or not isinstance(path, str):
        return None
    [(operator, value)] = ((name, value) for name, value in rule.items() if name != "Variable")
    variable = f"var({quoted(path)})"
    if operator in _TESTS and value is True:
        method = _TESTS[operator]
        return _Written(Atom(f"{variable}.{method}()"), getattr(var(path), method)())
    if operator == "StringMatches" and isinstance(value, str):
        return _Written(Call(f"{variable}.matches", (("", Text(value)),)), var(path).matches(value))
    if operator == "BooleanEquals" and isinstance(value, bool):
        method = f"is_{str(value).lower()}"
        return _Written(Atom(f"{variable}.{method}()"), getattr(var(path), method)())
    return _ordered(path, operator, value)


def _ordered(path: str, operator: str, value: Json) -> _Written | None:
    match = _COMPARISON.fullmatch(operator)
    sign = _SIGNS.get(f"{match[2]}{match[3]}") if match else None
    if match is None or sign is None or isinstance(value, (bool, dict, list)) or value is None:
        return None
    kind = _KINDS[match[1]]
    other: object = value
    if match[4]:
        other, right = var(str(value)), f"var({quoted(str(value))})"
    else:
        right = Values(is_jsonata=False).scalar(value).flat()
    needs_kind = bool(match[4]) or kind == "time"
    left = f'var({quoted(path)}, "{kind}")' if needs_kind else f"var({quoted(path)})"
    variable = var(path, kind) if needs_kind else var(path)
    text = f"{left} {sign} {right}"
    if len(text) > _LONGEST_COMPARISON:
        return None
    compare = {"<": variable.__lt__, "<=": variable.__le__, ">": variable.__gt__, ">=": variable.__ge__}
    return _Written(Atom(text), compare.get(sign, variable.__eq__)(other), is_comparison=True)
