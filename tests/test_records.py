from __future__ import annotations

import copy
import pickle
from functools import cached_property
from typing import Any, ClassVar

import pytest

from workflow_dsl.records import Record, field, field_names, replace


class Point(Record):
    axes: ClassVar[str] = "xy"

    x: int
    y: int = 0
    names: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.x + self.y


class Cell(Point, slots=False):
    note: str = field(default="", compare=False, repr=False)
    is_open: bool = field(default=False, kw_only=True)
    z: int = 0

    @cached_property
    def sums(self) -> list[int]:
        return [self.total + self.z]


class Bag(Record, frozen=False):
    fields: list[int] = field(default_factory=list)


class Money(Record):
    euros: int
    cents: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self.__setattr__("cents", self.euros * 100)


class Node(Record, eq=False):
    value: int


class Leaf(Node):
    pass


class Nothing(Record):
    pass


def test_a_record_takes_its_fields_by_position_and_by_name() -> None:
    point = Point(1, names=("a",))
    assert (point.x, point.y, point.names, point.total, point.axes) == (1, 0, ("a",), 1, "xy")


def test_the_fields_of_a_subclass_follow_those_of_its_base() -> None:
    assert field_names(Cell) == field_names(Cell(1)) == ("x", "y", "names", "note", "is_open", "z")
    cell = Cell(1, 2, (), "first", 3, is_open=True)
    assert (cell.note, cell.z, cell.is_open, cell.sums) == ("first", 3, True, [6])


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Point(1, 2), "Point(x=1, y=2, names=())"),
        (Cell(1, note="hidden"), "Cell(x=1, y=0, names=(), is_open=False, z=0)"),
        (Nothing(), "Nothing()"),
    ],
)
def test_a_record_is_printed_as_its_call(record: Record, text: str) -> None:
    assert repr(record) == text


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        (Point(1), Point(1, 0), True),
        (Point(1), Point(2), False),
        (Point(1), Cell(1), False),
        (Cell(1, note="a"), Cell(1, note="b"), True),
        (Cell(1), Cell(1, is_open=True), False),
        (Bag([1]), Bag([1]), True),
        (Nothing(), Nothing(), True),
        (Node(1), Node(1), False),
        (Leaf(1), Leaf(1), False),
        (Point(1), (1, 0, ()), False),
    ],
)
def test_records_of_a_class_are_equal_if_their_compared_fields_are(one: Any, other: Any, is_equal: bool) -> None:
    assert (one == other, one != other) == (is_equal, not is_equal)


def test_equal_records_have_one_hash() -> None:
    assert len({Point(1), Point(1, 0), Cell(1, note="a"), Cell(1, note="b"), Nothing(), Nothing()}) == 3


def test_records_that_compare_as_objects_are_hashed_as_objects() -> None:
    assert len({Node(1), Node(1), Leaf(1), Leaf(1)}) == 4


def test_a_record_that_may_change_has_no_hash_and_no_list_in_common() -> None:
    bag = Bag()
    bag.fields.append(1)
    assert (bag, Bag()) == (Bag([1]), Bag([]))
    with pytest.raises(TypeError, match="unhashable type: 'Bag'"):
        hash(bag)


def test_a_field_without_a_parameter_is_set_after_the_others() -> None:
    assert (Money(2).cents, replace(Money(2), euros=3).cents, Money.__match_args__) == (200, 300, ("euros",))
    with pytest.raises(TypeError, match="unexpected keyword argument 'cents'"):
        Money(2, cents=3)  # type: ignore[call-arg]


def test_a_copy_has_other_values_of_some_fields() -> None:
    assert replace(Cell(1, note="kept", is_open=True), y=2) == Cell(1, 2, note="kept", is_open=True)
    with pytest.raises(TypeError, match=r"Point.__init__\(\) got an unexpected keyword argument 'q'"):
        replace(Point(1), q=2)  # type: ignore[call-arg]


@pytest.mark.parametrize("record", [Point(1, 2), Cell(1, note="a"), Bag([1])])
def test_records_are_copied_and_pickled(record: Record) -> None:
    assert copy.copy(record) == copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record  # noqa: S301


def test_a_wrong_call_is_the_type_error_of_the_class() -> None:
    with pytest.raises(TypeError, match=r"Point.__init__\(\) missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]


def test_a_record_has_no_attributes_but_its_fields() -> None:
    with pytest.raises(AttributeError):
        Point(1).w = 2  # type: ignore[attr-defined]


def test_positional_patterns_match_fields() -> None:
    match Cell(1, 2):
        case Cell(x, y):
            assert (x, y) == (1, 2)
