"""A redriven execution up to its first redrive, which ran on from the state that had failed."""

from __future__ import annotations

from datetime import datetime

from workflow_dsl.local.engine.events import REDRIVEN, details_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.records import replace

_STATUSES = {"ExecutionFailed": "FAILED", "ExecutionAborted": "ABORTED", "ExecutionTimedOut": "TIMED_OUT"}


def redrive_count(recording: Recording) -> int:
    """Return how often an execution was redriven."""
    return sum(event["type"] == "ExecutionRedriven" for event in recording.events)


def before_redrive(recording: Recording) -> Recording:
    """Return an execution as it was before its first redrive; the execution itself if it was not redriven."""
    first = next((index for index, event in enumerate(recording.events) if event["type"] in REDRIVEN), 0)
    end = recording.events[first - 1] if first else {}
    if end.get("type") not in _STATUSES:
        return recording
    details = details_of(end)
    return replace(
        recording,
        status=_STATUSES[end["type"]],
        stopped=datetime.fromisoformat(end["timestamp"]),
        output=None,
        error=details.get("error"),
        cause=details.get("cause"),
        events=recording.events[:first],
    )
