"""A workflow module -> its Machine, with every mistake at the author's line."""

from __future__ import annotations

import contextlib
import linecache
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_dsl.authoring import Workflow, sdk
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.compiler.isolation import InterpreterRestored
from workflow_dsl.compiler.python_errors import explain
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError, Place, authoring_error


def compile_file(path: Path, *, root: Path | None = None) -> Machine:
    """Return the machine of a workflow module's build(); every call runs the module again.

    Places name files relative to `root` (default: the working directory) if they are below it. The module's output goes
    to standard error. Raises FindingsError for an author's mistake: a module that does not load, no build(), or a graph
    that is not a machine.
    """
    root, path = (root or Path()).absolute(), path.absolute()
    whole = Place(str(path))
    try:
        with sdk.recording() as created, _importing_from(path.parent, root), _mistakes_placed(path, root):
            with sdk.prefixes_closed(), InterpreterRestored():
                build = _build_function(path)
                whole = _place_of(build) or whole
                workflow = _call(build, whole)
            if not isinstance(workflow, Workflow):
                raise authoring_error(
                    whole,
                    f"build() returns {type(workflow).__name__}, not a Workflow",
                    "end build() with `return Workflow(start, comment=...)`",
                )
            whole = workflow.place or whole
            machine = compile_workflow(workflow, created)
    except FindingsError as problem:
        places = [(finding, finding.where.place or whole) for finding in problem.findings]
        raise FindingsError(finding.at(_relative(place, root)) for finding, place in places) from None
    relative = {keys: _relative(place, root) for keys, place in machine.places.items()}
    targets = {
        name: target._replace(place=target.place and _relative(target.place, root))
        for name, target in machine.reference_targets.items()
    }
    return Machine(machine.fields, {(): _relative(whole, root), **relative}, targets, machine.input_type)


def _place_of(build: object) -> Place | None:
    """The line of a function; None for any other callable."""
    code = build.__code__ if isinstance(build, types.FunctionType) else None
    return Place(code.co_filename, code.co_firstlineno) if code else None


def _call(build: Callable[[], object], place: Place) -> object:
    if _is_plain(build):
        return build()
    import inspect  # lazy import: 5 ms

    try:
        inspect.signature(build).bind()
    except TypeError as problem:
        message = f"build() is called without arguments: {problem}"
        raise authoring_error(place, message, "add a default to each parameter") from None
    except ValueError:  # a callable that is not written in Python may have no signature
        pass
    return build()


def _is_plain(build: object) -> bool:
    """True for a function that has no parameters, and stands for no other, as one of functools.wraps does."""
    code = build.__code__ if isinstance(build, types.FunctionType) and not vars(build) else None
    return code is not None and not code.co_argcount and not code.co_kwonlyargcount


def _relative(place: Place, root: Path) -> Place:
    file = Path(place.file)
    return place._replace(file=file.relative_to(root).as_posix()) if file.is_relative_to(root) else place


def _content(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as problem:
        remedy = "check the permissions of the file and of its folder" if isinstance(problem, PermissionError) else ""
        raise authoring_error(Place(str(path)), f"cannot be read: {problem.strerror}", remedy) from None


def _build_function(path: Path) -> Callable[[], object]:
    module = types.ModuleType(f"_workflow_{path.stem}")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    code = compile(_content(path), str(path), "exec", dont_inherit=True)
    sys.modules[module.__name__] = module  # dataclasses look it up there
    exec(code, module.__dict__)  # noqa: S102  # the author's own module, run as an import would run it
    build: Callable[[], object] | None = getattr(module, "build", None)
    if not callable(build):
        raise authoring_error(
            Place(str(path)),
            "has no function build()",
            "write `def build() -> Workflow:`, or begin the file's name with _ if it is not a workflow",
        )
    return build


@contextmanager
def _importing_from(*folders: Path) -> Iterator[None]:
    """Make helper modules beside the workflow importable; installed modules come first.

    They are unloaded afterwards, so that helpers in two folders can have the same name.
    """
    path, before = sys.path[:], set(sys.modules)
    sys.path.extend(str(folder) for folder in folders if str(folder) not in path)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if name.startswith("_workflow_") or _is_author_file(_file_of(sys.modules[name]), folders):
                del sys.modules[name]


def _file_of(module: object) -> str | None:
    """The file of a module; None for one without, and for whatever else an author puts among the modules."""
    file = vars(module).get("__file__") if isinstance(module, types.ModuleType) else None
    return file if isinstance(file, str) else None


def _is_author_file(file: str | None, folders: tuple[Path, ...]) -> bool:
    """True for a file beside the workflow or elsewhere in the project, except for installed packages."""
    if not file or "site-packages" in file:
        return False
    path = Path(file)
    is_internal = _PACKAGE in path.parents and folders[0] not in path.parents
    return not is_internal and any(folder in path.parents for folder in folders)


_PACKAGE = Path(__file__).absolute().parents[1]


@contextmanager
def _mistakes_placed(path: Path, root: Path) -> Iterator[None]:
    """Turn any exception of the author's code into one finding, at the author's line that raised it."""
    try:
        yield
    except (FindingsError, KeyboardInterrupt):
        raise
    except SyntaxError as problem:  # an except clause asks an exception's real class, isinstance() also its own word
        if problem.filename in (None, "<unknown>", "<string>"):
            raise _mistake(problem, path, root) from None
        place = Place(problem.filename or str(path), problem.lineno or None)
        raise authoring_error(place, f"is not valid Python: {problem.msg}") from None
    except BaseException as problem:
        raise _mistake(problem, path, root) from None


def _mistake(problem: BaseException, path: Path, root: Path) -> FindingsError:
    """The finding for an exception, at the author's innermost line."""
    frames = traceback.extract_tb(problem.__traceback__)
    lines = [
        Place(frame.filename, frame.lineno)
        for frame in frames
        if frame.filename == str(path) or _is_author_file(frame.filename, (path.parent, root))
    ]
    return authoring_error(lines[-1] if lines else None, *_explained(problem, lines, (path.parent, root)))


def _explained(problem: BaseException, lines: list[Place], folders: tuple[Path, Path]) -> tuple[str, str]:
    """The message and the remedy for an exception, whatever its author's methods raise in turn."""
    try:
        return explain(problem, lines, folders)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return "raises an exception that cannot be described", ""
