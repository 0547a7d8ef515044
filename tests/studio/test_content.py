"""The content of the page: what it holds of state machines, states, functions and findings."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.project import Project
from workflow_dsl.studio.content import as_script
from workflow_dsl.studio.project import look_at


def content_of(project: Project) -> dict[str, Any]:
    return look_at(project, partial(compile_file, root=project.root), ["NO_CATCH"]).content


def test_a_page_has_every_state_machine_with_its_states_and_pictures(two_machines: Project) -> None:
    content = content_of(two_machines)
    shown = [(machine["id"], [*machine["states"]], [*machine["pictures"]]) for machine in content["machines"]]
    assert shown == [("Trade", ["Check", "Done <b>"], [""]), ("Loop", ["Each", "Item"], ["", "*", "Each"])]


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
    }


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
