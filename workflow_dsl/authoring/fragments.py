"""Reuse: a fragment is a Python function that makes states. Used twice, each use is given a prefix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.types import Step


class Fragment(sdk.Chain):
    """States with one beginning and several ends, as a function that makes a Choice and its ways would return them.

    It goes wherever a Chain goes; what follows it is linked to every one of its ends.
    """

    def __init__(self, start: Step, *, ends: Sequence[Step]) -> None:
        super().__init__([start])
        if not isinstance(ends, (list, tuple)):
            raise sdk.mistake(f"Fragment is given the ends {ends!r}", "give it a list of states")
        self.ends = [end for step in ends for end in _ends(step)]
        if not self.ends:
            raise sdk.mistake("Fragment has no ends", "give it the states that something follows")
        for end in self.ends:
            if end.state_type in ("Succeed", "Fail"):
                message = f"is a {end.state_type}, which nothing follows"
                raise sdk.mistake(message, "leave it out of the ends", end.state_id)

    def append(self, step: Step) -> None:
        """Adds to every end; the fragment then ends where that does."""
        self.next(step)
        self.ends = _ends(step)

    def __iter__(self) -> Iterator[Any]:
        raise sdk.mistake("a Fragment is not a list of states", "write Chain([fragment, after])")

    def next(self, next_step: Any) -> Any:
        """Goes on from every end."""
        for end in self.ends:
            end.next(next_step)
        return next_step


def _ends(step: Step) -> list[sdk.State]:
    """What something would follow: the state, the last of a Chain, or a Fragment's own ends."""
    if isinstance(step, Fragment):
        return step.ends
    if isinstance(step, sdk.Chain) and step.steps:
        return _ends(step.steps[-1])
    if not isinstance(step, sdk.State):
        raise sdk.mistake(f"an end is {step!r}, which is no state", "give a state or a Chain")
    return [step]
