"""The shape that a Python annotation declares for JSON: TypedDict, dataclass, pydantic models, Literal, unions.

A class of a library, and whatever else is not known here, is UNKNOWN. Names: typing documentation, "TypedDict",
"Literal"; PEP 589, 655; pydantic documentation, "Models".
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from workflow_dsl.records import Record, field, replace
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    field_with,
    join,
    joined,
    list_of,
    list_with,
    record,
)
from workflow_dsl.shapes.sources.field_parts import alias_of, is_default, is_left_out, parts_of_field
from workflow_dsl.shapes.sources.python_modules import Module, last_name, resolved

_DEEPEST = 40  # aliases and types that are nested deeper are unknown
_TURNS = 2  # a type that contains itself is unrolled so often


class Reading(Record):
    """The options of reading: `shown` names a file in messages; an input may lack a field with a default.

    `types` are the shapes of the type variables of a generic class. The fields of a pydantic model have their aliases
    `by_alias`, as in any input, or else their names; if it is None, either.
    """

    shown: Callable[[Module], str]
    is_input: bool = False
    by_alias: bool | None = None
    inside: tuple[str, ...] = ()
    types: Mapping[str, Shape] = field(default_factory=dict)

    def within(self, name: str) -> Reading:
        """Return the reading of what is inside a type or alias."""
        return replace(self, inside=(*self.inside, name))


def shape_of_annotation(node: ast.expr, module: Module, reading: Reading) -> Shape:
    """Return the shape of the JSON that an annotation of a module declares."""
    if len(reading.inside) > _DEEPEST:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return shape_of_annotation(_parsed(node.value), module, reading.within(""))
        return NULL if node.value is None else UNKNOWN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], module, reading.within(""))
    if isinstance(node, ast.Subscript):
        return _shape_of_generic(node, module, reading)
    return _shape_of_name(node, module, reading)


def _shape_of_generic(node: ast.Subscript, module: Module, reading: Reading) -> Shape:
    """`list[int]`, or a generic class of the project with what its type variables stand for: `Page[Order]`."""
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    statement, owner, name = resolved(node.value, module)
    if isinstance(statement, ast.ClassDef):
        shapes = [shape_of_annotation(each, module, reading.within("")) for each in arguments]
        types = dict(zip(_type_variables(statement), shapes, strict=False))
        return _shape_of_statement(statement, owner, name, replace(reading, types=types))
    generic = _GENERIC.get(name) if statement is None else None
    return generic(arguments, module, reading.within("")) if generic else UNKNOWN


def _parsed(text: str) -> ast.expr:
    """An annotation that is written as a string; an unknown one if it is not an expression."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Name("object")


def _shape_of_name(node: ast.expr, module: Module, reading: Reading) -> Shape:
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return UNKNOWN
    if isinstance(node, ast.Name) and node.id in reading.types:
        return reading.types[node.id]
    statement, owner, name = resolved(node, module)
    if statement is None:
        generic = _GENERIC.get(name)
        return _SCALARS[name] if name in _SCALARS else generic([], module, reading) if generic else UNKNOWN
    return _shape_of_statement(statement, owner, name, replace(reading, types={}))


def _shape_of_statement(statement: ast.stmt, owner: Module, name: str, reading: Reading) -> Shape:
    """The shape of the class or alias that a statement defines."""
    key = f"{owner.file}:{name}"
    if reading.inside.count(key) >= _TURNS:
        return UNKNOWN
    if isinstance(statement, ast.ClassDef):
        return shape_of_class(statement, owner, reading.within(key))
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Call) and last_name(value) == "TypedDict":
        return _functional(value, owner, name, reading.within(key))
    return shape_of_annotation(value, owner, reading.within(key)) if isinstance(value, ast.expr) else UNKNOWN


def _type_variables(statement: ast.ClassDef) -> list[str]:
    """The names of a class's type variables: of `Generic[T]`, or of Python 3.12's `class Page[T]`."""
    bases = [each for each in statement.bases if isinstance(each, ast.Subscript) and last_name(each.value) == "Generic"]
    names = [each.slice.elts if isinstance(each.slice, ast.Tuple) else [each.slice] for each in bases]
    of_syntax = [each.name for each in getattr(statement, "type_params", [])]
    return of_syntax + [last_name(name) for each in names for name in each]


_SCALARS: Mapping[str, Shape] = {"str": STRING, "bool": BOOLEAN, "int": INTEGER, "float": NUMBER, "None": NULL}
_Arguments = list[ast.expr]


def _union(options: _Arguments, module: Module, reading: Reading) -> Shape:
    shapes = [shape_of_annotation(option, module, reading) for option in options]
    return UNKNOWN if any(shape.parts is None for shape in shapes) else joined(shapes)


