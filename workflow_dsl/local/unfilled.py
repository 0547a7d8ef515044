"""Fields that cannot be executed, because a placeholder in them has no value."""

from __future__ import annotations

import json
from typing import Any, Literal

from workflow_dsl.definition.json import Json, deep_copy, value_at
from workflow_dsl.definition.placeholders import placeholders_in
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, Where
from workflow_dsl.validation import check

_PLAIN = "$ {"  # the space: no check takes it for the start of a placeholder, and no path has it in a name
_FILL = "set it in DefinitionSubstitutions, or pass substitutions"
# A run looks up a Resource by its placeholder, and passes a literal argument on as it is.
_STAY = ("Resource", "Comment")
_ARGUMENTS = ("Parameters", "Arguments")


def unfilled_fields(text: str, type_: Literal["STANDARD", "EXPRESS"]) -> list[Finding]:
    """Return an error for each field of a valid definition that its placeholder leaves without a usable value.

    Checks pass over placeholders, so the definition is checked once more with its placeholders as plain strings.
    """
    if "${" not in text:
        return []
    document = read(text)
    findings = check(json.dumps(_as_plain_strings(document)), type=type_)
    wheres = {_restored(finding.where): finding for finding in findings if finding.severity == "error"}
    return [_unfilled(where, value_at(document, where.keys), finding) for where, finding in wheres.items()]


def _as_plain_strings(document: Json) -> Json:
    """Return a copy with its placeholders as plain strings. It does not recurse, so nesting depth does not matter."""
    top = [deep_copy(document)]
    waiting: list[tuple[Any, bool]] = [(top, False)]
    while waiting:
        container, is_argument = waiting.pop()
        members = container.items() if isinstance(container, dict) else enumerate(container)
        for key, member in list(members):
            is_literal = is_argument or key in _ARGUMENTS
            if isinstance(member, (dict, list)):
                waiting.append((member, is_literal))
            elif isinstance(member, str) and _is_executed(key, member, is_literal=is_literal):
                container[key] = member.replace("${", _PLAIN)
        if isinstance(container, dict) and any("${" in name for name in container):
            renamed = {name.replace("${", _PLAIN): member for name, member in container.items()}
            container.clear()
            container.update(renamed)
    return top[0]


def _is_executed(key: str | int, text: str, *, is_literal: bool) -> bool:
    """True for a string whose text decides what a state does; JSONata shows its own errors when it runs."""
    is_path = isinstance(key, str) and key.endswith(".$")
    return key not in _STAY and not text.startswith("{%") and (is_path or not is_literal)


def _restored(where: Where) -> Where:
    keys = tuple(key.replace(_PLAIN, "${") if isinstance(key, str) else key for key in where.keys)
    state = where.state and where.state.replace(_PLAIN, "${")
    return Where(keys, state, where.field.replace(_PLAIN, "${"))


def _unfilled(where: Where, value: Json, finding: Finding) -> Finding:
    names = ", ".join(f"${{{name}}}" for name in placeholders_in(value)) if isinstance(value, str) else ""
    message = f"the placeholder {names} has no value" if names else finding.message.replace(_PLAIN, "${")
    return Finding("NOT_EXECUTED", "error", where, message, _FILL)
