"""The evaluator beside the reference, jsonata 2.0.6 on node, on generated expressions.

`tox -e jsonata` installs the reference and names its folder in NODE_PACKAGES. Where the service deviates from the
reference, test_evaluation.py has what the service does; such functions are not generated here. Nor are functions as
plain values: as a condition one is true in the reference until it has been an argument, and then it is false.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonata.evaluation import FUNCTION, UNDEFINED, evaluate_jsonata
from workflow_dsl.expressions.problems import EvaluationProblem, SyntaxProblem

PACKAGE = Path(os.environ.get("NODE_PACKAGES", ""), "node_modules", "jsonata").absolute()
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not os.environ.get("NODE_PACKAGES") or not PACKAGE.is_dir(),
    reason="needs node, and jsonata 2.0.6 below NODE_PACKAGES: run tox -e jsonata",
)
DATA: dict[str, Any] = {
    "who": "Ada",
    "none": None,
    "pens": [
        {"k": "a", "n": 1, "p": 2.5, "t": ["x", "y"]},
        {"k": "b", "n": 5, "p": 2.5, "t": []},
        {"k": "a", "n": 3, "p": 10, "t": ["q"], "sub": {"k": "z", "v": [1, [2]]}},
        {"k": "c"},
    ],
    "o": {"a": 1, "b": [1, 2], "c": {"a": "deep"}},
    "grid": [[1, 2], [3], [], [[4]]],
    "empty": [],
    "one": [{"k": "only"}],
    "u": "zoë b",
}
VARIABLES: dict[str, Any] = {"s": DATA, "x": 3, "y": "text", "l": [3, 1, 2], "m": [{"k": "a", "v": 1}, {"k": "b"}]}
NAMES = st.sampled_from("k n p t pens sub v a b c o grid one empty who none missing".split())
ATOMS = st.sampled_from(
    "$s $l $m $x $y $s.pens $s.pens.n $s.o $s.grid $s.one 1 2.5 -3 0 'a' '' null true false [] {} [1,2,3] [1..3] "
    "[[1],[2,3]] $s.pens[0] $s.none $missing $ {'a':1,'b':[2]}".split(" ")
)
OPERATORS = st.sampled_from("+ - * / % = != < > <= >= & in and or".split())
# Functions by the number of their arguments.
ONE = st.sampled_from(
    "sum count max min average string length lowercase uppercase trim number floor ceil round abs sqrt boolean not keys "
    "exists spread merge reverse type sort distinct encodeUrlComponent encodeUrl clone formatBase zip single".split()
)
TWO = st.sampled_from(
    "substring substringBefore substringAfter pad contains split join append lookup power round formatBase zip".split()
)
WITH_FUNCTION = st.sampled_from("map filter each sift sort reduce single".split())
PICTURES = st.sampled_from(
    "$formatInteger({},'w') $formatInteger({},'I') $formatInteger({},'#,##0') $formatInteger({},'000;o') "
    "$fromMillis({},'[Y]-[M01]-[D]') $fromMillis({},'[FNn],[D1o],[MNn],[h]:[m01],[P]') $fromMillis({},'[X]-[W]-[F]') "
    "$formatNumber({},'#,##0.00') $formatNumber({},'0.0%') $formatNumber({},'000.##;(0)')".split(" ")
)


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    predicates = st.sampled_from("0 -1 1 $>1 n>1 k='a' [0,1] [0..1] n $count($)>1".split()) | inner
    steps = st.one_of(
        NAMES,
        NAMES,
        st.sampled_from(["*", "**", "$", "$string()", "$count(t)", "[n,p]", "{'q':n}", "'k'", "`k`", "($q:=n;$q)"]),
        inner.map("({})".format),
    )
    suffixes = st.one_of(
        st.just(""),
        st.just(""),
        predicates.map("[{}]".format),
        st.sampled_from(["[]", "^(n)", "^(>p,k)", "{k:n}", "#$i", "@$w"]),
    )
    paths = st.tuples(st.sampled_from(["$s", "$s", "$m", "$l"]) | inner.map("({})".format), st.lists(st.tuples(steps, suffixes), min_size=1, max_size=3), st.sampled_from(["", "", "", ".%", ".{'i':$i,'w':$w}", "[$i=0]"])).map(
        lambda path: path[0] + "".join(f".{step}{suffix}" for step, suffix in path[1]) + path[2]
    )  # fmt: skip
    both = st.tuples(inner, inner)
    return st.one_of(
        paths,
        paths,
        st.tuples(inner, OPERATORS, inner).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda parts: "({} ? {} : {})".format(*parts)),
        both.map(lambda parts: "[{},{}]".format(*parts)),
        both.map(lambda parts: "{{'a':{},'b':{}}}".format(*parts)),
        both.map(lambda parts: "($q:={};{})".format(*parts)),
        st.tuples(ONE, inner).map(lambda parts: "${}({})".format(*parts)),
        st.tuples(TWO, inner, inner).map(lambda parts: "${}({},{})".format(*parts)),
        st.tuples(inner, ONE).map(lambda parts: "({}).${}()".format(*parts)),
        st.tuples(inner, ONE).map(lambda parts: "{} ~> ${}".format(*parts)),
        st.tuples(WITH_FUNCTION, inner, inner).map(lambda parts: "${}({},function($v,$i){{[{}][0]}})".format(*parts)),
        st.tuples(PICTURES, inner).map(lambda parts: parts[0].format(parts[1])),
        st.tuples(inner, inner).map(lambda parts: "{} ~> |$|{{'z':{}}},'k'|".format(*parts)),
    )


EXPRESSIONS = st.recursive(ATOMS, _extended, max_leaves=6)
Ask = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def reference() -> Iterator[Ask]:
    """Start one node process for all expressions."""
    command = [str(NODE), str(Path(__file__).with_name("reference.js")), str(PACKAGE)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "TZ": "UTC"},
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        source, answers = node.stdin, node.stdout

        def ask(expression: str) -> dict[str, Any]:
            source.write(json.dumps({"expression": expression, "variables": VARIABLES}) + "\n")
            source.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        source.close()


def ours(expression: str) -> dict[str, Any]:
    try:
        value = evaluate_jsonata(expression, VARIABLES, now=lambda: datetime(2031, 1, 1, tzinfo=UTC), random=Random(1))
    except (SyntaxProblem, EvaluationProblem) as problem:
        return {"error": str(problem)}
    if value is FUNCTION:
        return {"error": "FUNCTION"}
    return {"undefined": True} if value is UNDEFINED else {"value": value}


def is_same(one: Any, other: Any) -> bool:
    """True for equal JSON; numbers may differ in their last digit, where JavaScript's pow() does.

    Where `{...}` has an empty array as its context, the reference appends undefined to that array, also in the input.
    """
    if one == [None] and other == []:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-15)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[name]) for name, value in one.items())
    return type(one) is type(other) and bool(one == other)


# An error without a code is an exception of JavaScript itself: a property of undefined is read, a comparator that is
# passed on at the end of a function is not callable, and the like. What the service does there is not known.
UNKNOWN = "none"


def agree(theirs: dict[str, Any], mine: dict[str, Any]) -> bool:
    """True if both have the same value, none, or an error. Of two errors in one expression either may come first."""
    if theirs.get("error") == UNKNOWN:
        return True
    return theirs.keys() - {"message"} == mine.keys() and is_same(theirs.get("value"), mine.get("value"))


@settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(EXPRESSIONS)
def test_a_generated_expression_has_the_value_that_the_reference_gives_it(reference: Ask, expression: str) -> None:
    theirs, mine = reference(expression), ours(expression)
    assert agree(theirs, mine), (theirs, mine)
