"""The style of a diagram: colors for light and dark, and a badge for each state type and service."""

from __future__ import annotations

from workflow_dsl.definition.calls import title_of
from workflow_dsl.views.diagram.graph import Box
from workflow_dsl.views.inert import without_tags

# The colors of AWS's architecture icons, one for each category of services.
_COMPUTE, _DATABASE, _INTEGRATION, _STORAGE, _ANALYTICS, _LEARNING, _MANAGEMENT = (
    "#d86613", "#b62fc4", "#d6246e", "#5f8a12", "#7d4ce0", "#01836f", "#c2356b"
)  # fmt: skip
_SERVICES = {
    "activity": (_COMPUTE, "ACT"),
    "athena": (_ANALYTICS, "ATH"),
    "batch": (_COMPUTE, "BAT"),
    "bedrock": (_LEARNING, "AI"),
    "bedrockagent": (_LEARNING, "AI"),
    "bedrockagentruntime": (_LEARNING, "AI"),
    "bedrockruntime": (_LEARNING, "AI"),
    "rds": (_DATABASE, "RDS"),
    "dynamodb": (_DATABASE, "DDB"),
    "ecs": (_COMPUTE, "ECS"),
    "eks": (_COMPUTE, "EKS"),
    "eventbridge": (_INTEGRATION, "EB"),
    "events": (_INTEGRATION, "EB"),
    "glue": (_ANALYTICS, "GLU"),
    "http": (_INTEGRATION, "HTTP"),
    "lambda": (_COMPUTE, "\u03bb"),
    "s3": (_STORAGE, "S3"),
    "sagemaker": (_LEARNING, "SM"),
    "sfn": (_INTEGRATION, "SFN"),
    "sns": (_INTEGRATION, "SNS"),
    "sqs": (_INTEGRATION, "SQS"),
    "states": (_INTEGRATION, "SFN"),
}
_ICONS = {  # SVG path data in a 26 by 26 square
    "Choice": ("#3b6fd4", "M13 6 L20 13 L13 20 L6 13 Z"),
    "Fail": ("#c62828", "M8 8 L18 18 M18 8 L8 18"),
    "Map": ("#4a5fa8", "M7 8 H19 M7 13 H19 M7 18 H19"),
    "Parallel": ("#4a5fa8", "M9 7 V19 M17 7 V19"),
    "Pass": ("#5c6b7a", "M6 13 H20 M15 8 L20 13 L15 18"),
    "Succeed": ("#2e7d32", "M7 13 L12 18 L20 8"),
    "Wait": ("#7a6a1f", "M13 6 A7 7 0 1 0 13.01 6 M13 9 V13 L16 15"),
}
_UNKNOWN = ("#5c6b7a", "M13 7 V14 M13 18 V19")


def badge_of(box: Box) -> tuple[str, str]:
    """The color of a state's badge, and its icon: a few letters, or SVG path data in a 26 by 26 square."""
    if box.kind == "Task":
        title = title_of(box.service)
        letters = title if title.isupper() else "".join(word[0] for word in title.split())[:3].upper()
        return _SERVICES.get(box.service, ("#5c6b7a", without_tags(letters) or "?"))
    return _ICONS.get(box.kind, _UNKNOWN)


STYLE = "".join(
    """
.page,.ground{fill:#fff}
text{fill:#16202b}
.name{font-weight:bold}
.detail,.label{fill:#4d5a67}
.letters{fill:#fff;font-weight:bold}
.state>rect,.state>polygon{fill:#fff;stroke:#8b98a5;stroke-width:1.2}
.group>rect{fill:#f3f6f9;stroke:#8b98a5;stroke-width:1.2}
.group .scope{fill:#fff;stroke:#c3ccd5;stroke-dasharray:2 3}
.missing>rect{fill:#fff;stroke:#c62828;stroke-dasharray:3 3}
.start rect,.end rect{fill:#e6ebf0;stroke:#8b98a5}
.sign{fill:none;stroke:#fff;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.next{fill:none;stroke:#62717f;stroke-width:1.4}
.catch{fill:none;stroke:#c05a00;stroke-width:1.4;stroke-dasharray:5 3}
.arrow-next path{fill:#62717f}
.arrow-catch path{fill:#c05a00}
@media(prefers-color-scheme:dark){
.page,.ground{fill:#10161d}
text{fill:#e8edf2}
.detail,.label{fill:#a9b5c1}
.letters{fill:#fff}
.state>rect,.state>polygon{fill:#1a232d;stroke:#6d7c8a}
.group>rect{fill:#151d26;stroke:#6d7c8a}
.group .scope{fill:#10161d;stroke:#46525e}
.missing>rect{fill:#1a232d}
.start rect,.end rect{fill:#26313c;stroke:#6d7c8a}
.next{stroke:#93a1af}
.catch{stroke:#f0a04b}
.arrow-next path{fill:#93a1af}
.arrow-catch path{fill:#f0a04b}
}
""".split("\n")
)

# The states of an execution: green if completed, red if failed, faint if never entered.
RUN_STYLE = "".join(
    """
.ran>rect,.ran>polygon{stroke:#2e7d32;stroke-width:2.6}
.failed>rect,.failed>polygon{stroke:#c62828;stroke-width:2.6}
.idle{opacity:.4}
.ran>.scope,.failed>.scope{stroke-width:1}
""".split("\n")
)

# The states of two definitions: green if added, red and broken if removed, amber if changed.
CHANGE_STYLE = "".join(
    """
.added>rect,.added>polygon{stroke:#2e7d32;stroke-width:2.6}
.removed>rect,.removed>polygon{stroke:#c62828;stroke-width:2.6;stroke-dasharray:6 4}
.removed .name{text-decoration:line-through}
.changed>rect,.changed>polygon{stroke:#d18616;stroke-width:2.6}
.next.added,.catch.added{stroke:#2e7d32;stroke-width:2.6}
.next.removed,.catch.removed{stroke:#c62828;stroke-dasharray:6 4}
.added>.scope,.removed>.scope,.changed>.scope{stroke-width:1}
""".split("\n")
)
