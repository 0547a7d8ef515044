"""svg.py: the picture is well-formed, holds every text, and is drawn the same every time."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram import to_svg

SVG = "{http://www.w3.org/2000/svg}"
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=90)


def picture(machine: Machine, name: str = "m") -> ElementTree.Element:
    return ElementTree.fromstring(to_svg(machine, name))  # noqa: S314  # which we made


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def machine(*names: str, **fields: Any) -> Machine:
    states = {name: {"Type": "Pass", "Next": after} for name, after in itertools.pairwise(names)}
    return Machine({"StartAt": names[0], "States": {**states, names[-1]: {"Type": "Succeed", **fields}}})


def test_the_stock_trader_shows_its_states_calls_retries_and_conditions() -> None:
    root = picture(Machine(json.loads((ROOT / "generated" / "stock_trader.asl.json").read_text("utf-8"))))
    assert texts(root) == [
        *("Start", "?", "Check Stock Value", "StockCheckerFunctionArn", "\u21bb 5\u00d7 States.TaskFailed"),
        "Buy or Sell?",
        *("?", "Sell Stock", "StockSellerFunctionArn", "\u21bb 3\u00d7 States.TaskFailed"),
        *("?", "Buy Stock", "StockBuyerFunctionArn", "\u21bb 3\u00d7 States.TaskFailed"),
        *("?", "Record Transaction", "DDBPutItem", "\u21bb 5\u00d7 States.TaskFailed", "End"),
        *("$.stock_price <= 50", "otherwise"),
    ]


def test_who_hears_it_read_hears_what_it_is() -> None:
    root = picture(
        Machine({"Comment": "Sells & buys.", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}), "trader"
    )
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title description")
    assert [root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == ["State machine trader", "Sells & buys."]


def test_what_is_cut_off_in_the_picture_is_whole_in_the_tip() -> None:
    name = " ".join(["A very long name"] * 5)
    root = picture(machine(name))
    assert name not in texts(root)
    assert f"{name} (Succeed)" in [each.text for each in root.iter(f"{SVG}title")]


def test_the_picture_has_colours_for_the_dark() -> None:
    assert "@media(prefers-color-scheme:dark)" in (picture(machine("A")).findtext(f"{SVG}style") or "")


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_any_name_makes_a_well_formed_picture(names: list[str]) -> None:
    root = picture(machine(*names))
    assert sum(each.get("class") == "state" for each in root.iter(f"{SVG}g")) == len(names)


@pytest.mark.parametrize("letter", ["\x00", "\x08", "\ufffe"])
def test_what_xml_cannot_hold_is_left_out(letter: str) -> None:
    assert texts(picture(machine(f"A{letter}B")))[1] == "AB"


def test_every_box_and_text_lies_within_the_picture() -> None:
    inner = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Next": "X"}}}
    states: dict[str, Any] = {
        "P": {"Type": "Parallel", "Branches": [inner] * 3, "Next": "M", "Catch": [{"ErrorEquals": ["E"], "Next": "F"}]},
        "M": {"Type": "Map", "ItemProcessor": inner, "Next": "P"},
        "F": {"Type": "Fail"},
    }
    root = picture(Machine({"StartAt": "P", "States": states}))
    wide, high = (float(root.get(side, 0)) for side in ("width", "height"))
    for box in root.iter(f"{SVG}rect"):
        if box.get("class") not in ("page", "badge"):
            left, top, width, height = (float(box.get(name, 0)) for name in ("x", "y", "width", "height"))
            assert (left >= 0, top >= 0, left + width <= wide, top + height <= high) == (True, True, True, True)


def test_a_picture_is_the_same_every_time() -> None:
    path = Path(ROOT / "generated" / "stock_trader.asl.json")
    one, other = (to_svg(Machine(json.loads(path.read_text("utf-8"))), "t") for _ in range(2))
    assert one == other


def test_an_execution_is_drawn_by_what_it_did_in_each_state() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    machine = Machine(
        {
            "StartAt": "M",
            "States": {
                "M": {"Type": "Map", "ItemProcessor": inner, "Next": "F"},
                "F": {"Type": "Fail"},
                "N": {"Type": "Pass", "End": True},
            },
        }
    )
    plain, drawn = to_svg(machine, "m"), to_svg(machine, "m", {"M": (1, True), "I": (3, True), "F": (1, False)})
    assert re.findall(r'<g class="([a-z ]+)"><title>(\w+) ', drawn) == [
        ("group ran", "M"),
        ("state ran", "I"),
        ("state failed", "F"),
        ("state idle", "N"),
    ]
    assert (".idle{" in drawn, ".idle{" in plain) == (True, False)
    assert "entered 3 times" in drawn
