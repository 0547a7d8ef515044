"""Links that the SDK would lose in silence, refused at the author's line.

A link to nothing, a second link over the first, a change of a state that was compiled: the SDK's methods are wrapped
here, once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from workflow_dsl.authoring.sdk.field_guards import refuse_compiled, shown
from workflow_dsl.authoring.sdk.importing import BaseRule, Catch, Chain, Choice, Map, Parallel, Retry, State
from workflow_dsl.authoring.sdk.source_lines import author, mistake


class NestedMachine:
    """A machine inside a state: where it starts, and its fields beside its states."""

    start: State | Chain

    @property
    def settings(self) -> dict[str, Any]:
        """Its fields beside its states."""
        raise NotImplementedError


def first(step: Any) -> Any:
    """The state that a state or Chain begins with."""
    passed: set[int] = set()
    while isinstance(step, Chain) and step.steps and id(step) not in passed:
        passed.add(id(step))
        step = step.steps[0]
    return step


def flat(blocks: Any) -> Iterator[Any]:
    """Retriers or catchers, given as one, a list or a tuple; the SDK keeps a tuple as if it were one of them."""
    for block in blocks if isinstance(blocks, (list, tuple)) else (blocks,):
        if isinstance(block, (list, tuple)):
            yield from flat(block)
        else:
            yield block


_ONE_WAY = "a state has one way on: keep one of the two, or decide between them with a Choice"
_ONE_WAY_OF_A_CHOICE = (
    "what follows a Choice is its default: keep one of the two, or link what follows to the end of each of its ways, "
    "as Fragment(choice, ends=[...]) does"
)


def _refusing_bad_links(original: Callable[..., Any], already: str) -> Callable[..., Any]:
    """The SDK takes a link to nothing for an end, and lets a second link overwrite the first."""

    @functools.wraps(original)
    def link(self: Any, next_step: Any) -> Any:
        remedy = "give a state or a Chain, or leave the call out to end here"
        _refuse_no_step(self, f"{original.__name__}() is given", next_step, remedy)
        if self.state_type in ("Succeed", "Fail"):
            message = f"is a {self.state_type}, which nothing follows"
            raise mistake(message, "end the Chain there, or link the state before it", self.state_id)
        current = self.__dict__.get(already)
        if current is not None and first(current) is not first(next_step):
            message = f'goes to "{current.state_id}" already, and here to "{next_step.state_id}" too'
            raise mistake(message, _ONE_WAY_OF_A_CHOICE if already == "default" else _ONE_WAY, self.state_id)
        if current is None:
            refuse_compiled(self)
        return original(self, next_step)

    return link


def _refuse_no_step(state: Any, what: str, given: Any, remedy: str = "give a state or a Chain") -> None:
    if not isinstance(given, (State, Chain)):
        raise mistake(f"{what} {shown(given)}, which is no state", remedy, state.state_id)
    if isinstance(given, Chain) and not given.steps:
        raise mistake(f"{what} an empty Chain", "give it its states", state.state_id)


def _refusing_other_blocks(original: Callable[..., None], kind: type, already: str) -> Callable[..., None]:
    @functools.wraps(original)
    def add(self: Any, blocks: Any) -> None:
        refuse_compiled(self)
        for index, block in enumerate(flat(blocks), start=len(list(flat(getattr(self, already))))):
            if not isinstance(block, kind):
                message, remedy = f"{kind.__name__}[{index}] is {shown(block)}", f"give it a {kind.__name__}"
                if isinstance(block, str) and block.startswith(("arn:", "${")):
                    remedy = f'write resource="{block}"'
                raise mistake(message, remedy, self.state_id)
        original(self, blocks)

    return add


def _add_choice(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def add_choice(self: Any, rule: Any, next_step: Any) -> None:
        refuse_compiled(self)
        if not isinstance(rule, BaseRule):
            remedy = 'compare a value: var("$.price") <= 50, or jsonata("...")'
            if isinstance(rule, str) and rule.startswith("{%"):
                remedy = 'write jsonata("$states.input.x") in the Choice of workflow_dsl.authoring'
            raise mistake(f"add_choice() is given {shown(rule)}, which is no rule", remedy, self.state_id)
        _refuse_no_step(self, "add_choice() goes to", next_step)
        self.__dict__.setdefault("_rule_places", []).append(author())
        original(self, rule, next_step)

    return add_choice


def _add_branch(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def add_branch(self: Any, branch: Any) -> None:
        refuse_compiled(self)
        if not isinstance(branch, NestedMachine):
            _refuse_no_step(self, f"Branches[{len(self.branches)}] is", branch)
        original(self, branch)

    return add_branch


def _attach_iterator(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def attach_iterator(self: Any, iterator: Any) -> None:
        refuse_compiled(self)
        _refuse_no_step(self, "the iterator is", iterator)
        current = self.iterator
        if current is not None and first(current) is not first(iterator):
            raise mistake(f'has an iterator already, "{current.state_id}"', "keep one of the two", self.state_id)
        original(self, iterator)

    return attach_iterator


def _make_chain(self: Any, steps: Any = (), *others: Any) -> None:
    """The SDK's constructor in linear time; its own compares every step with every other."""
    self._author = author()
    if others or not isinstance(steps, (list, tuple)):
        given = ", ".join(map(shown, (steps, *others)))
        raise mistake(f"Chain is given {given}", "give it a list of states: Chain([first, second])")
    self.steps, self._by_id = [], {}
    for step in steps:
        _append(self, step)


def _append(self: Any, step: Any) -> None:
    """Adds to the end; a Chain's steps one by one, which are linked already."""
    if not isinstance(step, (State, Chain)):
        raise mistake(f"Chain is given {shown(step)}, which is no state", "give it states alone")
    steps = step.steps if isinstance(step, Chain) and not hasattr(type(step), "next") else [step]
    for each in steps:
        if self._by_id.get(id(each)) is each:
            raise mistake("stands twice in one Chain", "link a loop with .next() instead", each.state_id)
        self._by_id[id(each)] = each
    if self.steps and steps:
        self.steps[-1].next(steps[0])
    self.steps.extend(steps)


def _wrap(kind: Any, name: str, wrapper: Callable[..., Any], *given: Any) -> None:
    setattr(kind, name, wrapper(getattr(kind, name), *given))


_chain: Any = Chain
_chain.__init__, _chain.append = _make_chain, _append
_wrap(State, "next", _refusing_bad_links, "next_step")
_wrap(State, "add_retry", _refusing_other_blocks, Retry, "retries")
_wrap(State, "add_catch", _refusing_other_blocks, Catch, "catches")
_wrap(Choice, "default_choice", _refusing_bad_links, "default")
_wrap(Choice, "add_choice", _add_choice)
_wrap(Parallel, "add_branch", _add_branch)
_wrap(Map, "attach_iterator", _attach_iterator)
