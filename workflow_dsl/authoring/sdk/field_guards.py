"""Fields and values that the SDK silently ignores or changes, refused at the author's line.

A misspelled field, a field assigned after the state was created, a value modified after it was passed in, a placeholder
turned into a string: the SDK emits another machine than the author meant. Its classes are wrapped here, once.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from workflow_dsl.authoring.sdk.importing import BaseRule, Block, Chain, Field, Placeholder, State
from workflow_dsl.authoring.sdk.prefixes import prefixed
from workflow_dsl.authoring.sdk.source_lines import (
    called_by_library_code,
    is_compiled,
    mistake,
    record_creation,
    runtime_value_error,
)
from workflow_dsl.findings import FindingsError, did_you_mean

_SDK_ATTRIBUTES = frozenset(
    "fields type state_type state_id output_schema step_output retries catches next_step in_chain choices default "
    "branches iterator".split()
)
_SDK_FIELDS = frozenset(field.value for field in Field)
# Transitions are set by methods, which refuse what would be lost.
_SETTERS = {
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
_INTERNAL_MODULES = ("stepfunctions.", "workflow_dsl.authoring.sdk", "workflow_dsl.authoring")


# Fields that have a value or, under another name, a path, but not both.
_WITH_PATH = frozenset(
    """timeout_seconds heartbeat_seconds seconds timestamp error cause items max_concurrency tolerated_failure_count
    tolerated_failure_percentage max_items max_items_per_batch max_input_bytes_per_batch""".split()
)


class _NoAttribute(FindingsError, AttributeError):
    """An author's mistake that getattr() and hasattr() treat as a missing attribute."""


def copy_containers(value: Any) -> Any:
    """Return a value with its objects, lists and tuples copied, at any depth, so that later changes do not reach it.

    Unlike definition.json.deep_copy it copies tuples, and raises RecursionError for a value that contains itself.
    """
    if isinstance(value, dict):
        return {key: copy_containers(member) for key, member in value.items()}
    return type(value)(map(copy_containers, value)) if type(value) in (list, tuple) else value


def _guarded_block_init(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, *args: Any, **fields: Any) -> None:
        kind = type(self)
        if not kind.to_dict.__module__.startswith(_INTERNAL_MODULES):
            remedy = "pass the field to a class of workflow_dsl.authoring, which has every field of ASL"
            raise mistake(f"{kind.__name__} defines to_dict(), which is never called", remedy)
        for name, value in fields.items():
            if not self.is_field_allowed(name):
                raise mistake(f"{kind.__name__} has no {name}", _suggestion(self, name), self.__dict__.get("state_id"))
            if name in _WITH_PATH and None not in (value, fields.get(f"{name}_path")):
                message = f"{kind.__name__} has both {name} and {name}_path"
                raise mistake(message, "keep one of the two", self.__dict__.get("state_id"))
        self.__dict__["_passed"] = fields
        with record_creation(self):
            original(self, *args, **{name: copy_containers(value) for name, value in fields.items()})

    return init


def _suggestion(block: Any, name: str) -> str:
    """The remedy for a field that a block does not have."""
    kind = type(block)
    if name in _SETTERS and hasattr(kind, _SETTERS[name]):
        return f"write .{_SETTERS[name]}(...)"
    if name in _NEWER_FIELDS and kind.__module__.startswith("stepfunctions."):
        return f"import {kind.__name__} from workflow_dsl.authoring, which has every field of ASL"
    return did_you_mean(name, _fields_of(block)) or f"it takes {', '.join(sorted(_fields_of(block)))}"


# Fields that ASL got after the SDK's last release.
_NEWER_FIELDS = frozenset(
    """arguments assign cause_path credentials error_path item_batcher item_processor item_reader item_selector items
    jitter_strategy label max_concurrency_path max_delay_seconds output query_language result_selector result_writer
    tolerated_failure_count tolerated_failure_percentage""".split()
)


def mutated_field(block: Any) -> str | None:
    """Return a field whose value was modified after it was passed in, which has no effect; None if there is none."""
    for name, value in block.__dict__.get("_passed", {}).items():
        if isinstance(value, (dict, list)) and value != block.fields.get(name, value):
            return str(name)
    return None


def _guarded_state_init(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, state_id: Any, *args: Any, **fields: Any) -> None:
        self.__dict__["state_id"] = name = prefixed(state_id) if isinstance(state_id, str) else state_id
        original(self, name, *args, **fields)

    return init


def _is_author_class(kind: type) -> bool:
    """True for a subclass that the author defines."""
    return not kind.__module__.startswith(_INTERNAL_MODULES)


def _getattr(self: Any, name: str) -> Any:
    """Return a field; None for one that is not set, as in the SDK. An unknown name is a mistake, not None."""
    fields = self.__dict__.get("fields")
    if fields is None or name == "fields" or (name.startswith("_") and name not in _SDK_ATTRIBUTES):
        raise AttributeError(name)
    if name in fields:
        return fields[name]
    if name in _SDK_ATTRIBUTES or name in _SDK_FIELDS or self.is_field_allowed(name):
        return None
    kind = type(self)
    if hasattr(kind, name):  # an author's property, which read a missing attribute
        raise AttributeError(f"{kind.__name__}.{name} reads a missing attribute")
    names = (*_fields_of(self), *_SDK_ATTRIBUTES, *(name for name in dir(kind) if not name.startswith("_")))
    remedy = "write state_id for a state's name" if "name" in name else did_you_mean(name, names)
    raise _NoAttribute(mistake(f"{kind.__name__} has no {name}", remedy, self.__dict__.get("state_id")).findings)


