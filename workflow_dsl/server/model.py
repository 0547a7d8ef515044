"""Requests and answers by the API's model, which botocore has: parsing, the constraints of members, and serialising."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server.errors import constraints

TARGET = "AWSStepFunctions."
_HIDDEN = "***Sensitive Data Hidden***"


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
        members = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise ApiError("SerializationException", "The request body is not valid JSON") from None
    if not isinstance(members, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    shape = service().operation_model(operation).input_shape
    present = {name: value for name, value in members.items() if value is not None}
    problems = list(_problems(shape, present, ""))
    if problems:
        raise constraints(problems)
    return present


def to_json(answer: Mapping[str, Any]) -> bytes:
    """Return the body of an answer: AWS JSON 1.0, whose times are seconds since 1970."""
    return json.dumps(answer, default=_seconds, separators=(",", ":")).encode()


def _seconds(value: Any) -> float:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(type(value).__name__)


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


def _problems(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Yield the constraints of a shape that a value fails. Raises ApiError for a value of another type."""
    is_number = shape.type_name in ("integer", "long", "float", "double")
    if not isinstance(value, _TYPES[shape.type_name]) or (is_number and isinstance(value, bool)):
        raise ApiError("SerializationException", _wrong_type(shape, value))
    yield from _KINDS.get(shape.type_name, _of_scalar)(shape, value, path)


def _wrong_type(shape: Any, value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "Start of structure or map found where not expected."
    if shape.type_name in ("structure", "list", "map"):
        return "Unexpected field type"
    return f"{_JSON_TYPES.get(type(value), 'NULL_VALUE')} can not be converted to {_article(shape)}"


def _article(shape: Any) -> str:
    name = _JAVA_TYPES.get(shape.type_name, "Double")
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _of_structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{path}{name}' failed to satisfy constraint: Member must not be null"
    for name, member in value.items():
        if name in shape.members and member is not None:
            yield from _problems(shape.members[name], member, f"{path}{name}.")


def _of_list(shape: Any, value: list[Any], path: str) -> Iterator[str]:
    yield from _outside(shape, len(value), value, path, "length ")
    for number, item in enumerate(value, start=1):
        yield from _problems(shape.member, item, f"{path}{number}.member.")


def _of_scalar(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "string":
        yield from _outside(shape, len(value), value, path, "length ")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            yield _failed(shape, value, path, f"Member must satisfy regular expression pattern: {pattern}")
        if shape.enum and value not in shape.enum:
            yield _failed(shape, value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    elif shape.type_name not in ("boolean", "timestamp"):
        yield from _outside(shape, value, value, path, "value ")


_Check = Callable[[Any, Any, str], Iterator[str]]
_KINDS: Mapping[str, _Check] = {"structure": _of_structure, "list": _of_list}


def _outside(shape: Any, size: float, value: Any, path: str, noun: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _failed(shape, value, path, f"Member must have {noun}greater than or equal to {least}")
    if most is not None and size > most:
        yield _failed(shape, value, path, f"Member must have {noun}less than or equal to {most}")


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
