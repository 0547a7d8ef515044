"""Paths as they are put together while an expression is parsed: steps, predicates, groups, orders and bindings."""

from __future__ import annotations

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.syntax.tree import (
    Array,
    Block,
    Filtered,
    Grouped,
    Index,
    Literal,
    Name,
    Node,
    Path,
    Sort,
    Step,
)
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.records import replace

Pairs = tuple[tuple[Node, Node], ...]


def name_path(name: str, position: int) -> Path:
    """Return the path of one name."""
    return Path((Step(Name(name, position=position), position=position),), position=position)


_MOST_STEPS = 5_000


def joined(left: Node, right: Node) -> Path:
    """Return `left.right`. Raises Failure for a step that is a number, true, false or null.

    Raises SyntaxProblem for more steps than anyone writes, as each join copies the path.
    """
    before = left.steps if isinstance(left, Path) else (Step(left, position=left.position),)
    # Earlier joins have seen the steps between: to look at all of them takes a long path quadratic time.
    if len(before) > _MOST_STEPS:
        raise SyntaxProblem(f"a path has more than {_MOST_STEPS:,} steps")
    steps = [*before, *_steps_after(right)]
    fresh = (0, *range(max(1, len(before) - 2), len(steps)))
    for index in fresh:
        steps[index] = _as_name(steps[index])
    steps[0] = _constructing(steps[0])
    steps[-1] = _constructing(steps[-1])
    group = left.group if isinstance(left, Path) else None
    keep = any(steps[index].keep_array or steps[index].node.keep_array for index in fresh)
    keep = keep or (isinstance(left, Path) and (left.keep_singleton or left.keep_array))
    return Path(tuple(steps), keep, group, position=left.position)


def _steps_after(node: Node) -> tuple[Step, ...]:
    if isinstance(node, Path):
        return node.steps
    if isinstance(node, Filtered):
        return (Step(node.node, node.predicates, keep_array=node.keep_array, position=node.position),)
    return (Step(node, position=node.position),)


def _as_name(step: Step) -> Step:
    """Return the step with a string as the name that it means."""
    inner = step.node.node if isinstance(step.node, Filtered) else step.node
    if not isinstance(inner, Literal):
        return step
    if not isinstance(inner.value, str):
        raise Failure("S0213", value=inner.value)
    name = Name(inner.value, position=inner.position, keep_array=inner.keep_array)
    return replace(step, node=replace(step.node, node=name) if isinstance(step.node, Filtered) else name)


def _constructing(step: Step) -> Step:
    if isinstance(step.node, Array) and not step.node.is_step:
        return replace(step, node=replace(step.node, is_step=True))
    return step


def begins_with_array_step(node: Node) -> bool:
    """True for `[...].x` and for blocks with it: as a first step they are evaluated once, not for each item."""
    if isinstance(node, Path):
        return begins_with_array_step(node.steps[0].node)
    return (isinstance(node, Array) and node.is_step) or (isinstance(node, Block) and node.is_array_step)


def with_predicate(left: Node, predicate: Node) -> Node:
    """Return `left[predicate]`."""
    if isinstance(left, Grouped):
        raise Failure("S0209")
    if isinstance(left, Path):
        return _with_last(left, replace(left.steps[-1], stages=(*left.steps[-1].stages, predicate)))
    if isinstance(left, Filtered):
        return replace(left, predicates=(*left.predicates, predicate))
    return Filtered(left, (predicate,), position=left.position, keep_array=left.keep_array)


def with_kept_array(left: Node) -> Node:
    """Return `left[]`."""
    if (
        isinstance(left, Path)
        and left.group is None
        and len(left.steps) == 1
        and not isinstance(left.steps[0].node, Sort)
    ):
        steps = (replace(left.steps[0], keep_array=True),)
        return replace(left, steps=steps, keep_singleton=True, keep_array=True)
    return replace(left, keep_array=True)


def with_group(left: Node, pairs: Pairs) -> Node:
    """Return `left{pairs}`."""
    if isinstance(left, Grouped) or (isinstance(left, Path) and left.group is not None):
        raise Failure("S0210")
    return replace(left, group=pairs) if isinstance(left, Path) else Grouped(left, pairs, position=left.position)


def with_order(left: Node, terms: tuple[tuple[bool, Node], ...], position: int) -> Path:
    """Return `left^(terms)`."""
    path = left if isinstance(left, Path) else Path((Step(left, position=left.position),), position=left.position)
    return replace(path, steps=(*path.steps, Step(Sort(terms, position=position), position=position)))


def with_focus(left: Node, name: str) -> Node:
    """Return `left@$name`."""
    path = left if isinstance(left, Path) else Path((Step(left, position=left.position),), position=left.position)
    step = path.steps[-1]
    if step.stages or isinstance(step.node, Filtered):
        raise Failure("S0215")
    if isinstance(step.node, Sort):
        raise Failure("S0216")
    return _with_last(path, replace(step, focus=name))


def with_index(left: Node, name: str, position: int) -> Node:
    """Return `left#$name`."""
    path = left if isinstance(left, Path) else Path(_steps_after(left), position=left.position)
    step = path.steps[-1]
    if step.stages:
        return _with_last(path, replace(step, stages=(*step.stages, Index(name, position=position))))
    return _with_last(path, replace(step, index=name))


def _with_last(path: Path, step: Step) -> Path:
    return replace(path, steps=(*path.steps[:-1], step))
