"""Reuse: a fragment is a Python function that creates states. Used twice, each use needs a prefix()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.types import Step


class Fragment(sdk.Chain):
    """States with one start and several ends, such as a Choice with its branches.

    It goes wherever a Chain goes; a state after it is linked to each of its ends.
    """

    def __init__(self, start: Step, *, ends: Sequence[Step]) -> None:
        super().__init__([start])
        if not isinstance(ends, (list, tuple)):
            raise sdk.mistake(f"Fragment is called with the ends {ends!r}", "pass a list of states")
        self.ends = [end for step in ends for end in _ends(step)]
        if not self.ends:
            raise sdk.mistake("Fragment has no ends", "pass the states that the next state follows: ends=[...]")
        for end in self.ends:
            if end.state_type in ("Succeed", "Fail"):
                message = f"is a {end.state_type}, which has no next state"
                raise sdk.mistake(message, "remove it from the ends", end.state_id)

    def append(self, step: Step) -> None:
        """Link every end to a state or Chain, whose end becomes the fragment's."""
        self.next(step)
        self.ends = _ends(step)

    def __iter__(self) -> Iterator[Any]:
        raise sdk.mistake("a Fragment is not a list of states", "write Chain([fragment, after])")

    def next(self, next_step: Any) -> Any:
        """Link every end to a state or Chain, and return that."""
        for end in self.ends:
            end.next(next_step)
        return next_step


def _ends(step: Step) -> list[sdk.State]:
    """The states to link to the next one: the state, the last one of a Chain, or a Fragment's ends."""
    if isinstance(step, Fragment):
        return step.ends
    if isinstance(step, sdk.Chain) and step.steps:
        return _ends(step.steps[-1])
    if not isinstance(step, sdk.State):
        raise sdk.mistake(f"an end is {step!r}, which is not a state", "pass a state or a Chain")
    return [step]
