"""delimited.py: the records of text delimited files, with quotes and backslashes as the guide describes them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.local.engine.delimited import rows_of

ROWS: list[tuple[str, list[list[str]]]] = [
    ("", []),
    ("sku,qty\npen,2\n", [["sku", "qty"], ["pen", "2"]]),
    ("pen,2\r\nink,3", [["pen", "2"], ["ink", "3"]]),
    ("pen,2\n\n\nink,3\n", [["pen", "2"], ["ink", "3"]]),
    ("pen,,\n", [["pen", "", ""]]),
    ('"pen, blue",2', [["pen, blue", "2"]]),
    ('"one\ntwo",2\nink,3', [["one\ntwo", "2"], ["ink", "3"]]),
    ('"say ""now""",2', [['say "now"', "2"]]),
    ('1,{""size"":""A4""}', [["1", '{"size":"A4"}']]),
    ('say ""now"",2', [['say "now"', "2"]]),
    ('"",2', [["", "2"]]),
    ('6" nail, 8" nail', [['6" nail, 8" nail']]),
    ("C:\\\\Temp\\\\new.txt,2", [["C:\\Temp\\new.txt", "2"]]),
    ("pen\\, blue,2", [["pen, blue", "2"]]),
    ('say \\"now\\",2', [['say "now"', "2"]]),
    ('"say \\"now\\"",2', [['say "now"', "2"]]),
    ("new\\line,2", [["newline", "2"]]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows"), ROWS)
def test_a_text_has_rows_of_fields(text: str, rows: list[list[str]]) -> None:
    assert list(rows_of(text, ",")) == rows


def test_only_the_delimiter_of_the_file_is_escaped() -> None:
    assert list(rows_of("a\\|b|c\\,d", "|")) == [["a|b", "c,d"]]


def test_a_field_that_is_never_closed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a quoted field is not closed$"):
        list(rows_of('pen,"blue', ","))


FIELDS = st.text("abc ,\"'\n;", max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(FIELDS, min_size=2, max_size=3), max_size=4))
def test_what_pythons_csv_module_writes_with_all_fields_quoted_is_read_back(rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert list(rows_of(file.getvalue(), ",")) == rows
