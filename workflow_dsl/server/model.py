"""Requests and answers by the API's model, which botocore has: parsing, the constraints of members, and serialising."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from math import inf
from typing import Any

from workflow_dsl.definition.json import json_reader, json_writer
from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server.errors import constraints

TARGET = "AWSStepFunctions."
_HIDDEN = "***Sensitive Data Hidden***"
_NOT_NULL = "Member must not be null"


@cache
def service() -> Any:
    """The model of Step Functions."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("stepfunctions", "service-2"), "stepfunctions")


def operation_names() -> list[str]:
    """Return the names of all operations."""
    return list(service().operation_names)


def parse(operation: str, body: bytes) -> dict[str, Any]:
    """Return the members of a request. Raises ApiError for a body, or members, that the service refuses."""
    try:
        members = _decode(body.decode() or "{}")
    except (ValueError, RecursionError):
        raise ApiError("SerializationException", "The request body is not valid JSON") from None
    if not isinstance(members, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    present: dict[str, Any] = _without_nulls(members)
    problems: list[str] = []
    _check_of_operation(operation)(present, "", problems)
    if problems:
        raise constraints(problems)
    return present


def _without_nulls(value: Any) -> Any:
    """The value without the members of objects that are null: AWS JSON has them for absent ones."""
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def to_json(answer: Mapping[str, Any]) -> bytes:
    """Return the body of an answer: AWS JSON 1.0, whose times are seconds since 1970."""
    return _encode(answer).encode()


def _seconds(value: Any) -> float:
    if isinstance(value, datetime):
        return int(value.timestamp()) + value.microsecond // 1000 / 1000
    raise TypeError(type(value).__name__)


_decode = json_reader(json.JSONDecoder())
_encode = json_writer(ensure_ascii=True, default=_seconds)


_TYPES: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}
_JSON_TYPES = {bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE"}
_JAVA_TYPES = {"string": "String", "boolean": "Boolean", "integer": "Integer", "long": "Long", "float": "Float"}


_Check = Callable[[Any, str, list[str]], None]


@cache
def _check_of_operation(name: str) -> _Check:
    return _check_of(service().operation_model(name).input_shape)


def _check_of(shape: Any) -> _Check:
    """The check of values of a shape: it adds the constraints that a value at a path fails to a list.

    It raises ApiError for a value of another type. The model is read once: this runs for each request.
    """
    types = _TYPES[shape.type_name]
    constraints_of = _KINDS.get(shape.type_name, _of_number)(shape)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) not in types:  # they are those of a JSON text: true is no number
            raise ApiError("SerializationException", _wrong_type(shape, value))
        if constraints_of:
            constraints_of(value, path, problems)

    return check


def _wrong_type(shape: Any, value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "Start of structure or map found where not expected."
    if shape.type_name in ("structure", "list", "map"):
        return "Unexpected field type"
    return f"{_JSON_TYPES.get(type(value), 'NULL_VALUE')} can not be converted to {_article(shape)}"


def _article(shape: Any) -> str:
    name = _JAVA_TYPES.get(shape.type_name, "Double")
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _of_structure(shape: Any) -> _Check:
    required = tuple(shape.required_members)
    checks = {name: _check_of(member) for name, member in shape.members.items()}

    def check(value: Mapping[str, Any], path: str, problems: list[str]) -> None:
        problems += [
            f"Value null at '{path}{name}' failed to satisfy constraint: {_NOT_NULL}"
            for name in required
            if name not in value
        ]
        for name, member in value.items():
            if name in checks:
                checks[name](member, f"{path}{name}.", problems)

    return check


def _of_list(shape: Any) -> _Check:
    check_size, check_item = _bounds(shape, "length "), _check_of(shape.member)

    def check(value: list[Any], path: str, problems: list[str]) -> None:
        of_items: list[str] = []
        for number, item in enumerate(value, start=1):  # first: only a list whose items have their types can be shown
            check_item(item, f"{path}{number}.member.", of_items)
        check_size(len(value), value, path, problems)
        problems += of_items

    return check


def _of_string(shape: Any) -> _Check:
    check_size, pattern, words = _bounds(shape, "length "), shape.metadata.get("pattern"), shape.enum
    matches = re.compile(pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]")).fullmatch if pattern else None  # Java's

    def check(value: str, path: str, problems: list[str]) -> None:
        check_size(len(value), value, path, problems)
        if matches and not matches(value):
            constraint = f"Member must satisfy regular expression pattern: {pattern}"
            problems.append(_failed(shape, value, path, constraint))
        if words and value not in words:
            problems.append(_failed(shape, value, path, f"Member must satisfy enum value set: [{', '.join(words)}]"))

    return check


def _of_number(shape: Any) -> _Check:
    check_size = _bounds(shape, "value ")
    return lambda value, path, problems: check_size(value, value, path, problems)


def _of_any(shape: Any) -> None:
    return None


_KINDS: Mapping[str, Callable[[Any], _Check | None]] = {
    "structure": _of_structure,
    "list": _of_list,
    "string": _of_string,
    "boolean": _of_any,
    "timestamp": _of_any,
}


def _bounds(shape: Any, noun: str) -> Callable[[float, Any, str, list[str]], None]:
    least, most = shape.metadata.get("min", -inf), shape.metadata.get("max", inf)

    def check(size: float, value: Any, path: str, problems: list[str]) -> None:
        if least <= size <= most:
            return
        if size < least:
            problems.append(_failed(shape, value, path, f"Member must have {noun}greater than or equal to {least}"))
        if size > most:
            problems.append(_failed(shape, value, path, f"Member must have {noun}less than or equal to {most}"))

    return check


def _failed(shape: Any, value: Any, path: str, constraint: str) -> str:
    shown = _HIDDEN if shape.metadata.get("sensitive") else _java_text(value, shape)
    return f"Value '{shown}' at '{path.removesuffix('.')}' failed to satisfy constraint: {constraint}"


def _java_text(value: Any, shape: Any) -> str:
    """A value as Java prints it: a list of structures has the name of their shape."""
    if isinstance(value, list):
        return f"[{', '.join(_java_text(item, shape.member) for item in value)}]"
    if isinstance(value, dict):
        members = (
            f"{name}={_java_text(value[name], member)}" for name, member in shape.members.items() if name in value
        )
        return f"{shape.name}({', '.join(members)})"
    return str(value)
