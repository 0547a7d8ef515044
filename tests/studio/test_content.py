"""The content of the page: what it holds of state machines, states, functions and findings."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.local.saved_coverage import FILE, digest_of
from workflow_dsl.project import Project
from workflow_dsl.studio.content import as_script
from workflow_dsl.studio.project import look_at


def content_of(project: Project) -> dict[str, Any]:
    return look_at(project, partial(compile_file, root=project.root), ["NO_CATCH"]).content


def test_a_page_has_every_state_machine_with_its_states_and_picture(two_machines: Project) -> None:
    content = content_of(two_machines)
    drawn = [re.findall('data-state="([^"]+)"', machine["picture"]) for machine in content["machines"]]
    shown = [(machine["id"], [*machine["states"]], machine["containers"]) for machine in content["machines"]]
    assert shown == [("Trade", ["Check", "Done <b>"], []), ("Loop", ["Each", "Item"], ["Each"])]
    assert drawn == [["Check", "Done%20%3Cb%3E"], ["Each", "Item"]]


def test_a_state_has_its_python_its_function_and_its_permissions(two_machines: Project) -> None:
    state = content_of(two_machines)["machines"][0]["states"]["Check"]
    assert state == {
        "type": "Task",
        "definition": {
            "Type": "Task",
            "Resource": "${CheckArn}",
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
            "Next": "Done <b>",
        },
        "inside": "",
        "source": {
            "file": "workflows/trade.py",
            "line": 5,
            "text": '    check = Task("Check", resource="${CheckArn}", retry=Retry(error_equals=["Busy"], max_attempts=2))',
        },
        "calls": [
            {
                "calls": "Lambda",
                "target": "Check",
                "resource": "Check",
                "source": {
                    "file": "functions/app.py",
                    "line": 1,
                    "text": "def handler(event, context):\n    return {'price': 5}",
                },
            }
        ],
        "permissions": [["lambda:InvokeFunction", "!GetAtt Check.Arn", "required"]],
        "retries": ["Busy is retried 2 times, waiting 1 s + 2 s"],
        "catches": [],
        "output": "{price: 5}",
    }


def test_a_definition_by_hand_is_checked_against_the_schema_of_its_input(two_machines: Project) -> None:
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.prise", "End": True}}}
    (two_machines.root / "loop.asl.json").write_text(json.dumps(machine), "utf-8")
    schema = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}
    (two_machines.root / "loop.input.schema.json").write_text(json.dumps(schema), "utf-8")
    found = {(finding["machine"], finding["code"]) for finding in content_of(two_machines)["findings"]}
    assert ("Loop", "UNDECLARED_FIELD") in found


def test_a_finding_is_listed_with_its_state_machine(two_machines: Project) -> None:
    (two_machines.root / "loop.asl.json").write_text('{"StartAt": "A", "States": {"B": {"Type": "Succeed"}}}')
    findings = content_of(two_machines)["findings"]
    codes = {(finding["machine"], finding["code"]) for finding in findings}
    assert ("Loop", "MISSING_TRANSITION_TARGET") in codes


def test_a_template_that_cannot_be_read_leaves_the_workflows(two_machines: Project) -> None:
    (two_machines.root / "template.yaml").write_text("Resources: [")
    content = content_of(two_machines)
    assert [machine["id"] for machine in content["machines"]] == ["trade"]
    assert [finding["code"] for finding in content["findings"]] == ["TEMPLATE"]


def test_content_in_a_script_cannot_end_it() -> None:
    text = as_script({"name": "</script><!-- \u2028"})
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><!-- \u2028"}


def covered_by_tests(project: Project, covered: list[list[Any]], definition: str) -> Any:
    """The coverage of Trade on a page, after tests that reached these elements of a definition."""
    file = project.root / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    machines = {"trade": {"definition": definition, "covered": covered}}
    file.write_text(json.dumps({"time": "2026-01-31T10:00:00+00:00", "machines": machines}))
    trade, loop = content_of(project)["machines"]
    assert loop["tests"] is None
    return trade["tests"]


def test_a_page_has_what_the_last_tests_did_not_run(two_machines: Project) -> None:
    digest = digest_of(read_application(two_machines).named("Trade").with_local_values)
    assert covered_by_tests(two_machines, [["transition", "", "Check"]], digest) == {
        "percent": 40,
        "time": "2026-01-31T10:00:00+00:00",
        "isOld": False,
        "missing": {"Check": ['"Check" to "Done <b>"', '"Check" Retry[0]'], "Done <b>": ['"Done <b>"']},
        "notEntered": ["Done <b>"],
    }


def test_the_coverage_of_another_definition_is_old(two_machines: Project) -> None:
    assert covered_by_tests(two_machines, [], "of another")["isOld"] is True


@pytest.mark.parametrize("saved", ["", "[]", "{}", '{"machines": {"trade": 1}}', '{"machines": 5}', "[" * 9000])
def test_coverage_that_cannot_be_read_is_none(two_machines: Project, saved: str) -> None:
    file = two_machines.root / FILE
    file.parent.mkdir(parents=True)
    file.write_text(saved)
    assert [machine["tests"] for machine in content_of(two_machines)["machines"]] == [None, None]
