"""A field written into the text of a JSON document, whose layout stays."""

from __future__ import annotations

import json
import re

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.spans import spans_in_json
from workflow_dsl.findings import Keys


def with_field(text: str, keys: Keys, name: str, value: Json) -> str:
    """Return the text with a field of the object at these keys set, or added as its first one.

    Raises LookupError if the text has no such object, and ValueError for text that is not JSON.
    """
    spans = spans_in_json(text, [keys, (*keys, name)])
    if (*keys, name) in spans:
        (key_start, key_end), _ = spans[(*keys, name)]
        start = _value_start(text, key_end)
        _, end = json.JSONDecoder().raw_decode(text, start)
        return text[:start] + _laid_out(text, key_start, value) + text[end:]
    (_, key_end), _ = spans[keys]
    opening = _value_start(text, key_end) + 1 if not isinstance(keys[-1], int) else key_end
    first = re.compile(r"\s*").match(text, opening)
    blank = first[0] if first else ""
    start = opening + len(blank)
    separator = "" if text[start] == "}" else f",{blank or ' '}"
    field = f"{json.dumps(name)}: {_laid_out(text, start, value)}{separator}"
    return text[:start] + field + text[start:]


def _value_start(text: str, key_end: int) -> int:
    """The index of a value, by the end of its key."""
    match = re.compile(r"\s*:\s*").match(text, key_end)
    if match is None:
        raise LookupError("no value")
    return match.end()


def _laid_out(text: str, position: int, value: Json) -> str:
    """A value as JSON in the layout of the text: on one line, or indented like the line of this position."""
    step = re.search(r'\n([ \t]+)"', text)
    if step is None:
        return json.dumps(value, ensure_ascii=False)
    line = text[text.rfind("\n", 0, position) + 1 : position]
    indent = line[: len(line) - len(line.lstrip())]
    lines = json.dumps(value, ensure_ascii=False, indent=step[1]).splitlines()
    return f"\n{indent}".join(lines)