def _optional(arguments: _Arguments, module: Module, reading: Reading) -> Shape:
    return _union([*arguments, ast.Constant(None)], module, reading) if arguments else UNKNOWN


def _literals(arguments: _Arguments, module: Module, reading: Reading) -> Shape:
    values = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
    is_json = len(values) == len(arguments) and all(isinstance(value, (str, int, type(None))) for value in values)
    return joined(literal(value) for value in values) if is_json else UNKNOWN


def _first(arguments: _Arguments, module: Module, reading: Reading) -> Shape:
    """The first argument alone: of Annotated, Required, NotRequired, ReadOnly."""
    return shape_of_annotation(arguments[0], module, reading) if arguments else UNKNOWN


def _list(arguments: _Arguments, module: Module, reading: Reading) -> Shape:
    return list_of(shape_of_annotation(arguments[0], module, reading) if len(arguments) == 1 else UNKNOWN)


def _tuple(arguments: _Arguments, module: Module, reading: Reading) -> Shape:
    """A tuple becomes a list."""
    is_of_any_length = len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is ...
    if is_of_any_length or not arguments:
        return _list(arguments[:1], module, reading)
    return list_with([shape_of_annotation(each, module, reading) for each in arguments])


def _mapping(arguments: _Arguments, module: Module, reading: Reading) -> Shape:
    return record({}, shape_of_annotation(arguments[1], module, reading)) if len(arguments) == 2 else ANY_RECORD


_GENERIC: Mapping[str, Callable[[_Arguments, Module, Reading], Shape]] = {
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping"), _mapping),
    **dict.fromkeys(("list", "List", "Sequence", "MutableSequence"), _list),
    **dict.fromkeys(("tuple", "Tuple"), _tuple),
    **dict.fromkeys(("Annotated", "Required", "NotRequired", "ReadOnly"), _first),
    "Literal": _literals,
    "Optional": _optional,
    "Union": lambda arguments, *rest: _union(arguments, *rest) if arguments else UNKNOWN,
}


class _Fields(Record, frozen=False):
    """The fields of a class; it is open if a base of it, or the name of a field, is unknown.

    `aliases` are the names of those that have another one in the class, by the latter.
    """

    fields: dict[str, Shape | Field] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    is_open: bool = False
    is_model: bool = False  # of pydantic
    is_dict: bool = False
    is_renamed: bool = False
    takes_names: bool = False  # beside the aliases of fields

    def inherit(self, base: _Fields | None) -> None:
        """Take over the fields of a base, None for one that is unknown."""
        if base is None:
            self.is_open = True
            return
        self.fields.update(base.fields)
        self.aliases.update(base.aliases)
        self.is_open = self.is_open or base.is_open
        self.is_model = self.is_model or base.is_model
        self.is_dict = self.is_dict or base.is_dict
        self.is_renamed = self.is_renamed or base.is_renamed
        self.takes_names = self.takes_names or base.takes_names


def shape_of_class(statement: ast.ClassDef, module: Module, reading: Reading) -> Shape:
    """Return the shape of a TypedDict, dataclass, pydantic model or enumeration of strings; UNKNOWN for another."""
    bases = {resolved(base, module)[2] for base in statement.bases}
    if "StrEnum" in bases or {"str", "Enum"} <= bases:
        lines = [line.value for line in statement.body if isinstance(line, ast.Assign)]
        values = [value.value for value in lines if isinstance(value, ast.Constant) and isinstance(value.value, str)]
        return joined(map(literal, values)) if values and len(values) == len(lines) else STRING
    found = _fields_of(statement, module, reading)
    if found is None:
        return UNKNOWN
    is_dict = found.is_dict and not found.is_model
    origin = Origin(f"{reading.shown(module)}:{statement.lineno}", True, statement.name, is_instance=not is_dict)
    return record(found.fields, UNKNOWN if found.is_open else None, origin)


def _fields_of(statement: ast.ClassDef, module: Module, reading: Reading) -> _Fields | None:
    """The fields of a class with those of its bases; None for a class of another kind."""
    is_known = any(last_name(decorator) == "dataclass" for decorator in statement.decorator_list)
    settings = _settings(statement)
    found = _Fields(is_renamed=_is_renamed(statement), takes_names=not settings.isdisjoint(_TAKE_NAMES))
    for base in statement.bases:
        base_statement, owner, name = resolved(base, module)
        if base_statement is None and name in ("TypedDict", "BaseModel"):
            is_known, found.is_model, found.is_dict = True, name == "BaseModel", name == "TypedDict"
            continue
        is_generic = isinstance(base, ast.Subscript) and last_name(base.value) == "Generic"
        if is_generic or _adds_nothing(base_statement, owner, name):
            continue
        inherited = None
        if isinstance(base_statement, ast.ClassDef) and len(reading.inside) < _DEEPEST:
            inherited = _fields_of(base_statement, owner, reading.within(""))
        is_known = is_known or inherited is not None
        found.inherit(inherited)
    for line in statement.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            _add_field(found, line, module, reading, is_partial=_is_partial(statement.keywords))
    unclear = [*found.fields] if found.is_renamed else []
    if found.takes_names and reading.is_input:
        unclear += found.aliases.values()
    found.fields = {name: each for name, each in found.fields.items() if name not in unclear}
    found.is_open = found.is_open or found.is_renamed or bool(unclear)
    return found if is_known else None


