"""The scope of a Python function that is read, and never run: its names, its expressions, and its end."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import is_
from typing import Any

from workflow_dsl.records import Record, field, replace
from workflow_dsl.shapes.shape import (
    NULL,
    UNKNOWN,
    Field,
    ListOf,
    Origin,
    Part,
    Presence,
    Scalar,
    Shape,
    field_with,
    joined,
    with_parts_changed,
)
from workflow_dsl.shapes.shape import Record as Object
from workflow_dsl.shapes.sources.annotations import Reading, shape_of_annotation
from workflow_dsl.shapes.sources.python_modules import Module
from workflow_dsl.shapes.sources.python_uses import Uses, uses_in

_MOST_STEPS = 2_000  # expressions for one handler
_STEPS_OF_ANNOTATION = 50
_DEEPEST = 8  # calls of functions in functions
Function = ast.FunctionDef


class Scope(Record, frozen=False):
    """The names of a function, or of a module if it has no `function`: `known` are the shapes of arguments.

    `expressions` has a function for each kind of expression; any other is UNKNOWN. `work` counts the expressions of
    the whole reading, which has the shapes of its `annotations`; `found` are those of names, of which one that is being
    read is UNKNOWN in its own value.
    """

    expressions: Expressions
    module: Module
    reading: Reading
    function: Function | None = None
    known: Mapping[str, Shape] = field(default_factory=dict)
    callers: tuple[Function | None, ...] = ()
    work: list[int] = field(default_factory=lambda: [0])
    annotations: dict[ast.expr, Shape] = field(default_factory=dict)
    found: dict[str, Shape] = field(default_factory=dict)

    @property
    def uses(self) -> Mapping[str, Uses]:
        """The uses of the names."""
        if self.function is not None:
            return uses_in(self.function, self.module)
        return uses_in(self.module.tree, self.module)

    @property
    def bound(self) -> set[str]:
        """The names that the function or module binds."""
        return {name for name, each in self.uses.items() if each.values or each.items or each.annotations}

    def shape(self, node: ast.expr | None) -> Shape:
        """Return the shape of an expression; NULL of none."""
        self.work[0] += 1
        if node is None:
            return NULL
        expression = self.expressions.get(type(node))
        return expression(node, self) if expression and self.work[0] < _MOST_STEPS else UNKNOWN

    def inside(self, module: Module, function: Function | None = None) -> Scope:
        """Return the scope of a module, or of a function of it, that this one uses."""
        callers = (*self.callers, self.function)
        return Scope(self.expressions, module, self.reading, function, {}, callers, self.work, self.annotations)

    def may_call(self, function: Function | None) -> bool:
        """Return True for another function, unless too many are called by each other already."""
        return len(self.callers) < _DEEPEST and (function is None or function not in (*self.callers, self.function))

    def of_annotation(self, annotation: ast.expr) -> Shape:
        """Return the shape that an annotation declares, which is work of its own."""
        if annotation not in self.annotations:
            self.work[0] += _STEPS_OF_ANNOTATION
            is_too_much = self.work[0] > _MOST_STEPS
            shape = UNKNOWN if is_too_much else shape_of_annotation(annotation, self.module, self.reading)
            self.annotations[annotation] = shape
        return self.annotations[annotation]

    @property
    def parameters(self) -> Mapping[str, ast.expr | None]:
        """The parameters with their annotations."""
        arguments = self.function.args if self.function is not None else None
        if arguments is None:
            return {}
        extra = [each.arg for each in (arguments.vararg, arguments.kwarg) if each]
        plain = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return {**dict.fromkeys(extra), **{each.arg: each.annotation for each in plain}}


Expressions = Mapping[type, Callable[[Any, Scope], Shape]]


def returned_shape(function: Function, scope: Scope) -> Shape:
    """Return the shape of what a function returns; UNKNOWN for a generator, and in a module that changes itself."""
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function)):
        return UNKNOWN
    if changes_itself(scope.module.tree):
        return UNKNOWN
    returns = [each for each in _statements(function.body) if isinstance(each, ast.Return)]
    shapes = [_with_origin(scope.shape(each.value), scope, each.lineno) for each in returns]
    return joined([*shapes, NULL] if _goes_on(function.body) else shapes)


@lru_cache(maxsize=256)
def changes_itself(module: ast.Module) -> bool:
    """Return True if a module uses functions that give names other values in ways that cannot be followed."""
    names = ("exec", "eval", "globals", "locals", "setattr", "vars")
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(module))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements of a body, without those of functions and classes in it."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            for inner in getattr(statement, name, []):
                yield from _statements([inner] if isinstance(inner, ast.stmt) else inner.body)


def _goes_on(body: list[ast.stmt]) -> bool:
    """True if the end of a body may be reached."""
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return False
    if isinstance(last, ast.If):
        return not last.orelse or _goes_on(last.body) or _goes_on(last.orelse)
    if isinstance(last, ast.With):
        return True  # a context manager may end an exception
    if isinstance(last, ast.Try):
        ends = (last.orelse or last.body, *(each.body for each in last.handlers))
        return not (last.finalbody and not _goes_on(last.finalbody)) and any(map(_goes_on, ends))
    return True


def _with_origin(shape: Shape, scope: Scope, line: int) -> Shape:
    origin = Origin(f"{scope.reading.shown(scope.module)}:{line}")

    def of_part(part: Part) -> Part:
        return part if not isinstance(part, Object) or part.origins else replace(part, origins=(origin,))

    return with_parts_changed(shape, of_part)


def items_of(shape: Shape) -> Shape:
    """Return the shape of each item of a list; UNKNOWN for anything else."""
    return joined(each.item for each in shape.lists) if shape.parts and shape.kinds == {"list"} else UNKNOWN


def lasting(shape: Shape) -> Shape:
    """Return a shape if its values keep it, whatever changes them: scalars and instances of classes; else UNKNOWN.

    A list stays one, with other items.
    """
    is_lasting = all(
        isinstance(part, (Scalar, ListOf)) or any(origin.is_instance for origin in part.origins)
        for part in shape.parts or ()
    )
    if not is_lasting:
        return UNKNOWN
    return with_parts_changed(shape, lambda part: ListOf(UNKNOWN) if isinstance(part, ListOf) else part)


@lru_cache(maxsize=1024)
def as_json(shape: Shape) -> Shape:
    """Return the shape of the JSON of a value: an object of it is an instance of no class."""

    def change(part: Part) -> Part:
        if isinstance(part, ListOf):
            items = None if part.items is None else tuple(map(as_json, part.items))
            return replace(part, item=as_json(part.item), items=items)
        if not isinstance(part, Object):
            return part
        fields = {name: field_with(as_json(each.shape), each.presence) for name, each in part.fields.items()}
        rest = None if part.rest is None else as_json(part.rest)
        origins = tuple([replace(origin, is_instance=False) for origin in part.origins])
        return replace(part, fields=fields, rest=rest, origins=origins)

    return with_parts_changed(shape, change)


def all_optional(shape: Shape, *, is_deep: bool = True) -> Shape:
    """Return a shape whose fields may be missing, also those of the values in it if it `is_deep`."""

    def change(part: Part) -> Part:
        if isinstance(part, ListOf):
            return replace(part, item=all_optional(part.item) if is_deep else part.item, items=None)
        if not isinstance(part, Object):
            return part
        inner = {n: all_optional(each.shape) if is_deep else each.shape for n, each in part.fields.items()}
        return part.with_fields({name: Field(each, Presence.UNSTATED) for name, each in inner.items()})

    return with_parts_changed(shape, change)


def borne_out(declared: Shape, found: Shape) -> Shape:
    """Return what is declared of a value, without the fields that its code never gives it."""
    if not found.parts:
        return declared

    def change(part: Part) -> Part:
        if isinstance(part, ListOf):
            return replace(part, item=borne_out(part.item, joined(each.item for each in found.lists)))
        return _borne_out(part, found.records) if isinstance(part, Object) and found.records else part

    return with_parts_changed(declared, change)


def _borne_out(part: Object, found: tuple[Object, ...]) -> Object:
    if not part.fields and part.rest is not None and len(found) == 1:
        return _named(part.rest, found[0])
    fields: dict[str, Shape | Field] = {}
    for name, each in part.fields.items():
        present = [other.fields[name].shape if name in other.fields else other.rest for other in found]
        given = [shape for shape in present if shape is not None]
        if given or each.presence is not Presence.SURE:
            fields[name] = field_with(borne_out(each.shape, joined(given)), each.presence)
    if all(map(is_, fields.values(), part.fields.values())) and len(fields) == len(part.fields):
        return part
    code = [replace(origin, is_declared=True, name="its code") for other in found for origin in other.origins]
    return replace(part, fields=fields, origins=(*part.origins, *code))


def _named(item: Shape, found: Object) -> Object:
    """An object whose code has the names of what a `dict[str, int]` declares."""
    names = {name: each if each.shape.parts else field_with(item, each.presence) for name, each in found.fields.items()}
    return replace(found, fields=names, rest=None if found.rest is None else item)


def says_something(shape: Shape) -> bool:
    """Return True for a shape that has fields, or scalars, and not just any objects."""
    if shape.parts is None:
        return False
    inside = [part.item for part in shape.lists] + [
        part.rest for part in shape.records if part.rest and not part.fields
    ]
    return all(map(says_something, inside))
