"""Fields and values that the SDK would lose in silence, refused at the author's line.

A field misspelled, or set after a state was made; a value that changes afterwards; a placeholder made a text: the SDK
emits another machine than its author meant. Its classes are guarded here, once.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from workflow_dsl.authoring.sdk.importing import Block, Chain, Field, Placeholder, State
from workflow_dsl.authoring.sdk.prefixes import prefixed
from workflow_dsl.authoring.sdk.source_lines import called_by_library_code, is_compiled, mistake, noted
from workflow_dsl.findings import FindingsError, closest

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
_INSIDE = ("stepfunctions.", "workflow_dsl.authoring.sdk", "workflow_dsl.authoring")


class _NoAttribute(FindingsError, AttributeError):
    """An author's mistake that is a missing attribute to getattr() and hasattr()."""


def own_copy(value: Any) -> Any:
    """A value whose objects and lists are copies, so that what is changed afterwards does not change it."""
    if isinstance(value, dict):
        return {key: own_copy(each) for key, each in value.items()}
    return type(value)(map(own_copy, value)) if type(value) in (list, tuple) else value


def _make_block(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def make(self: Any, *args: Any, **fields: Any) -> None:
        kind = type(self)
        if _is_the_authors(kind) and kind.to_dict not in _EMITTED:
            remedy = "workflow_dsl.authoring has every field of ASL: give it to one of its classes"
            raise mistake(f"{kind.__name__} has a to_dict() of its own, which is not called", remedy)
        for name in fields:
            if not self.is_field_allowed(name):
                raise mistake(f"{kind.__name__} has no {name}", _instead(self, name), self.__dict__.get("state_id"))
        self.__dict__["_given"] = fields
        with noted(self):
            original(self, *args, **{name: own_copy(value) for name, value in fields.items()})

    return make


def _instead(block: Any, name: str) -> str:
    """What to write instead of a field that a block does not have."""
    kind = type(block)
    if name in _SET_BY and hasattr(kind, _SET_BY[name]):
        return f"write .{_SET_BY[name]}(...)"
    if name in _TODAYS and kind.__module__.startswith("stepfunctions."):
        return f"workflow_dsl.authoring has a {kind.__name__} with every field of today's ASL"
    return closest(name, _fields_of(block)) or f"it takes {', '.join(sorted(_fields_of(block)))}"


_TODAYS = frozenset(
    """arguments assign cause_path credentials error_path item_batcher item_processor item_reader item_selector items
    jitter_strategy label max_concurrency_path max_delay_seconds output query_language result_selector result_writer
    tolerated_failure_count tolerated_failure_percentage""".split()
)


def changed_since(block: Any) -> str | None:
    """A field whose value the author changed after giving it, which would be lost; None where there is none."""
    for name, given in block.__dict__.get("_given", {}).items():
        if isinstance(given, (dict, list)) and given != block.fields.get(name, given):
            return str(name)
    return None


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
        refuse_compiled(self)
        return
    if name == "next_step":
        raise mistake(
            "next_step is set after it was made", f"give it when it is made: {kind.__name__}(state, ...)", state
        )
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


def _is_true(self: Any) -> bool:
    """`given or ExecutionInput()` asks whether there is one; a value of it is not known yet."""
    return True if self.name is None or called_by_library_code() else _known_later(self)


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
    is_the_sdks = sys._getframe(1).f_globals.get("__name__", "").startswith("stepfunctions.")
    return self is other or (not (other is None or is_the_sdks or called_by_library_code()) and _known_later(self))


def _shown(self: Any, *_: object) -> str:
    return repr(self) if called_by_library_code() else _known_later(self)


def refuse_compiled(state: Any) -> None:
    """Refuses a change of a state that is in a machine already."""
    if is_compiled(state):
        remedy = "make and link states inside build(), so that each machine has its own"
        raise mistake("is changed after it was compiled into a machine", remedy, state.state_id)


def _update_parameters(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def update_parameters(self: Any, params: Any) -> None:
        refuse_compiled(self)
        if not self.is_field_allowed("parameters"):
            raise mistake(f"{type(self).__name__} has no parameters", "take the call out", self.state_id)
        self.__dict__["_given"] = {**self.__dict__["_given"], "parameters": params}
        original(self, own_copy(params))

    return update_parameters


def shown(value: Any) -> str:
    """A value in a message; one that cannot show itself is named by its type."""
    try:
        return value.state_id if isinstance(value, (State, Chain)) else repr(value)
    except Exception:  # whatever an author's __repr__ raises
        return type(value).__name__


_block: Any = Block
_block.__init__, _block.__getattr__, _block.__setattr__ = _make_block(Block.__init__), _read, _write
_state: Any = State
_state.__init__, _state.update_parameters = _make_state(State.__init__), _update_parameters(_state.update_parameters)
_placeholder: Any = Placeholder
_placeholder.__eq__, _placeholder.__hash__ = _is_same, object.__hash__
_placeholder.__bool__, _placeholder.__str__, _placeholder.__format__ = _is_true, _shown, _shown
for _operation in "iter len lt le gt ge add radd sub mul".split():
    setattr(_placeholder, f"__{_operation}__", _known_later)
_placeholder.__repr__ = lambda self: f"<{_path_of(self)}>"


def _emitted(kinds: Iterable[Any]) -> Iterator[Any]:
    """The SDK's own to_dict() of each of its blocks."""
    for kind in kinds:
        yield kind.to_dict
        yield from _emitted(kind.__subclasses__())


_EMITTED = frozenset(_emitted([Block]))
