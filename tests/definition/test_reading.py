"""Reading JSON and YAML: the document of a text, the places of its values, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflow_dsl.definition.json import DEEPEST
from workflow_dsl.definition.placeholders import UnquotedPlaceholder
from workflow_dsl.definition.reading import Source, read, read_source
from workflow_dsl.findings import Finding, FindingsError, Keys, Place, Where


def shown(text: str, place: Place) -> str:
    """The characters of a text at a place, as an editor would select them."""
    line, column = place.line or 0, place.column or 0
    return re.split(r"\r\n|\n|\r", text)[line - 1][column - 1 :][: place.length]


def refusal(document: Any, **options: Any) -> list[str]:
    with pytest.raises(FindingsError) as problem:
        read_source(document, **options)
    return [str(finding) for finding in problem.value.findings]


def marked(value: Any) -> Any:
    """The document with its unquoted placeholders as strings that say so."""
    if isinstance(value, dict):
        return {name: marked(member) for name, member in value.items()}
    if isinstance(value, list):
        return [marked(item) for item in value]
    return f"unquoted {value}" if isinstance(value, UnquotedPlaceholder) else value


JSON = r"""{
  "StartAt": "A", "Comment": "a, b: {c} [d] \"e\" \\",
	"TimeoutSeconds":	60, "é": "ü", "x": -1.5e3, "😀": "😀", "y": true,
  "States": {"A": {"Type": "Pass", "Retry": [{"MaxAttempts": null}, [], {}, "s"]}},
  "a\"b\u00e9\\": [[1], {"c": [2, {"d": "${E} ${F"}]}],
  "empty" : {} , "none" :
    [] ,
  "far"
    :
      "away",
  "": "no name", "0": "no index",
  "last": ["x",
    "y"]}
"""
CRLF = '{\r\n  "a": 1,\r\n  "b": [\r\n    "c"\r\n  ]\r\n}\r\n'
UNQUOTED = '{"a": ${A}, "b": [${B}, "${C}", ${AWS::Region}], "s": "a ${D} b \\" ${E}", "c": {"${F}": ${G}}, "d": 1}'

PLACES_IN_JSON: list[tuple[str, Keys, int, int, str]] = [
    (JSON, (), 1, 1, "{"),
    (JSON, ("StartAt",), 2, 14, '"A"'),
    (JSON, ("Comment",), 2, 30, r'"a, b: {c} [d] \"e\" \\"'),
    (JSON, ("TimeoutSeconds",), 3, 20, "60"),
    (JSON, ("é",), 3, 29, '"ü"'),
    (JSON, ("x",), 3, 39, "-1.5e3"),
    (JSON, ("😀",), 3, 52, '"😀"'),
    (JSON, ("y",), 3, 62, "true"),
    (JSON, ("States",), 4, 3, '"States"'),
    (JSON, ("States", "A"), 4, 14, '"A"'),
    (JSON, ("States", "A", "Type"), 4, 28, '"Pass"'),
    (JSON, ("States", "A", "Retry"), 4, 36, '"Retry"'),
    (JSON, ("States", "A", "Retry", 0), 4, 46, "{"),
    (JSON, ("States", "A", "Retry", 0, "MaxAttempts"), 4, 62, "null"),
    (JSON, ("States", "A", "Retry", 1), 4, 69, "["),
    (JSON, ("States", "A", "Retry", 2), 4, 73, "{"),
    (JSON, ("States", "A", "Retry", 3), 4, 77, '"s"'),
    (JSON, ('a"bé\\',), 5, 3, r'"a\"b\u00e9\\"'),
    (JSON, ('a"bé\\', 0), 5, 20, "["),
    (JSON, ('a"bé\\', 0, 0), 5, 21, "1"),
    (JSON, ('a"bé\\', 1, "c"), 5, 26, '"c"'),
    (JSON, ('a"bé\\', 1, "c", 0), 5, 32, "2"),
    (JSON, ('a"bé\\', 1, "c", 1, "d"), 5, 41, '"${E} ${F"'),
    (JSON, ("empty",), 6, 3, '"empty"'),
    (JSON, ("none",), 6, 18, '"none"'),
    (JSON, ("far",), 10, 7, '"away"'),
    (JSON, ("",), 11, 7, '"no name"'),
    (JSON, ("0",), 11, 23, '"no index"'),
    (JSON, ("last",), 12, 3, '"last"'),
    (JSON, ("last", 0), 12, 12, '"x"'),
    (JSON, ("last", 1), 13, 5, '"y"'),
    (CRLF, ("a",), 2, 8, "1"),
    (CRLF, ("b",), 3, 3, '"b"'),
    (CRLF, ("b", 0), 4, 5, '"c"'),
    (CRLF.replace("\r\n", "\r"), ("b", 0), 4, 5, '"c"'),
    (UNQUOTED, ("a",), 1, 7, "${A}"),
    (UNQUOTED, ("b",), 1, 13, '"b"'),
    (UNQUOTED, ("b", 0), 1, 19, "${B}"),
    (UNQUOTED, ("b", 1), 1, 25, '"${C}"'),
    (UNQUOTED, ("b", 2), 1, 33, "${AWS::Region}"),
    (UNQUOTED, ("s",), 1, 55, r'"a ${D} b \" ${E}"'),
    (UNQUOTED, ("c", "${F}"), 1, 89, "${G}"),
    (UNQUOTED, ("d",), 1, 101, "1"),
    ("[[], [1]]", (1, 0), 1, 7, "1"),
]  # fmt: skip

YAML = """\
# a comment: {"StartAt": 1}
StartAt: Buy Stock
Comment: "a \\"b\\" # c"
'é ü': 😀 text # more
States:
  Buy Stock: {Type: Pass, "Next": 'x', Retry: [{a: 1}, [], -2]}
  Pause:
    Type: Wait
    Seconds: ${Seconds}
    Choices:
    - Variable: $.a
    -   - deep
    - {}
