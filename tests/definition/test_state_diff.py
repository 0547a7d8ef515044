"""The differences between two machines state by state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.diff import compare
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.state_diff import MachineDiff, diff

States = dict[str, Any]


def machine(start: str, **states: Any) -> Machine:
    return Machine({"StartAt": start, "States": states})


def load(**fields: Any) -> States:
    return {"Type": "Task", "Resource": "${Load}", "TimeoutSeconds": 30, **fields}


def wait(seconds: int, **fields: Any) -> States:
    return {"Type": "Wait", "Seconds": seconds, **fields}


def both(*branches: Any, **fields: Any) -> States:
    parts = [{"StartAt": next(iter(branch)), "States": branch} for branch in branches]
    return {"Type": "Parallel", "Branches": parts, **fields}


END: dict[str, Any] = {"End": True}
BASE = machine("Load", Load=load(Next="Rest"), Rest=wait(5, **END))
NESTED = machine("Both", Both=both({"A": wait(1, **END)}, {"B": wait(2, **END)}, Next="Done"), Done={"Type": "Succeed"})

Row = tuple[str, str | None, tuple[str, ...], list[str]]
CASES: list[tuple[Machine, Machine, list[Row]]] = [
    (BASE, BASE, []),
    (BASE, machine("Load", Rest=wait(5, **END), Load=load(Next="Rest")), []),
    (
        BASE,
        machine("Load", Load=load(Next="Rest"), Rest=wait(6, **END)),
        [("Rest", "Rest", ("changed",), ["Seconds"])],
    ),
    (BASE, machine("Fetch", Fetch=load(Next="Rest"), Rest=wait(5, **END)), [("Fetch", "Load", ("renamed",), [])]),
    (
        BASE,
        machine("Fetch", Fetch=load(Next="Pause"), Pause=wait(5, **END)),
        [("Fetch", "Load", ("renamed",), []), ("Pause", "Rest", ("renamed",), [])],
    ),
    (
        BASE,
        machine("Fetch", Fetch=load(Next="Rest", TimeoutSeconds=60), Rest=wait(5, **END)),
        [("Fetch", "Load", ("renamed", "changed"), ["TimeoutSeconds"])],
    ),
    (
        BASE,
        machine("Load", Load=load(Next="Check"), Check={"Type": "Pass", "Next": "Rest"}, Rest=wait(5, **END)),
        [("Load", "Load", ("changed",), ["Next"]), ("Check", None, ("added",), [])],
    ),
    (
        BASE,
        machine("Load", Load=load(**END)),
        [("Load", "Load", ("changed",), ["End", "Next"]), ("Rest", "Rest", ("removed",), [])],
    ),
    (
        NESTED,
        machine(
            "Both", Both=both({"A": wait(1, Next="B"), "B": wait(2, **END)}, Next="Done"), Done={"Type": "Succeed"}
        ),
        [
            ("Both", "Both", ("changed",), ["Branches[1]"]),
            ("A", "A", ("changed",), ["Next", "End"]),
            ("B", "B", ("moved",), []),
        ],
    ),
    (
        NESTED,
        machine("A", A=wait(1, Next="Done"), Done={"Type": "Succeed"}),
        [
            ("A", "A", ("moved", "changed"), ["Next", "End"]),
            ("Both", "Both", ("removed",), []),
            ("B", "B", ("removed",), []),
        ],
    ),
    (
        NESTED,
        machine("Both", Both=both({"B": wait(2, **END)}, {"A": wait(1, **END)}, Next="Done"), Done={"Type": "Succeed"}),
        [("Both", "Both", ("changed",), ["Branches"])],
    ),
    (
        NESTED,
        machine(
            "Both",
            Both=both({"C": {"Type": "Succeed"}}, {"A": wait(1, **END)}, {"B": wait(2, **END)}, Next="Done"),
            Done={"Type": "Succeed"},
        ),
        [("Both", "Both", ("changed",), ["Branches[0]"]), ("C", None, ("added",), [])],
    ),
]


def rows(found: MachineDiff) -> list[Row]:
    return [
        (
            change.state.name,
            change.before.name if change.before else None,
            change.kinds,
            [field.where.field for field in change.fields],
        )
        for change in found.states
    ]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_each_state_that_differs_is_one_change(before: Machine, after: Machine, expected: list[Row]) -> None:
    found = diff(before, after)
    assert (rows(found), bool(found)) == (expected, bool(expected))


def test_fields_of_the_machine_itself_are_apart() -> None:
    after = Machine({**BASE.document(), "TimeoutSeconds": 60, "StartAt": "Rest"})
    assert [str(change.where) for change in diff(BASE, after).fields] == ["StartAt", "TimeoutSeconds"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"States": []},
        {"States": {"A": 1}},
        {"StartAt": {}, "States": {"A": {"Next": [], "Type": {}, "Branches": [1, {"States": 3}]}}},
    ],
)
def test_malformed_definitions_are_compared_too(document: dict[str, Any]) -> None:
    assert not diff(Machine(document), Machine(document))
    assert diff(Machine(document), BASE)
    assert diff(BASE, Machine(document))


NAMES = ["Load", "Check", "Store", "Rest", "Try Again", "Notify"]


@st.composite
def machines(draw: st.DrawFn, depth: int = 0, prefix: str = "") -> dict[str, Any]:
    names = [f"{prefix}{name}" for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))]
    states: dict[str, Any] = {}
    for name in names:
        state: dict[str, Any] = draw(
            st.sampled_from([{"Type": "Pass"}, {"Type": "Wait", "Seconds": 5}, {"Type": "Task", "Resource": "${F}"}])
        )
        state = {**state, **draw(st.sampled_from([END, {"Next": draw(st.sampled_from(names))}]))}
        if depth < 2 and draw(st.booleans()):
            branches = [draw(machines(depth + 1, f"{name}{number} ")) for number in range(draw(st.integers(1, 2)))]
            state = {**state, "Type": "Parallel", "Branches": branches}
        if draw(st.booleans()):
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": draw(st.sampled_from(names))}]
        states[name] = state
    return {"StartAt": draw(st.sampled_from(names)), "States": states}


def names_in(document: dict[str, Any]) -> list[str]:
    return [state.name for state in Machine(document).walk()]


def renamed(document: dict[str, Any], old: str, new: str) -> Machine:
    return Machine(json.loads(json.dumps(document).replace(f'"{old}"', f'"{new}"')))


@given(machines())
def test_a_machine_does_not_differ_from_itself(document: dict[str, Any]) -> None:
    found = diff(Machine(document), Machine(document))
    assert (bool(found), found.same) == (False, len(names_in(document)))


@given(machines(), machines())
def test_two_machines_differ_exactly_if_their_contents_do(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert bool(diff(Machine(one), Machine(other))) == bool(compare(Machine(one), Machine(other)))


@given(st.data())
def test_renaming_a_state_with_all_its_references_is_one_rename(data: st.DataObject) -> None:
    document = data.draw(machines())
    old = data.draw(st.sampled_from(names_in(document)))
    found = diff(Machine(document), renamed(document, old, "Another Name"))
    assert (rows(found), found.fields) == ([("Another Name", old, ("renamed",), [])], ())


def test_a_large_machine_with_other_names_is_renamed() -> None:
    def chain(name: str) -> Machine:
        states = {
            f"{name}{n}": {"Type": "Wait", "Seconds": n, **({"Next": f"{name}{n + 1}"} if n < 400 else END)}
            for n in range(1, 401)
        }
        return Machine({"StartAt": f"{name}1", "States": states})

    found = diff(chain("A"), chain("B"))
    assert {change.kinds for change in found.states} == {("renamed",)}
    assert len(found.states) == 400
