"""Plain values for the placeholders that a search cannot run with: a number of seconds, a time, a truth value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import placeholders_in
from workflow_dsl.definition.reading import read
from workflow_dsl.expressions.intrinsics import IntrinsicCall, is_intrinsic, parse_call
from workflow_dsl.expressions.intrinsics import Literal as Template
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.local.unfilled import unfilled_fields
from workflow_dsl.validation import check

_PLAIN: tuple[Json, ...] = (1, "2026-01-31T12:00:00Z", True, "value", "$", {})


def with_plain_values(text: str, type_: Literal["STANDARD", "EXPRESS"]) -> str:
    """Return a definition whose fields without a usable value have the first plain one that a run takes.

    A placeholder in a template of States.Format is as many `{}` as the call has arguments for. A definition with errors
    is returned as it is.
    """
    if "${" not in text or any(finding.severity == "error" for finding in check(text, type=type_)):
        return text
    findings = unfilled_fields(text, type_)
    document: Any = read(text)
    templates = list(_fill_templates(document))
    for keys in (finding.where.keys for finding in findings if finding.where.keys):
        for value in _PLAIN:
            _put(document, keys, value)
            if all(other.where.keys != keys for other in check(json.dumps(document), type=type_)):
                break
    return json.dumps(document) if findings or templates else text


def _put(document: Any, keys: Sequence[str | int], value: Json) -> None:
    for key in keys[:-1]:
        document = document[key]
    document[keys[-1]] = value


def _fill_templates(value: Any) -> Iterator[str]:
    """Fill the templates of States.Format in a document, and yield the calls that had a placeholder for their `{}`."""
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if isinstance(inner, str) and is_intrinsic(inner) and placeholders_in(inner):
            value[name] = _with_places(inner)
            if value[name] != inner:
                yield inner
        else:
            yield from _fill_templates(inner)


def _with_places(text: str) -> str:
    with suppress(SyntaxProblem):
        for call in _calls_in(parse_call(text)):
            template, *values = call.arguments
            places = len(values) - len(template.parts) + 1 if isinstance(template, Template) else 0
            placeholder = f"${{{next(iter(placeholders_in(template.text)), '')}}}" if places > 0 else ""
            if placeholder in text and placeholder:
                text = text.replace(placeholder, "-".join(["{}"] * places), 1)
    return text


def _calls_in(call: IntrinsicCall) -> Iterator[IntrinsicCall]:
    """Yield a call of States.Format, and those in its arguments."""
    if call.name == "States.Format":
        yield call
    for argument in call.arguments:
        if isinstance(argument, IntrinsicCall):
            yield from _calls_in(argument)
