"""references(): what a JSONata expression refers to, and what it reads where there is nothing to read from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonata import References, functions, parse_jsonata, references
from workflow_dsl.expressions.problems import SyntaxProblem


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """jsonata-python changes Python's recursion limit when it is loaded, which Hypothesis refuses during a test."""
    parse_jsonata("1")


def of(top_level: str, of_states: str, variables: str, called: str) -> References:
    """References from names with blanks between them."""
    first, second, third = (frozenset(each.split()) for each in (of_states, variables, called))
    return References(tuple(top_level.split()), first, second, third, frozenset())


def referred(expression: str) -> References:
    """What an expression refers to, but for the parts of the context object."""
    return replace(references(expression), of_context=frozenset())


# An expression, then what it reads at the top level, of $states, which variables, and which of these are called.
LEGAL: list[tuple[str, str, str, str]] = [
    ("1", "", "", ""),
    ("'phone'", "", "", ""),
    ('"phone"', "", "", ""),
    ("null", "", "", ""),
    ("true and false", "", "", ""),
    ("[1..5]", "", "", ""),
    ("{}", "", "", ""),
    ("{'phone': [1, {'x': 'y'}]}", "", "", ""),
    ("/phone[0-9]+/i", "", "", ""),
    ("/* phone */ 1 /* $$ */ + 2", "", "", ""),
    ("$contains('a /* b */ phone', /phone $x/)", "", "contains", "contains"),
    ("$states", "", "states", ""),
    ("$states.input", "input", "states", ""),
    ("$states.input.phone", "input", "states", ""),
    ("$states.input.phone.other.$string()", "input", "states string", "string"),
    ("$states.'input'", "input", "states", ""),
    ("$states.`input`.`a phone`", "input", "states", ""),
    ("$states.input.result", "input", "states", ""),
    ("$states.result.input", "result", "states", ""),
    ("$states.errorOutput.Cause", "errorOutput", "states", ""),
    ("$states.context.Execution.Id & $states.input.id", "context input", "states", ""),
    ("$states.inptu", "inptu", "states", ""),
    ("{'a': $states.result, 'b': [$states.context]}", "result context", "states", ""),
    ("$phone", "", "phone", ""),
    ("$phone.states.input", "", "phone", ""),
    ("$a.b[0].c[-1]", "", "a", ""),
    ("$a + $b * $c", "", "a b c", ""),
    ("-$a", "", "a", ""),
    ("$a ? $b : $c", "", "a b c", ""),
    ("$a ? $b", "", "a b", ""),
    ("$a in [$b..$c]", "", "a b c", ""),
    ("($a; $b)", "", "a b", ""),
    ("{$a: $b}", "", "a b", ""),
    # predicates, later steps, sorting and grouping have a context of their own
    ("$states.input[phone = 1]", "input", "states", ""),
    ("$states.input.people[phone = $x][0]", "input", "states x", ""),
    ("$states.input.people[$.phone = 1]", "input", "states", ""),
    ("$states.input.people[$count(phones) > 1]", "input", "states count", "count"),
    ("$x[[0, 1]]", "", "x", ""),
    ("$x[$ > 1]", "", "x", ""),
    ("$x.(phone)", "", "x", ""),
    ("$x.($ & phone)", "", "x", ""),
    ("$x.[phone, other]", "", "x", ""),
    ("$x.{name: phone}", "", "x", ""),
    ("$x.$string($)", "", "x string", "string"),
    ("$x.$f(phone)", "", "x f", "f"),
    ("$x.*.phone", "", "x", ""),
    ("$x.**.phone", "", "x", ""),
    ("$x.items.{'p': %.phone}", "", "x", ""),
    ("$x^(phone)", "", "x", ""),
    ("$x^(>phone, <other, $y)", "", "x y", ""),
    ("$x.people^($lower(name))", "", "x lower", "lower"),
    ("$x{phone: other}", "", "x", ""),
    ("$x.people{phone: $sum(other)}", "", "x sum", "sum"),
    ("$x.people[]", "", "x", ""),
    ("($states.input).phone", "input", "states", ""),
    ("($f(1)).phone", "", "f", "f"),
    ("[1, 2].phone", "", "", ""),
    ("{'a': 1}.phone", "", "", ""),
    ("$f(1).phone", "", "f", "f"),
    # transforms
    ("$states.input ~> |$|{'a': phone}|", "input", "states", ""),
    ("$states.input ~> |people.phones|{'a': $x & other}, ['phone']|", "input", "states x", ""),
    ("|phone|{'a': $$}|", "", "", ""),
    # what an expression binds itself is not counted
    ("($x := 1; $x + $y)", "", "y", ""),
    ("($x := $y := $z; $x)", "", "z", ""),
    ("($f := function($a, $b) { $a + $b + $c }; $f(1, 2))", "", "c", ""),
    ("function($x) { $x.phone }", "", "", ""),
    ("λ($x) { $x }", "", "", ""),
    ("function($x) { $x.phone }({'phone': 1})", "", "", ""),
    ("$map($states.input.people, function($p, $i) { $p.phone & $i })", "input", "states map", "map"),
    ("$map($x, $string)", "", "x map string", "map"),
    ("$reduce($x, function($a, $b) { $max([$a, $b]) })", "", "x reduce max", "reduce max"),
    ("$x.people@$p.phones@$q[$q.of = $p.id].{'a': $p, 'b': $q}", "", "x", ""),
    ("$x.people#$i.{'at': $i, 'y': $y}", "", "x y", ""),
    ("$x.people#$i[$i = 1].phone", "", "x", ""),
    # calls
    ("$string(1)", "", "string", "string"),
    ("$sum", "", "sum", ""),
    ("$uuid()", "", "uuid", "uuid"),
    ("$substring(?, 0, 2)", "", "substring", "substring"),
    ("$x ~> $string", "", "x string", ""),
    ("$x ~> $map($f) ~> $join(', ')", "", "x map f join", "map join"),
    ("$f($g($h))", "", "f g h", "f g"),
    ("$x.y.$string(z)", "", "x string", "string"),
    ("($f := $g; $f(1))", "", "g", ""),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "of_states", "variables", "called"), LEGAL)
