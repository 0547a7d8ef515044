"""Mistakes that the SDK ignores are refused at the author's line."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import pytest

import workflow_dsl.authoring as ours
from tests.support import assert_reported_at_its_line
from workflow_dsl import Workflow
from workflow_dsl.authoring import sdk
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError

import stepfunctions.steps  # isort: skip  # after workflow_dsl, which imports the SDK
from stepfunctions.inputs import ExecutionInput  # isort: skip


def test_a_transition_to_none_is_refused() -> None:
    from stepfunctions.steps import Pass

    with pytest.raises(FindingsError, match=r'"A": next\(\) is called with None, which is not a state; pass a state'):
        Pass("A").next(None)


def test_a_second_transition_is_refused_unless_it_is_the_same() -> None:
    from stepfunctions.steps import Chain, Choice, Pass

    first, b, choice = Pass("A"), Pass("B"), Choice("C")
    first.next(b)
    first.next(Chain([b]))
    choice.default_choice(b)
    with pytest.raises(FindingsError, match=r'"A": already goes to "B"; this link to "C" would replace it'):
        first.next(choice)
    with pytest.raises(FindingsError, match=r'"C": already goes to "B"; this link to "A" would replace it'):
        choice.next(first)


def test_a_chain_takes_only_states_and_chains() -> None:
    from stepfunctions.steps import Chain, Pass

    a, b, c = Pass("A"), Pass("B"), Pass("C")
    assert [step.state_id for step in Chain([a, Chain([b, c])])] == ["A", "B", "C"]
    assert (a.next_step, b.next_step, c.next_step) == (b, c, None)
    with pytest.raises(FindingsError, match='"A": is twice in one Chain'):
        Chain([a, b, a])
    with pytest.raises(FindingsError, match="Chain is called with"):
        Chain(a)


BOTH = [stepfunctions.steps, ours]


@pytest.mark.parametrize("steps", BOTH)
def test_an_unset_field_is_none_and_a_set_one_has_its_value(steps: Any) -> None:
    task = steps.Task("T", resource="r")
    assert (task.resource, task.comment, task.type, steps.Map("M", iterator=task).iterator) == ("r", None, "Task", task)


@pytest.mark.parametrize("steps", BOTH)
def test_an_unknown_field_is_a_missing_attribute(steps: Any) -> None:
    task = steps.Task("T", resource="r")
    assert (hasattr(task, "resorce"), getattr(task, "resorce", 5), hasattr(task, "_mine")) == (False, 5, False)


def set_on(block: object, name: str) -> None:
    setattr(block, name, 5)


class Own(stepfunctions.steps.Task):  # type: ignore[misc]  # the SDK has no types
    doubled = 0

    def __init__(self) -> None:
        super().__init__("Own", resource="r")
        self.table = "Trades"


class Labelled(stepfunctions.steps.Task):  # type: ignore[misc]  # the SDK has no types
    @property
    def label(self) -> str:
        return str(self._text)


def test_a_property_that_reads_a_missing_attribute_is_not_reported_as_a_misspelling() -> None:
    with pytest.raises(AttributeError, match=r"Labelled\.label reads a missing attribute"):
        _ = Labelled("T", resource="r").label


def test_a_compiled_state_cannot_be_renamed() -> None:
    state = ours.Pass("A")
    state.state_id = "B"
    assert list(compile_workflow(Workflow(state)).states) == ["B"]
    with pytest.raises(FindingsError, match="is changed after it was compiled"):
        state.state_id = "C"


def test_parameters_can_be_updated_before_compiling() -> None:
    state = stepfunctions.steps.Pass("A")
    state.update_parameters({"a": 1})
    assert compile_workflow(Workflow(state)).document()["States"]["A"]["Parameters"] == {"a": 1}


class Shaped(stepfunctions.steps.Task):  # type: ignore[misc]  # the SDK has no types
    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "ResultSelector": {}}


GIVEN = ExecutionInput()
MISTAKES: list[tuple[Callable[[], object], str, str]] = [
    (
        lambda: stepfunctions.steps.Task("T", resource="r").resorce,
        "Task has no resorce",
        'did you mean "resource"?',
    ),
    (lambda: ours.Retry(error_equals="E").max_attempt, "Retry has no max_attempt", 'did you mean "max_attempts"?'),  # type: ignore[attr-defined]  # mypy finds it too
    (
        lambda: setattr(stepfunctions.steps.Task("T", resource="r"), "timeout_seconds", 5),
        "timeout_seconds was assigned after the state was created, which has no effect",
        "pass it to the constructor: Task(..., timeout_seconds=...)",
    ),
    (
        lambda: setattr(ours.Task("T", resource="r"), "timeout_secondz", 5),
        "Task has no field timeout_secondz",
        'did you mean "timeout_seconds"?',
    ),
    (
        lambda: setattr(Own(), "timeout_seconds", 5),
        "timeout_seconds was assigned after the state was created, which has no effect",
        "pass it to the constructor: Own(..., timeout_seconds=...)",
    ),
    (
        lambda: setattr(ours.Pass("T"), "end", True),
        "Pass has no field end",
        "remove it: no definition would contain it",
    ),
    (
        lambda: setattr(ours.Pass("T"), "next_step", ours.Pass("B")),
        "next_step is assigned, which bypasses the check for an existing transition",
        "write .next(...)",
    ),
    (
        lambda: setattr(stepfunctions.steps.Choice("T"), "default", ours.Pass("B")),
        "default is assigned, which bypasses the check for an existing transition",
        "write .default_choice(...)",
    ),
    (
        lambda: setattr(stepfunctions.steps.Task("T", resource="r"), "catches", None),
        "catches is assigned, which replaces the others",
        "write .add_catch(...)",
    ),
    (
        lambda: setattr(ours.Pass("T"), "type", "Wait"),
        "Pass has no field type",
        "remove it: no definition would contain it",
    ),
    (
        lambda: stepfunctions.steps.Wait("T", seconds=1).update_parameters({"a": 1}),
        "Wait has no parameters",
        "remove the call",
    ),
    (
        lambda: stepfunctions.steps.Task("T", resource="r").add_retry(5),
        "Retry[0] is 5, not a Retry",
        "pass a Retry",
    ),
    (
        lambda: ours.Task("T", resource="r", catch=[ours.Catch(ours.Pass("B"), error_equals="E"), "E"]),  # type: ignore[list-item]
        "Catch[1] is 'E', not a Catch",
        'write Catch(state, error_equals="E")',
    ),
    (
        lambda: stepfunctions.steps.Parallel("T").add_branch(None),
        "Branches[0] is None, which is not a state",
        "pass a state or a Chain",
    ),
    (
        lambda: stepfunctions.steps.Map("T", iterator=ours.Pass("A")).attach_iterator(ours.Pass("B")),
        'already has the iterator "A"; this one would replace it',
        "keep one of the two",
    ),
    (
        lambda: stepfunctions.steps.Chain(ours.Pass("T"), ours.Pass("B")),
        "Chain is called with T, B",
        "pass a list of states: Chain([first, second])",
    ),
    (
        lambda: stepfunctions.steps.Task("T", "arn:aws:lambda:x"),
        "Retry[0] is 'arn:aws:lambda:x', not a Retry",
        'write resource="arn:aws:lambda:x"',
    ),
    (
        lambda: stepfunctions.steps.Pass("T", next=ours.Pass("B")),
        "Pass has no next",
        "write .next(...)",
    ),
    (
        lambda: setattr(stepfunctions.steps.Catch(ours.Pass("B"), error_equals=["E"]), "next_step", ours.Pass("C")),
        "next_step was assigned after the block was created",
        "pass it to the constructor: Catch(state, ...)",
    ),
    (
        lambda: stepfunctions.steps.Choice("T").add_choice(ours.jsonata("$a"), ours.Pass("B")),
        "add_choice() is called with '{% $a %}', which is not a rule",
        "import Choice from workflow_dsl.authoring, which takes jsonata(...)",
    ),
    (
        lambda: stepfunctions.steps.Pass("T", parameter={}),
        "Pass has no parameter",
        'did you mean "parameters"?',
    ),
    (
        lambda: Shaped("T"),
        "Shaped defines to_dict(), which is never called",
        "pass the field to a class of workflow_dsl.authoring, which has every field of ASL",
    ),
    *(
        (
            use,
            "$$.Execution.Input['qty'] is used as a Python value, but its value exists only at run time",
            "decide with a Choice, pass it to parameters unchanged, and build strings with format_()",
        )
        for use in (
            lambda: f"{GIVEN['qty']} bought",
            lambda: str(GIVEN["qty"]),
            lambda: GIVEN["qty"] == 1,
            lambda: GIVEN["qty"] > 1,
            lambda: bool(GIVEN["qty"]),
            lambda: GIVEN["qty"] != 1,
            lambda: list(GIVEN["qty"]),
            lambda: GIVEN["qty"] + 1,
        )
    ),
    (
        lambda: stepfunctions.steps.Chain([stepfunctions.steps.Succeed("S"), ours.Task("T", resource="r")]),
        "is a Succeed, which has no next state",
        "end the Chain there, or link the state before it",
    ),
    (
        lambda: stepfunctions.steps.Chain([None, ours.Pass("T")]),
        "a Chain contains None, which is not a state",
        "pass only states and Chains",
    ),
]


@pytest.mark.parametrize(("mistake", "message", "remedy"), MISTAKES)
def test_a_mistake_is_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_reported_at_its_line(mistake, message, remedy)


def test_an_authors_state_class_can_have_its_own_attributes() -> None:
    own = Own()
    own.doubled, own.note, own.resource = 2, "mine", "r"
    assert (own.table, own.doubled, own.note, own.resource) == ("Trades", 2, "mine", "r")


def test_a_subclass_of_chain_works_like_a_chain() -> None:
    class Two(stepfunctions.steps.Chain):  # type: ignore[misc]  # the SDK has no types
        def __init__(self, name: str) -> None:
            super().__init__([ours.Pass(f"{name}1"), ours.Pass(f"{name}2")])

    chain = stepfunctions.steps.Chain([Two("a"), Two("b")])
    assert list(compile_workflow(Workflow(chain)).states) == ["a1", "a2", "b1", "b2"]


def test_a_field_of_another_state_type_is_none() -> None:
    states: list[Any] = [stepfunctions.steps.Pass("P"), ours.Wait("W", seconds=1)]
    assert [state.timeout_seconds for state in states] == [None, None]


def test_the_repr_of_a_state_has_its_name() -> None:
    map_ = ours.Map("M", item_processor=ours.Task("T", resource=ours.call("aws-sdk:s3:listBuckets")))
    assert (str(map_), repr(ours.Retry(error_equals="E"))) == ("Map(M)", "Retry(...)")


def test_each_thread_has_its_own_prefixes_and_recordings() -> None:
    seen = []

    def work() -> None:
        with sdk.recording() as created:
            seen.append((ours.Pass("x").state_id, len(created)))

    with ours.prefix("P: "), sdk.recording() as created:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert (seen, created) == ([("x", 1)], [])


@pytest.mark.parametrize("steps", BOTH)
def test_a_state_can_be_copied(steps: Any) -> None:
    task = copy.deepcopy(steps.Task("T", resource="r", parameters={"a": [1]}))
    fields = compile_workflow(Workflow(task)).document()["States"]["T"]
    assert fields == {"Type": "Task", "Resource": "r", "Parameters": {"a": [1]}, "End": True}


@pytest.mark.parametrize("steps", BOTH)
def test_a_value_modified_after_it_was_passed_in_is_refused(steps: Any) -> None:
    given: dict[str, Any] = {"x": [1], "p": ours.path("$.p")}
    start = steps.Pass("A", parameters=given)
    given["x"].append(2)
    with pytest.raises(
        FindingsError, match='"A": parameters was modified after it was passed in; pass the final value instead'
    ):
        compile_workflow(Workflow(start))
    given["p"] = ours.path("$.q")
    with pytest.raises(FindingsError, match="parameters was modified"):
        compile_workflow(Workflow(start))
    errors = ["E"]
    task = steps.Task("T", resource="r", retry=steps.Retry(error_equals=errors))
    errors.append("F")
    with pytest.raises(FindingsError, match='"T": error_equals was modified after it was passed in'):
        compile_workflow(Workflow(task))


def test_a_placeholder_can_be_compared_with_none() -> None:
    given: Any = None
    root = given or ExecutionInput()
    assert (root or 1, root["a"] is None, root["a"] == None, root["a"] != None) == (root, False, False, True)  # noqa: E711


TODAYS = [
    (lambda: stepfunctions.steps.Task("T", resource="r", result_selector={}), "Task has no result_selector", "Task"),
    (
        lambda: stepfunctions.steps.Retry(error_equals=["E"], max_delay_seconds=5),
        "Retry has no max_delay_seconds",
        "Retry",
    ),
]


@pytest.mark.parametrize(("make", "message", "kind"), TODAYS)
def test_a_newer_field_of_asl_points_to_workflow_dsl_authoring(
    make: Callable[[], object], message: str, kind: str
) -> None:
    assert_reported_at_its_line(
        make, message, f"import {kind} from workflow_dsl.authoring, which has every field of ASL"
    )


def test_a_chain_can_be_appended_to_a_chain() -> None:
    chain = stepfunctions.steps.Chain([ours.Pass("A")])
    chain.append(stepfunctions.steps.Chain([ours.Pass("B"), ours.Pass("C")]))
    chain.append(ours.Pass("D"))
    document = compile_workflow(Workflow(chain)).document()
    assert [state.get("Next") for state in document["States"].values()] == ["B", "C", "D", None]


def test_the_output_of_an_earlier_state_is_refused() -> None:
    a, b = stepfunctions.steps.Pass("A"), stepfunctions.steps.Pass("B", result={})
    c = stepfunctions.steps.Pass("C", parameters={"x": a.output()["q"]})
    with pytest.raises(FindingsError, match='"C": uses the output of "A", but follows "B"; read it from'):
        compile_workflow(Workflow(stepfunctions.steps.Chain([a, b, c])))
    d = stepfunctions.steps.Pass("D")
    e = stepfunctions.steps.Pass("E", parameters={"x": d.output()["q"]})
    rest = stepfunctions.steps.Wait("Rest", seconds=1)
    document = compile_workflow(Workflow(stepfunctions.steps.Chain([d, rest, e]))).document()
    assert document["States"]["E"]["Parameters"] == {"x.$": "$['q']"}


@pytest.mark.parametrize(
    ("between", "is_seen"),
    [
        (lambda: stepfunctions.steps.Task("M", resource="r", result_path="$.m"), True),
        (lambda: stepfunctions.steps.Task("M", resource="r", result_path=None), True),
        (lambda: stepfunctions.steps.Pass("M"), True),
        (lambda: stepfunctions.steps.Pass("M", parameters={}), False),
        (lambda: stepfunctions.steps.Task("M", resource="r", result_path="$.m", output_path="$.m"), False),
    ],
)
def test_an_output_can_be_read_after_a_state_that_passes_it_on(between: Callable[[], Any], is_seen: bool) -> None:
    a, rest = stepfunctions.steps.Pass("A"), stepfunctions.steps.Wait("Rest", seconds=1)
    c = stepfunctions.steps.Pass("C", parameters={"x": a.output()["q"]})
    chain = stepfunctions.steps.Chain([a, between(), rest, c])
    if is_seen:
        assert "C" in compile_workflow(Workflow(chain)).states
    else:
        with pytest.raises(FindingsError, match='"C": uses the output of "A", but follows "M"; read it from'):
            compile_workflow(Workflow(chain))


def changes() -> list[tuple[Any, Callable[[Any], object]]]:
    rule = ours.var("$.a").is_present()
    choice, both = ours.Choice("C"), ours.Parallel("P", branches=[ours.Pass("A")])
    choice.add_choice(rule, ours.Pass("D"))
    return [
        (ours.Pass("S"), lambda state: state.next(ours.Pass("B"))),
        (choice, lambda state: state.add_choice(rule, ours.Pass("B"))),
        (choice, lambda state: state.default_choice(ours.Pass("B"))),
        (both, lambda state: state.add_branch(ours.Pass("B"))),
        (both, lambda state: state.add_retry(ours.Retry(error_equals="E"))),
        (both, lambda state: state.add_catch(ours.Catch(ours.Pass("B"), error_equals="E"))),
        (ours.Map("M", iterator=ours.Pass("I")), lambda state: state.attach_iterator(ours.Pass("B"))),
    ]


@pytest.mark.parametrize(("state", "change"), changes())
def test_a_compiled_state_cannot_be_changed(state: Any, change: Callable[[Any], object]) -> None:
    compile_workflow(Workflow(state))
    with pytest.raises(FindingsError, match="is changed after it was compiled; create and link states"):
        change(state)


def test_repeating_the_transition_of_a_compiled_state_is_allowed() -> None:
    a, b = ours.Pass("A"), ours.Pass("B")
    compile_workflow(Workflow(ours.Chain([a, b])))
    assert a.next(b) is b


def test_a_state_can_be_in_only_one_machine() -> None:
    shared = ours.Pass("Shared")
    compile_workflow(Workflow(shared))
    with pytest.raises(
        FindingsError, match='"Shared": is already part of another state machine, which starts with "Shared"'
    ):
        compile_workflow(Workflow(ours.Chain([ours.Pass("First"), shared])))
