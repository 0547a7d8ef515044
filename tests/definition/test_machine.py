"""Machine and State: read-only views of a document."""

from __future__ import annotations

import pytest

from workflow_dsl.definition.json import short_json, short_json_pair, to_text
from workflow_dsl.definition.machine import Machine, TransitionTarget, to_where
from workflow_dsl.findings import Place, Where

NESTED = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "End": True}}},
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemProcessor": {"StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}},
                            "End": True,
                        }
                    },
                },
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
MALFORMED = [
    {},
    {"States": None},
    {"States": []},
    {"States": {"A": 1}},
    {"StartAt": {}, "States": {"A": {"Type": [], "Branches": {}, "Iterator": [], "Catch": 3, "Choices": [None]}}},
]


def test_walk_yields_all_states_in_document_order_nested_ones_after_their_owner() -> None:
    assert [state.name for state in Machine(NESTED).walk()] == ["Both", "Left", "Each", "Item", "Done"]


def test_scopes_yields_all_machines_with_their_places() -> None:
    scopes = [(scope.at("StartAt").pointer, scope.at("StartAt").field) for scope in Machine(NESTED).scopes()]
    assert scopes == [
        ("/StartAt", "StartAt"),
        ("/States/Both/Branches/0/StartAt", "Branches[0].StartAt"),
        ("/States/Both/Branches/1/StartAt", "Branches[1].StartAt"),
        ("/States/Both/Branches/1/States/Each/ItemProcessor/StartAt", "ItemProcessor.StartAt"),
    ]


def test_targets_are_default_next_choices_and_catchers_with_their_keys() -> None:
    choice = {"Type": "Choice", "Choices": [{"Next": "B"}, {"Next": "C"}], "Default": "A"}
    machine = Machine({"States": {"C": choice, "D": NESTED["States"]["Both"]}})  # type: ignore[index]
    assert [state.targets for state in machine.states.values()] == [
        [
            TransitionTarget(("Default",), "A"),
            TransitionTarget(("Choices", 0, "Next"), "B"),
            TransitionTarget(("Choices", 1, "Next"), "C"),
        ],
        [TransitionTarget(("Next",), "Done"), TransitionTarget(("Catch", 0, "Next"), "Done")],
    ]


def test_a_machine_is_a_read_only_copy_of_its_document() -> None:
    document = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    machine = Machine(document)
    document["StartAt"] = "B"
    machine.document()["StartAt"] = "C"
    assert machine.start_at == "A"
    with pytest.raises(TypeError):
        machine.fields["StartAt"] = "D"  # type: ignore[index]
    with pytest.raises(TypeError):
        machine.states["A"].fields["Type"] = "Fail"  # type: ignore[index]


def test_machines_are_equal_by_content() -> None:
    assert Machine(NESTED) == Machine(NESTED)
    assert Machine(NESTED) != Machine({})
    assert Machine(NESTED) != NESTED


@pytest.mark.parametrize("document", MALFORMED)
def test_a_malformed_document_reads_as_empty_and_never_raises(document: dict[str, object]) -> None:
    machine = Machine(document)
    assert [(state.nested, state.targets) for state in machine.walk()] in ([], [([], [])])
    assert "X" not in machine
    assert repr(machine)


def test_the_text_of_a_document_is_not_escaped_and_ends_with_a_newline() -> None:
    assert to_text({"Comment": "Kauf: 買う, für 5 €"}) == '{\n  "Comment": "Kauf: 買う, für 5 €"\n}\n'


def test_the_place_of_keys_is_that_of_the_innermost_value_that_has_one() -> None:
    places = {("States", "A"): Place("w.py", 3), ("States", "A", "Retry", 0): Place("w.py", 4)}
    machine = Machine({}, places)
    keys = [("States", "A", "Retry", 0, "MaxAttempts"), ("States", "A", "Next"), ()]
    assert list(map(machine.place, keys)) == [Place("w.py", 4), Place("w.py", 3), None]


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ((), Where()),
        (("StartAt",), Where(("StartAt",), None, "StartAt")),
        (("States",), Where(("States",), None, "States")),
        (("States", "A"), Where(("States", "A"), "A")),
        (("States", "States", "Next"), Where(("States", "States", "Next"), "States", "Next")),
        (
            ("States", "P", "Branches", 1, "States", "X", "Retry", 0),
            Where(("States", "P", "Branches", 1, "States", "X", "Retry", 0), "X", "Retry[0]"),
        ),
        (
            ("States", "M", "ItemProcessor", "States", "X", "Type"),
            Where(("States", "M", "ItemProcessor", "States", "X", "Type"), "X", "Type"),
        ),
        (
            ("States", "A", "Parameters", "States", "x"),
            Where(("States", "A", "Parameters", "States", "x"), "A", "Parameters.States.x"),
        ),
    ],
)
def test_keys_become_the_innermost_state_and_the_field_in_it(keys: tuple[str | int, ...], where: Where) -> None:
    assert to_where(keys) == where


def test_a_long_value_in_a_message_is_cut() -> None:
    assert short_json({"a": 1}) == '{"a": 1}'
    assert len(short_json("x" * 100)) == 60


def test_a_pointer_is_escaped_as_in_rfc_6901() -> None:
    assert Where(("States", "a/b~c", "Retry", 0)).pointer == "/States/a~1b~0c/Retry/0"


def test_the_repr_of_a_state_has_its_name_and_place() -> None:
    assert [repr(state) for state in Machine(NESTED).states.values()] == [
        "<State 'Both' at /States/Both>",
        "<State 'Done' at /States/Done>",
    ]


def test_two_long_values_in_a_message_are_cut_to_the_part_that_differs() -> None:
    arn = "arn:aws:lambda:eu-west-1:111111111111:function:stock-trader-"
    assert short_json_pair(f"{arn}Buyer", f"{arn}Seller") == (
        '...nction:stock-trader-Buyer"',
        '...nction:stock-trader-Seller"',
    )
    assert short_json_pair("a" * 30 + "b", "a" * 30 + "c") == (f'"{"a" * 30}b"', f'"{"a" * 30}c"')
