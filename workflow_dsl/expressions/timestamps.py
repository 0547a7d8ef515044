"""Timestamps: ISO 8601 with T and an offset, as the States Language wants them (RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)")


def parse_timestamp(text: Any) -> datetime | None:
    """The moment of a timestamp, None for anything else."""
    if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None


def iso(moment: datetime) -> str:
    """A moment as the service writes it: milliseconds, UTC, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
