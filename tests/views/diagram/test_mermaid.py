"""mermaid.py: a machine as a flowchart for code hosts."""

from __future__ import annotations

from typing import Any

from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram import to_mermaid

CLASSES = """\
    classDef task stroke:#d86613
    classDef choice stroke:#3b6fd4
    classDef succeed stroke:#2e7d32
    classDef fail stroke:#c62828
    classDef missing stroke:#c62828,stroke-dasharray:3 3
"""


def test_states_are_boxes_and_transitions_lines() -> None:
    states = {
        "Ask": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "StringEquals": 'x"#', "Next": "Work"}],
            "Default": "End it",
        },
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End it"}],
            "End": True,
        },
        "End it": {"Type": "Fail", "Error": "Late"},
    }
    flowchart = to_mermaid(Machine({"StartAt": "Ask", "States": states}))
    assert flowchart == (
        """\
flowchart TD
    s1(["Start"])
    s2{{"Ask"}}:::choice
    s3["Work<br/>SQS sendMessage"]:::task
    s4(["End it<br/>Late"]):::fail
    s5(["End"])
    s1 --> s2
    s2 -->|"$.a = #34;x\\#34;#35;#34;"| s3
    s2 -->|"otherwise"| s4
    s3 -.->|"any error"| s4
    s3 --> s5
"""
        + CLASSES
    )


def test_branches_are_subgraphs_in_their_states() -> None:
    inner: dict[str, Any] = {"StartAt": "X", "States": {"X": {"Type": "Succeed"}}}
    states = {
        "All": {"Type": "Parallel", "Branches": [inner, inner], "Next": "Each"},
        "Each": {"Type": "Map", "ItemProcessor": inner, "End": True},
    }
    flowchart = to_mermaid(Machine({"StartAt": "All", "States": states}))
    assert flowchart == (
        """\
flowchart TD
    s1(["Start"])
    subgraph s2["All \u00b7 all branches at once"]
        subgraph s2b1["1"]
            s5(["Start"])
            s6(["X"]):::succeed
            s5 --> s6
        end
        subgraph s2b2["2"]
            s8(["Start"])
            s9(["X"]):::succeed
            s8 --> s9
        end
    end
    subgraph s3["Each \u00b7 for each item"]
        s11(["Start"])
        s12(["X"]):::succeed
        s11 --> s12
    end
    s4(["End"])
    s1 --> s2
    s2 --> s3
    s3 --> s4
"""
        + CLASSES
    )
