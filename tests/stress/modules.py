"""The part about workflow modules that do what they can to bring the compiler down, each in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random

import workflow_dsl.compiler.loading  # noqa: F401  # children have what this process has imported
from tests.stress.mutation import mutated_text
from workflow_dsl.cli import main

# Each ends without a Workflow, so `compile` has to end with one finding and exit code 1.
HOSTILE = {
    "raises GeneratorExit": "raise GeneratorExit",
    "raises StopIteration": "raise StopIteration",
    "raises what cannot be printed": "class B(BaseException):\n    def __str__(self): raise B\nraise B",
    "raises what lies about its class": "class B(Exception):\n    __class__ = property(lambda self: exit(0))\nraise B",
    "raises what has no name": "class M(type):\n    __name__ = property(lambda self: 1 / 0)\nclass B(Exception, metaclass=M): pass\nraise B",
    "raises a group": "raise BaseExceptionGroup('a', [KeyboardInterrupt()])",
    "raises a long chain": "e = ValueError()\nfor _ in range(10_000):\n    n = ValueError(); n.__cause__ = e; e = n\nraise e",
    "raises a long text": "raise TypeError('missing 1 required ' * 100_000)",
    "exits": "raise SystemExit(0)",
    "clears builtins": "import builtins\nvars(builtins).clear()",
    "replaces builtins": "import builtins\nfor name in ('len', 'open', 'str', 'dict', 'isinstance', '__import__'): setattr(builtins, name, None)",
    "clears sys.modules": "import sys\nsys.modules.clear()",
    "removes sys.path": "import sys\nsys.path = sys.modules = sys.stdout = sys.stderr = sys.exit = None",
    "leaves no module among modules": "import sys\nsys.modules.update(x=3, y=None, z=object())",
    "removes its folder": "import os, tempfile\nd = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)",
    "lowers the recursion limit": "import sys\nsys.setrecursionlimit(40)",
    "traces": "import sys\nsys.settrace(lambda *_: 1 / 0)",
    "breaks this package": "import workflow_dsl.findings as f\nf.FindingsError = f.Finding = None\nraise ValueError",
    "breaks the library": "import pathlib, linecache, traceback\npathlib.Path = linecache.checkcache = traceback.extract_tb = None\nraise ValueError",
    "turns warnings into errors": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('x')",
    "has no build": "def __getattr__(name): raise GeneratorExit",
    "returns something else": "class M(type):\n    __name__ = property(lambda self: 1 / 0)\nclass X(metaclass=M): pass\ndef build(): return X()",
    "breaks builtins in build": "def build():\n    import builtins; builtins.str = builtins.dict = None\n    raise GeneratorExit",
    "is not text": "\0",
    "has an unknown encoding": "# -*- coding: nope -*-",
    "is nested": f"a = {'(' * 5_000}{')' * 5_000}",
    "is a long sum": f"a = {'+'.join(['1'] * 20_000)}",
    "is a long negation": f"a = {'-' * 50_000}1",
    "has a state with odd data": "from workflow_dsl import Workflow\nfrom stepfunctions.steps import Pass\nclass D(dict):\n    def items(self): raise GeneratorExit\ndef build(): return Workflow(Pass('A', result=D(a=1)))",
    "has a result that contains itself": "from workflow_dsl import Workflow\nfrom stepfunctions.steps import Pass\nd = {}; d['a'] = d\ndef build(): return Workflow(Pass('A', result=d))",
}  # fmt: skip


def modules(random: Random, count: int) -> Iterator[str]:
    """Hostile modules, and after the first of each kind mutations of them, through `compile`."""
    names = list(HOSTILE)
    for number in range(count):
        name = names[number % len(names)]
        text = HOSTILE[name] if number < len(names) else mutated_text(random, HOSTILE[name])
        yield from (
            f"module {number}, {name}: {fault}" for fault in compile_in_child(text, may_work=number >= len(names))
        )


def compile_in_child(text: str, *, may_work: bool = False) -> Iterator[str]:
    """Yield what is wrong with the end of `compile` for a module: its exit code, a traceback, or no end in 20 seconds."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "workflows").mkdir()
        (Path(folder) / "workflows" / "w.py").write_bytes(text.encode("utf-8", "surrogatepass"))
        child = multiprocessing.get_context("fork").Process(target=_compile, args=(folder,))
        child.start()
        child.join(20)
        if child.is_alive():
            child.kill()
            child.join()
            yield "does not end"
        elif child.exitcode not in ((0, 1, 2, 130) if may_work else (1,)):
            yield f"exit code {child.exitcode}"
        errors = (Path(folder) / "errors").read_text("utf-8", "replace")
        if "Traceback" in errors and "workflow_dsl/" in errors:
            yield errors


def _compile(folder: str) -> None:
    """Run `compile` as the command line does, with its errors in a file."""
    with (Path(folder) / "errors").open("w", encoding="utf-8") as errors, contextlib.chdir(folder):
        os.dup2(errors.fileno(), 2)
        os.dup2(errors.fileno(), 1)
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        try:
            main(["compile", "w"])
        except SystemExit as end:
            sys.stderr.flush()
            os._exit(end.code if isinstance(end.code, int) else 1)
        except BaseException:
            traceback.print_exc(file=errors)
            errors.flush()
            os._exit(99)
