"""What AWS itself recorded, where that data lies beside this checkout: the scores that the docs claim."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "conformance"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not beside this checkout")


def score(script: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-B", str(DATA / script), "--show", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.splitlines()[-1]


def test_the_engine_answers_as_the_service_did() -> None:
    found = re.search(r"(\d+) rows .* strict +(\d+)  history +(\d+)/(\d+)", score("score_executions.py"))
    assert found
    rows, strict, history, of = map(int, found.groups())
    # Two rows of an Express machine are alike but for what the service adds in the one that was started asynchronously.
    assert strict >= rows - 1
    assert history >= 0.95 * of


def test_the_validation_cries_no_wolf() -> None:
    lines = score("score_definitions.py")
    assert re.search(r"all +\d+ of \d+", lines)
