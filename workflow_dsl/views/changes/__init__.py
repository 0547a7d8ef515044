"""The differences between two definitions in words: what they mean for the states, the role, and executions."""

from __future__ import annotations

from workflow_dsl.views.changes.effects import Effects, effects_of
from workflow_dsl.views.changes.report import Report, as_json, as_markdown, as_text, change_lines, summary
from workflow_dsl.views.changes.states import words_of, words_of_fields

__all__ = [
    "Effects",
    "Report",
    "as_json",
    "as_markdown",
    "as_text",
    "change_lines",
    "effects_of",
    "summary",
    "words_of",
    "words_of_fields",
]
