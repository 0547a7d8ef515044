"""JSONata expressions as symbols: a plain path is followed, anything else is computed."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.flow import CHANCE, START, Flow, computed, context_of, exists
from workflow_dsl.exploration.search.hints import combined, samples_for
from workflow_dsl.exploration.search.symbols import (
    Computed,
    Fields,
    Items,
    Known,
    Leaf,
    Missing,
    Symbol,
    embedded,
    follow,
    is_known,
    leaves_of,
)
from workflow_dsl.exploration.search.worlds import Need, World
from workflow_dsl.expressions.jsonata import expression_in, parse_jsonata, references_in
from workflow_dsl.expressions.jsonata.evaluation import FUNCTION, UNDEFINED, evaluate_jsonata
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.expressions.jsonata.syntax.tree import Literal, Name, Node, Path, Pattern, Variable, walk


@lru_cache(maxsize=1024)
def _nodes_of(node: Node) -> tuple[Node, ...]:
    """A node and all nodes below it."""
    return tuple(walk(node))


Names = Mapping[str, Symbol]  # the variables of an expression, `states` among them


def names_of(flow: Flow, state: str, **states: Symbol) -> Names:
    """Return the variables that a state's expressions see; `states` are fields of $states."""
    return {**flow.variables, "states": Fields({**states, "context": context_of(flow, state)})}


def query(value: Json, names: Names) -> tuple[Symbol, tuple[Need, ...]]:
    """Return the symbol of a field with JSONata strings in it, and the conditions of its value. Raises Missing."""
    if isinstance(value, str):
        expression = expression_in(value)
        if expression is None:
            return Known(value), ()
        symbol = symbol_of(expression, names)
        return symbol, (exists(symbol),)
    if isinstance(value, dict):
        fields = {name: query(each, names) for name, each in value.items()}
        return Fields({name: each for name, (each, _) in fields.items()}), _needs(fields.values())
    if isinstance(value, list):
        items = [query(member, names) for member in value]
        return Items(tuple(each for each, _ in items)), _needs(items)
    return Known(value), ()


def _needs(parts: Any) -> tuple[Need, ...]:
    return tuple(need for _, needs in parts for need in needs)


def symbol_of(expression: str, names: Names) -> Symbol:
    """Return the symbol of an expression. Raises Missing if it cannot have a value."""
    node = parse_jsonata(expression)
    steps = plain_steps(node)
    if steps is not None and steps[0] in names:
        with suppress(Missing):  # a list, whose items it maps
            symbol = follow(names[str(steps[0])], steps[1:])
            if isinstance(symbol, (Leaf, Known)):
                return symbol
        if steps[:2] == ("states", "context") and steps[2:3] != ("Map",):
            follow(names["states"], steps[1:])  # has all its fields, and no other
    text = _parsed_text(node, names)
    if text is not None:
        return embedded(text)
    return evaluated(expression, node, names)


def _parsed_text(node: Node, names: Names) -> Leaf | None:
    """The leaf whose text `$parse` reads as JSON; None for any other expression."""
    if isinstance(node, tree.Call) and isinstance(node.procedure, Variable) and node.procedure.name == "parse":
        steps = plain_steps(node.arguments[0])
        if steps is not None and steps[0] in names:
            with suppress(Missing):
                symbol = follow(names[str(steps[0])], steps[1:])
                return symbol if isinstance(symbol, Leaf) else None
    return None


def evaluated(expression: str, node: Node, names: Names) -> Symbol:
    """Return the computed symbol of an expression, with the leaves and constants in a part of its tree."""
    references = references_in(expression)
    states = names["states"]
    inside_states = states.own if isinstance(states, Fields) else {}
    used = {name: names[name] for name in sorted(references.variables) if name in names and name != "states"}
    fields = {name: inside_states[name] for name in sorted(references.states_fields) if name in inside_states}
    variables, inside = list(used), list(fields)

    def compute(*values: Json) -> Json:
        known = dict(zip((*variables, *inside), values, strict=True))
        given = {name: known[name] for name in variables}
        given["states"] = dict(zip(inside, values[len(variables) :], strict=True))
        result = evaluate_jsonata(expression, given, now=lambda: START, random=CHANCE)
        if result is UNDEFINED or result is FUNCTION:
            raise Missing
        return result

    operands = (*used.values(), *fields.values())
    leaves, constants = tuple(leaves_in(node, names)), tuple(constants_in(node))
    is_keyed = any(
        isinstance(inner, tree.Grouped) or (isinstance(inner, Path) and inner.group) for inner in _nodes_of(node)
    )
    return computed(compute, operands, leaves, constants, _first_of(node, names), is_keyed=is_keyed)


