"""Sample data for states: objects that have every field which the states read, with values that Choice rules accept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow_dsl.definition.integrations import integration_of, parameters_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.parameter_types import wrong_types
from workflow_dsl.findings import Key

_PATH = re.compile(r"(?<!\$)\$((?:\.\w+|\['[^']+'\])+)")
_IN_JSONATA = re.compile(r"\$states\.input((?:\.\w+)+)(?:\s*(?:=|<=?|>=?)\s*(\"[^\"]*\"|'[^']*'|-?\d+(?:\.\d+)?))?")
_STEP = re.compile(r"\.(\w+)|\['([^']+)'\]")
_MOMENT = "2030-01-01T00:00:00Z"
_KINDS: Mapping[str, Json] = {"Numeric": 1, "String": "text", "Boolean": True, "Timestamp": _MOMENT}
_IS: Mapping[str, Json] = {"IsNumeric": 1, "IsBoolean": True, "IsTimestamp": _MOMENT, "IsNull": None}
_OF_TYPE: Mapping[str, Json] = {"an INTEGER": 1, "a NUMBER": 1, "a BOOLEAN": True, "an ARRAY": [], "an OBJECT": {}}
_OF_FUNCTION: Mapping[str, Json] = {
    "States.Array(": "text",
    "States.Array": [1],
    "States.JsonMerge": {},
    "States.Math": 1,
    "States.StringToJson": "{}",
}
_OF_FIELD: Mapping[str, Json] = {
    "SecondsPath": 1,
    "TimeoutSecondsPath": 60,
    "HeartbeatSecondsPath": 30,
    "MaxConcurrencyPath": 1,
    "TimestampPath": _MOMENT,
    "ItemsPath": [],
    "N.$": "1",  # a number of DynamoDB, which is text
}
_OF_RESULTS = ("ResultPath", "ResultSelector", "OutputPath", "Output", "Assign", "Catch", "Retry")
_NESTED = ("Iterator", "ItemProcessor", "Branches")
Steps = tuple[str, ...]


@dataclass
class Samples:
    """The values of the paths that states read: those that rules compare them with in the rules' order, and others."""

    compared: dict[Steps, list[Json]] = field(default_factory=dict)
    others: dict[Steps, Json] = field(default_factory=dict)
    items: Json = None  # of a Map that takes the whole data as its items

    @property
    def choices(self) -> int:
        """The number of different objects."""
        return max(map(len, self.compared.values()), default=1)

    def data(self, choice: int) -> Json:
        """Return an object with every field; each that is compared has the value of this number."""
        if self.items is not None:
            return [self.items]
        result: dict[str, Json] = {}
        for steps, value in self.others.items():
            put(result, steps, value)
        for steps, values in self.compared.items():
            put(result, steps, values[choice % len(values)])
        return result


def samples_read(scope: Machine, names: Iterable[Json]) -> Samples:
    """Return samples of what the states of these names read, and those after them that get the same data."""
    samples = Samples()
    for state in _readers(scope, names):
        _collect_state(samples, state)
    return samples


def _readers(scope: Machine, names: Iterable[Json]) -> Iterator[State]:
    waiting, seen = [name for name in names if isinstance(name, str)], set()
    while waiting:
        name = waiting.pop(0)
        state = scope.states.get(name)
        if state is None or name in seen:
            continue
        seen.add(name)
        yield state
        if not _replaces_data(state):
            waiting += [str(target.name) for target in state.targets if target.keys[0] != "Catch"]


def _replaces_data(state: State) -> bool:
    """True if the next state gets other data than this one."""
    fields = state.fields
    if "Output" in fields or fields.get("OutputPath", "$") != "$":
        return True
    creates = state.type in ("Task", "Parallel", "Map") or {"Result", "Parameters"} & fields.keys()
    return bool(creates) and fields.get("ResultPath", "$") == "$"


