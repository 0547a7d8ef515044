"""The names in a JSONata expression, and those that it reads where there is no context."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonata import function_names, most_arguments, references_in
from workflow_dsl.expressions.jsonata.library import functions
from workflow_dsl.expressions.jsonata.references import References
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.records import replace


def of(top_level: str, states_fields: str, variables: str, called: str) -> References:
    """References from names with spaces between them."""
    first, second, third = (frozenset(names.split()) for names in (states_fields, variables, called))
    return References(tuple(top_level.split()), first, second, third, frozenset())


def referred(expression: str) -> References:
    """The references of an expression, without the paths in the context object, bound names and operators."""
    return replace(references_in(expression), context_paths=frozenset(), named=frozenset(), on_strings=())


def test_the_names_of_an_expression_are_those_that_it_binds_too() -> None:
    assert references_in("($x := $y; $sum([$x, $.z]))").named == {"x", "y", "sum"}


# An expression, the fields of $states that it reads, its variables, and the variables that it calls.
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


@pytest.mark.parametrize(("expression", "states_fields", "variables", "called"), LEGAL)
def test_an_expression_can_refer_to_nothing_at_the_top_level(
    expression: str, states_fields: str, variables: str, called: str
) -> None:
    assert referred(expression) == of("", states_fields, variables, called)


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


@pytest.mark.parametrize(("expression", "top_level", "states_fields", "variables", "called"), ILLEGAL)
def test_names_at_the_top_level_of_an_expression_are_found(
    expression: str, top_level: str, states_fields: str, variables: str, called: str
) -> None:
    assert referred(expression) == of(top_level, states_fields, variables, called)


# A regular expression is allowed after an operator or a comma, but not after a bracket.
EXPRESSIONS = [row[0] for row in (*LEGAL, *ILLEGAL) if not row[0].startswith("/p")]


@pytest.mark.parametrize(
    "surroundings", ["({})", "[{}]", "{{'k': {}}}", "(1; {})", "/* phone */ ({})", "true ? ({}) : 1"]
)
def test_an_expression_refers_to_the_same_names_in_any_surroundings(surroundings: str) -> None:
    alone = {expression: referred(expression) for expression in EXPRESSIONS}
    assert {expression: referred(surroundings.format(expression)) for expression in EXPRESSIONS} == alone


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_later_step_of_a_path_has_a_context(expression: str) -> None:
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
def test_paths_in_the_context_object_are_found(expression: str, names: set[tuple[str, ...]]) -> None:
    assert references_in(expression).context_paths - {()} == names


@pytest.mark.parametrize("expression", ["", " ", "(", "1 2", "$x[", "'open", "phone := 1", "1.phone", "/* open", "%"])
def test_the_references_of_text_that_is_not_an_expression_are_a_syntax_problem(expression: str) -> None:
    with pytest.raises(SyntaxProblem, match=r"."):
        references_in(expression)


@pytest.mark.parametrize("expression", ["1 /* a */", "$states.input.x /* phone */", "$x /* a */ /* b */"])
def test_a_comment_at_the_end_is_allowed(expression: str) -> None:
    assert references_in(expression) == references_in(expression.partition(" /*")[0])


def test_function_names_are_those_of_jsonata_and_of_the_service_without_eval() -> None:
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
    } <= function_names()
    assert function_names() == frozenset(functions())
    most = {name: function.signature.most for name, function in functions().items()}
    assert {name: most_arguments(name) for name in function_names()} == most
    assert "eval" not in function_names()


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
def test_any_text_has_references_or_is_a_syntax_problem(text: str) -> None:
    try:
        names = references_in(text)
    except SyntaxProblem:
        return
    assert names.called <= names.variables
    assert all(f"${name}" in text for name in names.variables)
    assert all(name in text for name in (*names.top_level, *names.states_fields))
    assert not names.states_fields or "$states" in text


# Arithmetic, and its operators with an operand that is a string.
ON_STRINGS: list[tuple[str, tuple[str, ...]]] = [
    ("'a' + $b", ("+",)),
    ("$b - ('x')", ("-",)),
    ("$string(1) + 2", ("+",)),
    ("'a' & 'b' + $c", ("+",)),
    ("$x['a' * 'b']", ("*",)),
    ("$a.b + $c", ()),
    ("$string($x) & 'a'", ()),
    ("$number('1') + 1", ()),
    ("[1]['a'] + 1", ()),
    ("($string := function($x){1}; $string(1) + 2)", ()),
]


@pytest.mark.parametrize(("expression", "operators"), ON_STRINGS)
def test_arithmetic_with_a_string_is_known(expression: str, operators: tuple[str, ...]) -> None:
    assert references_in(expression).on_strings == operators
