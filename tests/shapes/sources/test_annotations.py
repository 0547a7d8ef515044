"""annotations.py and handlers.py: the return annotation of a handler, read from its source, and results that differ from it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from workflow_dsl.shapes.sources.handlers import DeclaredResult, declared_result

TYPES = """
    import typing
    import typing as t
    from dataclasses import dataclass
    from decimal import Decimal
    from enum import Enum, StrEnum
    from typing import Annotated, Any, ClassVar, Dict, List, Literal, NotRequired, Optional, Required, TypedDict, Union
    from shapes import Address, Named as N
    from package.inner import Deep
    from elsewhere import Unknown

    class Price(TypedDict):
        price: int
        currency: NotRequired[str]

    class Sale(Price, total=False):
        buyer: "Person"
        sold: Required[bool]

    class Open(Unknown, Price):
        pass

    @dataclass
    class Person:
        name: str
        tags: list[str]
        count: ClassVar[int] = 0

    class Node(TypedDict):
        value: int
        next: Optional["Node"]

    class Side(StrEnum):
        BUY = "buy"
        SELL = "sell"

    class Kind(str, Enum):
        A = "a"

    class Plain:
        price: int

    Money = Union[int, float]
    Amount: t.TypeAlias = "Money"
    Loop = Loop2
    Loop2 = Loop

    def handler(event, context) -> {annotation}:
        return None
"""
SHAPES = """
    from typing import TypedDict

    class Address(TypedDict):
        city: str

    class Named(TypedDict):
        name: str
