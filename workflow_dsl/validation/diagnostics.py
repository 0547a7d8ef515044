"""Findings in the service's words: as diagnostics of a definition, and as the message of InvalidDefinition.

Codes, words and locations: recorded answers of the service; API reference, ValidateStateMachineDefinitionDiagnostic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow_dsl.definition.jackson import JsonProblem, json_problem
from workflow_dsl.definition.java_names import hash_order
from workflow_dsl.findings import Finding, to_pointer
from workflow_dsl.validation import Type, check

_SCHEMA = "SCHEMA_VALIDATION_FAILED"
_NO_OBJECT = "Definition must be a valid JSON object"
# Our codes for what the service has one general code for.
_CODES: Mapping[str, str] = {"TOO_DEEPLY_NESTED": "INVALID_JSON_DESCRIPTION", "DEFINITION_TOO_LARGE": _SCHEMA}
_FIELDS = re.compile(r"These fields are required: \[(.*)\]")
_TEMPLATE_FIELD = re.compile(r"The value for the field '(.*\.\$)' must be ", re.DOTALL)
# Words in which the service's messages end other than ours.
_ENDINGS: Mapping[str, str] = {
    "or the resource is not available in this region": ".",
    "does not support '.waitForTaskToken' service integration": " ",
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem of a definition, as the service reports it. `location` is None if the text is not an object."""

    severity: str
    code: str
    message: str
    location: str | None

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location}"


def diagnostics(text: str, type_: Type) -> list[Diagnostic]:
    """Return the problems of a definition's text. Only JSON is accepted, not YAML."""
    if not text.strip():
        return [Diagnostic("ERROR", _SCHEMA, _NO_OBJECT, None)]
    problem = json_problem(text)
    if problem:
        return [_of_json(problem)]
    if not isinstance(json.loads(text), dict):
        return [Diagnostic("ERROR", _SCHEMA, _NO_OBJECT, None)]
    return [
        diagnostic_of(finding) for finding in check(text, type=type_) if finding.rule or finding.severity == "error"
    ]


def diagnostic_of(finding: Finding) -> Diagnostic:
    """Return a finding in the service's words."""
    keys, template = finding.where.keys, _TEMPLATE_FIELD.match(finding.message)
    if template and keys and keys[-1] == template[1]:  # the service names the payload template
        keys = keys[:-1]
    severity = "ERROR" if finding.severity == "error" else "WARNING"
    return Diagnostic(
        severity, _CODES.get(finding.code, finding.code), _message(finding.message), to_pointer(keys) or "/"
    )


def definition_message(problems: Iterable[Diagnostic]) -> str:
    """Return the message of InvalidDefinition."""
    return f"Invalid State Machine Definition: '{', '.join(map(str, problems))}'"


def _message(message: str) -> str:
    required = _FIELDS.fullmatch(message)
    if required:  # the service lists them in the order of a Java HashMap
        return f"These fields are required: [{', '.join(hash_order(tuple(required[1].split(', '))))}]"
    return message + next((added for ending, added in _ENDINGS.items() if message.endswith(ending)), "")


def _of_json(problem: JsonProblem) -> Diagnostic:
    return Diagnostic("ERROR", "INVALID_JSON_DESCRIPTION", f"{problem.message}\n at {problem.source}", problem.source)
