"""JSONata as the service evaluates it: with AWS's own functions, and JSON as the result.

Time and random numbers come from the execution, so that it can be repeated. Functions: developer guide, "Transforming
data with JSONata in Step Functions", "JSONata functions provided by Step Functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import array_range, hash_value, parse_json, uuid
from workflow_dsl.expressions.jsonata import LONGEST_SECONDS, parse_jsonata
from workflow_dsl.expressions.problems import EvaluationProblem

UNDEFINED = object()
FUNCTION = object()
_DEEPEST = 200


def evaluate_jsonata(
    expression: str, variables: Mapping[str, Json], *, now: Callable[[], datetime], random: Random
) -> Json:
    """Return the value of an expression: JSON, UNDEFINED if it has none, FUNCTION if it is a function.

    `variables` are bound by name, `states` among them. Raises SyntaxProblem, and EvaluationProblem with JSONata's own
    code and message.
    """
    compiled = parse_jsonata(expression)
    from jsonata import Jsonata, Utils

    frame = Jsonata.Frame(None)
    for name, function in _functions(now, random).items():
        frame.bind(name, Jsonata.JLambda(function))
    for name, value in variables.items():
        frame.bind(name, Utils.NULL_VALUE if value is None else value)
    frame.set_runtime_bounds(LONGEST_SECONDS * 1000, _DEEPEST)
    try:
        return _plain(compiled.evaluate(None, frame), Utils.NULL_VALUE)
    except EvaluationProblem:
        raise
    except RecursionError:
        raise EvaluationProblem("D1011: Stack overflow error") from None
    except TimeoutError:
        raise EvaluationProblem("D1012: a regular expression takes too long") from None
    except Exception as problem:  # JException, or what Python raises for a wrong operand
        code = getattr(problem, "error", None)
        message = str(problem).removesuffix(f" {code}")
        raise EvaluationProblem(f"{code}: {message}" if code else message) from None


def _functions(now: Callable[[], datetime], random: Random) -> dict[str, Callable[..., Json]]:
    return {
        "partition": _partition,
        "range": _range,
        "hash": hash_value,
        "random": lambda seed=None: random.random() if seed is None else Random(seed).random(),  # noqa: S311
        "uuid": lambda: uuid(random),
        "parse": _parse,
        "millis": lambda: int(now().timestamp() * 1000),
        "now": lambda *picture: _now(now(), *picture),
        "eval": _eval,
    }


def _eval(*_: Json) -> Json:
    """Fail: the service does not have $eval. Its $parse reads JSON."""
    raise EvaluationProblem("T1006: Attempted to invoke a non-function")


def _now(moment: datetime, picture: str | None = None, timezone: str | None = None) -> Json:
    from jsonata import DateTimeUtils

    if picture is None:
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return DateTimeUtils.format_datetime(int(moment.timestamp() * 1000), picture, timezone)


def _partition(array: Json, size: Json) -> Json:
    if not isinstance(size, (int, float)) or isinstance(size, bool) or size < 1:
        raise EvaluationProblem("$partition takes a size of at least 1")
    step = int(size)
    items = array if isinstance(array, list) else [array]
    return [list(items[start : start + step]) for start in range(0, len(items), step)]


def _range(first: Json, last: Json, step: Json) -> Json:
    from jsonata import Utils

    # A sequence: AWS returns a single number as itself (recorded).
    return Utils.create_sequence_from_iter(array_range(first, last, step))


def _parse(text: Json) -> Json:
    from jsonata import Utils

    try:
        value = parse_json(text)
    except ValueError as problem:
        raise EvaluationProblem(f"the argument of $parse is not JSON: {problem}") from None
    return Utils.NULL_VALUE if value is None else value


def _plain(value: Any, null: Any) -> Json:
    """The library's value as JSON: its null becomes None, its sequences become lists."""
    if value is None:
        return UNDEFINED
    if value is null:
        return None
    if isinstance(value, dict):
        return {name: None if member is None else _plain(member, null) for name, member in value.items()}
    if isinstance(value, list):
        return [None if item is None else _plain(item, null) for item in value]
    return value if isinstance(value, (str, int, float, bool)) else FUNCTION
