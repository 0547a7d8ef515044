"""What a state does, when it is retried and when a Choice rule holds, in few words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.calls import ServiceCall
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State

_SIGNS = {
    "Equals": "=",
    "LessThan": "<",
    "LessThanEquals": "<=",
    "GreaterThan": ">",
    "GreaterThanEquals": ">=",
    "Matches": "matches",
}
_COMPARISON = re.compile(
    r"(?:String|Numeric|Boolean|Timestamp)"
    r"(LessThanEquals|GreaterThanEquals|LessThan|GreaterThan|Equals|Matches)(Path)?"
)
_KINDS = {
    "IsNull": "null",
    "IsNumeric": "a number",
    "IsString": "a text",
    "IsBoolean": "true or false",
    "IsTimestamp": "a time",
    "IsPresent": "present",
}
_Rule = Mapping[str, Json]


def condition_in_words(rule: _Rule) -> str:
    """When a Choice rule holds: `$.price <= 50 and $.symbol is present`. What it cannot say it leaves out."""
    if "Condition" in rule:
        return unwrapped(str(rule["Condition"]))
    for name, word in (("And", " and "), ("Or", " or ")):
        if isinstance(rule.get(name), list):
            return word.join(_inner(each) for each in rule[name] if isinstance(each, dict))
    if isinstance(rule.get("Not"), dict):
        return f"not {_inner(rule['Not'])}"
    return next(_comparisons(rule), "")


def _inner(rule: _Rule) -> str:
    said = condition_in_words(rule)
    return f"({said})" if "And" in rule or "Or" in rule else said


def _comparisons(rule: _Rule) -> Iterator[str]:
    variable = rule.get("Variable", "")
    for name, value in rule.items():
        if name in _KINDS:
            yield f"{variable} is {'' if value is True else 'not '}{_KINDS[name]}"
        elif found := _COMPARISON.fullmatch(name):
            yield f"{variable} {_SIGNS[found[1]]} {value if found[2] else _value(value)}"


def _value(value: Json) -> str:
    return value if isinstance(value, str) and value.startswith("${") else json.dumps(value, ensure_ascii=False)


def unwrapped(expression: str) -> str:
    """A JSONata expression without its signs."""
    return " ".join(expression.removeprefix("{%").removesuffix("%}").split())


def does(state: State, call: ServiceCall | None) -> Iterator[str]:
    """What a state does, in a line; nothing for one whose name and looks say it all."""
    if call:
        yield str(call)
    elif isinstance(state.type, str) and state.type in _DOES:
        said = _DOES[state.type](state)
        yield from [said] if said else []


def _waits(state: State) -> str:
    for name, form in (
        ("Seconds", "{} s"),
        ("Timestamp", "until {}"),
        ("SecondsPath", "{} s"),
        ("TimestampPath", "until {}"),
    ):
        if name in state.fields:
            return form.format(unwrapped(str(state.fields[name])))
    return ""


def _fails(state: State) -> str:
    return unwrapped(str(state.fields.get("Error", state.fields.get("ErrorPath", ""))))


def _maps(state: State) -> str:
    distributed = ", distributed" if any(scope.is_distributed for scope in state.nested) else ""
    most = state.fields.get("MaxConcurrency")
    return f"for each item{distributed}{f', {most} at once' if most else ''}"


def _runs_at_once(_: State) -> str:
    return "all branches at once"


_DOES = {"Wait": _waits, "Fail": _fails, "Map": _maps, "Parallel": _runs_at_once}


def retried(state: State) -> Iterator[str]:
    """How often a state is retried, and after which errors: `retries 5x States.TaskFailed`."""
    for _, retrier in state.items_of("Retry"):
        errors = retrier.get("ErrorEquals")
        names = ", ".join(str(each) for each in errors) if isinstance(errors, list) else ""
        said = "any error" if names == "States.ALL" else names
        yield f"\u21bb {retrier.get('MaxAttempts', 3)}\u00d7 {said}"
