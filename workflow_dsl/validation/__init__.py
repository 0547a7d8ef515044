"""check(): every problem of a definition, by shape and by meaning, all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.asl import Machine
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.validation.languages import EXPRESSION_RULES
from workflow_dsl.validation.reading import read
from workflow_dsl.validation.rules import RULES, Type
from workflow_dsl.validation.shape import misshapen

__all__ = ["Type", "check"]


def check(
    document: Machine | dict[str, Any] | str | bytes,
    *,
    type: Type = "STANDARD",
) -> list[Finding]:
    """Every finding in a definition, in document order; none for one that the service takes.

    `document` is a Machine, a dict, or JSON or YAML text (as bytes: UTF-8); `type` is the state machine's. Nothing is
    raised for what the document holds, whatever it is. A finding's place is the author's line where a Machine knows it.
    """
    try:
        machine = document if isinstance(document, Machine) else Machine(read(document))
        findings = [
            *misshapen(machine),
            *(finding for rule in (*RULES, *EXPRESSION_RULES) for finding in rule(machine, type)),
        ]
    except FindingsError as problem:
        return list(problem.findings)
    except RecursionError:
        return [Finding("TOO_DEEPLY_NESTED", "error", Where(), "is nested too deeply", "flatten it")]
    findings.sort(key=_in_document_order(machine))
    return [finding.placed(machine.place(finding.where.keys)) for finding in findings]


def _in_document_order(machine: Machine) -> Callable[[Finding], tuple[int, ...]]:
    """A sort key: for each key of a finding's place, its position in the object or list that holds it."""
    positions: dict[int, dict[str, int]] = {}

    def order(finding: Finding) -> tuple[int, ...]:
        value: Any = machine.fields
        ranks = []
        for key in finding.where.keys:
            if isinstance(key, int):
                ranks.append(key)
            else:
                known = positions.setdefault(id(value), {}) or {name: rank for rank, name in enumerate(value)}
                positions[id(value)] = known
                ranks.append(known[key])
            value = value[key]
        return tuple(ranks)

    return order
