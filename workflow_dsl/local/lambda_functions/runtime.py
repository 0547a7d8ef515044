"""Payloads that Lambda's Python runtime makes of a handler's result and of its exception, and the handler's log.

Source: awslambdaric, AWS's public runtime interface client for Python (`lambda_runtime_marshaller.py`, `bootstrap.py`).
It writes results with simplejson, whose rules these are: bytes are text, a named tuple is an object, NaN is refused.
"""

from __future__ import annotations

import json
import math
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO, TextIOBase
from pathlib import Path
from threading import Lock, get_ident
from typing import Any, TextIO

from workflow_dsl.definition.jackson import read_json
from workflow_dsl.definition.json import Json

_OWN_FOLDER = Path(__file__).parent
_TASK_FOLDER = "/var/task"  # of a function's code in Lambda
_PYTHON_FOLDER = f"/var/lang/lib/python{sys.version_info[0]}.{sys.version_info[1]}"


class RuntimeFault(Exception):
    """An error of the runtime itself, such as Runtime.MarshalError; `trace` is its stackTrace."""

    def __init__(self, error_type: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.error_type, self.trace = error_type, trace


def marshal(result: Any) -> tuple[Json, str]:
    """Return the payload of a handler's result: its value, and its text. Raises RuntimeFault if it has none.

    Bytes are the payload as they are; if they are not JSON, the service passes them on as text.
    """
    if isinstance(result, bytes):
        text = result.decode(errors="replace")
        value, problem = read_json(text)
        return (text if problem else value), text
    try:
        value = _plain(result)
        return value, json.dumps(value, ensure_ascii=False)
    except Exception as problem:  # also of an object's own methods
        message = "Circular reference detected" if isinstance(problem, RecursionError) else problem
        raise RuntimeFault("Runtime.MarshalError", f"Unable to marshal response: {message}") from None


def _plain(value: Any) -> Json:
    """Return a copy of a value made of JSON's types."""
    if value is None or isinstance(value, (str, bool)):
        return value if not isinstance(value, str) else str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, bytes):
        return value.decode()
    if callable(getattr(value, "_asdict", None)):
        value = value._asdict()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_key(name): _plain(item) for name, item in value.items()}
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _number(value: float | Decimal) -> Json:
    if not math.isfinite(value):
        raise ValueError(f"Out of range float values are not JSON compliant: {float(value)!r}")
    return json.loads(str(value)) if isinstance(value, Decimal) else float(value)


def _key(name: Any) -> str:
    if isinstance(name, str):
        return str.__str__(name)
    if isinstance(name, bytes):
        return name.decode()
    if name is None or isinstance(name, (bool, int, float)):
        return json.dumps(name, allow_nan=False)
    raise TypeError(f"keys must be str, int, float, bool or None, not {type(name).__name__}")


def error_payload(problem: BaseException, request: str, folder: Path | None) -> dict[str, Json]:
    """Return the payload of an exception: errorMessage, errorType, requestId and stackTrace.

    `folder` is that of the function's code, which Lambda has as /var/task; None for that of the handler's file.
    """
    if isinstance(problem, RuntimeFault):
        error_type, trace = problem.error_type, list[Json](problem.trace)
    else:
        error_type, trace = type(problem).__name__, _stack_trace(problem, folder)
    return {"errorMessage": _message(problem), "errorType": error_type, "requestId": request, "stackTrace": trace}


def _message(problem: BaseException) -> str:
    try:
        return str(problem)
    except Exception:  # of the author's own __str__
        return f"<unprintable {type(problem).__name__} object>"  # as traceback writes it


def exit_payload(problem: SystemExit, request: str) -> dict[str, Json]:
    """Return the payload of a handler that exits its process."""
    code = problem.code if isinstance(problem.code, int) else 0 if problem.code is None else 1
    reason = f"exited with error: exit status {code}" if code else "exited without providing a reason"
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request} Error: Runtime {reason}"}


def _stack_trace(problem: BaseException, folder: Path | None) -> list[Json]:
    """The frames from the handler on, without the marks below a line that newer Pythons add."""
    frames = traceback.extract_tb(problem.__traceback__)
    while frames and Path(frames[0].filename).parent == _OWN_FOLDER:
        del frames[0]
    root = folder.resolve() if folder else Path(frames[0].filename).parent if frames else Path()
    deployed = [(_deployed(frame.filename, root), frame.lineno or 0, frame.name, frame.line) for frame in frames]
    return list(traceback.format_list(deployed))


def _deployed(file: str, root: Path) -> str:
    """Return where a file of a function is in Lambda."""
    paths = sysconfig.get_paths()
    folders = {
        str(root): _TASK_FOLDER,
        paths["purelib"]: _TASK_FOLDER,
        paths["platlib"]: _TASK_FOLDER,
        paths["stdlib"]: _PYTHON_FOLDER,
    }
    for folder, deployed in folders.items():
        if file.startswith(f"{folder}/"):
            return deployed + file[len(folder) :]
    return file


class _Logs(TextIOBase):
    """Standard output while handlers with a log run, in any thread: none of them waits for another.

    A log gets what the thread of its handler prints. What a thread prints that has no log goes to the log of the
    handler that was called last: the handler may have started the thread.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._logs: dict[int, StringIO] = {}
        self._output: TextIO = sys.stdout

    @contextmanager
    def copying(self, log: StringIO) -> Iterator[None]:
        """Copy what this thread prints to a log."""
        thread = get_ident()
        with self._lock:
            if not self._logs:
                self._output, sys.stdout = sys.stdout, self
            outer = self._logs.pop(thread, None)
            self._logs[thread] = log
        try:
            yield
        finally:
            with self._lock:
                del self._logs[thread]
                if outer is not None:
                    self._logs[thread] = outer
                if not self._logs and sys.stdout is self:
                    sys.stdout = self._output

    def write(self, text: str) -> int:
        with self._lock:
            log = self._logs.get(get_ident()) or next(reversed(self._logs.values()), None)
            if log is not None:
                log.write(text)
        return self._output.write(text)

    def flush(self) -> None:
        if not self._output.closed:  # at its end Python flushes this one too, after what it stood for
            self._output.flush()


_logs = _Logs()


@contextmanager
def logged(log: StringIO | None, request: str, version: str, memory: int) -> Iterator[None]:
    """Write what a handler prints to a log too, between the lines that Lambda writes."""
    if log is None:
        yield
        return
    log.write(f"START RequestId: {request} Version: {version}\n")
    try:
        with _logs.copying(log):
            yield
    finally:
        sizes = f"Memory Size: {memory} MB\tMax Memory Used: {memory} MB"
        report = f"REPORT RequestId: {request}\tDuration: 1.00 ms\tBilled Duration: 1 ms\t{sizes}\t"
        log.write(f"END RequestId: {request}\n{report}\n")
