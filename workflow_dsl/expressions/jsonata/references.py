"""The names in an expression: what it reads, calls and binds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import takewhile

from workflow_dsl.expressions.jsonata.parsing import MOST_EXPRESSIONS, parse_jsonata
from workflow_dsl.expressions.jsonata.syntax.tree import (
    Apply,
    Array,
    Binary,
    Bind,
    Block,
    Call,
    Condition,
    Filtered,
    Grouped,
    Index,
    Lambda,
    Literal,
    Name,
    Negation,
    Node,
    Object,
    PartialCall,
    Path,
    Step,
    Variable,
    parts,
    walk,
)
from workflow_dsl.records import Record


class References(Record):
    """The names that an expression refers to."""

    top_level: tuple[str, ...]  # names, `$` and `$$` where there is no context, so that they have no value
    states_fields: frozenset[str]  # fields of `$states`
    variables: frozenset[str]  # without those that the expression binds itself
    called: frozenset[str]  # the variables that are called as functions
    context_paths: frozenset[tuple[str, ...]] = frozenset()  # below `$states.context`, as far as their steps are names
    named: frozenset[str] = frozenset()  # the variables and functions, with those that the expression binds
    on_strings: tuple[str, ...] = ()  # the arithmetic operators with an operand that is a string, which fail


@lru_cache(maxsize=MOST_EXPRESSIONS)
def references_in(expression: str) -> References:
    """Return the names that an expression refers to. Raises SyntaxProblem."""
    tree = parse_jsonata(expression)
    nodes = list(walk(tree))
    bound = {name for node in nodes for name in _bound(node)}
    paths = [node for node in nodes if isinstance(node, Path)]
    named = {node.name for node in nodes if isinstance(node, Variable) and node.name not in ("", "$")}
    called = {
        node.procedure.name
        for node in nodes
        if isinstance(node, (Call, PartialCall)) and isinstance(node.procedure, Variable)
    }
    fields = frozenset(names[0] for path in paths if (names := _names_below_states(path)))
    below_context = (_names_below_context(path) for path in paths)
    return References(
        tuple(dict.fromkeys(_at_top_level(tree))),
        fields,
        frozenset(named - bound),
        frozenset(called - bound - {"", "$"}),
        frozenset(filter(None, below_context)),
        frozenset(named),
        tuple(node.operator for node in nodes if isinstance(node, Binary) and _is_on_string(node, bound)),
    )


def _is_on_string(node: Binary, bound: set[str]) -> bool:
    """True for arithmetic with a string (T2001 and T2002, whatever the other operand is)."""
    return node.operator in ("+", "-", "*", "/", "%") and any(
        is_string(each, bound) for each in (node.left, node.right)
    )


def is_string(node: Node, bound: Collection[str] = frozenset()) -> bool:
    """Return True if a node always has a string for its value, or none at all."""
    if isinstance(node, Path) and len(node.steps) == 1 and not node.steps[0].stages and not node.group:
        node = node.steps[0].node
    if isinstance(node, Block) and len(node.expressions) == 1:
        return is_string(node.expressions[0], bound)
    if isinstance(node, Call) and isinstance(node.procedure, Variable):
        return node.procedure.name in _GIVING_STRINGS and node.procedure.name not in bound
    is_concatenation = isinstance(node, Binary) and node.operator == "&"
    return is_concatenation or (isinstance(node, Literal) and isinstance(node.value, str))


_GIVING_STRINGS = frozenset(
    ("formatNumber", "join", "lowercase", "now", "replace", "string", "substring", "trim", "uppercase", "uuid")
)


def _names_below_states(path: Path) -> tuple[str, ...]:
    first = path.steps[0].node
    first = first.node if isinstance(first, Filtered) else first
    if not isinstance(first, Variable) or first.name != "states":
        return ()
    names = takewhile(lambda step: isinstance(step.node, Name), path.steps[1:])
    return tuple(step.node.value for step in names if isinstance(step.node, Name))


def _names_below_context(path: Path) -> tuple[str, ...]:
    names = _names_below_states(path)
    if names[:1] != ("context",):
        return ()
    plain = len(list(takewhile(lambda step: not step.stages, path.steps[2:])))
    return names[1 : 1 + plain]


def _bound(node: Node) -> Iterator[str]:
    """Yield the variables that a node binds: `:=`, a function's parameters, `@$focus` and `#$index`."""
    if isinstance(node, (Bind, Index)):
        yield node.name
    elif isinstance(node, Lambda):
        yield from node.parameters
    elif isinstance(node, Step):
        yield from (name for name in (node.focus, node.index) if name is not None)


def _at_top_level(node: Node) -> Iterator[str]:
    """Yield the names that an expression reads without a context: in the first step of a path, in all lines of a block.

    Predicates, later steps, sort terms and groups have a context and are left out.
    """
    if isinstance(node, (Path, Filtered, Grouped)):
        yield from _at_top_level(node.steps[0].node if isinstance(node, Path) else node.node)
    elif isinstance(node, Name):
        yield node.value
    elif isinstance(node, Variable):
        yield from {"": ("$",), "$": ("$$",)}.get(node.name, ())
    elif isinstance(node, _SAME_CONTEXT):
        for part in parts(node):
            yield from _at_top_level(part)


_SAME_CONTEXT = (Apply, Array, Binary, Bind, Block, Call, Condition, Lambda, Negation, Object, PartialCall)
