"""JSONata 2.0.6 as Step Functions has it: what check() accepts and what run() evaluates is one grammar.

The grammar is loaded only where there is an expression. Import `evaluate_jsonata` from `evaluation`: the function
library is loaded only where an expression is evaluated.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from workflow_dsl.expressions.jsonata.parsing import expression_in, parse_jsonata

if TYPE_CHECKING:
    from workflow_dsl.expressions.jsonata.references import References

__all__ = ["expression_in", "function_names", "most_arguments", "parse_jsonata", "references_in"]

# The names in the library, which takes 20 ms to import, with the most arguments that each takes. A test compares them.
_FUNCTIONS = (
    """abs:1 append:2 assert:2 average:1 base64decode:1 base64encode:1 boolean:1 ceil:1 clone:1 contains:2
    count:1 decodeUrl:1 decodeUrlComponent:1 distinct:1 each:2 encodeUrl:1 encodeUrlComponent:1 error:1 exists:1
    filter:2 floor:1 formatBase:2 formatInteger:2 formatNumber:3 fromMillis:3 hash:2 join:2 keys:1 length:1
    lookup:2 lowercase:1 map:2 match:3 max:1 merge:1 millis:0 min:1 not:1 now:2 number:1 pad:3 parse:1
    parseInteger:2 partition:2 power:2 random:1 range:3 reduce:3 replace:4 reverse:1 round:2 shuffle:1 sift:2
    single:2 sort:2 split:3 spread:1 sqrt:1 string:2 substring:3 substringAfter:2 substringBefore:2 sum:1
    toMillis:2 trim:1 type:1 uppercase:1 uuid:0 zip"""
).split()
_MOST_ARGUMENTS = {name: int(most) if most else None for name, _, most in (word.partition(":") for word in _FUNCTIONS)}


def references_in(expression: str) -> References:
    """Return the names that an expression refers to. Raises SyntaxProblem."""
    from workflow_dsl.expressions.jsonata import references

    return references.references_in(expression)


def most_arguments(name: str) -> int | None:
    """Return the largest number of arguments of a function; None for any number, and for an unknown function."""
    return _MOST_ARGUMENTS.get(name)


def function_names() -> Set[str]:
    """Return the names of JSONata's functions and of the service's own; the service does not have `eval`."""
    return _MOST_ARGUMENTS.keys()
