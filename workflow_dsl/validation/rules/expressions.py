"""The expressions of JSONPath states: paths, payload templates, intrinsic functions, and the timestamps of a Wait.

A text with a `${placeholder}` in it is left alone: what it will be is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.definition.json import Json, inside, short
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.intrinsics import IntrinsicCall, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.expressions.jsonpath import Path, parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.findings import Keys
from workflow_dsl.validation.rules.fields import comparisons
from workflow_dsl.validation.rules.rule import Definition, Problem, error, spec

_Keys = Keys
_PATHS = (
    *("InputPath", "OutputPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"),
    *("ErrorPath", "CausePath"),
)
_NUMBER_PATHS: tuple[_Keys, ...] = (
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


@error(spec("path"), about="JSONPath")
def paths(definition: Definition) -> Iterator[Problem]:
    """A field whose name ends in Path holds a path; ErrorPath and CausePath may call an intrinsic function."""
    for state in definition.jsonpath:
        for field in _PATHS:
            text = state.fields.get(field)
            if is_known(text):
                calls = field in ("ErrorPath", "CausePath") and is_intrinsic(text)
                problem = _problem(parse_call if calls else parse_path, text)
                if problem:
                    yield Problem(state.at(field), "Value must be a valid JSONPath", f"mend it: {problem}")


@error(spec("choice-state"), about="Choice")
def choice_paths(definition: Definition) -> Iterator[Problem]:
    """A Choice rule's Variable, and what it is compared with by a field whose name ends in Path, is a path."""
    for state in definition.of("Choice"):
        for keys, rule in comparisons(state) if definition.language_of(state) == "JSONPath" else ():
            for name, text in rule.items():
                if (name == "Variable" or name.endswith("Path")) and is_known(text):
                    problem = _problem(parse_path, text)
                    if problem and not text.startswith("$"):
                        message = "Value is not a Reference Path: Reference path didn't start with '$'"
                        yield Problem(state.at(*keys, name), message, 'write a path such as "$.price"')
                    elif problem:
                        yield Problem(state.at(*keys, name), "Value must be a valid JSONPath", f"mend it: {problem}")


@error(spec("ref-paths"), about="JSONPath")
def reference_paths(definition: Definition) -> Iterator[Problem]:
    """ResultPath, ItemsPath and the paths to a Map's numbers name one place; of these, only ItemsPath reads $$."""
    for state in definition.jsonpath:
        for keys in _reference_fields(state):
            text = inside(state.fields, keys)
            if is_known(text) and not _is_reference(text, str(keys[-1])):
                remedy = 'write a path such as "$.result", without wildcards, filters or $$'
                yield Problem(state.at(*keys), f"Value is not a Reference Path: {text}", remedy)


def _reference_fields(state: State) -> Iterator[_Keys]:
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


@error(spec("payload-template"), about="JSONPath")
def payload_templates(definition: Definition) -> Iterator[Problem]:
    """In a payload template a field whose name ends in .$ holds a path or a call of an intrinsic function."""
    for state, keys, text, _ in definition.once(lookups):
        problem = _template_problem(text)
        if problem:
            wanted = "must be a valid JSONPath or a valid intrinsic function call"
            message = f"The value for the field '{keys[-1]}' {wanted}"
            yield Problem(state.at(*keys), message, f"mend it: {problem}")


@error(spec("payload-template"), about="JSONPath")
def fields_given_twice(definition: Definition) -> Iterator[Problem]:
    """A payload template has no field both with .$ at the end of its name and without."""
    for state, keys, _, holder in definition.once(lookups):
        plain = str(keys[-1])[:-2]
        if plain in holder:
            message = f"has both '{plain}' and '{keys[-1]}', which come to one field"
            yield Problem(state.at(*keys), message, "keep one of the two")


