"""Workflow: the return value of a workflow module's build()."""

from __future__ import annotations

import sys
from typing import Literal

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.types import Step
from workflow_dsl.definition.machine import TypeReference
from workflow_dsl.findings import Place
from workflow_dsl.records import Record, field


class Workflow(Record):
    """A state machine: its first state or Chain, and its own fields.

    `timeout_seconds` limits a whole execution; `query_language` is the default of its states (AWS: JSONPath).
    `partition` goes into the ARNs of `call(...)`: write `parameter("AWS::Partition")` for a template that is also
    deployed to China or GovCloud. `input` is the type of an execution's input, a TypedDict, dataclass or pydantic model
    at the top of a module: a path to a field that it does not have is an error. The definition stays the same.
    """

    start: Step
    comment: str | None = field(default=None, kw_only=True)
    query_language: Literal["JSONPath", "JSONata"] | None = field(default=None, kw_only=True)
    version: str | None = field(default=None, kw_only=True)
    timeout_seconds: int | None = field(default=None, kw_only=True)
    partition: str = field(default="aws", kw_only=True)
    input: type | None = field(default=None, kw_only=True)
    place: Place | None = field(init=False, repr=False, compare=False)  # the author's line

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", sdk.author_place())
        start: object = self.start  # any type, if the author runs no type checker
        if not isinstance(start, (sdk.State, sdk.Chain)):
            remedy = "pass the first state, or a Chain: Workflow(Chain([first, second]))"
            raise sdk.mistake(f"Workflow starts with {sdk.describe(start)}, which is not a state", remedy)
        input_: object = self.input
        if input_ is not None and not isinstance(input_, type):
            remedy = "pass the class itself: Workflow(start, input=Order)"
            raise sdk.mistake(f"input is {sdk.describe(input_)}, which is not a class", remedy)

    @property
    def input_type(self) -> TypeReference | None:
        """The file and name of the input's type: those of its module if that is known, else of the workflow's."""
        if self.input is None:
            return None
        module = sys.modules.get(self.input.__module__)
        file = getattr(module, "__file__", None) or (self.place.file if self.place else "")
        return TypeReference(str(file), self.input.__name__)
