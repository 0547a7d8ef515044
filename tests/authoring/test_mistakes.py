"""Mistakes that authors make: each is one message, with the file, the line and what to write instead."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import FindingsError
from workflow_dsl.validation import check

MISTAKES: dict[str, tuple[str, str]] = {
    "a transition forgotten": (
        """
        def build():
            a, b = Pass("A"), Pass("B")
            return Workflow(a)
        """,
        '3: "B": is made, but nothing leads to it; link it with .next(), a Chain, a Choice or a Catch, or delete it',
    ),
    "two links from one state": (
        """
        def build():
            a, b, c = Pass("A"), Pass("B"), Pass("C")
            a.next(b)
            a.next(c)
            return Workflow(a)
        """,
        '5: "A": goes to "B" already, and here to "C" too; '
        "a state has one way on: keep one of the two, or decide between them with a Choice",
    ),
    "a state in two Chains": (
        """
        def build():
            a, b, c = Pass("A"), Pass("B"), Pass("C")
            first = Chain([a, b])
            second = Chain([a, c])
            return Workflow(first)
        """,
        '5: "A": goes to "B" already, and here to "C" too; '
        "a state has one way on: keep one of the two, or decide between them with a Choice",
    ),
    "a Choice's default overwritten by a Chain": (
        """
        def build():
            choice, b, c = Choice("A"), Pass("B"), Pass("C")
            choice.default_choice(b)
            return Workflow(Chain([choice, c]))
        """,
        '5: "A": goes to "B" already, and here to "C" too; '
        "what follows a Choice is its default: keep one of the two, or link what follows to the end of each of its ways, "
        "as Fragment(choice, ends=[...]) does",
    ),
    "two states of one name": (
        """
        def build():
            return Workflow(Chain([
                Pass("A"),
                Pass("A"),
            ]))
        """,
        '5: "A": is the name of another state too, made in line 4; '
        "give each state its own name; a workflow's names are one set, branches included",
    ),
    "a branch that leaves the Parallel": (
        """
        def build():
            end = Succeed("End")
            both = Parallel("Both", branches=[Chain([Pass("A"), end])])
            return Workflow(Chain([both, end]))
        """,
        '3: "End": is reached from two scopes, the top of the workflow and inside "Both"; '
        "a branch or an iteration ends inside itself: link after the Parallel or Map, or make a second state",
    ),
    "a field misspelled": (
        """
        def build():
            return Workflow(Task("A", resource=function("F"), timeout_second=5))
        """,
        '3: "A": Task has no timeout_second; did you mean "timeout_seconds"?',
    ),
    "a field set afterwards": (
        """
        def build():
            a = Task("A", resource=function("F"))
            a.timeout_seconds = 5
            return Workflow(a)
        """,
        '4: "A": timeout_seconds is set after it was made, which changes nothing; '
        "give it when it is made: Task(..., timeout_seconds=...)",
    ),
    "an attribute misspelled": (
        """
        def build():
            a = Pass("A")
            return Workflow(Chain([a, Pass("B", comment=a.statename)]))
        """,
        '4: "A": Pass has no statename; a state\'s name is its state_id',
    ),
    "a Task without a resource": (
        """
        def build():
            return Workflow(Task("A", comment="no resource"))
        """,
        '3: "A": Task lacks resource; write resource=function("MyFunction"), or resource=call("dynamodb:putItem", ...)',
    ),
    "a Wait without a time": (
        """
        def build():
            return Workflow(Wait("A"))
        """,
        '3: "A": Wait is given no time; write one of seconds=60 and timestamp="2026-01-31T12:00:00Z"',
    ),
    "a text for a number": (
        """
        def build():
            return Workflow(Wait("A", seconds="5"))
        """,
        '3: "A" Seconds: Expected value of type [INTEGER], and this is "5"; '
        'write a whole number of seconds from 0 to 99999999, or path("$...")',
    ),
    "a Choice without rules": (
        """
        def build():
            choice = Choice("A")
            choice.default_choice(Pass("B"))
            return Workflow(choice)
        """,
        '3: "A" Choices: Value cannot be empty; give it rules by add_choice(...)',
    ),
    "a variable without a comparison": (
        """
        def build():
            choice = Choice("A")
            choice.add_choice(var("$.done"), Pass("B"))
            return Workflow(choice)
        """,
        '4: var("$.done") is no condition by itself; compare it: var("$.done") == True',
    ),
    "and for &": (
        """
        def build():
            choice = Choice("A")
            choice.add_choice(var("$.a") > 1 and var("$.b") > 1, Pass("B"))
            return Workflow(choice)
        """,
        "4: a condition is neither true nor false before it runs; "
        "write & for and, | for or, ~ for not, and (1 < x) & (x < 5) for 1 < x < 5",
    ),
    "States.ALL not last": (
        """
        def build():
            first, second = Retry(error_equals="States.ALL"), Retry(error_equals="Busy")
            return Workflow(Task("A", resource=function("F"), retry=[first, second]))
        """,
        '3: "A" Retry[0].ErrorEquals: States.ALL must appear alone and at end of list; move it last',
    ),
    "a path made a text": (
        """
        def build():
            return Workflow(Pass("A", parameters={"text": f"{path('$.qty')} bought"}))
        """,
        '3: <$.qty> is made a text before it is known; write format_("... {} ...", path("$.x"))',
    ),
    "a path in JSONata": (
        """
        def build():
            start = Pass("A", output={"qty": path("$.qty")})
            return Workflow(start, query_language="JSONata")
        """,
        '3: "A": Output.qty is a path, and the state is JSONata; '
        'write jsonata("$states.input..."), or give the state query_language="JSONPath"',
    ),
    "JSONata with a mistake": (
        """
        def build():
            return Workflow(Pass("A", output=jsonata("$sum(")), query_language="JSONata")
        """,
        "3: jsonata(): Expected ) before end of expression; mend the expression",
    ),
    "a service's parameter misspelled": (
        """
        def build():
            return Workflow(Task("A", resource=call("sqs:sendMessage", QueueURL=queue("Q"), MessageBody="m")))
        """,
        '3: sqs:sendMessage has no parameter QueueURL; did you mean "QueueUrl"?',
    ),
    "a fragment used twice without a prefix": (
        """
        def step():
            return Pass("A")

        def build():
            return Workflow(Chain([step(), step()]))
        """,
        '6: "A": is made twice by line 3; give each use names of its own: with prefix("First: "):',
    ),
    "a state of two machines": (
        """
        def build():
            shared = Pass("A")
            Workflow(shared)
            from workflow_dsl.compiler import compile_workflow
            compile_workflow(Workflow(Chain([Pass("First"), shared])))
            return Workflow(shared)
        """,
        '3: "A": is in another state machine already, the one that starts with "First"; '
        "make it anew in each, by a function that returns it",
    ),
    "a state changed after it was compiled": (
        """
        def build():
            from workflow_dsl.compiler import compile_workflow
            a = Pass("A")
            compile_workflow(Workflow(a))
            a.next(Pass("B"))
            return Workflow(a)
        """,
        '6: "A": is changed after it was compiled into a machine; '
        "make and link states inside build(), so that each machine has its own",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_one_message_with_its_line_and_a_remedy(name: str, tmp_path: Path) -> None:
    body, expected = MISTAKES[name]
    path = tmp_path / "workflow.py"
    path.write_text("from workflow_dsl.authoring import *" + dedent(body))
    assert said(path) == [f"workflow.py:{expected}"]


def said(path: Path) -> list[str]:
    try:
        found = check(compile_file(path, root=path.parent))
    except FindingsError as problem:
        found = list(problem.findings)
    return [str(finding) for finding in found if finding.severity == "error"]
