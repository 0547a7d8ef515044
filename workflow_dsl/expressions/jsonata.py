"""JSONata parsed by `jsonata-python`, loaded when first needed, and what an expression refers to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.problems import SyntaxProblem

_OWN = ("partition", "range", "hash", "random", "uuid", "parse")
LONGEST_SECONDS = 5  # that an expression, or a regular expression in it, may take


def expression_in(text: Json) -> str | None:
    """What stands between `{%` and `%}` when a value is a JSONata string, else None."""
    if isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= 4:
        return text[2:-2].strip()
    return None


@lru_cache(maxsize=2048)
def parse_jsonata(expression: str) -> Any:
    """The compiled expression. Raises SyntaxProblem, in JSONata's own words."""
    Jsonata = _library()  # noqa: N806
    try:
        compiled = Jsonata(f"{expression} ", _engine)  # it trips over a comment that ends the text
    except RecursionError:
        raise SyntaxProblem("the expression is nested too deeply") from None
    except Exception as problem:  # its parser raises whatever it trips over
        raise SyntaxProblem(str(problem)) from None
    compiled.set_output_convert_nulls(False)
    return compiled


@dataclass(frozen=True, slots=True)
class References:
    """What an expression refers to, by name."""

    top_level: tuple[str, ...]  # names, `$` and `$$` read where there is no context to read them from
    of_states: frozenset[str]  # fields of `$states`
    variables: frozenset[str]  # those that the expression does not bind itself
    called: frozenset[str]  # the functions among them
    of_context: frozenset[tuple[str, ...]] = frozenset()  # the paths below `$states.context`, as far as they are names


@lru_cache(maxsize=2048)
def references(expression: str) -> References:
    """What an expression refers to. Raises SyntaxProblem."""
    tree = parse_jsonata(expression).ast
    nodes = list(_nodes(tree))
    bound = {name for node in nodes for name in _bound(node)}
    named = {node.value for node in nodes if node.type == "variable" and node.value not in ("", "$")}
    of_states = {
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
    of_context = frozenset(filter(None, (_names_below_context(node) for node in nodes if node.type == "path")))
    return References(
        top_level, frozenset(of_states), frozenset(named - bound), frozenset(called - bound - {"", "$"}), of_context
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
    """Every node of a syntax tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting.extend(node)
        elif hasattr(node, "type"):
            yield node
            waiting.extend(part for part in map(vars(node).get, _PARTS) if part is not None)


def _bound(node: Any) -> Iterator[str]:
    """The variables that a node gives a value: `:=`, a function's parameters, `@$focus` and `#$index`."""
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
    """The names an expression reads where nothing is the context: of a path its first step, of a block every line.

    What stands in predicates, later steps, sort terms and groups has a context, and is not looked at.
    """
    if isinstance(node, (list, tuple)):
        for each in node:
            yield from _at_top_level(each)
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
def functions() -> frozenset[str]:
    """The names of JSONata's functions and of the service's own."""
    return frozenset([*_library().static_frame.bindings, *_OWN]) - {"eval"}


@cache
def _library() -> Any:
    limit = sys.getrecursionlimit()
    from jsonata import Jsonata  # 40 ms that a JSONPath workflow need not wait for

    sys.setrecursionlimit(limit)  # which its import raises for the whole process
    return Jsonata


def _engine(pattern: str, flags: Any) -> Any:
    import regex

    compiled = regex.compile(
        pattern, (regex.I if flags.case_insensitive else 0) | (regex.M if flags.multiline else 0) | regex.V0
    )
    return _Bounded(compiled)


class _Bounded:
    """A regular expression that gives up after a while instead of hanging."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def search(self, text: str) -> Any:
        """What the library knows a pattern by."""
        return self._pattern.search(text, timeout=LONGEST_SECONDS)

    def finditer(self, text: str) -> Any:
        return self._pattern.finditer(text, timeout=LONGEST_SECONDS)

    def sub(self, repl: Any, text: str, count: int = 0) -> Any:
        return self._pattern.sub(repl, text, count=count, timeout=LONGEST_SECONDS)

    def split(self, text: str, maxsplit: int = 0) -> Any:
        return self._pattern.split(text, maxsplit=maxsplit, timeout=LONGEST_SECONDS)
