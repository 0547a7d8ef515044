"""Problems of JSON texts in Jackson's words (jackson-core: ParserMinimalBase, ReaderBasedJsonParser)."""

from __future__ import annotations

import pytest

from workflow_dsl.definition.jackson import json_problem


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        (
            '"a\tb"',
            "Illegal unquoted character ((CTRL-CHAR, code 9)): "
            "has to be escaped using backslash to be included in string value",
            4,
        ),
        (
            "[\0]",
            r"Illegal character ((CTRL-CHAR, code 0)): only regular white space (\r, \n, \t) is allowed between tokens",
            3,
        ),
        (r'["\d"]', "Unrecognized character escape 'd' (code 100)", 5),
        (
            r'"\u12g4"',
            "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
            7,
        ),
        (r'"\u12', "Unexpected end-of-input", 6),
        ('"\\', "Unexpected end-of-input", 3),
        (
            "\ufeff{}",
            "Unexpected character ('\ufeff' (code 65279 / 0xfeff)): "
            "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            2,
        ),
        ("9" * 5_000, "Number value length exceeds the maximum allowed", 1),
    ],
)
def test_a_text_that_is_no_json_is_told_in_the_words_of_jackson(text: str, message: str, column: int) -> None:
    problem = json_problem(text)
    assert problem is not None
    assert (problem.message, problem.source.rpartition("line: ")[2]) == (message, f"1, column: {column}]")
