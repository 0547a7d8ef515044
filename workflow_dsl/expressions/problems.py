"""Errors of expressions."""

from __future__ import annotations


class SyntaxProblem(ValueError):
    """The text is not an expression of its language."""


class PathNotFound(LookupError):
    """A definite path has no value; the message is that of the service's JSONPath library."""


class ArgumentNotFound(PathNotFound):
    """A path among the arguments of an intrinsic function has no value; the message is the path."""


class NullInput(PathNotFound):
    """A path is applied to a state's data, and that is null: the service refuses it (awslabs/states-language, #29)."""

    def __init__(self) -> None:
        super().__init__("Unable to apply Path transformation to null or empty input.")


class EvaluationProblem(ValueError):
    """An expression fails on its data."""


class LimitExceeded(EvaluationProblem):
    """An expression takes more time, memory or depth than it may."""
