"""Timestamps: ISO 8601 with T and an offset, as the States Language requires (RFC 3339)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workflow_dsl.regexes import lazy_regex

_TIMESTAMP = lazy_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)")


def parse_timestamp(text: Any) -> datetime | None:
    """Return the moment of a timestamp; None for any other value."""
    if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None


def format_timestamp(moment: datetime) -> str:
    """Return a moment as the service writes it: milliseconds, UTC, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_utc(moment: datetime) -> str:
    """Format a moment for people: `2026-11-24 12:00:00 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
