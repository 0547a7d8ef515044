"""The results of calls in Python: of functions and classes of the project, of their methods, and of Python itself."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from workflow_dsl.records import replace
from workflow_dsl.shapes.shape import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    UNKNOWN,
    Shape,
    list_of,
    list_with,
    with_parts_changed,
)
from workflow_dsl.shapes.shape import Record as Object
from workflow_dsl.shapes.sources.annotations import shape_of_annotation
from workflow_dsl.shapes.sources.python_modules import Module, last_name, resolved
from workflow_dsl.shapes.sources.python_scope import (
    Function,
    Scope,
    all_optional,
    as_json,
    borne_out,
    items_of,
    lasting,
    returned_shape,
    says_something,
)
from workflow_dsl.shapes.sources.python_uses import Uses

_KEEP_THE_RESULT = frozenset("cache capture_method classmethod lru_cache staticmethod".split())


def shape_of_call(node: Any, scope: Scope) -> Shape:
    function = node.func
    if isinstance(function, ast.Subscript):  # Response[Report](...)
        return scope.of_annotation(function)
    if isinstance(function, ast.Name) and (function.id in scope.parameters or function.id in scope.bound):
        return UNKNOWN
    statement, owner, name = resolved(function, scope.module)
    if name in owner.ambiguous:
        return UNKNOWN
    if isinstance(statement, ast.ClassDef):
        instance = scope.of_annotation(function)
        is_dict = any(not origin.is_instance for part in instance.records for origin in part.origins)
        return borne_out(instance, _of_dict(node.args, node.keywords, scope)) if is_dict else instance
    if isinstance(statement, ast.FunctionDef):
        return _of_function(statement, owner, node, scope)
    return _of_library(function, node, scope) if statement is None else UNKNOWN


def _of_library(function: ast.expr, node: ast.Call, scope: Scope) -> Shape:
    """The result of a method, or of a function of Python."""
    method = _of_method(function, node, scope) if isinstance(function, ast.Attribute) else None
    if method is not None:
        return method
    name = last_name(function)
    if isinstance(function, ast.Attribute):
        if name == "copy" and not node.args:
            return scope.shape(function.value)
        if not (isinstance(function.value, ast.Name) and function.value.id in _MODULES):
            return STRING if name in _GIVE_TEXT else UNKNOWN
    result = _FUNCTIONS.get(name, UNKNOWN)
    return result if isinstance(result, Shape) else result(node.args, node.keywords, scope)


_MODULES = ("copy", "dataclasses", "json")
_GIVE_TEXT = ("hexdigest", "isoformat", "model_dump_json", "strftime")


def _of_function(
    function: Function, owner: Module, call: ast.Call, scope: Scope, known: Mapping[str, Shape] | None = None
) -> Shape:
    """The result of a function of the project: by its annotation, or else by its source."""
    keeps = all(last_name(each) in _KEEP_THE_RESULT for each in function.decorator_list)
    if not keeps or not scope.may_call(function):
        return UNKNOWN
    inner = scope.inside(owner, function)
    declared = UNKNOWN if function.returns is None else inner.of_annotation(function.returns)
    if says_something(declared):
        return declared
    inner.known = _passed(function, call, scope) if known is None else known  # of a method, the instance alone
    found = returned_shape(function, inner)
    return declared if found.parts is None else found


def _passed(function: Function, call: ast.Call, scope: Scope) -> dict[str, Shape]:
    """The shapes of arguments by the names of parameters without an annotation."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if any(isinstance(each, ast.Starred) for each in call.args):
        return {}
    arguments = dict(zip(names, call.args, strict=False))
    arguments |= {each.arg: each.value for each in call.keywords if each.arg}
    every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    plain = {each.arg for each in every if each.annotation is None}
    known = {name: scope.shape(each) for name, each in arguments.items() if name in plain}
    if function.args.kwarg is not None:
        known[function.args.kwarg.arg] = _rest(call, {each.arg for each in every}, scope)
    return known


