"""Sample data for a definition: an object that has every field which its paths name, with values that its rules take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State

_PATH = re.compile(r"\$((?:\.\w+|\['[^']+'\])+)")
_IN_JSONATA = re.compile(r"\$states\.(?:input|result)((?:\.\w+)+)(?:\s*(?:=|<=?|>=?)\s*(\"[^\"]*\"|'[^']*'|-?[\d.]+))?")
_STEP = re.compile(r"\.(\w+)|\['([^']+)'\]")
_MOMENT = "2030-01-01T00:00:00Z"
_KINDS: Mapping[str, Json] = {"Numeric": 1, "String": "text", "Boolean": True, "Timestamp": _MOMENT}
_OF_FUNCTION: Mapping[str, Json] = {
    "States.ArrayLength": [1],
    "States.ArrayContains": [1],
    "States.ArrayGetItem": [1],
    "States.ArrayPartition": [1],
    "States.ArrayUnique": [1],
    "States.MathAdd": 1,
    "States.MathRandom": 1,
    "States.ArrayRange": 1,
    "States.JsonMerge": {},
    "States.StringToJson": "{}",
}
_OF_FIELD: Mapping[str, Json] = {
    "SecondsPath": 1,
    "TimeoutSecondsPath": 60,
    "HeartbeatSecondsPath": 30,
    "MaxConcurrencyPath": 1,
    "TimestampPath": _MOMENT,
}
Steps = tuple[str, ...]


@dataclass(frozen=True)
class Samples:
    """The values of a definition's paths: those that rules compare them with, and others of a fitting kind.

    `compared` has the values for each path, in the order of the rules.
    """

    compared: dict[Steps, list[Json]] = field(default_factory=dict)
    others: dict[Steps, Json] = field(default_factory=dict)

    def universal(self, choice: int) -> dict[str, Json]:
        """Return an object with every field; of the compared values, each has the one of this number."""
        result: dict[str, Json] = {}
        for steps, value in self.others.items():
            put(result, steps, value)
        for steps, values in self.compared.items():
            put(result, steps, values[choice % len(values)])
        return result

    @property
    def choices(self) -> int:
        """The number of different objects."""
        return max((len(values) for values in self.compared.values()), default=1)


def samples_of(machine: Machine) -> Samples:
    """Return the sample data for a definition."""
    samples = Samples()
    for state in machine.walk():
        for name, value in state.fields.items():
            if name not in ("Iterator", "ItemProcessor", "Branches", "ResultPath", "ResultSelector", "OutputPath"):
                _collect(samples, name, value)
        if state.type == "Map":
            _collect_items(samples, state)
    return samples


def _collect_items(samples: Samples, state: State) -> None:
    path = state.fields.get("ItemsPath")
    steps = steps_of(path) if isinstance(path, str) else ()
    inner: dict[str, Json] = {}
    for nested in state.nested:
        inner = samples_of(nested).universal(0) | inner
    if steps:
        samples.others[steps] = [inner]


def _collect(samples: Samples, name: str, value: Json) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("Variable"), str):
            _collect_rule(samples, value)
        for key, member in value.items():
            _collect(samples, key, member)
    elif isinstance(value, list):
        for item in value:
            _collect(samples, name, item)
    elif isinstance(value, str) and value.startswith("{%"):
        for match in _IN_JSONATA.finditer(value):
            _add(samples, steps_of(f"${match[1]}"), _literal(match[2]))
    elif isinstance(value, str) and (name.endswith((".$", "Path"))) and not value.startswith("$$"):
        for match in _PATH.finditer(value):
            function = next((each for each in _OF_FUNCTION if value.startswith(f"{each}(")), "")
            sample = _OF_FUNCTION.get(function, _OF_FIELD.get(name))
            if value[max(match.start() - 1, 0)] != "$" or match.start() == 0:
                _add(samples, steps_of(match[0]), sample)


def _literal(text: str | None) -> Json:
    if text is None:
        return None
    return text[1:-1] if text[0] in "\"'" else float(text) if "." in text else int(text)


def _add(samples: Samples, steps: Steps, value: Json) -> None:
    if steps:
        samples.others.setdefault(steps, steps[-1] if value is None else value)


def _collect_rule(samples: Samples, rule: Mapping[str, Json]) -> None:
    steps = steps_of(str(rule["Variable"]))
    for operator, value in rule.items():
        found = list(_satisfying(operator, value))
        if steps and found:
            samples.compared.setdefault(steps, []).extend(found)


def _satisfying(operator: str, value: Json) -> Iterator[Json]:
    """Values for which a comparison holds."""
    kind = next((kind for kind in _KINDS if operator.startswith(kind)), "")
    if operator == "StringMatches":
        yield str(value).replace("*", "")
    elif operator.endswith("Path") and kind:
        yield _KINDS[kind]
    elif kind == "Numeric" and isinstance(value, (int, float)):
        yield value - 1 if operator.endswith("LessThan") else value + 1 if operator.endswith("GreaterThan") else value
    elif kind:
        yield value
    elif operator.startswith("Is") and value is True:
        yield {"IsNumeric": 1, "IsBoolean": True, "IsTimestamp": _MOMENT, "IsNull": None}.get(operator, "text")


def steps_of(path: str) -> Steps:
    """Return the field names of a reference path such as `$.a.b`; none of a path of another form."""
    match = _PATH.fullmatch(path) or _PATH.match(path)
    return tuple(name or quoted for name, quoted in _STEP.findall(match[1])) if match else ()


def put(target: dict[str, Any], steps: Iterable[str], value: Json) -> None:
    """Put a value into nested objects; it stays away where a value of another type is in the way."""
    *outer, last = steps
    for name in outer:
        inner = target.setdefault(name, {})
        if not isinstance(inner, dict):
            target[name] = inner = {}
        target = inner
    if not (isinstance(target.get(last), dict) and not isinstance(value, dict)):
        target[last] = value
