"""The declarations of a Python handler: what its first parameter takes, and what it returns.

The source is read and never run. A handler without a return annotation that returns nothing but dict literals gives
their fields.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Place
from workflow_dsl.records import Record
from workflow_dsl.shapes.conformity import problems
from workflow_dsl.shapes.declared import Signature
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    UNKNOWN,
    Origin,
    Shape,
    joined,
    list_with,
    record,
)
from workflow_dsl.shapes.sources.annotations import Reading, shape_of_annotation
from workflow_dsl.shapes.sources.event_reads import required_fields
from workflow_dsl.shapes.sources.python_modules import Module, last_name, read_module

# Decorators that leave the result as it is: Powertools for AWS Lambda. Others may turn it into anything.
_KEEP_THE_RESULT = frozenset(
    "capture_lambda_handler event_parser event_source idempotent inject_lambda_context log_metrics".split()
)
Shown = Callable[[Path], str]


class DeclaredResult(Record):
    """The return annotation of a handler: its shape, and its place."""

    annotation: ast.expr
    shape: Shape
    place: Place

    def __str__(self) -> str:
        return f"`-> {ast.unparse(self.annotation)}` of {self.place}"

    def problems(self, result: Json) -> list[str]:
        """Return how a result differs from the annotation, each as a sentence about "the result"; [] if it does not."""
        return list(problems(self.shape, result, "the result"))


def declared_result(file: Path, name: str, shown: str = "") -> DeclaredResult | None:
    """Return the annotation of a function at the top of a file; None if it has none, or one that nothing is known of.

    `shown` is the file as messages print it.
    """
    found = _function(file, name)
    if found is None or found[1].returns is None:
        return None
    module, function = found
    reading = Reading(lambda each: shown if shown and each is module else str(each.file))
    shape = shape_of_annotation(found[1].returns, module, reading)
    return DeclaredResult(found[1].returns, shape, Place(shown or str(file), function.lineno))


def _function(file: Path, name: str) -> tuple[Module, ast.FunctionDef] | None:
    module = read_module(file)
    function = module.names.get(name) if module else None
    if module is None or not isinstance(function, ast.FunctionDef):
        return None
    keeps = all(last_name(decorator) in _KEEP_THE_RESULT for decorator in function.decorator_list)
    return (module, function) if keeps else None


def signature_of(file: Path, name: str, title: str, shown: Shown = str) -> Signature:
    """Return what the function of a name at the top of a file takes and gives; `title` names it in messages."""
    found = _function(file, name)
    if found is None:
        return Signature(title)
    module, function = found
    at = f"{shown(file)}:{function.lineno}"
    returned = Reading(lambda each: shown(each.file))
    taken = Reading(lambda each: shown(each.file), is_input=True)
    arguments = [*function.args.posonlyargs, *function.args.args]
    annotation = arguments[0].annotation if arguments else None
    reads = required_fields(function) if annotation is None and not function.decorator_list else ()
    takes = _with_fields(reads) if annotation is None else shape_of_annotation(annotation, module, taken)
    gives = UNKNOWN if function.returns is None else shape_of_annotation(function.returns, module, returned)
    if not _says_something(gives):
        gives = _returned(function, shown(file)) or gives
    return Signature(title, takes, gives, at, at)


def _with_fields(names: Collection[str]) -> Shape:
    """The shape of an event that has at least these fields."""
    return record(dict.fromkeys(names, UNKNOWN), UNKNOWN) if names else UNKNOWN


def _says_something(shape: Shape) -> bool:
    return shape.parts is not None and not any(part.rest is UNKNOWN and not part.fields for part in shape.records)


def _returned(function: ast.FunctionDef, file: str) -> Shape | None:
    """The shape of the dict literals that a function returns; None if it may return anything else."""
    returns = [each for each in _statements(function.body) if isinstance(each, ast.Return)]
    if not returns or not isinstance(function.body[-1], (ast.Return, ast.Raise)) or _yields(function):
        return None
    constants = _constants(function)
    values = [
        constants.get(each.value.id, each.value) if isinstance(each.value, ast.Name) else each.value for each in returns
    ]
    shapes = [_literal(value, Origin(f"{file}:{each.lineno}")) for value, each in zip(values, returns, strict=True)]
    if not all(shape.parts is not None and shape.records for shape in shapes):
        return None
    return joined(shapes)


def _constants(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """The literals by the names that a function sets once, and that it only returns, or reads fields of."""
    nodes = [*ast.walk(function)]
    returned = {id(node.value) for node in nodes if isinstance(node, ast.Return)}
    read = {id(node.value) for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)}
    names = [node for node in nodes if isinstance(node, ast.Name)]
    constants = {}
    for node in _statements(function.body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            uses = [id(each) for each in names if each.id == node.targets[0].id]
            harmless = returned | read if _is_flat(node.value) else returned
            if len([each for each in uses if each not in harmless]) == 1:
                constants[node.targets[0].id] = node.value
    return constants


def _is_flat(value: ast.expr) -> bool:
    """True for a dict without one in it, whose fields keep their kinds when they are read."""
    return isinstance(value, ast.Dict) and not any(isinstance(each, (ast.Dict, ast.List)) for each in value.values)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements of a body, without those of functions and classes in it."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            for inner in getattr(statement, name, []):
                yield from _statements([inner] if isinstance(inner, ast.stmt) else inner.body)


_GIVEN = {"json.dumps": STRING, "str": STRING, "float": NUMBER, "int": INTEGER, "len": INTEGER}


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in ast.walk(function))


def _computed(node: ast.expr | None) -> Shape:
    """The shape of an expression whose operator or function says it."""
    if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        return BOOLEAN
    if isinstance(node, ast.JoinedStr):
        return STRING
    return _GIVEN.get(ast.unparse(node.func), UNKNOWN) if isinstance(node, ast.Call) else UNKNOWN


def _literal(node: ast.expr | None, *origins: Origin) -> Shape:
    """The shape of an expression as far as it is a literal."""
    if isinstance(node, ast.Constant):
        return literal(node.value) if isinstance(node.value, (str, int, float, type(None))) else UNKNOWN
    if isinstance(node, ast.IfExp):
        return joined([_literal(node.body), _literal(node.orelse)])
    if isinstance(node, (ast.List, ast.Tuple)):
        return list_with([_literal(item) for item in node.elts])
    if not isinstance(node, ast.Dict):
        return _computed(node)
    names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    fields = {name: _literal(value) for name, value in zip(names, node.values, strict=True) if isinstance(name, str)}
    return record(fields, None if all(isinstance(name, str) for name in names) else UNKNOWN, *origins)
