"""The steps of paths: names, indexes, slices, wildcards and scans, and odd names."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import PathNotFound, SyntaxProblem

SHOP: dict[str, Any] = {
    "shelves": [{"no": 1, "1st": "pen", "box": {"id": 7, "in": 2}}, {"no": 2}, {"no": 3, "box": {"id": 8}}],
    "codes": [10, 20, 30, 40],
    "grid": [[1, 2], [3]],
    "a,b": 1,
    "a:b": 2,
    "c-d": 3,
    "$e": 4,
    "@f": 5,
    "not": {"or": 6},
    "nothing": None,
    "empty": [],
}

READ: list[tuple[str, Any]] = [
    ("$['not','a:b']", {"not": {"or": 6}, "a:b": 2}),
    ("$['missing' , 'a:b']", {"a:b": 2}),
    ("$.['no','nope']", {}),
    ("$.shelves[*]['no','1st']", [{"no": 1, "1st": "pen"}, {"no": 2}, {"no": 3}]),
    ("$..['id','in']", [{"id": 7, "in": 2}]),
    ("$.shelves[0]['no','box'].missing[*]", PathNotFound),
    ("$..['nope','no'].x", []),
    ("$.shelves[0]no", 1),
    ("$.shelves[0]box.id", 7),
    ("$['not']or", 6),
    ("$.shelves[*]1st", ["pen"]),
    ("$.shelves[?(@.id)]no", []),
    ("$.a,b", 1),
    ("$.a:b", 2),
    ("$.c-d", 3),
    ("$.$e", 4),
    ("$.@f", 5),
    ("$.not.or", 6),
    ("$.shelves[*].1st", ["pen"]),
    ("$..1st", ["pen"]),
    ("$..in", [2]),
    ("$..not", [{"or": 6}]),
    ("$..or", [6]),
    ("$..missing", []),
    ("$..true", []),
    ("$..null", []),
    ("$..contains", []),
    ("$..box.id", [7, 8]),
    ("$..box..id", [7, 8]),
    ("$.shelves..box['id']", [7, 8]),
    ("$.shelves..[?(@.id)].id", [7, 8]),
    ("$..grid[0]", [[1, 2]]),
    ("$..grid[*][0]", [1, 3]),
    ("$.grid..*", [[1, 2], [3], 1, 2, 3]),
    ("$.grid[*][*]", [1, 2, 3]),
    ("$.*[?(@.box)].no", [1, 3]),
    ("$.nothing[*]", []),
    ("$.nothing..x", []),
    ("$.empty[*]", []),
    ("$.empty[0:1]", []),
    ("$.empty[0,1]", []),
    ("$.codes[-1]", 40),
    ("$.codes[ 1 ]", 20),
    ("$.codes[(@.length-1)]", 40),
    ("$.codes[ ( @.length() - 2 ) ]", 30),
    ("$.codes[0,2]", [10, 30]),
    ("$.codes[0 , -1, 9]", [10, 40]),
    ("$.codes[0,0]", [10, 10]),
    ("$.codes[1:3]", [20, 30]),
    ("$.codes[1:]", [20, 30, 40]),
    ("$.codes[:2]", [10, 20]),
    ("$.codes[-2:]", [30, 40]),
    ("$.codes[:-1]", [10, 20, 30]),
    ("$.codes[-3:-1]", [20, 30]),
    ("$.codes[1:-1]", []),
    ("$.codes[3:1]", []),
    ("$.codes[2:99]", [30, 40]),
    ("$.codes[0:2:1]", [10, 20]),
    ("$.codes.[0]", 10),
    ("$.codes[0] ", 10),
    ("$.codes.length", PathNotFound),
    ("$[0]", PathNotFound),
    ("$[0:2]", PathNotFound),
    ("$[0,1]", PathNotFound),
    ("$.codes.x[*]", PathNotFound),
    ("$.codes[9][*]", PathNotFound),
    ("$.nothing[0]", PathNotFound),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_a_path_reads_as_jayways_does(text: str, value: Any) -> None:
    path = parse_path(text)
    if value is PathNotFound:
        with pytest.raises(PathNotFound):
            path.follow(SHOP)
    else:
        assert path.follow(SHOP) == value


REFUSED = [
    ("$.codes[::2]", "a slice needs a start or an end"),
    ("$.codes[:]", "a slice needs a start or an end"),
    ("$.codes[99999999999]", "the index 99999999999 is larger than 2147483647"),
    ("$.codes[1-]", "'[1-]' is not a step; "),
    ("$.codes[0,'a']", "\"[0,'a']\" is not a step; "),
    ("$.codes[]", "'[]' is not a step; "),
    ("$.codes[a]", "'[a]' is not a step; "),
    ("$['it's']", "\"['it's']\" is not a step; "),
    ("$.codes[?@ > 1]", "the filter '[?@ > 1]' is not of the form [?(@.name == 'value')]"),
    ("$ .codes", "there is a space before 'codes'; "),
    ("$. codes", "there is a space before 'codes'; "),
    ("$.codes [0]", "there is a space before '[0]'; "),
    ("$.two words", "there is a space before 'words'; "),
    ("$.codes.", "it ends with a dot"),
    ("$.codes..", "it ends with a dot"),
    ("$..", "it ends with a dot"),
    ("$...codes", "'...codes' is not a step; "),
    ("$.codes[0]*", "'*' is not a step; "),
    ("$.codes[0", "'[0' is not a step; "),
    ("$*", "'*' is not a step; "),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_text_that_jayway_refuses_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(SyntaxProblem) as problem:
        parse_path(text)
    assert str(problem.value).startswith(f"{text!r} is not a JSONPath: {reason}")
