"""Short captions: the action of a state, its retriers, and the condition of a Choice rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.calls import ServiceCall
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.regexes import lazy_regex

_OPERATORS = {
    "Equals": "=",
    "LessThan": "<",
    "LessThanEquals": "<=",
    "GreaterThan": ">",
    "GreaterThanEquals": ">=",
    "Matches": "matches",
}
_COMPARISON = lazy_regex(
    r"(?:String|Numeric|Boolean|Timestamp)"
    r"(LessThanEquals|GreaterThanEquals|LessThan|GreaterThan|Equals|Matches)(Path)?"
)
_TYPES = {
    "IsNull": "null",
    "IsNumeric": "a number",
    "IsString": "a string",
    "IsBoolean": "true or false",
    "IsTimestamp": "a time",
    "IsPresent": "present",
}
_Rule = Mapping[str, Json]


def condition_in_words(rule: _Rule) -> str:
    """The condition of a Choice rule: `$.price <= 50 and $.symbol is present`. Skips what it does not know."""
    if "Condition" in rule:
        return unwrap(str(rule["Condition"]))
    for name, word in (("And", " and "), ("Or", " or ")):
        if isinstance(rule.get(name), list):
            return word.join(_nested(part) for part in rule[name] if isinstance(part, dict))
    if isinstance(rule.get("Not"), dict):
        return f"not {_nested(rule['Not'])}"
    return next(_comparisons(rule), "")


def _nested(rule: _Rule) -> str:
    condition = condition_in_words(rule)
    return f"({condition})" if "And" in rule or "Or" in rule else condition


def _comparisons(rule: _Rule) -> Iterator[str]:
    variable = rule.get("Variable", "")
    for name, value in rule.items():
        if name in _TYPES:
            yield f"{variable} is {'' if value is True else 'not '}{_TYPES[name]}"
        elif match := _COMPARISON.fullmatch(name):
            yield f"{variable} {_OPERATORS[match[1]]} {value if match[2] else _literal(value)}"


def _literal(value: Json) -> str:
    text = value if isinstance(value, str) and value.startswith("${") else json.dumps(value, ensure_ascii=False)
    return shortened(text)


def unwrap(expression: str) -> str:
    """A JSONata expression on one line, without its {% %}."""
    return shortened(" ".join(expression.removeprefix("{%").removesuffix("%}").split()))


_DYNAMIC = lazy_regex(r"\{\{resolve:(?:ssm|ssm-secure|secretsmanager):([^}]*)\}\}")


def shortened(text: str) -> str:
    """A string with the last part of a parameter's or secret's name in place of its dynamic reference."""
    return _DYNAMIC.sub(lambda match: _short_reference(match[1]), text) if "{{resolve:" in text else text


def _short_reference(reference: str) -> str:
    """`/app/queue/url:2` as `url`, `db:SecretString:user` as `db user`; an ARN as its last part."""
    path, _, key = reference.partition(":SecretString:")
    name = path.partition(":secret:")[2] or path
    parts = [name.rpartition("/")[2].partition(":")[0], key.partition(":")[0]]
    return " ".join(filter(None, parts))


def action_of(state: State, call: ServiceCall | None) -> str:
    """The action of a state in a few words; "" if its name and badge are enough."""
    if call:
        return shortened(str(call))
    return _ACTIONS[state.type](state) if isinstance(state.type, str) and state.type in _ACTIONS else ""


def _wait_action(state: State) -> str:
    for name, form in (
        ("Seconds", "{} s"),
        ("Timestamp", "until {}"),
        ("SecondsPath", "{} s"),
        ("TimestampPath", "until {}"),
    ):
        if name in state.fields:
            return form.format(unwrap(str(state.fields[name])))
    return ""


def _fail_action(state: State) -> str:
    return unwrap(str(state.fields.get("Error", state.fields.get("ErrorPath", ""))))


def _map_action(state: State) -> str:
    distributed = ", distributed" if state.is_distributed else ""
    limit = state.fields.get("MaxConcurrency")
    return f"for each item{distributed}{f', {limit} at once' if limit else ''}"


def _parallel_action(_: State) -> str:
    return "all branches at once"


_ACTIONS = {"Wait": _wait_action, "Fail": _fail_action, "Map": _map_action, "Parallel": _parallel_action}


def retries_of(state: State) -> Iterator[str]:
    """Each retrier's maximum number of retries and its errors: `\u21bb 5\u00d7 States.TaskFailed`."""
    for _, retrier in state.items_of("Retry"):
        errors = retrier.get("ErrorEquals")
        names = ", ".join(errors_in_words(errors)) if isinstance(errors, list) else ""
        yield f"\u21bb {retrier.get('MaxAttempts', 3)}\u00d7 {names}"


_FEWEST_OF_FAMILY = 2


def errors_in_words(errors: list[Json]) -> list[str]:
    """The errors of a retrier or catcher; several of a service are one: `Lambda errors`."""
    families: dict[str, list[str]] = {}
    for error in map(str, errors):
        family, dot, _ = error.partition(".")
        families.setdefault(family if dot and family.isalnum() and family != "States" else error, []).append(error)
    lists = (
        [f"{family} errors"] if len(names) >= _FEWEST_OF_FAMILY and family != names[0] else names
        for family, names in families.items()
    )
    return ["any error" if name == "States.ALL" else name for names in lists for name in dict.fromkeys(names)]