def _setattr(self: Any, name: str, value: Any) -> None:
    """Refuse what an author assigns to a field: the SDK emits only what its constructor got."""
    caller = sys._getframe(1).f_globals.get("__name__", "")
    if not name.startswith("_") and not caller.startswith(_INTERNAL_MODULES):
        _refuse_assignment(self, name, value)
    object.__setattr__(self, name, value)


def _refuse_assignment(self: Any, name: str, value: Any) -> None:
    kind, state = type(self), self.__dict__.get("state_id")
    if name in _SETTERS and hasattr(kind, _SETTERS[name]):
        message = f"{name} is assigned, which bypasses the check for an existing transition"
        message = message if name not in ("retries", "catches") else f"{name} is assigned, which replaces the others"
        raise mistake(message, f"write .{_SETTERS[name]}(...)", state)
    if name == "state_id":
        refuse_compiled(self)
        return
    if name == "next_step":
        remedy = f"pass it to the constructor: {kind.__name__}(state, ...)"
        raise mistake("next_step was assigned after the block was created", remedy, state)
    if self.is_field_allowed(name):
        fields = self.__dict__.get("fields")
        if fields is not None and not (fields.get(name) is value or fields.get(name) == value):
            message = f"{name} was assigned after the state was created, which has no effect"
            raise mistake(message, f"pass it to the constructor: {kind.__name__}(..., {name}=...)", state)
    elif name in _SDK_ATTRIBUTES or not (_is_author_class(kind) or hasattr(kind, name)):
        remedy = did_you_mean(name, _fields_of(self)) or "remove it: no definition would contain it"
        raise mistake(f"{kind.__name__} has no field {name}", remedy, state)


def _fields_of(block: Any) -> list[str]:
    return [getattr(field, "value", field) for field in block.allowed_fields()]


def _placeholder_bool(self: Any) -> bool:
    """`value or ExecutionInput()` asks whether there is a placeholder; the value of one is unknown."""
    return True if self.name is None or called_by_library_code() else _refuse_runtime_value(self)


def _refuse_runtime_value(self: Any, *_: object) -> NoReturn:
    remedy = "decide with a Choice, pass it to parameters unchanged, and build strings with format_()"
    raise runtime_value_error(_path_of(self), remedy)


def _path_of(placeholder: Any) -> str:
    path: str = placeholder.to_jsonpath()
    return path


def _placeholder_eq(self: Any, other: object) -> bool:
    """The SDK looks for placeholders among others; an author who compares one means its value."""
    is_the_sdk = sys._getframe(1).f_globals.get("__name__", "").startswith("stepfunctions.")
    return self is other or (
        not (other is None or is_the_sdk or called_by_library_code()) and _refuse_runtime_value(self)
    )


def _placeholder_str(self: Any, *_: object) -> str:
    return repr(self) if called_by_library_code() else _refuse_runtime_value(self)


def refuse_compiled(state: Any) -> None:
    """Raise FindingsError for a change of a state that is part of a compiled machine."""
    if is_compiled(state):
        remedy = "create and link states inside build(), so that each state machine has its own"
        raise mistake("is changed after it was compiled", remedy, state.state_id)


def _guarded_update_parameters(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def update_parameters(self: Any, params: Any) -> None:
        refuse_compiled(self)
        if not self.is_field_allowed("parameters"):
            raise mistake(f"{type(self).__name__} has no parameters", "remove the call", self.state_id)
        self.__dict__["_passed"] = {**self.__dict__["_passed"], "parameters": params}
        original(self, copy_containers(params))

    return update_parameters


def describe(value: Any) -> str:
    """Return a value for a message: a state's name, another value's repr, or its type's name if repr fails."""
    try:
        return value.state_id if isinstance(value, (State, Chain)) else repr(value)
    except Exception:  # whatever an author's __repr__ raises
        return type(value).__name__


def _rule_operator(sign: str, function: str) -> Callable[..., Any]:
    """Return an operator that refuses two rules of the SDK; a Condition or var() beside one has its own operator."""

    def operator(self: Any, other: object = None) -> Any:
        if type(other).__module__.startswith("workflow_dsl.authoring"):
            return NotImplemented
        raise mistake(f"rules of the SDK's ChoiceRule have no operator {sign}", f"write {function}")

    return operator


def _rule_bool(self: Any) -> bool:
    if called_by_library_code():
        return True
    raise mistake(
        "a Choice rule is neither true nor false in Python",
        "write ChoiceRule.And([...]) for and, ChoiceRule.Or([...]) for or, ChoiceRule.Not(...) for not",
    )


_block: Any = Block
_block.__init__, _block.__getattr__, _block.__setattr__ = _guarded_block_init(Block.__init__), _getattr, _setattr
_state: Any = State
_state.__init__ = _guarded_state_init(State.__init__)
_state.update_parameters = _guarded_update_parameters(_state.update_parameters)
_placeholder: Any = Placeholder
_placeholder.__eq__, _placeholder.__hash__ = _placeholder_eq, object.__hash__
_placeholder.__bool__ = _placeholder_bool
_placeholder.__str__ = _placeholder.__format__ = _placeholder_str
for _operation in "iter len lt le gt ge add radd sub mul".split():
    setattr(_placeholder, f"__{_operation}__", _refuse_runtime_value)
_placeholder.__repr__ = lambda self: f"<{_path_of(self)}>"
_rule: Any = BaseRule
_rule.__and__ = _rule_operator("&", "ChoiceRule.And([first, second])")
_rule.__or__ = _rule_operator("|", "ChoiceRule.Or([first, second])")
_rule.__invert__, _rule.__bool__ = _rule_operator("~", "ChoiceRule.Not(rule)"), _rule_bool
