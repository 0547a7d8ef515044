"""JSON or YAML text -> a document, or the one finding that says why not."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from workflow_dsl.asl import DEEPEST, is_json_scalar, is_json_text, where_of
from workflow_dsl.findings import Finding, FindingsError, Key, Where


def read(document: Any) -> dict[str, Any]:
    """The document as a dict. Raises FindingsError for text that cannot be read, and for what is no object."""
    if isinstance(document, bytes):
        document = _decode(document)
    value = _parse(document) if isinstance(document, str) else document
    if not isinstance(value, dict):
        raise _unreadable("Definition must be a valid JSON object", 'begin with {"StartAt": ..., "States": {...}}')
    _refuse_what_is_no_json(value)
    return value


_MOST_VALUES = 2_000_000  # far beyond the service's 1 MB; aliases of YAML can say more in a few lines


def _refuse_what_is_no_json(document: dict[str, Any]) -> None:
    """Refuses dates, sets, NaN, keys that are no strings, text that is no Unicode, and what never ends."""
    waiting: list[tuple[Any, tuple[Key, ...]]] = [(document, ())]
    seen = 0
    while waiting:
        value, keys = waiting.pop()
        seen += 1
        if seen > _MOST_VALUES or len(keys) > DEEPEST:
            raise FindingsError([Finding("TOO_DEEPLY_NESTED", "error", where_of(()), *_TOO_LARGE)])
        if isinstance(value, dict):
            waiting += [(each, (*keys, key)) for key, each in value.items()]
            if not all(isinstance(key, str) and is_json_text(key) for key in value):
                raise _not_json(keys, "has a key that is no JSON string", "put the key in quotes")
        elif isinstance(value, list):
            waiting += [(each, (*keys, index)) for index, each in enumerate(value)]
        elif not is_json_scalar(value):
            raise _not_json(keys, f"is a {type(value).__name__} that JSON does not have", "put it in quotes")


_TOO_LARGE = ("is nested too deeply or too large", "flatten it; an alias in YAML must not contain itself")


def _not_json(keys: tuple[Key, ...], message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", where_of(keys), message, remedy)])


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _unreadable(f"is not UTF-8: byte {problem.start} cannot be read", "save it as UTF-8") from None


def _parse(text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        return _parse_json(text)
    return _parse_yaml(text)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise _unreadable(f"is not JSON: {problem.msg} at {where}", "mend it there") from None
    except ValueError as problem:
        raise _unreadable(f"is not JSON: {problem}", "write a smaller number") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _unreadable(f'has the field "{name}" twice in one object', "keep one of the two")
        found[name] = value
    return found


def _constant(name: str) -> Any:
    raise _unreadable(f"has {name}, which is no JSON value", "write a number")


def _parse_yaml(text: str) -> Any:
    import yaml  # 30 ms that JSON need not wait for

    try:
        return yaml.load(text, _yaml_loader())  # noqa: S506  # a safe loader
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        said = getattr(problem, "problem", None) or "it cannot be read"
        raise _unreadable(f"is neither JSON nor YAML: {said}{where}", "mend it there") from None
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError) as problem:
        raise _unreadable(f"is neither JSON nor YAML: {problem}", "put the value in quotes") from None


@cache
def _yaml_loader() -> Any:
    """Safe YAML that reads timestamps as the text they are, and takes no key twice."""
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen = set()
            for key, _ in node.value:
                if key.tag.endswith(":str") and key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f'the field "{key.value}" stands twice in one object', key.start_mark
                    )
                seen.add(key.value if isinstance(key.value, str) else id(key))
            return super().construct_mapping(node, deep)

    Loader.yaml_implicit_resolvers = {
        mark: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for mark, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _unreadable(message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", Where(), message, remedy)])
