"""Diagrams in parts, and their short captions: folded scopes, families of errors, names without their paths."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram import containers_of, part_of
from workflow_dsl.views.diagram.captions import errors_in_words, shortened
from workflow_dsl.views.diagram.graph import Graph, graph_of
from workflow_dsl.views.diagram.layout import Link, lay_out
from workflow_dsl.views.diagram.text_metrics import wrap

END: dict[str, Any] = {"Type": "Pass", "End": True}
INNER = {"Type": "Map", "ItemProcessor": {"StartAt": "Leaf", "States": {"Leaf": END}}, "End": True}
NESTED = Machine(
    {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemProcessor": {"StartAt": "Inner", "States": {"Inner": INNER}},
                "Next": "Both",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Both"}],
            },
            "Both": {"Type": "Parallel", "Branches": [{"StartAt": "One", "States": {"One": END}}], "End": True},
        },
    }
)


def names(graph: Graph) -> list[Any]:
    """The names of a graph's states, each with the states inside it."""
    states = [box for box in graph.boxes if box.kind not in ("Start", "End")]
    return [(box.name, *map(names, box.scopes)) for box in states]


FOLDED = [
    ((), [("Each", [("Inner", [("Leaf",)])]), ("Both", [("One",)])]),
    (("Each",), [("Each",), ("Both", [("One",)])]),
    (("Inner", "Both"), [("Each", [("Inner",)]), ("Both",)]),
]


@pytest.mark.parametrize(("folded", "expected"), FOLDED)
def test_a_folded_state_is_drawn_without_the_states_inside(folded: tuple[str, ...], expected: list[Any]) -> None:
    assert names(graph_of(NESTED, folded=folded)) == expected


def test_a_folded_state_says_how_many_states_are_inside() -> None:
    boxes = {box.name: box.details for box in graph_of(NESTED, folded=("Each", "Both")).boxes}
    assert [boxes["Each"], boxes["Both"]] == [
        ("for each item", "2 states inside"),
        ("all branches at once", "1 state inside"),
    ]


def test_a_scope_is_a_picture_of_its_own() -> None:
    assert containers_of(NESTED) == ["Each", "Inner", "Both"]
    assert [names(graph_of(part_of(NESTED, name))) for name in ("Each", "Inner")] == [
        [("Each", [("Inner", [("Leaf",)])])],
        [("Inner", [("Leaf",)])],
    ]


ERRORS = [
    (["States.ALL"], ["any error"]),
    (["Lambda.ServiceException"], ["Lambda.ServiceException"]),
    (["Lambda.ServiceException", "States.Timeout", "Lambda.Unknown"], ["Lambda errors", "States.Timeout"]),
    (["States.Timeout", "States.TaskFailed"], ["States.Timeout", "States.TaskFailed"]),
    (["Mine", "Mine"], ["Mine"]),
    ([], []),
]


@pytest.mark.parametrize(("errors", "words"), ERRORS)
def test_several_errors_of_a_service_are_its_family(errors: list[Any], words: list[str]) -> None:
    assert errors_in_words(errors) == words


DYNAMIC = [
    ("SQS {{resolve:ssm:/app/queue/url:2}}", "SQS url"),
    ("{{resolve:secretsmanager:db:SecretString:user::}}", "db user"),
    ("{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-x}}", "db-x"),
    ("$.price > 5", "$.price > 5"),
]


@pytest.mark.parametrize(("text", "short"), DYNAMIC)
def test_a_dynamic_reference_is_the_last_part_of_its_name(text: str, short: str) -> None:
    assert shortened(text) == short


WRAPPED = [
    ("GetAccountDefaultRegionsFunction", ["GetAccountDefaultRegions", "Function"]),
    ("get_account_default_regions_function", ["get_account_default_regions_", "function"]),
    ("HTTPServerErrorHandlerForAPIGatewayRequests", ["HTTPServerErrorHandlerForAPI", "GatewayRequests"]),
]


@pytest.mark.parametrize(("word", "lines"), WRAPPED)
def test_a_long_word_is_broken_where_a_part_begins(word: str, lines: list[str]) -> None:
    assert wrap(word, 12, 190, 3) == lines


def test_the_main_path_is_straight_whatever_leaves_it() -> None:
    boxes = dict.fromkeys("abcdefx", (120.0, 40.0))
    onwards = [Link(upper, lower, "", is_main=True) for upper, lower in zip("abcde", "bcdef", strict=True)]
    failing = [Link(name, "x", "catch", (60.0, 14.0)) for name in "abcde"]
    skipping = [Link("b", "e", "", (80.0, 14.0)), Link("d", "b", "", (80.0, 14.0))]
    layout = lay_out(boxes, [*onwards, *failing, *skipping])
    assert len({layout.boxes[name][0] for name in "abcdef"}) == 1


def test_a_line_that_joins_another_has_an_arrow_there() -> None:
    boxes = dict.fromkeys("abcx", (120.0, 40.0))
    links = [Link("a", "b", ""), Link("b", "c", ""), Link("c", "x", "")]
    failing = [Link(name, "x", "catch", (60.0, 14.0)) for name in "ab"]
    layout = lay_out(boxes, [*links, *failing])
    assert [[curve.has_arrow for curve in layout.lines[link]][-1] for link in failing] == [True, True]
    assert len(layout.lines[failing[1]]) < len(layout.lines[failing[0]])  # it joins
