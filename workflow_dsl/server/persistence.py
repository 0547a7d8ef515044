"""An account in one file: state machines, activities, and executions that have ended, kept across restarts.

The file is JSON. A new one takes the place of the old one as a whole, so it is never half-written.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.engine.execution import Outcome
from workflow_dsl.local.engine.history import Event, History, with_error
from workflow_dsl.records import field_names
from workflow_dsl.server.account import Account, Activity
from workflow_dsl.server.live.progress import resume_from
from workflow_dsl.server.records import ExecutionRecord, MapRunRecord
from workflow_dsl.server.state_machines import Alias, Revision, StateMachine, Version, now

_FORMAT = 1
_T = TypeVar("_T")
_OF_EXECUTION = (
    *("arn", "name", "machine_arn", "input", "started", "clock_start", "version_arn", "alias_arn", "trace_header"),
    *("map_run_arn", "item_count", "number", "status", "stopped", "output", "error", "cause"),
    *("redrive_count", "redriven", "test_case", "is_orphan"),
)
_OF_MAP_RUN = (
    *("arn", "execution_arn", "machine_arn", "started", "items", "status", "stopped", "has_writer"),
    *("max_concurrency", "tolerated_count", "tolerated_percentage", "redrive_count", "redriven"),
)


def save(account: Account, path: Path) -> None:
    """Write an account. Raises OSError."""
    with account.lock:
        content = _content(account)
    text = json.dumps(content, default=_as_json, separators=(",", ":"))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def check_folder(path: Path) -> None:
    """Raise OSError if an account cannot be written at a path, because of its folder."""
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(path.parent)) from None


def load(account: Account, path: Path) -> None:
    """Read an account; a missing file is an empty account.

    Raises FindingsError for any other file, and OSError for one that is not regular.
    """
    if not path.exists():
        return
    if not path.is_file():  # a link to a device has no end
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    try:
        content = json.loads(path.read_text("utf-8", errors="surrogatepass"))
        if content["format"] != _FORMAT:
            raise ValueError(f"format {content['format']}")
        with account.lock:
            _fill(account, content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message, remedy = "was not written by `workflow-dsl serve --persist`", "name another file, or remove it"
        raise FindingsError([Finding("PERSIST", "error", Where(place=Place(str(path))), message, remedy)]) from None


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.timestamp()}
    raise TypeError(type(value).__name__)


def _content(account: Account) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "machines": [_machine(machine) for machine in account.machines.values()],
        "activities": [
            {
                "arn": activity.arn,
                "name": activity.name,
                "created": activity.created,
                "tags": activity.tags,
                "encryption": activity.encryption,
            }
            for activity in account.activities.values()
        ],
        "executions": [_execution(record) for record in account.executions.values()],
        "mapRuns": [
            {
                **{name: getattr(run, name) for name in _OF_MAP_RUN},
                "children": [child.arn for child in run.children],
            }
            for run in account.map_runs.values()
        ],
    }


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in field_names(value)}


def _machine(machine: StateMachine) -> dict[str, Any]:
    versions = [{**_plain(version), "revision": _plain(version.revision)} for version in machine.versions.values()]
    return {
        **_plain(machine),
        "revision": _plain(machine.revision),
        "versions": versions,
        "aliases": [_plain(alias) for alias in machine.aliases.values()],
    }


def _execution(record: ExecutionRecord) -> dict[str, Any]:
    events = [
        [event.type, event.time, event.previous, event.shape(*event.values) if event.shape else {}]
        for event in record.history.events
    ]
    members = {name: getattr(record, name) for name in _OF_EXECUTION}
    members["resume"] = record.place() if record.status == "RUNNING" else record.resume
    return {**members, "revision": _plain(record.revision), "events": events}


def _fill(account: Account, content: Mapping[str, Any]) -> None:
    for saved in map(_with_times, content["machines"]):
        revision = Revision(**saved.pop("revision"))
        versions = [
            Version(**{**version, "revision": Revision(**version["revision"])}) for version in saved.pop("versions")
        ]
        aliases = [Alias(**alias) for alias in saved.pop("aliases")]
        machine = StateMachine(**saved, revision=revision)
        machine.versions = {version.number: version for version in versions}
        machine.aliases = {alias.name: alias for alias in aliases}
        if machine.published and machine.versions.get(machine.published):
            _share_revision(machine)
        account.machines[machine.arn] = machine
    for saved in map(_with_times, content["activities"]):
        account.activities[saved["arn"]] = Activity(**saved)
    for saved in map(_with_times, content["executions"]):
        record = _record(saved)
        account.add(record)
        account.ended(record)
    for saved in map(_with_times, content["mapRuns"]):
        children = [account.executions[arn] for arn in saved.pop("children") if arn in account.executions]
        account.map_runs[saved["arn"]] = MapRunRecord(**saved, children=children)


def _share_revision(machine: StateMachine) -> None:
    """Let an unchanged machine have the revision of its last version: publishing it again makes no other one."""
    last = machine.versions[machine.published]
    if last.revision == machine.revision:
        machine.revision = last.revision


def _record(members: dict[str, Any]) -> ExecutionRecord:
    history = History(float)
    for type_, seconds, previous, details in members.pop("events"):
        history.events.append(Event(type_, seconds, previous, _stored, (details,)))
    status, stopped = members.pop("status"), members.pop("stopped")
    resume = members.pop("resume")
    record = ExecutionRecord(**{**members, "revision": Revision(**members["revision"])}, history=history)
    result = record.output, record.error, record.cause
    if status == "RUNNING":
        _end_with_server(record)
    else:
        record.end(Outcome(status), stopped)
        record.output, record.error, record.cause = result
    record.resume = resume_from(resume) if resume else None
    record.settle()
    return record


def _end_with_server(record: ExecutionRecord) -> None:
    """End an execution that was running when its server ended: a redrive goes on where it was."""
    error, cause, moment = "Server.Ended", "The server was ended while the execution was running.", now()
    events, seconds = record.history.events, (moment - record.clock_start).total_seconds()
    details = with_error("executionAbortedEventDetails", error, cause, {})
    events.append(Event("ExecutionAborted", seconds, 0, _stored, (details,)))
    record.end(Outcome("ABORTED", None, error, cause), moment)


def _stored(details: dict[str, Any]) -> dict[str, Any]:
    return details


def _with_times(value: _T) -> _T:
    """The value with the times that this module has written."""
    return _converted(value)  # type: ignore[no-any-return]


def _converted(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"$time"}:
            return datetime.fromtimestamp(value["$time"], UTC)
        return {name: _converted(member) for name, member in value.items()}
    return [_converted(item) for item in value] if isinstance(value, list) else value


class Keeper:
    """Writes an account some seconds after it has changed, and at the end."""

    def __init__(
        self,
        account: Account,
        path: Path,
        after: Callable[[float, Callable[[], None]], None],
        report: Callable[[str], None],
    ) -> None:
        self._account, self._path, self._after, self._report = account, path, after, report
        self._saved = account.changes
        self._tick()

    def _tick(self) -> None:
        self._after(_SECONDS, self._check)

    def _check(self) -> None:
        if self._account.is_closed:
            return
        self.save()
        self._tick()

    def save(self) -> None:
        """Write the account if it has changed. A failure is reported."""
        changes = self._account.changes
        if changes == self._saved:
            return
        try:
            save(self._account, self._path)
            self._saved = changes
        except OSError as problem:
            self._report(f"{self._path}: {problem.strerror or problem}")


_SECONDS = 2.0
