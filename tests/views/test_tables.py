"""tables.py: uses and triggers as tables, Mermaid and JSON; tables as plain text and Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.application.template.triggers import Trigger
from workflow_dsl.application.uses import Use
from workflow_dsl.definition.calls import ServiceCall
from workflow_dsl.findings import Place
from workflow_dsl.views.tables import as_json, as_text, blank_repeats, markdown, mermaid, rows

BUYER = Place("buyer/app.py", 2)
INVOKE = ServiceCall("lambda", "invoke")
USES = [
    Use("Trader", "Buy It", INVOKE, ("BuyerArn",), "Buyer", "Buyer", BUYER),
    Use("Trader", "Store", ServiceCall("dynamodb", "putItem"), ("Put", "Table"), "Trades", "Trades"),
    Use("Nightly", "Trade", ServiceCall("states", "startExecution"), (), "Trader", "Trader"),
    Use("Nightly", "Buy", INVOKE, (), "Buyer", "Buyer", BUYER),
    Use("Nightly", "Ask", INVOKE, (), "", ""),
]
TRIGGERS = [Trigger("Trader", "Schedule", "Hourly", "rate(1 hour)"), Trigger("Seller", "Api", "Call", "ANY")]
MACHINES = ["Trader", "Nightly", "Idling"]
NOT_CALLED = ["Seller", "Idle"]


# Uses and triggers


def test_each_state_machine_has_its_triggers_first_and_then_its_calls() -> None:
    heading, table = rows(MACHINES, USES, TRIGGERS, NOT_CALLED, "machine")
    assert heading == ("State machine", "State", "Calls", "Placeholder", "Function or resource", "Code")
    assert blank_repeats(table) == [
        ("Trader", "Trigger: Schedule", "rate(1 hour)", "", "Hourly", ""),
        ("", "Buy It", "Lambda", "BuyerArn", "Buyer", "buyer/app.py:2"),
        ("", "Store", "DynamoDB putItem", "Put, Table", "Trades", ""),
        ("Nightly", "Trade", "Step Functions startExecution", "", "Trader", ""),
        ("", "Buy", "Lambda", "", "Buyer", "buyer/app.py:2"),
        ("", "Ask", "Lambda", "", "", ""),
        ("Idling", "\u2013", "\u2013", "", "", ""),
        ("Seller", "Trigger: Api", "ANY", "", "Call", ""),
    ]


def test_functions_that_no_state_calls_come_last() -> None:
    heading, table = rows(MACHINES, USES, TRIGGERS, NOT_CALLED, "function")
    assert heading == ("Function", "State machine", "State", "Placeholder", "Code")
    assert blank_repeats(table) == [
        ("Buyer", "Trader", "Buy It", "BuyerArn", "buyer/app.py:2"),
        ("", "Nightly", "Buy", "", "buyer/app.py:2"),
        ("Seller", "Trigger: Api", "Call", "ANY", ""),
        ("Idle", "\u2013", "\u2013", "", ""),
    ]


def test_json_contains_everything() -> None:
    content = json.loads(as_json(MACHINES, USES, TRIGGERS, ["Idle"]))
    assert content["uses"][0] == {
        "stateMachine": "Trader",
        "state": "Buy It",
        "service": "lambda",
        "action": "invoke",
        "through": ["BuyerArn"],
        "resource": "Buyer",
        "target": "Buyer",
        "file": "buyer/app.py",
        "line": 2,
    }
    assert content["triggers"][0] == {
        "target": "Trader",
        "kind": "Schedule",
        "name": "Hourly",
        "detail": "rate(1 hour)",
    }
    assert (content["stateMachines"], len(content["uses"]), content["notCalled"]) == (MACHINES, 5, ["Idle"])


def test_a_flowchart_links_triggers_to_state_machines_and_these_to_what_they_call() -> None:
    assert mermaid(MACHINES, USES, TRIGGERS) == dedent("""\
        flowchart LR
            n1(["Schedule Hourly"]) --> n2[["Trader"]]
            n3[["Nightly"]]
            n4[["Idling"]]
            n2 --> n5["Buyer"]
            n2 --> n6[("Trades")]
            n3 --> n2
            n3 --> n5
            n3 --> n7["Lambda"]
        """)


def test_markdown_is_a_heading_and_rows() -> None:
    assert markdown(("A", "B"), [("a", "b")]) == "| A | B |\n| --- | --- |\n| a | b |\n"


# Plain text


HEADING = ("Machine", "State", "Calls", "Code")
ROWS = [
    ("Trader", "Buy", "Lambda", "functions/buyer/app.py:2"),
    ("", "Store It", "DynamoDB putItem", ""),
    ("Nightly", "Trade", "", "flows/nightly.py"),
]


def text(width: int | None, heading: tuple[str, ...] = HEADING, table: Sequence[tuple[str, ...]] = ROWS) -> str:
    return "".join(f"{line}\n" for line in as_text(heading, table, width))


ONE_LINE_PER_ROW = """\
Machine  State     Calls             Code
Trader   Buy       Lambda            functions/buyer/app.py:2
         Store It  DynamoDB putItem
