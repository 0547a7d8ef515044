"""Functions as values: built-in ones, those that an expression defines, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.syntax.signatures import Signature
from workflow_dsl.expressions.jsonata.values import UNDEFINED, collapsed
from workflow_dsl.records import Record, field

Frame = list[Any]  # the frame around it, the Run, and the variables
Code = Callable[[Any, Frame], Any]  # takes the context and the frame


class TailCall:
    """A call at the end of a function's body: the caller makes it, so that recursion there takes no depth."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Any, arguments: list[Any]) -> None:
        self.function = function
        self.arguments = arguments


class Function:
    """A function as a value."""

    __slots__ = ()
    arity = 1  # how many arguments $map and its like pass
    is_object = True  # true as a condition, as in the reference, where a pattern is a function of JavaScript's

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        """Return the result, which may be a TailCall. Raises Failure."""
        raise NotImplementedError

    def apply(self, run: Run, arguments: list[Any]) -> Any:
        """Return the result for arguments that are not checked: those of a partial application."""
        return self.call(run, arguments, None)


def invoke(function: Any, run: Run, arguments: list[Any], context: Any) -> Any:
    """Return the result of a call and of the calls at its end. Raises Failure T1006 if it is not a function."""
    while True:
        if not isinstance(function, Function):
            raise Failure("T1006")
        result = function.call(run, arguments, context)
        if type(result) is not TailCall:
            return result
        function, arguments = result.function, result.arguments


class Builtin(Function):
    """A function of the library. With `uses_run` its first argument is the Run."""

    __slots__ = ("arity", "count", "implementation", "signature", "uses_run")

    def __init__(
        self, implementation: Callable[..., Any], signature: str, *, arity: int | None = None, uses_run: bool = False
    ) -> None:
        self.implementation = implementation
        self.signature = Signature(signature)
        self.uses_run = uses_run
        self.count = implementation.__code__.co_argcount - uses_run
        self.arity = self.count if arity is None else arity

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        complete = self.signature.arguments(arguments, context)
        return self.implementation(run, *complete) if self.uses_run else self.implementation(*complete)

    def apply(self, run: Run, arguments: list[Any]) -> Any:
        complete = (arguments + [UNDEFINED] * self.count)[: self.count]
        return self.implementation(run, *complete) if self.uses_run else self.implementation(*complete)


class LambdaCode(Record):
    """The compiled definition of a function."""

    count: int
    extra: tuple[Any, ...]  # the empty places of variables that the body binds itself
    signature: Signature | None
    body: list[Code] = field(default_factory=list)  # one, filled in when it is compiled


class Closure(Function):
    """A function of an expression, with the context and the frame of its definition."""

    __slots__ = ("arity", "body", "code", "context", "frame")

    def __init__(self, code: LambdaCode, context: Any, frame: Frame) -> None:
        self.code = code
        self.body = code.body[0]
        self.arity = code.count
        self.context = context
        self.frame = frame

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        signature = self.code.signature
        return self.apply(run, arguments if signature is None else signature.arguments(arguments, context))

    def apply(self, run: Run, arguments: list[Any]) -> Any:
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        count = self.arity
        if len(arguments) != count:
            arguments = (arguments + [UNDEFINED] * count)[:count]
        return self.body(self.context, [self.frame, run, *arguments, *self.code.extra])


class PartialFunction(Function):
    """A function of which some arguments are known."""

    __slots__ = ("arity", "function", "known", "places")

    def __init__(self, function: Function, known: list[Any], places: list[int]) -> None:
        count = getattr(function, "count", function.arity)
        self.function = function
        self.known = known
        self.places = [place for place in places if place < count]
        self.arity = len(self.places)

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        complete = list(self.known)
        for number, place in enumerate(self.places):
            complete[place] = arguments[number] if number < len(arguments) else UNDEFINED
        return self.function.apply(run, complete)


class Composition(Function):
    """`first ~> second` of two functions."""

    __slots__ = ("first", "second")

    def __init__(self, first: Function, second: Function) -> None:
        self.first = first
        self.second = second

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        value = arguments[0] if arguments else UNDEFINED
        return TailCall(self.second, [collapsed(invoke(self.first, run, [value], None))])


Caller = Callable[[Any, Any, Any], Any]


def caller(function: Function, run: Run) -> Caller:
    """Return the function as $map and its like call it: with a value, its index or key, and all values."""
    if type(function) is Closure and function.code.signature is None and function.arity in (1, 2):
        return _closure_caller(function, run)
    if function.arity <= 1:
        return lambda value, key, whole: invoke(function, run, [value], None)
    if function.arity == 2:
        return lambda value, key, whole: invoke(function, run, [value, key], None)
    return lambda value, key, whole: invoke(function, run, [value, key, whole], None)


def _closure_caller(function: Closure, run: Run) -> Caller:
    body, context, frame, extra = function.body, function.context, function.frame, function.code.extra

    def call(value: Any, key: Any, whole: Any) -> Any:
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        result = body(context, [frame, run, value, *extra])
        return invoke(result.function, run, result.arguments, None) if type(result) is TailCall else result

    def call_with_key(value: Any, key: Any, whole: Any) -> Any:
        run.ticks -= 1
        if run.ticks < 0:
            run.check_time()
        result = body(context, [frame, run, value, key, *extra])
        return invoke(result.function, run, result.arguments, None) if type(result) is TailCall else result

    return call if function.arity == 1 else call_with_key
