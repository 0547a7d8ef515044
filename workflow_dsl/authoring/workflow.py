"""Workflow: what a workflow module's build() returns."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.types import Step
from workflow_dsl.findings import Place


@dataclass(frozen=True, slots=True)
class Workflow:
    """A state machine: where it starts, and the fields of the machine itself.

    `start` is a state or a Chain of `stepfunctions.steps`. `timeout_seconds` bounds a whole execution, in seconds;
    `query_language` is what every state uses that does not say otherwise (AWS takes JSONPath when it is left out).
    `partition` stands in the ARNs of `call(...)`: where a template is deployed to China or GovCloud too, it is
    `parameter("AWS::Partition")`.
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
        object.__setattr__(self, "place", sdk.author())
        start: object = self.start  # of whatever type where no type checker looks
        if not isinstance(start, (sdk.State, sdk.Chain)):
            remedy = "give it the first state, or a Chain: Workflow(Chain([first, second]))"
            raise sdk.mistake(f"Workflow starts with {sdk.shown(start)}, which is no state", remedy)
