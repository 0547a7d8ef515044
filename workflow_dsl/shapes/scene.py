"""The data that the fields of a state read, and what they read of it."""

from __future__ import annotations

from workflow_dsl.findings import Keys
from workflow_dsl.records import Record
from workflow_dsl.shapes.misuses import Misuse
from workflow_dsl.shapes.reading import Miss, Reading
from workflow_dsl.shapes.shape import NOTHING, UNKNOWN, Shape, join
from workflow_dsl.shapes.shape import Record as Object


class Read(Record):
    """A read that may have no value: the keys of the field in its state, the path, and the step that it lacks.

    `text` is the path as it is written, `steps` its names and indexes. It `fails` the state if there is no value; it
    `is_test` where the definition asks whether there is one.
    """

    keys: Keys
    text: str
    root: str
    steps: tuple[str | int, ...]
    miss: Miss
    fails: bool = True
    is_test: bool = False


ARITHMETIC = ("+", "-", "*", "/", "%")  # operators of JSONata


class Operation(Record):
    """An operator of JSONata that always fails, or a comparison that always has one result, with its operands.

    `keys` are those of its field. `text` is the first operand as it is written, `other` the second one. `holders` are
    the objects that the first one is read from, if the values differ and not the types.
    """

    keys: Keys
    operator: str
    text: str
    shape: Shape
    other: str
    other_shape: Shape
    holders: tuple[Object, ...] = ()

    @property
    def fails(self) -> bool:
        """True if the expression fails, and not just gives one result."""
        return self.operator not in ("=", "!=")


class Scene(Record, frozen=False):
    """The data of a field: the state's data `$`, its context object `$$`, and the variables that it sees.

    `reads` collects the reads that lack a value, `misuses` the values that do not fit.
    """

    data: Shape
    context: Shape
    variables: Variables
    reads: list[Read]
    misuses: list[Misuse]

    def with_data(self, data: Shape) -> Scene:
        """Return the scene with other data, whose reads and misuses are collected in the same lists."""
        return Scene(data, self.context, self.variables, self.reads, self.misuses)

    def note(self, keys: Keys, text: str, root: str, steps: tuple[str | int, ...], reading: Reading) -> None:
        """Collect a read if it may have no value."""
        if reading.miss is not None:
            self.reads.append(Read(keys, text, root, steps, reading.miss))


class Variables:
    """The variables of a scope: each has the shape of everything that a state of the scope assigns to it.

    The state that is gone through is the `reader`, by its position; `outdated` are those that saw a variable before it
    changed.
    """

    def __init__(self, outer: Variables | None = None) -> None:
        self.outer = outer
        self.own: dict[str, Shape] = {}
        self.reader = 0
        self.outdated: set[int] = set()
        self._readers: dict[str, set[int]] = {}

    def assign(self, name: str, shape: Shape) -> None:
        """Add a value to those of a variable."""
        before = self.own.get(name, NOTHING)
        after = join(before, shape)
        if after is not before and after != before:
            self.own[name] = after
            self.outdated |= self._readers.pop(name, set())

    def forget(self) -> None:
        """Make every variable unknown, because loops keep changing them."""
        self.own = dict.fromkeys(self.own, UNKNOWN)
        self.outdated.clear()

    def get(self, name: str) -> Shape:
        """Return a variable that a state of the scope sees; UNKNOWN without it."""
        found = self.find(name)
        return UNKNOWN if found is None else found

    def find(self, name: str) -> Shape | None:
        """Return a variable that a state of the scope sees; None if no state assigns it before."""
        self._readers.setdefault(name, set()).add(self.reader)
        found = self.own.get(name)
        return self.outer.find(name) if found is None and self.outer is not None else found
