"""The findings that are no rule's: what a template and what belongs to it disagree about."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.findings import Severity

CODES: Mapping[str, tuple[Severity, str]] = {
    "NO_HANDLER": ("error", "a function's handler is not in its file"),
    "NO_CODE": ("warning", "a function's folder is not there"),
    "MISSING_SUBSTITUTION": ("error", "a placeholder of a definition has no substitution"),
    "UNKNOWN_REFERENCE": ("error", "a substitution refers to what is not in the template"),
    "WRONG_RESOURCE": ("error", "a substitution stands for another kind of thing than the definition needs there"),
    "UNUSED_SUBSTITUTION": ("warning", "a substitution is for no placeholder of the definition"),
    "UNUSED_FUNCTION": ("warning", "no state machine, event or resource uses a function"),
    "NOT_GENERATED": ("warning", "a state machine is not deployed from the file that its workflow generates"),
    "NOT_DEPLOYED": ("warning", "no state machine of the template is deployed from a workflow"),
    "MISSING_PERMISSION": ("error", "a role lacks an action that a state needs"),
    "INCOMPLETE_PERMISSION": ("warning", "a role lacks an action to follow a job, to stop it, or to leave a trace"),
    "UNNEEDED_PERMISSION": ("warning", "a role has actions that no state needs"),
}
# What can be left out: every warning, and what a role is given somewhere else for all that is known here.
OPTIONAL = frozenset({"MISSING_PERMISSION", *(code for code, (severity, _) in CODES.items() if severity == "warning")})
