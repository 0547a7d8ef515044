"""A recorded execution compared with a local one: the first difference, in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from workflow_dsl.definition.diff import MISSING
from workflow_dsl.definition.json import Json, leaves, short_json, short_json_pair
from workflow_dsl.expressions.intrinsic_functions import is_equal
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.timeline import UNKNOWN, RecordedCall, Visit, all_visits
from workflow_dsl.local.runner import Run
from workflow_dsl.regexes import lazy_regex

# UUIDs and RFC 3339 times, which an execution generates anew with States.UUID, $now() or EnteredTime.
_UUID = lazy_regex(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_GENERATED = lazy_regex(
    rf"(?P<uuid>{_UUID.pattern})"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
)
# The beginning of the service's own causes, which contain the ID of an event.
_SERVICE_CAUSE = "An error occurred while executing the state '"


class Comparison:
    """Compares a recorded execution with a local one.

    UUIDs and times are equal if the execution generated them: neither its input nor a result contained them.
    """

    def __init__(self, recording: Recording, recorded: list[Visit], context: Json) -> None:
        self._was_stopped = recording.status in ("ABORTED", "TIMED_OUT")
        self._from_outside = set(_uuids_and_times(json.loads(recording.input or "null"), recording.definition, context))
        generated: set[str] = set()
        for is_result, value in _values_in_order(recorded):
            if is_result:  # it may return what the execution generated
                self._from_outside.update(text for text in _uuids_and_times(value) if text not in generated)
            else:
                generated.update(_uuids_and_times(value))

    def recorded_input(self, call: RecordedCall, local_input: Json) -> Json:
        """Return the recorded input of a call, with the task token of the local call in place of its own."""
        return self._with_local_token(call.input, local_input) if call.has_token else call.input

    def _with_local_token(self, recorded: Json, local: Json) -> Json:
        if isinstance(recorded, dict) and isinstance(local, dict):
            return {name: self._with_local_token(value, local.get(name)) for name, value in recorded.items()}
        if isinstance(recorded, list) and isinstance(local, list) and len(recorded) == len(local):
            return [self._with_local_token(*pair) for pair in zip(recorded, local, strict=True)]
        if isinstance(recorded, str) and isinstance(local, str):
            parts = [part for part in _UUID.split(local) if not _UUID.fullmatch(part)]
            differs_in_token = len(parts) > 1 and re.fullmatch(".+".join(map(re.escape, parts)), recorded, re.DOTALL)
            return local if differs_in_token else recorded
        return recorded

    def key(self, value: Json) -> str:
        """Return a string that is the same for values that count as equal."""
        return json.dumps(self._normalized(value), sort_keys=True, default=str)

    def are_equal(self, recorded: Json, local: Json) -> bool:
        """True if two values are equal apart from generated UUIDs and times."""
        return recorded is not UNKNOWN and (
            is_equal(recorded, local) or is_equal(self._normalized(recorded), self._normalized(local))
        )

    def _normalized(self, value: Json) -> Json:
        """A value with a mark in place of each generated UUID and time."""
        if isinstance(value, dict):
            return {name: self._normalized(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._normalized(item) for item in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, str):
            return value
        return "<cause>" if value.startswith(_SERVICE_CAUSE) else _GENERATED.sub(self._mark, value)

    def _mark(self, match: re.Match[str]) -> str:
        return match[0] if match[0] in self._from_outside else f"<{match.lastgroup}>"

    def first_difference(
        self, recorded: list[Visit], local: list[Visit], recording: Recording, execution: Run
    ) -> str | None:
        """Return the first difference, None if there is none."""
        end = "the end" if execution.status == "SUCCEEDED" else _end(execution)
        difference = next(self._of_visits(recorded, local, is_cut=self._was_stopped, end=end), None)
        return difference or self._of_ends(recording, execution)

    def _of_visits(
        self, recorded: list[Visit], local: list[Visit], where: str = "", *, is_cut: bool, end: str = "the end"
    ) -> Iterator[str]:
        """The differences in the order in which they happened.

        `is_cut`: another branch failed, or the execution was stopped. Where that ended these visits is random, so
        visits that only one side has are not a difference.
        """
        for index in range(max(len(recorded), len(local))):
            old, new = (visits[index] if index < len(visits) else None for visits in (recorded, local))
            if old is None or new is None or old.name != new.name:
                is_shorter = old is None or (new is None and where != "")
                if not (is_cut and is_shorter):
                    yield f"{where}{_now_and_then(_name(new, end), _name(old))}"
                return
            yield from self._of_visit(old, new, where, is_cut)

    def _of_visit(self, old: Visit, new: Visit, where: str, is_cut: bool) -> Iterator[str]:
        state = f'{where}"{old.name}"'
        if old.type != new.type:
            yield f"{state} is {_now_and_then(f'a {new.type}', f'a {old.type}')}"
        yield from self._of_values(f"{state} is entered with", old.input, new.input)
        yield from self._of_calls(state, old, new, is_cut)
        for attempt, index in sorted({*old.nested, *new.nested}):
            recorded, local = (visit.nested.get((attempt, index), []) for visit in (old, new))
            has_failed = is_cut or (old.has_failed_at(attempt) and new.has_failed_at(attempt))
            if (recorded and local) or not has_failed:
                yield from self._of_visits(recorded, local, f"{state} [{index}] ", is_cut=has_failed)
        yield from self._of_values(f"{state} outputs", old.output, new.output)
        # An emulator's history, or one that lacks execution data, has no variables.
        for name in {**old.variables, **new.variables} if old.variables else ():
            values = [visit.variables.get(name, MISSING) for visit in (old, new)]
            yield from self._of_values(f"{state} assigns {name}", *values)

    def _of_calls(self, state: str, old: Visit, new: Visit, is_cut: bool) -> Iterator[str]:
        for before, after in zip(old.calls, new.calls, strict=False):
            if before.resource and after.resource and before.resource != after.resource:
                yield f"{state} calls {_now_and_then(after.resource, before.resource)}"
            yield from self._of_values(f"{state} calls with", self.recorded_input(before, after.input), after.input)
        if len(old.calls) != len(new.calls) and not is_cut and not (old.was_interrupted or new.was_interrupted):
            yield f"{state} makes {_now_and_then(_calls(len(new.calls)), _calls(len(old.calls)))}"

    def _of_ends(self, recording: Recording, execution: Run) -> str | None:
        """The difference between the ends of the executions; any end equals that of an execution aborted by hand."""
        if recording.status == "ABORTED" or execution.status == recording.status == "TIMED_OUT":
            return None
        if execution.status != recording.status:
            return _now_and_then(_end(execution), _status(recording.status, recording.error))
        if execution.error != recording.error:
            return f"ends with the error {_now_and_then(str(execution.error), str(recording.error))}"
        # The causes of other states come from the recorded calls, or are worded by the service.
        if any(state.name == execution.failed_in and state.type == "Fail" for state in execution.machine.walk()):
            return next(self._of_values("ends with the cause", recording.cause, execution.cause), None)
        output = UNKNOWN if recording.output is None else json.loads(recording.output)
        return next(self._of_values("ends with the output", output, execution.output), None)

    def _of_values(self, subject: str, recorded: Json, local: Json) -> Iterator[str]:
        if recorded is not UNKNOWN and local is not UNKNOWN and not self.are_equal(recorded, local):
            path, old, new = self._first_unequal(recorded, local, "$")
            yield f"{subject} {path} {_now_and_then(*_short_values(new, old))}"

    def _first_unequal(self, recorded: Json, local: Json, path: str) -> tuple[str, Json, Json]:
        pairs: Iterator[tuple[str, Json, Json]] = iter(())
        if isinstance(recorded, dict) and isinstance(local, dict):
            names = {**recorded, **local}
            pairs = ((f"{path}.{name}", recorded.get(name, MISSING), local.get(name, MISSING)) for name in names)
        elif isinstance(recorded, list) and isinstance(local, list) and len(recorded) == len(local):
            items = enumerate(zip(recorded, local, strict=True))
            pairs = ((f"{path}[{index}]", old, new) for index, (old, new) in items)
        first = next(((at, old, new) for at, old, new in pairs if not self.are_equal(old, new)), None)
        return self._first_unequal(first[1], first[2], first[0]) if first else (path, recorded, local)


def _values_in_order(recorded: list[Visit]) -> Iterator[tuple[bool, Json]]:
    """Yield each value of an execution, and whether it is the result of a call or comes from the execution itself."""
    for visit in all_visits(recorded):
        yield False, visit.input
        for call in visit.calls:
            yield False, call.input
            yield True, [call.result, call.cause]
        yield from ((True, map_run.result) for map_run in visit.map_runs)
        if not visit.nested and not visit.map_runs:
            yield False, visit.output


def _uuids_and_times(*values: Json) -> Iterator[str]:
    for value in values:
        strings = (leaf for _, leaf in leaves(value) if isinstance(leaf, str))
        yield from (match[0] for string in strings for match in _GENERATED.finditer(string))


def _now_and_then(now: str, then: str) -> str:
    return f"{now} now, {then} in the recording"


def _name(visit: Visit | None, end: str = "the end") -> str:
    return end if visit is None else f'"{visit.name}"'


def _end(execution: Run) -> str:
    state = f' in "{execution.failed_in}"' if execution.failed_in else ""
    return f"ends {_status(execution.status, execution.error)}{state}"


def _status(status: str, error: str | None) -> str:
    return f"{status} ({error})" if error else status


def _calls(count: int) -> str:
    return f"{count} call{'' if count == 1 else 's'}"


def _short_values(one: Json, other: Json) -> tuple[str, str]:
    if one is MISSING or other is MISSING:
        first, second = ("missing" if value is MISSING else short_json(value) for value in (one, other))
        return first, second
    return short_json_pair(one, other)
