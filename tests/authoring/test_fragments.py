"""Fragments and prefix(): reused states with their own names, and states that follow several ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import assert_reported_at_its_line
from workflow_dsl import Workflow
from workflow_dsl.authoring import Chain, Choice, Fail, Fragment, Parallel, Pass, Retry, Succeed, Task, prefix, var
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError

import stepfunctions.steps  # isort: skip  # after workflow_dsl, which imports the SDK

BUSY = Retry(error_equals="Busy", jitter_strategy="FULL")


def next_of(start: Any) -> dict[str, Any]:
    states = compile_workflow(Workflow(start)).states
    return {name: [target.name for target in state.targets] for name, state in states.items()}


def ordered(resource: str) -> Chain:
    return Chain([Task("Order", resource=resource, retry=BUSY), stepfunctions.steps.Pass("Note")])


def test_a_prefix_gives_each_use_of_a_fragment_its_own_names() -> None:
    with prefix("Buy: "):
        buy = ordered("${Buyer}")
    with prefix("Sell: "):
        sell = ordered("${Seller}")
    assert next_of(Chain([buy, sell])) == {
        "Buy: Order": ["Buy: Note"],
        "Buy: Note": ["Sell: Order"],
        "Sell: Order": ["Sell: Note"],
        "Sell: Note": [],
    }


def test_nested_prefixes_add_up_until_their_block_ends() -> None:
    with prefix("A "):
        with prefix("B "):
            inner = Pass("x")
        outer = Pass("x")
    assert (inner.state_id, outer.state_id, Pass("x").state_id) == ("A B x", "A x", "x")


def test_a_fragment_used_twice_without_a_prefix_has_duplicate_state_names() -> None:
    with pytest.raises(
        FindingsError, match=r'"Order": line \d+ creates it a second time; put each use into a prefix: with prefix'
    ):
        next_of(Chain([ordered("${Buyer}"), ordered("${Seller}")]))


def decided() -> Fragment:
    choice, low, high = Choice("Low?"), Pass("Low"), Chain([Pass("High"), Pass("Higher")])
    choice.add_choice(var("$.price") < 5, low)
    choice.default_choice(high)
    return Fragment(choice, ends=[low, high])


def test_the_state_after_a_fragment_follows_each_of_its_ends() -> None:
    assert next_of(Chain([Pass("First"), decided(), Pass("Last")])) == {
        "First": ["Low?"],
        "Low?": ["High", "Low"],
        "High": ["Higher"],
        "Low": ["Last"],
        "Higher": ["Last"],
        "Last": [],
    }


def test_an_appended_state_follows_each_end_of_a_fragment() -> None:
    fragment = decided()
    fragment.append(Pass("Join"))
    assert next_of(Chain([fragment, Pass("Last")])) == {
        "Low?": ["High", "Low"],
        "High": ["Higher"],
        "Low": ["Join"],
        "Higher": ["Join"],
        "Join": ["Last"],
        "Last": [],
    }


def test_a_fragment_can_be_inside_a_fragment_and_a_branch() -> None:
    inner = decided()
    whole = Fragment(Chain([Pass("Begin"), inner]), ends=[inner])
    both = Parallel("Both", branches=[Chain([whole, Pass("Join")])])
    [branch] = compile_workflow(Workflow(both)).document()["States"]["Both"]["Branches"]
    assert {name: state.get("Next") for name, state in branch["States"].items()} == {
        "Begin": "Low?",
        "Low?": None,
        "High": "Higher",
        "Low": "Join",
        "Higher": "Join",
        "Join": None,
    }


def test_a_loop_is_a_transition_to_an_earlier_state() -> None:
    ask, again = Pass("Ask"), Choice("Again?")
    again.add_choice(var("$.done") == True, Succeed("Done"))  # noqa: E712  # it builds a rule
    again.default_choice(ask)
    assert next_of(Chain([ask, again])) == {"Ask": ["Again?"], "Again?": ["Ask", "Done"], "Done": []}


def step() -> Pass:
    return Pass("Step")


def outer() -> Chain:
    return Chain([step(), Pass("After")])


def test_a_nested_fragment_used_twice_is_reported_where_the_outer_one_is_used() -> None:
    def build() -> Workflow:
        return Workflow(Chain([outer(), outer()]))

    with pytest.raises(FindingsError) as refused:
        compile_workflow(build())
    [finding] = refused.value.findings
    line = build.__code__.co_firstlineno + 1
    assert (finding.where.place and finding.where.place.line, finding.where.state) == (line, "Step")
    assert finding.message == f"line {step.__code__.co_firstlineno + 1} creates it a second time"
    assert finding.remedy == 'put each use into a prefix: with prefix("First: "):'


MISTAKES: list[tuple[Callable[[], object], str, str]] = [
    (
        lambda: Fragment(Pass("A"), ends=[]),
        "Fragment has no ends",
        "pass the states that the next state follows: ends=[...]",
    ),
    (
        lambda: Fragment(Pass("A"), ends=[Fail("B")]),
        "is a Fail, which has no next state",
        "remove it from the ends",
    ),
    (
        lambda: Fragment(Pass("A"), ends=[None]),  # type: ignore[list-item]
        "an end is None, which is not a state",
        "pass a state or a Chain",
    ),
    (
        lambda: Fragment(Pass("A"), ends=Pass("B")),  # type: ignore[arg-type]
        "Fragment is called with the ends Pass(B)",
        "pass a list of states",
    ),
    (lambda: [*decided()], "a Fragment is not a list of states", "write Chain([fragment, after])"),
    (lambda: prefix("").__enter__(), "prefix() is called with ''", 'write the text: with prefix("Buy: "):'),
]


@pytest.mark.parametrize(("mistake", "message", "remedy"), MISTAKES)
def test_a_mistake_is_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_reported_at_its_line(mistake, message, remedy)
