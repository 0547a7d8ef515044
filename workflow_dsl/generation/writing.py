"""Files written all or none, each in one step: whatever ends a run, a file is the old one or the new one, and whole."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from workflow_dsl.records import Record

if sys.platform != "win32":
    import fcntl

_TEMPORARY = ".workflow-dsl-"  # the beginning of the names of temporary files
_SECONDS_TO_WAIT = 60  # for another run, which holds its lock for a fraction of a second


class GeneratedFile(Record):
    """A generated file and the text it should hold."""

    path: Path
    text: str

    @property
    def is_current(self) -> bool:
        """True if the file holds the text. Line ends do not count: Git may convert them in a checkout."""
        try:
            is_regular = stat.S_ISREG(self.path.stat().st_mode)  # to open a pipe would wait for its writer
            return is_regular and _same_lines(self.path.read_bytes(), self.text.encode())
        except (OSError, ValueError):
            return False


def _same_lines(one: bytes, other: bytes) -> bool:
    return one == other or one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def write(files: Iterable[GeneratedFile], replace_file: Callable[[Path, Path], object] = Path.replace) -> None:
    """Write every file that is not current, all or none, and remove what a killed run left in their folders.

    Raises OSError, or KeyboardInterrupt for a signal, with every file as it was before. A signal waits while files are
    replaced. Runs that write to one folder wait for one another. `replace_file` moves a file over another.
    """
    files = list(files)
    with _signals_waiting() as stop_if_signalled, ExitStack() as stack:
        folders = {file.path.parent for file in files}
        for folder in sorted(folders):
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_locked(folder, stop_if_signalled))
            for leftover in leftovers_in(folder):
                leftover.unlink(missing_ok=True)
        staged = []
        for file in files:
            if not file.is_current:
                staged.append((stack.enter_context(_staged(file)), file.path))
                stop_if_signalled()
        backups = {path: stack.enter_context(_backup(path)) for _, path in staged}
        stop_if_signalled()
        with _restored_on_failure(backups):
            for temporary, path in staged:
                replace_file(temporary, path)


def write_one(path: Path, text: str) -> None:
    """Write a file that a person names in one step; a device or a pipe is written to, not replaced."""
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_text(text, "utf-8")
    else:
        write([GeneratedFile(path.resolve(), text)])


def leftovers_in(folder: Path) -> list[Path]:
    """The temporary files of runs that were killed. Call it with the folder locked, or with nothing running."""
    return sorted(path for path in folder.glob(f"{_TEMPORARY}*") if path.is_file() or path.is_symlink())


@contextmanager
def _signals_waiting() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C and SIGTERM wait until the block ends; the function raises KeyboardInterrupt if one is waiting."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    waiting = {signal.SIGINT, signal.SIGTERM}
    received: list[int] = []  # through another thread, where the mask of this one does not count

    def stop_if_signalled() -> None:
        if received or signal.sigpending() & waiting:
            raise KeyboardInterrupt

    mask = signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
    handlers = {number: signal.signal(number, lambda number, _: received.append(number)) for number in waiting}
    try:
        yield stop_if_signalled
    finally:
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if received:
            signal.raise_signal(signal.Signals(received[0]))


@contextmanager
def _locked(folder: Path, stop_if_signalled: Callable[[], None]) -> Iterator[None]:
    """Hold a folder's lock, which ends with the process; none where the file system has no locks."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + _SECONDS_TO_WAIT
        while not _try_lock(fcntl.flock, handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            stop_if_signalled()
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, "another run is still writing here; end it first", str(folder))
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _try_lock(lock: Callable[[int, int], object], handle: int, operation: int) -> bool:
    """False if another process holds the lock; True, too, where there are no locks."""
    try:
        lock(handle, operation)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def _staged(file: GeneratedFile) -> Iterator[Path]:
    """The text in a temporary file beside the generated one; removed afterwards unless it was moved."""
    if file.path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file.path))
    with _temporary(file.path) as temporary:
        try:
            with temporary.open("wb") as stream:
                stream.write(file.text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(_mode(file.path))
        except OSError as problem:  # name the file to write, not the temporary one
            raise OSError(problem.errno, problem.strerror, str(file.path)) from None
        yield temporary


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A new temporary file beside a file; removed afterwards unless it was moved."""
    import tempfile

    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_TEMPORARY)
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(path)) from None
    os.close(handle)
    temporary = Path(name)
    try:
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
def _backup(path: Path) -> Iterator[Path | None]:
    """A second name of a file as it is now, so that going back needs no space on the disk; None for a new file."""
    if not path.is_symlink() and not path.is_file():
        yield None
        return
    with _temporary(path) as backup:
        backup.unlink()
        try:
            os.link(path, backup, follow_symlinks=False)
        except (OSError, NotImplementedError):  # a file system without hard links
            import shutil

            shutil.copy2(path, backup, follow_symlinks=False)
        yield backup


@contextmanager
def _restored_on_failure(backups: dict[Path, Path | None]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for path, backup in backups.items():
            with suppress(OSError):  # the others are restored in any case
                if backup is not None:
                    backup.replace(path)
                else:
                    path.unlink(missing_ok=True)
        raise
