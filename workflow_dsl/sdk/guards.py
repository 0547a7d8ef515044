"""What the SDK lets pass in silence, refused at the author's line.

A link to nothing, a second link over the first, a field set or misspelled after a state was made, a state changed after
it was compiled: the SDK emits another machine than its author meant. Its methods are wrapped here, once.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from workflow_dsl.findings import FindingsError, authoring_error, closest
from workflow_dsl.sdk.door import Block, Chain, Choice, Field, Map, Parallel, State
from workflow_dsl.sdk.notes import author, is_compiled, noted

_OWN = frozenset(
    "fields type state_type state_id output_schema step_output retries catches next_step in_chain choices default "
    "branches iterator".split()
)
_FIELDS = frozenset(field.value for field in Field)
_prefix: ContextVar[str] = ContextVar("prefix", default="")


class _NoAttribute(FindingsError, AttributeError):
    """An author's mistake that is a missing attribute to getattr() and hasattr()."""


@contextmanager
def prefix(text: str) -> Iterator[None]:
    """Begins the name of every state that is made while it is open; one inside another adds to it."""
    if not isinstance(text, str) or not text:
        raise authoring_error(author(), f"prefix() is given {text!r}", 'give it the text: with prefix("Buy: "):')
    token = _prefix.set(_prefix.get() + text)
    try:
        yield
    finally:
        _prefix.reset(token)


def first(step: Any) -> Any:
    """The state that a state or Chain begins with."""
    passed: set[int] = set()
    while isinstance(step, Chain) and step.steps and id(step) not in passed:
        passed.add(id(step))
        step = step.steps[0]
    return step


def _make_block(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        with noted(self):
            original(self, *args, **kwargs)

    return make


def _make_state(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def make(self: Any, state_id: Any, *args: Any, **kwargs: Any) -> None:
        original(self, _prefix.get() + state_id if isinstance(state_id, str) else state_id, *args, **kwargs)

    return make


def _read(self: Any, name: str) -> Any:
    """A field that is not given is None, as in the SDK; what is no field is a mistake, not None."""
    fields = self.__dict__.get("fields", {})
    if name in fields:
        return fields[name]
    if name in _OWN or name.startswith("_") or not fields:
        if name in _OWN and name != "fields":
            return None
        raise AttributeError(name)
    if name in _FIELDS or self.is_field_allowed(name):
        return None
    kind = type(self).__name__
    known = (*_fields_of(self), *_OWN, *(each for each in dir(type(self)) if not each.startswith("_")))
    near = "a state's name is its state_id" if "name" in name else closest(name, known)
    finding = authoring_error(author(), f"{kind} has no {name}", near, self.__dict__.get("state_id"))
    raise _NoAttribute(finding.findings)


def _write(self: Any, name: str, value: Any) -> None:
    """Setting a field after a state was made changes nothing in the SDK; the field is given when it is made."""
    if name not in _OWN and not name.startswith("_") and not hasattr(type(self), name):
        kind, own = type(self), sys._getframe(1).f_globals.get("__name__", "").startswith("stepfunctions.")
        is_field = self.is_field_allowed(name)
        near = "" if is_field else closest(name, _fields_of(self))
        is_the_authors = not kind.__module__.startswith(("stepfunctions.", "workflow_dsl.authoring"))
        if not own and not is_the_authors and (is_field or near):
            said = f"{name} is set after it was made, which changes nothing" if is_field else f"has no field {name}"
            given = f"give it when it is made: {kind.__name__}(..., {name}=...)"
            raise authoring_error(author(), said, given if is_field else near, self.__dict__.get("state_id"))
    object.__setattr__(self, name, value)


def _fields_of(block: Any) -> list[str]:
    return [getattr(field, "value", field) for field in block.allowed_fields()]


def _refusing_bad_links(original: Callable[..., Any], already: str) -> Callable[..., Any]:
    """The SDK takes a link to nothing for an end, and lets a second link overwrite the first."""

    @functools.wraps(original)
    def link(self: Any, next_step: Any) -> Any:
        if not isinstance(next_step, (State, Chain)):
            raise authoring_error(
                author(),
                f"{original.__name__}() is given {next_step!r}, which is no state",
                "give a state or a Chain, or leave the call out to end here",
                self.state_id,
            )
        if self.state_type in ("Succeed", "Fail"):
            message = f"is a {self.state_type}, which nothing follows"
            raise authoring_error(author(), message, "end the Chain there, or link the state before it", self.state_id)
        current = self.__dict__.get(already)
        if current is not None and first(current) is not first(next_step):
            raise authoring_error(
                author(),
                f'goes to "{current.state_id}" already, and here to "{next_step.state_id}" too',
                "a state has one way on: keep one of the two, or decide between them with a Choice",
                self.state_id,
            )
        if current is None:
            _refuse_compiled(self)
        return original(self, next_step)

    return link


def _refusing_compiled(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def change(self: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_compiled(self)
        return original(self, *args, **kwargs)

    return change


def _refuse_compiled(state: State) -> None:
    if is_compiled(state):
        remedy = "make and link states inside build(), so that each machine has its own"
        raise authoring_error(author(), "is changed after it was compiled into a machine", remedy, state.state_id)


def _make_chain(self: Any, steps: Any = ()) -> None:
    """The SDK's constructor in linear time; its own compares every step with every other."""
    self._author = author()
    if not isinstance(steps, (list, tuple)):
        raise authoring_error(self._author, f"Chain is given {steps!r}", "give it a list of states")
    self.steps, boundaries = [], []
    for step in steps:
        if not isinstance(step, (State, Chain)):
            raise authoring_error(self._author, f"Chain is given {step!r}, which is no state", "give it states alone")
        boundaries.append(len(self.steps))
        if isinstance(step, Chain) and not hasattr(type(step), "next"):
            self.steps.extend(step.steps)
        else:
            self.steps.append(step)
    seen: set[int] = set()
    for step in self.steps:
        if id(step) in seen:
            raise authoring_error(
                self._author, "stands twice in one Chain", "link a loop with .next() instead", step.state_id
            )
        seen.add(id(step))
    for at in boundaries:  # within a Chain that is given, states are linked already
        if 0 < at < len(self.steps):
            self.steps[at - 1].next(self.steps[at])


_block: Any = Block
_block.__init__, _block.__getattr__, _block.__setattr__ = _make_block(Block.__init__), _read, _write
_state: Any = State
_state.__init__, _state.next = _make_state(State.__init__), _refusing_bad_links(State.next, "next_step")
_choice: Any = Choice
_choice.default_choice = _refusing_bad_links(Choice.default_choice, "default")
_chain: Any = Chain
_chain.__init__ = _make_chain
_CHANGES = ((State, "add_retry"), (State, "add_catch"), (Choice, "add_choice"), (Parallel, "add_branch"))
for _kind, _name in (*_CHANGES, (Map, "attach_iterator")):
    setattr(_kind, _name, _refusing_compiled(getattr(_kind, _name)))
