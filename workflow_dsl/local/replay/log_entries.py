"""The events of Express executions as their log group has them.

An entry has the event's fields in snake case, and its details without the prefix of their type (developer guide, "Using
CloudWatch Logs to log execution history in Step Functions").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine.events import details_key

_FIELDS = {"id", "type", "event_timestamp", "execution_arn"}


def log_entries(content: Json) -> list[dict[str, Any]] | None:
    """Return the entries in the output of `aws logs filter-log-events`, or in a list of them; None for other JSON.

    The rows of `aws logs get-query-results` are taken, too, where they have @message.

    Raises ValueError for a message that is not JSON.
    """
    rows = content.get("events", _messages(content)) if isinstance(content, dict) else content
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return None
    entries = [json.loads(row["message"]) if isinstance(row.get("message"), str) else row for row in rows]
    return entries if all(isinstance(entry, dict) and entry.keys() >= _FIELDS for entry in entries) else None


def _messages(content: Mapping[str, Any]) -> list[dict[str, str]] | None:
    rows = content.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return None
    fields = (field for row in rows for field in row if isinstance(field, dict))
    return [{"message": field.get("value", "")} for field in fields if field.get("field") == "@message"]


def events_of_log(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Json]]:
    """Return the events of entries in order, each once; those of several executions have repeated IDs."""
    unique = {(entry["execution_arn"], int(entry["id"])): entry for entry in entries}
    return [_event(unique[key]) for key in sorted(unique, key=lambda key: key[1])]


def _event(entry: Mapping[str, Any]) -> dict[str, Json]:
    type_ = str(entry["type"])
    event: dict[str, Json] = {
        "id": int(entry["id"]),
        "type": type_,
        "timestamp": int(entry["event_timestamp"]),
        "previousEventId": int(entry.get("previous_event_id") or 0),
    }
    kinds = (suffix for suffix in ("StateEntered", "StateExited") if type_.endswith(suffix))
    return event | ({details_key(next(kinds, type_)): entry["details"]} if entry.get("details") else {})
