"""Filters of paths: which items a filter chooses, which text is no filter, and that none takes forever."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound, SyntaxProblem

FUND: dict[str, Any] = {
    "limit": 20,
    "trades": [
        {"id": 1, "symbol": "ACME", "qty": 5, "tags": ["new", "eu"], "done": True, "note": None},
        {"id": 2, "symbol": "Bolt", "qty": 20.5, "tags": [], "fee": {"rate": 2}},
        {"id": 3, "symbol": "cog.x", "qty": "5", "note": "it's"},
    ],
    "sizes": [1, "1", 2, None, True, [1], {"a": 1}],
    "manager": {"name": "Ada", "years": 3, "staff": [{"name": "Bob", "years": 1}]},
}

CHOSEN: list[tuple[str, list[int]]] = [
    ("@.qty", [1, 2, 3]),
    ("@.note", [1, 3]),
    ("!@.note", [2]),
    ("! @.fee.rate", [1, 3]),
    ("@.qty == 5", [1, 3]),
    ("@.qty=='5'", [1, 3]),
    ("@.qty != 5", [2]),
    ("@.qty === 5", [1]),
    ("@.qty > 5", [2]),
    ("@.qty>=5", [1, 2, 3]),
    ("@.qty < '20'", [1]),
    ("5 == @.qty", [1, 3]),
    ("@.qty == 20.50", [2]),
    ("@.qty == 2.05e1", [2]),
    ("@.symbol == 'ACME'", [1]),
    ('@.symbol == "ACME"', [1]),
    ("@.symbol == ACME", [1]),
    ("@.symbol > 'B'", [2, 3]),
    ("@['symbol'] == 'ACME'", [1]),
    ("@.note == 'it\\'s'", [3]),
    ("@.note == null", [1]),
    ("@.note != null", [2, 3]),
    ("@.missing == null", []),
    ("@.missing == @.missing", []),
    ("@.done == true", [1]),
    ("@.done == 'true'", []),
    ("@.symbol =~ /.*o.*/", [2, 3]),
    ("@.symbol =~ /acme/i", [1]),
    ("/acme/i =~ @.symbol", [1]),
    ("@.symbol =~ /o/", []),
    ("@.symbol =~ /cog[.]x|b\\/c/", [3]),
    ("@.tags =~ /n.w/", [1]),
    ("@.symbol == /ACME/", []),
    ("@.symbol in ['ACME', 'Bolt']", [1, 2]),
    ('@.symbol in ["ACME"]', [1]),
    ("@.symbol nin ['ACME', 'Bolt']", [3]),
    ("'eu' in @.tags", [1]),
    ("@.tags contains 'eu'", [1]),
    ("@.symbol contains 'o'", [2, 3]),
    ("@.tags size 2", [1]),
    ("@.symbol size 5", [3]),
    ("@.tags empty true", [2]),
    ("@.tags empty false", [1]),
    ("@.tags subsetof ['eu', 'new', 'us']", [1, 2]),
    ("@.tags anyof ['us', 'eu']", [1]),
    ("@.tags noneof ['us', 'eu']", [2]),
    ("@.tags all ['eu']", [1]),
    ("@.tags == ['new', 'eu']", [1]),
    ("@.fee == {'rate': 2}", [2]),
    ("@.qty > 1 && @.done", [1]),
    ("@.qty == 20.5 || @.done == true", [1, 2]),
    ("@.fee || @.qty == 5 && @.done", [1, 2]),
    ("(@.fee || @.qty == 5) && @.done", [1]),
    ("!(@.qty == 5)", [2]),
    ("@.symbol&&@.fee", [2]),
    ("@.qty > $.limit", [2]),
    ("@.qty > $['limit']", [2]),
    ("@.fee.rate == 2", [2]),
    ("@.tags[0] == 'new'", [1]),
    ("@.tags[-1] == 'eu'", [1]),
    ("@.tags[?(@ == 'eu')]", [1]),
    ("@..rate", [2]),
    ("@.qty.length() > 0", []),
    ("'a' == 'a'", [1, 2, 3]),
]


@pytest.mark.parametrize(("filter_", "ids"), CHOSEN)
def test_a_filter_chooses_the_items_for_which_it_is_true(filter_: str, ids: list[int]) -> None:
    assert parse_path(f"$.trades[?({filter_})].id").follow(FUND) == ids


PATHS: list[tuple[str, Any]] = [
    ("$.sizes[?(@ == 1)]", [1, "1"]),
    ("$.sizes[?(@ == '1')]", [1, "1"]),
    ("$.sizes[?(@ == null)]", [None]),
    ("$.sizes[?(@ == true)]", [True]),
    ("$.sizes[?(@.a)]", [{"a": 1}]),
    ("$.manager[?(@.years > 2)].name", ["Ada"]),
    ("$.manager[?(@.years > 9)]", []),
    ("$..[?(@.years > 0)].name", ["Ada", "Bob"]),
    ("$..staff[?(@.name == 'Bob')].years", [1]),
    ("$.trades[ ? ( @.id == 2 ) ].symbol", ["Bolt"]),
    ("$.trades[?(@.id < 3)][?(@.done)].id", [1]),
    ("$.trades[?(@.id == 1)]['id','symbol']", [{"id": 1, "symbol": "ACME"}]),
    ("$.trades[*].tags[?(@ == 'eu')]", ["eu"]),
    ("$.missing[?(@.a)]", []),
]


@pytest.mark.parametrize(("text", "value"), PATHS)
def test_a_filter_on_an_object_takes_the_object_itself(text: str, value: Any) -> None:
    assert parse_path(text).follow(FUND) == value


@pytest.mark.parametrize("filter_", ["@.a in [1]", "!(@.a == 1)", "@.b || @.a === 1"])
def test_a_field_that_is_missing_before_a_filter_of_later_versions_is_an_error(filter_: str) -> None:
    with pytest.raises(PathNotFound, match=r"^Missing property in path \$\['missing'\]$"):
        parse_path(f"$.missing[?({filter_})]").follow(FUND)


REFUSED = [
    "[?@.id]",
    "[?@.id < 3]",
    "[?]",
    "[?()]",
    "[?(@.id == )]",
    "[?(@.id = 1)]",
    "[?(@.id <> 1)]",
    "[?(@.id == 1 &&)]",
    "[?(&& @.id)]",
    "[?(@.id & @.qty)]",
    "[?(@.id and @.qty)]",
    "[?(@.id + 1 == 2)]",
    "[?(true)]",
    "[?(@.id == 1]",
    "[?(@.id == 1)",
    "[?(@.symbol == 'ACME)]",
    "[?(@.symbol =~ /(/)]",
    "[?(@.symbol =~ /a**/)]",
    "[?(@.symbol in ['a')]",
    "[?(@.symbol =~ /a/g)]",
    "[?search(@.symbol, 'a')]",
    "[?(@.id like 'a')]",
]


@pytest.mark.parametrize("step", REFUSED)
def test_text_that_is_not_a_filter_is_refused(step: str) -> None:
    with pytest.raises(SyntaxProblem, match=r" is not a JSONPath: "):
        parse_path(f"$.trades{step}")


HOSTILE = [
    "$[?(" + "(" * 900 + "@" + ")" * 900 + ")]",
    "$[?(" + "!" * 1_900 + "@.a)]",
    "$" + "[?(@" * 300,
    "$[?(@.a == " + "[" * 900 + ")]",
    "$" + "[*]" * 10_000,
    f"$[{'9' * 1_000}]",
    "$['" + "a','" * 400,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_path_that_is_nested_too_deeply_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse_path(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$"])
def test_a_regular_expression_that_never_ends_is_stopped(pattern: str) -> None:
    items = [{"name": "a" * 50 + "!"}] * 100
    try:
        assert parse_path(f"$[?(@.name =~ /{pattern}/)]").follow(items) == []
    except EvaluationProblem as problem:
        assert str(problem).startswith("The path $[?(@.name =~ ")  # noqa: PT017


@pytest.mark.parametrize("text", ["$" + "..*" * 600, "$" + "[0,0]" * 350, "$..[?(@..*)]"])
def test_a_path_that_looks_at_too_many_values_is_stopped(text: str) -> None:
    doubled: Any = 1
    for _ in range(40):
        doubled = [doubled, doubled]
    with pytest.raises(EvaluationProblem, match=r" cannot be evaluated: it looks at more than 1,000,000 values$"):
        parse_path(text).follow(doubled)


def test_the_items_of_long_lists_are_not_all_compared_with_each_other() -> None:
    numbers = list(range(2_000))
    with pytest.raises(EvaluationProblem, match=r" it looks at more than 1,000,000 values$"):
        parse_path("$.all[?(@ in $.some)]").follow({"all": numbers, "some": [-1, *numbers]})
