"""What the SDK lets pass in silence, refused at the author's line.

A link to nothing, a second link over the first, a field set or misspelled after a state was made, a state changed after
it was compiled, a placeholder made a text: the SDK emits another machine than its author meant. Its methods are wrapped
here, once.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from workflow_dsl.findings import FindingsError, closest
from workflow_dsl.sdk.door import (
    BaseRule,
    Block,
    Catch,
    Chain,
    Choice,
    Field,
    Map,
    Parallel,
    Placeholder,
    Retry,
    State,
)
from workflow_dsl.sdk.notes import author, is_compiled, mistake, noted
from workflow_dsl.sdk.prefixes import prefixed

_OWN = frozenset(
    "fields type state_type state_id output_schema step_output retries catches next_step in_chain choices default "
    "branches iterator".split()
)
_FIELDS = frozenset(field.value for field in Field)
# What leads elsewhere is set by a method, which refuses what would be lost.
_SET_BY = {
    "next": "next",
    "next_step": "next",
    "default": "default_choice",
    "default_choice": "default_choice",
    "choices": "add_choice",
    "branches": "add_branch",
    "iterator": "attach_iterator",
    "retries": "add_retry",
    "catches": "add_catch",
}
_INSIDE = ("stepfunctions.", "workflow_dsl.sdk", "workflow_dsl.authoring")


class _NoAttribute(FindingsError, AttributeError):
    """An author's mistake that is a missing attribute to getattr() and hasattr()."""


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


def own_copy(value: Any) -> Any:
    """A value whose objects and lists are copies, so that what is changed afterwards does not change it."""
    if isinstance(value, dict):
        return {key: own_copy(each) for key, each in value.items()}
    return type(value)(map(own_copy, value)) if type(value) in (list, tuple) else value


def flat(blocks: Any) -> Iterator[Any]:
    """Retriers or catchers, given as one, a list or a tuple; the SDK keeps a tuple as if it were one of them."""
    for block in blocks if isinstance(blocks, (list, tuple)) else (blocks,):
        if isinstance(block, (list, tuple)):
            yield from flat(block)
        else:
            yield block


