"""rules_page.py: docs/rules.md is generated from the rules and their examples."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import workflow_dsl
from workflow_dsl.findings import CATALOG
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.rules.rule import Rule
from workflow_dsl.validation.rules_page import OTHER_CODES, examples, render_rule, render_rules

PACKAGE = Path(workflow_dsl.__file__).parent

RULES = rules()
_CIRCUMSTANCES = {
    "express-limits": "In a state machine of type EXPRESS:\n\n",
    "express-timeout": "In a state machine of type EXPRESS:\n\n",
    "missing-substitution": "In a state machine whose template substitutes only `StockCheckerFunctionArn`:\n\n",
    "unknown-placeholder": "In a state machine whose template substitutes only `BrokerName`:\n\n",
}
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_the_page_is_up_to_date(root: Path) -> None:
    page = (root / "docs" / "rules.md").read_text("utf-8")
    assert page == render_rules(), "docs/rules.md is out of date: run `tox -e docs`"


def test_each_rule_has_one_heading_errors_before_warnings_before_notes_in_the_order_of_the_rules() -> None:
    severities = ("error", "warning", "note")
    expected = [rule.name for severity in severities for rule in RULES if rule.severity == severity]
    page = _without_examples(render_rules())
    assert re.findall(r"^### (.*)$", page.partition("## Each rule\n")[2], re.MULTILINE) == expected
    assert re.findall(r"^# (.*)$", page, re.MULTILINE) == ["Rules and codes"]


def test_the_table_has_a_row_for_each_heading_that_links_to_it() -> None:
    rows = re.findall(r"^\| \[(.*?)\]\(#(.*?)\) \| (\w+) \| `(\w+)` \| (.*) \|$", render_rules(), re.MULTILINE)
    headings = re.findall(r"^### (.*)$", render_rules().partition("## Each rule\n")[2], re.MULTILINE)
    by_name = {rule.name: rule for rule in RULES}
    assert rows == [
        (name, name, by_name[name].severity, by_name[name].code, by_name[name].summary.replace("|", "\\|"))
        for name in headings
    ]


def _declared(example: Mapping[str, Any]) -> str:
    declared = example.get("declared")
    return f"Where annotations of handlers, or schemas, declare\n`{json.dumps(declared)}`:\n\n" if declared else ""


@each_rule
def test_a_rule_shows_a_failing_example_its_findings_and_a_passing_example(rule: Rule) -> None:
    example = examples()[rule.name]
    findings = check(example["bad"], **{name: value for name, value in example.items() if name not in ("bad", "good")})
    lines = "\n".join(f"{finding.severity} {finding.code}: {finding}" for finding in findings)
    body = (
        f"{rule.summary}\n\n{rule.severity.capitalize()} `{rule.code}`. Source: <{rule.source}>\n\n{_CIRCUMSTANCES.get(rule.name, _declared(example))}"
        f"```yaml\n{example['bad'].rstrip()}\n```\n\n```text\n{lines}\n```\n\nInstead:\n\n"
        f"```yaml\n{example['good'].rstrip()}\n```\n"
    )
    assert render_rule(rule) == f"{rule.name}: {body}"
    assert f"\n### {rule.name}\n\n{body}" in render_rules()


@each_rule
def test_no_example_ends_its_code_block(rule: Rule) -> None:
    assert [line[:7] for line in render_rule(rule).splitlines() if line.startswith("```")] == [
        *("```yaml", "```", "```text", "```", "```yaml", "```"),
    ]


def test_the_page_ends_with_one_newline_and_has_no_trailing_whitespace() -> None:
    assert render_rules().endswith("```\n")
    assert not render_rules().endswith("\n\n")
    assert [line for line in _without_examples(render_rules()).splitlines() if line != line.rstrip()] == []


def test_every_code_in_the_source_is_on_the_page() -> None:
    codes = {code for path in PACKAGE.rglob("*.py") for code in _codes_in(path)}
    assert codes - {rule.code for rule in RULES} - {*OTHER_CODES} == set()


def test_the_codes_that_no_rule_has_are_all_used_and_no_rules() -> None:
    used = set().union(*map(_codes_in, PACKAGE.rglob("*.py")))
    assert {*OTHER_CODES} - used - {*CATALOG} == set()
    assert {*OTHER_CODES} & {rule.code for rule in RULES} == set()


def test_the_test_of_the_codes_sees_each_way_to_write_one(tmp_path: Path) -> None:
    source = """
        Finding("AAAA_A", "error", Where(), ""); findings.Finding("BBBB_B"); _finding("CCCC", ""); finding_at(app, "DDDD", ())
        raise _error("EEEE", ""); replace(finding, code="FFFF"); table = ((("Name",), "GGGG", "a message", ""),)
    """
    (tmp_path / "access.py").write_text(dedent(source))
    assert sorted(_codes_in(tmp_path / "access.py")) == ["AAAA_A", "BBBB_B", "CCCC", "DDDD", "EEEE", "FFFF", "GGGG"]


_MAKERS = {"Finding", "_finding", "finding_at", "_error"}


def _codes_in(path: Path) -> set[str]:
    """The codes of findings in a module: in the calls that create findings, and in tables of the account's errors."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    values: list[ast.expr] = [word.value for call in calls for word in call.keywords if word.arg == "code"]
    values += [value for call in calls if _name(call) in _MAKERS for value in call.args[:2]]
    rows = [node for node in ast.walk(tree) if isinstance(node, ast.Tuple) and len(node.elts) == 4]
    values += [row.elts[1] for row in rows if isinstance(row.elts[0], ast.Tuple)]
    texts = [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return {text for text in texts if re.fullmatch(r"[A-Z][A-Z_]{3,}", text)}


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _without_examples(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