def _rest(call: ast.Call, names: set[str], scope: Scope) -> Shape:
    """The shape of the object that `**rest` gets: arguments by name, without those of parameters."""
    every = _of_dict([], call.keywords, scope)
    return with_parts_changed(
        every,
        lambda part: (
            part.with_fields({name: each for name, each in part.fields.items() if name not in names})
            if isinstance(part, Object)
            else part
        ),
    )


def _of_method(function: ast.Attribute, call: ast.Call, scope: Scope) -> Shape | None:
    """The result of a method: of a class of the project, or one that pydantic adds; None for another."""
    found = _class_of(function.value, scope)
    instance = scope.shape(function.value)
    if found is not None:
        statement, module = found
        method = _method_of(statement, module, function.attr)
        if instance.parts is None:
            instance = shape_of_annotation(ast.Name(statement.name), module, scope.reading)
        if method is not None:
            return _of_function(method[0], method[1], call, scope, {"self": instance})
        if function.attr in _VALIDATES:
            return instance
    is_declared = bool(instance.records) and lasting(instance) is not UNKNOWN
    if not is_declared or function.attr not in _DUMPS:
        return None
    if any(each.arg == "by_alias" for each in call.keywords):
        instance = _by_alias(found, scope)
    return _dumped(instance, call.keywords)


_DUMPS = ("model_dump", "dict")
_VALIDATES = ("model_validate", "model_validate_json", "model_copy", "parse_obj", "parse_raw", "copy")
_AS_IT_IS = {"by_alias", "mode", "round_trip", "warnings"}


def _dumped(instance: Shape, keywords: list[ast.keyword]) -> Shape:
    """The JSON of a model; `exclude_none` and other options leave fields out."""
    return as_json(instance if {each.arg for each in keywords} <= _AS_IT_IS else all_optional(instance))


def _by_alias(found: _Class | None, scope: Scope) -> Shape:
    """An instance of a class whose fields have their aliases."""
    reading = replace(scope.reading, by_alias=True)
    return UNKNOWN if found is None else shape_of_annotation(ast.Name(found[0].name), found[1], reading)


def _method_of(statement: ast.ClassDef, module: Module, name: str) -> tuple[Function, Module] | None:
    for each in statement.body:
        if isinstance(each, ast.FunctionDef) and each.name == name:
            return each, module
    for base in statement.bases:
        inherited, owner, _ = resolved(base, module)
        found = _method_of(inherited, owner, name) if isinstance(inherited, ast.ClassDef) else None
        if found:
            return found
    return None


def _class_of(node: ast.expr, scope: Scope) -> _Class | None:
    """The class of an instance, or the class itself: by a call of it, an annotation, or a name's only value."""
    if isinstance(node, ast.Call):
        return _class_of_call(node, scope)
    if not isinstance(node, ast.Name):
        return None
    uses = scope.uses.get(node.id) or Uses()
    values = [*uses.values, *uses.items]
    every = (*(each for each, _ in uses.annotations), scope.parameters.get(node.id))
    annotations = [each for each in every if each is not None]
    if annotations:
        return None if values else _named_class(annotations[0], scope.module)
    if len(values) == len(uses.items) == 1:
        return _class_of_items(uses.items[0], scope)
    if not values:
        return None if node.id in scope.parameters else _class_of_global(node, scope)
    return _class_of(uses.values[0], scope) if len(values) == 1 and uses.values and uses.values[0] else None


def _class_of_items(node: ast.expr, scope: Scope) -> _Class | None:
    """The class of what a list has, by the annotation of a name, or of a function that is called: `list[Fare]`."""
    uses = scope.uses.get(node.id) if isinstance(node, ast.Name) else None
    if uses is not None and not uses.annotations and len(uses.values) == 1 and uses.values[0]:
        node = uses.values[0]
    annotation, module = uses.annotations[0][0] if uses and uses.annotations else None, scope.module
    if isinstance(node, ast.Call):
        function, module, _ = resolved(node.func, scope.module)
        annotation = function.returns if isinstance(function, ast.FunctionDef) else None
    is_list = isinstance(annotation, ast.Subscript) and last_name(annotation.value) in _LISTS
    return _named_class(annotation.slice, module) if is_list and isinstance(annotation, ast.Subscript) else None


