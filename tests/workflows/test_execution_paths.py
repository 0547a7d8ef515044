"""The generated tests of the sample workflows have every path: writing them again adds none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("workflow", ["stock_trader", "portfolio_rebalance"])
def test_writing_the_tests_again_adds_none(workflow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    file = tmp_path / f"test_{workflow}_paths.py"
    text = (ROOT / "tests" / "workflows" / file.name).read_text("utf-8")
    file.write_text(text, "utf-8")
    result = CliRunner().invoke(main, ["tests", workflow, "-o", str(file)])
    assert "0 tests added; the paths cover 100%" in result.output
    assert file.read_text("utf-8") == text
    assert len([node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]) >= 6
