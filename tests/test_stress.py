"""A small part of the stress program, which is the same in every run; `tox -e stress` runs the whole."""

from __future__ import annotations

import os
import sys
import warnings

import pytest

from tests.stress.__main__ import PARTS, SEED
from tests.stress.modules import HOSTILE, compile_in_child
from tests.stress.parts import Part, run_chunk

COUNTS = {
    "definitions": 150,
    "templates": 40,
    "modules": 1,
    "kills": 4,
    "runs": 60,
    "files": 30,
    "concurrent": 24,
    "requests": 300,
    "server": 200,
}


@pytest.mark.skipif(sys.platform == "win32", reason="children are forked")
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_few_inputs_of_each_part_find_no_fault(part: Part) -> None:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of fork() beside threads
        assert run_chunk(part, f"{SEED} 0", COUNTS[part.name]).faults == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_module_cannot_bring_the_compiler_down(name: str) -> None:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        assert list(compile_in_child(HOSTILE[name])) == []
