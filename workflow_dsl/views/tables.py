"""Tables as plain text and Markdown; uses and triggers as tables, Mermaid and JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from workflow_dsl.definition.json import inert_json
from workflow_dsl.views.inert import for_mermaid

if TYPE_CHECKING:
    from workflow_dsl.application.template.triggers import Trigger
    from workflow_dsl.application.uses import Use

GroupBy = Literal["machine", "function"]
_Row = tuple[str, ...]
_NONE = "\u2013"


def rows(
    machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger], not_called: Sequence[str], by: GroupBy
) -> tuple[_Row, list[_Row]]:
    """The heading and the rows, by state machine or by function; functions that no state calls come last."""
    return _by_machine(machines, uses, triggers) if by == "machine" else _by_function(uses, triggers, not_called)


def _by_machine(machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger]) -> tuple[_Row, list[_Row]]:
    heading = ("State machine", "State", "Calls", "Placeholder", "Function or resource", "Code")
    trigger_rows = [(trigger.target, _label(trigger), trigger.detail, "", trigger.name, "") for trigger in triggers]
    call_rows = [(use.machine, use.state, use.calls, _placeholders(use), use.target, _code(use)) for use in uses]
    callers = {use.machine for use in uses}
    idle_rows = [(name, _NONE, _NONE, "", "", "") for name in machines if name not in callers]
    order = list(dict.fromkeys([*machines, *(trigger.target for trigger in triggers)]))
    return heading, sorted([*trigger_rows, *call_rows, *idle_rows], key=lambda row: order.index(row[0]))


def _by_function(
    uses: Sequence[Use], triggers: Sequence[Trigger], not_called: Sequence[str]
) -> tuple[_Row, list[_Row]]:
    heading = ("Function", "State machine", "State", "Placeholder", "Code")
    calls = sorted((use for use in uses if use.is_of_function), key=lambda use: use.target)
    call_rows = [(use.target, use.machine, use.state, _placeholders(use), _code(use)) for use in calls]
    started = [trigger for trigger in triggers if trigger.target in not_called]
    trigger_rows = [(trigger.target, _label(trigger), trigger.name, trigger.detail, "") for trigger in started]
    idle = [name for name in not_called if name not in {trigger.target for trigger in started}]
    return heading, [*call_rows, *trigger_rows, *((name, _NONE, _NONE, "", "") for name in idle)]


def _label(trigger: Trigger) -> str:
    return f"Trigger: {trigger.kind}"


def _placeholders(use: Use) -> str:
    return ", ".join(use.placeholders)


def _code(use: Use) -> str:
    return str(use.code or "")


def blank_repeats(rows: Iterable[_Row]) -> list[_Row]:
    """The rows with the first cell emptied where it repeats that of the row above."""
    previous, blanked = "", []
    for first, *rest in rows:
        blanked.append(("" if first == previous else first, *rest))
        previous = first
    return blanked


_GAP = "  "


def as_text(heading: _Row, rows: Iterable[_Row], width: int | None = None) -> Iterator[str]:
    """Yield the lines of a plain text table: one line per row.

    If that is wider than `width`, the width of a terminal, the first cell gets a line of its own, above the columns
    that fit; each further cell gets a line with its heading. Lines break only at spaces, never inside a name.
    """
    table = [heading, *rows]
    widths = [max(map(_display_width, cells)) for cells in zip(*table, strict=True)]
    if width is None or _total(widths) <= width:
        yield from (_aligned(row, widths) for row in table)
    else:
        yield from (part for line in _stacked(table, widths, width) for part in _wrapped(line, width))


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _stacked(table: list[_Row], widths: list[int], width: int) -> Iterator[str]:
    end = max((end for end in range(3, len(widths) + 1) if len(_GAP) + _total(widths[1:end]) <= width), default=2)
    for number, (first, *others) in enumerate(table):
        if first:
            yield from ["", first] if number else [first]
        yield f"{_GAP}{_aligned(others[: end - 1], widths[1:end])}"
        for name, cell in zip(table[0][end:], others[end - 1 :], strict=True) if number else ():
            if cell:
                yield f"{_GAP * 2}{name}{': ' if name else ''}{cell}"


def _wrapped(line: str, width: int) -> Iterator[str]:
    """Yield a line in parts of at most `width`, broken at spaces; a longer word stays whole."""
    indent = line[: len(line) - len(line.lstrip())]
    while _display_width(line) > width and (end := _break_of(line, width)):
        yield line[:end].rstrip()
        line = f"{indent}{_GAP}{line[end:].lstrip()}"
    yield line


def _break_of(line: str, width: int) -> int:
    """The index of the last space within the width, else the first space after a word; 0 if none."""
    taken, last = 0, 0
    for index, (letter, following) in enumerate(pairwise(line), 1):
        taken += _character_width(letter)
        if following == " " and letter != " ":
            if taken > width:
                return last or index
            last = index
        elif taken > width and last:
            return last
    return last


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (f"{cell}{' ' * (width - _display_width(cell))}" for cell, width in zip(row, widths, strict=True))
    return _GAP.join(cells).rstrip()


def _display_width(text: str) -> int:
    """The columns that a string takes in a terminal: two for a wide character, none for a combining one."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def markdown(heading: _Row, rows: Iterable[_Row]) -> str:
    """The table in Markdown; its cells are Markdown already."""
    lines = [heading, ("---",) * len(heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def mermaid(machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger]) -> str:
    """A Mermaid flowchart from the triggers, through the state machines, to everything they call."""
    ids: dict[str, str] = {}

    def node(name: str, opening: str, closing: str) -> str:
        is_new = name not in ids
        id_ = ids.setdefault(name, f"n{len(ids) + 1}")
        return f'{id_}{opening}"{for_mermaid(name)}"{closing}' if is_new else id_

    lines = [
        f"    {node(f'{trigger.kind} {trigger.name}', '([', '])')} --> {node(trigger.target, '[[', ']]')}"
        for trigger in triggers
        if trigger.target in machines
    ]
    lines += [f"    {node(name, '[[', ']]')}" for name in machines if name not in ids]
    for use in uses:
        brackets = ("[", "]") if use.call.service in ("lambda", "") else ("[(", ")]")
        lines.append(f"    {node(use.machine, '[[', ']]')} --> {node(use.target or use.calls, *brackets)}")
    return "\n".join(["flowchart LR", *dict.fromkeys(lines), ""])


def as_json(
    machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger], not_called: Sequence[str]
) -> str:
    """The state machines, uses, triggers, and functions that no state calls, as one JSON object."""
    content = {
        "stateMachines": list(machines),
        "uses": [use.as_json() for use in uses],
        "triggers": [trigger._asdict() for trigger in triggers],
        "notCalled": list(not_called),
    }
    return inert_json(json.dumps(content, indent=2, ensure_ascii=False))
