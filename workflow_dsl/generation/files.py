"""generated/: what the build emits, written or compared. All or none, and each file whole at every moment."""

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
_RENEW_OR_REVERT = f"{_RENEW}, or take the edit back"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A generated file and the text it should hold."""

    path: Path
    text: str

    @property
    def is_current(self) -> bool:
        try:
            return self.path.is_file() and self.path.read_bytes() == self.text.encode()
        except OSError:
            return False


def write(artifacts: Iterable[Artifact], replace_file: Callable[[Path, Path], object] = Path.replace) -> None:
    """Writes every artifact that is not current; when one of them cannot be written, none is.

    Raises OSError, with every file as it was before. A file is replaced at one stroke, so an interrupted build leaves
    the old one whole. `replace_file` moves a file over another.
    """
    changed = [artifact for artifact in artifacts if not artifact.is_current]
    with ExitStack() as stack:
        staged = [(stack.enter_context(_staged(artifact)), artifact.path) for artifact in changed]
        with _restored_on_failure([path for _, path in staged]):
            for temporary, path in staged:
                replace_file(temporary, path)


def write_one(path: Path, text: str) -> None:
    """Writes a file that a person named, at one stroke; into a device or a pipe, which is not to be replaced."""
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_text(text, "utf-8")
    else:
        write([Artifact(path.resolve(), text)])


@contextmanager
def _staged(artifact: Artifact) -> Iterator[Path]:
    """The text in a file beside the artifact's, gone afterwards if it was not moved."""
    artifact.path.parent.mkdir(parents=True, exist_ok=True)
    if artifact.path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(artifact.path))
    try:
        handle, name = tempfile.mkstemp(dir=artifact.path.parent, prefix=f".{artifact.path.name}.")
    except OSError as problem:  # of the file that is meant, not of the one on the way to it
        raise OSError(problem.errno, problem.strerror, str(artifact.path)) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(artifact.text.encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(artifact.path))
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _mode(path: Path) -> int:
    """The permissions a file has, or that a new one gets here; a temporary file's are its owner's alone."""
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


def definition(project: Project, name: str, machine: Machine) -> Artifact:
    """The generated definition of a workflow."""
    return Artifact(project.generated_file(name), machine.to_text())


def drift(project: Project, name: str, machine: Machine) -> list[Finding]:
    """Where a workflow's generated file says something else than the workflow, by state and field."""
    artifact = definition(project, name, machine)
    return [] if artifact.is_current else list(_differences(artifact.path, project.shown(artifact.path), machine))


def _differences(path: Path, shown: str, machine: Machine) -> Iterator[Finding]:
    try:
        committed = Machine(read(path.read_text("utf-8")))
    except FileNotFoundError:
        yield _drifted(Where(place=Place(shown)), "is not there", _RENEW)
        return
    except (FindingsError, UnicodeDecodeError) as problem:
        yield _drifted(Where(place=Place(shown)), f"is no definition: {problem}", _RENEW)
        return
    changes = compare(committed, machine)
    for change in changes:
        where = replace(change.where, place=machine.place(change.where.keys) or Place(shown))
        yield _drifted(where, change.say(shown, "the workflow"), _RENEW_OR_REVERT)
    if not changes:
        yield _drifted(Where(place=Place(shown)), "has the same content in another order or layout", _RENEW_OR_REVERT)


def outdated(project: Project, artifact: Artifact) -> Finding:
    """That a generated picture or page is not what would be made now."""
    is_there = artifact.path.is_file()
    message = "is not what is made now" if is_there else "is not there"
    where = Where(place=Place(project.shown(artifact.path)))
    return _drifted(where, message, _RENEW_OR_REVERT if is_there else _RENEW)


_ENDINGS = (".asl.json", ".svg", ".mmd")


def orphans(project: Project) -> list[Finding]:
    """The generated files that no workflow makes."""
    names = {path.stem for path in project.workflow_files()}
    found = {
        path: path.name.removesuffix(ending)
        for ending in _ENDINGS
        for path in (project.root / project.generated).glob(f"*{ending}")
    }
    return [
        _drifted(
            Where(place=Place(project.shown(path))),
            "no workflow makes this file",
            f"delete it, or write {(project.workflows / name).as_posix()}.py",
        )
        for path, name in sorted(found.items())
        if name not in names
    ]


def _drifted(where: Where, message: str, remedy: str) -> Finding:
    return Finding("DRIFT", "error", where, message, remedy)
