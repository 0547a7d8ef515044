"""A Node.js process that runs one Lambda function: its start, its calls, its output and its end.

The process shares nothing with this one but three private pipes. It ends when this process closes them or ends.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from workflow_dsl.records import Record

_RUNNER = Path(__file__).with_name("node_runner.mjs")
_CHUNK = 1 << 20  # bytes; one read takes all that a pipe holds
_POLL = 0.5  # seconds; a descendant that keeps the pipes open must not hide that the process has ended


def find_node() -> str | None:
    """Return the path of Node.js, as found on the PATH; None if there is none.

    A version manager's stand-in for it would look for its settings in variables that a function does not get.
    """
    program = shutil.which("node")
    return _behind(program) if program else None


@lru_cache(maxsize=8)
def _behind(program: str) -> str:
    """The program that runs in the end: the program itself, unless it is a script or goes by another name."""
    try:
        with Path(program).resolve().open("rb") as file:
            if Path(file.name).name in _NAMES and file.read(2) != b"#!":
                return program
        command = [program, "--print", "process.execPath"]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=True)  # noqa: S603
        return done.stdout.decode().strip() or program
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return program


_NAMES = ("node", "nodejs")


class Reply(Record):
    """A reply of the runner: its kind, and its JSON. The kinds are described in node_runner.mjs."""

    kind: str
    text: str


class TimedOut(Exception):
    """The process has not replied in time, and has been stopped."""


class Exited(Exception):
    """The process has ended without a reply. The status is its exit code, negative for a signal."""

    def __init__(self, status: int) -> None:
        super().__init__(f"exit status {status}")
        self.status = status


class NodeProcess:
    """A Node.js process with the module of a handler, which is loaded once."""

    def __init__(self, node: str, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        requests, self._requests = os.pipe()
        self._replies, replies = os.pipe()
        self._logs, logs = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # node, with the runner of this package
                [node, str(_RUNNER), str(requests), str(replies)],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=logs,
                stderr=logs,
                pass_fds=(requests, replies),
                start_new_session=True,
            )
        except BaseException:
            _close((self._requests, self._replies, self._logs))
            raise
        finally:
            _close((requests, replies, logs))
        own = (self._requests, self._replies, self._logs)
        for descriptor in own:
            os.set_blocking(descriptor, False)
        self._log = _Log(name)
        self.close = weakref.finalize(self, _stop, self._process, own)  # also at the end of the interpreter

    @property
    def is_running(self) -> bool:
        """True while the process can be called."""
        return self.close.alive and self._process.poll() is None

    def load(self, seconds: float) -> Reply:
        """Return the reply to the loading of the module. Raises TimedOut and Exited."""
        return self._exchange(b"", seconds)

    def call(self, event: str, context: Mapping[str, object], seconds: float) -> Reply:
        """Return the reply to an event in JSON. Raises TimedOut and Exited."""
        return self._exchange(json.dumps({"event": event, "context": context}).encode() + b"\n", seconds)

    def _exchange(self, request: bytes, seconds: float) -> Reply:
        try:
            line = self._talk(memoryview(request), time.monotonic() + seconds)
        except BaseException:  # also an interrupted call: its reply must not be that of the next one
            self._log.read(self._logs)
            self._log.flush()
            self.close()
            raise
        self._log.read(self._logs)
        self._log.flush()
        return Reply(line[:1].decode(), line[1:-1].decode("utf-8", "replace"))

    def _talk(self, request: memoryview, deadline: float) -> bytes:
        """Send a request and return the line of the reply, while the process's output is passed on."""
        reply = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._replies, selectors.EVENT_READ)
            selector.register(self._logs, selectors.EVENT_READ)
            if request:
                selector.register(self._requests, selectors.EVENT_WRITE)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut
                ready = {key.fd for key, _ in selector.select(min(left, _POLL))}
                if self._logs in ready and not self._log.read(self._logs):
                    selector.unregister(self._logs)
                if self._requests in ready:
                    request = self._send(request)
                    if not request:
                        selector.unregister(self._requests)
                if self._replies in ready or not ready:
                    has_ended = self._process.poll() is not None
                    is_open = _read(self._replies, reply.extend)
                    if reply.endswith(b"\n"):
                        return bytes(reply)
                    if has_ended or not is_open:
                        raise Exited(_end(self._process))

    def _send(self, request: memoryview) -> memoryview:
        """Send a part of a request, and return the rest; nothing if the process has ended, which its reply tells."""
        try:
            return request[os.write(self._requests, request) :]
        except BlockingIOError:
            return request
        except BrokenPipeError:
            return memoryview(b"")


def _read(descriptor: int, take: Callable[[bytes], object]) -> bool:
    """Take what can be read from a pipe at once. Returns False at its end."""
    with suppress(BlockingIOError):
        part = os.read(descriptor, _CHUNK)
        take(part)
        return part != b""
    return True


class _Log:
    """The output of a function, printed to standard error line by line, each with the function's name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rest = b""

    def read(self, descriptor: int) -> bool:
        """Print the lines that can be read now. Returns False at the end of the output."""
        return _read(descriptor, self._take)

    def _take(self, output: bytes) -> None:
        *lines, self._rest = (self._rest + output).split(b"\n")
        self._print(lines)

    def flush(self) -> None:
        """Print a last line that has no line feed."""
        lines, self._rest = [self._rest] if self._rest else [], b""
        self._print(lines)

    def _print(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            print(f"[{self._name}] {line.decode('utf-8', 'replace')}", file=sys.stderr)


def _stop(process: subprocess.Popen[bytes], descriptors: Sequence[int]) -> None:
    if process.returncode is None:  # else its number may be another process's by now
        _end(process)
    _close(descriptors)


def _end(process: subprocess.Popen[bytes]) -> int:
    """End the process and all that it started, and return its status."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)
