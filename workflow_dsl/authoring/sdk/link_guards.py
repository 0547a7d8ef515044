"""Transitions that the SDK would silently lose, refused at the author's line.

A transition to nothing, a second one that replaces the first, a change of a compiled state: the SDK's methods are
wrapped here, once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from workflow_dsl.authoring.sdk.field_guards import describe, refuse_compiled
from workflow_dsl.authoring.sdk.importing import BaseRule, Catch, Chain, Choice, Map, Parallel, Retry, State
from workflow_dsl.authoring.sdk.source_lines import author_place, mistake


class NestedMachine:
    """A machine inside a state: its first state, and its fields beside its states."""

    start: State | Chain

    @property
    def settings(self) -> dict[str, Any]:
        """The fields beside its states."""
        raise NotImplementedError


def first_state(step: Any) -> Any:
    """Return the state that a state or Chain begins with; an empty Chain, or any other value, as it is."""
    visited: set[int] = set()
    while isinstance(step, Chain) and step.steps and id(step) not in visited:
        visited.add(id(step))
        step = step.steps[0]
    return step


def flatten(blocks: Any) -> Iterator[Any]:
    """Yield retriers or catchers from one, a list or a tuple; the SDK keeps a tuple as if it were one of them."""
    for block in blocks if isinstance(blocks, (list, tuple)) else (blocks,):
        if isinstance(block, (list, tuple)):
            yield from flatten(block)
        else:
            yield block


_ONE_TRANSITION = "keep one of the two, or decide between them with a Choice"
_ONE_DEFAULT = (
    "next() after a Choice sets its default: keep one of the two, or use Fragment(choice, ends=[...]) to continue from "
    "every branch"
)


def _guarded_link(original: Callable[..., Any], attribute: str) -> Callable[..., Any]:
    """Wrap next() or default_choice(): the SDK takes a link to nothing for an end, and lets a second one overwrite."""

    @functools.wraps(original)
    def link(self: Any, next_step: Any, *others: Any, **options: Any) -> Any:
        method = original.__name__
        _refuse_arguments(self, method, others, options)
        _refuse_no_step(self, f"{method}() is called with", next_step, "pass a state or a Chain, or remove the call")
        if self.state_type in ("Succeed", "Fail"):
            message = f"is a {self.state_type}, which has no next state"
            raise mistake(message, "end the Chain there, or link the state before it", self.state_id)
        current = self.__dict__.get(attribute)
        if current is not None and first_state(current) is not first_state(next_step):
            message = f'already goes to "{current.state_id}"; this link to "{next_step.state_id}" would replace it'
            raise mistake(message, _ONE_DEFAULT if attribute == "default" else _ONE_TRANSITION, self.state_id)
        if current is None:
            refuse_compiled(self)
        return original(self, next_step)

    return link


def _refuse_arguments(state: Any, method: str, others: tuple[Any, ...], options: dict[str, Any]) -> None:
    """Refuse arguments that a method does not take, where Python's TypeError would name no remedy."""
    if others:
        raise mistake(
            f"{method}() takes one state or Chain", "link the others with a Chain or a Choice", state.state_id
        )
    for name in options:
        remedy = f"remove {name}"
        if method == "default_choice" and name in ("output", "assign", "comment"):
            remedy = f'pass it to the constructor, where it applies to the default: Choice("...", {name}=...)'
        elif method in ("add_retry", "add_catch"):
            block = "Retry(error_equals=...)" if method == "add_retry" else "Catch(state, error_equals=...)"
            remedy = f"write {method}({block})"
        raise mistake(f"{method}() has no {name}", remedy, state.state_id)


def _refuse_no_step(state: Any, context: str, step: Any, remedy: str = "pass a state or a Chain") -> None:
    if not isinstance(step, (State, Chain)):
        raise mistake(f"{context} {describe(step)}, which is not a state", remedy, state.state_id)
    if isinstance(step, Chain) and not step.steps:
        raise mistake(f"{context} an empty Chain", "pass a Chain with states", state.state_id)


def _guarded_add(original: Callable[..., None], kind: type, attribute: str) -> Callable[..., None]:
    """Wrap add_retry() or add_catch()."""

    @functools.wraps(original)
    def add(self: Any, blocks: Any, *others: Any, **options: Any) -> None:
        refuse_compiled(self)
        _refuse_arguments(self, original.__name__, (), options)
        blocks = [blocks, *others] if others else blocks
        for index, block in enumerate(flatten(blocks), start=len(list(flatten(getattr(self, attribute))))):
            if not isinstance(block, kind):
                raise mistake(*wrong_block(kind, index, block), self.state_id)
        original(self, blocks)

    return add


