"""Shapes: the values that enter and leave each state, as definitions, handlers and APIs declare them.

    flow = flow_of(machine, declared)
    shape = flow.at(state).input
    values = examples(shape)

`declared` says what the text of a definition does not: the input, and what functions take and give.
"""

from workflow_dsl.shapes.declared import NOTHING_DECLARED, Declared, Signature
from workflow_dsl.shapes.examples import examples
from workflow_dsl.shapes.flow import Flow, flow_of, input_shape, result_shape
from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.shape import UNKNOWN, Shape

__all__ = [
    "NOTHING_DECLARED",
    "UNKNOWN",
    "Declared",
    "Flow",
    "Shape",
    "Signature",
    "StateFlow",
    "examples",
    "flow_of",
    "input_shape",
    "result_shape",
]
