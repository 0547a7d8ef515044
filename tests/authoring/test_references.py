"""references.py: what the template has, by its logical id."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from tests.support import assert_said_at_its_line
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
from workflow_dsl.findings import FindingsError

import stepfunctions.steps  # isort: skip  # behind the door

SAID: list[tuple[Reference, str, str]] = [
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


@pytest.mark.parametrize(("reference", "text", "substitution"), SAID)
def test_a_reference_is_the_placeholder_and_knows_what_it_stands_for(
    reference: Reference, text: str, substitution: str
) -> None:
    assert (reference, json.dumps(reference), reference.target.substitution) == (text, json.dumps(text), substitution)
    assert copy.deepcopy([reference])[0] is reference
    pickled = pickle.loads(pickle.dumps(reference))  # noqa: S301
    assert pickled.target == copy.copy(reference).target == reference.target


def test_a_machine_knows_what_its_placeholders_stand_for_and_where_each_was_first_used() -> None:
    first = Task("A", resource=function("Checker"))
    second = stepfunctions.steps.Task("B", resource=function("Checker"), parameters={"in": [table("Trades")]})
    machine = compile_workflow(Workflow(Chain([first, second])))
    assert {name: (each[:3], each.place) for name, each in machine.reference_targets.items()} == {
        "CheckerArn": (("function", "Checker", "Arn"), sdk_place(first)),
        "TradesName": (("table", "Trades", "Ref"), sdk_place(second)),
    }
    assert type(machine.document()["States"]["A"]["Resource"]) is str


def sdk_place(state: object) -> object:
    from workflow_dsl.authoring import sdk

    return sdk.place_of(state)


def test_two_ways_to_name_one_thing_are_one_placeholder() -> None:
    start = Chain([Task("A", resource=function("X")), Pass("B", parameters={"a": resource("X", "Arn")})])
    assert list(compile_workflow(Workflow(start)).reference_targets) == ["XArn"]


def test_one_placeholder_cannot_stand_for_two_things() -> None:
    start = Chain([Task("A", resource=function("X")), Pass("B", parameters={"a": resource("Y", placeholder="XArn")})])
    with pytest.raises(FindingsError) as refused:
        compile_workflow(Workflow(start))
    [finding] = refused.value.findings
    assert finding.text == (
        "${XArn} stands for !GetAtt X.Arn elsewhere, and here for !Ref Y; give one of them a placeholder=... of its own"
    )


MISTAKES: list[tuple[Callable[[], object], str, str]] = [
    (
        lambda: function("arn:aws:lambda:eu-west-1:1:function:Checker"),
        "function() is given 'arn:aws:lambda:eu-west-1:1:function:Checker', which is no name in a template",
        'name it as the template does: function("Checker")',
    ),
    (
        lambda: table("${Trades}"),
        "table() is given '${Trades}', which is no name in a template",
        'name it as the template does: table("Trades")',
    ),
    (
        lambda: state_machine(None),  # type: ignore[arg-type]
        "state_machine() is given None, which is no name in a template",
        'name it as the template does: state_machine("MyStateMachine")',
    ),
    (
        lambda: parameter("AWS::Regoin"),
        "AWS has no parameter AWS::Regoin",
        "it has AWS::AccountId, AWS::Partition, AWS::Region, AWS::StackId, AWS::StackName, AWS::URLSuffix",
    ),
    (
        lambda: queue("Orders", placeholder="${Orders}"),
        "queue() is given the placeholder '${Orders}'",
        "write its name alone, without ${ and }",
    ),
]


@pytest.mark.parametrize(("mistake", "message", "remedy"), MISTAKES)
def test_a_mistake_is_said_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_said_at_its_line(mistake, message, remedy)


def test_a_reference_keeps_what_it_stands_for() -> None:
    assert function("Checker").target == ReferenceTarget("function", "Checker", "Arn")
