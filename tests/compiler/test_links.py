"""Transitions and nested machines of an author's states."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

import workflow_dsl.authoring as ours
from workflow_dsl import Workflow
from workflow_dsl.authoring import sdk
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import Finding, FindingsError

from stepfunctions.steps import Chain, Choice, Map, Parallel, Pass, Task  # isort: skip  # after workflow_dsl


def refused(workflow: Workflow, created: list[Any] | None = None) -> list[Finding]:
    with pytest.raises(FindingsError) as error:
        compile_workflow(workflow, created or [])
    return list(error.value.findings)


def this_line() -> int:
    return sys._getframe(1).f_lineno


def line_of(finding: Finding) -> int | None:
    assert finding.where.place
    assert finding.where.place.file == __file__
    return finding.where.place.line


def states_in(build: Callable[[], object]) -> list[sdk.State]:
    with sdk.recording() as created:
        build()
    return created


def self_loop() -> None:
    state = Pass("Loop")
    state.next(state)


def cycle() -> None:
    first, second = Pass("First"), Pass("Second")
    first.next(second)
    second.next(first)


def container() -> None:
    Parallel("Outer").add_branch(Pass("Inner"))


def chain() -> None:
    Chain([Pass("One"), Pass("Two")])


@pytest.mark.parametrize(
    ("build", "names"), [(self_loop, "Loop"), (cycle, "First"), (container, "Outer"), (chain, "One")]
)
def test_only_the_first_of_unreached_states_that_lead_to_each_other_is_reported(
    build: Callable[[], object], names: str
) -> None:
    findings = refused(Workflow(Pass("Start")), states_in(build))
    assert [(finding.where.state, finding.remedy) for finding in findings] == [
        (names, "link it with .next(), a Chain, a Choice or a Catch, or delete it")
    ]


def test_a_state_that_only_leads_to_itself_is_unreached() -> None:
    def build() -> None:
        Pass("Alone")
        self_loop()

    assert [finding.where.state for finding in refused(Workflow(Pass("Start")), states_in(build))] == ["Alone", "Loop"]


def test_an_unreached_state_that_leads_to_the_start_is_the_start() -> None:
    with sdk.recording() as created:
        last = Pass("A").next(Pass("B")).next(Pass("C"))
    [finding] = refused(Workflow(last), created)
    assert (finding.where.state, finding.remedy) == (
        "A",
        'start with it, not with "C": next() returns the state that it links to',
    )


def test_an_empty_chain_is_reported_at_the_line_that_creates_it() -> None:
    empty = Chain([])
    line = this_line() - 1
    [finding] = refused(
        Workflow(empty),
    )
    assert (finding.message, line_of(finding)) == ("is an empty Chain", line)


def test_a_chain_that_contains_itself_is_not_an_empty_one() -> None:
    loop = Chain([Pass("A")])
    loop.steps[:] = [loop]
    [finding] = refused(Workflow(loop))
    assert finding.message == "contains itself"


def test_a_map_without_a_processor_is_reported_at_its_line() -> None:
    state = Map("M")
    line = this_line() - 1
    [finding] = refused(Workflow(state))
    assert (finding.text, line_of(finding)) == (
        'the first state of the item processor of "M" is None, which is not a state; '
        "pass a state or a Chain; a Map needs item_processor",
        line,
    )


def test_another_value_as_a_target_is_reported_by_its_context() -> None:
    state = Pass("A")
    state.__dict__["next_step"] = 5
    [finding] = refused(Workflow(state))
    assert finding.text == "the next state is 5, which is not a state; pass a state or a Chain"


def test_a_map_may_have_an_item_processor_and_an_iterator() -> None:
    state = ours.Map("M", item_processor=ours.Pass("P"))
    state.attach_iterator(ours.Pass("I"))
    fields = compile_workflow(Workflow(state)).document()["States"]["M"]
    assert [(name, list(fields[name]["States"])) for name in ("ItemProcessor", "Iterator")] == [
        ("ItemProcessor", ["P"]),
        ("Iterator", ["I"]),
    ]


def test_the_innermost_state_names_a_scope() -> None:
    shared = ours.Pass("Shared")
    inner = ours.Map("Inner", item_processor=ours.Chain([ours.Pass("Own"), shared]))
    both = ours.Parallel("Outer", branches=[inner, shared])
    [finding] = refused(Workflow(both))
    assert finding.message == 'is reached from branch 2 of "Outer" and the item processor of "Inner"'


def nested(depth: int) -> sdk.State:
    inner: sdk.State = ours.Pass("Innermost")
    for level in range(depth):
        inner = ours.Parallel(f"P{level}", branches=[inner])
    return inner


def test_nesting_ends_where_json_ends() -> None:
    assert compile_workflow(Workflow(nested(200)))
    [finding] = refused(Workflow(nested(201)))
    assert finding.text == "is nested too deeply; move the inner states to a workflow of their own"


def test_two_rules_have_the_lines_that_add_them() -> None:
    choice = Choice("C")
    choice.add_choice(ours.var("$.a").is_true(), Pass("A"))
    choice.add_choice(ours.var("$.b").is_true(), Pass("B"))
    line = this_line()
    choice.choices.append((ours.var("$.c").is_true(), Pass("D")))
    places = compile_workflow(Workflow(choice)).places
    lines = [places["States", "C", "Choices", index].line for index in range(3)]
    assert lines == [line - 2, line - 1, line - 3]


def test_a_rule_of_the_other_language_is_reported_at_the_line_that_adds_it() -> None:
    choice = ours.Choice("C")
    choice.add_choice(ours.jsonata("$a"), ours.Pass("A"))
    line = this_line() - 1
    [finding] = refused(Workflow(choice))
    assert (finding.message, line_of(finding)) == ("a rule is JSONata, but the state uses JSONPath", line)


def test_each_retrier_has_its_place() -> None:
    retriers = [ours.Retry(error_equals="A"), ours.Retry(error_equals="B")]
    machine = compile_workflow(Workflow(Task("T", resource="r", retry=retriers)))
    assert [machine.places["States", "T", "Retry", index] for index in (0, 1)] == [*map(sdk.place_of, retriers)]


def test_a_state_of_another_machine_is_reported_where_this_one_starts() -> None:
    shared = Pass("Shared")
    compile_workflow(Workflow(shared))
    start = Chain([Pass("First"), shared])
    line = this_line() - 1
    [finding] = refused(Workflow(start))
    assert (finding.where.state, line_of(finding)) == ("Shared", line)


def test_a_duplicate_name_of_another_file_is_reported_with_that_file() -> None:
    names: dict[str, Any] = {"Pass": Pass, "__name__": "other"}
    exec(compile("state = Pass('A')", "other.py", "exec"), names)  # noqa: S102
    [finding] = refused(Workflow(Chain([names["state"], Pass("A")])))
    assert finding.message == "duplicate state name, first used at other.py:1"


def test_a_duplicate_name_without_a_place_is_reported_without_one() -> None:
    first, second = Pass("A"), Pass("A")
    first.__dict__["_author"] = None
    [finding] = refused(Workflow(Chain([first, second])))
    assert finding.message == "duplicate state name"


@pytest.mark.parametrize("name", ["\ud800", 3])
def test_a_name_that_json_cannot_hold_is_refused(name: Any) -> None:
    [finding] = refused(Workflow(Pass(name)))
    assert finding.message == f"a state's name is {name!a}"


def test_fields_of_a_machine_that_are_empty_are_kept() -> None:
    document = compile_workflow(Workflow(Pass("A"), comment="", timeout_seconds=0)).document()
    assert (document["Comment"], document["TimeoutSeconds"]) == ("", 0)


def test_retriers_come_after_the_branches() -> None:
    both = ours.Parallel("P", branches=[ours.Pass("A")], retry=ours.Retry(error_equals="E"))
    assert list(compile_workflow(Workflow(both)).document()["States"]["P"]) == ["Type", "Branches", "Retry", "End"]


def test_none_for_a_result_of_the_sdk_is_not_set_and_for_ours_is_null() -> None:
    states = compile_workflow(Workflow(Chain([Pass("Sdk", result=None), ours.Pass("Ours", result=None)]))).states
    assert ("Result" in states["Sdk"].fields, states["Ours"].fields["Result"]) == (False, None)


@pytest.mark.parametrize("field", ["parameters", "arguments"])
def test_a_call_takes_no_parameters_beside_its_own(field: str) -> None:
    options: Any = {field: {}}
    state = ours.Task("T", resource=ours.call("aws-sdk:s3:listBuckets"), **options)
    [finding] = refused(Workflow(state))
    assert (
        finding.text
        == 'has parameters in addition to those of call("aws-sdk:s3:listBuckets", ...); pass all of them to call()'
    )


def test_an_argument_of_call_that_is_modified_later_is_refused() -> None:
    item: dict[str, Any] = {"Id": {"S": "1"}}
    put = ours.Task("Put", resource=ours.call("dynamodb:putItem", TableName="t", Item=item))
    item["Price"] = {"N": "2"}
    [finding] = refused(Workflow(put))
    assert finding.text == "an argument of call() was modified after it was passed in; pass the final value instead"


CALLABLE = [ours.function("F"), ours.activity("A"), ours.parameter("P"), ours.resource("R", "Arn")]


@pytest.mark.parametrize("reference", CALLABLE)
def test_a_task_takes_a_reference_to_something_callable(reference: ours.Reference) -> None:
    document = compile_workflow(Workflow(ours.Task("T", resource=reference))).document()
    assert document["States"]["T"]["Resource"] == str(reference)


OTHERS: list[tuple[dict[str, Any], str]] = [
    (
        {"item_reader": ours.ItemReader(resource=ours.bucket("B"))},
        'resource is bucket("B"), but ItemReader calls S3; write resource=call("s3:getObject", ...)',
    ),
    (
        {"result_writer": ours.ResultWriter(resource=ours.table("T"))},
        'resource is table("T"), but ResultWriter calls S3; write resource=call("s3:putObject", ...)',
    ),
]


@pytest.mark.parametrize(("options", "text"), OTHERS)
def test_a_part_of_a_map_calls_s3(options: dict[str, Any], text: str) -> None:
    processor = ours.ItemProcessor(ours.Pass("P"), mode="DISTRIBUTED", execution_type="EXPRESS")
    [finding] = refused(Workflow(ours.Map("M", item_processor=processor, **options)))
    assert (finding.text, finding.where.state) == (text, "M")
