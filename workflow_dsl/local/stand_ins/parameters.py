"""Parameters and results between a task and boto3: one function for each type of botocore's models.

Names are those of `definition/java_names.py`. A blob of an SDK integration is the JSON of its value, so that text
has quotes: localstack pull request 12035, validated against AWS. A time of an optimized integration is the number of
milliseconds since 1970, as version 1 of the Java SDK writes it (results of `ecs:runTask.sync` and
`athena:startQueryExecution.sync` in published histories); that of an SDK integration is text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflow_dsl.definition.java_names import member_name
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import parse_json, to_json
from workflow_dsl.expressions.problems import EvaluationProblem
from workflow_dsl.expressions.timestamps import format_timestamp


def to_members(shape: Any, value: Json, *, is_sdk: bool) -> Any:
    """Return parameters as boto3 expects them. What does not fit the shape is left for botocore to refuse."""
    convert = _TO_MEMBERS.get(shape.type_name) if shape is not None else None
    return value if convert is None or value is None else convert(shape, value, is_sdk)


def from_members(shape: Any, value: Any, *, is_sdk: bool) -> Json:
    """Return boto3's result as a task's result. An optimized integration has its fields in alphabetical order."""
    convert = _FROM_MEMBERS.get(shape.type_name) if shape is not None else None
    return _scalar(value) if convert is None else convert(shape, value, is_sdk)


def with_resources(parameters: dict[str, Json], arns: list[str]) -> dict[str, Json]:
    """Return the parameters of `events:putEvents` with ARNs added to the Resources of each entry.

    Developer guide, "Call EventBridge with Step Functions": those of the execution and of the state machine.
    """
    entries = [{**entry, "Resources": [*(entry.get("Resources") or ()), *arns]} for entry in parameters["Entries"]]
    return {**parameters, "Entries": entries}


def _to_structure(shape: Any, value: Json, is_sdk: bool) -> Any:
    if isinstance(value, str) and shape.name == "AttributeValue" and not is_sdk:
        return {"S": value}
    if not isinstance(value, dict) or shape.is_document_type:
        return value
    by_name = {
        member_name(shape.name, name, is_sdk=sdk).lower(): name for name in shape.members for sdk in (True, False)
    }
    names = {name: by_name.get(name.lower(), name) for name in value}
    return {
        names[name]: to_members(shape.members.get(names[name]), member, is_sdk=is_sdk)
        for name, member in value.items()
        if member is not None
    }


def _to_list(shape: Any, value: Json, is_sdk: bool) -> Any:
    return [to_members(shape.member, item, is_sdk=is_sdk) for item in value] if isinstance(value, list) else value


def _to_map(shape: Any, value: Json, is_sdk: bool) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: to_members(shape.value, member, is_sdk=is_sdk) for name, member in value.items()}


def _to_string(shape: Any, value: Json, is_sdk: bool) -> Any:
    is_json = isinstance(value, (dict, list)) and not shape.serialization.get("jsonvalue")
    return to_json(value) if is_json else value


def _to_blob(shape: Any, value: Json, is_sdk: bool) -> bytes:
    return (value if isinstance(value, str) and not is_sdk else to_json(value)).encode()


def _to_boolean(shape: Any, value: Json, is_sdk: bool) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _to_integer(shape: Any, value: Json, is_sdk: bool) -> Any:
    try:
        return int(value)
    except (TypeError, ValueError):
        return value


def _to_number(shape: Any, value: Json, is_sdk: bool) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


_TO_MEMBERS: dict[str, Callable[[Any, Json, bool], Any]] = {
    "structure": _to_structure,
    "list": _to_list,
    "map": _to_map,
    "string": _to_string,
    "blob": _to_blob,
    "boolean": _to_boolean,
    "integer": _to_integer,
    "long": _to_integer,
    "float": _to_number,
    "double": _to_number,
}


def _from_structure(shape: Any, value: Any, is_sdk: bool) -> Json:
    if not isinstance(value, dict) or shape.is_document_type:
        return _scalar(value)
    result = {
        member_name(shape.name, name, is_sdk=is_sdk): from_members(shape.members.get(name), member, is_sdk=is_sdk)
        for name, member in value.items()
    }
    return result if is_sdk else dict(sorted(result.items()))


def _from_list(shape: Any, value: Any, is_sdk: bool) -> Json:
    return [from_members(shape.member, item, is_sdk=is_sdk) for item in value]


def _from_map(shape: Any, value: Any, is_sdk: bool) -> Json:
    return {name: from_members(shape.value, member, is_sdk=is_sdk) for name, member in value.items()}


def _from_timestamp(shape: Any, value: Any, is_sdk: bool) -> Json:
    return _scalar(value) if is_sdk or not isinstance(value, datetime) else round(value.timestamp() * 1000)


def _from_blob(shape: Any, value: Any, is_sdk: bool) -> Json:
    """Bytes of an optimized integration are JSON, as in the guide's `$.Body.generations[0].text` of Bedrock."""
    text = _scalar(value)
    try:
        return text if is_sdk else parse_json(text)
    except (ValueError, EvaluationProblem):
        return text


_FROM_MEMBERS: dict[str, Callable[[Any, Any, bool], Json]] = {
    "blob": _from_blob,
    "structure": _from_structure,
    "list": _from_list,
    "map": _from_map,
    "timestamp": _from_timestamp,
}


def _scalar(value: Any) -> Json:
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return format_timestamp(value) if hasattr(value, "isoformat") else value
