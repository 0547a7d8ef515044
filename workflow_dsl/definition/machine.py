"""Machine and State: read-only views of an ASL document, shared by the whole package.

A view accepts any JSON value and never raises: a field that is missing or malformed reads as empty. Reporting such
fields is the job of validation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from workflow_dsl.definition.json import Json, deep_copy, to_text, value_at
from workflow_dsl.findings import Key, Keys, Place, Where, to_field, to_pointer
from workflow_dsl.records import Record

_NESTED = ("Iterator", "ItemProcessor")
_NESTING: Mapping[Key, int] = {"Iterator": 1, "ItemProcessor": 1, "Branches": 2}  # keys from a state to a machine in it


def to_where(keys: Keys) -> Where:
    """Return the place of keys from the top of a document, with the innermost state and the field in it."""
    state, start, index = None, 0, 0
    while index + 1 < len(keys) and keys[index] == "States":
        state, start = str(keys[index + 1]), index + 2
        index = start + _NESTING.get(keys[start], len(keys)) if start < len(keys) else start
    return Where(keys, state, to_field(keys[start:]))


_Value = TypeVar("_Value")


class lazy(Generic[_Value]):  # noqa: N801  # used as a decorator
    """A property that is computed once: functools.cached_property without the lock that Python 3.11 takes for it."""

    def __init__(self, compute: Callable[[Any], _Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, owner: Any, _: type | None = None) -> _Value:
        value: _Value = self._compute(owner)
        owner.__dict__[self._compute.__name__] = value
        return value


_EMPTY: Mapping[Any, Any] = MappingProxyType({})


class TransitionTarget(NamedTuple):
    """A transition out of a state: the keys of the field in that state, and the name of the next state."""

    keys: Keys
    name: Json


class State:
    """One state: its name, its fields (read-only at the top level), and its keys in the document.

    `scope` is the machine whose States field contains it.
    """

    def __init__(self, name: str, fields: Mapping[str, Json], scope: Machine) -> None:
        self.name = name
        self.fields: Mapping[str, Json] = MappingProxyType(fields)
        self.scope = scope
        self.keys: Keys = (*scope.keys, "States", name)

    def __repr__(self) -> str:
        return f"<State {self.name!r} at {to_pointer(self.keys)}>"

    @property
    def type(self) -> Json:
        """The Type field, as it is in the document."""
        return self.fields.get("Type")

    def at(self, *keys: Key) -> Where:
        """Return the place of a field of this state; `keys` start at the state."""
        return Where((*self.keys, *keys), self.name, to_field(keys))

    def at_key(self, *keys: Key) -> Where:
        """Return the place of a field's name rather than its value; `keys` start at the state."""
        return Where((*self.keys, *keys), self.name, to_field(keys), at_key=True)

    def items_of(self, field: str) -> list[tuple[int, Mapping[str, Json]]]:
        """Return the objects in a list field (Retry, Catch, Choices), each after its index."""
        items = self.fields.get(field)
        return [(i, item) for i, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []

    @lazy
    def targets(self) -> list[TransitionTarget]:
        """All transitions out of this state: Default before Choices, Next, then catchers."""
        fields = [field for field in ("Default", "Next") if field in self.fields]
        in_lists = [
            TransitionTarget((field, index, "Next"), item["Next"])
            for field in ("Choices", "Catch")
            for index, item in self.items_of(field)
            if "Next" in item
        ]
        return [*(TransitionTarget((field,), self.fields[field]) for field in fields), *in_lists]

    @lazy
    def nested(self) -> list[Machine]:
        """The machines in this state: the branches of a Parallel, the Iterator or ItemProcessor of a Map."""
        if _NESTING.keys().isdisjoint(self.fields):
            return []
        branches: list[Keys] = [("Branches", index) for index, _ in self.items_of("Branches")]
        processors: list[Keys] = [(field,) for field in _NESTED if isinstance(self.fields.get(field), dict)]
        return [Machine._nested(self, keys, value_at(self.fields, keys)) for keys in (*processors, *branches)]

    @lazy
    def comparisons(self) -> list[tuple[Keys, dict[str, Json]]]:
        """Every rule of a Choice, including those inside And, Or and Not, with its keys."""
        found = []
        waiting: list[tuple[Keys, Json]] = [(("Choices", index), rule) for index, rule in self.items_of("Choices")]
        waiting.reverse()
        while waiting:
            keys, rule = waiting.pop()
            if isinstance(rule, dict):
                found.append((keys, rule))
                waiting += [((*keys, name), rule[name]) for name in ("Not", "Or", "And") if name in rule]
            elif isinstance(rule, list):
                waiting += [((*keys, index), item) for index, item in reversed(list(enumerate(rule)))]
        return found

    @property
    def is_distributed(self) -> bool:
        """True for a distributed Map."""
        return self.type == "Map" and any(machine.is_distributed for machine in self.nested)


class ReferenceTarget(NamedTuple):
    """The template resource and attribute that an author's placeholder refers to; the attribute is "Ref" for !Ref.

    `kind` is the kind of resource that the author wrote, such as "function"; `place` is the line in the workflow.
    """

    kind: str
    logical_id: str
    attribute: str
    place: Place | None = None

    @property
    def value(self) -> dict[str, Json]:
        """The substitution that the template needs, as JSON."""
        is_ref = self.attribute == "Ref"
        return {"Ref": self.logical_id} if is_ref else {"Fn::GetAtt": [self.logical_id, self.attribute]}

    @property
    def substitution(self) -> str:
        """The substitution that the template needs, as YAML."""
        return f"!Ref {self.logical_id}" if self.attribute == "Ref" else f"!GetAtt {self.logical_id}.{self.attribute}"


class TypeReference(Record):
    """A class that a workflow names: its file, and its name there."""

    file: str
    name: str


class Machine:
    """A state machine, or one nested in a Parallel or Map. Read-only.

    `Machine(document)` copies the document. `places` maps keys to the line of Python that created the value there,
    `reference_targets` maps placeholders to the resources they refer to, `input_type` is the type of an execution's
    input; only a compiled workflow has them.
    """

    input_type: TypeReference | None = None

    def __init__(
        self,
        document: Mapping[str, Json],
        places: Mapping[Keys, Place] | None = None,
        reference_targets: Mapping[str, ReferenceTarget] | None = None,
        input_type: TypeReference | None = None,
    ) -> None:
        self._fields: Mapping[str, Json] = MappingProxyType(deep_copy(dict(document)))
        self.places: Mapping[Keys, Place] = MappingProxyType(dict(places or {}))
        self.reference_targets: Mapping[str, ReferenceTarget] = MappingProxyType(dict(reference_targets or {}))
        self.input_type = input_type
        self.keys: Keys = ()
        self.owner: State | None = None

    @classmethod
    def without_copying(cls, document: Mapping[str, Json]) -> Machine:
        """Return the machine of a document that nothing else can change."""
        machine = cls({})
        machine._fields = MappingProxyType(document)
        return machine

    @classmethod
    def _nested(cls, owner: State, keys: Keys, fields: Mapping[str, Json]) -> Machine:
        machine = cls.__new__(cls)
        machine._fields, machine.places, machine.reference_targets = MappingProxyType(fields), _EMPTY, _EMPTY
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
        """The machine's own fields, read-only at the top level."""
        return self._fields

    @property
    def start_at(self) -> Json:
        """The StartAt field, as it is in the document."""
        return self._fields.get("StartAt")

    @lazy
    def states(self) -> Mapping[str, State]:
        """The states of this machine by name, in document order, without nested ones."""
        states = self._fields.get("States")
        items = states.items() if isinstance(states, dict) else ()
        return MappingProxyType({name: State(name, fields, self) for name, fields in items if isinstance(fields, dict)})

    def document(self) -> dict[str, Json]:
        """Return a copy of the definition, which the caller may change."""
        document: dict[str, Json] = deep_copy(dict(self._fields))
        return document

    def to_text(self) -> str:
        """Return the definition as the text of a generated file."""
        return to_text(dict(self._fields))

    @lazy
    def is_distributed(self) -> bool:
        """True for the processor of a distributed Map."""
        return bool(value_at(self._fields, ("ProcessorConfig", "Mode")) == "DISTRIBUTED")

    def scopes(self) -> Iterator[Machine]:
        """Yield this machine and all nested ones, at any depth, in document order."""
        waiting = [self]
        while waiting:
            machine = waiting.pop()
            yield machine
            waiting.extend(reversed([nested for state in machine.states.values() for nested in state.nested]))

    def walk(self) -> Iterator[State]:
        """Yield all states in document order, nested ones right after the state that contains them."""
        waiting = list(self.states.values())[::-1]
        while waiting:
            state = waiting.pop()
            yield state
            nested = [inner for machine in state.nested for inner in machine.states.values()]
            waiting.extend(reversed(nested))

    def at(self, *keys: Key) -> Where:
        """Return the place of a field of this machine; `keys` start at the machine."""
        if self.owner is None:
            return Where(keys, None, to_field(keys))
        return self.owner.at(*self.keys[len(self.owner.keys) :], *keys)

    def place(self, keys: Keys) -> Place | None:
        """Return the line of Python that created the value at these keys, or else the innermost value around it."""
        while keys and keys not in self.places:
            keys = keys[:-1]
        return self.places.get(keys)