_LISTS = ("list", "List", "Sequence", "Iterable")


def _class_of_global(node: ast.Name, scope: Scope) -> _Class | None:
    """A class of the project, or that of an instance which a module makes: `service = OrderService(table)`."""
    statement, owner, _ = resolved(node, scope.module)
    if not isinstance(statement, ast.Assign) or not scope.may_call(None):
        return _named_class(node, scope.module)
    return _class_of_call(statement.value, scope.inside(owner)) if isinstance(statement.value, ast.Call) else None


def _class_of_call(node: ast.Call, scope: Scope) -> _Class | None:
    called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
    statement, owner, _ = resolved(called, scope.module)
    if isinstance(statement, ast.FunctionDef):
        return _named_class(statement.returns, owner) if statement.returns else None
    if statement is None and isinstance(node.func, ast.Attribute) and node.func.attr in _VALIDATES:
        return _class_of(node.func.value, scope)
    return (statement, owner) if isinstance(statement, ast.ClassDef) else None


_Class = tuple[ast.ClassDef, Module]


def _named_class(node: ast.expr, module: Module) -> _Class | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        node = ast.Name(node.value)
    statement, owner, _ = resolved(node, module) if isinstance(node, (ast.Name, ast.Attribute)) else (None, module, "")
    return (statement, owner) if isinstance(statement, ast.ClassDef) else None


def _of_dict(arguments: list[ast.expr], keywords: list[ast.keyword], scope: Scope) -> Shape:
    named = [(ast.Constant(each.arg) if each.arg else None, each.value) for each in keywords]
    parts = [(None, each) for each in arguments] + named
    return scope.shape(ast.Dict([key for key, _ in parts], [value for _, value in parts]))


def _of_list(arguments: list[ast.expr], keywords: list[ast.keyword], scope: Scope) -> Shape:
    return list_of(items_of(scope.shape(arguments[0]))) if arguments else list_with([])


def _first(arguments: list[ast.expr], keywords: list[ast.keyword], scope: Scope) -> Shape:
    return scope.shape(arguments[0]) if arguments else UNKNOWN


def _instance(arguments: list[ast.expr], keywords: list[ast.keyword], scope: Scope) -> Shape:
    """`asdict(instance)`: its fields, if a class declares them."""
    shape = _first(arguments, keywords, scope)
    return as_json(shape) if shape.records and lasting(shape) is not UNKNOWN and not keywords else UNKNOWN


def _loaded(arguments: list[ast.expr], keywords: list[ast.keyword], scope: Scope) -> Shape:
    """`json.loads` of the text of a value that is known."""
    text = arguments[0] if arguments else None
    name = last_name(text) if isinstance(text, ast.Call) else ""
    if not isinstance(text, ast.Call):
        return UNKNOWN
    if name == "dumps":
        return _first(text.args, [], scope)
    if name in ("json", "model_dump_json") and isinstance(text.func, ast.Attribute):
        dump = ast.Attribute(text.func.value, "model_dump", ast.Load())
        return shape_of_call(ast.Call(dump, [], text.keywords), scope)
    return UNKNOWN


_Arguments = Callable[[list[ast.expr], list[ast.keyword], Scope], Shape]
_FUNCTIONS: Mapping[str, Shape | _Arguments] = {
    **dict.fromkeys(("dumps", "str"), STRING),
    **dict.fromkeys(("len", "int"), INTEGER),
    "float": NUMBER,
    "bool": BOOLEAN,
    "dict": _of_dict,
    **dict.fromkeys(("list", "sorted"), _of_list),
    **dict.fromkeys(("copy", "deepcopy"), _first),
    "asdict": _instance,
    "loads": _loaded,
}
