"""SDK graph -> Machine, and refused graphs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from workflow_dsl import Workflow
from workflow_dsl.authoring import sdk
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError

from stepfunctions.inputs import ExecutionInput, StepInput  # isort: skip  # after workflow_dsl, which imports the SDK
from stepfunctions.steps import (  # isort: skip
    Catch,
    Chain,
    Choice,
    ChoiceRule,
    Fail,
    Map,
    Parallel,
    Pass,
    Retry,
    Succeed,
    Task,
    Wait,
)


def document(start: object, **fields: object) -> dict[str, object]:
    return compile_workflow(Workflow(start, **fields)).document()  # type: ignore[arg-type]


def test_the_machines_own_fields_come_first() -> None:
    compiled = document(Succeed("A"), comment="c", query_language="JSONata", version="1.0", timeout_seconds=5)
    assert list(compiled.items()) == [
        ("Comment", "c"),
        ("QueryLanguage", "JSONata"),
        ("Version", "1.0"),
        ("TimeoutSeconds", 5),
        ("StartAt", "A"),
        ("States", {"A": {"Type": "Succeed"}}),
    ]


def test_states_come_breadth_first_default_before_choices_and_catchers_last() -> None:
    choice, task, handler = Choice("Choose"), Task("Default", resource="r"), Fail("Handler")
    task.add_catch(Catch(error_equals=["States.ALL"], next_step=handler))
    task.next(Succeed("After Default"))
    choice.add_choice(ChoiceRule.IsPresent("$.a", True), Pass("First"))
    choice.add_choice(ChoiceRule.IsPresent("$.b", True), Pass("Second"))
    choice.default_choice(task)
    states = document(Chain([Pass("Start"), choice]))["States"]
    assert list(states) == ["Start", "Choose", "Default", "First", "Second", "After Default", "Handler"]  # type: ignore[call-overload]


def test_fields_have_one_order_whatever_order_the_author_wrote() -> None:
    task = Task(
        "T",
        result_path="$.r",
        catch=Catch(result_path=None, error_equals=["E"], next_step=Succeed("S")),
        comment="c",
        retry=Retry(max_attempts=1, error_equals=["E"]),
        parameters={"z": 1, "a": 2},
        resource="r",
        timeout_seconds=3,
    )
    task.next(Succeed("N"))
    fields = document(task)["States"]["T"]  # type: ignore[index]
    assert list(fields.items()) == [
        ("Type", "Task"),
        ("Comment", "c"),
        ("Resource", "r"),
        ("TimeoutSeconds", 3),
        ("Parameters", {"z": 1, "a": 2}),
        ("ResultPath", "$.r"),
        ("Retry", [{"ErrorEquals": ["E"], "MaxAttempts": 1}]),
        ("Catch", [{"ErrorEquals": ["E"], "ResultPath": None, "Next": "S"}]),
        ("Next", "N"),
    ]


def test_parallel_and_map_contain_machines() -> None:
    both = Parallel("Both")
    both.add_branch(Chain([Pass("L1"), Pass("L2")]))
    both.add_branch(Map("Each", iterator=Wait("Item", seconds=1), items_path="$.list", max_concurrency=2))
    assert document(both) == {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {
                        "StartAt": "L1",
                        "States": {"L1": {"Type": "Pass", "Next": "L2"}, "L2": {"Type": "Pass", "End": True}},
                    },
                    {
                        "StartAt": "Each",
                        "States": {
                            "Each": {
                                "Type": "Map",
                                "ItemsPath": "$.list",
                                "MaxConcurrency": 2,
                                "Iterator": {
                                    "StartAt": "Item",
                                    "States": {"Item": {"Type": "Wait", "Seconds": 1, "End": True}},
                                },
                                "End": True,
                            }
                        },
                    },
                ],
                "End": True,
            }
        },
    }


def test_placeholders_become_paths_in_parameters_and_in_rules() -> None:
    step, execution = StepInput(), ExecutionInput()
    choice = Choice("C")
    choice.add_choice(ChoiceRule.StringEqualsPath(step["a"], step["b"]), Succeed("S"))
    choice.default_choice(Pass("P", parameters={"deep": [{"x": step["a"]}], "e": execution["i"]}))
    states = document(choice)["States"]
    assert [states["C"]["Choices"], states["P"]["Parameters"]] == [  # type: ignore[index]
        [{"Variable": "$['a']", "StringEqualsPath": "$['b']", "Next": "S"}],
        {"deep": [{"x.$": "$['a']"}], "e.$": "$$.Execution.Input['i']"},
    ]


def test_compound_rules_keep_their_nesting() -> None:
    choice = Choice("C")
    rule = ChoiceRule.Or([ChoiceRule.Not(ChoiceRule.IsNull("$.a", True)), ChoiceRule.NumericEquals("$.b", 1)])
    choice.add_choice(rule, Succeed("S"))
    assert document(choice)["States"]["C"]["Choices"] == [  # type: ignore[index]
        {
            "Or": [{"Not": {"Variable": "$.a", "IsNull": True}}, {"Variable": "$.b", "NumericEquals": 1}],
            "Next": "S",
        }
    ]


def test_a_tuple_compiles_to_a_list() -> None:
    task = Task("T", resource="r", parameters={"a": (1, 2)}, retry=(Retry(error_equals=("E",)),))
    fields = document(task)["States"]["T"]  # type: ignore[index]
    assert (fields["Parameters"], fields["Retry"]) == ({"a": [1, 2]}, [{"ErrorEquals": ["E"]}])


def test_a_loop_compiles() -> None:
    wait, check = Wait("W", seconds=1), Choice("C")
    wait.next(check)
    check.add_choice(ChoiceRule.IsPresent("$.done", True), Succeed("S"))
    check.default_choice(wait)
    assert list(document(wait)["States"]) == ["W", "C", "S"]  # type: ignore[call-overload]


def test_ten_thousand_chained_states_compile() -> None:
    compiled = compile_workflow(Workflow(Chain([Pass(f"S{i}") for i in range(10_000)])))
    assert (len(compiled.states), compiled.states["S9999"].fields["End"]) == (10_000, True)


def test_two_hundred_nested_parallels_compile() -> None:
    inner: Any = Pass("Innermost")
    for depth in range(200):
        outer = Parallel(f"P{depth}")
        outer.add_branch(inner)
        inner = outer
    assert sum(1 for _ in compile_workflow(Workflow(inner)).walk()) == 201


def test_a_machine_has_the_authors_line_of_every_state_and_retrier() -> None:
    task = Task("T", resource="r", retry=[Retry(error_equals=["E"])])
    machine = compile_workflow(Workflow(task))
    assert machine.places == {
        ("States", "T"): sdk.place_of(task),
        ("States", "T", "Retry", 0): sdk.place_of(task.retries[0]),
    }


def shared_by_two_branches() -> object:
    shared, both = Pass("Shared"), Parallel("Both")
    both.add_branch(shared)
    both.add_branch(Chain([Pass("Own"), shared]))
    return both


def branch_that_leaves() -> object:
    outside, both = Succeed("Outside"), Parallel("Both")
    both.add_branch(Chain([Pass("Inside"), outside]))
    return Chain([both, outside])


def a_choice_with(rule: object) -> object:
    choice = Choice("C")
    choice.add_choice(rule, Succeed("S"))
    return choice


def a_choice_to(target: object) -> object:
    choice = Choice("C")
    choice.add_choice(ChoiceRule.IsNull("$.a", True), target)
    return choice


class Unshowable:
    def __repr__(self) -> str:
        raise ValueError


def a_chain_in_itself() -> object:
    chain = Chain([])
    chain.append(chain)
    return chain


def a_task_with_retry(*retry: object) -> object:
    task = Task("T", resource="r")
    task.retries.extend(retry)
    return task


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: None,
        "Workflow starts with None, which is not a state; pass the first state, or a Chain: Workflow(Chain([",
    ),
    (lambda: Chain([]), "is an empty Chain; pass a Chain with states"),
    (lambda: Chain([Pass("A"), Pass("A")]), '"A": duplicate state name, first used in line'),
    (lambda: Pass(3), "a state's name is 3; write a string"),
    (shared_by_two_branches, '"Shared": is reached from branch 1 and branch 2 of "Both"'),
    (branch_that_leaves, '"Outside": is reached from the top level of the workflow and branch 1 of "Both"'),
    (
        lambda: Map("M"),
        'the first state of the item processor of "M" is None, which is not a state; pass a state or a Chain',
    ),
    (
        lambda: a_choice_with(True),
        '"C": add_choice() is called with True, which is not a rule; compare a value: var("$.price") <= 50',
    ),
    (lambda: a_choice_to(None), "add_choice() goes to None, which is not a state; pass a state or a Chain"),
    (lambda: Pass("P", result={"a": {1, 2}}), '"P": Result.a is {1, 2}, which JSON cannot hold'),
    (lambda: Pass("P", result=float("nan")), '"P": Result is nan, which JSON cannot hold'),
    (lambda: Pass("P", result=[Decimal(1)]), "\"P\": Result[0] is Decimal('1'), which JSON cannot hold"),
    (
        lambda: Pass("P", parameters={1: "a"}),
        '"P": Parameters has a key that is not a string; write the key as a string',
    ),
    (
        lambda: Pass("P", parameters={"a": [StepInput()["x"], {}]}),
        '"P": Parameters.a[0] is a path by itself, or in a list with objects, which ASL does not allow; '
        "put the path into an object, or write a list of only paths and scalars",
    ),
    (lambda: a_task_with_retry(Pass("x")), '"T": Retry[0] is x, not a Retry; pass a Retry'),
    (a_chain_in_itself, "is an empty Chain; pass a Chain with states"),
    (lambda: a_choice_with(Pass(5)), '"C": add_choice() is called with 5, which is not a rule; compare'),
    (lambda: Pass("P", result=Unshowable()), '"P": Result is Unshowable, which JSON cannot hold'),
    (lambda: Pass("P", result="\ud800"), '"P": Result is '),
    (lambda: Pass("P", result=10**5000), '"P": Result is a number with hundreds of digits, which JSON cannot hold'),
    (lambda: Pass("P", parameters={"a": StepInput()["x"], "a.$": "$.z"}), '"P": Parameters.a is set twice'),
    (
        lambda: a_task_with_retry("States.ALL"),
        "\"T\": Retry[0] is 'States.ALL', not a Retry; write Retry(error_equals=",
    ),
    (lambda: Task("T", resource="r", catch=Catch(error_equals=["E"], next_step=None)), "the target of a Catch is None"),
]


@pytest.mark.parametrize(("start", "message"), REFUSED)
def test_each_broken_graph_is_refused_at_the_authors_line(start: Callable[[], Any], message: str) -> None:
    with pytest.raises(FindingsError) as refused:
        compile_workflow(Workflow(start()))
    [finding] = refused.value.findings
    assert message in str(finding)
    assert finding.code == "AUTHORING"
    assert str(finding).startswith(__file__) == (finding.where.place is not None)


def test_every_unreached_state_is_reported() -> None:
    with sdk.recording() as created:
        start, _, _ = Pass("A"), Pass("B"), Pass("C")
    with pytest.raises(FindingsError) as refused:
        compile_workflow(Workflow(start), created)
    assert [(finding.where.state, finding.message) for finding in refused.value.findings] == [
        ("B", "is never reached: no transition leads to it"),
        ("C", "is never reached: no transition leads to it"),
    ]


def test_compiling_twice_gives_the_same_machine() -> None:
    start = Chain([Pass("A"), Pass("B")])
    first, second = (compile_workflow(Workflow(start)) for _ in range(2))
    assert first == second
    assert isinstance(first, Machine)


def test_the_order_of_states_does_not_depend_on_the_order_of_creation() -> None:
    texts = set()
    for order in itertools.permutations("ABC"):
        created = {name: Pass(name) for name in order}
        texts.add(compile_workflow(Workflow(Chain([created["A"], created["B"], created["C"]]))).to_text())
    assert len(texts) == 1


@pytest.mark.parametrize(
    "fields", [{"comment": {1}}, {"comment": "\ud800"}, {"timeout_seconds": 10**5000}, {"version": object()}]
)
def test_the_machines_own_fields_must_be_json_too(fields: dict[str, object]) -> None:
    with pytest.raises(FindingsError, match="which JSON cannot hold"):
        document(Pass("A"), **fields)
