"""Mocked results against the output shapes of the APIs, as TestState's field validation compares them.

Rules: developer guide, "Testing state machines with TestState API", "Mock validation modes": fields that the API does
not have are ignored; those that it has conform to its type, values and size; the results of an HTTP task, API Gateway,
`eks:call` and `eks:runJob` are not validated; a `.sync` result has the shape of the API that is polled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.definition.integrations import optimized, sdk_model
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import ServiceModel, service_model
from workflow_dsl.records import Record
from workflow_dsl.shapes.sources.jobs import Job, added_fields, job_of

_SDK = "aws-sdk:"
_DESCRIBE_EXECUTION = "DescribeExecution"


class ResultShape(Record):
    """The shape of a result in botocore's model: that of an operation's output, or of the description of a job."""

    model: ServiceModel
    name: str | None  # None if the output is empty
    is_optimized: bool
    field: str = ""  # the one field of the result that has this shape; "" if it is the whole result
    others: tuple[str, ...] = ()  # the fields of the request that Step Functions adds
    free: tuple[str, ...] = ()  # members with any JSON in them

    def problems(self, result: Json, *, is_strict: bool) -> list[str]:
        """Return the values of a result that do not conform, in TestState's words; required fields if `is_strict`."""
        if self.field and not isinstance(result, dict):
            return ["The result must be an object"]
        value = result.get(self.field) if self.field else result
        if self.name is None or (self.field and value is None):
            return []
        comparison = _Comparison(self.model, is_strict, self.is_optimized, self.free, takes_milliseconds=True)
        return list(comparison.of(self.name, value, self.field))


def operation_of(service: str, action: str) -> tuple[ServiceModel, str] | None:
    """Return the model of a service and the operation that an action is; None if it is not one that botocore knows.

    None too for one that answers with an event stream: the integration makes a result of its own of the stream.
    """
    if service.startswith(_SDK):
        model = sdk_model(service.removeprefix(_SDK))
        return (model, model.actions[action]) if model and action in model.actions else None
    row = optimized().get(f"{service}:{action}", {})
    model = service_model(row["api"][0]) if "api" in row else None
    return (model, row["api"][1]) if model and not model.streams(row["api"][1]) else None


def result_shape(service: str, action: str) -> ResultShape | None:
    """Return the shape of the result of an action, `runTask` or `runTask.sync`; None if it is not known."""
    name, _, pattern = action.partition(".")
    api = None if pattern == "waitForTaskToken" else operation_of(service, name)
    if api is None or api[0].streams(api[1]):  # Step Functions transforms a stream
        return None
    model, operation = api
    is_optimized, job = not service.startswith(_SDK), job_of(service, name)
    if not pattern or (job and job.returns_start):
        return ResultShape(model, model.output(operation), is_optimized, others=added_fields(service, name))
    if service == "states":
        return ResultShape(model, model.output(_DESCRIBE_EXECUTION), is_optimized, free=_free(pattern))
    return ResultShape(model, _described(model, job), is_optimized, job.result_name) if job else None


def _described(model: ServiceModel, job: Job) -> str | None:
    """The shape of the description of a job within the answer of the action that describes it."""
    shape = model.output(model.actions.get(job.describe, ""))
    for key in job.at:
        if shape is not None:
            is_item = isinstance(key, int)
            shape = model.shapes[shape]["member"]["shape"] if is_item else model.structure(shape).members.get(str(key))
    return shape


def _free(pattern: str) -> tuple[str, ...]:
    """.sync:2 returns the input and output of the execution as JSON (developer guide, "Start executions")."""
    return ("Input", "Output") if pattern == "sync:2" else ()


def result_problems(service: str, action: str, result: Json, *, is_strict: bool = True) -> list[str]:
    """Return what is wrong with a mocked result of a service's action, in TestState's words; [] if nothing is.

    The service is as in a Resource, `dynamodb` or `aws-sdk:s3`; the action may have a pattern, as in `runTask.sync`.
    If `is_strict`, as in TestState's mode STRICT, required fields that are missing are problems too; otherwise, as in
    its mode PRESENT, only fields that are there. An API that botocore does not know has no problems.
    """
    name, _, pattern = action.partition(".")
    if pattern == "waitForTaskToken":
        return []  # the result is whatever the callback sends
    api = operation_of(service, name)
    if api is None:
        return []
    model, operation = api
    shape = model.output(_polled(model, service, name) if pattern.startswith("sync") else operation)
    comparison = _Comparison(model, is_strict, not service.startswith(_SDK), _free(pattern))
    return list(comparison.of(shape, result)) if shape else []


