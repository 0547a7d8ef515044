"""Which state machine uses which function and resource, and what starts it."""

from __future__ import annotations

from workflow_dsl.usage.uses import Use, unused_functions, uses_of

__all__ = ["Use", "unused_functions", "uses_of"]
