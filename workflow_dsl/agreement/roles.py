"""The permissions that states need against those that the template grants."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.findings import Finding
from workflow_dsl.permissions import missing_permissions, role_of, unneeded_permissions


def wrong_permissions(application: Application) -> Iterator[Finding]:
    """Permissions that a role lacks, and those that no state of the machines sharing it needs."""
    by_role: dict[str, list[TemplateMachine]] = {}
    for machine in application.machines if not template_uses_macros(application.template) else ():
        by_role.setdefault(role_of(application.template, machine.logical_id) or "", []).append(machine)
        for gap in missing_permissions(machine):
            code = "MISSING_PERMISSION" if gap.level == "required" else "INCOMPLETE_PERMISSION"
            yield finding_at(application, code, gap.keys, gap.message, gap.remedy)
    for sharing in by_role.values():
        for gap in unneeded_permissions(sharing):
            yield finding_at(application, "UNNEEDED_PERMISSION", gap.keys, gap.message, gap.remedy)
