"""svg.py: a diagram is well-formed, contains every text, and is the same every time."""

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


def parsed_svg(machine: Machine, name: str = "m") -> ElementTree.Element:
    return ElementTree.fromstring(to_svg(machine, name))  # noqa: S314  # our own output


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def machine(*names: str, **fields: Any) -> Machine:
    states = {name: {"Type": "Pass", "Next": after} for name, after in itertools.pairwise(names)}
    return Machine({"StartAt": names[0], "States": {**states, names[-1]: {"Type": "Succeed", **fields}}})


def test_the_stock_trader_shows_its_states_calls_retries_and_conditions() -> None:
    root = parsed_svg(Machine(json.loads((ROOT / "generated" / "stock_trader.asl.json").read_text("utf-8"))))
    assert texts(root) == [
        *("Start", "?", "Check Stock Value", "StockCheckerFunctionArn", "\u21bb 5\u00d7 States.TaskFailed"),
        "Buy or Sell?",
        *("?", "Sell Stock", "StockSellerFunctionArn", "\u21bb 3\u00d7 States.TaskFailed"),
        *("?", "Buy Stock", "StockBuyerFunctionArn", "\u21bb 3\u00d7 States.TaskFailed"),
        *("?", "Record Transaction", "DDBPutItem", "\u21bb 5\u00d7 States.TaskFailed", "End"),
        *("$.stock_price <= 50", "otherwise"),
    ]


def test_a_screen_reader_gets_the_title_and_the_comment() -> None:
    root = parsed_svg(
        Machine({"Comment": "Sells & buys.", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}), "trader"
    )
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title description")
    assert [root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == ["State machine trader", "Sells & buys."]


def test_a_name_cut_off_in_the_box_is_complete_in_its_tooltip() -> None:
    name = " ".join(["A very long name"] * 5)
    root = parsed_svg(machine(name))
    assert name not in texts(root)
    assert f"{name} (Succeed)" in [element.text for element in root.iter(f"{SVG}title")]


def test_a_diagram_has_colors_for_dark_mode() -> None:
    assert "@media(prefers-color-scheme:dark)" in (parsed_svg(machine("A")).findtext(f"{SVG}style") or "")


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_any_state_names_give_a_well_formed_diagram(names: list[str]) -> None:
    root = parsed_svg(machine(*names))
    assert sum(group.get("class") == "state" for group in root.iter(f"{SVG}g")) == len(names)


@pytest.mark.parametrize("letter", ["\x00", "\x08", "\ufffe"])
def test_characters_that_xml_does_not_allow_are_shown_as_escapes(letter: str) -> None:
    assert texts(parsed_svg(machine(f"A{letter}B")))[1] == f"A{letter.encode('unicode_escape').decode()}B"


def test_every_box_lies_within_the_diagram() -> None:
    inner = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Next": "X"}}}
    states: dict[str, Any] = {
        "P": {"Type": "Parallel", "Branches": [inner] * 3, "Next": "M", "Catch": [{"ErrorEquals": ["E"], "Next": "F"}]},
        "M": {"Type": "Map", "ItemProcessor": inner, "Next": "P"},
        "F": {"Type": "Fail"},
    }
    root = parsed_svg(Machine({"StartAt": "P", "States": states}))
    total_width, total_height = (float(root.get(side, 0)) for side in ("width", "height"))
    for box in root.iter(f"{SVG}rect"):
        if box.get("class") not in ("page", "badge"):
            left, top, width, height = (float(box.get(name, 0)) for name in ("x", "y", "width", "height"))
            assert (left >= 0, top >= 0, left + width <= total_width, top + height <= total_height) == (
                True,
                True,
                True,
                True,
            )


def test_a_diagram_is_the_same_every_time() -> None:
    path = Path(ROOT / "generated" / "stock_trader.asl.json")
    first, second = (to_svg(Machine(json.loads(path.read_text("utf-8"))), "t") for _ in range(2))
    assert first == second


def test_an_execution_marks_each_state_as_completed_failed_or_never_entered() -> None:
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
    plain, executed = to_svg(machine, "m"), to_svg(machine, "m", {"M": (1, True), "I": (3, True), "F": (1, False)})
    assert re.findall(r'<g class="([a-z ]+)"><title>(\w+) ', executed) == [
        ("group ran", "M"),
        ("state ran", "I"),
        ("state failed", "F"),
        ("state idle", "N"),
    ]
    assert (".idle{" in executed, ".idle{" in plain) == (True, False)
    assert "entered 3 times" in executed
