"""The JSON in a file that a person made of what the AWS CLI printed: whole, page after page, or a document a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.regexes import lazy_regex

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # as PowerShell writes the output of a command


def printed_json(data: bytes) -> Json:
    """Return the JSON of a file: pages joined to one, other documents as a list. Raises ValueError for other text."""
    text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    try:
        values = list(_documents(text))
    except ValueError:
        values = [json.loads(line[line.index("{") :]) for line in text.splitlines() if line.strip()]  # aws logs tail
    if len(values) == 1 and isinstance(values[0], list) and values[0] and all(map(_is_page, values[0])):
        values = values[0]
    if len(values) == 1:
        return values[0]
    return joined(values) if values and all(map(_is_page, values)) else values


def joined(pages: list[dict[str, Any]]) -> dict[str, Json]:
    """Return pages as one; it has a token for the next page only if each of them has one."""
    events = [event for page in pages for event in page["events"]]
    last = [page for page in pages if not next_token(page)]
    return {"events": events, "nextToken": None if last else next_token(pages[-1])}


def next_token(content: Json) -> Json:
    """Return the token of the next page, None for the last one and for other JSON."""
    return (content.get("nextToken") or content.get("NextToken")) if isinstance(content, dict) else None


def _documents(text: str) -> Iterator[Json]:
    decoder, position = json.JSONDecoder(), 0
    while gap := _GAP.match(text, position):
        if gap.end() == len(text):
            return
        value, position = decoder.raw_decode(text, gap.end())
        yield value


_GAP = lazy_regex(r"\s*")


def _is_page(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("events"), list) and "format" not in value
