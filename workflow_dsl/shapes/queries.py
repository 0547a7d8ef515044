"""The list that an indefinite JSONPath gives, and what its filters read of each item."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.expressions.jsonpath import Path
from workflow_dsl.expressions.jsonpath.nodes import (
    Comparison,
    Exists,
    Expression,
    Filter,
    Index,
    Indexes,
    Name,
    Operand,
    PathStep,
    Scan,
    Slice,
    Wildcard,
    called_function,
    comparisons_in,
    keys_of,
)
from workflow_dsl.expressions.jsonpath.parser import read_steps
from workflow_dsl.findings import Keys
from workflow_dsl.records import replace
from workflow_dsl.shapes.reading import Miss, Step, read, step_into
from workflow_dsl.shapes.scene import Read, Scene
from workflow_dsl.shapes.shape import NOTHING, UNKNOWN, Shape, join, joined, list_of


def shape_of_query(path: Path, root: Shape, scene: Scene, keys: Keys) -> Shape:
    """Return the list that an indefinite path gives; what no item has is missing there, and no failure."""
    start = len(path.root) if path.root.startswith("$") else len(path.root) + 1
    steps = read_steps(path.text.rstrip(" "), start)
    if any(isinstance(step, Scan) for step in steps):
        return UNKNOWN
    shape, known = root, list[Step]()
    for depth, step in enumerate(steps):
        if shape.parts is None:
            return list_of(UNKNOWN)
        if isinstance(step, (Name, Index)):
            key = step.name if isinstance(step, Name) else step.index
            known.append(key)
            shape, miss = step_into(shape, key, depth)
            if miss is not None and miss.is_sure:
                scene.reads.append(Read(keys, path.text, path.root, tuple(known), miss, fails=False))
                return list_of(UNKNOWN)
        else:
            known.append("*")
            shape = _each(shape, step)
            if isinstance(step, Filter):
                for steps_, miss, is_test in _misses(step.expression, shape, root, tuple(known)):
                    scene.reads.append(Read(keys, path.text, path.root, steps_, miss, fails=False, is_test=is_test))
    return list_of(shape)


def _each(shape: Shape, step: PathStep) -> Shape:
    """The shape of each result of a step with several."""
    if isinstance(step, (Wildcard, Slice, Indexes, Filter)):
        lists = joined(part.item for part in shape.lists)
        records = list(shape.records) if isinstance(step, (Wildcard, Filter)) else []
        values = [joined([*(each.shape for each in part.fields.values()), part.rest or NOTHING]) for part in records]
        if isinstance(step, Filter) and records:
            return UNKNOWN
        return join(lists, joined(values))
    return UNKNOWN


def _misses(
    expression: Expression, item: Shape, root: Shape, above: tuple[Step, ...]
) -> Iterator[tuple[tuple[Step, ...], Miss, bool]]:
    """Yield what a filter reads that no item has: the steps, the miss, and True where the filter asks for it."""
    for each in comparisons_in(expression):
        for operand in _operands(each):
            before, shape = (above, item) if operand.is_relative else ((), root)
            steps = keys_of(operand.steps)
            if steps is None or called_function(operand.steps) is not None:
                continue
            miss = read(shape, steps).miss
            if miss is not None and miss.is_sure:
                yield (*before, *steps), replace(miss, depth=len(before) + miss.depth), isinstance(each, Exists)


def _operands(each: Exists | Comparison) -> list[Operand]:
    sides = (each.operand,) if isinstance(each, Exists) else (each.left, each.right)
    return [side for side in sides if isinstance(side, Operand)]
