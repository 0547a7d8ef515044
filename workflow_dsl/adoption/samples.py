"""Sample data for states: objects that have every field which the states read, with values that Choice rules accept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from workflow_dsl.definition.integrations import integration_of, parameters_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.parameter_types import wrong_types
from workflow_dsl.findings import Key
from workflow_dsl.records import Record, field
from workflow_dsl.regexes import lazy_regex

_STEPS = r"((?:\.[\w-]+|\[[^\]]*\])+)"
_PATH = lazy_regex(rf"(?<!\$)\${_STEPS}")
_OF_INPUT = lazy_regex(rf"\$\$\.Execution\.Input{_STEPS}|\$states\.context\.Execution\.Input{_STEPS}")
_LITERAL = r"(\"[^\"]*\"|'[^']*'|-?\d+(?:\.\d+)?)"
_IN_JSONATA = lazy_regex(rf"\$states\.input((?:\.\w+)+)(?:\s*(?:=|<=?|>=?)\s*{_LITERAL})?")
_ALONE = lazy_regex(r"\{%\s*\$states\.input((?:\.\w+)+)\s*%\}")
_STEP = lazy_regex(r"\.([\w-]+)|\['([^']+)'\]|\[([^\]]*)\]")
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
_OF_JSONATA_FIELD: Mapping[str, Json] = {
    "Condition": True,
    "Items": [],
    "Seconds": 1,
    "Timestamp": _MOMENT,
    "TimeoutSeconds": 60,
    "HeartbeatSeconds": 30,
    "MaxConcurrency": 1,
}
_MOST_ITEMS = 9
Steps = tuple[str | int, ...]


class Samples(Record, frozen=False):
    """The values of the paths that states read: those that rules compare them with in the rules' order, and others."""

    compared: dict[Steps, list[Json]] = field(default_factory=dict)
    others: dict[Steps, Json] = field(default_factory=dict)
    items: Json = None  # of a Map that takes the whole data as its items

    @property
    def choices(self) -> int:
        """The number of different objects."""
        return max(map(len, self.compared.values()), default=1)

    def add(self, others: Samples, prefix: Steps = ()) -> None:
        """Add the samples of other states, whose paths begin at a field of this data. The first of two counts."""
        self.others = {prefix + steps: value for steps, value in others.others.items()} | self.others
        self.compared = {prefix + steps: values for steps, values in others.compared.items()} | self.compared
        self.items = self.items or (None if prefix else others.items)

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


def input_read(machine: Machine) -> Samples:
    """Return samples of what the states read of the execution's input through the context object."""
    samples = Samples()
    for state in machine.walk():
        for text in _texts({name: value for name, value in state.fields.items() if name not in _NESTED}):
            for found in _OF_INPUT.findall(text):
                _add(samples, steps_of(f"${''.join(found)}"), None)
    return samples


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)


def _collect_state(samples: Samples, state: State) -> None:
    own = Samples()
    for name, value in state.fields.items():
        is_of_results = name in _OF_RESULTS and not (name == "Assign" and state.type != "Task")
        if name not in (*_NESTED, "InputPath"):
            _collect(own, name, value, in_jsonpath=not is_of_results)
    if state.type == "Parallel":
        for branch in state.nested:
            own.add(samples_read(branch, [branch.start_at]))
    elif state.type == "Map" and not state.is_distributed:
        _collect_items(own, state)
    elif state.type == "Task":
        _collect_types(own, state)
    if state.fields.get("InputPath", "$") is not None:
        steps = steps_of(str(state.fields.get("InputPath", "$")))
        _add(samples, steps, {})
        samples.add(own, steps)


def _collect_items(samples: Samples, state: State) -> None:
    """One item for a Map, with what the states in it read."""
    items = [samples_read(nested, [nested.start_at]).data(0) for nested in state.nested]
    in_jsonata = _ALONE.fullmatch(str(state.fields.get("Items")))
    path = f"${in_jsonata[1]}" if in_jsonata else str(state.fields.get("ItemsPath", "$"))
    if steps := steps_of(path):
        samples.others[steps] = items
    elif "Items" not in state.fields and path == "$" and state.fields.get("InputPath", "$") == "$":
        samples.items = items[0] if items else None


def _collect(samples: Samples, name: str, value: Json, *, in_jsonpath: bool) -> None:
    if isinstance(value, dict):
        _collect_rule(samples, value)
        for key, member in value.items():
            _collect(samples, key, member, in_jsonpath=in_jsonpath)
    elif isinstance(value, list):
        for item in value:
            _collect(samples, name, item, in_jsonpath=in_jsonpath)
    elif isinstance(value, str) and value.startswith("{%"):
        sample = _OF_JSONATA_FIELD.get(name) if _ALONE.fullmatch(value) else None
        for path, literal in _IN_JSONATA.findall(value):
            if literal:
                samples.compared.setdefault(steps_of(f"${path}"), []).append(_literal(literal))
            else:
                _add(samples, steps_of(f"${path}"), sample)
    elif isinstance(value, str) and in_jsonpath and name.endswith((".$", "Path")):
        sample = next((each for start, each in _OF_FUNCTION.items() if value.startswith(start)), _OF_FIELD.get(name))
        for match in _PATH.finditer(value):
            _add(samples, steps_of(match[0]), sample)


def _add(samples: Samples, steps: Steps, sample: Json) -> None:
    """Add a field with a sample; without one, its value is its name."""
    if steps:
        name = next((step for step in reversed(steps) if isinstance(step, str)), "text")
        samples.others.setdefault(steps, name if sample is None else sample)


def _literal(text: str) -> Json:
    return text[1:-1] if text[0] in "\"'" else float(text) if "." in text else int(text)


def _collect_rule(samples: Samples, rule: Mapping[str, Json]) -> None:
    steps = steps_of(str(rule.get("Variable")))
    found = [sample for operator, value in rule.items() for sample in _satisfying(operator, value)]
    if steps and found:
        samples.compared.setdefault(steps, []).extend(found)


def _satisfying(operator: str, value: Json) -> Iterator[Json]:
    """Values for which a comparison is true."""
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
    """Return the field names and indexes of a path such as `$.a.b[0]`; none of a path of another form.

    Of a filter, a slice or a wildcard, the first item is meant.
    """
    match = _PATH.fullmatch(path)
    return tuple(name or quoted or _index(text) for name, quoted, text in _STEP.findall(match[1])) if match else ()


def _index(text: str) -> int:
    return min(int(text), _MOST_ITEMS) if text.isdecimal() else 0


def put(target: dict[str, Any], steps: Steps, value: Json) -> None:
    """Put a value into nested objects and lists. An object or list that is there stays unless the value has content.

    Nothing is put where the object itself would have to be a list.
    """
    if not steps or isinstance(steps[0], int):
        return
    container: Any = target
    for step, following in pairwise(steps):
        inner = _member(container, step)
        kind = list if isinstance(following, int) else dict
        if not isinstance(inner, kind):
            inner = kind()
            _set(container, step, inner)
        container = inner
    is_kept = isinstance(_member(container, steps[-1]), (dict, list))
    if not is_kept or (isinstance(value, (dict, list)) and value):
        _set(container, steps[-1], value)


def _member(container: Any, step: str | int) -> Json:
    try:
        return container[step]
    except LookupError:
        return None


def _set(container: Any, step: str | int, value: Json) -> None:
    if isinstance(step, int):
        container.extend({} for _ in range(step + 1 - len(container)))
    container[step] = value
