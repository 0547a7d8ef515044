"""JSONata 2.0.6 as Step Functions has it: what check() accepts and what run() evaluates is one grammar.

Import `evaluate_jsonata` from `evaluation`: the function library is loaded only where an expression is evaluated.
"""

from workflow_dsl.expressions.jsonata.parsing import expression_in, parse_jsonata
from workflow_dsl.expressions.jsonata.references import References, references_in

__all__ = ["References", "expression_in", "function_names", "parse_jsonata", "references_in"]


def function_names() -> frozenset[str]:
    """Return the names of JSONata's functions and of the service's own; the service does not have `eval`."""
    from workflow_dsl.expressions.jsonata.library import functions

    return frozenset(functions())
