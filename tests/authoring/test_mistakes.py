"""Typical mistakes of authors: each is one message with file, line and remedy."""

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
        '3: "B": is never reached: no transition leads to it; link it with .next(), a Chain, a Choice or a Catch, or delete it',
    ),
    "two links from one state": (
        """
        def build():
            a, b, c = Pass("A"), Pass("B"), Pass("C")
            a.next(b)
            a.next(c)
            return Workflow(a)
        """,
        '5: "A": already goes to "B"; this link to "C" would replace it; '
        "keep one of the two, or decide between them with a Choice",
    ),
    "a state in two Chains": (
        """
        def build():
            a, b, c = Pass("A"), Pass("B"), Pass("C")
            first = Chain([a, b])
            second = Chain([a, c])
            return Workflow(first)
        """,
        '5: "A": already goes to "B"; this link to "C" would replace it; '
        "keep one of the two, or decide between them with a Choice",
    ),
    "a Choice's default overwritten by a Chain": (
        """
        def build():
            choice, b, c = Choice("A"), Pass("B"), Pass("C")
            choice.default_choice(b)
            return Workflow(Chain([choice, c]))
        """,
        '5: "A": already goes to "B"; this link to "C" would replace it; '
        "next() after a Choice sets its default: keep one of the two, or use Fragment(choice, ends=[...]) to continue from "
        "every branch",
    ),
    "two states of one name": (
        """
        def build():
            return Workflow(Chain([
                Pass("A"),
                Pass("A"),
            ]))
        """,
        '5: "A": duplicate state name, first used in line 4; '
        "rename one; names must be unique in the whole workflow, branches included",
    ),
    "a branch that leaves the Parallel": (
        """
        def build():
            end = Succeed("End")
            both = Parallel("Both", branches=[Chain([Pass("A"), end])])
            return Workflow(Chain([both, end]))
        """,
        '3: "End": is reached from the top level of the workflow and branch 1 of "Both"; '
        "create a second state; a branch or iteration ends inside itself, so link after the Parallel or Map",
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
        '4: "A": timeout_seconds was assigned after the state was created, which has no effect; '
        "pass it to the constructor: Task(..., timeout_seconds=...)",
    ),
    "an attribute misspelled": (
        """
        def build():
            a = Pass("A")
            return Workflow(Chain([a, Pass("B", comment=a.statename)]))
        """,
        '4: "A": Pass has no statename; write state_id for a state\'s name',
    ),
    "a Task without a resource": (
        """
        def build():
            return Workflow(Task("A", comment="no resource"))
        """,
        '3: "A": Task needs resource; write resource=function("MyFunction"), or resource=call("dynamodb:putItem", ...)',
    ),
    "a Wait without a time": (
        """
        def build():
            return Workflow(Wait("A"))
        """,
        '3: "A": Wait has no time; write either seconds=60 or timestamp="2026-01-31T12:00:00Z"',
    ),
    "a text for a number": (
        """
        def build():
            return Workflow(Wait("A", seconds="5"))
        """,
        '3: "A" Seconds: Expected value of type [INTEGER], got "5"; '
        'write a whole number of seconds from 0 to 99999999, or path("$...")',
    ),
    "a Choice without rules": (
        """
        def build():
            choice = Choice("A")
            choice.default_choice(Pass("B"))
            return Workflow(choice)
        """,
        '3: "A" Choices: Value cannot be empty; add rules with add_choice(...)',
    ),
    "a variable without a comparison": (
        """
        def build():
            choice = Choice("A")
            choice.add_choice(var("$.done"), Pass("B"))
            return Workflow(choice)
        """,
        '4: var("$.done") is not a condition; compare it, or write var("$.done").is_true()',
    ),
    "and for &": (
        """
        def build():
            choice = Choice("A")
            choice.add_choice(var("$.a") > 1 and var("$.b") > 1, Pass("B"))
            return Workflow(choice)
        """,
        "4: a condition is neither true nor false in Python; "
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
        '3: <$.qty> was turned into a string, but its value exists only at run time; use format_("... {} ...", path("$.x"))',
    ),
    "a path in JSONata": (
        """
        def build():
            start = Pass("A", output={"qty": path("$.qty")})
            return Workflow(start, query_language="JSONata")
        """,
        '3: "A": Output.qty is a path, but the state uses JSONata; '
        'write jsonata("$states.input..."), or add query_language="JSONPath" to the state',
    ),
    "JSONata with a mistake": (
        """
        def build():
            return Workflow(Pass("A", output=jsonata("$sum(")), query_language="JSONata")
        """,
        '3: jsonata(): Expected ")" before end of expression; fix the expression',
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
        '6: "A": line 3 creates it a second time; put each use into a prefix: with prefix("First: "):',
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
        '3: "A": is already part of another state machine, which starts with "First"; '
        "create it anew for each, with a function that returns it",
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
        '6: "A": is changed after it was compiled; '
        "create and link states inside build(), so that each state machine has its own",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_one_message_with_its_line_and_a_remedy(name: str, tmp_path: Path) -> None:
    body, expected = MISTAKES[name]
    path = tmp_path / "workflow.py"
    path.write_text("from workflow_dsl.authoring import *" + dedent(body))
    assert errors(path) == [f"workflow.py:{expected}"]


def errors(path: Path) -> list[str]:
    try:
        findings = check(compile_file(path, root=path.parent))
    except FindingsError as problem:
        findings = list(problem.findings)
    return [str(finding) for finding in findings if finding.severity == "error"]
