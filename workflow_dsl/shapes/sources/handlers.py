"""The declarations of a Python handler: what its first parameter takes, and what it returns.

The source is read and never run. Without a return annotation, or with one such as `dict`, a handler gives what its
source shows that it returns. A field of the annotation that the source never gives is not there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Place
from workflow_dsl.records import Record, replace
from workflow_dsl.shapes.conformity import problems
from workflow_dsl.shapes.declared import Signature
from workflow_dsl.shapes.shape import UNKNOWN, Shape, record, with_parts_changed
from workflow_dsl.shapes.shape import Record as Object
from workflow_dsl.shapes.sources.annotations import Reading, shape_of_annotation
from workflow_dsl.shapes.sources.event_reads.needs import with_needed
from workflow_dsl.shapes.sources.event_reads.statements import needed_event
from workflow_dsl.shapes.sources.python_modules import Module, last_name, read_module
from workflow_dsl.shapes.sources.python_scope import as_json, borne_out, says_something
from workflow_dsl.shapes.sources.python_values import returned_by

# Decorators that leave the result as it is: Powertools for AWS Lambda. Others may turn it into anything.
_KEEP_THE_RESULT = frozenset(
    "capture_lambda_handler event_parser event_source idempotent inject_lambda_context log_metrics".split()
)
_KEEP_THE_EVENT = _KEEP_THE_RESULT - {"event_parser", "event_source"}
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
    takes = UNKNOWN if annotation is None else shape_of_annotation(annotation, module, taken)
    if all(last_name(each) in _KEEP_THE_EVENT for each in function.decorator_list):
        takes = with_needed(takes, needed_event(function, module, returned))
    gives = UNKNOWN if function.returns is None else shape_of_annotation(function.returns, module, returned)
    if name in module.ambiguous:
        return Signature(title, takes, gives, at, at)
    in_code = replace(returned, by_alias=False)
    if says_something(gives):
        return Signature(title, takes, borne_out(gives, returned_by(function, module, in_code, {})), at, at)

    @lru_cache(maxsize=32)
    def gives_for(event: Shape) -> Shape:
        result = returned_by(function, module, in_code, {arguments[0].arg: event} if arguments else {})
        return _of_kinds(result, gives) if says_something(result) else gives

    event = UNKNOWN if annotation is None else shape_of_annotation(annotation, module, returned)
    if function.decorator_list:  # which may turn the event into an instance of its annotation
        return Signature(title, takes, gives_for(event), at, at)
    passes_on = gives_for(record({})) != gives_for(UNKNOWN)
    of_passed = (lambda passed: gives_for(as_json(passed))) if passes_on else None
    return Signature(title, takes, gives_for(_opened(event)), at, at, of_passed)


def _of_kinds(result: Shape, declared: Shape) -> Shape:
    """The values of a result of the kinds that its annotation has: objects for `dict`. Without any, the annotation."""
    if declared.parts is None:
        return result
    found = with_parts_changed(result, lambda part: part if part.kind in declared.kinds else None)
    return found if found.parts else declared


def _opened(event: Shape) -> Shape:
    """An event as annotated, which may have more fields than that."""
    return with_parts_changed(event, lambda part: replace(part, rest=UNKNOWN) if isinstance(part, Object) else part)
