"""The words for what changed in a state or in the machine itself: clauses that follow its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import NoneType

from workflow_dsl.definition.calls import call_of, call_sites, short_name
from workflow_dsl.definition.diff import MISSING, Change, changes_between
from workflow_dsl.definition.json import Json, short_json, short_json_pair
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.state_diff import StateChange
from workflow_dsl.findings import Keys, to_field
from workflow_dsl.records import replace
from workflow_dsl.views.changes.choices import choice_words
from workflow_dsl.views.changes.retries import catch_words, retry_words
from workflow_dsl.views.diagram.captions import action_of

_MOST_FIELDS = 8  # listed for one field of a state, such as Parameters


def words_of(change: StateChange) -> list[str]:
    """The clauses about a state that differs: `is retried 5 times instead of 3`."""
    before, after = change.before, change.after
    if before is None or after is None:
        return [f"is {'new' if before is None else 'removed'}: {_summary(change.state)}"]
    renamed = [f"was called {short_json(before.name)}"] if change.is_renamed else []
    moved = [f"moved {_scope(before.scope, 'from')} {_scope(after.scope, 'to')}"] if change.is_moved else []
    return [*renamed, *moved, *_of_fields(change, before, after)]


def words_of_fields(fields: Iterable[Change]) -> list[str]:
    """The clauses about the fields of the machine itself."""
    return [line for field in fields for line in _of_field(field)]


def _summary(state: State) -> str:
    kind = state.type if isinstance(state.type, str) else "a state"
    action = action_of(state, call_of(state))
    return f"{kind}, {action}" if action else kind


def _scope(machine: Machine, preposition: str) -> str:
    if machine.owner is None:
        return f"{preposition} the top level"
    branch = machine.keys[-1]
    inside = f"branch {branch + 1} of " if isinstance(branch, int) else ""
    return f"{preposition} {inside}{short_json(machine.owner.name)}"


def _of_fields(change: StateChange, before: State, after: State) -> Iterator[str]:
    fields = {change.where.field: change for change in change.fields}
    for name, group in _GROUPS.items():
        of_group = [fields.pop(field) for field in group if field in fields]
        if of_group:
            yield from _GROUP_WORDS[name](of_group, before, after)
    for field in fields.values():
        yield from _of_field(field)


def _transition(changes: Sequence[Change], before: State, after: State) -> Iterator[str]:
    old, new = (
        {change.where.field: value for change, value in zip(changes, values, strict=True) if value is not MISSING}
        for values in ([change.before for change in changes], [change.after for change in changes])
    )
    ends = "ends its branch" if after.scope.owner else "ends the execution"
    if "Next" in new:
        then = short_json(old["Next"]) if "Next" in old else "ending" if old else ""
        yield f"goes on to {short_json(new['Next'])}{f' instead of {then}' if then else ''}"
    elif "Next" in old and after.fields.get("End") is True:
        yield f"{ends} instead of going on to {short_json(old['Next'])}"
    else:
        for change in changes:
            yield from _plain(change)


def _choice(changes: Sequence[Change], before: State, after: State) -> Iterator[str]:
    # The rules that did not change are needed, too, with the names that they have now.
    old, new = dict(after.fields), dict(after.fields)
    for change in changes:
        old[change.where.field] = change.before
    old = {name: value for name, value in old.items() if value is not MISSING}
    words = choice_words(old, new) if before.type == after.type == "Choice" else []
    yield from words or [line for change in changes for line in _plain(change)]


def _call(changes: Sequence[Change], before: State, after: State) -> Iterator[str]:
    """Yield the new call, then the arguments that changed, without the one that names the call's target."""
    now, then = next(call_sites(after), None), next(call_sites(before), None)
    is_other, target = False, None
    if now and then and str(now.call) != str(then.call):
        is_other = True
        yield f"calls {now.call} instead of {then.call}"
        if now.target == then.target and short_name(now.call.target) != short_name(then.call.target):
            target = now.target
    for change in changes:
        if change.where.field == "Resource":
            yield from () if is_other else _of_field(change)
        else:
            yield from _plain(change, target[1:] if target and target[0] == change.where.field else None)


_Words = Callable[[Sequence[Change], State, State], Iterator[str]]
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "call": ("Resource", "Parameters", "Arguments"),
    "choice": ("Choices", "Default"),
    "transition": ("Next", "End"),
}
_GROUP_WORDS: Mapping[str, _Words] = {"call": _call, "choice": _choice, "transition": _transition}

_NO_PHRASE = (dict, list, NoneType)  # values that are shown as they are