Nightly  Trade                       flows/nightly.py
"""


@pytest.mark.parametrize("width", [None, 61, 200])
def test_a_table_that_fits_or_has_no_terminal_is_one_line_per_row(width: int | None) -> None:
    assert text(width) == ONE_LINE_PER_ROW


def test_a_table_that_is_one_column_too_wide_is_stacked() -> None:
    assert text(60) == dedent("""\
        Machine
          State     Calls             Code

        Trader
          Buy       Lambda            functions/buyer/app.py:2
          Store It  DynamoDB putItem

        Nightly
          Trade                       flows/nightly.py
        """)


def test_a_cell_without_room_beside_the_others_gets_a_line_with_its_heading() -> None:
    assert text(40) == dedent("""\
        Machine
          State     Calls

        Trader
          Buy       Lambda
            Code: functions/buyer/app.py:2
          Store It  DynamoDB putItem

        Nightly
          Trade
            Code: flows/nightly.py
        """)


def test_lines_break_at_spaces_and_never_inside_a_name() -> None:
    assert text(16) == dedent("""\
        Machine
          State

        Trader
          Buy
            Calls:
              Lambda
            Code:
              functions/buyer/app.py:2
          Store It
            Calls:
              DynamoDB
              putItem

        Nightly
          Trade
            Code:
              flows/nightly.py
        """)


def test_a_cell_of_a_column_without_a_heading_stands_alone() -> None:
    assert text(12, ("Name", "File", ""), [("trader", "trader.json", "unchanged")]) == dedent("""\
        Name
          File

        trader
          trader.json
            unchanged
        """)


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    table = [("\u6f22\u5b57", "a", "b"), ("e\u0301", "c", "d")]
    assert text(None, ("A", "B", "C"), table) == "A     B  C\n\u6f22\u5b57  a  b\ne\u0301     c  d\n"
    assert text(10, ("A", "B", "C"), table) == text(None, ("A", "B", "C"), table)
    assert text(9, ("A", "B", "C"), table) != text(None, ("A", "B", "C"), table)


CELLS = st.text("ab \u6f22", max_size=30).map(lambda cell: " ".join(cell.split()))


@given(st.integers(1, 6).flatmap(lambda size: st.lists(st.tuples(*[CELLS] * size), min_size=1)), st.integers(1, 100))
def test_no_word_is_lost_or_broken_at_any_width(table: list[tuple[str, ...]], width: int) -> None:
    heading = tuple(f"H{number}" for number in range(len(table[0])))
    words = sorted(word for row in table for cell in row for word in cell.split())
    lines = text(width, heading, table).replace(":", "").split()
    assert sorted(word for word in lines if word not in heading) == words
