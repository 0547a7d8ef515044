"""Errors of expressions."""

from __future__ import annotations


class SyntaxProblem(ValueError):
    """The text is not an expression of its language."""


class PathNotFound(LookupError):
    """A definite path has no value; the message is that of the service's JSONPath library."""


class EvaluationProblem(ValueError):
    """An expression fails on its data."""


class LimitExceeded(EvaluationProblem):
    """An expression takes more time, memory or depth than it may."""
