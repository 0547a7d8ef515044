"""The shape of a payload template, a path or an intrinsic function of a JSONPath state.

Developer guide, "Processing input and output in Step Functions" and "Intrinsic functions for JSONPath states".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsics import ARGUMENT_KINDS, IntrinsicCall, Literal, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonpath import Path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.findings import Keys
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.misuses import KIND_NOUNS, misused, of_argument
from workflow_dsl.shapes.reading import known_field, overlaid, path_in, read
from workflow_dsl.shapes.scene import Scene
from workflow_dsl.shapes.shape import (
    BOOLEAN,
    NUMBER,
    STRING,
    UNKNOWN,
    Shape,
    joined,
    list_of,
    list_with,
    record,
)

DEEPEST_TEMPLATE = 60  # keys; what is nested deeper is unknown


def shape_of_template(template: Json, scene: Scene, keys: Keys) -> Shape:
    """Return the shape of a payload template's value: every field `name.$` has what its path reads."""
    if isinstance(template, dict):
        return UNKNOWN if len(keys) > DEEPEST_TEMPLATE else record(_fields(template, scene, keys))
    if isinstance(template, list):
        if len(keys) > DEEPEST_TEMPLATE:
            return UNKNOWN
        return list_with([shape_of_template(item, scene, (*keys, index)) for index, item in enumerate(template)])
    return shape_of_text(template) if isinstance(template, str) else literal(template)


def _fields(template: Mapping[str, Json], scene: Scene, keys: Keys) -> dict[str, Shape]:
    fields: dict[str, Shape] = {}
    for name, value in template.items():
        if name.endswith(".$"):
            shape = _known_value(value, scene)
            fields[name[:-2]] = shape_at(value, scene, (*keys, name)) if shape is None else shape
        elif isinstance(value, (dict, list)):
            fields[name] = shape_of_template(value, scene, (*keys, name))
        else:
            fields[name] = shape_of_text(value) if isinstance(value, str) else literal(value)
    return fields


@lru_cache(maxsize=4096)
def shape_of_text(text: str) -> Shape:
    """Return the shape of a text; a placeholder in it may be anything."""
    return STRING if "${" in text else literal(text)


def shape_at(text: Json, scene: Scene, keys: Keys) -> Shape:
    """Return what a path or the call of an intrinsic function gives."""
    if isinstance(text, str) and is_intrinsic(text):
        try:
            return UNKNOWN if "${" in text else _shape_of_call(parse_call(text), scene, keys)
        except SyntaxProblem:
            return UNKNOWN
    return read_reference(text, scene, keys)


def read_reference(text: Json, scene: Scene, keys: Keys) -> Shape:
    """Return what a path reads, and collect it if it may have no value; UNKNOWN for any other string."""
    known = _known_value(text, scene)
    if known is not None:
        return known
    path = path_in(text)
    return UNKNOWN if path is None else _shape_of_path(path, scene, keys)


def _known_value(text: Json, scene: Scene) -> Shape | None:
    """Return what a reference path reads if each step is a field of a single record; else None."""
    path = path_in(text)
    if path is None or path.steps is None:
        return None
    return known_field(scene.data if path.root == "$" else root_of(path, scene), path.steps)


def root_of(path: Path, scene: Scene) -> Shape:
    """Return the shape of the root of a path: the data, the context object or a variable."""
    if path.root == "$":
        return scene.data
    return scene.context if path.root == "$$" else scene.variables.get(path.root)


def _shape_of_path(path: Path, scene: Scene, keys: Keys) -> Shape:
    root = root_of(path, scene)
    if root.parts is None:
        return UNKNOWN
    if path.steps is None:
        from workflow_dsl.shapes.queries import shape_of_query  # lazy import: most paths are definite

        return shape_of_query(path, root, scene, keys)
    reading = read(root, path.steps)
    scene.note(keys, path.text, path.root, path.steps, reading)
    return reading.shape


def _shape_of_call(call: IntrinsicCall, scene: Scene, keys: Keys) -> Shape:
    arguments = [_shape_of_argument(argument, scene, keys) for argument in call.arguments]
    kinds = ARGUMENT_KINDS.get(call.name, ())
    for argument, shape, kind in zip(call.arguments, arguments, kinds, strict=False):
        if isinstance(argument, (Path, IntrinsicCall)) and misused(shape, (kind,)):
            remedy = _of_kind(argument.text, shape, kind)
            scene.misuses.append(of_argument(keys, call.name, argument.text, shape, kind, remedy))
    return _FUNCTIONS[call.name](arguments) if call.name in _FUNCTIONS else UNKNOWN


def _of_kind(text: str, shape: Shape, kind: str) -> str:
    """The way to pass what a text gives as a value of a kind."""
    if shape.kinds == {"string"}:
        return f"write States.StringToJson({text})"
    if kind == "string":
        return f"write States.JsonToString({text})"
    return f"pass {KIND_NOUNS[kind]}"


def _shape_of_argument(argument: object, scene: Scene, keys: Keys) -> Shape:
    if isinstance(argument, Path):
        return _shape_of_path(argument, scene, keys)
    if isinstance(argument, IntrinsicCall):
        return _shape_of_call(argument, scene, keys)
    return STRING if isinstance(argument, Literal) else literal(argument)


def _items(shape: Shape) -> Shape:
    return UNKNOWN if shape.parts is None else joined(part.item for part in shape.lists)


_FUNCTIONS: Mapping[str, Callable[[Sequence[Shape]], Shape]] = {
    **dict.fromkeys(
        ("States.Base64Decode", "States.Base64Encode", "States.Format", "States.Hash", "States.JsonToString"),
        lambda arguments: STRING,
    ),
    **dict.fromkeys(
        ("States.ArrayLength", "States.MathAdd", "States.MathRandom"),
        lambda arguments: NUMBER,
    ),
    "States.UUID": lambda arguments: STRING,
    "States.Array": lambda arguments: list_with(list(arguments)),
    "States.ArrayContains": lambda arguments: BOOLEAN,
    "States.ArrayGetItem": lambda arguments: _items(arguments[0]),
    "States.ArrayPartition": lambda arguments: list_of(list_of(_items(arguments[0]))),
    "States.ArrayRange": lambda arguments: list_of(NUMBER),
    "States.ArrayUnique": lambda arguments: list_of(_items(arguments[0])),
    "States.JsonMerge": lambda arguments: overlaid(arguments[0], arguments[1]),
    "States.StringSplit": lambda arguments: list_of(STRING),
}
