"""JSONata: parsing with `jsonata-python`, imported when first needed, and the names in an expression."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.problems import SyntaxProblem

_SERVICE_FUNCTIONS = ("partition", "range", "hash", "random", "uuid", "parse")
LONGEST_SECONDS = 5  # for an expression, and for each regular expression in it


def expression_in(text: Json) -> str | None:
    """Return the expression of a JSONata string, which is `{% expression %}`; None for any other value."""
    if isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= 4:
        return text[2:-2].strip()
    return None


@lru_cache(maxsize=2048)
def parse_jsonata(expression: str) -> Any:
    """Return the compiled expression. Raises SyntaxProblem with JSONata's own message."""
    Jsonata = _library()  # noqa: N806
    try:
        compiled = Jsonata(f"{expression} ", _engine)  # without the space it fails on a comment at the end
    except RecursionError:
        raise SyntaxProblem("the expression is nested too deeply") from None
    except Exception as problem:  # its parser raises any type
        raise SyntaxProblem(str(problem)) from None
    compiled.set_output_convert_nulls(False)
    return compiled


@dataclass(frozen=True, slots=True)
class References:
    """The names that an expression refers to."""

    top_level: tuple[str, ...]  # names, `$` and `$$` where there is no context, so that they have no value
    states_fields: frozenset[str]  # fields of `$states`
    variables: frozenset[str]  # without those that the expression binds itself
    called: frozenset[str]  # the variables that are called as functions
    context_paths: frozenset[tuple[str, ...]] = frozenset()  # below `$states.context`, as far as their steps are names


@lru_cache(maxsize=2048)
def references_in(expression: str) -> References:
    """Return the names that an expression refers to. Raises SyntaxProblem."""
    tree = parse_jsonata(expression).ast
    nodes = list(_nodes(tree))
    bound = {name for node in nodes for name in _bound(node)}
    named = {node.value for node in nodes if node.type == "variable" and node.value not in ("", "$")}
    states_fields = {
        node.steps[1].value
        for node in nodes
        if node.type == "path" and len(node.steps) > 1 and _is_states(node.steps[0]) and node.steps[1].type == "name"
    }
    called = {
        node.procedure.value
        for node in nodes
        if node.type in ("function", "partial") and node.procedure.type == "variable"
    }
    top_level = tuple(dict.fromkeys(_at_top_level(tree)))
    context_paths = frozenset(filter(None, (_names_below_context(node) for node in nodes if node.type == "path")))
    return References(
        top_level,
        frozenset(states_fields),
        frozenset(named - bound),
        frozenset(called - bound - {"", "$"}),
        context_paths,
    )


def _names_below_context(path: Any) -> tuple[str, ...]:
    steps = path.steps
    if len(steps) < 3 or not _is_states(steps[0]) or steps[1].type != "name" or steps[1].value != "context":
        return ()
    return tuple(step.value for step in takewhile(lambda step: step.type == "name" and not step.stages, steps[2:]))


def _is_states(node: Any) -> bool:
    return bool(node.type == "variable" and node.value == "states")


_PARTS = (
    *("steps", "stages", "predicate", "expr", "group", "lhs", "rhs", "lhs_object", "rhs_object", "terms", "expression"),
    *("procedure", "arguments", "body", "condition", "then", "_else", "expressions", "pattern", "update", "delete"),
)


def _nodes(tree: Any) -> Iterator[Any]:
    """Yield all nodes of a syntax tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend(node)
        elif hasattr(node, "type"):
            yield node
            waiting.extend(part for part in map(vars(node).get, _PARTS) if part is not None)


def _bound(node: Any) -> Iterator[str]:
    """Yield the variables that a node binds: `:=`, a function's parameters, `@$focus` and `#$index`."""
    if node.type == "bind":
        yield node.lhs.value
    elif node.type == "lambda":
        yield from (parameter.value for parameter in node.arguments)
    for part in (node.focus, node.index):
        if isinstance(part, str):
            yield part
    for stage in node.stages or ():
        if stage.type == "index":
            yield stage.value


def _at_top_level(node: Any) -> Iterator[str]:
    """Yield the names that an expression reads without a context: in the first step of a path, in all lines of a block.

    Predicates, later steps, sort terms and groups have a context and are left out.
    """
    if isinstance(node, (list, tuple)):
        for part in node:
            yield from _at_top_level(part)
    elif node is None:
        return
    elif node.type == "path":
        yield from _at_top_level(node.steps[0])
    elif node.type == "name":
        yield node.value
    elif node.type == "variable":
        yield from {"": ("$",), "$": ("$$",)}.get(node.value, ())
    else:
        for part in _SAME_CONTEXT.get(node.type, ()):
            yield from _at_top_level(getattr(node, part))


_SAME_CONTEXT = {
    "unary": ("expression", "expressions", "lhs_object"),
    "binary": ("lhs", "rhs"),
    "apply": ("lhs", "rhs"),
    "function": ("procedure", "arguments"),
    "partial": ("procedure", "arguments"),
    "lambda": ("body",),
    "condition": ("condition", "then", "_else"),
    "block": ("expressions",),
    "bind": ("rhs",),
}


@cache
def function_names() -> frozenset[str]:
    """Return the names of JSONata's functions and of the service's own; the service does not have `eval`."""
    return frozenset([*_library().static_frame.bindings, *_SERVICE_FUNCTIONS]) - {"eval"}


@cache
def _library() -> Any:
    limit = sys.getrecursionlimit()
    from jsonata import Jsonata  # lazy import: 40 ms, not needed by JSONPath workflows

    sys.setrecursionlimit(limit)  # its import raises the limit for the whole process
    return Jsonata


def _engine(pattern: str, flags: Any) -> Any:
    import regex

    compiled = regex.compile(
        pattern, (regex.I if flags.case_insensitive else 0) | (regex.M if flags.multiline else 0) | regex.V0
    )
    return _Bounded(compiled)


class _Bounded:
    """A regular expression that fails after LONGEST_SECONDS instead of hanging."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def search(self, text: str) -> Any:
        """Search; the library recognizes a pattern by this method."""
        return self._pattern.search(text, timeout=LONGEST_SECONDS)

    def finditer(self, text: str) -> Any:
        return self._pattern.finditer(text, timeout=LONGEST_SECONDS)

    def sub(self, repl: Any, text: str, count: int = 0) -> Any:
        return self._pattern.sub(repl, text, count=count, timeout=LONGEST_SECONDS)

    def split(self, text: str, maxsplit: int = 0) -> Any:
        return self._pattern.split(text, maxsplit=maxsplit, timeout=LONGEST_SECONDS)
