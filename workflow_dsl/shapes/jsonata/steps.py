"""The steps of paths in JSONata, with their predicates: https://docs.jsonata.org/path-operators."""

from __future__ import annotations

from typing import Any

from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.records import replace
from workflow_dsl.shapes.jsonata.functions import flat, is_never_list, item_at, missing_position, sequence
from workflow_dsl.shapes.jsonata.narrowing import Names, narrowed
from workflow_dsl.shapes.jsonata.paths import field_of, index_in, keeps_list, known_value, sure_field, that_matter
from workflow_dsl.shapes.jsonata.query import UNDECIDED, Query, Typed
from workflow_dsl.shapes.reading import Miss
from workflow_dsl.shapes.shape import ANY_RECORD, NOTHING, Part, Presence, Shape, joined, list_of


def filtered(query: Query, node: Any, names: Names) -> Typed:
    """Return the shape of a value with predicates."""
    shape = query.typed(node.node, names).shape
    is_of_some = False
    for predicate in node.predicates:
        shape = _after_stage(query, predicate, shape, names, is_of_some=is_of_some)
        is_of_some = is_of_some or index_in(predicate) is None
    return Typed(list_of(flat(shape)) if node.keep_array else shape)


def path(query: Query, node: Any, names: Names) -> Typed:
    """Return the shape of what a path reads."""
    whole = known_value(node, names)
    if whole is not None:
        return whole
    root, known, typed = "", list[str | int](), Typed(NOTHING)
    for step in node.steps:
        inner = step.node
        if step.focus or step.index:
            return UNDECIDED
        is_of_some = step is not node.steps[0] and not is_never_list(typed.shape)
        if step is node.steps[0]:
            typed, root = _first_step(query, node, inner, names)
        elif isinstance(inner, tree.Name):
            known.append(inner.value)
            sure = sure_field(typed.shape, inner.value)
            if sure is None:
                typed = _name_step(query, node, typed, root, known)
            else:
                typed = Typed(sure.shape, typed.may_be_absent)
        else:
            known.append("(...)")
            typed = _inner_step(query, inner, typed, names)
        for stage in step.stages:
            if root and (miss := missing_position(typed.shape, index_in(stage), len(known))) is not None:
                query.note(node, root, [*known, miss.step], miss)
            typed = Typed(_after_stage(query, stage, typed.shape, names, is_of_some=is_of_some))
            is_of_some = is_of_some or index_in(stage) is None
    if node.group is not None:
        return Typed(ANY_RECORD)
    return Typed(list_of(flat(typed.shape)), typed.may_be_absent) if keeps_list(node) else typed


def _first_step(query: Query, path: Any, node: Any, names: Names) -> tuple[Typed, str]:
    if isinstance(node, tree.Name):
        if names.context is None:
            return UNDECIDED, node.value
        return _name_step(query, path, Typed(names.context, False), "", [node.value]), node.value
    return query.typed(node, names), f"${node.name}" if isinstance(node, tree.Variable) else "(...)"


def _inner_step(query: Query, node: tree.Node, typed: Typed, names: Names) -> Typed:
    if isinstance(node, tree.Sort):
        for _, term in node.terms:
            query.typed(term, replace(names, context=flat(typed.shape)))
        return Typed(sequence(flat(typed.shape)))
    if isinstance(node, (tree.Wildcard, tree.Descendants, tree.Parent)):
        return UNDECIDED
    inner = query.typed(node, replace(names, context=flat(typed.shape)))
    if is_never_list(typed.shape):
        return Typed(inner.shape, typed.may_be_absent or inner.may_be_absent)
    return Typed(sequence(flat(inner.shape)))


def _name_step(query: Query, path: Any, typed: Typed, root: str, known: list[str | int]) -> Typed:
    """The field of a value, or of each item of a list."""
    shape, name = typed.shape, str(known[-1])
    if shape.parts is None or shape.parts == ():
        return UNDECIDED
    found: list[Shape] = []
    having: list[Part] = []
    lacking: list[Part] = []
    may_be_absent = typed.may_be_absent
    for part in _flat_parts(shape):
        field_ = field_of(part, name)
        if field_ is None:
            lacking.append(part)
        else:
            found.append(field_.shape)
            having.append(part)
            may_be_absent = may_be_absent or field_.presence is not Presence.SURE
    if not found and lacking:
        steps = known if root else [name]
        query.note(path, root or name, known if root else [], Miss(len(steps) - 1, name, tuple(lacking), ()))
        return UNDECIDED
    real = that_matter(lacking, shape)
    if real and root:
        query.note(path, root, known, Miss(len(known) - 1, name, real, tuple(having)))
    result = joined(found)
    if is_never_list(shape):
        return Typed(result, may_be_absent or bool(lacking))
    return Typed(sequence(flat(result)))


def _flat_parts(shape: Shape) -> tuple[Part, ...]:
    """The parts of a value, with those of a list's items in place of the list; UNKNOWN items as any object."""
    flattened = flat(shape)
    return ANY_RECORD.parts or () if flattened.parts is None else flattened.parts


def _after_stage(query: Query, stage: tree.Node, shape: Shape, names: Names, *, is_of_some: bool = False) -> Shape:
    """The values that a predicate leaves: for an index one, else those for which it holds.

    The one of each item, or of those for which another predicate holds, may be any of them: it `is_of_some`.
    """
    inner = replace(names, context=flat(shape))
    query.typed(stage, inner)
    index = index_in(stage)
    if index is not None:
        return sequence(flat(shape)) if is_of_some else item_at(shape, index)
    kept = narrowed(stage, inner, holds=True).context
    return sequence(flat(shape) if kept is None or kept.parts == () else kept)