def test_an_expression_that_names_nothing_at_the_top_level(
    expression: str, of_states: str, variables: str, called: str
) -> None:
    assert referred(expression) == of("", of_states, variables, called)


ILLEGAL: list[tuple[str, str, str, str, str]] = [
    ("phone", "phone", "", "", ""),
    ("`phone-number`.x", "phone-number", "", "", ""),
    ("phone.other", "phone", "", "", ""),
    ("'phone'.other", "phone", "", "", ""),
    ("phone[other = 1]", "phone", "", "", ""),
    ("phone[$x]", "phone", "", "x", ""),
    ("phone^(other)", "phone", "", "", ""),
    ("phone{a: b}", "phone", "", "", ""),
    ("phone[]", "phone", "", "", ""),
    ("phone@$p", "phone", "", "", ""),
    ("phone#$i.{'a': $i}", "phone", "", "", ""),
    ("(phone)", "phone", "", "", ""),
    ("(phone).other", "phone", "", "", ""),
    ("((phone).other).more", "phone", "", "", ""),
    ("[phone].other", "phone", "", "", ""),
    ("[1, [phone]]", "phone", "", "", ""),
    ("[phone..other]", "phone other", "", "", ""),
    ("{phone: 1}", "phone", "", "", ""),
    ("{'a': phone}", "phone", "", "", ""),
    ("{'a': {'b': phone}}.other", "phone", "", "", ""),
    ("-phone", "phone", "", "", ""),
    ("phone + other", "phone other", "", "", ""),
    ("phone & phone", "phone", "", "", ""),
    ("$a = phone", "phone", "", "a", ""),
    ("phone in $a", "phone", "", "a", ""),
    ("$a and phone", "phone", "", "a", ""),
    ("a ? b : c", "a b c", "", "", ""),
    ("$a ? b", "b", "", "a", ""),
    ("and", "and", "", "", ""),
    ("states.input", "states", "", "", ""),
    ("phone(1)", "phone", "", "", ""),
    ("$string(phone)", "phone", "", "string", "string"),
    ("$string(phone).other", "phone", "", "string", "string"),
    ("$f(?, phone)", "phone", "", "f", "f"),
    ("$f($g(phone))", "phone", "", "f g", "f g"),
    ("phone ~> $f", "phone", "", "f", ""),
    ("$x ~> $f(phone)", "phone", "", "x f", "f"),
    ("($x := phone; $x)", "phone", "", "", ""),
    ("(1; $states.input; phone)", "phone", "input", "states", ""),
    ("function($x) { phone }", "phone", "", "", ""),
    ("$map($x, function($i) { $i & phone })", "phone", "", "x map", "map"),
    ("$", "$", "", "", ""),
    ("$.phone", "$", "", "", ""),
    ("$[0]", "$", "", "", ""),
    ("$string($)", "$", "", "string", "string"),
    ("$.a & $.b", "$", "", "", ""),
    ("$(1)", "$", "", "", ""),
    ("$$", "$$", "", "", ""),
    ("$$.phone", "$$", "", "", ""),
    ("{'a': $$, 'b': $, 'c': phone}", "$$ $ phone", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "top_level", "of_states", "variables", "called"), ILLEGAL)
