"""isolation.py: what a workflow module changes in the interpreter is put back, in the same process."""

from __future__ import annotations

import builtins
import cProfile
import linecache
import os
import pathlib
import pstats
import sys

from workflow_dsl.compiler.isolation import InterpreterRestored

folder = pathlib.Path.cwd


def changeable() -> tuple[object, ...]:
    """What a workflow module may change in Python."""
    return (
        len,
        open,
        os.replace,
        pathlib.Path,
        pathlib.Path.exists,
        linecache.checkcache,
        sys.stdout,
        sys.path,
        sys.modules["os"],
        folder(),
    )


def test_builtins_sys_modules_folder_and_limits_are_as_before() -> None:
    before = changeable()
    limit = sys.getrecursionlimit()
    with InterpreterRestored():
        del builtins.len
        builtins.open = builtins.isinstance = None  # type: ignore[assignment]
        os.replace = pathlib.Path.exists = None  # type: ignore[assignment,method-assign]
        pathlib.Path = linecache.checkcache = None  # type: ignore[assignment,misc]
        sys.stdout = sys.path = None  # type: ignore[assignment]
        del sys.modules["os"]
        os.chdir("/")
        sys.setrecursionlimit(limit - 1)
    assert changeable() == before
    assert sys.getrecursionlimit() == limit


def test_a_profiler_goes_on_after_the_block() -> None:
    with cProfile.Profile() as profile:
        with InterpreterRestored():
            sys.setrecursionlimit(sys.getrecursionlimit())
        folder()
    assert "cwd" in {function for _, _, function in pstats.Stats(profile).stats}  # type: ignore[attr-defined]
