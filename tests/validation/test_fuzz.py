"""check() on any input: it never raises, its findings name existing parts, and are the same for every input format."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read, read_source
from workflow_dsl.findings import Finding, Key, to_pointer
from workflow_dsl.records import replace
from workflow_dsl.validation import check
from workflow_dsl.validation.rules.rule import Definition
from workflow_dsl.validation.rules_page import examples


def plain(document: Any) -> Any:
    """A copy of a document as plain JSON, with every placeholder in quotes."""
    return json.loads(json.dumps(document))


def with_states(*states: Any, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "0", "States": {str(number): state for number, state in enumerate(states)}, **fields}


def parts(value: Any, keys: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], Any]]:
    """Yield every value in a document, in its order, with its keys."""
    yield keys, value
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from parts(member, (*keys, key))


EXAMPLES: list[dict[str, Any]] = [
    plain(read(definition[kind])) for definition in examples().values() for kind in ("bad", "good")
]
EVERY_PART = [value for document in EXAMPLES for _, value in parts(document)]
NAMES = sorted({str(keys[-1]) for document in EXAMPLES for keys, _ in parts(document) if keys})
TEXTS = ["${A}", "${A", "a.$", "$.a", "$$.a", "{% $states.input.a %}", "{%", "arn:aws:states:::a:b", ""]

text = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
words = st.sampled_from(NAMES) | st.sampled_from(TEXTS) | text
values = st.recursive(
    scalars | words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)


def other_type(value: Any) -> Any:
    """A value with nearly the same content and another type."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return dict(zip(map(str, range(len(value))), value, strict=True))
    return [value] if isinstance(value, str) else str(value)


def edit_part(draw: st.DrawFn, holder: Any, key: Any) -> None:
    """Delete, replace, double or rename one part of an object or list, or change its type."""
    edit = draw(st.sampled_from(["delete", "replace", "double", "rename", "retype"]))
    if edit == "replace":
        holder[key] = plain(draw(values | st.sampled_from(EVERY_PART)))
    elif edit == "retype":
        holder[key] = plain(other_type(holder[key]))
    elif edit == "double" and isinstance(holder, list):
        holder.insert(key, plain(holder[key]))
    elif edit == "double":
        holder[draw(words)] = plain(holder[key])
    elif edit == "rename" and isinstance(holder, dict):
        holder[draw(words)] = holder.pop(key)
    else:
        del holder[key]


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A definition of examples.yaml with a few edits."""
    document = plain(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        holders: list[Any] = [value for _, value in parts(document) if isinstance(value, (dict, list)) and value]
        if holders:
            holder = draw(st.sampled_from(holders))
            edit_part(
                draw, holder, draw(st.sampled_from([*(holder if isinstance(holder, dict) else range(len(holder)))]))
            )
    return document  # type: ignore[no-any-return]


def assert_sound(findings: list[Finding], document: Any) -> None:
    """Assert that each finding has a message and the place of an existing value, in the order of the document."""
    order = {keys: rank for rank, (keys, _) in enumerate(parts(document))}
    ranks = [order[finding.where.keys] for finding in findings]
    assert ranks == sorted(ranks)
    for finding in findings:
        assert finding.severity in ("error", "warning", "note")
        assert all((finding.code, finding.message, finding.rule))
        assert finding.where.pointer == to_pointer(finding.where.keys)
        assert "\ufffd" not in json.dumps(finding.as_json())
        assert str(finding).startswith(str(finding.where))


@given(definitions(), st.sampled_from(["STANDARD", "EXPRESS"]))
@settings(max_examples=200)
def test_findings_point_to_existing_values_in_document_order(document: Any, type_: Any) -> None:
    before = plain(document)
    findings = check(document, type=type_)
    assert_sound(findings, document)
    assert check(document, type=type_) == findings
    assert json.dumps(document) == json.dumps(before)


@given(values)
@settings(max_examples=100)
def test_a_state_may_be_any_json_value(value: Any) -> None:
    for document in (
        with_states(value, {"Type": "Task", "Parameters": value}),
        with_states(value, QueryLanguage="JSONata"),
    ):
        assert_sound(check(document), document)


class Quoting(yaml.SafeDumper):
    """YAML with every string in quotes, so that none is read as a number, a date or an unquoted placeholder."""


Quoting.add_representer(str, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"'))


def in_every_form(document: Any) -> dict[str, Any]:
    text = json.dumps(document)
    forms = {
        "machine": Machine(document),
        "JSON": text,
        "indented JSON": json.dumps(document, ensure_ascii=False, indent=1),
        "bytes": json.dumps(document, ensure_ascii=False).encode(),
        "bytes with a byte order mark": b"\xef\xbb\xbf" + text.encode(),
        "YAML": yaml.dump(document, Dumper=Quoting, sort_keys=False, allow_unicode=True, width=1_000),
        "flow YAML": "--- " + yaml.dump(document, Dumper=Quoting, sort_keys=False, default_flow_style=True),
    }
    return forms | {f"{name} of a file": read_source(forms[name], "f") for name in ("JSON", "bytes", "YAML")}


def is_in(lines: list[str], finding: Finding) -> bool:
    """True if a finding's place is in the text, or at the end of one of its lines."""
    place = finding.where.place
    if place is None or place.line is None or place.column is None:
        return False
    return 0 < place.column <= place.column + place.length - 1 <= len(lines[place.line - 1]) + 1