def _adds_nothing(base: ast.stmt | None, module: Module, name: str) -> bool:
    """True for a base without fields: `object`, `ABC`, or a class of methods only."""
    if not isinstance(base, ast.ClassDef):
        return base is None and name in ("object", "ABC")
    if _is_renamed(base) or base.decorator_list or base.keywords:
        return False
    has_fields = any(isinstance(line, ast.AnnAssign) for line in base.body)
    return not has_fields and all(_adds_nothing(*resolved(each, module)) for each in base.bases)


def _is_partial(keywords: list[ast.keyword]) -> bool:
    """True for total=False."""
    return any(
        each.arg == "total" and isinstance(each.value, ast.Constant) and each.value.value is False for each in keywords
    )


def _is_renamed(statement: ast.ClassDef) -> bool:
    """True for a pydantic model whose JSON may have other fields than its class: by settings, or a method."""
    if not _settings(statement).isdisjoint(("alias_generator", "extra", "serialize_by_alias", None)):
        return True
    for line in statement.body:
        if isinstance(line, ast.ClassDef) and line.name == "Config":
            return True
        if isinstance(line, ast.FunctionDef):
            names = [line.name, *map(last_name, line.decorator_list)]
            if not _VALIDATORS.isdisjoint(names):
                return True
    return False


def _settings(statement: ast.ClassDef) -> set[str | None]:
    """The names of the settings of a pydantic model; None for those that are not written out."""
    lines = [line for line in statement.body if isinstance(line, ast.Assign)]
    values = [line.value for line in lines if "model_config" in map(last_name, line.targets)]
    names: set[str | None] = {each.arg for value in values if isinstance(value, ast.Call) for each in value.keywords}
    return names if all(isinstance(value, ast.Call) for value in values) else {*names, None}


_TAKE_NAMES = ("populate_by_name", "validate_by_alias", "validate_by_name")
_VALIDATORS = frozenset(
    "model_validator root_validator field_validator validator model_serializer computed_field "
    "model_dump model_dump_json dict json".split()
)


def _add_field(found: _Fields, line: ast.AnnAssign, module: Module, reading: Reading, *, is_partial: bool) -> None:
    annotation, name = line.annotation, last_name(line.target)
    marker = resolved(annotation.value, module)[2] if isinstance(annotation, ast.Subscript) else ""
    if marker in ("ClassVar", "InitVar") or last_name(annotation) == "KW_ONLY":
        return
    found.fields.pop(found.aliases.pop(name, name), None)  # of a base
    described = parts_of_field(line, module)
    alias = alias_of(described, is_input=reading.is_input, by_alias=reading.by_alias)
    if alias == "":
        found.is_open = True
        return
    if alias:
        found.aliases[name] = alias
        name = alias
    is_required = marker != "NotRequired" and (marker == "Required" or not is_partial)
    may_lack = is_left_out(described) or (reading.is_input and any(map(is_default, described)))
    presence = Presence.UNSTATED if may_lack else Presence.SURE if is_required else Presence.OPTIONAL
    shape = shape_of_annotation(annotation, module, reading)
    if found.is_model and reading.is_input and not shape.kinds.isdisjoint(("number", "boolean")):
        shape = join(shape, STRING)  # pydantic reads them from text
    found.fields[name] = field_with(shape, presence)


def _functional(call: ast.Call, module: Module, name: str, reading: Reading) -> Shape:
    """`TypedDict("Name", {"field": type})`."""
    table = call.args[1] if len(call.args) > 1 else None
    if not isinstance(table, ast.Dict):
        return UNKNOWN
    found = _Fields()
    for key, annotation in zip(table.keys, table.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return UNKNOWN
        line = ast.AnnAssign(ast.Name(key.value), annotation, None, 1)
        _add_field(found, line, module, reading, is_partial=_is_partial(call.keywords))
    return record(found.fields, None, Origin(f"{reading.shown(module)}:{call.lineno}", True, name))
