"""Plain values for the placeholders that a search cannot run with: a number of seconds, a time, a truth value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.local.unfilled import unfilled_fields
from workflow_dsl.validation import check

_PLAIN: tuple[Json, ...] = (1, "2026-01-31T12:00:00Z", True, "value", "$", {})


def with_plain_values(text: str, type_: Literal["STANDARD", "EXPRESS"]) -> str:
    """Return a definition whose fields without a usable value have the first plain one that a run takes.

    One with errors is returned as it is.
    """
    findings = unfilled_fields(text, type_)
    if not findings or any(finding.severity == "error" for finding in check(text, type=type_)):
        return text
    document: Any = read(text)
    for keys in (finding.where.keys for finding in findings if finding.where.keys):
        for value in _PLAIN:
            _put(document, keys, value)
            if all(other.where.keys != keys for other in check(json.dumps(document), type=type_)):
                break
    return json.dumps(document)


def _put(document: Any, keys: Sequence[str | int], value: Json) -> None:
    for key in keys[:-1]:
        document = document[key]
    document[keys[-1]] = value
