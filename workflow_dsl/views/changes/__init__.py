"""The differences between two definitions in words: what they mean for the states, the role, and executions."""

from __future__ import annotations

from workflow_dsl.views.changes.effects import Effects, effects_of
from workflow_dsl.views.changes.report import Report, as_json, as_markdown, as_text

__all__ = ["Effects", "Report", "as_json", "as_markdown", "as_text", "effects_of"]
