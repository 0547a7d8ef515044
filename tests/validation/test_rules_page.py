"""handbook.py: docs/rules.md is what the rules and their examples make it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workflow_dsl.validation import check, rules
from workflow_dsl.validation.rules.rule import Rule
from workflow_dsl.validation.rules_page import chapter, examples, handbook

RULES = rules()
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_the_page_is_what_the_rules_make_it(root: Path) -> None:
    page = (root / "docs" / "rules.md").read_text("utf-8")
    assert page == handbook(), "docs/rules.md is not current: run `tox -e docs`"


def test_each_rule_has_one_heading_errors_before_warnings_in_the_order_of_the_rules() -> None:
    expected = [rule.name for severity in ("error", "warning") for rule in RULES if rule.severity == severity]
    assert re.findall(r"^## (.*)$", handbook(), re.MULTILINE) == expected
    assert re.findall(r"^# (.*)$", _without_examples(handbook()), re.MULTILINE) == ["Rules"]


def test_the_table_has_a_row_for_each_heading_that_leads_to_it() -> None:
    rows = re.findall(r"^\| \[(.*?)\]\(#(.*?)\) \| (\w+) \| `(\w+)` \| (.*) \|$", handbook(), re.MULTILINE)
    headings = re.findall(r"^## (.*)$", handbook(), re.MULTILINE)
    named = {rule.name: rule for rule in RULES}
    assert rows == [
        (name, name, named[name].severity, named[name].code, named[name].summary.replace("|", "\\|"))
        for name in headings
    ]


@each_rule
def test_a_chapter_shows_what_is_wrong_what_is_said_and_what_is_right(rule: Rule) -> None:
    example = examples()[rule.name]
    found = check(example["bad"], type=example.get("type", "STANDARD"), substitutions=example.get("substitutions"))
    lines = "\n".join(f"{finding.severity} {finding.code}: {finding}" for finding in found)
    body = (
        f"{rule.summary}\n\n{rule.severity.capitalize()} `{rule.code}`. Source: <{rule.source}>\n\n"
        f"```yaml\n{example['bad'].rstrip()}\n```\n\n```text\n{lines}\n```\n\nInstead:\n\n"
        f"```yaml\n{example['good'].rstrip()}\n```\n"
    )
    assert chapter(rule) == f"{rule.name}: {body}"
    assert f"\n## {rule.name}\n\n{body}" in handbook()


@each_rule
def test_no_example_breaks_out_of_its_block(rule: Rule) -> None:
    assert [line[:7] for line in chapter(rule).splitlines() if line.startswith("```")] == [
        *("```yaml", "```", "```text", "```", "```yaml", "```"),
    ]


def test_the_page_ends_with_a_newline_and_has_none_too_many() -> None:
    assert handbook().endswith("```\n")
    assert not handbook().endswith("\n\n")
    assert [line for line in _without_examples(handbook()).splitlines() if line != line.rstrip()] == []


def _without_examples(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