def wrong_block(kind: type, index: int, block: Any) -> tuple[str, str]:
    """Return the message and the remedy for a value where a Retry or Catch belongs."""
    message, remedy = f"{kind.__name__}[{index}] is {describe(block)}, not a {kind.__name__}", f"pass a {kind.__name__}"
    if isinstance(block, str) and block.startswith(("arn:", "${")):
        remedy = f'write resource="{block}"'
    elif isinstance(block, str):
        step = "state, " if kind is Catch else ""
        remedy = f'write {kind.__name__}({step}error_equals="{block}")'
    elif kind is Catch and isinstance(block, (State, Chain)):
        step = "chain" if isinstance(block, Chain) else str(block.state_type).lower()
        message = f'Catch[{index}] is the {step.title()} "{block.state_id}", not a Catch'
        remedy = f'write Catch({"state" if step == "pass" else step}, error_equals="States.ALL")'
    return message, remedy


def _guarded_add_choice(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def add_choice(self: Any, rule: Any, next_step: Any) -> None:
        refuse_compiled(self)
        if not isinstance(rule, BaseRule):
            remedy = 'compare a value: var("$.price") <= 50, or jsonata("...")'
            if isinstance(rule, str) and rule.startswith("{%"):
                remedy = "import Choice from workflow_dsl.authoring, which takes jsonata(...)"
            raise mistake(f"add_choice() is called with {describe(rule)}, which is not a rule", remedy, self.state_id)
        _refuse_no_step(self, "add_choice() goes to", next_step)
        self.__dict__.setdefault("_rule_places", []).append(author_place())
        original(self, rule, next_step)

    return add_choice


def _guarded_add_branch(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def add_branch(self: Any, branch: Any) -> None:
        refuse_compiled(self)
        if not isinstance(branch, NestedMachine):
            _refuse_no_step(self, f"Branches[{len(self.branches)}] is", branch)
        original(self, branch)

    return add_branch


def _guarded_attach_iterator(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def attach_iterator(self: Any, iterator: Any) -> None:
        refuse_compiled(self)
        _refuse_no_step(self, "the iterator is", iterator)
        current = self.iterator
        if current is not None and first_state(current) is not first_state(iterator):
            message = f'already has the iterator "{current.state_id}"; this one would replace it'
            raise mistake(message, "keep one of the two", self.state_id)
        original(self, iterator)

    return attach_iterator


def _chain_init(self: Any, steps: Any = (), *others: Any) -> None:
    """The SDK's constructor in linear time; its own compares every step with every other."""
    self._author = author_place()
    if others or not isinstance(steps, (list, tuple)):
        arguments = ", ".join(map(describe, (steps, *others)))
        raise mistake(f"Chain is called with {arguments}", "pass a list of states: Chain([first, second])")
    self.steps, self._by_id = [], {}
    for step in steps:
        _append(self, step)


def _append(self: Any, step: Any) -> None:
    """Append a state, or the states of a Chain, which are linked to each other already."""
    if not isinstance(step, (State, Chain)):
        raise mistake(f"a Chain contains {describe(step)}, which is not a state", "pass only states and Chains")
    steps = step.steps if isinstance(step, Chain) and not hasattr(type(step), "next") else [step]
    for state in steps:
        if self._by_id.get(id(state)) is state:
            raise mistake("is twice in one Chain", "link a loop with .next() instead", state.state_id)
        self._by_id[id(state)] = state
    if self.steps and steps:
        self.steps[-1].next(steps[0])
    self.steps.extend(steps)


def _wrap(kind: Any, name: str, wrapper: Callable[..., Any], *arguments: Any) -> None:
    setattr(kind, name, wrapper(getattr(kind, name), *arguments))


_chain: Any = Chain
_chain.__init__, _chain.append = _chain_init, _append
_wrap(State, "next", _guarded_link, "next_step")
_wrap(State, "add_retry", _guarded_add, Retry, "retries")
_wrap(State, "add_catch", _guarded_add, Catch, "catches")
_wrap(Choice, "default_choice", _guarded_link, "default")
_wrap(Choice, "add_choice", _guarded_add_choice)
_wrap(Parallel, "add_branch", _guarded_add_branch)
_wrap(Map, "attach_iterator", _guarded_attach_iterator)
