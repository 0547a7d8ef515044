"""A state in JSONPath: the shapes of what passes it, and of what it gives to the next ones.

Developer guide, "Processing input and output in Step Functions"; States Language, "State Types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.shapes.choice import split
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.misuses import of_comparison, of_field, unusual
from workflow_dsl.shapes.passing import StateFlow, Visit, error_output
from workflow_dsl.shapes.reading import read, reference_steps, with_value
from workflow_dsl.shapes.scene import Read, Scene
from workflow_dsl.shapes.shape import NOTHING, UNKNOWN, Shape, list_with, record
from workflow_dsl.shapes.sources.results import result_of_task
from workflow_dsl.shapes.templates import read_reference, shape_at, shape_of_template


def passes_on(passing: StateFlow, fields: Mapping[str, Json], *, is_jsonata: bool) -> bool:
    """Return True for a state whose output is its input, as for most Pass and Wait states, and note its shapes."""
    type_ = fields.get("Type")
    if type_ not in ("Pass", "Wait", "Succeed") or not (_IDLE_IN_JSONATA if is_jsonata else _IDLE).issuperset(fields):
        return False
    passing.output = passing.input
    if is_jsonata or type_ == "Pass":
        passing.arguments = passing.result = passing.input
    return True


_IDLE_IN_JSONATA = frozenset(("Type", "Next", "End", "Comment", "QueryLanguage"))
_IDLE = _IDLE_IN_JSONATA | {"Seconds", "Timestamp"}


def go_through(visit: Visit, *, is_jsonata: bool) -> None:
    """Note what passes a state, and enter those after it."""
    type_ = visit.fields.get("Type")
    states = _jsonata_states() if is_jsonata else _STATES
    state = states.get(type_) if isinstance(type_, str) else None
    if state is not None:
        state(visit)


@cache
def _jsonata_states() -> Mapping[str, Callable[[Visit], None]]:
    from workflow_dsl.shapes.jsonata.states import JSONATA_STATES  # which most definitions do without

    return JSONATA_STATES


def _filtered(scene: Scene, path: Json, field: str) -> Shape:
    """The data after InputPath or OutputPath."""
    return record({}) if path is None else read_reference(path, scene, (field,))


def _effective(visit: Visit) -> Scene:
    path = visit.fields.get("InputPath", "$")
    return visit if path == "$" else visit.with_data(_filtered(visit, path, "InputPath"))


def _arguments(visit: Visit, scene: Scene) -> Shape:
    if "Parameters" not in visit.fields:
        return scene.data
    return shape_of_template(visit.fields["Parameters"], scene, ("Parameters",))


def _output(visit: Visit, data: Shape) -> Shape:
    path = visit.fields.get("OutputPath", "$")
    return data if path == "$" else _filtered(visit.with_data(data), path, "OutputPath")


def _assign(visit: Visit, fields: Mapping[str, Json], data: Shape, keys: Keys = ()) -> None:
    assigned = fields["Assign"]
    visit.assign(shape_of_template(assigned, visit.with_data(data), (*keys, "Assign")))


def _leave(visit: Visit, output: Shape) -> None:
    visit.passing.output = output
    visit.leave(output, visit.fields)


def _compute(visit: Visit, arguments: Shape, result: Shape) -> None:
    """A Task, Pass, Map or Parallel: its result goes into its input at ResultPath."""
    fields = visit.fields
    visit.passing.arguments, visit.passing.result = arguments, result
    if "Catch" in fields:
        _catch(visit)
    if result.parts == ():
        return
    if "ResultSelector" in fields:
        result = shape_of_template(fields["ResultSelector"], visit.with_data(result), ("ResultSelector",))
    if "Assign" in fields:
        _assign(visit, fields, result)
    _leave(visit, _output(visit, _combined(visit.data, fields, result)))


def _combined(input: Shape, fields: Mapping[str, Json], result: Shape) -> Shape:
    """The input with a result at the ResultPath of a state or catcher."""
    path = fields.get("ResultPath", "$")
    if path is None:
        return input
    if path == "$":
        return result
    steps = reference_steps(path)
    return UNKNOWN if steps is None else with_value(input, steps, result)


def _catch(visit: Visit) -> None:
    state = visit.passing.state
    error = error_output(state)
    for index, catcher in state.items_of("Catch"):
        if "Assign" in catcher:
            _assign(visit, catcher, error, ("Catch", index))
        visit.catch(_combined(visit.data, catcher, error), catcher)


def _task(visit: Visit) -> None:
    scene, fields = _effective(visit), visit.fields
    arguments = _arguments(visit, scene)
    for field in ("TimeoutSecondsPath", "HeartbeatSecondsPath"):
        if field in fields:
            scene.misuses += of_field(field, read_reference(fields[field], scene, (field,)))
    result = result_of_task(visit.passing.state, fields.get("Parameters"), visit.signature, arguments)
    _compute(visit, arguments, result)


def _pass(visit: Visit) -> None:
    arguments = _arguments(visit, _effective(visit))
    _compute(visit, arguments, literal(visit.fields["Result"]) if "Result" in visit.fields else arguments)


def _parallel(visit: Visit) -> None:
    arguments = _arguments(visit, _effective(visit))
    branches = visit.passing.state.nested
    _compute(visit, arguments, list_with([visit.through_scope(each, arguments, visit.context) for each in branches]))


def _map(visit: Visit) -> None:
    from workflow_dsl.shapes.maps import items_of_map, result_of_map

    item, selected = items_of_map(visit, _effective(visit))
    _compute(visit, selected, result_of_map(visit, item, selected))


def _choice(visit: Visit) -> None:
    scene = _effective(visit)
    left = visit.passing.arguments = scene.data
    constant: list[tuple[int, bool]] = []
    look = partial(_read_comparison, scene)
    for index, rule in visit.passing.state.items_of("Choices"):
        matched, others = split(left, rule, look, ("Choices", index))
        if matched.parts == () and others.parts == ():
            matched = others = left  # the rule fails: its Variable has no value
        elif () in (matched.parts, others.parts) and _is_constant(scene.data, rule, holds=others.parts == ()):
            constant.append((index, others.parts == ()))
        if matched.parts != ():
            if "Assign" in rule:
                _assign(visit, rule, matched, ("Choices", index))
            visit.leave(_output(visit, matched), rule)
        left = others
    visit.passing.constant_rules = tuple(constant)
    if "Assign" in visit.fields:
        _assign(visit, visit.fields, left)
    if "Default" in visit.fields and left.parts != ():
        visit.left.append((visit.fields["Default"], _output(visit, left)))
    visit.passing.output = _output(visit, scene.data)


def _is_constant(data: Shape, rule: Json, *, holds: bool) -> bool:
    """True if a rule has this one result without the rules before it too, which may leave the last of all values."""
    matched, others = split(data, rule, lambda *comparison: None)
    return (others if holds else matched).parts == ()


def _read_comparison(scene: Scene, rule: Mapping[str, Json], data: Shape, keys: Keys) -> None:
    """Collect the reads of one comparison, which compares values of `data`."""
    if "IsPresent" in rule:
        steps = reference_steps(rule.get("Variable")) or ()
        miss = read(data, steps).miss
        if miss is not None and miss.is_sure:
            scene.reads.append(Read((*keys, "Variable"), str(rule["Variable"]), "$", steps, miss, False, True))
    elif "Variable" in rule:
        scene = scene if data is scene.data else scene.with_data(data)
        for field in rule:
            if field == "Variable" or field.endswith("Path"):
                read_reference(rule[field], scene, (*keys, field))
        _note_unusual(scene, rule, keys)


def _note_unusual(scene: Scene, rule: Mapping[str, Json], keys: Keys) -> None:
    """Note the comparison of what an API gives with a value that it does not have."""
    steps = reference_steps(rule.get("Variable"))
    if "StringEquals" in rule and steps is not None:
        documented = unusual(read(scene.data, steps).shape, rule["StringEquals"])
        if documented:
            misuse = of_comparison((*keys, "StringEquals"), str(rule["Variable"]), rule["StringEquals"], documented)
            scene.misuses.append(misuse)


def _wait(visit: Visit) -> None:
    scene = _effective(visit)
    for field in ("SecondsPath", "TimestampPath"):
        if field in visit.fields:
            scene.misuses += of_field(field, read_reference(visit.fields[field], scene, (field,)))
    if "Assign" in visit.fields:
        _assign(visit, visit.fields, scene.data)
    _leave(visit, _output(visit, scene.data))


def _succeed(visit: Visit) -> None:
    _leave(visit, _output(visit, _effective(visit).data))


def _fail(visit: Visit) -> None:
    for field in ("ErrorPath", "CausePath"):
        if field in visit.fields:
            shape_at(visit.fields[field], visit, (field,))
    visit.passing.output = NOTHING


_STATES: Mapping[str, Callable[[Visit], None]] = {
    "Task": _task,
    "Pass": _pass,
    "Parallel": _parallel,
    "Map": _map,
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
}
