"""Findings in the service's words: as diagnostics of a definition, and as the message of InvalidDefinition.

Codes: API reference, ValidateStateMachineDefinitionDiagnostic. Words, locations and their order: recorded answers of
the service, those of floci's pull request 2786 too ("refuse the definitions AWS refuses").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from workflow_dsl.definition.jackson import JsonProblem, json_problem
from workflow_dsl.definition.java_names import hash_order
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation import Type, check

_SCHEMA = "SCHEMA_VALIDATION_FAILED"
_NO_OBJECT = "Definition must be a valid JSON object"
# Our codes for what the service has one general code for.
_NO_END = "MISSING_END_STATE"
# The service's warnings; all others are ours.
_WARNINGS = frozenset(("NO_DOLLAR", "NO_PATH", "PASS_RESULT_IS_STATIC"))
_CODES: Mapping[str, str] = {"TOO_DEEPLY_NESTED": "INVALID_JSON_DESCRIPTION", "DEFINITION_TOO_LARGE": _SCHEMA}
_PARAMETERS = ("Parameters", "Arguments")
_FIELDS = lazy_regex(r"These fields are required: \[(.*)\]")
# Messages about a field. The service places them at the object that holds it (functionless's issue 308), and those of a
# call's parameters at the whole of them (the Data Science SDK's issue 200).
_FIELD_IN_OBJECT = lazy_regex(r"The value for the field '(.*\.\$)' must be |Field '(.*)' is not supported", re.DOTALL)
_FIELD_IN_CALL = lazy_regex(r'The field ".*" is not supported by Step Functions', re.DOTALL)
# The service does not repeat the number (cfn-lint's issue 4075: "Maximum value is 99999999").
_BOUND = lazy_regex(r"(M(?:in|ax)imum value is [^,]*), got .*", re.DOTALL)
# Our words before the message of the JSONata parser, which the service gives alone: floci's issue 2745.
_NOT_JSONATA = "is not valid JSONata: "
# Messages about JSONata that are sentences: floci's issues 2670 and 2745, pull request 2786.
_SENTENCE = lazy_regex(r"(Reference to .* is not supported|Field '\$states\..*' does not exist)", re.DOTALL)
# Words in which the service's messages end other than ours.
_ENDINGS: Mapping[str, str] = {
    "or the resource is not available in this region": ".",
    "does not support '.waitForTaskToken' service integration": " ",
}


class Diagnostic(Record):
    """A problem of a definition, as the service reports it.

    `location` is None if the text is not an object, and for a machine that never ends.
    """

    severity: str
    code: str
    message: str
    location: str | None

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or 'null'}"


def diagnostics(text: str, type_: Type) -> list[Diagnostic]:
    """Return the problems of a definition's text. Only JSON is accepted, not YAML."""
    unreadable = text_problem(text)
    return [unreadable] if unreadable else in_order(check(text, type=type_))


def text_problem(text: str) -> Diagnostic | None:
    """Return the problem of a string that is not the JSON of an object, None for one that is."""
    problem = json_problem(text) if text.strip() else None
    if problem:
        return _of_json(problem)
    is_object = bool(text.strip()) and isinstance(json.loads(text), dict)
    return None if is_object else Diagnostic("ERROR", _SCHEMA, _NO_OBJECT, None)


def in_order(findings: Iterable[Finding]) -> list[Diagnostic]:
    """Return the findings that the service has too, in its words and order: the missing end comes last."""
    chosen = [each for each in findings if each.severity == "error" or each.code in _WARNINGS]
    return sorted(map(_diagnostic_of, chosen), key=lambda each: each.code == _NO_END)


def _diagnostic_of(finding: Finding) -> Diagnostic:
    """Return a finding in the service's words."""
    keys = _place(finding)
    severity = "ERROR" if finding.severity == "error" else "WARNING"
    code = _CODES.get(finding.code, finding.code)
    return Diagnostic(severity, code, _message(finding.message), None if code == _NO_END else _location(keys))


def _place(finding: Finding) -> Keys:
    """The keys of the place at which the service reports a finding."""
    keys = finding.where.keys
    field = _FIELD_IN_OBJECT.match(finding.message)
    if field and keys and keys[-1] in field.groups():
        return keys[:-1]
    if _FIELD_IN_CALL.fullmatch(finding.message):
        ends = (end for end in range(3, len(keys)) if keys[end - 3] == "States" and keys[end - 1] in _PARAMETERS)
        return keys[: max(ends, default=len(keys))]
    return keys


def _location(keys: Keys) -> str:
    """A place as the service writes it: /States/Choose/Choices[0]/Next."""
    return "".join(f"[{key}]" if isinstance(key, int) else f"/{key}" for key in keys) or "/"


def definition_message(problems: Iterable[Diagnostic]) -> str:
    """Return the message of InvalidDefinition."""
    return f"Invalid State Machine Definition: '{', '.join(map(str, problems))}'"


def _message(message: str) -> str:
    required = _FIELDS.fullmatch(message)
    if required:  # the service lists them in the order of a Java HashMap
        return f"These fields are required: [{', '.join(hash_order(tuple(required[1].split(', '))))}]"
    bound = _BOUND.fullmatch(message)
    if bound:
        return bound[1]
    message = message.removeprefix(_NOT_JSONATA)
    if _SENTENCE.fullmatch(message):
        return f"{message}."
    return message + next((added for ending, added in _ENDINGS.items() if message.endswith(ending)), "")


def _of_json(problem: JsonProblem) -> Diagnostic:
    return Diagnostic("ERROR", "INVALID_JSON_DESCRIPTION", f"{problem.message}\n at {problem.source}", problem.source)
