"""Expressions as text: where they stand in a definition, and their trees."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.problems import SyntaxProblem

if TYPE_CHECKING:
    from workflow_dsl.expressions.jsonata.syntax.tree import Node

MOST_EXPRESSIONS = 16_384  # about as many as fit into a definition, which has at most 1 MB: each rule goes over all


def expression_in(text: Json) -> str | None:
    """Return the expression of a JSONata string, which is `{% expression %}`; None for any other value."""
    if isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= 4:
        return text[2:-2].strip()
    return None


@lru_cache(maxsize=MOST_EXPRESSIONS)
def parse_jsonata(expression: str) -> Node:
    """Return the tree of an expression. Raises SyntaxProblem with JSONata's own message."""
    from workflow_dsl.expressions.jsonata.errors import Failure
    from workflow_dsl.expressions.jsonata.syntax.ancestry import ancestry_of
    from workflow_dsl.expressions.jsonata.syntax.parser import Parser

    try:
        tree = Parser(expression).parse()
        ancestry_of(tree)
        _check_patterns(tree)
    except RecursionError:
        raise SyntaxProblem("the expression is nested too deeply") from None
    except Failure as failure:
        raise SyntaxProblem(failure.message) from None
    return tree


def _check_patterns(tree: Node) -> None:
    """Raise Failure S0303 for an invalid regular expression."""
    from workflow_dsl.expressions.jsonata.syntax.tree import Pattern, walk

    for node in walk(tree):
        if isinstance(node, Pattern):
            from workflow_dsl.expressions.jsonata.patterns import compiled

            compiled(node.source, node.flags)
