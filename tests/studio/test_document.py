"""The page as a document: one file that loads nothing and runs nothing but its own script."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest

from workflow_dsl.studio.document import document

EMPTY: dict[str, Any] = {"name": "x", "machines": [], "uses": [], "notCalled": [], "findings": []}


def test_the_policy_allows_the_script_and_the_style_of_the_page_alone() -> None:
    text = document(EMPTY)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    script = re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy
    assert script
    assert style
    hashes = [base64.b64encode(hashlib.sha256(part[1].encode()).digest()).decode() for part in (script, style)]
    assert policy[1] == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; connect-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_a_live_page_may_ask_its_own_server() -> None:
    assert "connect-src 'self'" in document(EMPTY, is_live=True)


def test_the_modules_are_joined_without_imports_and_exports() -> None:
    assert not re.search(r"^(import|export)\b", document(EMPTY), re.MULTILINE)


def test_no_two_modules_declare_the_same_name() -> None:
    names = re.findall(r"^(?:const|let|class|(?:async )?function) (\w+)", document(EMPTY), re.MULTILINE)
    assert len(names) > 20
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]


@pytest.mark.parametrize("foreign", ["http:", "https:", "url(", "@import", "innerHTML", "eval("])
def test_nothing_is_loaded_or_taken_as_markup(foreign: str) -> None:
    assert foreign not in document(EMPTY).replace("http://www.w3.org/2000/svg", "")
