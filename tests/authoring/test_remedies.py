"""Mistakes whose Python error, or silence, named no remedy: each is one message at the author's line."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError

CALLABLE = 'but a Task calls a function, an activity or a service; write resource=function("MyFunction"), or resource='
MISTAKES: dict[str, tuple[str, str]] = {
    "a table as the resource of a Task": (
        'return Workflow(Task("A", resource=table("Orders")))',
        f'3:40: "A": resource is table("Orders"), {CALLABLE}'
        'call("dynamodb:putItem", TableName=table("Orders"), Item=...)',
    ),
    "a bus as the resource of the SDK's Task": (
        'import stepfunctions.steps as s\nreturn Workflow(s.Task("A", resource=event_bus("Bus")))',
        f'4:42: "A": resource is event_bus("Bus"), {CALLABLE}call("events:putEvents", Entries=[...])',
    ),
    "a state where a Catch belongs": (
        'return Workflow(Task("A", resource=function("F"), catch=[Fail("Stop")]))',
        '3: "A": Catch[0] is the Fail "Stop", not a Catch; write Catch(fail, error_equals="States.ALL")',
    ),
    "a Pass where a Catch belongs": (
        'Task("A", resource=function("F")).add_catch(Pass("P"))',
        '3: "A": Catch[0] is the Pass "P", not a Catch; write Catch(state, error_equals="States.ALL")',
    ),
    "a Chain where a Catch belongs": (
        'Task("A", resource=function("F")).add_catch(Chain([Pass("P")]))',
        '3: "A": Catch[0] is the Chain "P", not a Catch; write Catch(chain, error_equals="States.ALL")',
    ),
    "an error name where a Retry belongs": (
        'Task("A", resource=function("F"), retry="States.ALL")',
        '3: "A": Retry[0] is \'States.ALL\', not a Retry; write Retry(error_equals="States.ALL")',
    ),
    "errors passed to add_catch": (
        'Task("A", resource=function("F")).add_catch(Fail("F"), errors="E")',
        '3: "A": add_catch() has no errors; write add_catch(Catch(state, error_equals=...))',
    ),
    "fields of a retrier passed to add_retry": (
        'Task("A", resource=function("F")).add_retry("E", max_attempts=2)',
        '3: "A": add_retry() has no max_attempts; write add_retry(Retry(error_equals=...))',
    ),
    "variables passed to default_choice": (
        'Choice("A").default_choice(Fail("F"), assign={"x": 1})',
        '3: "A": default_choice() has no assign; '
        'pass it to the constructor, where it applies to the default: Choice("...", assign=...)',
    ),
    "another option of default_choice": (
        'Choice("A").default_choice(Fail("F"), error="E")',
        '3: "A": default_choice() has no error; remove error',
    ),
    "a misspelled option of add_choice": (
        'Choice("A").add_choice(var("$.a") == 1, Fail("F"), asign={})',
        "3: TypeError: Choice.add_choice() got an unexpected keyword argument 'asign'; did you mean \"assign\"?",
    ),
    "two states passed to next": (
        'Pass("A").next(Pass("B"), Pass("C"))',
        '3: "A": next() takes one state or Chain; link the others with a Chain or a Choice',
    ),
    "one state in two branches": (
        's = Pass("S")\nreturn Workflow(Parallel("P", branches=[Pass("A"), s, s]))',
        '3: "S": is reached from branch 2 and branch 3 of "P"; '
        "create a second state; a branch or iteration ends inside itself, so link after the Parallel or Map",
    ),
    "one state in branches of two states": (
        's = Pass("S")\np, q = Parallel("P", branches=[s]), Map("Q", item_processor=s)\nreturn Workflow(Chain([p, q]))',
        '3: "S": is reached from branch 1 of "P" and the item processor of "Q"; '
        "create a second state; a branch or iteration ends inside itself, so link after the Parallel or Map",
    ),
    "a timedelta for seconds": (
        'from datetime import timedelta\nreturn Workflow(Wait("A", seconds=timedelta(minutes=5)))',
        '4: "A": Seconds is datetime.timedelta(seconds=300), which JSON cannot hold; write seconds=300',
    ),
    "a timedelta for another field": (
        "from datetime import timedelta\n"
        'return Workflow(Task("A", resource=function("F"), heartbeat_seconds=timedelta(seconds=1.5)))',
        '4: "A": HeartbeatSeconds is datetime.timedelta(seconds=1, microseconds=500000), which JSON cannot hold; '
        "write heartbeat_seconds=1.5",
    ),
    "a timedelta in parameters": (
        'from datetime import timedelta\nreturn Workflow(Pass("A", parameters={"in": timedelta(days=1)}))',
        '4: "A": Parameters.in is datetime.timedelta(days=1), which JSON cannot hold; write 86400, in seconds',
    ),
    "a datetime in parameters": (
        "from datetime import datetime, UTC\n"
        'return Workflow(Pass("A", parameters={"at": datetime(2026, 1, 31, tzinfo=UTC)}))',
        '4: "A": Parameters.at is datetime.datetime(2026, 1, 31, 0, 0, tzinfo=datetime.timezone.utc), '
        'which JSON cannot hold; write "2026-01-31T00:00:00Z"',
    ),
    "a misspelled module": (
        "import boto3x",
        "3: ModuleNotFoundError: No module named 'boto3x'; did you mean \"boto3\"?",
    ),
    "a misspelled helper": (
        "import shared_stepz",
        "3: ModuleNotFoundError: No module named 'shared_stepz'; did you mean \"shared_steps\"?",
    ),
    "a module that is not installed": (
        "import zqxj",
        "3: ModuleNotFoundError: No module named 'zqxj'; install it: pip install zqxj",
    ),
    "a misspelled module in a package": (
        "import workflow_dsl.authorng",
        "3: ModuleNotFoundError: No module named 'workflow_dsl.authorng'; did you mean \"authoring\"?",
    ),
    "a misspelled name in an import": (
        "from workflow_dsl.compiler import compile_workflw",
        "3: ImportError: cannot import name 'compile_workflw' from 'workflow_dsl.compiler'; ",
    ),
    "a misspelled option of Workflow": (
        'Workflow(Pass("A"), timeout=5)',
        "3: TypeError: Workflow.__init__() got an unexpected keyword argument 'timeout'; "
        'did you mean "timeout_seconds"?',
    ),
    "an option of an author's function": (
        "def step(name, seconds): ...\nstep(names=1)",
        "4: TypeError: build.<locals>.step() got an unexpected keyword argument 'names'; remove names",
    ),
    "an unknown option without a similar name": (
        'function("F", region="eu")',
        "3: TypeError: function() got an unexpected keyword argument 'region'; it takes logical_id, placeholder",
    ),
    "a resource without its name": (
        'Task("A", function("F"))',
        "3: TypeError: Task.__init__() takes 2 positional arguments but 3 were given; "
        "pass the others by name, or remove them",
    ),
    "a Task without a name": (
        'Task(resource=function("F"))',
        "3: TypeError: Task.__init__() missing 1 required positional argument: 'name'; add name",
    ),
    "a number for an attribute value": (
        'call("dynamodb:putItem", TableName="t", Item={"Price": {"N": 5}})',
        '3: Item.Price.N of dynamodb:putItem is 5, but the service expects a string; write "5"',
    ),
    "a boolean in a set of an item in a list": (
        'call("dynamodb:putItem", TableName="t", Item={"a": {"L": [{"M": {"b": {"SS": [True]}}}]}})',
        '3: Item.a.L[0].M.b.SS[0] of dynamodb:putItem is True, but the service expects a string; write "true"',
    ),
    "a number for a parameter with fixed values": (
        'call("dynamodb:putItem", TableName="t", Item={}, ReturnValues=3)',
        "3: ReturnValues of dynamodb:putItem is 3, but the service expects a string; "
        "write one of NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW",
    ),
    "a prefix without with": (
        'prefix("Buy: ")\nreturn Workflow(Pass("A"))',
        "3: prefix('Buy: ') has no effect without `with`; write with prefix(\"Buy: \"):",
    ),
    "a batcher without a size": (
        'ItemBatcher(batch_input={"a": 1})',
        "3: ItemBatcher has no batch size; add max_items_per_batch=100, or max_input_bytes_per_batch=200_000",
    ),
    "two rules of the SDK with an operator": (
        'from stepfunctions.steps import ChoiceRule as R\nR.IsNull("$.a", True) | R.IsNull("$.b", True)',
        "4: rules of the SDK's ChoiceRule have no operator |; write ChoiceRule.Or([first, second])",
    ),
    "two rules of the SDK with and": (
        'from stepfunctions.steps import ChoiceRule as R\nR.IsNull("$.a", True) and R.IsNull("$.b", True)',
        "4: a Choice rule is neither true nor false in Python; "
        "write ChoiceRule.And([...]) for and, ChoiceRule.Or([...]) for or, ChoiceRule.Not(...) for not",
    ),
    "a rule of the SDK negated": (
        'from stepfunctions.steps import ChoiceRule as R\n~R.IsNull("$.a", True)',
        "4: rules of the SDK's ChoiceRule have no operator ~; write ChoiceRule.Not(rule)",
    ),
    "a timeout and its path": (
        'Task("A", resource=function("F"), timeout_seconds=5, timeout_seconds_path="$.t")',
        '3: "A": Task has both timeout_seconds and timeout_seconds_path; keep one of the two',
    ),
    "a timeout and its path in the SDK's Task": (
        'import stepfunctions.steps as s\ns.Task("A", resource="r", timeout_seconds=5, timeout_seconds_path="$.t")',
        '4: "A": Task has both timeout_seconds and timeout_seconds_path; keep one of the two',
    ),
    "the SDK's to_dict()": (
        'Map("A", item_processor=Pass("B")).to_dict()',
        "3: Map(A) has no to_dict(); write compile_workflow(Workflow(state)).document(), from workflow_dsl.compiler",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_a_remedy_at_its_line(name: str, tmp_path: Path) -> None:
    body, expected = MISTAKES[name]
    (tmp_path / "shared_steps.py").touch()
    path = tmp_path / "workflow.py"
    path.write_text(f"from workflow_dsl.authoring import *\ndef build():\n{indent(body, '    ')}\n")
    with pytest.raises(FindingsError) as refused:
        compile_file(path, root=tmp_path)
    [finding] = refused.value.findings
    message = str(finding)
    assert message.startswith(f"workflow.py:{expected}")
    assert finding.remedy


ACCEPTED = [
    'with prefix("Buy: "):\n    start = Pass("A")\nreturn Workflow(start)',
    '@prefix("Buy: ")\ndef start():\n    return Pass("A")\nreturn Workflow(start())',
    'call("dynamodb:putItem", TableName="t", Item={"a": {"N": path("$.n")}, "b": {"N.$": "$.n"}, "c": {"BOOL": True}})\n'
    'return Workflow(Pass("Buy: A"))',
    'call("sqs:sendMessage", QueueUrl="q", MessageBody={"n": 5}, DelaySeconds=5)\nreturn Workflow(Pass("Buy: A"))',
    'from stepfunctions.steps import ChoiceRule as R\nR.IsNull("$.a", True) | var("$.b").is_true()\n'
    'return Workflow(Pass("Buy: A"))',
]


@pytest.mark.parametrize("body", ACCEPTED)
def test_correct_code_beside_these_mistakes_is_accepted(body: str, tmp_path: Path) -> None:
    path = tmp_path / "workflow.py"
    path.write_text(f"from workflow_dsl.authoring import *\ndef build():\n{indent(body, '    ')}\n")
    assert list(compile_file(path).states) == ["Buy: A"]
