"""JSONata 2.0.6: paths, sequences, operators and functions, by expressions and their values."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from workflow_dsl.expressions.jsonata.evaluation import FUNCTION, UNDEFINED, evaluate_jsonata
from workflow_dsl.expressions.problems import EvaluationProblem

PENS = {
    "shop": "Nib & Ink",
    "pens": [
        {"name": "fine", "ink": "blue", "price": 4, "tags": ["new"], "maker": {"name": "Zoë"}},
        {"name": "broad", "ink": "red", "price": 2.5, "tags": []},
        {"name": "brush", "ink": "blue", "price": 4, "tags": ["soft", "new"]},
    ],
    "one": [{"name": "only"}],
    "grid": [[1, 2], [3], []],
    "empty": [],
    "none": None,
    "number": 5890840712243076,
}


def value(expression: str) -> Any:
    moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    return evaluate_jsonata(expression, {"s": PENS}, now=lambda: moment, random=Random(1))


PATHS: list[tuple[str, Any]] = [
    ("$s.pens.name", ["fine", "broad", "brush"]),
    ("$s.one.name", "only"),
    ("$s.one.name[]", ["only"]),
    ("$s.one[].name", ["only"]),
    ("[$s.one.name]", ["only"]),
    ("$s.pens.tags", ["new", "soft", "new"]),
    ("$s.pens.maker.name", "Zoë"),
    ("$s.grid", [[1, 2], [3], []]),
    ("$s.grid.$", [1, 2, 3]),
    ("$s.empty.name", UNDEFINED),
    ("$s.missing", UNDEFINED),
    ("$s.none", None),
    ("$s.none.name", UNDEFINED),
    ("$s.`shop`", "Nib & Ink"),
    ("$s.'shop'", "Nib & Ink"),
    ("$s.pens[0].name", "fine"),
    ("$s.pens[-1].name", "brush"),
    ("$s.pens[1.9].name", "broad"),
    ("$s.pens[[0, 2]].name", ["fine", "brush"]),
    ("$s.pens[[1..9]].name", ["broad", "brush"]),
    ("$s.pens[price > 3].name", ["fine", "brush"]),
    ("$s.pens[maker].name", "fine"),
    ("$s.pens.tags[0]", ["new", "soft"]),
    ("($s.pens.tags)[0]", "new"),
    ("$s.pens['new' in tags].name", ["fine", "brush"]),
    ("$s.pens[tags = 'new']", UNDEFINED),
    ("$s.pens.[name, price]", [["fine", 4], ["broad", 2.5], ["brush", 4]]),
    ("$s.pens.{'n': name}.n", ["fine", "broad", "brush"]),
    ("$s.one.*", "only"),
    ("$s.**.name", ["fine", "Zoë", "broad", "brush", "only"]),
    ("$s.pens^(price).name", ["broad", "fine", "brush"]),
    ("$s.pens^(>price, <name).name", ["brush", "fine", "broad"]),
    ("$s.pens^(maker.name).name", ["fine", "broad", "brush"]),
    ("$s.pens{ink: name}", {"blue": ["fine", "brush"], "red": "broad"}),
    ("$s.pens{ink: $sum(price)}", {"blue": 8, "red": 2.5}),
    ("$s.missing{ink: name}", {}),
    ("$s.pens#$i[$i > 0].{'at': $i, 'n': name}", [{"at": 1, "n": "broad"}, {"at": 2, "n": "brush"}]),
    ("$s.pens@$p.tags.{'pen': $p.name}", UNDEFINED),
    ("$s.pens@$p.one@$o.{'pen': $p.name, 'o': $o.name}", [{"pen": name, "o": "only"} for name in ("fine", "broad", "brush")]),
    ("$s.pens.maker.%.name", "fine"),
    ("$s.pens.tags.{'tag': $, 'pen': %.name}", [{"tag": "new", "pen": "fine"}, {"tag": "soft", "pen": "brush"}, {"tag": "new", "pen": "brush"}]),
    ("$s.pens.maker[%.price = 4].%.%.shop", "Nib & Ink"),
]  # fmt: skip

OPERATORS: list[tuple[str, Any]] = [
    ("5.5 % 2", 1.5),
    ("-7 % 3", -1),
    ("7 / 2", 3.5),
    ("8 / 2", 4),
    ("0.1 + 0.2", 0.30000000000000004),
    ("9007199254740993 + 0", 9007199254740992),
    ("1 = 1.0", True),
    ("1 = true", False),
    ("$s.none = null", True),
    ("$s.missing = $s.missing", False),
    ("{'a': [1]} = {'a': [1]}", True),
    ("'b' > 'a'", True),
    ("'\uffff' < '\U0001f600'", False),
    ("$s.missing > 1", UNDEFINED),
    ("'id-' & $s.number", "id-5890840712243080"),
    ("'' & 1e21 & ' ' & 0.000001 & ' ' & 1e-7 & ' ' & 0.1 * 3", "1e+21 0.000001 1e-7 0.3"),
    ("'a' & $s.missing & null & true & [1, {'b': 'ë'}]", 'anulltrue[1,{"b":"ë"}]'),
    ("[1..3, 7, 2..1]", [1, 2, 3, 7]),
    ("1 in [1, 2]", True),
    ("true in [1]", False),
    ("'x' in 'x'", True),
    ("$s.missing or 0 or 'a'", True),
    ("$s.empty ? 1 : 2", 2),
    ("false ? 1", UNDEFINED),
    ("-(3)", -3),
    ("/* a comment */ 1", 1),
    ("($x := 1; ($x := 2; $y := $x); $x)", 1),
    ("($x := 1; ($y := $x; $x := 2; [$y, $x]))", [1, 2]),
]

FUNCTIONS: list[tuple[str, Any]] = [
    ("function($x, $y)<n-n:n>{ $x - $y }(5, 3)", 2),
    ("(7).function($x, $y)<n-n:n>{ $x - $y }(3)", 4),
    ("($add := function($a, $b) { $a + $b }; $inc := $add(?, 1); $inc(4))", 5),
    ("($sq := function($x) { $x * $x }; $f := $sum ~> $sq; $f([1, 2]))", 9),
    ("'pen' ~> $uppercase ~> $substring(1)", "EN"),
    ("[1, 2] ~> $map(function($x) { $x * 2 })", [2, 4]),
    ("$substring(?, 0, 2)('abc')", "ab"),
    ("$s.pens.$uppercase(name)", ["FINE", "BROAD", "BRUSH"]),
    ("$map([1, 2, 3], function($v, $i, $a) { $v * $i * $count($a) })", [0, 6, 18]),
    ("$map([1, 2], function($v) { $filter([$v], function($x) { true }) })", [[1], [2]]),
    ("$reduce([1, 2, 3], function($a, $b, $i) { $a + $b * $i }, 10)", 18),
    ("$sort([3, 1, 2], function($l, $r) { $l < $r })", [3, 2, 1]),
    ("$sort($s.pens, function($l, $r) { $l.price > $r.price }).name", ["broad", "fine", "brush"]),
    ("$each({'a': 1, 'b': 2}, function($v, $k) { $k & $v })", ["a1", "b2"]),
    ("$sift({'a': 1, 'b': 2}, function($v) { $v > 1 })", {"b": 2}),
    ("$single([1, 2, 3], function($v) { $v = 2 })", 2),
    ("$zip([1, 2], ['a', 'b', 'c'])", [[1, "a"], [2, "b"]]),
    ("$distinct([1, '1', true, 1, {'a': 1}, {'a': 1}])", [1, "1", True, {"a": 1}]),
    ("$merge([{'a': 1}, {'a': 2, 'b': 3}])", {"a": 2, "b": 3}),
    ("$spread({'a': 1, 'b': 2})", [{"a": 1}, {"b": 2}]),
    ("$keys([{'a': 1}, {'b': 2, 'a': 3}])", ["a", "b"]),
    ("$lookup([{'a': 1}, {'a': [2, 3]}], 'a')", [1, 2, 3]),
    ("$append([1], $s.missing)", [1]),
    ("$type($s.none) & $type([]) & $type({}) & $type($sum) & $type(1)", "nullarrayobjectfunctionnumber"),
    ("$string({'n': 'Zoë', 'f': $sum, 'x': 1/3})", '{"n":"Zoë","f":"","x":0.333333333333333}'),
    ("$string([1, {}], true)", "[\n  1,\n  {}\n]"),
    ("$number('0x1F') + $number('0b11') + $number('-1.5e1')", 19),
    ("[$round(2.5), $round(3.5), $round(-2.5), $round(1.005, 2), $round(125, -1)]", [2, 4, -2, 1, 120]),
    ("[$power(2, 10), $sqrt(9), $floor(-1.5), $ceil(1.2), $abs(-3)]", [1024, 3, -2, 2, 3]),
    ("[$formatBase(255, 2), $formatBase(-35.4, 36)]", ["11111111", "-z"]),
    ("$length('a😀')", 2),
    ("$substring('a😀b', 1, 1)", "😀"),
    ("$substring('hello', -3, 2)", "ll"),
    ("[$substringBefore('a-b', '-'), $substringAfter('a-b', '-'), $substringAfter('ab', '-')]", ["a", "b", "ab"]),
    ("$pad('7', -3, '0') & $pad('a', 3, '-=') & '|'", "007a-=|"),
    ("$trim('  a \n b ')", "a b"),
    ("$split('a1b22c', /[0-9]+/)", ["a", "b", "c"]),
    ("$split('a,b,c', ',', 2)", ["a", "b"]),
    ("$match('a1b2', /([a-z])([0-9])(x)?/).groups[0]", ["a", "b"]),
    ("$match('é1', /1/).index", 1),
    ("$replace('John Smith', /(\\w+) (\\w+)/, '$2, $1 $$5')", "Smith, John $5"),
    ("$replace('7C 8C', /([0-9])C/, function($m) { $string($number($m.groups[0]) + 1) & 'D' })", "8D 9D"),
    ("$contains('line\n', /e$/)", False),
    ("$contains('\u0665', /\\d/)", False),
    ("$encodeUrlComponent('é/?') & $encodeUrl('é/?') & $decodeUrl('%C3%A9%2F')", "%C3%A9%2F%3F%C3%A9/?é%2F"),
    ("$base64encode('pen')", "cGVu"),
    ("$formatNumber(12345.678, '#,##0.0')", "12,345.7"),
    ("[$formatNumber(12345.678, '#,##,##0'), $formatNumber(7, '0.0#,#')]", [",12,346", "7.0,"]),  # the reference's
    ("$formatNumber(-0.5, '0%;(0%)')", "(50%)"),
    ("$formatNumber(1234, '0.0e0')", "1.2e3"),
    ("[$formatInteger(2031, 'I'), $formatInteger(28, 'A'), $formatInteger(21, 'w;o'), $formatInteger(1234567, '#,##0')]", ["MMXXXI", "AB", "twenty-first", "1,234,567"]),
    ("[$parseInteger('MMXXXI', 'I'), $parseInteger('one thousand and five', 'w'), $parseInteger('1,234', '#,##0')]", [2031, 1005, 1234]),
    ("$fromMillis(0)", "1970-01-01T00:00:00.000Z"),
    ("$fromMillis(1932872889000, '[FNn,3-3] [D1o] [MNn] [Y] [h]:[m01] [P] [z]', '+0100')", "Wed 2nd April 2031 6:08 am GMT+01:00"),
    ("$fromMillis(1932872889000, '[X]-W[W01]-[F1] day [d] week [w] of [xNn]')", "2031-W14-3 day 92 week 1 of April"),
    ("$toMillis('2031-05-06T09:08:09+02:00')", 1935817689000),
    ("$toMillis('6 May 2031', '[D] [MNn] [Y]')", 1935792000000),
    ("$toMillis('2031-126', '[Y]-[d]')", 1935792000000),
    ("$toMillis('7:05 pm', '[h]:[m] [P]')", 1935860700000),
    ("$clone({'a': [1]})", {"a": [1]}),
    ("$s.one ~> |$|{'name': 'x', 'n': 1}|", [{"name": "x", "n": 1}]),
    ("{'a': {'b': 1, 'c': 2}} ~> |a|{'d': b}, 'c'|", {"a": {"b": 1, "d": 1}}),
    ("$assert(true, 'never')", UNDEFINED),
    ("$sum", FUNCTION),
    ("{'f': [$sum]}", FUNCTION),
    ("/a/", FUNCTION),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "result"), [*PATHS, *OPERATORS, *FUNCTIONS])
def test_an_expression_has_the_value_of_the_language(expression: str, result: Any) -> None:
    assert value(expression) == result


FAILING = [
    ("1 + 'a'", 'T2002: The right side of the "+" operator must evaluate to a number'),
    ("1 < 'a'", 'T2009: The values 1 and "a" either side of operator "<" must be of the same data type'),
    ("1 < null", 'T2010: The expressions either side of operator "<" must evaluate to numeric or string values'),
    ("-'a'", 'D1002: Cannot negate a non-numeric value: "a"'),
    ("[1..1.5]", "T2004: The right side of the range operator (..) must evaluate to an integer"),
    ("{1: 2}", "T1003: Key in object structure must evaluate to a string; got: 1"),
    ("{'a': 1, 'a': 2}", 'D1009: Multiple key definitions evaluate to same key: "a"'),
    ("1 / 0 + 1", "D1001: Number out of range: null"),
    ("sum([1])", "T1005: Attempted to invoke a non-function. Did you mean $sum?"),
    ("sum(?)", "T1007: Attempted to partially apply a non-function. Did you mean $sum?"),
    ("1 ~> 2", "T2006: The right side of the function application operator ~> must be a function"),
    ("[1, 'a']^($)", 'T2007: Type mismatch when comparing values 1 and "a" in order-by clause'),
    ("[1, true]^($)", "T2008: The expressions within an order-by clause must evaluate to numeric or string values"),
    ("$match('ab', /x*/)", 'D1004: Regular expression matches zero length string'),
    ("$single([1, 2])", "D3138: The $single() function expected exactly 1 matching result.  Instead it matched more."),
    ("$assert(false, 'no pen')", "D3141: no pen"),
    ("$map([1], $uppercase)", 'T0410: Argument 1 of function "map" does not match function signature'),
    ("function($x)<a<n>>{$x}(['a'])", 'T0412: Argument 1 of function "" must be an array of "numbers"'),
    ("(5).$uppercase()", 'T0411: Context value is not a compatible type with argument 1 of function "uppercase"'),
    ("$formatNumber(1, '0.0.0')", "D3081: The sub-picture must not contain more than one instance of the 'decimal-separator' character"),
    ("$fromMillis(0, '[Y')", "D3135: No matching closing bracket ']' in date/time picture string"),
    ("{'a': 1} ~> |$|1|", "T2011: The insert/update clause of the transform expression must evaluate to an object: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "message"), FAILING)
def test_an_expression_fails_with_the_message_of_the_language(expression: str, message: str) -> None:
    with pytest.raises(EvaluationProblem) as problem:
        value(expression)
    assert str(problem.value) == message
