"""JSONata 2.0.6 as Step Functions has it: what check() accepts and what run() evaluates is one grammar.

The grammar is loaded only where there is an expression. Import `evaluate_jsonata` from `evaluation`: the function
library is loaded only where an expression is evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_dsl.expressions.jsonata.parsing import expression_in, parse_jsonata

if TYPE_CHECKING:
    from workflow_dsl.expressions.jsonata.references import References

__all__ = ["expression_in", "function_names", "parse_jsonata", "references_in"]


def references_in(expression: str) -> References:
    """Return the names that an expression refers to. Raises SyntaxProblem."""
    from workflow_dsl.expressions.jsonata import references

    return references.references_in(expression)


def function_names() -> frozenset[str]:
    """Return the names of JSONata's functions and of the service's own; the service does not have `eval`."""
    from workflow_dsl.expressions.jsonata.library import functions

    return frozenset(functions())
