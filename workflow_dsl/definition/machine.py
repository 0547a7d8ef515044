"""Machine and State: frozen views over an ASL document, the meeting place of all rooms.

A view takes any JSON value and never complains: what is not there, or not of the shape ASL wants, reads as empty.
Saying what is wrong is validation's work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from workflow_dsl.definition.json import Json, deep_copy, inside, to_text
from workflow_dsl.findings import Key, Keys, Place, Where, to_field, to_pointer

_NESTED = ("Iterator", "ItemProcessor")
_NESTING: Mapping[Key, int] = {"Iterator": 1, "ItemProcessor": 1, "Branches": 2}  # keys from a state to a machine in it


def where_of(keys: Keys) -> Where:
    """The place of keys from the top of the document: each `States` that holds states is followed by a state's name."""
    state, start, index = None, 0, 0
    while index + 1 < len(keys) and keys[index] == "States":
        state, start = str(keys[index + 1]), index + 2
        index = start + _NESTING.get(keys[start], len(keys)) if start < len(keys) else start
    return Where(keys, state, to_field(keys[start:]))


def substituted(text: str, substitutions: Mapping[str, str]) -> str:
    """The text of a definition with what its `${Name}` placeholders stand for."""

    def value(found: re.Match[str]) -> str:
        return json.dumps(substitutions[found[1]])[1:-1] if found[1] in substitutions else found[0]

    return re.sub(r"\$\{([^}]+)\}", value, text)


_Value = TypeVar("_Value")


class lazy(Generic[_Value]):  # noqa: N801  # used as a decorator
    """A property that is made once: functools.cached_property without the lock that Python 3.11 still takes for it."""

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, owner: Any, _: type | None = None) -> _Value:
        value: _Value = self._make(owner)
        owner.__dict__[self._make.__name__] = value
        return value


_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Target(NamedTuple):
    """A transition out of a state: the keys in the state that name it, and the name."""

    keys: Keys
    name: Json


