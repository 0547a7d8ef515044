"""Workflow: what a workflow module's build() returns."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Workflow:
    """A state machine: where it starts, and the fields of the machine itself.

    `start` is a state or a Chain of `stepfunctions.steps`. `timeout_seconds` bounds a whole execution, in seconds;
    `query_language` is what every state uses that does not say otherwise (AWS takes JSONPath when it is left out).
    `partition` stands in the ARNs of `call(...)`: where a template is deployed to China or GovCloud too, it is
    `parameter("AWS::Partition")`.
    """

    start: Any
    _: KW_ONLY
    comment: str | None = None
    query_language: Literal["JSONPath", "JSONata"] | None = None
    version: str | None = None
    timeout_seconds: int | None = None
    partition: str = "aws"
