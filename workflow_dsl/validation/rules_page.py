"""docs/rules.md: every rule with its AWS source, its examples and the findings of `check`, and all other codes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workflow_dsl.findings import CATALOG, Severity
from workflow_dsl.records import Record
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.rules.rule import Rule


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """Return by rule name: `bad` and `good` definitions as YAML, and the `type` and `substitutions` they need."""
    by_rule: Mapping[str, Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_bytes())
    return by_rule


class OtherCode(Record):
    """The severity and the meaning of a code that no rule has."""

    severity: Severity
    text: str


_CATALOG = {code: OtherCode(*entry) for code, entry in CATALOG.items()}
_READING = {
    "INVALID_JSON_DESCRIPTION": "the text is not JSON or YAML, or contains a value that JSON does not have",
    "TOO_DEEPLY_NESTED": "the text is nested too deeply to be read",
    "DEFINITION_TOO_LARGE": "the definition is larger than 1 MB",
}
_TEMPLATE = {
    "TEMPLATE": "a template cannot be read, or moto refuses one of its resources",
    "INPUT_SCHEMA": "the JSON schema of an input, NAME.input.schema.json, cannot be read, or is not a schema",
    "NO_DEFINITION": "a template's DefinitionUri names a file that does not exist or cannot be read",
}
_PROJECT = {
    "AUTHORING": "a mistake in a workflow module, at its line of Python",
    "IMPORT": "a definition has a part that a workflow cannot express, so it is not imported",
    "DRIFT": "a generated file is missing, out of date, or belongs to no workflow",
    "UNKNOWN_NAME": "no workflow, state machine or file has this name; a usage error, so the exit code is 2",
    "CONFIGURATION": "a setting or the code in a comment is wrong, or pyproject.toml or samconfig.toml is unreadable",
    "NOT_INSTALLED": "the command needs a package that is not installed",
}
_RUNS = {
    "INVALID_INPUT": "the input of an execution is not JSON",
    "MOCKS": "a mock or replacement names nothing that exists, or has an impossible result, or its file is wrong",
    "NO_BUCKET": "a file is to be uploaded to a bucket that the template does not have",
    "NO_TABLE": "an item is for a table that the template does not have, or the table refuses it",
    "NOT_EXECUTED": "the local engine does not support a field or a call",
    "PERSIST": "the file of `serve --persist` was not written by `serve`",
    "RECORDING": "a saved execution cannot be read or replayed",
}
_EXPLORED = {
    "DEAD_ERROR": OtherCode("warning", "an earlier retrier or catcher handles an error name, or nothing does"),
    "ENDLESS_LOOP": OtherCode("warning", "no transition that can be taken leads out of a loop"),
    "FAILS_ON_DATA": OtherCode("warning", "a state fails on an input of the declared type"),
    "FULL_HISTORY": OtherCode("warning", "a list of 1,000 items fills the 25,000 events of an execution"),
    "OUTSIDE_TYPE": OtherCode("warning", "a function is called with a value that its declared type excludes"),
    "TOO_MUCH_DATA": OtherCode("warning", "a list of 1,000 items makes the data larger than 256 KiB"),
}
_ACCOUNT = {
    "NO_STACK": "CloudFormation has no stack of this name",
    "NOT_SYNCED": "`sync` cannot update only this definition",
    "STACK_STATUS": "CloudFormation does not update a stack in its present status",
    "ACCESS_DENIED": "the credentials have no permission for a call; the message names the action",
    "NO_CREDENTIALS": "boto3 finds no credentials, or AWS rejects them",
    "NO_REGION": "no region is set, or the region does not exist",
    "REFUSED": "AWS refuses a call for another reason, which the message quotes",
    "THROTTLED": "AWS throttles a call",
    "UNREACHABLE": "AWS does not answer, or the answer does not come from AWS",
}


def _errors(texts: Mapping[str, str]) -> dict[str, OtherCode]:
    return {code: OtherCode("error", text) for code, text in texts.items()}


# The codes of findings that no rule yields, by subject. A rule has MISSING_SUBSTITUTION too.
_OTHER_CODES: Mapping[str, Mapping[str, OtherCode]] = {
    "A definition that cannot be read": _errors(_READING),
    "Template, definitions, functions and roles": {**_errors(_TEMPLATE), **_CATALOG},
    "Workflows and settings": _errors(_PROJECT),
    "Local runs and replays": {**_errors(_RUNS), **_EXPLORED},
    "The AWS account": _errors(_ACCOUNT),
}
_RULE_CODES = {rule.code for rule in rules()}
OTHER_CODES: Mapping[str, str] = {
    code: f"{'' if other.severity == 'error' else f'a {other.severity}: '}{other.text}"
    for group in _OTHER_CODES.values()
    for code, other in group.items()
    if code not in _RULE_CODES
}


def render_rules() -> str:
    """Return docs/rules.md as Markdown: errors, warnings, then notes, and the codes that no rule has."""
    ordered = sorted(rules(), key=lambda rule: ("error", "warning", "note").index(rule.severity))
    rows = [f"| [{rule.name}](#{rule.name}) | {rule.severity} | `{rule.code}` | {rule.summary} |" for rule in ordered]
    table = ["## Rules", "", "| Rule | Severity | Code | Summary |", "| --- | --- | --- | --- |", *rows, ""]
    sections = [f"### {rule.name}\n\n{_body(rule)}" for rule in ordered]
    return "\n".join([_INTRODUCTION, *table, *_other_codes(), "## Each rule", "", *sections])


def _other_codes() -> Iterator[str]:
    """Yield the lines about the codes that no rule has, a table for each group."""
    yield from ("## Other codes", "", _OTHERS, "")
    for title, codes in _OTHER_CODES.items():
        yield from (f"### {title}", "", "| Code | Severity | Meaning |", "| --- | --- | --- |")
        yield from (f"| `{code}` | {other.severity} | {other.text} |" for code, other in codes.items())
        yield ""


_OTHERS = """\
These findings are about more than the text of one definition, so they have no example here."""
_INTRODUCTION = """\
# Rules and codes