# A phrase before the value and a unit after it, and the clause for a field that is gone.
_PHRASES: Mapping[str, tuple[str, str, str]] = {
    "Type": ("is of type", "", ""),
    "Resource": ("calls", "", ""),
    "StartAt": ("starts at", "", ""),
    "Seconds": ("waits", " s", ""),
    "SecondsPath": ("waits the seconds in", "", ""),
    "Timestamp": ("waits until", "", ""),
    "TimestampPath": ("waits until the time in", "", ""),
    "TimeoutSeconds": ("times out after", " s", "no longer times out after {}"),
    "HeartbeatSeconds": ("fails without a heartbeat in", " s", "no longer needs a heartbeat in {}"),
    "MaxConcurrency": ("takes at most", " items at once", "no longer takes at most {}"),
    "ToleratedFailurePercentage": ("tolerates", "% of failed items", "no longer tolerates {}"),
    "ToleratedFailureCount": ("tolerates", " failed items", "no longer tolerates {}"),
    "Error": ("fails with the error", "", ""),
    "Cause": ("fails with the cause", "", ""),
    "InputPath": ("takes its input from", "", "takes its whole input instead of {}"),
    "OutputPath": ("passes on", "", "passes on everything instead of {}"),
    "ResultPath": ("puts its result at", "", "replaces its input with its result, instead of putting it at {}"),
    "ItemsPath": ("takes its items from", "", ""),
    "QueryLanguage": ("is written in", "", ""),
}


def _of_field(change: Change) -> Iterator[str]:
    """Yield the clauses about one field, by the end of its name: the fields of a nested machine are named alike."""
    inside, _, name = change.where.field.rpartition(".")
    if inside:
        yield from (
            f"{inside} {words}" for words in _of_field(replace(change, where=replace(change.where, field=name)))
        )
        return
    if name in ("Retry", "Catch"):
        before, after = (None if value is MISSING else value for value in (change.before, change.after))
        words = (retry_words if name == "Retry" else catch_words)(before, after)
        yield from words or _plain(change)
    elif name == "MaxConcurrency" and 0 in (change.before, change.after):  # no limit, as without the field
        yield from _of_limit(change, *(MISSING if value == 0 else value for value in (change.before, change.after)))
    elif name in _PHRASES and not any(isinstance(side, _NO_PHRASE) for side in (change.before, change.after)):
        yield from _phrased(change, *_PHRASES[name])
    elif name.startswith("Branches"):
        yield from _of_branches(change)
    else:
        yield from _plain(change)


def _of_limit(change: Change, before: Json, after: Json) -> Iterator[str]:
    limit = replace(change, before=before, after=after)
    yield from _plain(change) if before is after is MISSING else _phrased(limit, *_PHRASES["MaxConcurrency"])


def _of_branches(change: Change) -> Iterator[str]:
    """Yield the clause about a branch that is new or gone, or about the order of all."""
    is_branch = {value is MISSING or isinstance(value, dict) for value in (change.before, change.after)} == {True}
    if isinstance(change.before, list) and isinstance(change.after, list):
        yield "has its branches, and therefore their results, in a different order"
    elif is_branch:
        word, branch = ("has a new", change.after) if change.before is MISSING else ("no longer has the", change.before)
        yield f"{word} branch that starts at {short_json(branch.get('StartAt'))}"
    else:
        yield from _plain(change)


def _phrased(change: Change, phrase: str, unit: str, gone: str) -> Iterator[str]:
    if change.after is MISSING:
        old = f"{short_json(change.before)}{unit}"
        yield gone.format(old) if gone else f"no longer {phrase} {old}"
    elif change.before is MISSING:
        yield f"now {phrase} {short_json(change.after)}{unit}"
    else:
        old, new = short_json_pair(change.before, change.after)
        yield f"{phrase} {new}{unit} instead of {old}{unit}"


def _plain(change: Change, known: Keys | None = None) -> Iterator[str]:
    """Yield each value that differs in a field, except for the one at the `known` keys in it."""
    differences = [
        difference for difference in changes_between(change.before, change.after) if difference.where.keys != known
    ]
    for difference in differences[:_MOST_FIELDS]:
        field = ".".join(filter(None, (change.where.field, to_field(difference.where.keys)))).replace(".[", "[")
        yield _value_words(field, difference.before, difference.after)
    if len(differences) > _MOST_FIELDS:
        yield f"{change.where.field} differs in {len(differences) - _MOST_FIELDS} more places"


def _value_words(field: str, before: Json, after: Json) -> str:
    if before is MISSING or after is MISSING:
        now, value = ("now", after) if before is MISSING else ("no longer", before)
        return f"{now} has {field} {short_json(value)}"
    old, new = short_json_pair(before, after)
    return f"has {field} {new} instead of {old}"
