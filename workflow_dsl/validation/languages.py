"""The expressions in a definition: paths, payload templates, intrinsic functions, JSONata, timestamps, labels.

Rules as in rules.py. A text with a `${placeholder}` in it is left alone: what it will be is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflow_dsl.asl import Json, Machine, State, short
from workflow_dsl.expressions.intrinsics import is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import expression_in, parse_jsonata
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.findings import Finding, Key, Where

_FAILED = "SCHEMA_VALIDATION_FAILED"
_PATHS = (
    *("InputPath", "OutputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath"),
    *("HeartbeatSecondsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"),
)
_PATHS_OR_CALLS = ("ErrorPath", "CausePath")
_TEMPLATES: tuple[tuple[str, ...], ...] = (
    *(("Parameters",), ("ResultSelector",), ("ItemSelector",), ("Assign",), ("Credentials",)),
    *(("ItemReader", "Parameters"), ("ItemBatcher", "BatchInput"), ("ResultWriter", "Parameters")),
)
_NOT_EVALUATED = (
    "Type",
    "Resource",
    "Comment",
    "QueryLanguage",
    "Next",
    "Default",
    "Branches",
    "ItemProcessor",
    "Iterator",
)


def _error(code: str, where: Where, message: str, remedy: str) -> Finding:
    return Finding(code, "error", where, message, remedy)


def _states(machine: Machine) -> Iterator[tuple[State, str]]:
    """Every state with its query language: its own, or the machine's."""
    default = machine.fields.get("QueryLanguage", "JSONPath")
    return ((state, state.fields.get("QueryLanguage", default)) for state in machine.walk())


def _is_known(text: Any) -> bool:
    return isinstance(text, str) and "${" not in text


def _problem(parse: Callable[[str], object], text: str) -> str | None:
    try:
        parse(text)
    except SyntaxProblem as problem:
        return str(problem)
    return None


def paths(machine: Machine, _: str) -> Iterator[Finding]:
    """States Language, "Paths": what a field whose name ends in Path holds, and a Choice's Variable."""
    for state, language in _states(machine):
        if language == "JSONPath":
            for keys, text in _path_fields(state):
                problem = _problem(parse_path, text) if _is_known(text) else None
                if problem:
                    yield _error(_FAILED, state.at(*keys), "Value must be a valid JSONPath", f"mend it: {problem}")


def _path_fields(state: State) -> Iterator[tuple[tuple[Key, ...], Json]]:
    for field in _PATHS:
        yield (field,), state.fields.get(field)
    for field in _PATHS_OR_CALLS:
        text = state.fields.get(field)
        if not (isinstance(text, str) and is_intrinsic(text)):
            yield (field,), text
    waiting: list[tuple[tuple[Key, ...], Json]] = [
        (("Choices", index), rule) for index, rule in state.items_of("Choices")
    ]
    while waiting:
        keys, rule = waiting.pop()
        if isinstance(rule, dict):
            yield from (
                ((*keys, name), text) for name, text in rule.items() if name == "Variable" or name.endswith("Path")
            )
            waiting += [((*keys, name), rule[name]) for name in ("And", "Or", "Not") if name in rule]
        elif isinstance(rule, list):
            waiting += [((*keys, index), each) for index, each in enumerate(rule)]


def result_paths(machine: Machine, _: str) -> Iterator[Finding]:
    """States Language, "Reference Paths": a ResultPath names one place in the state's input."""
    for state, language in _states(machine):
        given: list[tuple[tuple[Key, ...], Json]] = [(("ResultPath",), state.fields.get("ResultPath"))]
        given += [(("Catch", index, "ResultPath"), item.get("ResultPath")) for index, item in state.items_of("Catch")]
        for keys, text in given if language == "JSONPath" else ():
            if _is_known(text) and not _is_reference(text):
                remedy = 'write a path such as "$.result", without wildcards, filters or $$'
                yield _error(_FAILED, state.at(*keys), f"Value is not a Reference Path: {text}", remedy)


def _is_reference(text: str) -> bool:
    try:
        path = parse_path(text)
    except SyntaxProblem:
        return False
    return path.is_reference and path.root == "$"