def _make_block(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def make(self: Any, *args: Any, **fields: Any) -> None:
        kind = type(self)
        if _is_the_authors(kind) and kind.to_dict not in _EMITTED:
            remedy = "workflow_dsl.authoring has every field of ASL: give it to one of its classes"
            raise mistake(f"{kind.__name__} has a to_dict() of its own, which is not called", remedy)
        for name in fields:
            if not self.is_field_allowed(name):
                near = closest(name, _fields_of(self)) or f"it takes {', '.join(sorted(_fields_of(self)))}"
                raise mistake(f"{kind.__name__} has no {name}", near, self.__dict__.get("state_id"))
        with noted(self):
            original(self, *args, **{name: own_copy(value) for name, value in fields.items()})

    return make


def _make_state(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def make(self: Any, state_id: Any, *args: Any, **fields: Any) -> None:
        self.__dict__["state_id"] = name = prefixed(state_id) if isinstance(state_id, str) else state_id
        original(self, name, *args, **fields)

    return make


def _is_the_authors(kind: type) -> bool:
    """Whether a class is a subclass that the author made."""
    return not kind.__module__.startswith(_INSIDE)


def _read(self: Any, name: str) -> Any:
    """A field that is not given is None, as in the SDK; what is no field is a mistake, not None."""
    fields = self.__dict__.get("fields")
    if fields is None or name == "fields" or (name.startswith("_") and name not in _OWN):
        raise AttributeError(name)
    if name in fields:
        return fields[name]
    if name in _OWN or name in _FIELDS or self.is_field_allowed(name):
        return None
    kind = type(self)
    if hasattr(kind, name):  # a property of the author's, which looked for something that is not there
        raise AttributeError(f"{kind.__name__}.{name} reads an attribute that is not there")
    known = (*_fields_of(self), *_OWN, *(each for each in dir(kind) if not each.startswith("_")))
    near = "a state's name is its state_id" if "name" in name else closest(name, known)
    raise _NoAttribute(mistake(f"{kind.__name__} has no {name}", near, self.__dict__.get("state_id")).findings)


def _write(self: Any, name: str, value: Any) -> None:
    """Setting a field after a state was made changes nothing in the SDK; the field is given when it is made."""
    caller = sys._getframe(1).f_globals.get("__name__", "")
    if not name.startswith("_") and not caller.startswith(_INSIDE):
        _refuse_setting(self, name, value)
    object.__setattr__(self, name, value)


def _refuse_setting(self: Any, name: str, value: Any) -> None:
    kind, state = type(self), self.__dict__.get("state_id")
    if name in _SET_BY and hasattr(kind, _SET_BY[name]):
        raise mistake(f"{name} is set, past what it leads to already", f"write .{_SET_BY[name]}(...)", state)
    if name == "state_id":
        _refuse_compiled(self)
        return
    if self.is_field_allowed(name):
        fields = self.__dict__.get("fields")
        if fields is not None and not (fields.get(name) is value or fields.get(name) == value):
            near = f"give it when it is made: {kind.__name__}(..., {name}=...)"
            raise mistake(f"{name} is set after it was made, which changes nothing", near, state)
    elif name in _OWN or not (_is_the_authors(kind) or hasattr(kind, name)):
        remedy = closest(name, _fields_of(self)) or "take it out: it would be in no definition"
        raise mistake(f"{kind.__name__} has no field {name}", remedy, state)


def _fields_of(block: Any) -> list[str]:
    return [getattr(field, "value", field) for field in block.allowed_fields()]


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
            raise mistake(
                f'goes to "{current.state_id}" already, and here to "{next_step.state_id}" too',
                "a state has one way on: keep one of the two, or decide between them with a Choice",
                self.state_id,
            )
        if current is None:
            _refuse_compiled(self)
        return original(self, next_step)

    return link


def _refuse_no_step(state: Any, what: str, given: Any, remedy: str = "give a state or a Chain") -> None:
    if not isinstance(given, (State, Chain)):
        raise mistake(f"{what} {shown(given)}, which is no state", remedy, state.state_id)
    if isinstance(given, Chain) and not given.steps:
        raise mistake(f"{what} an empty Chain", "give it its states", state.state_id)


def shown(value: Any) -> str:
    """A value in a message; one that cannot show itself is named by its type."""
    try:
        return value.state_id if isinstance(value, (State, Chain)) else repr(value)
    except Exception:  # whatever an author's __repr__ raises
        return type(value).__name__


def _refuse_compiled(state: Any) -> None:
    if is_compiled(state):
        remedy = "make and link states inside build(), so that each machine has its own"
        raise mistake("is changed after it was compiled into a machine", remedy, state.state_id)


def _refusing_other_blocks(original: Callable[..., None], kind: type, field: str) -> Callable[..., None]:
    @functools.wraps(original)
    def add(self: Any, blocks: Any) -> None:
        _refuse_compiled(self)
        before = getattr(self, original.__name__.replace("add_retry", "retries").replace("add_catch", "catches"))
        for index, block in enumerate(flat(blocks), start=len(list(flat(before)))):
            if not isinstance(block, kind):
                raise mistake(f"{field}[{index}] is {shown(block)}", f"give it a {kind.__name__}", self.state_id)
        original(self, blocks)

    return add


def _update_parameters(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def update_parameters(self: Any, params: Any) -> None:
        _refuse_compiled(self)
        if not self.is_field_allowed("parameters"):
            raise mistake(f"{type(self).__name__} has no parameters", "take the call out", self.state_id)
        original(self, own_copy(params))

    return update_parameters


def _add_choice(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def add_choice(self: Any, rule: Any, next_step: Any) -> None:
        _refuse_compiled(self)
        if not isinstance(rule, BaseRule):
            remedy = 'compare a value: var("$.price") <= 50, or jsonata("...")'
            raise mistake(f"add_choice() is given {shown(rule)}, which is no rule", remedy, self.state_id)
        _refuse_no_step(self, "add_choice() goes to", next_step)
        self.__dict__.setdefault("_rule_places", []).append(author())
        original(self, rule, next_step)

    return add_choice


def _add_branch(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def add_branch(self: Any, branch: Any) -> None:
        _refuse_compiled(self)
        if not isinstance(branch, NestedMachine):
            _refuse_no_step(self, f"Branches[{len(self.branches)}] is", branch)
        original(self, branch)

    return add_branch


def _attach_iterator(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def attach_iterator(self: Any, iterator: Any) -> None:
        _refuse_compiled(self)
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
    self.steps, self._ids = [], set()
    for step in steps:
        _append(self, step)


def _append(self: Any, step: Any) -> None:
    """Adds to the end; a Chain's steps one by one, which are linked already."""
    if not isinstance(step, (State, Chain)):
        raise mistake(f"Chain is given {shown(step)}, which is no state", "give it states alone")
    steps = step.steps if isinstance(step, Chain) and not hasattr(type(step), "next") else [step]
    for each in steps:
        if id(each) in self._ids:
            raise mistake("stands twice in one Chain", "link a loop with .next() instead", each.state_id)
        self._ids.add(id(each))
    if self.steps and steps:
        self.steps[-1].next(steps[0])
    self.steps.extend(steps)


def _known_later(self: Any, *_: object) -> NoReturn:
    raise mistake(
        f"{_path_of(self)} is known only when the state machine runs",
        "decide by a Choice, give it to parameters as it is, and make a text of it with format_()",
    )


def _path_of(placeholder: Any) -> str:
    path: str = placeholder.to_jsonpath()
    return path


def _is_same(self: Any, other: object) -> bool:
    """The SDK looks for placeholders among others; an author who compares one means its value."""
    if not sys._getframe(1).f_globals.get("__name__", "").startswith(_INSIDE):
        _known_later(self)
    return self is other


def _wrap(kind: Any, name: str, wrapper: Callable[..., Any], *given: Any) -> None:
    setattr(kind, name, wrapper(getattr(kind, name), *given))


_block: Any = Block
_block.__getattr__, _block.__setattr__ = _read, _write
_chain: Any = Chain
_chain.__init__, _chain.append = _make_chain, _append
_placeholder: Any = Placeholder
_placeholder.__eq__, _placeholder.__hash__ = _is_same, object.__hash__
for _operation in "str format bool iter len lt le gt ge add radd sub mul".split():
    setattr(_placeholder, f"__{_operation}__", _known_later)
_placeholder.__repr__ = lambda self: f"<{_path_of(self)}>"
_wrap(Block, "__init__", _make_block)
_wrap(State, "__init__", _make_state)
_wrap(State, "next", _refusing_bad_links, "next_step")
_wrap(State, "add_retry", _refusing_other_blocks, Retry, "Retry")
_wrap(State, "add_catch", _refusing_other_blocks, Catch, "Catch")
_wrap(State, "update_parameters", _update_parameters)
_wrap(Choice, "default_choice", _refusing_bad_links, "default")
_wrap(Choice, "add_choice", _add_choice)
_wrap(Parallel, "add_branch", _add_branch)
_wrap(Map, "attach_iterator", _attach_iterator)


def _emitted(kinds: Iterable[Any]) -> Iterator[Any]:
    """The SDK's own to_dict() of each of its blocks."""
    for kind in kinds:
        yield kind.to_dict
        yield from _emitted(kind.__subclasses__())


_EMITTED = frozenset(_emitted([Block]))