class State:
    """One state: its name, its fields (read-only at the top), and where it stands in the document."""

    def __init__(self, name: str, fields: Mapping[str, Json], scope: Machine) -> None:
        self.name = name
        self.fields: Mapping[str, Json] = MappingProxyType(fields)
        self.scope = scope
        self.keys: Keys = (*scope.keys, "States", name)

    def __repr__(self) -> str:
        return f"<State {self.name!r} at {to_pointer(self.keys)}>"

    @property
    def type(self) -> Json:
        return self.fields.get("Type")

    def at(self, *keys: Key) -> Where:
        """The place of a field of this state, given its keys from the state on."""
        return Where((*self.keys, *keys), self.name, to_field(keys))

    def at_key(self, *keys: Key) -> Where:
        """The place of a field's name, where it is the name that is wrong."""
        return Where((*self.keys, *keys), self.name, to_field(keys), of_key=True)

    def items_of(self, field: str) -> list[tuple[int, Mapping[str, Json]]]:
        """The objects in a list field (Retry, Catch, Choices), with their indices."""
        value = self.fields.get(field)
        return [(i, item) for i, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []

    @lazy
    def targets(self) -> list[Target]:
        """Every transition out of this state: Default before Choices, Next, then catchers."""
        single = [Target((field,), self.fields[field]) for field in ("Default", "Next") if field in self.fields]
        listed = [
            Target((field, index, "Next"), item["Next"])
            for field in ("Choices", "Catch")
            for index, item in self.items_of(field)
            if "Next" in item
        ]
        return [*single, *listed]

    @lazy
    def nested(self) -> list[Machine]:
        """The machines inside this state: a Parallel's branches, a Map's iterator or item processor."""
        if _NESTING.keys().isdisjoint(self.fields):
            return []
        branches: list[Keys] = [("Branches", index) for index, _ in self.items_of("Branches")]
        inner: list[Keys] = [(field,) for field in _NESTED if isinstance(self.fields.get(field), dict)]
        return [Machine._inside(self, keys, inside(self.fields, keys)) for keys in (*inner, *branches)]


class ReferenceTarget(NamedTuple):
    """What an author means by a placeholder: an attribute of a resource of the template, "Ref" for what Ref gives.

    `kind` is what the author takes the resource for, such as "function"; `place` the author's line.
    """

    kind: str
    logical_id: str
    attribute: str
    place: Place | None = None

    @property
    def value(self) -> dict[str, Json]:
        """What the template has to say that it stands for, as JSON has it."""
        is_ref = self.attribute == "Ref"
        return {"Ref": self.logical_id} if is_ref else {"Fn::GetAtt": [self.logical_id, self.attribute]}

    @property
    def substitution(self) -> str:
        """What the template has to say that it stands for, as YAML has it."""
        return f"!Ref {self.logical_id}" if self.attribute == "Ref" else f"!GetAtt {self.logical_id}.{self.attribute}"


class Machine:
    """A state machine, or one nested in a Parallel or Map; nothing of it can be set.

    `Machine(document)` copies the document. `places` says for keys into it which line of the author's Python
    made what is there, `meant` for a placeholder what the author means by it.
    """

    def __init__(
        self,
        document: Mapping[str, Json],
        places: Mapping[Keys, Place] | None = None,
        meant: Mapping[str, ReferenceTarget] | None = None,
    ) -> None:
        self._fields: Mapping[str, Json] = MappingProxyType(deep_copy(dict(document)))
        self.places: Mapping[Keys, Place] = MappingProxyType(dict(places or {}))
        self.reference_targets: Mapping[str, ReferenceTarget] = MappingProxyType(dict(meant or {}))
        self.keys: Keys = ()
        self.owner: State | None = None

    @classmethod
    def owning(cls, document: Mapping[str, Json]) -> Machine:
        """The machine of a document that nobody else holds, and so needs no copy."""
        machine = cls({})
        machine._fields = MappingProxyType(document)
        return machine

    @classmethod
    def _inside(cls, owner: State, keys: Keys, fields: Mapping[str, Json]) -> Machine:
        machine = cls.__new__(cls)
        machine._fields, machine.places, machine.reference_targets = MappingProxyType(fields), _NOTHING, _NOTHING
        machine.keys, machine.owner = (*owner.keys, *keys), owner
        return machine

    def __repr__(self) -> str:
        return f"<Machine of {len(self.states)} states at {to_pointer(self.keys) or '/'}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Machine) and self._fields == other._fields

    __hash__ = None  # type: ignore[assignment]  # as a dict: equal by content, so not to be hashed

    def __contains__(self, name: object) -> bool:
        states = self._fields.get("States")
        return isinstance(states, dict) and name in states

    @property
    def fields(self) -> Mapping[str, Json]:
        """The machine's own fields, read-only at the top."""
        return self._fields

    @property
    def start_at(self) -> Json:
        return self._fields.get("StartAt")

    @lazy
    def states(self) -> Mapping[str, State]:
        """This scope's states by name, in document order; not those nested deeper."""
        states = self._fields.get("States")
        found = states.items() if isinstance(states, dict) else ()
        return MappingProxyType({name: State(name, fields, self) for name, fields in found if isinstance(fields, dict)})

    def document(self) -> dict[str, Json]:
        """A copy of the definition, the caller's to change."""
        document: dict[str, Json] = deep_copy(dict(self._fields))
        return document

    def to_text(self) -> str:
        return to_text(dict(self._fields))

    @property
    def is_distributed(self) -> bool:
        """Whether this is the processor of a distributed Map."""
        return bool(inside(self._fields, ("ProcessorConfig", "Mode")) == "DISTRIBUTED")

    def scopes(self) -> Iterator[Machine]:
        """This machine and every one nested in it, in document order, however deep."""
        waiting = [self]
        while waiting:
            machine = waiting.pop()
            yield machine
            waiting.extend(reversed([inner for state in machine.states.values() for inner in state.nested]))

    def walk(self) -> Iterator[State]:
        """Every state, nested ones right after the state that holds them."""
        waiting = list(self.states.values())[::-1]
        while waiting:
            state = waiting.pop()
            yield state
            inner = [each for machine in state.nested for each in machine.states.values()]
            waiting.extend(reversed(inner))

    def at(self, *keys: Key) -> Where:
        """The place of a field of this machine, given its keys from the machine on."""
        if self.owner is None:
            return Where(keys, None, to_field(keys))
        return self.owner.at(*self.keys[len(self.owner.keys) :], *keys)

    def place(self, keys: Keys) -> Place | None:
        """The author's line for what keys lead to: that of the innermost thing around it that has one."""
        while keys and keys not in self.places:
            keys = keys[:-1]
        return self.places.get(keys)
