"""The words for changed retriers and catchers, error by error: which one takes an error is what counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.records import Record, replace

_ERRORS = {"States.TaskFailed": "a failed task", "States.ALL": "any error", "States.Timeout": "a time-out"}


class _Policy(Record):
    """A retrier's policy, with the defaults of the States Language ("Retrying after error")."""

    attempts: float = 3
    interval: float = 1
    rate: float = 2
    longest: float | None = None
    jitter: str = "NONE"

    @property
    def waits(self) -> str:
        """The first two waits: `15 s + 22.5 s + ...`."""
        waits: list[str] = []
        for number in range(int(min(self.attempts, 2))):
            seconds = self.interval * self.rate**number
            waits.append(f"{min(seconds, self.longest or seconds):.6g} s")
        more = ["..."] if self.attempts > 2 else []
        most = f", at most {self.longest:.6g} s" if self.longest is not None else ""
        return " + ".join([*waits, *more]) + most + _JITTER.get(self.jitter, "")


_JITTER = {"FULL": " with full jitter"}
_FIELDS = {
    "MaxAttempts": "attempts",
    "IntervalSeconds": "interval",
    "BackoffRate": "rate",
    "MaxDelaySeconds": "longest",
}


def retry_words(before: Json, after: Json) -> list[str]:
    """The changes of a Retry field: `a failed task is retried 5 times instead of 3`. Empty if no policy differs."""
    old, new = _policies(before), _policies(after)
    return _by_words((error, _retried(old.get(error), new.get(error))) for error in {**new, **old})


def catch_words(before: Json, after: Json) -> list[str]:
    """The changes of the states that a Catch field leads to. Empty if there are none."""
    old, new = _by_error(before), _by_error(after)
    return _by_words((error, _caught(old.get(error), new.get(error))) for error in {**new, **old})


def retries_in_words(retriers: Json) -> list[str]:
    """The retriers of a state: `a failed task is retried 5 times, waiting 2 s + 4 s + ...`."""
    return [words.replace(" now ", " ", 1) for words in retry_words(None, retriers)]


def catchers_in_words(catchers: Json) -> list[str]:
    """The catchers of a state: `every error is caught, and leads to "Give Up"`."""
    return [words.replace(" now ", " ", 1) for words in catch_words(None, catchers)]


def _by_error(items: Json) -> dict[str, Mapping[str, Json]]:
    """The first retrier or catcher that lists an error."""
    first: dict[str, Mapping[str, Json]] = {}
    for item in items if isinstance(items, list) else []:
        errors = item.get("ErrorEquals") if isinstance(item, dict) else None
        for error in errors if isinstance(errors, list) else []:
            first.setdefault(str(error), item)
    return first


def _policies(retriers: Json) -> dict[str, _Policy | None]:
    return {error: _policy(retrier) for error, retrier in _by_error(retriers).items()}


def _policy(retrier: Mapping[str, Json]) -> _Policy | None:
    """The policy of a retrier; None for one that retries nothing, or whose fields are not numbers."""
    values = {name: retrier[field] for field, name in _FIELDS.items() if field in retrier}
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in values.values()):
        return None
    policy = _Policy(**values, jitter=str(retrier.get("JitterStrategy", "NONE")))
    return policy if policy.attempts > 0 and abs(policy.rate) < 1e100 else None


def _retried(old: _Policy | None, new: _Policy | None) -> str:
    if new == old:
        return ""
    if new is None or old is None:
        return "{is} no longer retried" if new is None else f"{{is}} now retried {_times(new)}, waiting {new.waits}"
    times = f"{{is}} retried {_times(new)}"
    if new.attempts != old.attempts:
        times += f" instead of {old.attempts:g}"
    if replace(new, attempts=old.attempts) == old:
        return times
    waits, instead = new.waits, old.waits
    return f"{times}, waiting {waits} instead of {instead}" if waits != instead else f"{times}, with other later waits"


def _times(policy: _Policy) -> str:
    return "once" if policy.attempts == 1 else f"{policy.attempts:g} times"


def _caught(old: Mapping[str, Json] | None, new: Mapping[str, Json] | None) -> str:
    before, after = (short_json(item.get("Next")) if item else None for item in (old, new))
    if before == after:
        return ""
    if after is None:
        return "{is} no longer caught"
    return f"{{is}} now caught, and leads to {after}" if before is None else f"now leads to {after} instead of {before}"


def _by_words(words: Iterator[tuple[str, str]]) -> list[str]:
    """One line for all errors with the same words."""
    errors: dict[str, list[str]] = {}
    for error, text in words:
        if text:
            errors.setdefault(text, []).append(_ERRORS.get(error, error))
    return [f"{_listed(names)} {_verb(text, len(names))}" for text, names in errors.items()]


def _verb(text: str, count: int) -> str:
    if text.startswith("now leads"):
        return text if count == 1 else text.replace("leads", "lead", 1)
    return text.replace("{is}", "is" if count == 1 else "are", 1).replace(
        "and leads", "and leads" if count == 1 else "and lead", 1
    )


def _listed(names: list[str]) -> str:
    shown = list(islice(names, 3))
    if len(names) > 3:
        return f"{', '.join(shown)} and {len(names) - 3} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
