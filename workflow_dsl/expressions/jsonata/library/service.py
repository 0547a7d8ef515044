"""The functions that Step Functions adds. Developer guide, "JSONata functions provided by Step Functions".

What the guide leaves open is as measured with TestState: https://github.com/floci-io/floci/issues/2662.
"""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from workflow_dsl.expressions.intrinsic_functions import hash_value, parse_json
from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.values import ARRAYS, UNDEFINED, Sequence
from workflow_dsl.expressions.problems import EvaluationProblem


def partition(run: Run, array: Any, size: Any) -> Any:
    """$partition: parts of an array; undefined for an empty one."""
    if array is not UNDEFINED and type(array) not in ARRAYS:
        raise Failure("T0412", index=1, type="any")
    if array is UNDEFINED or not array:
        return UNDEFINED
    if size is UNDEFINED or size < 1:
        raise Failure("partition")
    step = math.trunc(size)
    run.reserve(len(array))
    return [list(array[start : start + step]) for start in range(0, len(array), step)]


def range_(run: Run, first: Any, last: Any, step: Any) -> Any:
    """$range: numbers from first to last, both included and truncated. One number alone is itself."""
    if UNDEFINED in (first, last, step):
        return UNDEFINED
    start, end, by = math.trunc(first), math.trunc(last), math.trunc(step)
    if by == 0:
        raise Failure("range")
    numbers = range(start, end + (1 if by > 0 else -1), by)
    run.reserve(float(max(0, (end - start) // by + 1)))
    return Sequence(numbers)


def hash_(text: Any, algorithm: Any) -> Any:
    """$hash"""
    if text is UNDEFINED:
        return text
    try:
        return hash_value(text, algorithm)
    except EvaluationProblem as problem:
        raise Failure("function", text=problem) from None


def random(run: Run, seed: Any) -> float:
    """$random: with a seed, the first nextDouble() of java.util.Random."""
    return run.random.random() if seed is UNDEFINED else _java_random(math.trunc(seed))


def _java_random(seed: int) -> float:
    """A linear congruential generator of 48 bits, of which two steps give 26 and 27 bits (java.util.Random)."""
    mask, factor = (1 << 48) - 1, 0x5DEECE66D
    first = ((seed ^ factor) & mask) * factor + 0xB & mask
    second = first * factor + 0xB & mask
    return ((first >> 22) * (1 << 27) + (second >> 21)) / float(1 << 53)


def uuid(run: Run) -> str:
    """$uuid"""
    return str(UUID(int=run.random.getrandbits(128), version=4))


def parse(text: Any) -> Any:
    """$parse"""
    if text is UNDEFINED:
        return text
    try:
        return parse_json(text)
    except ValueError as problem:
        raise Failure("parse", text=problem) from None