def assert_same_findings_in_every_form(document: Any) -> None:
    expected = check(document)
    for name, form in in_every_form(document).items():
        findings = check(form)
        without_place = [replace(finding, where=replace(finding.where, place=None)) for finding in findings]
        assert (name, without_place) == (name, expected)
        if name.endswith("of a file"):
            assert [finding for finding in findings if not is_in(form.lines, finding)] == []


PASS = {"Type": "Pass", "End": True}
HARD: list[dict[str, Any]] = [
    with_states({"Type": "Pass", "Assign": {"größe": 1}, "Next": "1"}, PASS | {"Output": "{% $größe %}"}, QueryLanguage="JSONata"),
    with_states(PASS | {"Assign": {"a": 1, "b.$": "$c", "c": 1}, "Comment": "# $a"}),
    with_states({"Type": "Task", "Resource": "${A", "End": True}, {"Type": "Wait", "Seconds": "${N}", "End": True}),
    with_states(PASS | {"😀 \u2028": 'a\nb\r\n\t\x85\u2029 \\ "c"', "Next": "é"}, {"é": "é" * 90}),
    with_states({"Type": "Wait", "Seconds": 1e300, "End": "yes"}, {"Type": "Wait", "Seconds": -(10**30), "Next": 1.0}),
    with_states(PASS | {"1": 1, "null": None, "~": "", "": [[], {}], "on": True, "2026-01-31": ["=", "<<"]}),
]  # fmt: skip


@pytest.mark.parametrize("document", HARD)
def test_escapes_comments_and_yaml_keywords_do_not_change_the_findings(document: dict[str, Any]) -> None:
    assert_same_findings_in_every_form(document)


@given(definitions())
@settings(max_examples=80)
def test_every_form_of_a_definition_has_the_same_findings(document: dict[str, Any]) -> None:
    assert_same_findings_in_every_form(document)


known_substitutions = st.dictionaries(words | st.just("A"), scalars | words | st.lists(words, max_size=2), max_size=3)


@given(definitions(), st.none() | known_substitutions, st.lists(words, max_size=2))
@settings(max_examples=80)
def test_any_substitutions_are_accepted(document: Any, values: Any, ignore: list[str]) -> None:
    findings = check(document, substitutions=values, ignore=ignore)
    assert [finding for finding in findings if not finding.message] == []
    assert check(json.dumps(document), substitutions=values, ignore=ignore) == findings


NAMED_BY_STAGE = [
    '{"StartAt": "Buy ${Stage}", "States": {"Buy ${Stage}": {"Type": "Pass", "Zzz": 1, "End": true}}}',
    'StartAt: Buy ${Stage}\nStates:\n  "Buy ${Stage}":\n    Type: Pass\n    Zzz: 1\n    End: true\n',
]


@pytest.mark.parametrize("text", NAMED_BY_STAGE)
def test_a_finding_has_its_place_in_the_text_if_placeholders_in_its_keys_are_substituted(text: str) -> None:
    [original] = check(read_source(text, "f"))
    [substituted] = check(read_source(text, "f"), substitutions={"Stage": "beta"})
    assert substituted.where.pointer == "/States/Buy beta/Zzz"
    assert substituted.where.place == original.where.place
    assert original.where.place is not None


BITS = r"""
StartAt States A Type Pass : - ? { } [ ] , ' " | > # &a *a << ! !! !!int !!float !!bool !!null !!binary !!timestamp !!set
!!omap !!pairs !!map !!seq !!str !!merge !!value !Ref !Sub !GetAtt %YAML --- ... ~ 1 . 0x 1:2 = ${A} ${ {% %} \ \u é 😀
1e999 NaN
""".split()
BLANKS = [" ", "\n", "\n  ", ": ", "- ", "? ", "\t", "\r", "\0", "\x85", "\u2028", "\ufeff", "\ue000", "\ud800"]
pieces = st.lists(st.sampled_from([*BITS, *BLANKS]), max_size=14).map("".join)


@given(pieces | pieces.map("a: {}".format) | pieces.map('{{"a": {}}}'.format) | st.text())
@settings(max_examples=400)
def test_any_text_is_checked(anything: str) -> None:
    findings = check(anything)
    assert findings != []
    assert [finding for finding in findings if not finding.message] == []
    assert check(anything) == findings