For everyone who reads a finding of `workflow-dsl`: look its code up here, or run `workflow-dsl rules CODE`.

`validate` checks these rules, and so does `generate` before it writes. An error is a definition that AWS refuses; its
code is AWS's own where AWS has one. A warning is a definition that AWS accepts, but that is likely to fail later. A
note is about something that works, and could be better. Two errors are about what handlers declare, which AWS does not
see: `UNDECLARED_FIELD` and `WRONG_ARGUMENT`, on [another page](types.md).
Suppress a warning or a note by its code, and `MISSING_PERMISSION`, `UNDECLARED_FIELD` and `WRONG_ARGUMENT` too, with
`workflow-dsl validate --ignore NO_DEFAULT` or in `pyproject.toml`:

```toml
[tool.workflow-dsl]
ignore = ["NO_DEFAULT"]
```

This page is generated by `tox -e docs` from the rules and from
[examples.yaml](../workflow_dsl/validation/examples.yaml); a test fails if it is out of date.
"""


def render_rule(rule: Rule) -> str:
    """Return one rule as Markdown."""
    return f"{rule.name}: {_body(rule)}"


def _body(rule: Rule) -> str:
    example = examples()[rule.name]
    options = {name: value for name, value in example.items() if name not in ("bad", "good")}
    findings = check(example["bad"], **options)
    lines = "\n".join(f"{finding.severity} {finding.code}: {finding}" for finding in findings)
    return (
        f"{rule.summary}\n\n{rule.severity.capitalize()} `{rule.code}`. Source: <{rule.source}>\n\n"
        f"{_circumstances(example)}"
        f"```yaml\n{example['bad'].rstrip()}\n```\n\n```text\n{lines}\n```\n\nInstead:\n\n"
        f"```yaml\n{example['good'].rstrip()}\n```\n"
    )


def _circumstances(example: Mapping[str, Any]) -> str:
    """The type, substitutions and declarations with which an example is checked; "" for a Standard one by itself."""
    of_type = f" of type {example['type']}" if "type" in example else ""
    names = ", ".join(f"`{name}`" for name in example.get("substitutions", ()))
    substituted = f" whose template substitutes only {names}" if names else ""
    if "declared" in example:
        return f"Where annotations of handlers, or schemas, declare\n`{json.dumps(example['declared'])}`:\n\n"
    return f"In a state machine{of_type}{substituted}:\n\n" if of_type or substituted else ""
