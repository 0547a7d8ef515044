"""Functions that do not run on this computer, and what can be done instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Where

ELSEWHERE = (
    "call it at an endpoint with --lambda-endpoint URL, mock its state with --mock or --return STATE=JSON, or pass a "
    "replacement in functions="
)


class NotHere:
    """A function that does not run on this computer."""

    def __init__(self, where: Where, message: str) -> None:
        self._finding = Finding("NO_HANDLER", "error", where, message, ELSEWHERE)

    def problems(self) -> Sequence[Finding]:
        """Return the finding with the reason, and with what can be done instead."""
        return [self._finding]

    def __call__(self, event: Any, context: Any) -> Any:
        raise FindingsError(self.problems())
