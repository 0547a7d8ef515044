"""References to template resources by logical ID."""

from __future__ import annotations

import copy
import json
import linecache
import pickle
from collections.abc import Callable

import pytest

from tests.support import assert_reported_at_its_line
from workflow_dsl import Workflow
from workflow_dsl.authoring import (
    Chain,
    Pass,
    Reference,
    Task,
    activity,
    bucket,
    event_bus,
    function,
    parameter,
    queue,
    resource,
    state_machine,
    table,
    topic,
)
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.findings import FindingsError, Place

import stepfunctions.steps  # isort: skip  # after workflow_dsl, which imports the SDK

CASES: list[tuple[Reference, str, str]] = [
    (function("Checker"), "${CheckerArn}", "!GetAtt Checker.Arn"),
    (activity("Approval"), "${ApprovalArn}", "!Ref Approval"),
    (state_machine("Trader"), "${TraderArn}", "!Ref Trader"),
    (table("Trades"), "${TradesName}", "!Ref Trades"),
    (queue("Orders"), "${OrdersUrl}", "!Ref Orders"),
    (topic("News"), "${NewsArn}", "!Ref News"),
    (bucket("Prices"), "${PricesName}", "!Ref Prices"),
    (event_bus("Bus"), "${BusName}", "!Ref Bus"),
    (parameter("Limit"), "${Limit}", "!Ref Limit"),
    (parameter("AWS::Region"), "${Region}", "!Ref AWS::Region"),
    (resource("Role"), "${RoleRef}", "!Ref Role"),
    (resource("Cluster", "Endpoint.Port"), "${ClusterEndpointPort}", "!GetAtt Cluster.Endpoint.Port"),
    (table("Trades", placeholder="DDBTable"), "${DDBTable}", "!Ref Trades"),
]


@pytest.mark.parametrize(("reference", "text", "substitution"), CASES)
def test_a_reference_is_a_placeholder_with_its_target(reference: Reference, text: str, substitution: str) -> None:
    assert (reference, json.dumps(reference), reference.target.substitution) == (text, json.dumps(text), substitution)
    assert copy.deepcopy([reference])[0] is reference
    pickled = pickle.loads(pickle.dumps(reference))  # noqa: S301
    assert pickled.target == copy.copy(reference).target == reference.target


def test_a_machine_has_the_target_and_first_place_of_each_placeholder() -> None:
    first = Task("A", resource=function("Checker"))
    second = stepfunctions.steps.Task("B", resource=function("Checker"), parameters={"in": [table("Trades")]})
    machine = compile_workflow(Workflow(Chain([first, second])))
    assert {name: (target[:3], underlined(target.place)) for name, target in machine.reference_targets.items()} == {
        "CheckerArn": (("function", "Checker", "Arn"), 'function("Checker")'),
        "TradesName": (("table", "Trades", "Ref"), 'table("Trades")'),
    }
    assert machine.reference_targets["CheckerArn"].place == machine.places["States", "A"]._replace(column=32, length=19)
    assert type(machine.document()["States"]["A"]["Resource"]) is str


def underlined(place: Place | None) -> str:
    """The characters that a place underlines."""
    assert place
    assert place.column
    line = linecache.getline(place.file, place.line or 0)
    return line[place.column - 1 : place.column - 1 + place.length]


def test_a_copied_reference_keeps_its_place() -> None:
    reference = bucket("Prices")
    copies = [pickle.loads(pickle.dumps(reference)), copy.copy(reference), copy.deepcopy(reference)]  # noqa: S301
    assert [underlined(item.place) for item in copies] == ['bucket("Prices")'] * 3
    assert Reference("X", reference.target).place is None


def test_two_references_to_one_attribute_are_one_placeholder() -> None:
    start = Chain([Task("A", resource=function("X")), Pass("B", parameters={"a": resource("X", "Arn")})])
    assert list(compile_workflow(Workflow(start)).reference_targets) == ["XArn"]


def test_one_placeholder_cannot_have_two_targets() -> None:
    start = Chain([Task("A", resource=function("X")), Pass("B", parameters={"a": resource("Y", placeholder="XArn")})])
    with pytest.raises(FindingsError) as refused:
        compile_workflow(Workflow(start))
    [finding] = refused.value.findings
    assert finding.text == (
        "${XArn} refers to !Ref Y, but elsewhere to !GetAtt X.Arn; add placeholder=... with another name to one of them"
    )


MISTAKES: list[tuple[Callable[[], object], str, str]] = [
    (
        lambda: function("arn:aws:lambda:eu-west-1:1:function:Checker"),
        "function() is called with 'arn:aws:lambda:eu-west-1:1:function:Checker', which is not a logical ID",
        'write the name from the template: function("Checker")',
    ),
    (
        lambda: table("${Trades}"),
        "table() is called with '${Trades}', which is not a logical ID",
        'write the name from the template: table("Trades")',
    ),
    (
        lambda: state_machine(None),  # type: ignore[arg-type]
        "state_machine() is called with None, which is not a logical ID",
        'write the name from the template: state_machine("MyStateMachine")',
    ),
    (
        lambda: parameter("AWS::Regoin"),
        "AWS::Regoin is not a pseudo parameter",
        "write one of AWS::AccountId, AWS::Partition, AWS::Region, AWS::StackId, AWS::StackName, AWS::URLSuffix",
    ),
    (
        lambda: queue("Orders", placeholder="${Orders}"),
        "queue() is called with the placeholder '${Orders}'",
        "write only its name, without ${ and }",
    ),
]


@pytest.mark.parametrize(("mistake", "message", "remedy"), MISTAKES)
def test_a_mistake_is_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_reported_at_its_line(mistake, message, remedy)


def test_a_reference_has_its_target() -> None:
    assert function("Checker").target == ReferenceTarget("function", "Checker", "Arn")