def _first_of(node: Node, names: Names) -> Leaf | None:
    """The leaf of the first item of what a predicate or a sort leaves of a list."""
    steps = node.steps if isinstance(node, Path) else ()
    is_part = isinstance(steps[-1].node, tree.Sort) or steps[-1].stages if steps else isinstance(node, tree.Filtered)
    symbol = _root_of(steps[0].node if steps else node, names) if is_part else None
    if symbol is None:
        return None
    with suppress(Missing):
        fields = tuple(step.node.value for step in steps if isinstance(step.node, Name))
        return next(leaves_of(follow(symbol, (*fields, 0))), None)
    return None


def plain_steps(node: Node) -> tuple[str | int, ...] | None:
    """Return the names and indexes of a path that has nothing else, its variable first; None for another node."""
    if isinstance(node, Variable):
        return (node.name,)
    if not isinstance(node, Path) or node.group or node.keep_singleton:
        return None
    first, *others = node.steps
    if not isinstance(first.node, Variable) or first.node.name in ("", "$") or first.stages:
        return None
    steps: list[str | int] = [first.node.name]
    for step in others:
        if not isinstance(step.node, Name) or step.focus or step.index:
            return None
        steps.append(step.node.value)
        for stage in step.stages:
            if not (isinstance(stage, Literal) and isinstance(stage.value, int) and stage.value >= 0):
                return None
            steps.append(stage.value)
    return tuple(steps)


def leaves_in(node: Node, names: Names) -> Iterator[Leaf]:
    """Yield the leaves that the paths of a tree read; below a predicate, those of the first item."""
    names = ChainMap(dict(_parameters_in(node, names)), names)  # type: ignore[arg-type]  # is only read
    for inner in _nodes_of(node):
        if isinstance(inner, Path):
            yield from _leaves_of_path(inner, names)
        elif isinstance(inner, Variable) and inner.name in names and inner.name != "states":
            yield from leaves_of(names[inner.name])
        elif isinstance(inner, tree.Filtered) and (symbol := _root_of(inner, names)) is not None:
            for below in _in_stages(symbol, inner.predicates):
                yield from leaves_of(below)


def _parameters_in(node: Node, names: Names) -> Iterator[tuple[str, Symbol]]:
    """Yield the parameter of a function that is called for each item of a list, as the first item."""
    for call in _nodes_of(node):
        if isinstance(call, tree.Call) and len(call.arguments) > 1 and isinstance(call.arguments[1], tree.Lambda):
            steps = plain_steps(call.arguments[0])
            if steps is not None and steps[0] in names and call.arguments[1].parameters:
                with suppress(Missing):
                    yield call.arguments[1].parameters[0], follow(names[str(steps[0])], (*steps[1:], 0))


def _leaves_of_path(path: Path, names: Names) -> Iterator[Leaf]:
    symbol = _root_of(path.steps[0].node, names)
    for part in () if symbol is None else _symbols_of_path(path, symbol):
        if not (isinstance(part, Fields) and path.steps[1:] == ()):
            yield from leaves_of(part)


def _symbols_of_path(path: Path, symbol: Symbol) -> list[Symbol]:
    below: list[Symbol] = []
    whole: list[Symbol] = []
    try:
        for step in path.steps[1:]:
            if isinstance(step.node, tree.Descendants):
                continue
            name = _field_of(step.node)
            if name is None:
                below += _in_stages(symbol, (step.node,))
                break
            symbol = symbol.items[0] if isinstance(symbol, Items) and symbol.items else symbol  # a list is mapped
            symbol = follow(symbol, (name,))
            if step.stages:
                below += _in_stages(symbol, step.stages)
                whole.append(symbol)
                symbol = follow(symbol, (_index_in(step.stages),))
        for key, value in path.group or ():
            below += _in_group(symbol, key, value)
    except Missing:
        whole += [symbol] if isinstance(symbol, Items) else []
    return [*whole, *below, symbol]


