"""The exits of a state in JSONPath, each with the shape of what goes there.

Developer guide, "Processing input and output in Step Functions"; States Language, "State Types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.shapes.choice import split
from workflow_dsl.shapes.passing import Exit, Visit, error_output
from workflow_dsl.shapes.reading import read, with_value
from workflow_dsl.shapes.scene import Read, Scene
from workflow_dsl.shapes.shape import NOTHING, UNKNOWN, Shape, list_with, literal, record
from workflow_dsl.shapes.sources.results import result_of_task
from workflow_dsl.shapes.templates import read_reference, reference_steps, shape_at, shape_of_template


def exits_of(visit: Visit, *, is_jsonata: bool) -> list[Exit]:
    """Return the exits of a state, and note in the visit what passes it."""
    type_ = visit.passing.state.type
    if is_jsonata:
        from workflow_dsl.shapes.jsonata import states as in_jsonata

        states = in_jsonata.JSONATA_STATES
    else:
        states = _STATES
    leave = states.get(type_) if isinstance(type_, str) else None
    if leave is not None:
        leave(visit)
    return visit.exits


def _filtered(scene: Scene, path: Json, field: str) -> Shape:
    """The data after InputPath or OutputPath."""
    return record({}) if path is None else read_reference(path, scene, (field,)).shape


def _effective(visit: Visit) -> Scene:
    path = visit.fields.get("InputPath", "$")
    return visit.scene if path == "$" else visit.scene.with_data(_filtered(visit.scene, path, "InputPath"))


def _arguments(visit: Visit, scene: Scene) -> Shape:
    if "Parameters" not in visit.fields:
        return scene.data
    return shape_of_template(visit.fields["Parameters"], scene, ("Parameters",))


def _output(visit: Visit, data: Shape) -> Shape:
    path = visit.fields.get("OutputPath", "$")
    return data if path == "$" else _filtered(visit.scene.with_data(data), path, "OutputPath")


def _assign(visit: Visit, fields: Mapping[str, Json], data: Shape, keys: Keys = ()) -> None:
    if "Assign" in fields:
        assigned = fields["Assign"]
        shape = shape_of_template(assigned, visit.scene.with_data(data), (*keys, "Assign"))
        for each in shape.records:
            for name, field in each.fields.items():
                visit.variables.assign(name, field.shape)


def _leave(visit: Visit, output: Shape) -> None:
    visit.passing.output = output
    visit.leave(output, visit.fields)


def _compute(visit: Visit) -> None:
    """A Task, Pass, Map or Parallel: its result goes into its input at ResultPath."""
    scene = _effective(visit)
    arguments, result = _RESULTS[str(visit.passing.state.type)](visit, scene)
    visit.passing.arguments, visit.passing.result = arguments, result
    if "Catch" in visit.fields:
        _catch(visit)
    if result.parts == ():
        return
    if "ResultSelector" in visit.fields:
        selector = visit.fields["ResultSelector"]
        result = shape_of_template(selector, visit.scene.with_data(result), ("ResultSelector",))
    _assign(visit, visit.fields, result)
    _leave(visit, _output(visit, _combined(visit.scene.data, visit.fields, result)))


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
        _assign(visit, catcher, error, ("Catch", index))
        visit.catch(_combined(visit.scene.data, catcher, error), catcher)


def _task(visit: Visit, scene: Scene) -> tuple[Shape, Shape]:
    arguments = _arguments(visit, scene)
    for field in ("TimeoutSecondsPath", "HeartbeatSecondsPath"):
        if field in visit.fields:
            read_reference(visit.fields[field], scene, (field,))
    return arguments, result_of_task(visit.passing.state, visit.fields.get("Parameters"), visit.signature)


def _pass(visit: Visit, scene: Scene) -> tuple[Shape, Shape]:
    arguments = _arguments(visit, scene)
    return arguments, literal(visit.fields["Result"]) if "Result" in visit.fields else arguments


def _parallel(visit: Visit, scene: Scene) -> tuple[Shape, Shape]:
    arguments = _arguments(visit, scene)
    branches = visit.passing.state.nested
    return arguments, list_with([visit.through_scope(each, arguments, visit.scene.context) for each in branches])


def _map(visit: Visit, scene: Scene) -> tuple[Shape, Shape]:
    from workflow_dsl.shapes.maps import items_of_map, result_of_map

    item, selected = items_of_map(visit, scene)
    return selected, result_of_map(visit, item, selected)


_Compute = Callable[[Visit, Scene], tuple[Shape, Shape]]
_RESULTS: Mapping[str, _Compute] = {"Task": _task, "Pass": _pass, "Parallel": _parallel, "Map": _map}


def _choice(visit: Visit) -> None:
    scene = _effective(visit)
    left = visit.passing.arguments = scene.data
    look = partial(_read_comparison, scene)
    for index, rule in visit.passing.state.items_of("Choices"):
        matched, others = split(left, rule, look, ("Choices", index))
        if matched.parts == () and others.parts == ():
            matched = others = left  # the rule fails: its Variable has no value
        elif () in (matched.parts, others.parts):
            visit.passing.constant_rules += ((index, others.parts == ()),)
        if matched.parts != ():
            _assign(visit, rule, matched, ("Choices", index))
            visit.leave(_output(visit, matched), rule)
        left = others
    _assign(visit, visit.fields, left)
    if "Default" in visit.fields and left.parts != ():
        visit.exits.append((visit.fields["Default"], _output(visit, left)))
    visit.passing.output = _output(visit, scene.data)


def _read_comparison(scene: Scene, rule: Mapping[str, Json], data: Shape, keys: Keys) -> None:
    """Collect the reads of one comparison, which compares values of `data`."""
    scene = scene.with_data(data)
    if "IsPresent" in rule:
        steps = reference_steps(rule.get("Variable")) or ()
        miss = read(scene.data, steps).miss
        if miss is not None and miss.is_sure:
            scene.reads.append(Read((*keys, "Variable"), str(rule["Variable"]), "$", steps, miss, False, True))
    elif "Variable" in rule:
        for field in rule:
            if field == "Variable" or field.endswith("Path"):
                read_reference(rule[field], scene, (*keys, field))


def _wait(visit: Visit) -> None:
    scene = _effective(visit)
    for field in ("SecondsPath", "TimestampPath"):
        if field in visit.fields:
            read_reference(visit.fields[field], scene, (field,))
    _assign(visit, visit.fields, scene.data)
    _leave(visit, _output(visit, scene.data))


def _succeed(visit: Visit) -> None:
    _leave(visit, _output(visit, _effective(visit).data))


def _fail(visit: Visit) -> None:
    for field in ("ErrorPath", "CausePath"):
        if field in visit.fields:
            shape_at(visit.fields[field], visit.scene, (field,))
    visit.passing.output = NOTHING


_STATES: Mapping[str, Callable[[Visit], None]] = {
    **dict.fromkeys(_RESULTS, _compute),
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
}
