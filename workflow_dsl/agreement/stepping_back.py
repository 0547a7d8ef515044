"""The checks that step back, each with the reason in one line, so that silence is not taken for agreement."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import macros_of
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.findings import short_list
from workflow_dsl.permissions import why_unknown


def stepped_back(application: Application) -> Iterator[str]:
    """Yield what cross_check() did not look at in a template with state machines, and why."""
    template = application.template
    macros = macros_of(template)
    if macros:
        names = short_list(macros)
        yield f"references, substitutions, roles and permissions are not checked: {names} may change them"
        return
    loops = [name for name in template.source.document["Resources"] if name.startswith("Fn::ForEach")]
    if loops:
        yield f"the resources of {short_list(loops)} are not checked: they exist only at deployment"
    yield from _unlisted_substitutions(template)
    by_reason: dict[str, list[str]] = {}
    for machine in application.machines:
        reason = why_unknown(template, machine.logical_id)
        if reason:
            by_reason.setdefault(reason, []).append(machine.logical_id)
    for reason, machines in by_reason.items():
        yield f"the permissions of {short_list(machines)} are not checked: {reason}"


def _unlisted_substitutions(template: Template) -> Iterator[str]:
    names = [each.logical_id for each in template.of_types(*MACHINES) if "DefinitionSubstitutions" in each.properties]
    unlisted = [name for name in names if not template.substitutions_are_static(name)]
    if unlisted:
        yield f"the substitutions of {short_list(unlisted)} are not checked: an intrinsic function creates them"