def _field_of(node: Node) -> str | None:
    """The name of a step of a path; any for a wildcard."""
    return node.value if isinstance(node, Name) else "key" if isinstance(node, tree.Wildcard) else None


def _root_of(first: Node, names: Names) -> Symbol | None:
    """The value that a path starts at: a variable, or the JSON in a text."""
    if isinstance(first, tree.Filtered):
        first = first.node
    text = _parsed_text(first, names)
    if text is not None:
        return embedded(text)
    return names[first.name] if isinstance(first, Variable) and first.name in names else None


def _index_in(stages: tuple[Node, ...]) -> int:
    first = stages[0]
    return max(first.value, 0) if isinstance(first, Literal) and isinstance(first.value, int) else 0


def _in_group(symbol: Symbol, key: Node, value: Node) -> Iterator[Symbol]:
    """Yield what a group reads of the first item of a list, and the key of the second, which may be another one."""
    for index, node in ((0, key), (0, value), (1, key)):
        yield from _in_stages(symbol, (node,), index)


def _in_stages(symbol: Symbol, stages: tuple[Node, ...], index: int = 0) -> Iterator[Symbol]:
    for stage in stages:
        for node in _nodes_of(stage):
            if isinstance(node, Path) and isinstance(node.steps[0].node, Name):
                steps = [step.node.value for step in node.steps if isinstance(step.node, Name)]
                try:
                    yield follow(symbol, (index, *steps))
                except Missing:
                    continue


def constants_in(node: Node, names: Names | None = None) -> Iterator[Json]:
    """Yield samples for the functions of a tree, its constants, and those that its variables (`names`) have."""
    words = list(_words_in(node))
    literals = [inner.value for inner in _nodes_of(node) if isinstance(inner, Literal)]
    yield from samples_for(words)
    yield from _texts_in(node)
    yield from literals
    for inner in _nodes_of(node):
        if isinstance(inner, Variable) and names and inner.name in names and inner.name != "states":
            symbol = names[inner.name]
            yield from symbol.constants if isinstance(symbol, Computed) else ()
            yield from _scalars_in(World().value(symbol)) if is_known(symbol) else ()
        elif isinstance(inner, Path) and names:
            yield from _keys_in(inner, names)
    yield from combined(words, literals)


def _keys_in(path: Path, names: Names) -> Iterator[Json]:
    """Yield the names of the fields that a path reads of a group."""
    symbol = _root_of(path.steps[0].node, names)
    for step in path.steps[1:]:
        if symbol is None or not isinstance(step.node, Name):
            return
        if isinstance(symbol, Computed) and symbol.is_keyed:
            yield step.node.value
        try:
            symbol = follow(symbol, (step.node.value,))
        except Missing:
            return


def _words_in(node: Node) -> Iterator[str]:
    for inner in _nodes_of(node):
        if isinstance(inner, tree.Call) and isinstance(inner.procedure, Variable):
            yield inner.procedure.name
        elif isinstance(inner, tree.Binary):
            yield inner.operator


def _scalars_in(value: Any) -> Iterator[Json]:
    """The keys and values of a known object, and the items of a known list."""
    for member in (
        (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    ):
        if isinstance(member, (str, int, float)):
            yield member


def _texts_in(node: Node) -> Iterator[Json]:
    """For a regular expression, texts that it may match."""
    for inner in _nodes_of(node):
        if isinstance(inner, Pattern):
            yield from _examples(inner.source)


def _examples(source: str) -> Iterator[str]:
    """Texts that a simple regular expression matches: its classes and repetitions replaced by one character each."""
    text = re.sub(r"\\d|\[0-9\]", "1", source.strip("^$"))
    text = re.sub(r"\\w|\[\^?[^\]]*\]|\\S", "a", text)
    text = re.sub(r"\(\?:|[()]", "", text.split("|")[0])
    text = re.sub(r"(.)\{(\d+)[^}]*\}", lambda match: match[1] * int(match[2]), text)
    yield re.sub(r"\\(.)", r"\1", re.sub(r"[+?]|(?<!\\)\*", "", text).replace("\\s", " "))