nothing:
tilde: ~
block: |
  one
  two
folded:
  plain text
  on two lines
"1.5": x
? complex
: value
last: !Ref Table
"""
ANCHORS = """\
shared: &shared
  IntervalSeconds: 2
  Deep: {a: 1}
text: &text some text
A: *shared
B:
  <<: *shared
  MaxAttempts: 3
C: *text
D: [*text, *shared]
"""

PLACES_IN_YAML: list[tuple[str, Keys, int, int, str]] = [
    (YAML, ("StartAt",), 2, 10, "Buy Stock"),
    (YAML, ("Comment",), 3, 10, '"a \\"b\\" # c"'),
    (YAML, ("é ü",), 4, 8, "😀 text"),
    (YAML, ("States",), 5, 1, "States"),
    (YAML, ("States", "Buy Stock"), 6, 3, "Buy Stock"),
    (YAML, ("States", "Buy Stock", "Type"), 6, 21, "Pass"),
    (YAML, ("States", "Buy Stock", "Next"), 6, 35, "'x'"),
    (YAML, ("States", "Buy Stock", "Retry"), 6, 40, "Retry"),
    (YAML, ("States", "Buy Stock", "Retry", 0), 6, 48, "{"),
    (YAML, ("States", "Buy Stock", "Retry", 0, "a"), 6, 52, "1"),
    (YAML, ("States", "Buy Stock", "Retry", 1), 6, 56, "["),
    (YAML, ("States", "Buy Stock", "Retry", 2), 6, 60, "-2"),
    (YAML, ("States", "Pause", "Seconds"), 9, 14, "${Seconds}"),
    (YAML, ("States", "Pause", "Choices"), 10, 5, "Choices"),
    (YAML, ("States", "Pause", "Choices", 0), 11, 7, "V"),
    (YAML, ("States", "Pause", "Choices", 0, "Variable"), 11, 17, "$.a"),
    (YAML, ("States", "Pause", "Choices", 1, 0), 12, 11, "deep"),
    (YAML, ("States", "Pause", "Choices", 2), 13, 7, "{"),
    (YAML, ("tilde",), 15, 8, "~"),
    (YAML, ("block",), 16, 8, "|"),
    (YAML, ("folded",), 20, 3, "p"),
    (YAML, ("complex",), 24, 3, "value"),
    (YAML, ("last",), 25, 7, "!Ref Table"),
    (YAML, ("last", "Ref"), 25, 7, "!Ref Table"),
    ("a: 1\r\nb:\r\n- c\r\n- é: d\r\n", ("b", 1, "é"), 4, 6, "d"),
    ("a:\t1\nb: {c:\t[ 2 ]}\n", ("b", "c", 0), 2, 10, "2"),
    ("--- {a: [b, c]}\n", ("a", 1), 1, 13, "c"),
    ('--- {"a": "b"}\n', ("a",), 1, 11, '"b"'),
    ("- a\n- - b\n", (1, 0), 2, 5, "b"),
    ("scalar", (), 1, 1, "scalar"),
    (ANCHORS, ("shared",), 1, 1, "shared"),
    (ANCHORS, ("A",), 5, 1, "A"),
    (ANCHORS, ("B",), 6, 1, "B"),
    (ANCHORS, ("B", "MaxAttempts"), 8, 16, "3"),
    (ANCHORS, ("D",), 10, 1, "D"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "keys", "line", "column", "characters"), [*PLACES_IN_JSON, *PLACES_IN_YAML])
def test_the_place_of_a_scalar_is_its_own_and_that_of_another_value_is_its_key(
    text: str, keys: Keys, line: int, column: int, characters: str
) -> None:
    place = Place("f", line, column, len(characters))
    assert read_source(text, "f", strict=False).places([keys]) == {keys: place}
    assert shown(text, place) == characters


AT_KEYS: list[tuple[str, Keys, int, int, str]] = [
    (JSON, ("StartAt",), 2, 3, '"StartAt"'),
    (JSON, ("States",), 4, 3, '"States"'),
    (JSON, ('a"bé\\', 1, "c", 1, "d"), 5, 36, '"d"'),
    (JSON, ("far",), 8, 3, '"far"'),
    (JSON, ("last", 1), 13, 5, '"y"'),
    (YAML, ("é ü",), 4, 1, "'é ü'"),
    (YAML, ("States", "Buy Stock", "Next"), 6, 27, '"Next"'),
    (YAML, ("States", "Pause", "Choices", 0, "Variable"), 11, 7, "Variable"),
    (YAML, ("block",), 16, 1, "block"),
    (YAML, ("complex",), 23, 3, "complex"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "keys", "line", "column", "characters"), AT_KEYS)
def test_the_place_of_a_field_name_is_that_of_its_key(
    text: str, keys: Keys, line: int, column: int, characters: str
) -> None:
    place = Place("f", line, column, len(characters))
    assert read_source(text, "f").places([keys], at_keys=[keys]) == {keys: place}
    assert shown(text, place) == characters


def test_the_place_of_a_merged_field_is_where_it_was_written() -> None:
    assert read_source(ANCHORS, "f").places([("B", "IntervalSeconds"), ("B", "Deep"), ("B", "Deep", "a")]) == {
        ("B", "IntervalSeconds"): Place("f", 2, 20, 1),
        ("B", "Deep"): Place("f", 3, 3, 4),
        ("B", "Deep", "a"): Place("f", 3, 13, 1),
    }


def test_the_place_of_an_alias_is_where_its_value_is_written() -> None:
    assert read_source(ANCHORS, "f").places([("A", "IntervalSeconds"), ("C",), ("D", 0), ("D", 1, "Deep", "a")]) == {
        ("A", "IntervalSeconds"): Place("f", 2, 20, 1),
        ("C",): Place("f", 4, 7, 15),
        ("D", 0): Place("f", 4, 7, 15),
        ("D", 1, "Deep", "a"): Place("f", 3, 13, 1),
    }


MISSING: list[Keys] = [("nothing here",), ("States", "B"), ("States", 0), ("StartAt", "x"), ("last", 9), ("last", "0")]


@pytest.mark.parametrize("keys", MISSING)
def test_keys_without_a_value_have_no_place_in_json(keys: Keys) -> None:
    assert read_source(JSON, "f").places([keys]) == {}


def test_keys_without_a_value_have_the_place_of_the_value_around_them_in_yaml() -> None:
    source = read_source(ANCHORS, "f")
    assert source.places([("nothing here",), ("B", "x", "y"), ("D", 7)]) == {
        ("nothing here",): Place("f", 1, 1, 1),
        ("B", "x", "y"): Place("f", 6, 1, 1),
        ("D", 7): Place("f", 10, 1, 1),
    }


def test_many_places_are_found_at_once() -> None:
    places = {
        keys: Place("f", line, column, len(part)) for text, keys, line, column, part in PLACES_IN_JSON if text is JSON
    }
    assert read_source(JSON, "f").places([*places, ("absent",)]) == places


def paths(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield every value in a document, containers included, after its keys."""
    yield keys, value
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from paths(member, (*keys, key))


