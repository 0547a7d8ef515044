"""Texts that would take minutes where time grows with the square of their length, or doubles: each ends with an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main
from workflow_dsl.project import Project

STATES = "StartAt: A\nStates: {A: {Type: Pass, End: true}}\n"
LONG = 200_000


def chain(count: int, **fields: Any) -> str:
    """A definition of many states; its text is one line."""
    states: dict[str, Any] = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}", **fields} for n in range(count)}
    return json.dumps({"StartAt": "S0", "States": {**states, f"S{count}": {"Type": "Succeed"}}})


def dangling(count: int) -> str:
    catchers = [{"ErrorEquals": ["E"], "Next": f"S{n}x"} for n in range(count)]
    states = {f"S{n}": {"Type": "Pass", "End": True} for n in range(1_500)}
    return json.dumps(
        {
            "StartAt": "S0",
            "States": {**states, "S": {"Type": "Task", "Resource": "${A}", "End": True, "Catch": catchers}},
        }
    )


def crossing(count: int) -> str:
    """Choices to everywhere: a drawing of long lines only."""
    rules = [
        [{"Variable": "$.a", "IsNull": True, "Next": f"S{(n * 7 + k) % count}"} for k in range(3)] for n in range(count)
    ]
    states = {f"S{n}": {"Type": "Choice", "Choices": rules[n], "Default": f"S{n * 3 % count}"} for n in range(count)}
    return json.dumps({"StartAt": "S0", "States": states})


TEXTS: dict[str, tuple[str, str, str]] = {
    "a number in base 60": ("x.asl.yaml", f"{STATES}a: 1{':0' * LONG}\n", "has a number of 400001 characters"),
    "merges of a large object": (
        "x.asl.yaml",
        f"{STATES}b: &b {{{', '.join(f'k{n}: 1' for n in range(20_000))}}}\nc:\n" + "- <<: *b\n" * 5_000,
        "expand to more than 100,000 fields",
    ),
    "blanks between dashes": ("x.asl.yaml", f"{STATES}c: {('-' + ' ' * 2_000) * 400}\n", "is neither JSON nor YAML"),
    "YAML of 2 MB": ("x.asl.yaml", f"{STATES}{'#' * 2_000_000}\n", "has more than 2,000,000 characters"),
    "many findings in one line": ("x.asl.json", chain(3_000, Assign={"v": 1}), "is never read"),
    "many names to suggest": ("x.asl.json", dangling(5_000), "Missing 'Next' target: S4999x"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_definition_is_checked_in_the_end(project: Project, name: str) -> None:
    file, text, message = TEXTS[name]
    (project.root / file).write_text(text)
    assert message in CliRunner().invoke(main, ["validate", file]).output


@pytest.mark.parametrize(
    "text",
    [crossing(700), chain(2_000), json.dumps({"StartAt": "A", "States": {"A" + "\u0301" * LONG: {"Type": "Pass"}}})],
)
def test_a_machine_is_drawn_in_the_end(project: Project, text: str) -> None:
    (project.root / "x.asl.json").write_text(text)
    assert CliRunner().invoke(main, ["diagram", "x.asl.json"]).output.startswith("<svg")


@pytest.mark.parametrize(
    "text", [f"a{'.a' * LONG} = 1", f"[a{'.a' * LONG}]", f"x = {{a{'.a' * LONG} = 1}}", f"a = {'[' * LONG}"]
)
def test_settings_are_refused_in_the_end(project: Project, text: str) -> None:
    (project.root / "pyproject.toml").write_text(text)
    result = CliRunner().invoke(main, ["uses"])
    assert (result.exit_code, "is not TOML" in result.stderr) == (1, True)


def test_dots_in_strings_are_no_long_key(project: Project) -> None:
    (project.root / "pyproject.toml").write_text(f'[tool.workflow-dsl]\n[tool.x]\na = "{"a." * 100}"\nb.c.d = 1\n')
    assert CliRunner().invoke(main, ["uses"]).exit_code == 2  # there is not a template
