"""The result of a test of one state, and the data after each step of its input and output processing.

Names and presence of the steps: API reference, InspectionData; developer guide, "Testing state machines with TestState
API", "Understanding Map state inspection data".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypedDict

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.records import Record, field

InspectionLevel = Literal["INFO", "DEBUG", "TRACE"]


class ErrorDetails(TypedDict, total=False):
    """The retrier or the catcher that handles an error, by its index, and the seconds until the retry."""

    catchIndex: int  # the names are the API's
    retryIndex: int
    retryBackoffIntervalSeconds: int


class InspectionData(TypedDict, total=False):
    """The data after each step, under the API's names; only the steps that the state has taken are present."""

    input: Json
    afterInputPath: Json
    afterParameters: Json
    afterArguments: Json
    afterItemsPath: Json
    afterItemsPointer: Json
    afterItemSelector: list[Json]
    afterItemBatcher: list[Json]
    maxConcurrency: int
    toleratedFailureCount: int
    toleratedFailurePercentage: float
    result: Json
    afterResultSelector: Json
    afterResultPath: Json
    errorDetails: ErrorDetails
    variables: dict[str, Json]


class StateTest(Record):
    """The result of a test of one state.

    RETRIABLE means that a retrier handles the error, CAUGHT_ERROR that a catcher does; `output` is then the catcher's.
    """

    status: Literal["SUCCEEDED", "FAILED", "RETRIABLE", "CAUGHT_ERROR"]
    output: Json = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    inspection: InspectionData = field(default_factory=InspectionData)

    def as_response(self, level: InspectionLevel = "DEBUG") -> dict[str, Any]:
        """Return the response of the TestState API: fields of data are JSON texts, absent fields have no value."""
        response: dict[str, Any] = {"status": self.status}
        if self.status in ("SUCCEEDED", "CAUGHT_ERROR"):
            response["output"] = to_json(self.output)
        others = {"error": self.error, "cause": self.cause, "nextState": self.next_state}
        response |= {name: value for name, value in others.items() if value is not None}
        if level != "INFO":
            response["inspectionData"] = {
                name: value if name in _NOT_TEXT else to_json(value) for name, value in self.inspection.items()
            }
        return response


_NOT_TEXT = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage", "errorDetails")
_ERROR_DETAILS = ("catchIndex", "retryIndex", "retryBackoffIntervalSeconds")
_MAP = (
    *("afterItemSelector", "afterItemBatcher", "afterItemsPointer"),
    *("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"),
)
_AFTER_RESULT = ("afterResultSelector", "afterResultPath")
# The steps that the service reports for a type of state, in JSONPath and in JSONata; recorded answers of TestState.
_JSONPATH: Mapping[str, tuple[str, ...]] = {
    "Pass": ("afterInputPath", "afterParameters", *_AFTER_RESULT),
    "Task": ("afterInputPath", "afterParameters", "result", *_AFTER_RESULT),
    "Map": ("afterInputPath", "afterItemsPath", *_MAP, *_AFTER_RESULT),
    "Parallel": _AFTER_RESULT,
}
_JSONATA: Mapping[str, tuple[str, ...]] = {"Task": ("afterArguments", "result"), "Map": _MAP}


def inspection_of(
    state: PreparedState, value: Json, steps: Mapping[str, Json], variables: Mapping[str, Json]
) -> InspectionData:
    """Return what the service reports of the steps that a state with this raw input has taken."""
    names = _reported(state)
    details = {name: steps[name] for name in _ERROR_DETAILS if name in steps}
    order = InspectionData.__annotations__
    data = {"input": value, **{name: steps[name] for name in order if name in steps and name in names}}
    data |= {"errorDetails": details} if details else {}
    data |= {"variables": dict(variables)} if variables else {}
    return data  # type: ignore[return-value]  # its keys are those of the table


def _reported(state: PreparedState) -> tuple[str, ...]:
    if state.is_jsonata:
        return tuple(_of_fields(state, _JSONATA.get(state.type, ())))
    if state.type == "Pass" and "Result" in state.fields:
        return ("result", *_AFTER_RESULT)
    return tuple(_of_fields(state, _JSONPATH.get(state.type, ("afterInputPath",))))


def _of_fields(state: PreparedState, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the steps, without the tolerated failures of a Map that does not define them."""
    for name in names:
        field = f"{name[0].upper()}{name[1:]}"
        if not name.startswith("tolerated") or field in state.fields or f"{field}Path" in state.fields:
            yield name
