"""The check of a state machine's definition, as its template deploys it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.findings import Finding
from workflow_dsl.validation import Type, check

_NONE: Mapping[str, Collection[str]] = {}


def check_machine(
    machine: TemplateMachine,
    reported: Mapping[str, Collection[str]] = _NONE,
    *,
    type: Type | None = None,
    ignore: Collection[str] = (),
    declarations: Declarations | None = None,
) -> list[Finding]:
    """The findings in a definition, checked with its template's substitutions and type, or with `type`.

    Nothing is said of the value of a placeholder in `reported`, the placeholders_reported() by cross_check(), so that
    one mistake is one finding. With `declarations`, what states read is compared with what handlers and others declare.
    """
    substitutions = machine.substitutions
    if substitutions is not None:
        substitutions = {**substitutions, **dict.fromkeys(reported.get(machine.logical_id, ()))}
    definition = machine.compiled or machine.source or machine.definition
    declared = declarations.of(machine) if declarations else None
    kind = type or machine.resource.type
    findings = check(definition, type=kind, substitutions=substitutions, ignore=ignore, declared=declared)
    findings = [_with_known_hint(finding, machine) for finding in findings]
    findings += declarations.problems(machine) if declarations else []
    if machine.compiled or not isinstance(machine.resource.definition, str) or not findings:
        return findings
    place = machine.place("Properties", "DefinitionString")
    if machine.template.place(*machine.keys).line is None:  # a plan of Terraform has no line for it
        findings = [replace(finding, message=f"{machine.logical_id}: {finding.message}") for finding in findings]
    return [finding if finding.where.place else finding.at(place) for finding in findings]


def _with_known_hint(finding: Finding, machine: TemplateMachine) -> Finding:
    """The finding, with a hint at a substitution that the template has; not at a placeholder that lacks one, too."""
    hinted = re.fullmatch(r'did you mean "(.+)"\?', finding.remedy) if finding.code == "UNKNOWN_PLACEHOLDER" else None
    if hinted is None or machine.substitutions is None or hinted[1] in machine.substitutions:
        return finding
    return replace(finding, remedy="add it to DefinitionSubstitutions")


def placeholders_reported(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """The placeholders that findings of cross_check() are about, by the logical ID of their state machine."""
    reported: dict[str, list[str]] = {}
    for finding in findings:
        match finding.where.keys:
            case ("Resources", str(machine), "Properties", "DefinitionSubstitutions", str(name)):
                reported.setdefault(machine, []).append(name)
    return reported
