"""The expressions of JSONPath states: paths, payload templates, intrinsic functions, and the timestamps of a Wait.

A string that contains a `${placeholder}` is not checked, because its final value is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.definition.json import Json, short_json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.intrinsics import IntrinsicCall, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.expressions.jsonpath import Path, parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.findings import Keys
from workflow_dsl.validation.rules.rule import Definition, Problem, error, spec_url, warning

_PATHS = (
    *("InputPath", "OutputPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"),
    *("ErrorPath", "CausePath"),
)
_NUMBER_PATHS: tuple[Keys, ...] = (
    *(("MaxConcurrencyPath",), ("ToleratedFailureCountPath",), ("ToleratedFailurePercentagePath",)),
    *(("ItemReader", "ReaderConfig", "MaxItemsPath"), ("ItemBatcher", "MaxItemsPerBatchPath")),
    ("ItemBatcher", "MaxInputBytesPerBatchPath"),
)
_TEMPLATES: tuple[tuple[str, ...], ...] = (
    *(("Parameters",), ("ResultSelector",), ("ItemSelector",), ("Assign",), ("Credentials",)),
    *(("ItemReader", "Parameters"), ("ItemBatcher", "BatchInput"), ("ResultWriter", "Parameters")),
)


def _problem(parse: Callable[[str], object], text: str) -> str | None:
    try:
        parse(text)
    except SyntaxProblem as problem:
        return str(problem)
    return None


@error(spec_url("path"), applies_to="JSONPath")
def paths(definition: Definition) -> Iterator[Problem]:
    """A field whose name ends in Path holds a JSONPath; ErrorPath and CausePath may call an intrinsic function."""
    for state in definition.jsonpath_states:
        for field in _PATHS:
            text = state.fields.get(field)
            if is_known(text):
                calls = field in ("ErrorPath", "CausePath") and is_intrinsic(text)
                problem = _problem(parse_call if calls else parse_path, text)
                if problem:
                    yield Problem(state.at(field), "Value must be a valid JSONPath", f"fix it: {problem}")


@error(spec_url("choice-state"), applies_to="Choice")
def choice_paths(definition: Definition) -> Iterator[Problem]:
    """In a Choice rule, Variable and every field whose name ends in Path hold a JSONPath."""
    for state in definition.states_of_type("Choice"):
        for keys, rule in state.comparisons if definition.language_of(state) == "JSONPath" else ():
            for name, text in rule.items():
                if (name == "Variable" or name.endswith("Path")) and is_known(text):
                    problem = _problem(parse_path, text)
                    if problem and not text.startswith("$"):
                        message = "Value is not a Reference Path: Reference path didn't start with '$'"
                        yield Problem(state.at(*keys, name), message, 'write a path such as "$.price"')
                    elif problem:
                        yield Problem(state.at(*keys, name), "Value must be a valid JSONPath", f"fix it: {problem}")


@error(spec_url("ref-paths"), applies_to="JSONPath")
def reference_paths(definition: Definition) -> Iterator[Problem]:
    """ResultPath, ItemsPath and the number paths of a Map are reference paths; only ItemsPath may read $$."""
    for state in definition.jsonpath_states:
        for keys in _reference_fields(state):
            text = value_at(state.fields, keys)
            if is_known(text) and not _is_reference(text, str(keys[-1])):
                remedy = 'write a path such as "$.result", without wildcards, filters or $$'
                yield Problem(state.at(*keys), f"Value is not a Reference Path: {text}", remedy)


def _reference_fields(state: State) -> Iterator[Keys]:
    yield ("ResultPath",)
    if state.type == "Map":
        yield from (("ItemsPath",), *_NUMBER_PATHS)
    yield from (("Catch", index, "ResultPath") for index, _ in state.items_of("Catch"))


def _is_reference(text: str, field: str) -> bool:
    try:
        path = parse_path(text)
    except SyntaxProblem:
        return False
    if field == "ItemsPath":
        return path.is_reference
    return path.is_reference and (path.root == "$" or (path.root != "$$" and field != "ResultPath"))


@error(spec_url("payload-template"), applies_to="JSONPath")
def payload_templates(definition: Definition) -> Iterator[Problem]:
    """In a payload template, a field whose name ends in .$ holds a JSONPath or an intrinsic function call."""
    for state, keys, text, _ in definition.memo(dynamic_entries):
        problem = _template_problem(text)
        if problem:
            wanted = "must be a valid JSONPath or a valid intrinsic function call"
            message = f"The value for the field '{keys[-1]}' {wanted}"
            yield Problem(state.at(*keys), message, f"fix it: {problem}")


@error(spec_url("payload-template"), applies_to="JSONPath")
def fields_given_twice(definition: Definition) -> Iterator[Problem]:
    """A payload template does not have the same field with and without .$ at the end of its name."""
    for state, keys, _, holder in definition.memo(dynamic_entries):
        plain = str(keys[-1])[:-2]
        if plain in holder:
            message = f"has both '{plain}' and '{keys[-1]}', which are the same field"
            yield Problem(state.at(*keys), message, "keep one of them")


def templates(definition: Definition) -> Iterator[tuple[State, Keys, Json]]:
    """Yield the payload templates of the JSONPath states, each with its keys."""
    for state in definition.jsonpath_states:
        for keys in _TEMPLATES:
            if keys[0] in state.fields:
                yield state, keys, value_at(state.fields, keys)
        for field in ("Choices", "Catch"):
            for index, item in state.items_of(field) if field in state.fields else ():
                if "Assign" in item:
                    yield state, (field, index, "Assign"), item["Assign"]


class TemplateEntry(NamedTuple):
    """A string in a payload template, or a field whose name ends in .$: its place, and the object that contains it."""

    state: State
    keys: Keys
    value: Json
    holder: Mapping[str, Json]

    @property
    def is_dynamic(self) -> bool:
        """True if the name ends in .$, so that the value is evaluated."""
        return str(self.keys[-1]).endswith(".$")


def template_entries(definition: Definition) -> Iterator[TemplateEntry]:
    """Yield the strings and dynamic fields of the JSONPath states' payload templates."""
    for state, at, template in definition.memo(templates):
        waiting = [(at, template)]
        while waiting:
            keys, value = waiting.pop()
            if isinstance(value, dict):
                for name, member in value.items():
                    if isinstance(member, str) or name.endswith(".$"):
                        yield TemplateEntry(state, (*keys, name), member, value)
                    elif isinstance(member, (dict, list)):
                        waiting.append(((*keys, name), member))
            elif isinstance(value, list):
                waiting += [((*keys, i), item) for i, item in enumerate(value) if isinstance(item, (dict, list))]
                yield from (
                    TemplateEntry(state, (*keys, i), item, {}) for i, item in enumerate(value) if isinstance(item, str)
                )


