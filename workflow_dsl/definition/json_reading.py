"""JSON text to a document, with unquoted placeholders, which JSON itself does not have: `{"Seconds": ${Seconds}}`."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import UnquotedPlaceholder
from workflow_dsl.findings import Finding, FindingsError, Key, Keys, Place, Where
from workflow_dsl.regexes import lazy_regex

_MARK = "\ue000"  # from Unicode's private use area, so that no definition contains it
# Possessive: without backtracking the time is linear in the length of the text, whatever is in it.
_STRING_OR_PLACEHOLDER = lazy_regex(r'"(?:[^"\\]|\\.)*+"?|\$\{(?P<name>[^"{}\s]++)\}', re.DOTALL)


def unreadable(message: str, remedy: str, line: int | None = None, column: int | None = None) -> FindingsError:
    """Return the error for text that is not a document. Line and column count from 1; the caller adds the file."""
    where = Where(place=Place("", line, column) if line else None)
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", where, message, remedy)])


def parse_json(text: str, *, strict: bool = True) -> Json:
    """Return the document of JSON text. Raises FindingsError with the line and column of the first mistake.

    Not strict, a string can go over several lines, as CloudFormation allows in templates.
    """
    try:
        return _loads(text, strict)
    except json.JSONDecodeError as problem:
        quoted = quote_placeholders(text)
        if quoted == text:
            raise _not_json(text, problem) from None
    try:
        return _with_placeholders(_loads(quoted, strict))
    except json.JSONDecodeError as problem:
        raise _not_json(text, problem) from None


def repeated_fields(text: str) -> list[Keys]:
    """Return the keys of the fields that JSON text has more than once in an object, of which the last counts."""
    repeated: dict[int, tuple[dict[str, Json], list[str]]] = {}  # by the id of the object, which it keeps alive

    def to_object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            repeated[id(fields)] = fields, [name for name in fields if counts[name] > 1]
        return fields

    document = json.loads(quote_placeholders(text), object_pairs_hook=to_object, strict=False)
    found = ((keys, id(fields)) for keys, fields in _objects(document if repeated else {}))
    return [(*keys, name) for keys, object_id in found if object_id in repeated for name in repeated[object_id][1]]


def _objects(document: Json) -> Iterator[tuple[Keys, dict[str, Json]]]:
    """Yield each object in a document with its keys, the outer before the inner."""
    waiting: list[tuple[Keys, Json]] = [((), document)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            yield keys, value
        members: Iterable[tuple[Key, Json]] = value.items() if isinstance(value, dict) else enumerate(value)
        waiting += [((*keys, key), member) for key, member in members if isinstance(member, (dict, list))]


def quote_placeholders(text: str) -> str:
    """Return JSON text with each `${Name}` outside of strings as a marked string of the same length."""
    if "${" not in text:
        return text
    return _STRING_OR_PLACEHOLDER.sub(lambda match: f'"{_MARK}{match["name"]}"' if match["name"] else match[0], text)


def _with_placeholders(value: Json) -> Json:
    """The document with its marked strings as placeholders."""
    if isinstance(value, dict):
        for name in value:
            if name.startswith(_MARK):
                raise unreadable(f"has the placeholder ${{{name[1:]}}} as a key", "put it in quotes")
        return {name: _with_placeholders(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_placeholders(item) for item in value]
    is_marked = isinstance(value, str) and value.startswith(_MARK)
    return UnquotedPlaceholder(f"${{{value[1:]}}}") if is_marked else value


def _loads(text: str, strict: bool = True) -> Json:
    hooks: dict[str, Any] = {"parse_constant": _refuse_constant, "parse_float": _float, "parse_int": _int}
    return json.loads(text, strict=strict, **hooks)


def _refuse_constant(name: str) -> Any:
    raise unreadable(f"has {name}, which is not JSON", "write a number")


def _int(digits: str) -> int:
    if len(digits) > 300:
        raise unreadable(f"is not JSON: has a number of {len(digits)} digits", "write a smaller number")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise unreadable(f"is not JSON: has the number {digits}", "write a smaller number")
    return number


def _not_json(text: str, problem: json.JSONDecodeError) -> FindingsError:
    line, column = problem.lineno, problem.colno
    message = f"is not JSON: {problem.msg.removesuffix(' at')} at line {line}, column {column}"
    return unreadable(message, _remedy(text, problem), line, column)


def _remedy(text: str, problem: json.JSONDecodeError) -> str:
    after, before = text[problem.pos :].lstrip(), text[: problem.pos].rstrip()
    if after[:1] in ("}", "]") and before.endswith(","):
        return "remove the comma before it"
    if after.startswith(("//", "/*", "#")):
        return "remove the comment, which JSON does not allow; states and state machines have a Comment field"
    return "use double quotes" if after.startswith("'") else _REMEDIES.get(problem.msg, "fix the JSON there")


_REMEDIES = {
    "Expecting ',' delimiter": "add a comma before it",
    "Expecting ':' delimiter": "add a colon after the name",
    "Expecting property name enclosed in double quotes": "write the name in double quotes",
    "Expecting value": "write a value",
    "Extra data": "remove everything after the last bracket",
    "Unterminated string starting at": "close it with a double quote, on the same line",
}
