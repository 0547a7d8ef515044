"""A workflow module -> its Workflow, and the Machine it makes, with every mistake placed at the author's line."""

from __future__ import annotations

import contextlib
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_dsl import sdk
from workflow_dsl.asl import Machine
from workflow_dsl.authoring import Workflow
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError, Place, authoring_error


def compile_file(path: Path, *, root: Path | None = None) -> Machine:
    """The machine that a workflow module's build() describes; the module is run anew at every call.

    The author's files are named relative to `root` (the working directory by default) where they lie below it. What the
    module prints goes to standard error. Raises FindingsError for an author's mistake: a module that does not load, no
    build(), or a graph that makes no machine.
    """
    root, path = (root or Path()).absolute(), path.absolute()
    whole = Place(str(path))
    try:
        with sdk.recording() as made, _importing_from(path.parent, root), _mistakes_placed(path):
            build = _build_function(path)
            whole = Place(str(path), build.__code__.co_firstlineno if isinstance(build, types.FunctionType) else None)
            workflow = build()
            if not isinstance(workflow, Workflow):
                raise authoring_error(
                    whole,
                    f"build() returns {type(workflow).__name__}, not a Workflow",
                    "end it with `return Workflow(start, comment=...)`",
                )
            machine = compile_workflow(workflow, made)
    except FindingsError as problem:
        places = [(finding, finding.where.place or whole) for finding in problem.findings]
        raise FindingsError(finding.placed(_shown(place, root)) for finding, place in places) from None
    shown = {keys: _shown(place, root) for keys, place in machine.places.items()}
    meant = {name: each._replace(place=each.place and _shown(each.place, root)) for name, each in machine.meant.items()}
    return Machine(machine.fields, {(): _shown(whole, root), **shown}, meant)


def _shown(place: Place, root: Path) -> Place:
    file = Path(place.file)
    return Place(file.relative_to(root).as_posix(), place.line) if file.is_relative_to(root) else place


def _build_function(path: Path) -> Callable[[], object]:
    module = types.ModuleType(f"_workflow_{path.stem}")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    code = compile(path.read_bytes(), str(path), "exec")
    sys.modules[module.__name__] = module  # where dataclasses, for one, look for it
    exec(code, module.__dict__)  # noqa: S102  # the user's own workflow module, run as an import would run it
    build: Callable[[], object] | None = getattr(module, "build", None)
    if not callable(build):
        raise authoring_error(
            Place(str(path)),
            "has no function build()",
            "write `def build() -> Workflow:`, or begin the file's name with _ if it is no workflow",
        )
    return build


@contextmanager
def _importing_from(*folders: Path) -> Iterator[None]:
    """Helper modules beside the workflow can be imported while it is built, after all that is installed.

    They are forgotten afterwards, so that two folders may have helpers of one name.
    """
    added = [str(folder) for folder in folders if str(folder) not in sys.path]
    before = set(sys.modules)
    sys.path.extend(added)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        for folder in added:
            sys.path.remove(folder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            beside = file and (Path(file).parent in folders or folders[0] in Path(file).parents)
            if name.startswith("_workflow_") or (beside and "site-packages" not in str(file)):
                del sys.modules[name]


@contextmanager
def _mistakes_placed(path: Path) -> Iterator[None]:
    """Whatever the author's code raises becomes one finding, at the author's line that raised it."""
    try:
        yield
    except (FindingsError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as problem:
        own = isinstance(problem, SyntaxError) and problem.filename not in (None, "<unknown>", "<string>")
        if isinstance(problem, SyntaxError) and own:
            place = Place(problem.filename or str(path), problem.lineno or None)
            raise authoring_error(place, f"Python cannot read this: {problem.msg}") from None
        frames = traceback.extract_tb(problem.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path) and frame.lineno]
        raise authoring_error(Place(str(path), lines[-1] if lines else None), _said(problem)) from None


def _said(problem: BaseException) -> str:
    if isinstance(problem, RecursionError):
        return "a value or a rule is nested too deeply; flatten it"
    try:
        text = str(getattr(problem, "strerror", None) or problem).strip()
    except Exception:  # whatever an author's __str__ raises
        text = ""
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