def dynamic_entries(definition: Definition) -> list[TemplateEntry]:
    """Return the entries whose names end in .$."""
    return [entry for entry in definition.memo(template_entries) if entry.is_dynamic]


def dynamic_fields(template: Json) -> Iterator[tuple[Keys, Json]]:
    """Yield the fields whose names end in .$ inside any value, each with its keys."""
    waiting: list[tuple[Keys, Json]] = [((), template)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, Mapping):
            for name, member in value.items():
                if name.endswith(".$"):
                    yield (*keys, name), member
                elif isinstance(member, (dict, list)):
                    waiting.append(((*keys, name), member))
        elif isinstance(value, list):
            waiting += [((*keys, index), item) for index, item in enumerate(value)]


def _template_problem(text: Json) -> str | None:
    if not isinstance(text, str):
        return f"{short_json(text)} is not a string"
    if not is_known(text):
        return None
    return _problem(parse_call if is_intrinsic(text) else parse_path, text)


def paths_in(text: Json) -> list[Path]:
    """Return the paths in a string: the path that it is, or those among the arguments of an intrinsic function call."""
    if not is_known(text) or not text.startswith(("$", "States.")):
        return []
    try:
        return _paths_of(parse_call(text) if is_intrinsic(text) else parse_path(text))
    except SyntaxProblem:
        return []


def _paths_of(value: object) -> list[Path]:
    if isinstance(value, IntrinsicCall):
        return [path for argument in value.arguments for path in _paths_of(argument)]
    return [value] if isinstance(value, Path) else []


def paths_read(definition: Definition) -> Iterator[tuple[State, Keys, Path]]:
    """Yield every path that JSONPath states use to read data, the context object or variables."""
    for state in definition.jsonpath_states:
        for keys, text in _path_fields(state):
            yield from ((state, keys, path) for path in paths_in(text))
    for state, keys, text, _ in definition.memo(dynamic_entries):
        yield from ((state, keys, path) for path in paths_in(text))


def intrinsic_calls(definition: Definition) -> Iterator[tuple[State, Keys, IntrinsicCall]]:
    """Yield every well-formed call of an intrinsic function in JSONPath states, those among arguments included."""
    texts = [(state, keys, text) for state, keys, text, _ in definition.memo(dynamic_entries)]
    fields = ("ErrorPath", "CausePath")
    fails = [state for state in definition.jsonpath_states if state.type == "Fail"]
    texts += [(state, (field,), state.fields.get(field)) for state in fails for field in fields]
    for state, keys, text in texts:
        if is_known(text) and is_intrinsic(text) and _problem(parse_call, text) is None:
            waiting = [parse_call(text)]
            while waiting:
                call = waiting.pop()
                waiting += [argument for argument in call.arguments if isinstance(argument, IntrinsicCall)]
                yield state, keys, call


def _path_fields(state: State) -> Iterator[tuple[Keys, Json]]:
    yield from (((field,), state.fields[field]) for field in (*_PATHS, "ItemsPath") if field in state.fields)
    if state.type == "Choice":
        for keys, rule in state.comparisons:
            yield from (((*keys, name), rule[name]) for name in rule if name == "Variable" or name.endswith("Path"))


@error(spec_url("wait-state"), applies_to="Timestamp")
def wait_timestamps(definition: Definition) -> Iterator[Problem]:
    """A Wait's Timestamp is in RFC 3339 format, with a T before the time and an offset after it."""
    for state in definition.states_of_type("Wait"):
        text = state.fields.get("Timestamp")
        is_expression = definition.language_of(state) == "JSONata" and expression_in(text) is not None
        if is_known(text) and not is_expression and parse_timestamp(text) is None:
            remedy = 'write it as "2026-01-31T12:00:00Z"'
            yield Problem(state.at("Timestamp"), "String does not match RFC3339 timestamp", remedy)


@warning("NO_TIMESTAMP", spec_url("choice-state"), applies_to="Choice")
def choice_timestamps(definition: Definition) -> Iterator[Problem]:
    """A Timestamp comparison in a Choice rule has a timestamp in RFC 3339 format: with another text, none is true."""
    for state in definition.states_of_type("Choice"):
        for keys, rule in state.comparisons if definition.language_of(state) == "JSONPath" else ():
            for name, text in rule.items():
                is_literal = name.startswith("Timestamp") and not name.endswith("Path") and is_known(text)
                if is_literal and not text.startswith("$") and parse_timestamp(text) is None:
                    message = f"{short_json(text)} is no timestamp in RFC 3339 format, so the comparison is never true"
                    yield Problem(state.at(*keys, name), message, 'write it as "2026-01-31T12:00:00Z"')