def _collect_state(samples: Samples, state: State) -> None:
    for name, value in state.fields.items():
        if name not in (*_OF_RESULTS, *_NESTED):
            _collect(samples, name, value)
    if state.type == "Parallel":
        for branch in state.nested:
            inner = samples_read(branch, [branch.start_at])
            samples.others = inner.others | samples.others
            samples.compared = inner.compared | samples.compared
    elif state.type == "Map" and not state.is_distributed:
        items = [samples_read(nested, [nested.start_at]).data(0) for nested in state.nested]
        steps = steps_of(str(state.fields.get("ItemsPath", "$")))
        if steps:
            samples.others[steps] = items
        elif "Items" not in state.fields:
            samples.items = items[0] if items else None
    elif state.type == "Task":
        _collect_types(samples, state)


def _collect(samples: Samples, name: str, value: Json) -> None:
    if isinstance(value, dict):
        _collect_rule(samples, value)
        for key, member in value.items():
            _collect(samples, key, member)
    elif isinstance(value, list):
        for item in value:
            _collect(samples, name, item)
    elif isinstance(value, str) and value.startswith("{%"):
        for path, literal in _IN_JSONATA.findall(value):
            steps = steps_of(f"${path}")
            if literal:
                samples.compared.setdefault(steps, []).append(_literal(literal))
            else:
                samples.others.setdefault(steps, steps[-1])
    elif isinstance(value, str) and name.endswith((".$", "Path")):
        sample = next((each for start, each in _OF_FUNCTION.items() if value.startswith(start)), _OF_FIELD.get(name))
        for match in _PATH.finditer(value):
            steps = steps_of(match[0])
            samples.others.setdefault(steps, steps[-1] if sample is None else sample)


def _literal(text: str) -> Json:
    return text[1:-1] if text[0] in "\"'" else float(text) if "." in text else int(text)


def _collect_rule(samples: Samples, rule: Mapping[str, Json]) -> None:
    steps = steps_of(str(rule.get("Variable")))
    found = [sample for operator, value in rule.items() for sample in _satisfying(operator, value)]
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
        yield value + {"NumericLessThan": -1, "NumericGreaterThan": 1}.get(operator, 0)
    elif kind:
        yield value
    elif operator.startswith("Is") and value is True:
        yield _IS.get(operator, "text")


def _collect_types(samples: Samples, state: State) -> None:
    """Give the paths in a task's parameters values of the types that its service takes."""
    integration = integration_of(str(state.fields.get("Resource")))
    parameters = state.fields.get("Parameters")
    shape = parameters_of(integration) if integration else None
    if integration is None or shape is None or not isinstance(parameters, dict):
        return
    for wrong in wrong_types(integration, _filled(parameters, samples.data(0)), shape):
        value = _OF_TYPE.get(wrong.expected, "text")
        *outer, last = wrong.keys
        path = _at(parameters, [*outer, f"{last}.$"])
        if isinstance(path, str) and steps_of(path):
            samples.others[steps_of(path)] = value


def _filled(template: Json, data: Json) -> Any:
    """A payload template with the sample data in the place of its paths."""
    if isinstance(template, list):
        return [_filled(item, data) for item in template]
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): _at(data, steps_of(str(value))) if name.endswith(".$") else _filled(value, data)
        for name, value in template.items()
        if not name.endswith(".$") or steps_of(str(value))
    }


def _at(value: Json, keys: Iterable[Key]) -> Json:
    for key in keys:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return None
    return value


def steps_of(path: str) -> Steps:
    """Return the field names of a reference path such as `$.a.b`; none of a path of another form."""
    match = _PATH.fullmatch(path)
    return tuple(name or quoted for name, quoted in _STEP.findall(match[1])) if match else ()


def put(target: dict[str, Any], steps: Iterable[str], value: Json) -> None:
    """Put a value into nested objects. An object that is there stays if the value is none."""
    *outer, last = steps
    for name in outer:
        inner = target.get(name)
        if not isinstance(inner, dict):
            target[name] = inner = {}
        target = inner
    if isinstance(value, dict) or not isinstance(target.get(last), dict):
        target[last] = value
