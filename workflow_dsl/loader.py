"""A workflow module -> its Workflow, and the Machine it makes, with every mistake placed at the author's line."""

from __future__ import annotations

import linecache
import sys
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_dsl import sdk
from workflow_dsl.asl import Machine
from workflow_dsl.authoring import Workflow
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError, Place, authoring_error


def compile_file(path: Path, *, root: Path | None = None) -> Machine:
    """The machine that a workflow module's build() describes; the module is run anew at every call.

    The author's files are named relative to `root` (the working directory by default) where they lie below it. Raises
    FindingsError for an author's mistake: a module that does not load, no build(), or a graph that makes no machine.
    """
    root = (root or Path.cwd()).resolve()
    try:
        with sdk.recording() as made:
            workflow = _build(path.resolve(), root)
        machine = compile_workflow(workflow, made)
    except FindingsError as problem:
        raise FindingsError(finding.placed(_shown(finding.where.place, root)) for finding in problem.findings) from None
    shown = {keys: _shown(place, root) or place for keys, place in machine.places.items()}
    return Machine(machine.fields, shown)


def _shown(place: Place | None, root: Path) -> Place | None:
    if place is None:
        return None
    file = Path(place.file)
    return Place(file.relative_to(root).as_posix(), place.line) if file.is_relative_to(root) else place


def _build(path: Path, root: Path) -> Workflow:
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    with _importing_from(path.parent, root), _mistakes_placed(path):
        linecache.checkcache(str(path))
        code = compile(path.read_bytes(), str(path), "exec")
        exec(code, module.__dict__)  # noqa: S102  # the user's own workflow module, run as an import would run it
        build = getattr(module, "build", None)
        if not callable(build):
            raise authoring_error(
                Place(str(path)),
                "has no function build()",
                "write `def build() -> Workflow:`, or begin the file's name with _ if it is no workflow",
            )
        workflow = build()
    if not isinstance(workflow, Workflow):
        line = build.__code__.co_firstlineno if isinstance(build, types.FunctionType) else None
        raise authoring_error(
            Place(str(path), line),
            f"build() returns {type(workflow).__name__}, not a Workflow",
            "end it with `return Workflow(start, comment=...)`",
        )
    return workflow


@contextmanager
def _importing_from(*folders: Path) -> Iterator[None]:
    """Helper modules beside the workflow can be imported while it is built; they come after all that is installed."""
    added = [str(folder) for folder in folders if str(folder) not in sys.path]
    sys.path.extend(added)
    try:
        yield
    finally:
        for folder in added:
            sys.path.remove(folder)


@contextmanager
def _mistakes_placed(path: Path) -> Iterator[None]:
    """Whatever the author's code raises becomes one finding, at the author's line that raised it."""
    try:
        yield
    except FindingsError:
        raise
    except SyntaxError as problem:
        place = Place(problem.filename or str(path), problem.lineno)
        raise authoring_error(place, f"Python cannot read this: {problem.msg}") from None
    except (Exception, SystemExit) as problem:
        frames = traceback.extract_tb(problem.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path) and frame.lineno]
        raise authoring_error(Place(str(path), lines[-1] if lines else None), _said(problem)) from None


def _said(problem: BaseException) -> str:
    text = str(getattr(problem, "strerror", None) or problem).strip()
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
