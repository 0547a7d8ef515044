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

# The names in the library, which takes 20 ms to import. A test compares them.
_FUNCTIONS = frozenset(
    """abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl
    decodeUrlComponent distinct each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger
    formatNumber fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad
    parse parseInteger partition power random range reduce replace reverse round shuffle sift single sort split spread
    sqrt string substring substringAfter substringBefore sum toMillis trim type uppercase uuid zip""".split()
)


def references_in(expression: str) -> References:
    """Return the names that an expression refers to. Raises SyntaxProblem."""
    from workflow_dsl.expressions.jsonata import references

    return references.references_in(expression)


def most_arguments(name: str) -> int | None:
    """Return the largest number of arguments of a function; None for any number, and for an unknown function."""
    from workflow_dsl.expressions.jsonata.library import functions  # few expressions need them

    function = functions().get(name)
    return function.signature.most if function else None


def function_names() -> frozenset[str]:
    """Return the names of JSONata's functions and of the service's own; the service does not have `eval`."""
    return _FUNCTIONS