"""


def declared(folder: Path, annotation: str) -> DeclaredResult | None:
    (folder / "package").mkdir()
    files = {
        "app.py": TYPES.replace("{annotation}", annotation),
        "shapes.py": SHAPES,
        "package/__init__.py": "",
        "package/inner.py": "Deep = list[int]\n",
    }
    for name, text in files.items():
        (folder / name).write_text(dedent(text), "utf-8")
    return declared_result(folder / "app.py", "handler", "app.py")


PRICE = {"price": 1}
GOOD: list[tuple[str, Any]] = [
    ("str", "a"),
    ("int", 5),
    ("int", 5.0),
    ("float", 5),
    ("bool", True),
    ("None", None),
    ("dict", {}),
    ("dict[str, int]", {"a": 1}),
    ("typing.Mapping[str, t.Any]", {"a": [1]}),
    ("list", [1, "a"]),
    ("t.List[int]", [1]),
    ("tuple[int, str]", [1, "a"]),
    ("tuple[int, ...]", [1, 2]),
    ("int | None", None),
    ("Optional[str]", None),
    ("Union[int, str]", "a"),
    ("Annotated[int, 'cents']", 1),
    ("Literal['a', 1, None]", None),
    ("'Price'", PRICE),
    ("Price", {**PRICE, "currency": "EUR"}),
    ("Sale", {**PRICE, "sold": True}),
    ("Sale", {**PRICE, "sold": True, "buyer": {"name": "n", "tags": []}}),
    ("Open", {**PRICE, "anything": 1}),
    ("Node", {"value": 1, "next": {"value": 2, "next": None}}),
    ("Side", "buy"),
    ("Kind", "a"),
    ("Amount", 1.5),
    ("Address", {"city": "c"}),
    ("N", {"name": "n"}),
    ("Deep", [1]),
]
UNKNOWN = [
    "Any",
    "object",
    "Unknown",
    "Unknown | int",
    "Decimal",
    "Plain",
    "bytes",
    "Loop",
    "Literal[Side.BUY]",
    "'1 +'",
]
VALUES: list[Any] = [1, "a", None, {"x": []}]
GOOD += [(annotation, value) for annotation in UNKNOWN for value in VALUES]


@pytest.mark.parametrize(("annotation", "result"), GOOD)
def test_a_result_as_declared_or_of_an_unknown_type_has_no_problems(
    annotation: str, result: Any, tmp_path: Path
) -> None:
    found = declared(tmp_path, annotation)
    assert found is not None
    assert found.problems(result) == []


BAD: list[tuple[str, Any, list[str]]] = [
    ("str", 1, ["the result must be a string, not 1"]),
    ("int", True, ["the result must be a whole number, not true"]),
    ("int", 1.5, ["the result must be a whole number, not 1.5"]),
    ("float", "1", ['the result must be a number, not "1"']),
    ("bool", 1, ["the result must be true or false, not 1"]),
    ("None", {}, ["the result must be null, not {}"]),
    ("dict", [], ["the result must be an object, not []"]),
    ("Dict[str, int]", {"a": "1"}, ['its "a" must be a whole number, not "1"']),
    ("list[Price]", [PRICE, {"price": "1"}], ['its "[1].price" must be a whole number, not "1"']),
    ("tuple[int, ...]", ["a"], ['its "[0]" must be a whole number, not "a"']),
    ("int | None", "a", ['the result must be a whole number or null, not "a"']),
    ("Price | None", {"prise": 1}, ['the result lacks "price", a field of Price',
     'the result has "prise", which is not a field of Price (did you mean "price"?)']),
    ("Optional[int]", "a", ['the result must be a whole number or null, not "a"']),
    ("Literal['buy', 'sell']", "hold", ['the result must be "buy" or "sell", not "hold"']),
    ("Literal[1]", True, ["the result must be 1, not true"]),
    ("Price", None, ["the result must be an object, a Price, not null"]),
    ("Price", {**PRICE, "zzz": 1}, ['the result has "zzz", which is not a field of Price']),
    ("Sale", PRICE, ['the result lacks "sold", a field of Sale']),
    ("Sale", {**PRICE, "sold": True, "buyer": {"tags": [1]}},
     ['its "buyer" lacks "name", a field of Person', 'its "buyer.tags[0]" must be a string, not 1']),
    ("Open", {"anything": 1}, ['the result lacks "price", a field of Open']),
    ("Node", {"value": 1, "next": {"value": "2", "next": None}}, ['its "next.value" must be a whole number, not "2"']),
    ("Side", "hold", ['the result must be "buy" or "sell", not "hold"']),
    ("Amount", "1", ['the result must be a number, not "1"']),
    ("Address", {"town": "c"}, ['the result lacks "city", a field of Address', 'the result has "town", which is not a field of Address']),
    ("N", {"name": 1}, ['its "name" must be a string, not 1']),
    ("Deep", ["a"], ['its "[0]" must be a whole number, not "a"']),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "result", "problems"), BAD)
def test_a_result_that_differs_from_the_annotation_is_described(
    annotation: str, result: Any, problems: list[str], tmp_path: Path
) -> None:
    found = declared(tmp_path, annotation)
    assert found is not None
    assert found.problems(result) == problems


def test_a_declared_result_names_its_annotation_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("\ndef handler(event, context) -> dict[str, int]: ...\n", "utf-8")
    assert str(declared_result(tmp_path / "app.py", "handler", "app.py")) == "`-> dict[str, int]` of app.py:2"


NOTHING_IS_KNOWN = [
    "def handler(event, context): ...",
    "@turned_into_a_response\ndef handler(event, context) -> int: ...",
    "async def handler(event, context) -> int: ...",
    "handler = make()",
    "def other(event, context) -> int: ...",
    "def handler(event, context) -> int: (",
]


@pytest.mark.parametrize("text", NOTHING_IS_KNOWN)
def test_of_a_function_without_an_annotation_or_with_a_decorator_nothing_is_known(text: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(text, "utf-8")
    assert declared_result(tmp_path / "app.py", "handler") is None
    assert declared_result(tmp_path / "missing.py", "handler") is None


def test_decorators_of_powertools_keep_the_result(tmp_path: Path) -> None:
    text = (
        "@logger.inject_lambda_context(log_event=True)\n@tracer.capture_lambda_handler\ndef handler(e, c) -> int: ..."
    )
    (tmp_path / "app.py").write_text(text, "utf-8")
    found = declared_result(tmp_path / "app.py", "handler")
    assert found is not None
    assert found.problems("a") == ['the result must be a whole number, not "a"']


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    import os

    file = tmp_path / "app.py"
    for moment, annotation in enumerate(("int", "str")):
        file.write_text(f"def handler(event, context) -> {annotation}: ...\n", "utf-8")
        os.utime(file, (moment, moment))
        found = declared_result(file, "handler")
        assert found is not None
        assert bool(found.problems("a")) == (annotation == "int")
