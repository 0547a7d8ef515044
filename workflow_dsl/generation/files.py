"""Generated files: compared with the disk, and written all or none, each file whole at every moment."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from workflow_dsl.definition.diff import compare
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.project import Project

_RENEW = "run `workflow-dsl generate`"
_RENEW_OR_REVERT = f"{_RENEW}, or undo the edit"


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A generated file and the text it should hold."""

    path: Path
    text: str

    @property
    def is_current(self) -> bool:
        try:
            return self.path.is_file() and self.path.read_bytes() == self.text.encode()
        except OSError:
            return False


def write(files: Iterable[GeneratedFile], replace_file: Callable[[Path, Path], object] = Path.replace) -> None:
    """Write every file that is not current, all or none.

    Raises OSError, with every file as it was before. Each file is replaced in one step, so that an interrupted build
    leaves the old one whole. `replace_file` moves a file over another.
    """
    changed = [file for file in files if not file.is_current]
    with ExitStack() as stack:
        staged = [(stack.enter_context(_staged(file)), file.path) for file in changed]
        with _restored_on_failure([path for _, path in staged]):
            for temporary, path in staged:
                replace_file(temporary, path)


def write_one(path: Path, text: str) -> None:
    """Write a file that a person names in one step; a device or a pipe is written to, not replaced."""
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_text(text, "utf-8")
    else:
        write([GeneratedFile(path.resolve(), text)])


@contextmanager
def _staged(file: GeneratedFile) -> Iterator[Path]:
    """The text in a temporary file beside the generated one; removed afterwards unless it was moved."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    if file.path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file.path))
    try:
        handle, name = tempfile.mkstemp(dir=file.path.parent, prefix=f".{file.path.name}.")
    except OSError as problem:  # name the file to write, not the temporary one
        raise OSError(problem.errno, problem.strerror, str(file.path)) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(file.text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_mode(file.path))
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _mode(path: Path) -> int:
    """The permissions of a file, or of a new one; a temporary file is readable by its owner alone."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


@contextmanager
def _restored_on_failure(paths: list[Path]) -> Iterator[None]:
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is not None:
                path.write_bytes(content)
            elif path.is_file():
                path.unlink()
        raise


def definition_file(project: Project, name: str, machine: Machine) -> GeneratedFile:
    """The generated definition of a workflow."""
    return GeneratedFile(project.generated_file(name), machine.to_text())


def drift(project: Project, name: str, machine: Machine) -> list[Finding]:
    """The differences between a workflow and its generated definition, by state and field."""
    file = definition_file(project, name, machine)
    return [] if file.is_current else list(_differences(file.path, project.display_path(file.path), machine))


def _differences(path: Path, shown: str, machine: Machine) -> Iterator[Finding]:
    try:
        committed = Machine(read(path.read_text("utf-8")))
    except FileNotFoundError:
        yield _drifted(Where(place=Place(shown)), "does not exist", _RENEW)
        return
    except (FindingsError, UnicodeDecodeError) as problem:
        yield _drifted(Where(place=Place(shown)), f"is not a definition: {problem}", _RENEW)
        return
    changes = compare(committed, machine)
    for change in changes:
        where = replace(change.where, place=machine.place(change.where.keys) or Place(shown))
        yield _drifted(where, change.describe(shown, "the workflow"), _RENEW_OR_REVERT)
    if not changes:
        yield _drifted(Where(place=Place(shown)), "has the same content in another order or layout", _RENEW_OR_REVERT)


def not_current(project: Project, file: GeneratedFile) -> Finding:
    """The finding for a diagram or page that is missing or out of date."""
    exists = file.path.is_file()
    message = "is out of date" if exists else "does not exist"
    where = Where(place=Place(project.display_path(file.path)))
    return _drifted(where, message, _RENEW_OR_REVERT if exists else _RENEW)


_ENDINGS = (".asl.json", ".svg", ".mmd")


def orphans(project: Project) -> list[Finding]:
    """The files in the generated folder that no workflow generates."""
    workflows = {path.stem for path in project.workflow_files()}
    names = {
        path: path.name.removesuffix(ending)
        for ending in _ENDINGS
        for path in (project.root / project.generated).glob(f"*{ending}")
    }
    return [
        _drifted(
            Where(place=Place(project.display_path(path))),
            "no workflow generates this file",
            f"delete it, or write {(project.workflows / name).as_posix()}.py",
        )
        for path, name in sorted(names.items())
        if name not in workflows
    ]


def _drifted(where: Where, message: str, remedy: str) -> Finding:
    return Finding("DRIFT", "error", where, message, remedy)