def templates(definition: Definition) -> Iterator[tuple[State, _Keys, Json]]:
    """The payload templates of the JSONPath states, with the keys to each."""
    for state in definition.jsonpath:
        for keys in _TEMPLATES:
            if keys[0] in state.fields:
                yield state, keys, inside(state.fields, keys)
        for field in ("Choices", "Catch"):
            for index, item in state.items_of(field) if field in state.fields else ():
                if "Assign" in item:
                    yield state, (field, index, "Assign"), item["Assign"]


class Entry(NamedTuple):
    """A text in a payload template, or a field whose name ends in .$: its place, and the object that holds it."""

    state: State
    keys: _Keys
    value: Json
    holder: Mapping[str, Json]

    @property
    def is_looked_up(self) -> bool:
        return str(self.keys[-1]).endswith(".$")


def entries(definition: Definition) -> Iterator[Entry]:
    """What the fields of the JSONPath states' payload templates hold, objects and lists aside."""
    for state, at, template in definition.once(templates):
        waiting = [(at, template)]
        while waiting:
            keys, value = waiting.pop()
            if isinstance(value, dict):
                for name, each in value.items():
                    if isinstance(each, str) or name.endswith(".$"):
                        yield Entry(state, (*keys, name), each, value)
                    elif isinstance(each, (dict, list)):
                        waiting.append(((*keys, name), each))
            elif isinstance(value, list):
                waiting += [((*keys, i), each) for i, each in enumerate(value) if isinstance(each, (dict, list))]
                yield from (Entry(state, (*keys, i), each, {}) for i, each in enumerate(value) if isinstance(each, str))


def lookups(definition: Definition) -> list[Entry]:
    """Those of the entries whose names end in .$."""
    return [entry for entry in definition.once(entries) if entry.is_looked_up]


def dynamic_fields(template: Json) -> Iterator[tuple[_Keys, Json]]:
    """The fields of any value whose names end in .$, with the keys to each."""
    waiting: list[tuple[_Keys, Json]] = [((), template)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, Mapping):
            for name, each in value.items():
                if name.endswith(".$"):
                    yield (*keys, name), each
                elif isinstance(each, (dict, list)):
                    waiting.append(((*keys, name), each))
        elif isinstance(value, list):
            waiting += [((*keys, index), each) for index, each in enumerate(value)]


def _template_problem(text: Json) -> str | None:
    if not isinstance(text, str):
        return f"{short(text)} is no text"
    if not is_known(text):
        return None
    return _problem(parse_call if is_intrinsic(text) else parse_path, text)


def paths_in(text: Json) -> list[Path]:
    """The paths of a text that is a path, or a call with paths among its arguments; none of any other."""
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


def reads(definition: Definition) -> Iterator[tuple[State, _Keys, Path]]:
    """Every path by which the JSONPath states read data, the context object or variables."""
    for state in definition.jsonpath:
        for keys, text in _path_fields(state):
            yield from ((state, keys, path) for path in paths_in(text))
    for state, keys, text, _ in definition.once(lookups):
        yield from ((state, keys, path) for path in paths_in(text))


def _path_fields(state: State) -> Iterator[tuple[_Keys, Json]]:
    yield from (((field,), state.fields[field]) for field in (*_PATHS, "ItemsPath") if field in state.fields)
    if state.type == "Choice":
        for keys, rule in comparisons(state):
            yield from (((*keys, name), rule[name]) for name in rule if name == "Variable" or name.endswith("Path"))


@error(spec("wait-state"), about="Timestamp")
def wait_timestamps(definition: Definition) -> Iterator[Problem]:
    """A Wait's Timestamp is of RFC 3339, with a T before the time and an offset after it."""
    for state in definition.of("Wait"):
        text = state.fields.get("Timestamp")
        is_expression = definition.language_of(state) == "JSONata" and expression_in(text) is not None
        if is_known(text) and not is_expression and parse_timestamp(text) is None:
            remedy = 'write it as "2026-01-31T12:00:00Z"'
            yield Problem(state.at("Timestamp"), "String does not match RFC3339 timestamp", remedy)


RULES = (
    paths,
    choice_paths,
    reference_paths,
    payload_templates,
    fields_given_twice,
    wait_timestamps,
)
