"""docs/rules.md: every rule with where AWS says so, and what is wrong and right by it, as `check` says it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workflow_dsl.findings import CATALOG
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.rules.rule import Rule


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """For each rule by name: `bad` and `good` definitions as YAML text, and their `type` where it is not STANDARD."""
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_bytes())
    return found


OTHERS = {
    "INVALID_JSON_DESCRIPTION": "the text is not JSON or YAML, or says what JSON cannot",
    "TOO_DEEPLY_NESTED": "the text is nested too deeply to be read",
    "DEFINITION_TOO_LARGE": "the definition has more than 1 MB",
    "NO_DEFINITION": "a template's DefinitionUri leads to no file",
    **{code: f"{'a warning: ' if severity == 'warning' else ''}{said}" for code, (severity, said) in CATALOG.items()},
    "TEMPLATE": "a template cannot be read",
    "CONFIGURATION": "a setting under [tool.workflow-dsl] is wrong",
}


def handbook() -> str:
    """Every rule as Markdown, errors before warnings."""
    listed = sorted(rules(), key=lambda rule: rule.severity)
    table = [f"| [{rule.name}](#{rule.name}) | {rule.severity} | `{rule.code}` | {rule.summary} |" for rule in listed]
    head = ["| Rule | | Code | |", "| --- | --- | --- | --- |", *table, ""]
    others = ["Beside the rules:", "", *(f"- `{code}`: {said}." for code, said in OTHERS.items()), ""]
    return "\n".join([_INTRODUCTION, *others, *head, *(f"## {rule.name}\n\n{_body(rule)}" for rule in listed)])


_INTRODUCTION = """\
# Rules

What `workflow-dsl validate` checks, and `generate` before it writes. An error is what AWS refuses when the state
machine is created, with AWS's own code where it has one; a warning is what it creates, and what then goes wrong. A
warning can be left out by its code: `workflow-dsl validate --ignore NO_DEFAULT`, or for good in `pyproject.toml`:

```toml
[tool.workflow-dsl]
ignore = ["NO_DEFAULT"]
```

This page is made by `tox -e docs` from the rules themselves and from
[examples.yaml](../workflow_dsl/validation/examples.yaml); a test keeps it so.
"""


def chapter(rule: Rule) -> str:
    """One rule as Markdown."""
    return f"{rule.name}: {_body(rule)}"


def _body(rule: Rule) -> str:
    example = examples()[rule.name]
    said = check(example["bad"], type=example.get("type", "STANDARD"), substitutions=example.get("substitutions"))
    findings = "\n".join(f"{finding.severity} {finding.code}: {finding}" for finding in said)
    return (
        f"{rule.summary}\n\n{rule.severity.capitalize()} `{rule.code}`. Source: <{rule.source}>\n\n"
        f"```yaml\n{example['bad'].rstrip()}\n```\n\n```text\n{findings}\n```\n\nInstead:\n\n"
        f"```yaml\n{example['good'].rstrip()}\n```\n"
    )