texts = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["${A}", "a ${B", '"', "\\", "{", "],", ": "]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts


def documents(names: st.SearchStrategy[str], leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Nested objects and lists."""
    values = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
    )
    return st.dictionaries(names, values, max_size=4)


@given(
    documents(texts, scalars),
    st.sampled_from([None, 0, 1, 4, "\t"]),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :\t"), ("\n,", "\n:\n")]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_each_value_of_any_json_is_at_its_place(
    document: Any, indent: Any, ascii_only: bool, separators: Any, line_end: str
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, separators=separators)
    text = f"\n {text}".replace("\n", line_end)  # in JSON only between values
    source = read_source(text, "f")
    assert source.document == document
    parts = dict(paths(document))
    places = source.places(parts)
    assert places.keys() == parts.keys()
    for keys, value in parts.items():
        if not isinstance(value, (dict, list)):
            expected = json.dumps(value, ensure_ascii=ascii_only)
        elif keys and isinstance(keys[-1], str):
            expected = json.dumps(keys[-1], ensure_ascii=ascii_only)
        else:
            expected = "[" if isinstance(value, list) else "{"
        assert shown(text, places[keys]) == expected


one_line = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=6)
plain_scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | one_line


@given(documents(one_line, plain_scalars), st.sampled_from([True, False, None]), st.integers(2, 6), st.booleans())
def test_each_value_of_any_yaml_is_at_its_place(document: Any, flow: bool | None, indent: int, unicode: bool) -> None:
    text = (
        f"---\n{yaml.safe_dump(document, default_flow_style=flow, indent=indent, allow_unicode=unicode, width=10_000)}"
    )
    source = read_source(text, "f")
    assert source.document == document
    parts = {keys: value for keys, value in paths(document) if keys}
    places = source.places(parts)
    assert places.keys() == parts.keys()
    for keys, value in parts.items():
        if not isinstance(value, (dict, list)):
            assert yaml.safe_load(shown(text, places[keys])) == value
        elif isinstance(keys[-1], str):
            assert yaml.safe_load(shown(text, places[keys])) == keys[-1]


PARTS_OF_A_TEMPLATE = [
    "Resources:\n  Machine:\n    Definition:\n      StartAt: A\n      States: {A: {Type: Pass}}\n",
    '{"Resources": {"Machine": {"Definition":\n {"StartAt": "A",\n "States": {"A": {"Type": "Pass"}}}}}}',
]


@pytest.mark.parametrize("text", PARTS_OF_A_TEMPLATE)
def test_a_subdocument_has_its_places_in_the_whole_text(text: str) -> None:
    whole = read_source(text, "t", strict=False)
    part = whole.subdocument("Resources").subdocument("Machine", "Definition")
    assert part.document == {"StartAt": "A", "States": {"A": {"Type": "Pass"}}}
    all_keys: list[Keys] = [(), ("StartAt",), ("States", "A", "Type")]
    prefix = ("Resources", "Machine", "Definition")
    assert list(part.places(all_keys).values()) == list(whole.places((*prefix, *keys) for keys in all_keys).values())
    assert part.subdocument("States", "A").places([("Type",)])[("Type",)] == part.places(all_keys)[all_keys[2]]
    assert whole.subdocument().document == whole.document


def test_findings_get_places_if_the_text_has_a_file_name() -> None:
    finding = Finding("X", "error", Where(("StartAt",)), "is wrong")
    assert read_source(JSON, "f").with_places([finding]) == [finding.at(Place("f", 2, 14, 3))]
    assert read_source(JSON).with_places([finding]) == [finding]
    assert read_source({"StartAt": "A"}, "f").with_places([finding]) == [finding]
    assert read_source(JSON, "f").with_places([]) == []


def test_lines_end_as_in_an_editor() -> None:
    assert Source(None, "a\nb\r\n\rd\u2028e").lines == ["a", "b", "", "d\u2028e"]


REPEATED: list[tuple[str, Any, list[Keys]]] = [
    ('{"a": 1}', {"a": 1}, []),
    ('{"a": 1, "a": 2}', {"a": 2}, [("a",)]),
    ('{"a": [{"b": 1, "c": {}, "b": 2}]}', {"a": [{"b": 2, "c": {}}]}, [("a", 0, "b")]),
    ('{"a": 1, "\\u0061": 2, "a": 3}', {"a": 3}, [("a",)]),
    ('{"a": ${A}, "b": 1, "b": 2}', {"a": "${A}", "b": 2}, [("b",)]),
    ('{"a": {"b": 1, "b": 2}, "a": {"c": 1, "c": 2}}', {"a": {"c": 2}}, [("a",), ("a", "c")]),
]


@pytest.mark.parametrize(("text", "document", "repeated"), REPEATED)
def test_the_last_of_a_field_that_json_has_twice_in_an_object_counts(
    text: str, document: Any, repeated: list[Keys]
) -> None:
    source = read_source(text)
    assert (source.document, source.repeated_fields) == (document, repeated)


TWICE_IN_YAML: list[tuple[str, list[str]]] = [
    ("a: 1\n'a': 2\n", ['is neither JSON nor YAML: the field "a" occurs twice in one object at line 2, column 1; keep one of the two']),
    ("a:\n- {b: 1, b: 1}\n", ['is neither JSON nor YAML: the field "b" occurs twice in one object at line 2, column 10; keep one of the two']),
]  # fmt: skip


@pytest.mark.parametrize(("text", "findings"), TWICE_IN_YAML)
def test_a_field_that_yaml_has_twice_in_a_mapping_is_refused(text: str, findings: list[str]) -> None:
    assert refusal(text) == findings


MERGES: list[tuple[str, Any]] = [
    ("a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n", {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}}),
    ("a: &a {x: 1}\nb: &b {y: 2}\nc: {<<: [*a, *b], z: 3}\n", {"a": {"x": 1}, "b": {"y": 2}, "c": {"x": 1, "y": 2, "z": 3}}),
    ("a: &a {x: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: *b}\n", {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 2}}),
    ("a: &a {x: 1}\nin: {b: &b {<<: *a, x: 2}}\nc: {<<: *b}\n", {"a": {"x": 1}, "in": {"b": {"x": 2}}, "c": {"x": 2}}),
    ("a: &a {x: 1}\nb: {c: {x: 1}, x: {x: 2}}\nd: *a\n", {"a": {"x": 1}, "b": {"c": {"x": 1}, "x": {"x": 2}}, "d": {"x": 1}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "document"), MERGES)
def test_a_field_beside_a_merge_overrides_the_merged_one_and_is_not_a_duplicate(text: str, document: Any) -> None:
    assert read_source(text).document == document


NOT_STRICT: list[tuple[Any, Any]] = [
    ("a: 1\na: 2\n", {"a": 2}),
    ("- {a: 1, a: 2}\n", [{"a": 2}]),
    ("[1, {}]", [1, {}]),
    ("text", "text"),
    ("", None),
    ("# nothing", None),
    (b"\xef\xbb\xbf- \xc3\xa9", ["é"]),
    ([1], [1]),
    ("!Sub ${A}", {"Fn::Sub": "${A}"}),
    ("On: {no: 1, Yes: [off]}\n", {"On": {"no": 1, "Yes": [False]}}),
    ("Ami: {64: a, 012345678901: b, 1.50: 2}\n", {"Ami": {"64": "a", "012345678901": "b", "1.50": 2}}),
    ("- !Ref A\n- !Condition B\n- !GetAtt [A, Arn]\n- !If {a: !Ref B}\n- !Sub [a, {b: c}]\n",
     [{"Ref": "A"}, {"Condition": "B"}, {"Fn::GetAtt": ["A", "Arn"]}, {"Fn::If": {"a": {"Ref": "B"}}}, {"Fn::Sub": ["a", {"b": "c"}]}]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "document"), NOT_STRICT)
def test_a_document_that_is_not_strict_can_be_any_value_and_have_a_yaml_key_twice(text: Any, document: Any) -> None:
    assert read_source(text, strict=False).document == document


PLACEHOLDERS: list[tuple[str, Any]] = [
    ('{"a": ${A}}', {"a": "unquoted ${A}"}),
    ('{"a":${A},"b":${AWS::Region}}', {"a": "unquoted ${A}", "b": "unquoted ${AWS::Region}"}),
    ('{"a": [${A}, "${B}", [${C}]]}', {"a": ["unquoted ${A}", "${B}", ["unquoted ${C}"]]}),
    ('{"a": {"b": [{"c": ${C}}, ${D}]}}', {"a": {"b": [{"c": "unquoted ${C}"}, "unquoted ${D}"]}}),
    ('{"a": "x ${A}", "b": ${B}, "c": "${C} \\" ${D}"}', {"a": "x ${A}", "b": "unquoted ${B}", "c": '${C} " ${D}'}),
    ('{"a": "\\\\", "b": ${B}, "${C}": "${"}', {"a": "\\", "b": "unquoted ${B}", "${C}": "${"}),
    ('{"a": "${A}"}', {"a": "${A}"}),
    ('[${A}, [${B}], {"c": ${C}}]', ["unquoted ${A}", ["unquoted ${B}"], {"c": "unquoted ${C}"}]),
    ("a: ${A}\n", {"a": "unquoted ${A}"}),
    ("a: [x]\nb:\n- ${B}\n- '${C}'\n- \"${D}\"\n- x${E}\n- ${F}${G}\n",
     {"a": ["x"], "b": ["unquoted ${B}", "${C}", "${D}", "x${E}", "${F}${G}"]}),
    ("a: |-\n  ${A}\nb: >-\n  ${B}\n", {"a": "${A}", "b": "${B}"}),
    ("${A}: ${B}\n", {"${A}": "unquoted ${B}"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "document"), PLACEHOLDERS)
def test_an_unquoted_placeholder_is_distinguished_from_a_string(text: str, document: Any) -> None:
    assert marked(read_source(text, strict=False).document) == document


MISPLACED = [
    ('{"a": ${A}${B}}', "is not JSON: Expecting ',' delimiter at line 1, column 11; add a comma before it"),
    ('{"a": ${A B}}', "is not JSON: Expecting value at line 1, column 7; write a value"),
    ('{"a": ${}}', "is not JSON: Expecting value at line 1, column 7; write a value"),
    ('{"a": 1,\n "b" ${B}}', "is not JSON: Expecting ':' delimiter at line 2, column 6; add a colon after the name"),
    ('{"a": "x ${A}", b}', "is not JSON: Expecting property name enclosed in double quotes at line 1, column 17; write the name in double quotes"),
    ("a: {b: ${B}}", "is neither JSON nor YAML: a missing comma or bracket at line 1, column 9; add it, or put the value in quotes"),
]  # fmt: skip


ALIGN = "indent the line like the others of its block, or put the whole value in quotes"
NOT_YAML: list[tuple[str, str]] = [
    ("a:\n\tb: 1\n", "a tab as indentation at line 2, column 1; indent with spaces"),
    ("a: {b: 1\nc: 2\n", "an open bracket { at line 1, column 4; close it"),
    ("a: [1, 2\nb: 3\n", "an open bracket [ at line 1, column 4; close it"),
    ("a: {b: 1]}\n", "a missing comma or bracket at line 1, column 9; add it, or put the value in quotes"),
    ("a: [\n", "a missing value or bracket at line 2, column 1; add it"),
    ("a: 'x\nb: 1\n", "an open quote ' at line 1, column 4; close it"),
    ("é: b: c\n", f"a colon where none is allowed at line 1, column 5; {ALIGN}"),
    ("a:\n  b: 1\n c: 2\n", f"text that does not fit there at line 3, column 2; {ALIGN}"),
    ("- a\nb: 1\n", f"text that does not fit there at line 2, column 1; {ALIGN}"),
    ("a: 1\nb\nc: 2\n", "a name without a colon at line 2, column 1; write NAME: VALUE"),
    ("a: @b\n", "a value that begins with @ at line 1, column 4; put it in quotes"),
    ("a: *b\n", "an alias that is not defined at line 1, column 4; define it with &NAME, or put the value in quotes"),
    ('a: "\\d"\n', "an unknown escape sequence at line 1, column 5; use single quotes, or write \\\\ for a backslash"),
    ("a: 1\n---\nb: 1\n", "a second document at line 2, column 1; keep one, and remove the line ---"),
]


@pytest.mark.parametrize(("text", "finding"), NOT_YAML)
def test_a_mistake_in_yaml_is_named_at_its_place(text: str, finding: str) -> None:
    assert refusal(text) == [f"is neither JSON nor YAML: {finding}"]


@pytest.mark.parametrize(("text", "finding"), MISPLACED)
def test_a_mistake_beside_an_unquoted_placeholder_is_refused_at_its_place(text: str, finding: str) -> None:
    assert refusal(text) == [finding]


# With backtracking, each of these takes minutes.
UNENDING: list[tuple[str, str]] = [
    ('\\"', "\\\n"),
    ('\\"${', "\\\n"),
    ('\\"', "\\"),
    ("${A ", ""),
    ('${"', ""),
]


@pytest.mark.parametrize(("repeated", "end"), UNENDING)
def test_a_long_text_with_an_unclosed_string_or_placeholder_is_refused(repeated: str, end: str) -> None:
    [finding] = refusal(f'{{"a": ${{A}}, "b": "{repeated * 64_000}{end}', file="f")
    assert finding.startswith("f:1:")
    assert "is not JSON: " in finding


def test_an_unquoted_placeholder_is_refused_as_a_key() -> None:
    assert refusal('{"a": 1, ${B}: 2}') == ["has the placeholder ${B} as a key; put it in quotes"]


def test_text_that_cannot_be_parsed_is_refused_where_the_parser_stopped() -> None:
    assert refusal('{"a": 1,\n "b" x}', file="f") == [
        "f:2:6: is not JSON: Expecting ':' delimiter at line 2, column 6; add a colon after the name"
    ]
    assert refusal("a:\n  - b\n c", file="f")[0].startswith("f:3:")


def test_braces_in_a_yaml_file_may_have_what_only_yaml_allows() -> None:
    text = '{\n  # the first\n  "a": 1,\n  b: [x, y,],\n}'
    source = read_source(text, "f.yaml")
    assert source.document == {"a": 1, "b": ["x", "y"]}
    assert source.places([("b", 1)]) == {("b", 1): Place("f.yaml", 4, 10, 1)}
    comment = "remove the comment, which JSON does not allow; states and state machines have a Comment field"
    expecting = "is not JSON: Expecting property name enclosed in double quotes at line 2, column 3"
    assert refusal(text, file="f.json") == [f"f.json:2:3: {expecting}; {comment}"]


def test_a_mistake_in_json_in_a_yaml_file_is_refused_as_one_of_json() -> None:
    assert refusal('{"a": 1\n "b": 2}', file="f.yml") == [
        "f.yml:2:2: is not JSON: Expecting ',' delimiter at line 2, column 2; add a comma before it"
    ]


def test_brackets_and_dashes_in_strings_and_comments_do_not_nest() -> None:
    brackets, dashes = ["["] * 3_000, "- " * 3_000 + "-"
    text = f"# {dashes} {'{' * 3_000}\na: {json.dumps(brackets)}\nb: '{dashes}'\n"
    assert read_source(text).document == {"a": brackets, "b": dashes}


NOT_JSON_IN_YAML: list[tuple[str, str]] = [
    ("a: 2026-01-31", ""),
    ("a: .inf", "a: is a float that JSON cannot represent; put it in quotes"),
    ("a: [1, .NaN]", "a[1]: is a float that JSON cannot represent; put it in quotes"),
    ("a: !!binary aGk=", "a: is a bytes that JSON cannot represent; put it in quotes"),
    ("States: {A: {b: !!timestamp 2026-01-31}}", '"A" b: is a date that JSON cannot represent; put it in quotes'),
    ("a: {yes: 1}", "a: has "),
    ("a: {~: 1}", "a: has "),
    ('a: "\\ud800"', "is neither JSON nor YAML"),
    ("a: !!int ''", "is neither JSON nor YAML"),
    ("a: !!int '-'", "is neither JSON nor YAML"),
    ("a: !!float ''", "is neither JSON nor YAML"),
    ("a: !!float x", "is neither JSON nor YAML"),
    ("a: !!bool x", "is neither JSON nor YAML"),
    ("a: !!timestamp x", "is neither JSON nor YAML"),
    ("a: !!timestamp 2026-02-31", "is neither JSON nor YAML"),
    ("a: !!map x", "is neither JSON nor YAML"),
    ("a: !!seq {}", "is neither JSON nor YAML"),
    ("a: !!omap [a]", "is neither JSON nor YAML"),
    ("a: !!nothing x", "is neither JSON nor YAML"),
    ("a: *b", "is neither JSON nor YAML"),
    ("{a: 1}", "is not JSON"),
    ("a: 1\n---\nb: 2\n", "is neither JSON nor YAML"),
    ("? [a]\n: 1\n", "is neither JSON nor YAML"),
    ("<<: 1\n", "is neither JSON nor YAML"),
    ("a: =\n", "is neither JSON nor YAML"),
    ("a: !Sub &b [*b]\n", "is neither JSON nor YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "beginning"), NOT_JSON_IN_YAML)
def test_yaml_that_json_cannot_represent_is_refused_with_one_finding(text: str, beginning: str) -> None:
    if beginning:
        [finding] = refusal(text)
        assert finding.startswith(beginning)
    else:
        assert read_source(text).document == {"a": "2026-01-31"}


@pytest.mark.parametrize("document", [None, 1, "x", [], [{}], "[]", b"null", "- a"])
def test_a_definition_that_is_not_an_object_is_refused(document: Any) -> None:
    text = 'Definition must be a valid JSON object; begin with {"StartAt": ..., "States": {...}}'
    assert refusal(document) == [text]
    assert refusal(document, file="f") == [f"f: {text}"]
    with pytest.raises(FindingsError, match="must be a valid JSON object"):
        read(document)


@pytest.mark.parametrize("text", ['{"a": [1]}', b'\xef\xbb\xbf{"a": [1]}', "a: [1]", b"a:\n- 1\n", {"a": [1]}])
def test_read_accepts_a_string_bytes_and_a_dict(text: Any) -> None:
    assert read(text) == {"a": [1]}


PLAIN: list[tuple[str, bool]] = [
    ('{"a": [1, {"b": "${C}"}]}', True),
    ('{"a": ${A}}', True),
    ('{"a": "é"}', False),
    ('{"a": "\\u00e9"}', False),
    ('{"a": "\\\\u00e9"}', False),
    ("a: 1", False),
    ('{"a": ' + "[" * (DEEPEST - 2) + "]" * (DEEPEST - 2) + "}", True),
    ('{"a": ' + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1) + "}", False),
]


@pytest.mark.parametrize(("text", "is_plain"), PLAIN)
def test_plain_json_is_ascii_without_escapes_and_with_few_brackets(text: str, is_plain: bool) -> None:
    assert read_source(text).is_plain_json == is_plain


numbers = (
    st.integers()
    | st.integers(0, 450).map(lambda digits: -(10**digits))
    | st.sampled_from(["1e400", "-1E+999", "1e-999"])
)
nested = st.integers(1, DEEPEST + 3).map(lambda depth: "[" * depth + "]" * depth)
rough = documents(texts | st.just("\ud800"), numbers | texts | st.just("\ud800") | nested)


@given(rough, st.booleans(), st.booleans())
@example({"a": 10**300}, True, True)
@example({"a": "\ud800"}, True, True)
@example({"a": "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)}, True, False)
@settings(max_examples=200)
def test_plain_json_has_no_value_that_would_be_refused(document: Any, ascii_only: bool, quoted: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only)
    if not quoted:  # for numbers and lists that json.dumps cannot write
        text = re.sub(r'"(-?1[eE][^"]*|\[+\]+)"(?!:)', r"\1", text)
    try:
        source = read_source(text)
    except FindingsError:
        return
    if source.is_plain_json:
        assert read_source(source.document).document == source.document


def test_a_key_with_a_line_break_in_a_template_has_its_place() -> None:
    source = read_source('{"Resources": {"a\tb": {"Type": "x"}}}', "template.json", strict=False)
    keys = ("Resources", "a\tb", "Type")
    assert source.places([keys])[keys].column == 32


def test_a_template_may_have_unquoted_placeholders_and_a_string_over_two_lines() -> None:
    text = '{"Resources": {"M": {"Comment": "one\ntwo", "Seconds": ${Pause}}}}'
    machine = read_source(text, strict=False).document["Resources"]["M"]
    assert machine == {"Comment": "one\ntwo", "Seconds": "${Pause}"}
