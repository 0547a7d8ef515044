"""The check of a state machine's definition, as its template deploys it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.resource_types import BUCKET, MACHINES, QUEUE, ROLE, TOPIC
from workflow_dsl.definition.json import value_at
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.findings import Finding
from workflow_dsl.records import replace
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
    """The finding, with a hint at a substitution that the template has; not at a placeholder that lacks one, too.

    A placeholder's wrong value is fixed in the template, where it is set.
    """
    written = value_at(machine.definition.document(), finding.where.keys) if finding.code == "WRONG_FORM" else None
    if isinstance(written, str) and is_placeholder(written) and machine.is_in_template:
        return replace(finding, remedy=_remedy_of_value(machine, written, finding.remedy))
    hinted = re.fullmatch(r'did you mean "(.+)"\?', finding.remedy) if finding.code == "UNKNOWN_PLACEHOLDER" else None
    if hinted is None or machine.substitutions is None or hinted[1] in machine.substitutions:
        return finding
    return replace(finding, remedy="add it to DefinitionSubstitutions")


def _remedy_of_value(machine: TemplateMachine, placeholder: str, remedy: str) -> str:
    """The remedy for a placeholder whose value has the wrong form: the reference that gives the right one, or its form.

    Ref gives the URL of a queue, the name of a bucket and the ARN of a topic and of a state machine.
    """
    [name] = placeholders_in(placeholder)
    resource = machine.referenced(placeholder)
    type_ = resource.type if resource else ""
    kind = next((kind for kind in _BY_REF if kind in remedy), "")
    form = remedy.removeprefix("write ")
    if resource and type_ == ROLE and ":role/" in remedy:
        form = f"!GetAtt {resource.logical_id}.Arn"
    elif resource and kind and type_ in _BY_REF[kind]:
        form = f"!Ref {resource.logical_id}"
    return f"write {name}: {form} in DefinitionSubstitutions"


_BY_REF = {"sqs.": (QUEUE,), "arn:aws:s3": (BUCKET,), "arn:aws:sns": (TOPIC,), ":stateMachine:": MACHINES}


def placeholders_reported(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """The placeholders that findings of cross_check() are about, by the logical ID of their state machine."""
    reported: dict[str, list[str]] = {}
    for finding in findings:
        match finding.where.keys:
            case ("Resources", str(machine), "Properties", "DefinitionSubstitutions", str(name)):
                reported.setdefault(machine, []).append(name)
    return reported
