"""Uses and triggers for people and programs: a table's rows, Markdown, Mermaid, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal

from workflow_dsl.application.template.triggers import Trigger
from workflow_dsl.application.uses import Use
from workflow_dsl.views.diagram.mermaid import escaped

By = Literal["machine", "function"]
_Row = tuple[str, ...]
_NOTHING = "\u2013"


def rows(
    machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger], unused: Sequence[str], by: By
) -> tuple[_Row, list[_Row]]:
    """A heading and rows: by state machine, or by function, those that no state calls at the end."""
    return _by_machine(machines, uses, triggers) if by == "machine" else _by_function(uses, triggers, unused)


def _by_machine(machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger]) -> tuple[_Row, list[_Row]]:
    heading = ("State machine", "State", "Calls", "Through", "Function or resource", "Code")
    started = [(each.target, f"\u25b6 {each.kind}", each.detail, "", each.name, "") for each in triggers]
    found = [
        (use.machine, use.state, use.calls, ", ".join(use.through), use.target, str(use.code or "")) for use in uses
    ]
    calling = {use.machine for use in uses}
    idle = [(name, _NOTHING, _NOTHING, "", "", "") for name in machines if name not in calling]
    order = list(dict.fromkeys([*machines, *(each.target for each in triggers)]))
    return heading, sorted([*started, *found, *idle], key=lambda row: order.index(row[0]))


def _by_function(uses: Sequence[Use], triggers: Sequence[Trigger], unused: Sequence[str]) -> tuple[_Row, list[_Row]]:
    heading = ("Function", "State machine", "State", "Through", "Code")
    calling = [use for use in uses if use.is_of_function]
    calling.sort(key=lambda use: use.target)
    found = [(use.target, use.machine, use.state, ", ".join(use.through), str(use.code or "")) for use in calling]
    directly = [(each.target, f"\u25b6 {each.kind}", each.name, each.detail, "") for each in triggers]
    started = [row for row in directly if row[0] in unused]
    idle = [(name, _NOTHING, _NOTHING, "", "") for name in unused if name not in {row[0] for row in started}]
    return heading, [*found, *started, *idle]


def once(rows: Iterable[_Row]) -> list[_Row]:
    """The rows with what stands in the first column said once for those that share it."""
    before, found = "", []
    for first, *rest in rows:
        found.append(("" if first == before else first, *rest))
        before = first
    return found


def markdown(heading: _Row, rows: Iterable[_Row]) -> str:
    """A table in Markdown."""
    lines = [heading, ("---",) * len(heading), *(tuple(map(_cell, row)) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def mermaid(machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger]) -> str:
    """A flowchart from what starts the state machines to what they call."""
    ids: dict[str, str] = {}

    def node(name: str, opening: str, closing: str) -> str:
        is_new = name not in ids
        id_ = ids.setdefault(name, f"n{len(ids) + 1}")
        return f'{id_}{opening}"{escaped(name)}"{closing}' if is_new else id_

    lines = [
        f"    {node(f'{each.kind} {each.name}', '([', '])')} --> {node(each.target, '[[', ']]')}"
        for each in triggers
        if each.target in machines
    ]
    lines += [f"    {node(name, '[[', ']]')}" for name in machines if name not in ids]
    for use in uses:
        target = use.target or use.calls
        shape = ("[", "]") if use.call.service in ("lambda", "") else ("[(", ")]")
        lines.append(f"    {node(use.machine, '[[', ']]')} --> {node(target, *shape)}")
    return "\n".join(["flowchart LR", *dict.fromkeys(lines), ""])


def as_json(machines: Sequence[str], uses: Sequence[Use], triggers: Sequence[Trigger], unused: Sequence[str]) -> str:
    """Everything as one JSON object: state machines, uses, triggers, and the functions that no state calls."""
    content = {
        "stateMachines": list(machines),
        "uses": [use.as_json() for use in uses],
        "triggers": [each._asdict() for each in triggers],
        "notCalled": list(unused),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)
