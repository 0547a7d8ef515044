"""The part about `generate` that is interrupted, killed, or run twice at once, at random moments."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from click.testing import CliRunner

from workflow_dsl.cli import main

_WORKFLOW = """\
from stepfunctions.steps import Pass
from workflow_dsl import Workflow

def build():
    return Workflow(Pass("A", result={text!r}))
"""
_NAMES = ("one", "two", "three")
_TEXTS = ("old", "new")
# Starts `generate` in a child that is a copy of this process, so that a thousand runs need no thousand starts of Python.
_ENDS = ("interrupt", "interrupt twice", "terminate", "kill", "run twice", "run twice and kill")


def kills(random: Random, count: int) -> Iterator[str]:
    """End `generate` in each way at a random moment; then look at every file, run it again, and look again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "workflows").mkdir()
        _write_workflows(folder, "first")
        with contextlib.chdir(folder):  # children have what this process has imported
            CliRunner().invoke(main, ["generate"])
        for text in _TEXTS:
            _write_workflows(folder, text)
            duration = _duration(folder)
        for number in range(count):
            text = _TEXTS[number % 2]
            how = random.choice(_ENDS)
            _write_workflows(folder, text)
            _end(random, folder, how, duration)
            yield from (f"run {number}, {how}: {fault}" for fault in _faults(folder, text))


def _write_workflows(folder: Path, text: str) -> None:
    for name in _NAMES:
        (folder / "workflows" / f"{name}.py").write_text(_WORKFLOW.format(text=f"{name} {text}"))


def _start(folder: Path) -> int:
    """Fork a child that runs `generate`, and return its process ID."""
    waiting = {signal.SIGINT, signal.SIGTERM}  # until the child runs its own code: Python's, after a fork, prints them
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return child
    try:
        os.chdir(folder)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        main(["generate"])
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    except BaseException:
        os._exit(99)
    os._exit(98)


def _duration(folder: Path) -> float:
    started = time.perf_counter()
    os.waitpid(_start(folder), 0)
    return time.perf_counter() - started


_SIGNALS = {
    "interrupt": (signal.SIGINT,),
    "interrupt twice": (signal.SIGINT, signal.SIGINT),
    "terminate": (signal.SIGTERM,),
    "kill": (signal.SIGKILL,),
    "run twice": (),
    "run twice and kill": (signal.SIGKILL,),
}


def _end(random: Random, folder: Path, how: str, duration: float) -> None:
    """Run `generate`, and send it the signals of a way to end it."""
    children = [_start(folder) for _ in range(2 if "twice" in how and "run" in how else 1)]
    time.sleep(random.uniform(0, duration))
    for number in _SIGNALS[how]:
        os.kill(children[0], number)
        time.sleep(random.uniform(0, duration / 100))
    for child in children:
        os.waitpid(child, 0)


def _faults(folder: Path, text: str) -> Iterator[str]:
    """Yield each file that is not whole after the run, and each that is not current, or left, after the next one."""
    generated = folder / "generated"
    for path in sorted(generated.glob("[!.]*.asl.json")):
        content = path.read_text()
        if not (content.startswith("{") and content.endswith("}\n")):
            yield f"{path.name} is not whole: {content[:50]!r}"
    _, status = os.waitpid(_start(folder), 0)
    if os.waitstatus_to_exitcode(status):
        yield f"the next run ends with {os.waitstatus_to_exitcode(status)}"
    expected = {f"{name}{ending}" for name in _NAMES for ending in (".asl.json", ".mmd", ".svg")}
    there = {path.name for path in generated.iterdir()}
    if there != expected:
        yield f"the next run leaves {sorted(there ^ expected)}"
    for name in _NAMES:
        if f'"{name} {text}"' not in (generated / f"{name}.asl.json").read_text():
            yield f"{name} is not current after the next run"
