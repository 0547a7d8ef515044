"""A recorded execution beside one on this computer: the first thing that is not the same, as a person would say it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from workflow_dsl.definition.json import Json, leaves, short, short_pair
from workflow_dsl.expressions.intrinsic_functions import is_equal
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.timeline import UNKNOWN, RecordedCall, Visit, every
from workflow_dsl.local.runner import Run

# A UUID, and a time as RFC 3339 has it: what an execution makes anew each time, by States.UUID, $now() or EnteredTime.
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OWN = re.compile(
    rf"(?P<uuid>{_UUID.pattern})"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
)
# How the causes of the service's own errors begin, which have the number of an event in them.
_OWN_CAUSE = "An error occurred while executing the state '"

MISSING = object()  # what only one side has


class Differences:
    """What was recorded beside what happens now. UUIDs and times that neither the input nor an answer had are alike."""

    def __init__(self, recording: Recording, recorded: list[Visit], context: Json) -> None:
        given = [json.loads(recording.input or "null"), recording.definition, context]
        self._was_stopped = recording.status in ("ABORTED", "TIMED_OUT")
        self._came_in = set(_own(*given))
        made: set[str] = set()
        for is_made, value in _as_it_went(recorded):
            if is_made:
                made.update(_own(value))
            else:  # an answer may give back what the execution made
                self._came_in.update(text for text in _own(value) if text not in made)

    def given_alike(self, call: RecordedCall, now: Json) -> Json:
        """What a call was given, its task token where the same call has one now."""
        return self._with_tokens(call.given, now) if call.has_token else call.given

    def _with_tokens(self, then: Json, now: Json) -> Json:
        if isinstance(then, dict) and isinstance(now, dict):
            return {name: self._with_tokens(each, now.get(name)) for name, each in then.items()}
        if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
            return [self._with_tokens(*pair) for pair in zip(then, now, strict=True)]
        if isinstance(then, str) and isinstance(now, str):
            around = [text for text in _UUID.split(now) if not _UUID.fullmatch(text)]
            is_alike = len(around) > 1 and re.fullmatch(".+".join(map(re.escape, around)), then, re.DOTALL)
            return now if is_alike else then
        return then

    def key(self, value: Json) -> str:
        """A text that is the same for values that are alike."""
        return json.dumps(self._plain(value), sort_keys=True, default=str)

    def is_same(self, then: Json, now: Json) -> bool:
        """Whether two values are alike."""
        return then is not UNKNOWN and (is_equal(then, now) or is_equal(self._plain(then), self._plain(now)))

    def _plain(self, value: Json) -> Json:
        """A value with a mark in the place of each UUID and time that the execution made."""
        if isinstance(value, dict):
            return {name: self._plain(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each) for each in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, str):
            return value
        return "<cause>" if value.startswith(_OWN_CAUSE) else _OWN.sub(self._marked, value)

    def _marked(self, found: re.Match[str]) -> str:
        return found[0] if found[0] in self._came_in else f"<{found.lastgroup}>"

    def of_the_run(self, then: list[Visit], now: list[Visit], recording: Recording, execution: Run) -> str | None:
        """The first difference; None where there is none."""
        end = "the end" if execution.status == "SUCCEEDED" else _end(execution)
        return next(self._of(then, now, is_cut=self._was_stopped, end=end), None) or self._of_the_ends(
            recording, execution
        )

    def _of(
        self, then: list[Visit], now: list[Visit], where: str = "", *, is_cut: bool, end: str = "the end"
    ) -> Iterator[str]:
        """What is different, in the order in which it happened.

        Where a branch beside these failed, or the execution was stopped, they are cut off at no certain point: what
        only one side got to is no difference.
        """
        for index in range(max(len(then), len(now))):
            old, new = (side[index] if index < len(side) else None for side in (then, now))
            if old is None or new is None or old.name != new.name:
                is_shorter = old is None or (new is None and where != "")
                if not (is_cut and is_shorter):
                    yield f"{where}{_named(new, end)} here, {_named(old)} then"
                return
            yield from self._of_a_visit(old, new, where, is_cut)

    def _of_a_visit(self, old: Visit, new: Visit, where: str, cut: bool) -> Iterator[str]:
        inside = f'{where}"{old.name}"'
        if old.type != new.type:
            yield f"{inside} is a {new.type} here, a {old.type} then"
        yield from self._unequal(f"{inside} is entered with", old.given, new.given)
        for before, after in zip(old.calls, new.calls, strict=False):
            if before.resource and after.resource and before.resource != after.resource:
                yield f"{inside} calls {after.resource} here, {before.resource} then"
            yield from self._unequal(f"{inside} calls with", self.given_alike(before, after.given), after.given)
        if len(old.calls) != len(new.calls) and not cut and not (old.was_cut or new.was_cut):
            yield f"{inside} makes {_times(len(new.calls))} here, {_times(len(old.calls))} then"
        for attempt, number in sorted({*old.inner, *new.inner}):
            then, now = (side.inner.get((attempt, number), []) for side in (old, new))
            is_cut = cut or (old.has_failed_at(attempt) and new.has_failed_at(attempt))
            if (then and now) or not is_cut:
                yield from self._of(then, now, f"{inside} [{number}] ", is_cut=is_cut)
        yield from self._unequal(f"{inside} puts out", old.output, new.output)
        # An emulator's history, or one that lacks execution data, has no variables.
        for name in {**old.assigned, **new.assigned} if old.assigned else ():
            values = [side.assigned.get(name, MISSING) for side in (old, new)]
            yield from self._unequal(f"{inside} assigns {name}", *values)

    def _of_the_ends(self, recording: Recording, execution: Run) -> str | None:
        """How the end differs; one that a person stopped is as good as any."""
        if recording.status == "ABORTED" or execution.status == recording.status == "TIMED_OUT":
            return None
        if execution.status != recording.status:
            return f"{_end(execution)} here, {_because(recording.status, recording.error)} then"
        if execution.error != recording.error:
            return f"ends with the error {execution.error} here, {recording.error} then"
        # Other states' causes are those of the recorded calls, or the service's own words.
        if any(state.name == execution.failed_in and state.type == "Fail" for state in execution.machine.walk()):
            return next(self._unequal("ends with the cause", recording.cause, execution.cause), None)
        output = UNKNOWN if recording.output is None else json.loads(recording.output)
        return next(self._unequal("puts out at the end", output, execution.output), None)

    def _unequal(self, what: str, then: Json, now: Json) -> Iterator[str]:
        if then is not UNKNOWN and now is not UNKNOWN and not self.is_same(then, now):
            path, old, new = self._first_unequal(then, now, "$")
            here, earlier = _shown(new, old)
            yield f"{what} {path} {here} here, {earlier} then"

    def _first_unequal(self, then: Json, now: Json, path: str) -> tuple[str, Json, Json]:
        pairs: Iterator[tuple[str, Json, Json]] = iter(())
        if isinstance(then, dict) and isinstance(now, dict):
            names = {**then, **now}
            pairs = ((f"{path}.{name}", then.get(name, MISSING), now.get(name, MISSING)) for name in names)
        elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
            pairs = ((f"{path}[{index}]", old, new) for index, (old, new) in enumerate(zip(then, now, strict=True)))
        found = next(((at, old, new) for at, old, new in pairs if not self.is_same(old, new)), None)
        return self._first_unequal(found[1], found[2], found[0]) if found else (path, then, now)


def _as_it_went(recorded: list[Visit]) -> Iterator[tuple[bool, Json]]:
    """Each value of an execution, and whether it is what the execution made of others, or an answer."""
    for visit in every(recorded):
        yield True, visit.given
        for call in visit.calls:
            yield True, call.given
            yield False, [call.result, call.cause]
        yield from ((False, call.result) for call in visit.runs)
        if not visit.inner and not visit.runs:
            yield True, visit.output


def _own(*values: Json) -> Iterator[str]:
    """The UUIDs and times in values."""
    for value in values:
        texts = (text for _, text in leaves(value) if isinstance(text, str))
        yield from (found[0] for text in texts for found in _OWN.finditer(text))


def _named(visit: Visit | None, end: str = "the end") -> str:
    return end if visit is None else f'"{visit.name}"'


def _end(execution: Run) -> str:
    at = f' in "{execution.failed_in}"' if execution.failed_in else ""
    return f"ends {_because(execution.status, execution.error)}{at}"


def _times(count: int) -> str:
    return f"{count} call{'' if count == 1 else 's'}"


def _shown(one: Json, other: Json) -> tuple[str, str]:
    if one is MISSING or other is MISSING:
        first, second = ("absent" if value is MISSING else short(value) for value in (one, other))
        return first, second
    return short_pair(one, other)


def _because(status: str, error: str | None) -> str:
    return f"{status} ({error})" if error else status
