"""JSONata conditions: what an expression sees where a condition holds, and where it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from workflow_dsl.expressions.jsonata.parsing import MOST_EXPRESSIONS, parse_jsonata
from workflow_dsl.expressions.jsonata.references import references_in
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.records import Record, replace
from workflow_dsl.shapes.choice import common, less
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.reading import refined, step_into, without
from workflow_dsl.shapes.scene import Variables
from workflow_dsl.shapes.shape import Shape, join, joined

Values = tuple[Shape | None, ...]  # of the variables in an expression: what a cache of its shapes has as a key


class Names(Record):
    """The values that an expression sees: `$states` and the variables, and the context `$` inside of a path.

    `variables` are `$states`, those that the expression binds, and those of the `scope` that a condition narrows. The
    `optional` ones may be undefined.
    """

    variables: Mapping[str, Shape]
    scope: Variables | None
    context: Shape | None = None
    optional: frozenset[str] = frozenset()

    def get(self, name: str) -> Shape | None:
        """Return a variable; None if there is none of this name."""
        found = self.variables.get(name)
        return self.scope.find(name) if found is None and self.scope is not None else found

    def of_expression(self, text: str) -> Values:
        """Return the shapes of the variables that an expression names, in the order of variables_named_in()."""
        return tuple([self.get(name) for name in variables_named_in(text)])

    @classmethod
    def of_values(cls, text: str, values: Values) -> Names:
        """Return the names that an expression sees if its variables have these shapes."""
        shapes = zip(variables_named_in(text), values, strict=True)
        return cls({name: shape for name, shape in shapes if shape is not None}, None)

    def differing(self, before: Names) -> Mapping[str, Shape]:
        """Return the variables whose shape is another one than before."""
        return {name: shape for name, shape in self.variables.items() if shape is not before.get(name)}

    def changed(self, variables: Mapping[str, Shape]) -> Names:
        """Return the names with other shapes of some variables."""
        return Names({**self.variables, **variables}, self.scope, self.context, self.optional) if variables else self

    def bound(self, variables: Mapping[str, Shape], *, is_optional: bool) -> Names:
        """Return the names with more variables."""
        names = frozenset(variables)
        optional = self.optional | names if is_optional else self.optional - names
        return replace(self, variables={**self.variables, **variables}, optional=optional)


def variables_named_in(text: str) -> frozenset[str]:
    """Return the variables, and functions, that stand in an expression; none for one with a mistake."""
    try:
        return references_in(text).named
    except SyntaxProblem:
        return frozenset()


def split_by_condition(text: str, names: Names) -> tuple[Names, Names]:
    """Return the names where a condition holds, and where it does not; `text` is without its `{% %}`."""
    values = names.of_expression(text)
    holding, others = _changes(text, values)
    return names.changed(holding), names.changed(others)


@lru_cache(MOST_EXPRESSIONS)
def _changes(text: str, values: Values) -> tuple[Mapping[str, Shape], Mapping[str, Shape]]:
    """The variables that a condition narrows where it holds, and where it does not."""
    try:
        node = parse_jsonata(text)
    except SyntaxProblem:
        return {}, {}
    names = Names.of_values(text, values)
    holding, others = narrowed(node, names, holds=True), narrowed(node, names, holds=False)
    return holding.differing(names), others.differing(names)


def narrowed(node: tree.Node, names: Names, *, holds: bool) -> Names:
    """Return what an expression sees where a condition holds, or where it does not: an upper bound."""
    if isinstance(node, tree.Block) and len(node.expressions) == 1:
        return narrowed(node.expressions[0], names, holds=holds)
    if isinstance(node, tree.Call) and isinstance(node.procedure, tree.Variable) and len(node.arguments) == 1:
        return _by_call(node.procedure.name, node.arguments[0], names, holds=holds)
    if isinstance(node, tree.Binary):
        return _by_operator(node, names, holds=holds)
    return _changed(node, names, lambda shape: shape) if holds else names


def _by_call(function: str, argument: tree.Node, names: Names, *, holds: bool) -> Names:
    if function == "not":
        return narrowed(argument, names, holds=not holds)
    if function == "boolean":
        return narrowed(argument, names, holds=holds)
    if function == "exists":
        return _changed(argument, names, (lambda shape: shape) if holds else None)
    return names


def _by_operator(node: Any, names: Names, *, holds: bool) -> Names:
    if node.operator in ("and", "or"):
        first = narrowed(node.left, names, holds=holds)
        if (node.operator == "and") is holds:
            return narrowed(node.right, first, holds=holds)
        other = narrowed(node.right, narrowed(node.left, names, holds=not holds), holds=holds)
        return _joined(first, other)
    if node.operator in ("=", "!="):
        is_equal = (node.operator == "=") is holds
        left, right = (node.right, node.left) if isinstance(node.left, tree.Literal) else (node.left, node.right)
        if isinstance(right, tree.Literal):
            wanted = literal(right.value)
            keep = common if is_equal else less  # a comparison with nothing is false, whichever it is
            return _changed(left, names, lambda shape: keep(shape, wanted), or_absent=not holds)
    if node.operator == "in" and isinstance(node.right, tree.Array):
        values = [each.value for each in node.right.items if isinstance(each, tree.Literal)]
        if len(values) == len(node.right.items):
            one_of_them, keep = joined(map(literal, values)), common if holds else less
            return _changed(node.left, names, lambda shape: keep(shape, one_of_them), or_absent=not holds)
    return names


def _joined(one: Names, other: Names) -> Names:
    variables: dict[str, Shape] = {}
    for name in {**one.variables, **other.variables}:
        first, second = one.get(name), other.get(name)
        if first is not None and second is not None:
            variables[name] = first if first is second else join(first, second)
    context = None if one.context is None or other.context is None else join(one.context, other.context)
    return replace(one, variables=variables, context=context)


def _changed(node: tree.Node, names: Names, keep: Callable[[Shape], Shape] | None, *, or_absent: bool = False) -> Names:
    """The names with what a path reads narrowed; `keep` is None for a path without a value."""
    place = place_of(node, names)
    if place is None:
        return names
    root, steps, shape = place
    if not _is_plain(shape, steps):
        return names
    changed = without(shape, steps) if keep is None else refined(shape, steps, keep, or_absent=or_absent)
    if root is None:
        return replace(names, context=changed)
    return replace(names, variables={**names.variables, root: changed})


def place_of(node: tree.Node, names: Names) -> tuple[str | None, tuple[str, ...], Shape] | None:
    """Return the variable of a path of names, None for the context; its steps; and the shape of the variable."""
    steps = node.steps if isinstance(node, tree.Path) and node.group is None else ()
    if not steps or any(step.stages or step.focus or step.index for step in steps):
        return None
    first, *others = (step.node for step in steps)
    names_ = tuple(each.value for each in others if isinstance(each, tree.Name))
    if len(names_) < len(others):
        return None
    if isinstance(first, tree.Name):
        return None if names.context is None else (None, (first.value, *names_), names.context)
    if isinstance(first, tree.Variable) and (shape := names.get(first.name)) is not None:
        return first.name, names_, shape
    return None


def _is_plain(shape: Shape, steps: tuple[str, ...]) -> bool:
    """True if a path meets no list for sure, of which JSONata reads every item, and ends at none that is known."""
    for step in steps:
        if shape.parts is None or shape.lists:
            return False
        shape, _ = step_into(shape, step)
    return not shape.lists
