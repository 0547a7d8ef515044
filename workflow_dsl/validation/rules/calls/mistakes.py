"""A mistake in the parameters of a call, for which its service refuses the call whenever it runs."""

from __future__ import annotations

from workflow_dsl.findings import Keys
from workflow_dsl.records import Record


class Mistake(Record):
    """The keys of a mistake from the state on, what is wrong, and the remedy."""

    keys: Keys
    message: str
    remedy: str