def cut(whole: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with a few of them replaced."""
    edits = st.tuples(st.integers(0, len(whole)), st.integers(0, 4), st.binary(max_size=3))
    return edits.map(lambda edit: whole[: edit[0]] + edit[2] + whole[edit[0] + edit[1] :])


@given(st.binary() | st.sampled_from(EXAMPLES).map(lambda document: json.dumps(document).encode()).flatmap(cut))
@settings(max_examples=200)
def test_any_bytes_are_checked_like_their_text(anything: bytes) -> None:
    findings = check(anything)
    assert [finding for finding in findings if not finding.message] == []
    try:
        as_text = anything.decode("utf-8-sig")
    except UnicodeDecodeError:
        assert [finding.message.partition(":")[0] for finding in findings] == ["is not UTF-8"]
    else:
        assert check(as_text) == findings


not_json = st.sampled_from(
    [float("nan"), float("inf"), b"a", (1, 2), frozenset({1}), object, 10**400, "\ud800", 1j, ...]
)
objects = st.recursive(
    scalars | not_json,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | scalars | not_json, inner, max_size=3),
    max_leaves=8,
)


@given(objects | objects.map(with_states) | st.dictionaries(words, objects))
@settings(max_examples=150)
def test_any_python_object_is_checked(anything: Any) -> None:
    findings = check(anything)
    assert findings != []
    assert [finding for finding in findings if not finding.message] == []


@pytest.mark.parametrize("text", ["[1]", "- a", "text", "", "1", "a"])
def test_a_template_value_that_is_not_a_definition_is_one_finding(text: str) -> None:
    [finding] = check(read_source(text, strict=False))
    assert finding.message == "Definition must be a valid JSON object"


def test_an_object_that_contains_itself_is_one_finding() -> None:
    document: dict[str, Any] = {"StartAt": "A"}
    document["States"] = {"A": document, "B": [document]}
    assert [finding.code for finding in check(document)] == ["TOO_DEEPLY_NESTED"]


IN_JSONATA = '{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed", "Output": "{% @ %}"}}}'
DEEP: dict[str, str] = {
    "lists of YAML": "'- ' * 100_000",
    "lists of YAML in a state": r"'StartAt: A\nStates:\n  A:\n    ' + '- ' * 100_000",
    "lists of YAML, further apart": "'-  ' * 100_000",
    "keys of YAML": "'? ' * 100_000",
    "flow YAML after a comment": r"'# ' + '}' * 100_000 + '\n--- ' + '[' * 100_000",
    "flow YAML between comments": r"'--- ' + ('[' * 900 + ' # ' + ']' * 900 + '\n') * 100",
    "flow YAML": "'--- ' + '[' * 100_000",
    "lists of JSON": "'[' * 100_000",
    "objects of JSON": "'{\"a\": ' * 100_000",
    "JSON that ends": "'{\"a\": ' + '[' * 100_000 + ']' * 100_000 + '}'",
    "parentheses of JSONata": f"'{IN_JSONATA}'.replace('@', '(' * 9_000)",
    "operators of JSONata": f"'{IN_JSONATA}'.replace('@', '-' * 9_000 + '1')",
    "sums of JSONata": f"'{IN_JSONATA}'.replace('@', '1' + '+1' * 9_000)",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_text_that_is_nested_too_deeply_is_one_finding_and_does_not_crash_python(text: str) -> None:
    """It runs in a process of its own, which a stack overflow in C would crash."""
    program = f"from workflow_dsl.validation import check; print(len(check({text})))"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout, process.stderr) == (0, "1\n", "")


CHAIN = 10_000


def chain(state: dict[str, Any], last: dict[str, Any]) -> dict[str, Any]:
    states = {f"S{number}": {**state, "Next": f"S{number + 1}"} for number in range(CHAIN - 1)}
    return {"StartAt": "S0", "States": {**states, f"S{CHAIN - 1}": last}}


def test_each_of_ten_thousand_chained_states_is_visited() -> None:
    document = chain({"Type": "Pass"}, {"Type": "Succeed"})
    assert check(document) == []
    assert [state.name for state in Definition(Machine(document)).states] == [f"S{number}" for number in range(CHAIN)]


def test_a_mistake_in_each_of_ten_thousand_states_is_found_in_order() -> None:
    document = chain({"Type": "Pass", "Comment": 1}, {"Type": "Fail"})
    findings = [(finding.where.pointer, finding.message) for finding in check(document)]
    message = "Expected value of type [STRING], got 1"
    assert findings == [(f"/States/S{number}/Comment", message) for number in range(CHAIN - 1)]


def test_thousands_of_nested_states_are_too_deep_and_thousands_of_branches_are_not() -> None:
    branches = [{"StartAt": f"B{n}", "States": {f"B{n}": {"Type": "Succeed"}}} for n in range(CHAIN // 2)]
    assert check({"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}) == []
    inner: dict[str, Any] = {"Type": "Succeed"}
    for number in range(CHAIN):
        machine = {"StartAt": f"M{number}", "States": {f"M{number}": inner}}
        inner = {"Type": "Map", "ItemProcessor": machine, "End": True}
    assert [finding.code for finding in check({"StartAt": "M", "States": {"M": inner}})] == ["TOO_DEEPLY_NESTED"]
