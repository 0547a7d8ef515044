"""Workflow: the return value of a workflow module's build()."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.types import Step
from workflow_dsl.findings import Place


@dataclass(frozen=True, slots=True)
class Workflow:
    """A state machine: its first state or Chain, and its own fields.

    `timeout_seconds` limits a whole execution; `query_language` is the default of its states (AWS: JSONPath).
    `partition` goes into the ARNs of `call(...)`: write `parameter("AWS::Partition")` for a template that is also
    deployed to China or GovCloud.
    """

    start: Step
    _: KW_ONLY
    comment: str | None = None
    query_language: Literal["JSONPath", "JSONata"] | None = None
    version: str | None = None
    timeout_seconds: int | None = None
    partition: str = "aws"
    place: Place | None = field(init=False, repr=False, compare=False)  # the author's line

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", sdk.author_place())
        start: object = self.start  # any type, if the author runs no type checker
        if not isinstance(start, (sdk.State, sdk.Chain)):
            remedy = "pass the first state, or a Chain: Workflow(Chain([first, second]))"
            raise sdk.mistake(f"Workflow starts with {sdk.describe(start)}, which is not a state", remedy)
