"""folded(): the findings of one cause are one, with the places of the others."""

from __future__ import annotations

import pytest

from workflow_dsl.findings import Finding, Keys, Place, Severity, Where, to_field
from workflow_dsl.records import replace
from workflow_dsl.views.folding import by_application, folded


def finding(
    state: str | None, severity: Severity = "warning", code: str = "A", message: str = "is odd", file: str = "m.json"
) -> Finding:
    where = Where(("States", str(state)), state, place=Place(file, 1))
    return Finding(code, severity, where, message, rule="a-rule")


FOLDED: list[tuple[list[Finding], list[tuple[str | None, int, list[str]]]]] = [
    ([], []),
    ([finding("S")], [("S", 1, [])]),
    ([finding("S"), finding("T"), finding("U")], [("S", 3, ['2 more like it: "T", "U"'])]),
    ([finding("S"), finding("S"), finding("S")], [("S", 3, ['2 more like it: "S"'])]),
    ([finding(None), finding(None)], [(None, 2, ["1 more like it"])]),
    ([finding("S", "error"), finding("T", "error")], [("S", 1, []), ("T", 1, [])]),
    ([finding("S"), finding("T", code="B"), finding("U")], [("S", 2, ['1 more like it: "U"']), ("T", 1, [])]),
    ([finding("S"), finding("T", message="is older")], [("S", 1, []), ("T", 1, [])]),
    ([finding("S"), finding("T", "note")], [("S", 1, []), ("T", 1, [])]),
    ([finding("S", "note"), finding("T", "note", message="is older")], [("S", 2, ['1 more like it: "T"'])]),
    (
        [
            finding("S", code="MISSING_FIELD", message="reads $.a, but $ has only b"),
            finding("T", code="MISSING_FIELD", message="reads $.c, but $ has only b"),
            finding("U", code="MISSING_FIELD", message="reads $.a, but $ has only d"),
        ],
        [("S", 2, ['1 more like it: "T"']), ("U", 1, [])],
    ),
    (
        [
            finding("S", code="MISSING_FIELD", message="reads $.a, but $ has only b"),
            finding("T", code="MISSING_FIELD", message="reads $.a, but $ has only b, t"),
            finding("U", code="MISSING_FIELD", message="reads $.a, but $ has only b, t, u (the result of x)"),
            finding("V", code="MISSING_FIELD", message="reads $.a, but $ has only bt"),
        ],
        [("S", 3, ['2 more like it: "T", "U"']), ("V", 1, [])],
    ),
    (
        [
            finding("S", code="UNKNOWN_ERROR", message="States.A is not an error of the service"),
            finding("T", code="UNKNOWN_ERROR", message="States.B is not an error of the service"),
        ],
        [("S", 2, ['1 more like it: "T"'])],
    ),
    (
        [
            replace(finding("S", code="NO_DOLLAR"), where=Where(("States", "S", *keys), "S", to_field(keys)))
            for keys in (("Parameters", "a"), ("Parameters", "b"), ("Parameters", "d", "e"), ("ResultSelector", "c"))
        ],
        [("S", 3, ["and: Parameters.b, Parameters.d.e"]), ("S", 1, [])],
    ),
    ([finding("S"), finding("T", file="n.json")], [("S", 2, ['1 more like it: "T" in n.json'])]),
    (
        [finding("S"), finding("T"), finding("U", file="n.json")],
        [("S", 3, ['2 more like it: "T"; "U" in n.json'])],
    ),
]


@pytest.mark.parametrize(("findings", "expected"), FOLDED)
def test_warnings_that_differ_only_in_their_place_are_one(
    findings: list[Finding], expected: list[tuple[str | None, int, list[str]]]
) -> None:
    assert [(each.first.where.state, each.count, each.lines) for each in folded(findings)] == expected


def test_a_long_list_of_states_is_cut() -> None:
    [repeated] = folded(finding(f"S{number}") for number in range(20))
    assert repeated.lines == [
        '19 more like it: "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", 8 others'
    ]


def of_role(code: str, role: str, message: str, remedy: str = "remove it", *keys: str) -> Finding:
    at: Keys = ("Resources", role, "Properties", *keys)
    return Finding(code, "error" if code.startswith("MISSING") else "warning", Where(at), message, remedy)


def of_resource(message: str, line: int, code: str = "UNKNOWN_REFERENCE") -> Finding:
    return Finding(code, "error", Where(("Resources", "R"), None, place=Place("t.yaml", line)), message, "remedy")


IN_TEMPLATE = [
    (
        [
            of_resource("M: Role refers to X, which the template does not define", 3),
            of_resource("P: Roles refers to X, which the template does not define", 7),
            of_resource("P: Roles refers to Y, which the template does not define", 7),
        ],
        [("M: Role refers to X, which the template does not define", ["and: P: Roles, line 7"])],
    ),
    (
        [of_resource("F: a.py has no b", 2, "NO_HANDLER"), of_resource("G: c.py has no b", 2, "NO_HANDLER")],
        [("F: a.py has no b", ["and: G: c.py has no b, line 2"])],
    ),
    ([of_resource("F: a.py has no b", 2, "NO_HANDLER"), of_resource("G: c.py has no b", 3, "NO_HANDLER")], []),
]


@pytest.mark.parametrize(("findings", "expected"), IN_TEMPLATE)
def test_errors_that_one_edit_of_the_template_mends_are_one(
    findings: list[Finding], expected: list[tuple[str, list[str]]]
) -> None:
    assert [(each.first.message, each.lines) for each in folded(findings) if each.others] == expected


LACKING = "MISSING_PERMISSION"
OF_A_ROLE: list[tuple[list[Finding], list[tuple[str, list[str]]]]] = [
    (
        [of_role(LACKING, "R", "M: it needs a", "add a"), of_role(LACKING, "R", "M: it needs b", "add b")],
        [("M: it needs a", ["and: it needs b; add b"])],
    ),
    (
        [of_role(LACKING, "R", "M: it needs a", "add a"), of_role(LACKING, "R", "N: it needs b", "add b")],
        [("M: it needs a", ["and: N: it needs b; add b"])],
    ),
    (
        [of_role(LACKING, "R", "M: it needs a", "add a"), of_role(LACKING, "S", "M: it needs b", "add b")],
        [("M: it needs a", []), ("M: it needs b", [])],
    ),
    (
        [of_role("UNNEEDED_PERMISSION", "P1", "M: no state needs a"), of_role("UNNEEDED_PERMISSION", "P2", "M: no b")],
        [("M: no state needs a", ["and: no b"])],
    ),
    (
        [of_role("UNUSED_SUBSTITUTION", "M", "M: no ${a}", "remove a"), of_role("UNUSED_SUBSTITUTION", "N", "N: no")],
        [("M: no ${a}", []), ("N: no", [])],
    ),
]


@pytest.mark.parametrize(("findings", "expected"), OF_A_ROLE)
def test_what_a_role_lacks_or_has_too_much_is_one(
    findings: list[Finding], expected: list[tuple[str, list[str]]]
) -> None:
    assert [(each.first.message, each.lines) for each in folded(findings)] == expected


def test_the_findings_of_the_machines_of_an_application_are_together() -> None:
    lists = [[finding(name)] for name in "STUVW"]
    together = by_application(["", "a.yaml", "b.yaml", "a.yaml", ""], lists)
    assert [[each.where.state for each in findings] for findings in together] == [["S"], ["T", "V"], ["U"], ["W"]]
