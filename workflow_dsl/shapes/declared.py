"""The declarations that a definition's text does not have: of its input, and of what its states call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field
from workflow_dsl.shapes.shape import UNKNOWN, Shape


class Signature(Record):
    """A function or nested state machine: the input that it takes and the result that it gives, as far as declared.

    `takes_at` and `gives_at` are the places of the declarations: `functions/stock_buyer/app.py:35`. A function has
    `gives_for` if its result has what it is called with: `return {**event, "total": 5}`.
    """

    name: str
    takes: Shape = UNKNOWN
    gives: Shape = UNKNOWN
    takes_at: str = ""
    gives_at: str = ""
    gives_for: Callable[[Shape], Shape] | None = None

    def result(self, passed: Shape) -> Shape:
        """Return the result of a call with a value of some shape."""
        is_known = self.gives_for is not None and passed.parts
        return self.gives_for(passed) if is_known and self.gives_for else self.gives


class Declared(Record):
    """The shape of an execution's input, and the signature of what each state calls, by the state's keys."""

    input: Shape = UNKNOWN
    calls: Mapping[Keys, Signature] = field(default_factory=dict)


NOTHING_DECLARED = Declared()
