"""The differences between two definitions as text, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.definition.diff import MISSING, Change
from workflow_dsl.definition.json import Json, inert_json
from workflow_dsl.definition.state_diff import MachineDiff, StateChange
from workflow_dsl.records import Record
from workflow_dsl.views.changes.effects import RUNNING, Effects, effect_words
from workflow_dsl.views.changes.states import words_of, words_of_fields
from workflow_dsl.views.inert import for_markdown, for_terminal

_MACHINE = "state machine"
_MOST_PICTURE = 40_000  # Mermaid draws no text above 50,000 characters, and GitHub takes comments of up to 65,536
_SIGNS = {"added": "+", "removed": "-"}


class Report(Record):
    """Two definitions by their printed names, with their differences and what these mean."""

    before: str
    after: str
    diff: MachineDiff
    effects: Effects


def as_text(report: Report) -> Iterator[str]:
    """Yield the lines for a terminal: a summary, a line for each change, and the effects."""
    yield for_terminal(f"{report.before} and {report.after}: {summary(report.diff)}")
    if not report.diff:
        return
    yield from map(for_terminal, change_lines(report.diff))
    yield from (for_terminal(f"! {words}") for words in effect_words(report.effects))


def as_markdown(report: Report, picture: str = "") -> Iterator[str]:
    """Yield the lines of a pull request's comment; `picture` is a Mermaid diagram."""
    names = for_markdown(f"{report.after}: {summary(report.diff)}")
    yield f"### {names}"
    if not report.diff:
        return
    yield ""
    for sign, name, words in _changes(report.diff):
        yield f"- {_MARKS[sign]} **{for_markdown(name)}**: {for_markdown(words)}"
    yield ""
    yield from (f"- {for_markdown(words)}" for words in effect_words(report.effects))
    if picture and len(picture) <= _MOST_PICTURE:
        yield from ("", "```mermaid", *picture.splitlines(), "```")


_MARKS = {"+": "\u2795", "-": "\u2796", "~": "\u270f\ufe0f"}


def summary(diff: MachineDiff) -> str:
    """Return how many states were added, removed, renamed, moved and changed: `2 changed, 1 state unchanged`."""
    if not diff:
        return "no difference"
    kinds = [change.kinds for change in diff.states]
    names = ("added", "removed", "renamed", "moved", "changed")
    counts = {name: sum(name in kind for kind in kinds) for name in names}
    of_states = [f"{count} {name}" for name, count in counts.items() if count] or ["the state machine itself changed"]
    return f"{', '.join(of_states)}, {diff.same} {'state' if diff.same == 1 else 'states'} unchanged"


def change_lines(diff: MachineDiff) -> Iterator[str]:
    """Yield a line for each change, not yet inert: `~ Rest: waits 90 s instead of 60 s`."""
    yield from (f"{sign} {name}: {words}" for sign, name, words in _changes(diff))


def _changes(diff: MachineDiff) -> Iterator[tuple[str, str, str]]:
    """Yield the sign, the subject and the clause of every change."""
    for words in words_of_fields(diff.fields):
        yield "~", _MACHINE, words
    for change in diff.states:
        for words in words_of(change):
            yield _SIGNS.get(change.kinds[0], "~"), change.state.name, words


def as_json(report: Report) -> str:
    """The report as one JSON object; every key but `before` and `after` of a field is always present."""
    permissions = report.effects.permissions
    content = {
        "before": report.before,
        "after": report.after,
        "isEqual": not report.diff,
        "same": report.diff.same,
        "fields": [_field(change) for change in report.diff.fields],
        "words": words_of_fields(report.diff.fields),
        "states": [_state(change) for change in report.diff.states],
        "effects": {
            "running": RUNNING,
            "permissions": {
                "added": [_need(*need) for need in permissions.added],
                "removed": [_need(*need) for need in permissions.removed],
                "unknown": permissions.unknown,
            },
            "input": {"before": list(report.effects.inputs_before), "after": list(report.effects.inputs)},
        },
    }
    return inert_json(json.dumps(content, indent=2, ensure_ascii=False))


def _state(change: StateChange) -> dict[str, Json]:
    return {
        "state": change.state.name,
        "before": change.before.name if change.before else None,
        "kinds": list(change.kinds),
        "words": words_of(change),
        "fields": [_field(field) for field in change.fields],
    }


def _field(change: Change) -> dict[str, Json]:
    return {
        "pointer": change.where.pointer,
        "field": change.where.field,
        **({} if change.before is MISSING else {"before": change.before}),
        **({} if change.after is MISSING else {"after": change.after}),
    }


def _need(action: str, resource: str) -> dict[str, str]:
    return {"action": action, "resource": resource}
