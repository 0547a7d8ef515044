"""A template against its state machines, its functions and the project's workflows: do they agree?

Each check is a generator; its findings stand at the template's line and say what to write there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from workflow_dsl.agreement.functions import definitions_of_workflows, missing_handlers, permissions, unused_functions
from workflow_dsl.agreement.references import check_references
from workflow_dsl.agreement.substitutions import (
    missing_substitutions,
    unknown_references,
    unused_substitutions,
    wrong_resources,
)
from workflow_dsl.application.machines import Stack
from workflow_dsl.findings import Finding

__all__ = ["cross_check", "in_doubt"]

_Check = Callable[[Stack], Iterator[Finding]]


def reported_placeholders(findings: Iterable[Finding]) -> dict[str, set[str]]:
    """For each state machine the placeholders that a finding is about: no other is made of what they stand for."""
    reported: dict[str, set[str]] = {}
    for finding in findings:
        match finding.where.keys:
            case ("Resources", str(machine), "Properties", "DefinitionSubstitutions", str(name)):
                reported.setdefault(machine, set()).add(name)
    return reported


def cross_check(stack: Stack) -> list[Finding]:
    """Everything that a template, its state machines, its functions and its project disagree about.

    Where a substitution is wrong, nothing is called unused or unneeded that may be what it should stand for.
    """
    is_checked = stack.machines or stack.undeployed
    found = [finding for check in _CHECKS for finding in check(stack)] if is_checked else []
    is_in_doubt = any(finding.code in _CAUSES for finding in found)
    return [finding for finding in found if not is_in_doubt or finding.code not in _CONSEQUENCES]


_CAUSES = ("MISSING_SUBSTITUTION", "UNKNOWN_REFERENCE", "WRONG_RESOURCE")
_CONSEQUENCES = ("UNUSED_SUBSTITUTION", "UNUSED_FUNCTION", "UNNEEDED_PERMISSION")


_CHECKS: tuple[_Check, ...] = (
    definitions_of_workflows,
    check_references,
    missing_substitutions,
    unknown_references,
    wrong_resources,
    unused_substitutions,
    missing_handlers,
    unused_functions,
    permissions,
)
