"""What an expression can come to besides a value."""

from __future__ import annotations


class SyntaxProblem(ValueError):
    """Text that is no expression of its language."""


class PathNotFound(LookupError):
    """A definite path that leads nowhere; the text is what the service's JSONPath library says of it."""


class EvaluationProblem(ValueError):
    """An expression that fails on the values it was given."""
