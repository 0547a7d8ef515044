"""known_names.py: stand-ins under a name that nothing has are refused, with the nearest name."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import FakeServices, run
from workflow_dsl.local.stand_ins.known_names import unknown_functions

FORMS = 'write "service:action", such as "dynamodb:putItem" or "aws-sdk:s3:getObject"'
GUIDE = "see the list of optimized integrations in the developer guide"
GLUE = 'did you mean "startJobRun"?'
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def answer(parameters: dict[str, Any]) -> Any:
    return {}


@pytest.mark.parametrize(
    "name", ["dynamodb:putItem", "aws-sdk:s3:getObject", "http:invoke", "glue:getJobRun", "codebuild:batchGetBuilds"]
)
def test_a_fake_of_an_action_that_no_state_calls_is_fine(name: str) -> None:
    assert run(PASS, services={name: answer}).status == "SUCCEEDED"


UNKNOWN = [
    ("dynamodb:putItme", 'did you mean "putItem"?'),
    ("dynamodb:PutItem", 'did you mean "putItem"?'),
    ("dynamdb:putItem", 'did you mean "dynamodb"?'),
    ("dynamodb:scan", "write aws-sdk:dynamodb:scan"),
    ("glue:getJobRuns2", GLUE),
    ("glue:createJob", "write aws-sdk:glue:createJob"),
    ("aws-sdk:dynamodb:scna", 'did you mean "scan"?'),
    ("aws-sdk:dynamdb:scan", 'did you mean "dynamodb"?'),
    ("aws-sdk:events:putEvents", 'its name in Step Functions is "aws-sdk:eventbridge"'),
    ("arn:aws:states:::dynamodb:putItem", 'write "dynamodb:putItem"'),
    ("arn:aws:states:::aws-sdk:s3:getObjct", 'did you mean "getObject"?'),
    ("sqs:sendMessage.waitForTaskToken", 'write "sqs:sendMessage"'),
    ("putItem", FORMS),
    ("", FORMS),
    ("zzzzz:zzzzz", GUIDE),
]


@pytest.mark.parametrize(("name", "remedy"), UNKNOWN)
def test_a_fake_of_no_action_is_refused_with_the_nearest_action(name: str, remedy: str) -> None:
    for services in ({name: answer}, FakeServices({name: answer})):
        with pytest.raises(FindingsError) as error:
            run(PASS, services=services)
        assert str(error.value) == f"services= has {name!r}, which is not an action of a service; {remedy}"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("lambda:invoke", "pass the handler in functions="),
        ("states:startExecution", "pass the definition in workflows="),
        ("aws-sdk:sfn:startExecution", "pass the definition in workflows="),
    ],
)
def test_a_fake_of_what_the_engine_answers_itself_is_refused(name: str, remedy: str) -> None:
    with pytest.raises(FindingsError) as error:
        run(PASS, services={name: answer})
    assert str(error.value) == f"services= has {name}, which is never called; {remedy}"


def test_an_action_that_only_the_workflow_has_is_known() -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:newservice:newAction", "Parameters": {}, "End": True}
    execution = run(
        {"StartAt": "A", "States": {"A": task}}, services={"aws-sdk:newservice:newAction": lambda _: {"a": 1}}
    )
    assert execution.output == {"a": 1}


def calls(*resources: str, **invoked: Any) -> Machine:
    """A machine whose states call these functions, directly or with lambda:invoke."""
    tasks: list[dict[str, Any]] = [{"Resource": resource} for resource in resources]
    if invoked:
        tasks.append({"Resource": "arn:aws:states:::lambda:invoke", "Parameters": invoked})
    return Machine({"StartAt": "0", "States": {str(n): {"Type": "Task", **task} for n, task in enumerate(tasks)}})


SHIP = "arn:aws:lambda:us-east-1:111111111111:function:Ship"
NAMES: list[tuple[str, Machine, str | None]] = [
    ("Ship", calls(SHIP), None),
    (SHIP, calls(SHIP), None),
    ("Ship", calls(FunctionName=f"{SHIP}:live"), None),
    ("Known", calls(), None),
    ("Elsewhere", calls(), None),
    ("Shipp", calls(SHIP), 'did you mean "Ship"?'),
    ("Knwon", calls(), 'did you mean "Known"?'),
    ("Zzzzzz", calls(), "the functions are Elsewhere, Known"),
    ("Any", calls(**{"FunctionName.$": "$.name"}), None),
    ("Any", calls(FunctionName="{% $name %}"), None),
]


@pytest.mark.parametrize(("name", "machine", "remedy"), NAMES)
def test_a_function_that_nothing_has_is_found_with_the_nearest_name(
    name: str, machine: Machine, remedy: str | None
) -> None:
    message = f"functions= has {name!r}, which is not a function of the template or of the workflow; {remedy}"
    findings = unknown_functions([name], {"Known"}, machine, [calls("${Elsewhere}")])
    assert [str(finding) for finding in findings] == ([] if remedy is None else [message])


def test_without_any_function_the_remedy_says_so() -> None:
    [finding] = unknown_functions(["A"], set(), calls())
    assert finding.remedy == "there is no function"


def test_a_run_without_a_template_names_the_handler_that_is_near_a_missing_one() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Ship}", "End": True}}}
    with pytest.raises(FindingsError, match='calls \\$\\{Ship\\}, which has no handler; did you mean "Shpi"\\?'):
        run(definition, functions={"Shpi": lambda event, context: 1})
    unused: Any = {"Ship": lambda event, context: 1, "Other": lambda event, context: 2}
    assert run(definition, functions=unused).output == 1
