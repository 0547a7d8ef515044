"""Which state machine uses which function and resource, and what starts it."""

from __future__ import annotations

from workflow_dsl.usage.uses import Use, functions_not_called, uses_of

__all__ = ["Use", "functions_not_called", "uses_of"]
