"""A workflow module -> its Workflow, and the Machine it makes, with every mistake placed at the author's line."""

from __future__ import annotations

import builtins
import contextlib
import inspect
import linecache
import re
import sys
import traceback
import types
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_dsl.authoring import Workflow, sdk
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError, Place, authoring_error, closest, some_of


def compile_file(path: Path, *, root: Path | None = None) -> Machine:
    """The machine that a workflow module's build() describes; the module is run anew at every call.

    The author's files are named relative to `root` (the working directory by default) where they lie below it. What the
    module prints goes to standard error. Raises FindingsError for an author's mistake: a module that does not load, no
    build(), or a graph that makes no machine.
    """
    root, path = (root or Path()).absolute(), path.absolute()
    whole = Place(str(path))
    try:
        with sdk.recording() as made, _importing_from(path.parent, root), _mistakes_placed(path, root):
            with sdk.prefixes_closed():
                build = _build_function(path)
                whole = _place_of(build) or whole
                workflow = _built(build, whole)
            if not isinstance(workflow, Workflow):
                raise authoring_error(
                    whole,
                    f"build() returns {type(workflow).__name__}, not a Workflow",
                    "end it with `return Workflow(start, comment=...)`",
                )
            whole = workflow.place or whole
            machine = compile_workflow(workflow, made)
    except FindingsError as problem:
        places = [(finding, finding.where.place or whole) for finding in problem.findings]
        raise FindingsError(finding.at(_shown(place, root)) for finding, place in places) from None
    shown = {keys: _shown(place, root) for keys, place in machine.places.items()}
    targets = {
        name: each._replace(place=each.place and _shown(each.place, root))
        for name, each in machine.reference_targets.items()
    }
    return Machine(machine.fields, {(): _shown(whole, root), **shown}, targets)


def _place_of(build: object) -> Place | None:
    """The line of a function; None for what else can be called."""
    code = build.__code__ if isinstance(build, types.FunctionType) else None
    return Place(code.co_filename, code.co_firstlineno) if code else None


def _built(build: Callable[[], object], place: Place) -> object:
    try:
        inspect.signature(build).bind()
    except TypeError as problem:
        raise authoring_error(
            place, f"build() is called with nothing: {problem}", "give all it takes a default"
        ) from None
    except ValueError:  # what is not written in Python may not say what it takes
        pass
    return build()


def _shown(place: Place, root: Path) -> Place:
    file = Path(place.file)
    return Place(file.relative_to(root).as_posix(), place.line) if file.is_relative_to(root) else place


def _build_function(path: Path) -> Callable[[], object]:
    module = types.ModuleType(f"_workflow_{path.stem}")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
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
    path, before = sys.path[:], set(sys.modules)
    sys.path.extend(str(folder) for folder in folders if str(folder) not in path)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if name.startswith("_workflow_") or _is_the_authors(getattr(sys.modules[name], "__file__", None), folders):
                del sys.modules[name]


def _is_the_authors(file: str | None, folders: tuple[Path, ...]) -> bool:
    """Whether a file lies beside the workflow or elsewhere in the project, and is no part of what is installed."""
    if not file or "site-packages" in file:
        return False
    path = Path(file)
    is_ours = _OWN in path.parents and folders[0] not in path.parents
    return not is_ours and any(folder in path.parents for folder in folders)


_OWN = Path(__file__).absolute().parent


@contextmanager
def _mistakes_placed(path: Path, root: Path) -> Iterator[None]:
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
        lines = [
            Place(frame.filename, frame.lineno)
            for frame in frames
            if frame.filename == str(path) or _is_the_authors(frame.filename, (path.parent, root))
        ]
        raise authoring_error(lines[-1] if lines else None, *_said(problem, lines)) from None


_MISSING = re.compile(r"missing \d+ required .*arguments?: '(.*)'$")
_ENDLESS = 100  # times that one line is running at once


def _said(problem: BaseException, lines: list[Place]) -> tuple[str, str]:
    """What went wrong, and what to do."""
    if isinstance(problem, RecursionError):
        if lines and max(Counter(lines).values()) > _ENDLESS:
            return "RecursionError: this calls itself without end", "end it, or make a loop of it"
        return "a value or a rule is nested too deeply", "flatten it"
    if isinstance(problem, SystemExit):
        return "ends Python instead of giving a Workflow back", "take sys.exit() out"
    text = remedy = ""
    with contextlib.suppress(Exception, SystemExit):  # whatever an author's __str__ and __dir__ raise
        text = str(getattr(problem, "strerror", None) or problem).strip()
        remedy = _name_instead(problem)
    said = f"{type(problem).__name__}: {text}" if text else type(problem).__name__
    if isinstance(problem, TypeError) and (missing := _MISSING.search(text)):
        return said, f"give it {missing[1]}"
    return said, remedy


def _name_instead(problem: BaseException) -> str:
    """What there is in the place of a name that Python did not find; nothing where it is not about a name."""
    if isinstance(problem, AttributeError) and problem.name:
        there = [name for name in dir(problem.obj) if not name.startswith("_") and name != problem.name]
        return f"it has {some_of(there)}" if 0 < len(there) <= _A_FEW else closest(problem.name, there)
    if isinstance(problem, NameError) and problem.name:
        frames = [frame for frame, _ in traceback.walk_tb(problem.__traceback__)]
        return closest(problem.name, [*frames[-1].f_locals, *frames[-1].f_globals, *dir(builtins)])
    return ""


_A_FEW = 12  # names that are worth a list