def test_an_expression_that_reads_something_at_the_top_level(
    expression: str, top_level: str, of_states: str, variables: str, called: str
) -> None:
    assert referred(expression) == of(top_level, of_states, variables, called)


# A regular expression may stand after an operator or a comma, but not after a bracket.
EXPRESSIONS = [row[0] for row in (*LEGAL, *ILLEGAL) if not row[0].startswith("/p")]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("around", ["({})", "[{}]", "{{'k': {}}}", "(1; {})", "/* phone */ ({})", "true ? ({}) : 1"])
def test_what_stands_around_an_expression_changes_nothing_of_what_it_refers_to(expression: str, around: str) -> None:
    assert referred(around.format(expression)) == referred(expression)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_inside_a_later_step_there_is_a_context_to_read_from(expression: str) -> None:
    alone = referred(expression)
    assert referred(f"$v.({expression})") == replace(alone, top_level=(), variables=alone.variables | {"v"})


OF_CONTEXT: list[tuple[str, set[tuple[str, ...]]]] = [
    ("$states.context.Execution.Id", {("Execution", "Id")}),
    ("$states.context.'Execution'.`Id`", {("Execution", "Id")}),
    ("{'a': $states.context.Task.Token, 'b': [$states.context.State]}", {("Task", "Token"), ("State",)}),
    ("$x[$states.context.State.Name = name]", {("State", "Name")}),
    ("$states.context.Execution.Input.(a).b", {("Execution", "Input")}),
    ("$states.context.Map.Item.$string()", {("Map", "Item")}),
    ("$states.context", set()),
    ("$states.context.*", set()),
    ("$states.input.context.Execution", set()),
    ("$context.Execution.Id", set()),
    ("context.Execution.Id", set()),
    ("$lookup($states, 'context')", set()),
    ("'$states.context.Execution.Id'", set()),
]


@pytest.mark.parametrize(("expression", "names"), OF_CONTEXT)
def test_what_an_expression_reads_of_the_context_object(expression: str, names: set[tuple[str, ...]]) -> None:
    assert references(expression).of_context - {()} == names


@pytest.mark.parametrize("expression", ["", " ", "(", "1 2", "$x[", "'open", "phone := 1", "1.phone", "/* open", "%"])
def test_what_is_no_expression_refers_to_nothing(expression: str) -> None:
    with pytest.raises(SyntaxProblem, match=r"."):
        references(expression)


@pytest.mark.parametrize("expression", ["1 /* a */", "$states.input.x /* phone */", "$x /* a */ /* b */"])
def test_a_comment_may_stand_at_the_end(expression: str) -> None:
    assert references(expression) == references(expression.partition(" /*")[0])


def test_functions_are_those_of_jsonata_and_of_the_service_without_eval() -> None:
    assert {
        "sum",
        "map",
        "string",
        "now",
        "millis",
        "partition",
        "range",
        "hash",
        "random",
        "uuid",
        "parse",
    } <= functions()
    assert "eval" not in functions()


pieces = st.sampled_from(
    "phone other $ $$ $x $y $states $states.input $string( $map( function($i){ ( ) [ ] { } , ; : ? . .. ^( | ~> := @$p #$i % * ** "
    "'a' 1 - + & = and in /a/ /* */ null `a b` !".split(" ")
)


@given(
    st.lists(pieces, max_size=9).map(" ".join)
    | st.sampled_from(EXPRESSIONS).flatmap(
        lambda text: st.tuples(st.integers(0, len(text)), st.integers(0, 3), pieces).map(
            lambda edit: text[: edit[0]] + edit[2] + text[edit[0] + edit[1] :]
        )
    )
)
@settings(max_examples=300)
def test_of_any_text_it_is_known_what_it_refers_to_or_that_it_is_no_expression(text: str) -> None:
    try:
        found = references(text)
    except SyntaxProblem:
        return
    assert found.called <= found.variables
    written = "$exists" if "??" in text else ""  # which the library makes of ??
    assert all(f"${name}" in text + written for name in found.variables)
    assert all(name in text for name in (*found.top_level, *found.of_states))
    assert not found.of_states or "$states" in text