def _polled(model: ServiceModel, service: str, action: str) -> str:
    """The operation that a `.sync` integration polls; "" if its answer is not the result."""
    job = job_of(service, action)
    if service == "states":
        return _DESCRIBE_EXECUTION
    return model.actions.get(job.describe, "") if job and not job.returns_start else ""


class _Comparison(NamedTuple):
    """The comparison of one result with the shapes of an API."""

    model: ServiceModel
    is_strict: bool
    is_optimized: bool
    free: tuple[str, ...]
    takes_milliseconds: bool = False  # as times of an optimized integration: TestState takes strings only

    def of(self, shape_name: str, value: Json, field: str = "") -> Iterator[str]:
        """Yield the problems of a value of a shape; `field` is the name of the innermost field that it is in."""
        shape: Mapping[str, Json] = self.model.shapes[shape_name]
        type_ = shape["type"]
        if shape.get("document") or (type_ == "blob" and self.is_optimized):
            return  # an optimized integration returns JSON where the API has bytes: Lambda's Payload, Bedrock's Body
        if type_ == "timestamp" and self.takes_milliseconds and self.is_optimized and _is_number(value):
            return
        expected, is_of_type = _TYPES.get(type_, _ANYTHING)
        if not is_of_type(value):
            yield _problem(field, f"must be {expected}")
        elif type_ == "structure":
            yield from self._of_members(shape_name, value)
        else:
            yield from (_problem(field, problem) for problem in _out_of_range(shape, value))
            items = value if type_ == "list" else value.values() if type_ == "map" else ()
            item_shape = shape.get("member" if type_ == "list" else "value", {}).get("shape", "")
            for item in items:
                yield from self.of(item_shape, item, field)

    def _of_members(self, shape_name: str, value: Mapping[str, Json]) -> Iterator[str]:
        structure = self.model.structure(shape_name)
        members = structure.members
        if shape_name == "AttributeValue":  # DynamoDB's values keep the names of their types: BOOL, NULL
            members = {name: member["shape"] for name, member in self.model.shapes[shape_name]["members"].items()}
        if self.is_strict:
            yield from (f"Required field '{name}' is missing" for name in structure.required if name not in value)
        for name, member in value.items():
            member_shape = members.get(name)
            if member_shape is not None and name not in self.free:
                yield from self.of(member_shape, member, name)


def _problem(field: str, problem: str) -> str:
    return f"Field '{field}' {problem}" if field else f"The result {problem}"


def _out_of_range(shape: Mapping[str, Json], value: Json) -> Iterator[str]:
    """Yield what is wrong with the value, length or size of a value of the right type."""
    if value not in shape.get("enum", (value,)):
        yield "is not an expected value"
    has_size = isinstance(value, (str, list, dict)) and shape["type"] != "timestamp"
    size = value if _is_number(value) else len(value) if has_size else None
    noun = "value" if _is_number(value) else "length"
    if size is not None and size < shape.get("min", size):
        yield f"is less than the minimum {noun}"
    if size is not None and size > shape.get("max", size):
        yield f"is greater than the maximum {noun}"


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Json) -> bool:
    return _is_number(value) and float(value).is_integer()


def _is_string(value: Json) -> bool:
    return isinstance(value, str)


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)


# How a value of a type looks in a result: the Java SDK's values as JSON, so that times and bytes are strings.
_TYPES: Mapping[str, tuple[str, Callable[[Json], bool]]] = {
    **dict.fromkeys(("string", "character", "timestamp", "blob"), ("a string", _is_string)),
    **dict.fromkeys(("integer", "long"), ("a number", _is_integer)),
    **dict.fromkeys(("float", "double", "bigdecimal"), ("a number", _is_number)),
    **dict.fromkeys(("structure", "map"), ("an object", _is_object)),
    "boolean": ("a boolean", lambda value: isinstance(value, bool)),
    "list": ("an array", lambda value: isinstance(value, list)),
}
_ANYTHING: tuple[str, Callable[[Json], bool]] = ("JSON", lambda value: True)
