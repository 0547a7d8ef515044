"""Calls of functions, compiled: `f(x)`, `f(?, x)` and `x ~> f`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.compiling.scopes import Scope
from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import (
    Builtin,
    Closure,
    Code,
    Composition,
    Frame,
    Function,
    PartialFunction,
    TailCall,
    invoke,
)
from workflow_dsl.expressions.jsonata.syntax.tree import (
    Apply,
    Call,
    Name,
    Node,
    PartialCall,
    Path,
    Placeholder,
    Variable,
)
from workflow_dsl.expressions.jsonata.values import UNDEFINED, Sequence, collapsed, kept

Compile = Callable[..., Code]
Settle = Callable[[Any], Any]


def _settling(keep: bool) -> Settle:
    """Return the way from a result to a value: a sequence of one item is that item, unless `[]` keeps it."""
    return (lambda value: collapsed(kept(value))) if keep else collapsed


def compile_call(node: Call, scope: Scope, compile_node: Compile, is_tail: bool) -> Code:
    """Return the code of `procedure(arguments)`."""
    procedure = _procedure(node, scope, compile_node, "T1005")
    arguments = [compile_node(argument, scope) for argument in node.arguments]
    if is_tail:
        return lambda context, frame: TailCall(
            procedure(context, frame), [argument(context, frame) for argument in arguments]
        )
    builtin = _builtin(node.procedure, scope)
    if builtin is not None:
        return _builtin_call(builtin, _written_name(node.procedure), arguments, _settling(node.keep_array))
    return _any_call(procedure, _written_name(node.procedure), arguments, _settling(node.keep_array))


def _builtin(node: Node, scope: Scope) -> Builtin | None:
    """The function of the library that a name surely means: nothing binds that name."""
    if not isinstance(node, Variable) or node.keep_array:
        return None
    function = scope.globals.get(node.name)
    outer: Scope | None = scope
    while outer is not None:
        if node.name in outer.places or node.name in getattr(outer, "names", ()):
            return None
        outer = outer.outer
    return function if isinstance(function, Builtin) else None


def _builtin_call(function: Builtin, name: str, arguments: list[Code], settle: Settle) -> Code:
    check, implementation, uses_run = function.signature.arguments, function.implementation, function.uses_run

    def call(context: Any, frame: Frame) -> Any:
        run = frame[1]
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        given = [argument(context, frame) for argument in arguments]
        try:
            complete = check(given, context)
            result = implementation(run, *complete) if uses_run else implementation(*complete)
        except Failure as failure:
            raise failure.named(name) from None
        return settle(result) if isinstance(result, Sequence) else result

    return call


def _any_call(procedure: Code, name: str, arguments: list[Code], settle: Settle) -> Code:
    def call(context: Any, frame: Frame) -> Any:
        function = procedure(context, frame)
        given = [argument(context, frame) for argument in arguments]
        run = frame[1]
        try:
            if type(function) is Closure and function.code.signature is None:
                result = function.apply(run, given)
                if type(result) is TailCall:
                    result = invoke(result.function, run, result.arguments, context)
            else:
                result = invoke(function, run, given, context)
        except Failure as failure:
            raise failure.named(name) from None
        return settle(result) if isinstance(result, Sequence) else result

    return call


def _written_name(node: Node) -> str:
    if isinstance(node, Variable):
        return node.name
    first = node.steps[0].node if isinstance(node, Path) else node
    return first.value if isinstance(first, Name) else ""


def _procedure(node: Call | PartialCall, scope: Scope, compile_node: Compile, code: str) -> Code:
    """The code of what is called. A name without `$` that is a function's has a message of its own."""
    procedure, name = compile_node(node.procedure, scope), _written_name(node.procedure)
    if not isinstance(node.procedure, Path) or not name:
        return procedure
    variable = scope.read(name)

    def read(context: Any, frame: Frame) -> Any:
        function = procedure(context, frame)
        if function is UNDEFINED and variable(context, frame) is not UNDEFINED:
            raise Failure(code, name=name, token=name)
        return function

    return read


def compile_partial_call(node: PartialCall, scope: Scope, compile_node: Compile) -> Code:
    """Return the code of `procedure(?, argument)`: a function of the arguments that are missing."""
    procedure = _procedure(node, scope, compile_node, "T1007")
    places = [number for number, argument in enumerate(node.arguments) if isinstance(argument, Placeholder)]
    known = [
        None if isinstance(argument, Placeholder) else compile_node(argument, scope) for argument in node.arguments
    ]

    def make(context: Any, frame: Frame) -> Any:
        values = [UNDEFINED if code is None else code(context, frame) for code in known]
        function = procedure(context, frame)
        if not isinstance(function, Function):
            raise Failure("T1008", token=_written_name(node.procedure))
        return PartialFunction(function, values, places)

    return make


def compile_apply(node: Apply, scope: Scope, compile_node: Compile) -> Code:
    """Return the code of `left ~> right`: a call with left as the first argument, or two functions as one."""
    left, settle = compile_node(node.left, scope), _settling(node.keep_array)
    if isinstance(node.right, Call):
        return _piped_call(left, node.right, scope, compile_node, settle)
    right = compile_node(node.right, scope)

    def apply(context: Any, frame: Frame) -> Any:
        value, function = left(context, frame), right(context, frame)
        if not isinstance(function, Function):
            raise Failure("T2006", value=function)
        if isinstance(value, Function):
            return Composition(value, function)
        return settle(invoke(function, frame[1], [value], None))

    return apply


def _piped_call(left: Code, node: Call, scope: Scope, compile_node: Compile, settle: Settle) -> Code:
    arguments = [left, *(compile_node(argument, scope) for argument in node.arguments)]
    name, builtin = _written_name(node.procedure), _builtin(node.procedure, scope)
    if builtin is not None:
        return _builtin_call(builtin, name, arguments, settle)
    return _any_call(_procedure(node, scope, compile_node, "T1005"), name, arguments, settle)