def payload_templates(machine: Machine, _: str) -> Iterator[Finding]:
    """States Language, "Payload Template": a field whose name ends in .$ holds a path or an intrinsic function."""
    for state, language in _states(machine):
        for keys, template in _templates(state) if language == "JSONPath" else ():
            for inner, text in _dynamic_fields(template):
                problem = _template_problem(text)
                holder = template
                for key in inner[:-1]:
                    holder = holder[key]
                if str(inner[-1])[:-2] in holder:
                    message = f"has both '{str(inner[-1])[:-2]}' and '{inner[-1]}', which come to one field"
                    yield _error(_FAILED, state.at(*keys, *inner), message, "keep one of the two")
                if problem:
                    wanted = "must be a valid JSONPath or a valid intrinsic function call"
                    message = f"The value for the field '{inner[-1]}' {wanted}"
                    yield _error(_FAILED, state.at(*keys, *inner), message, f"mend it: {problem}")


def _templates(state: State) -> Iterator[tuple[tuple[Key, ...], Json]]:
    for keys in _TEMPLATES:
        value: Json = state.fields
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        yield keys, value
    for field in ("Choices", "Catch"):
        yield from (((field, index, "Assign"), item.get("Assign")) for index, item in state.items_of(field))


def _dynamic_fields(template: Json) -> Iterator[tuple[tuple[Key, ...], Json]]:
    waiting: list[tuple[tuple[Key, ...], Json]] = [((), template)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            for name, each in value.items():
                if name.endswith(".$"):
                    yield (*keys, name), each
                else:
                    waiting.append(((*keys, name), each))
        elif isinstance(value, list):
            waiting += [((*keys, index), each) for index, each in enumerate(value)]


def _template_problem(text: Json) -> str | None:
    if not isinstance(text, str):
        return f"{short(text)} is no text"
    if not _is_known(text):
        return None
    return _problem(parse_call if is_intrinsic(text) else parse_path, text)


def jsonata_expressions(machine: Machine, _: str) -> Iterator[Finding]:
    """Developer guide, "Transforming data with JSONata": what stands between {% and %} is JSONata."""
    for state, language in _states(machine):
        waiting: list[tuple[tuple[Key, ...], Json]] = [
            ((field,), value) for field, value in state.fields.items() if field not in _NOT_EVALUATED
        ]
        while waiting and language == "JSONata":
            keys, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [((*keys, name), each) for name, each in value.items()]
            elif isinstance(value, list):
                waiting += [((*keys, index), each) for index, each in enumerate(value)]
            expression = expression_in(value) if _is_known(value) else None
            problem = None if expression is None else _problem(parse_jsonata, expression)
            if problem:
                remedy = "mend the expression between {% and %}"
                yield _error("INVALID_JSONATA_EXPRESSION", state.at(*keys), f"is no JSONata: {problem}", remedy)


def wait_timestamps(machine: Machine, _: str) -> Iterator[Finding]:
    """States Language, "Wait State": a Timestamp is of RFC 3339, with T and an offset."""
    for state, language in _states(machine):
        text = state.fields.get("Timestamp")
        is_expression = language == "JSONata" and expression_in(text) is not None
        if state.type == "Wait" and _is_known(text) and not is_expression and parse_timestamp(text) is None:
            remedy = 'write it as "2026-01-31T12:00:00Z"'
            yield _error(_FAILED, state.at("Timestamp"), "String does not match RFC3339 timestamp", remedy)


_LABEL = re.compile(r"""[^\s?*<>{}\[\]:;,\\|^~$#%&`"\x00-\x1f\x7f-\x9f]{1,40}""")


def map_labels(machine: Machine, _: str) -> Iterator[Finding]:
    """Developer guide, "Map state in Distributed mode", Label: up to 40 characters, without blanks and special ones."""
    for state, _language in _states(machine):
        label = state.fields.get("Label")
        if isinstance(label, str) and _is_known(label) and not _LABEL.fullmatch(label):
            yield _error(
                "INVALID_LABEL_NAME", state.at("Label"), f"Invalid label: {label}", "write letters, digits, - and _"
            )


EXPRESSION_RULES = (paths, result_paths, payload_templates, jsonata_expressions, wait_timestamps, map_labels)
