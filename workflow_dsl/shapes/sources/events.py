"""The events that start a state machine, as documented.

EventBridge user guide, "AWS service event metadata"; API Gateway developer guide, "Step Functions integration": there a
mapping decides, so that nothing is known of its input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    list_of,
    list_with,
    one_of,
    record,
)
from workflow_dsl.shapes.sources.event_details import detail_of

_OPTIONAL = Presence.UNSTATED


def event_shape(kind: str, properties: Mapping[str, Json], origin: str) -> Shape:
    """Return the input of an execution that an event starts; UNKNOWN where a mapping or a path decides it.

    `kind` is the type of a SAM event: Schedule, ScheduleV2, EventBridgeRule, CloudWatchEvent.
    """
    if kind == "ScheduleV2":
        return schedule_shape(properties, origin)
    if kind not in ("Schedule", "EventBridgeRule", "CloudWatchEvent"):
        return UNKNOWN
    rule = {"EventPattern": properties.get("Pattern"), "ScheduleExpression": kind == "Schedule"}
    return rule_shape(properties, rule, origin)


def rule_shape(target: Mapping[str, Json], rule: Mapping[str, Json], origin: str) -> Shape:
    """Return the input that a target of a rule gets."""
    if "Input" in target:
        return _given(target["Input"], origin)
    pattern = rule.get("EventPattern")
    is_scheduled = bool(rule.get("ScheduleExpression"))
    of_pattern = pattern if isinstance(pattern, dict) and not is_scheduled else {}
    event = _envelope(of_pattern, origin, is_scheduled=is_scheduled and not pattern)
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        if not isinstance(transformer, dict):
            return UNKNOWN
        paths = transformer.get("InputPathsMap")
        values = {name: _always_at(event, path) for name, path in paths.items()} if isinstance(paths, dict) else {}
        return _transformed(transformer.get("InputTemplate"), origin, values)
    if "InputPath" in target:
        return _always_at(event, target["InputPath"]) or UNKNOWN
    return event


def _always_at(event: Shape, path: Json) -> Shape | None:
    """The shape of what a path reads of an event; None if an event may lack it."""
    try:
        parsed = parse_path(path) if isinstance(path, str) and path.startswith("$") and "${" not in path else None
    except SyntaxProblem:
        return None
    shape = event if parsed and parsed.root == "$" and parsed.steps is not None else UNKNOWN
    for step in (parsed.steps or ()) if parsed else ():
        fields = shape.records[0].fields if len(shape.records) == 1 else {}
        field = fields.get(str(step))
        if field is None or field.presence is not Presence.SURE:
            return None
        shape = field.shape
    return None if shape is UNKNOWN else shape


def schedule_shape(target: Mapping[str, Json], origin: str) -> Shape:
    """Return the input that a schedule of EventBridge Scheduler gives its target; UNKNOWN without a constant Input."""
    return _given(target["Input"], origin) if "Input" in target else UNKNOWN


def pipe_shape(pipe: Mapping[str, Json], source: str, origin: str) -> Shape:
    """Return the input that a pipe without an enrichment gives a state machine: a list with an item for each event.

    `source` is the service that it reads from, such as sqs. Without an InputTemplate, the items are its events.
    EventBridge user guide, "EventBridge Pipes target specifics": a batch is converted to an array.
    """
    from workflow_dsl.shapes.sources.pipe_events import pipe_event  # most templates have no pipe

    parameters = pipe.get("TargetParameters")
    template = parameters.get("InputTemplate") if isinstance(parameters, dict) else None
    event = pipe_event(source)
    if template is None:
        return list_of(record(event.records[0].fields, None, Origin(origin))) if event.records else UNKNOWN
    paths = _VARIABLE.findall(template) if isinstance(template, str) else ()
    return list_of(_transformed(template, origin, {path[1:-1]: _always_at(event, path[1:-1]) for path in paths}))


_VARIABLE = lazy_regex(r"<[A-Za-z0-9_$.\-\[\]*/]+>")
_STRING_OR_VARIABLE = lazy_regex(rf'"(?:[^"\\]|\\.)*"|{_VARIABLE.pattern}')


def _given(text: Json, origin: str, values: Mapping[str, Shape | None] | None = None) -> Shape:
    """The constant input of a target; a variable of EventBridge Scheduler in it may be any string."""
    try:
        value = json.loads(text) if isinstance(text, str) and "${" not in text else None
    except (ValueError, RecursionError):
        value = None
    for part in _with_variables(value, values or {}).records:
        return record(part.fields, part.rest, Origin(origin))
    return UNKNOWN


def _transformed(template: Json, origin: str, values: Mapping[str, Shape | None] | None = None) -> Shape:
    """The object of an input template; a field with a variable in it may be missing, or anything.

    `values` are the shapes of the variables that every event has.

    EventBridge user guide, "Amazon EventBridge input transformation" and "Amazon EventBridge Pipes input
    transformation".
    """
    if not isinstance(template, str):
        return UNKNOWN

    def quoted(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith('"') else f'"{found[0]}"'

    return _given(_STRING_OR_VARIABLE.sub(quoted, template), origin, values)


def _with_variables(value: Json, values: Mapping[str, Shape | None]) -> Shape:
    """The shape of a value, in which a text with a variable stands for any value."""
    if isinstance(value, dict):
        fields = {name: _with_variables(each, values) for name, each in value.items()}
        if any(map(_VARIABLE.search, fields)):
            return ANY_RECORD
        return record(
            {
                name: each if each is not UNKNOWN or _is_given(value[name], values) else Field(each, _OPTIONAL)
                for name, each in fields.items()
            }
        )
    if isinstance(value, list):
        items = [_with_variables(each, values) for each in value]
        return list_of(UNKNOWN) if UNKNOWN in items else list_with(items)
    if not isinstance(value, str) or not _VARIABLE.search(value):
        return literal(value)
    given = values.get(value[1:-1])
    return given if given is not None and given.kinds == {"string"} else UNKNOWN


def _is_given(value: Json, values: Mapping[str, Shape | None]) -> bool:
    """True for a variable alone that every event has, in quotes or not."""
    return isinstance(value, str) and values.get(value[1:-1]) is not None


def _envelope(pattern: Mapping[str, Json], origin: str, *, is_scheduled: bool = False) -> Shape:
    """An event that a pattern lets through, or one of a schedule."""
    names = "version id detail-type source account time region".split()
    fields = dict.fromkeys(names, STRING)
    if is_scheduled:
        pattern = {"source": ["aws.events"], "detail-type": ["Scheduled Event"]}
    values = {name: _texts(pattern.get(name)) for name in ("source", "detail-type")}
    fields |= {name: one_of("string", texts) for name, texts in values.items() if texts}
    detail = detail_of(values["source"], values["detail-type"])
    return record({**fields, "resources": list_of(STRING), "detail": detail}, None, Origin(origin))


def _texts(values: Json) -> list[str]:
    """The texts that a pattern lists; none if it has other conditions too."""
    is_plain = isinstance(values, list) and all(isinstance(each, str) for each in values)
    return values if is_plain else []
