"""The conditions under which a Choice takes a rule: its own holds, and those before it do not.

An And, Or or Not is taken apart in the order of its evaluation, so that each condition has few values to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.exact import is_exact_node, is_exact_rule
from workflow_dsl.exploration.search.flow import CHANCE, NEVER, NOTHING, START, Flow, read
from workflow_dsl.exploration.search.queries import Names, constants_in, leaves_in
from workflow_dsl.exploration.search.symbols import (
    Known,
    Leaf,
    Missing,
    Symbol,
    constants_of,
    follow,
    leaves_of,
    reads_of,
)
from workflow_dsl.exploration.search.worlds import Need, World
from workflow_dsl.expressions.jsonata import expression_in, parse_jsonata, references_in
from workflow_dsl.expressions.jsonata.compiling.compiler import compile_tree
from workflow_dsl.expressions.jsonata.library import functions
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.expressions.jsonata.syntax.tree import Binary, Block, Call, Condition, Node, Variable, walk
from workflow_dsl.expressions.jsonata.values import UNDEFINED, is_true
from workflow_dsl.expressions.problems import PathNotFound
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.local.engine.choice import rule_matches
from workflow_dsl.records import replace

Needs = tuple[Need, ...]
_MOST_ALTERNATIVES = 64


def rule_needs(
    rule: Mapping[str, Any], want: bool, flow: Flow, state: str, *, decides: bool = False
) -> Iterator[Needs]:
    """Yield the alternatives under which a JSONPath rule holds, or does not.

    If `decides`, numbers are at the bounds, and the other comparisons leave the decision to one as far as they can.
    """
    for name, parts, is_and in (("And", rule.get("And"), True), ("Or", rule.get("Or"), False)):
        if name in rule and isinstance(parts, list):
            yield from _in_order(parts, want, is_and, flow, state, decides=decides)
            return
    if "Not" in rule:
        yield from rule_needs(rule["Not"], not want, flow, state, decides=decides)
        return
    yield (_comparison(rule, want, flow, state, decides=decides),)


def _in_order(parts: list[Any], want: bool, is_and: bool, flow: Flow, state: str, *, decides: bool) -> Iterator[Needs]:
    if want is is_and:
        yield from _all(parts, is_and, flow, state)
        return
    for number, part in enumerate(parts):
        after = next(_all(parts[number + 1 :], is_and, flow, state), ()) if decides else ()
        for before in _all(parts[:number], is_and, flow, state):
            for own in rule_needs(part, want, flow, state, decides=decides):
                yield (*before, *own, *(replace(need, is_wish=True) for need in after))


def _all(parts: list[Any], want: bool, flow: Flow, state: str) -> Iterator[Needs]:
    if not parts:
        yield ()
        return
    for first in rule_needs(parts[0], want, flow, state):
        for others in _all(parts[1:], want, flow, state):
            yield (*first, *others)


def alternatives_of(rule: Mapping[str, Any], want: bool) -> int:
    """Return how many alternatives a rule has under which it holds, or does not; 0 for one whose Condition is none."""
    if "Condition" in rule:
        expression = expression_in(rule["Condition"])
        return 0 if expression is None else sum(1 for _ in _of_tree(parse_jsonata(expression), want))
    for name, is_and in (("And", True), ("Or", False)):
        if isinstance(rule.get(name), list):
            counts = [(alternatives_of(part, want), alternatives_of(part, not want)) for part in rule[name]]
            if want is is_and:
                return prod(own for own, _ in counts)
            return sum(own * prod(other for _, other in counts[:number]) for number, (own, _) in enumerate(counts))
    return alternatives_of(rule["Not"], not want) if "Not" in rule else 1


def has_bound(rule: Mapping[str, Any]) -> bool:
    """True for a comparison of a number with a bound."""
    if "Condition" in rule:
        expression = expression_in(rule["Condition"])
        return expression is not None and _bound_in(parse_jsonata(expression)) is not None
    return _numeric_bound(rule) is not None


def _numeric_bound(rule: Mapping[str, Any]) -> tuple[str, float | str] | None:
    """The operator and the bound of a rule that compares the order of numbers: a number, or the path of one."""
    return next(
        ((name.removesuffix("Path"), rule[name]) for name in rule if name.removesuffix("Path") in _ORDERS), None
    )


def _bound_in(node: Node) -> Binary | None:
    """A comparison of the order of what may be numbers."""
    if not isinstance(node, Binary) or node.operator not in ("<", "<=", ">", ">="):
        return None
    sides = (node.left, node.right)
    return None if any(isinstance(side, tree.Literal) and isinstance(side.value, str) for side in sides) else node


_ORDERS = ("NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals")


def _is_at_bound(value: Json, bound: Json, *, has_equality: bool) -> bool:
    """True for the bound itself if it fulfils the condition, else for a number next to it."""
    if not (isinstance(value, (int, float)) and isinstance(bound, (int, float))) or bool in (type(value), type(bound)):
        return False
    return value == bound if has_equality else 0 < abs(value - bound) <= 1


def _comparison(rule: Mapping[str, Any], want: bool, flow: Flow, state: str, *, decides: bool) -> Need:
    texts = [str(value) for name, value in rule.items() if name == "Variable" or name.endswith("Path")]
    symbols = {text: _symbol_at(text, flow, state) for text in texts}
    operand = next((value for name, value in rule.items() if name not in _OTHERS and not name.endswith("Path")), None)
    known = [symbol for symbol in symbols.values() if symbol is not None]

    def test(world: World) -> bool:
        def value(path: str) -> Json:
            symbol = symbols[path]
            if symbol is None:
                raise PathNotFound
            try:
                return world.value(symbol)
            except Missing:
                raise PathNotFound from None

        def is_present(path: str) -> bool:
            try:
                value(path)
            except PathNotFound:
                return False
            return True

        return rule_matches(rule, value, is_present) is want

    samples = _typed(rule)
    constants = [operand, *(constant for symbol in known for constant in constants_of(symbol))]
    values = tuple(value for value in (*samples, *constants) if value is not None)
    is_exact = is_exact_rule(rule, symbols, want=want)
    bound = _numeric_bound(rule) if decides else None
    prefers = _likes_samples(known, samples) if bound is None else _likes_bound(rule, symbols, *bound, want=want)
    return Need(test, reads_of(*known), _leaves(known), values, is_sharp=True, is_exact=is_exact, prefers=prefers)


def _symbol_at(text: str, flow: Flow, state: str) -> Symbol | None:
    try:
        return read(text, flow, state)
    except Missing:
        return None


def _likes_samples(symbols: list[Symbol], samples: tuple[Json, ...]) -> Callable[[World], bool]:
    """A preference for values of the type of samples."""
    return lambda world: all(_is_like(world.value(symbol), sample) for sample in samples for symbol in symbols)


def _likes_bound(
    rule: Mapping[str, Any], symbols: Mapping[str, Symbol | None], operator: str, bound: float | str, *, want: bool
) -> Callable[[World], bool]:
    """A preference for the bound of a comparison, or for a number next to it."""
    has_equality = operator.endswith("Equals") is want
    compared = symbols[rule["Variable"]] or NOTHING
    other = Known(bound) if not isinstance(bound, str) else symbols[bound] or NOTHING
    return lambda world: _is_at_bound(world.value(compared), world.value(other), has_equality=has_equality)


def _typed(rule: Mapping[str, Any]) -> tuple[Json, ...]:
    """A sample of the type that two fields must have to be compared."""
    names = [name for name in rule if name.endswith("Path")]
    return next((sample for prefix, sample in _SAMPLES.items() for name in names if name.startswith(prefix)), ())


def _is_like(value: Json, sample: Json) -> bool:
    """True for a value of the type of a sample, as far as rules tell types apart."""
    if parse_timestamp(sample) is not None:
        return parse_timestamp(value) is not None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return isinstance(sample, (int, float)) and not isinstance(sample, bool)
    return type(value) is type(sample)


_SAMPLES: dict[str, tuple[Json, ...]] = {
    "Timestamp": ("2026-01-31T12:00:00Z",),
    "Numeric": (1,),
    "String": ("value",),
    "Boolean": (True,),
}
_OTHERS = frozenset(("Variable", "Next", "Comment", "Assign", "Output"))


def _leaves(symbols: list[Symbol]) -> tuple[Leaf, ...]:
    return tuple(dict.fromkeys(leaf for symbol in symbols for leaf in leaves_of(symbol)))


def condition_needs(rule: Mapping[str, Any], want: bool, names: Names, *, decides: bool = False) -> Iterator[Needs]:
    """Yield the alternatives under which a JSONata rule holds, or does not.

    If `decides`, numbers are at the bounds, and the other comparisons leave the decision to one as far as they can.
    """
    text: Json = rule["Condition"]
    if isinstance(text, bool):
        yield () if text is want else (NEVER,)
        return
    expression = expression_in(text)
    if expression is None:
        yield (NEVER,)
        return
    whole = _atom(expression, _Part(parse_jsonata(expression), want), names, is_whole=True)
    for parts in _of_tree(parse_jsonata(expression), want, decides=decides):
        yield (*(_atom(expression, part, names, decides=decides) for part in parts), whole)


class _Part(NamedTuple):
    """A part of a condition, and the value that it must have; `is_wish` if it need not."""

    node: Node
    want: bool
    is_wish: bool = False


def _of_tree(node: Node, want: bool, *, decides: bool = False) -> Iterator[tuple[_Part, ...]]:
    """Yield the parts of a condition that must be true or false, so that the whole is."""
    if isinstance(node, Block) and len(node.expressions) == 1:
        yield from _of_tree(node.expressions[0], want, decides=decides)
    elif isinstance(node, Binary) and node.operator in ("and", "or"):
        first = node.operator == "and"  # what leaves the decision to the other side
        if want is not first:
            parts = next(_of_tree(node.right, first), ()) if decides else ()
            wishes = [part._replace(is_wish=True) for part in parts]
            yield from ((*left, *wishes) for left in _of_tree(node.left, want, decides=decides))
        for left in _of_tree(node.left, first):
            yield from ((*left, *right) for right in _of_tree(node.right, want, decides=decides))
    elif isinstance(node, Call) and _name(node.procedure) == "not" and len(node.arguments) == 1:
        yield from _of_tree(node.arguments[0], not want, decides=decides)
    elif isinstance(node, Condition) and node.otherwise is not None:
        for is_then, branch in ((True, node.then), (False, node.otherwise)):
            for condition in _of_tree(node.condition, is_then):
                yield from ((*condition, *parts) for parts in _of_tree(branch, want))
    else:
        yield (_Part(node, want),)


def _name(node: Node) -> str:
    return node.name if isinstance(node, Variable) else ""


def _atom(expression: str, part: _Part, names: Names, *, is_whole: bool = False, decides: bool = False) -> Need:
    """The condition that a part of an expression is as true as wanted; the whole one must be a boolean."""
    node, want, is_wish = part
    references = references_in(expression)
    used = [name for name in sorted(references.variables) if name in names and name != "states"]
    states = names["states"]
    fields = {name: symbol for name in sorted(references.states_fields) if (symbol := _part(states, name)) is not None}

    def value_of(node: Node, world: World) -> Any:
        code, extra = _compiled(node)
        variables: dict[str, Any] = {name: world.value(names[name]) for name in used}
        variables["states"] = _present(world, fields)
        return code(UNDEFINED, [None, Run(variables, lambda: START, CHANCE), *extra])

    def test(world: World) -> bool:
        value = value_of(node, world)
        return (value if is_whole else is_true(value)) is want

    own = {inner.name for inner in walk(node) if isinstance(inner, Variable)} & {*names}
    need = Need(
        test,
        reads_of(*(names[name] for name in used), *fields.values()),
        tuple(dict.fromkeys(leaves_in(node, names))),
        tuple(constants_in(node, names)),
        is_sharp=not is_whole,
        is_exact=is_exact_node(node, names),
        is_wish=is_wish,
        operands=() if "states" in own else tuple(names[name] for name in sorted(own)),
    )
    bound = _bound_in(node) if decides else None
    return need if bound is None else _at_bound(need, bound, value_of, want=want)


def _at_bound(need: Need, bound: Binary, value_of: Callable[[Node, World], Any], *, want: bool) -> Need:
    """A condition that prefers numbers at the bound of its comparison; what is compared is tried on the other side."""
    sides = (bound.left, bound.right)

    def is_preferred(world: World) -> bool:
        left, right = (value_of(side, world) for side in sides)
        return _is_at_bound(left, right, has_equality=("=" in bound.operator) is want)

    def compared(world: World) -> list[Json]:
        values: list[Json] = []
        for side in sides:
            with suppress(Exception):  # of any expression
                values.append(value_of(side, world))
        return [constant for constant in values if isinstance(constant, (int, float))]

    limits = [side.value for side in sides if isinstance(side, tree.Literal)]
    return replace(need, constants=(*limits, *need.constants), prefers=is_preferred, near=compared)


_Compiled = tuple[Any, tuple[Any, ...]]


@lru_cache(maxsize=1024)
def _compiled(node: Node) -> _Compiled:
    return compile_tree(node, functions())


def _part(states: Symbol, name: str) -> Symbol | None:
    try:
        return follow(states, (name,))
    except Missing:
        return None


def _present(world: World, fields: Mapping[str, Symbol]) -> dict[str, Json]:
    """The fields of $states that an expression reads and that have a value."""
    values: dict[str, Json] = {}
    for name, symbol in fields.items():
        with suppress(Missing):
            values[name] = world.value(symbol)
    return values
