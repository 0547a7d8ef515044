"""Mocked results against the output shapes of the APIs, as TestState's field validation compares them.

Rules: developer guide, "Testing state machines with TestState API", "Mock validation modes": fields that the API does
not have are ignored; those that it has conform to its type, values and size; the results of an HTTP task, API Gateway,
`eks:call` and `eks:runJob` are not validated; a `.sync` result has the shape of the API that is polled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.definition.integrations import ServiceModel, optimized, sdk_model, service_model
from workflow_dsl.definition.json import Json

_SDK = "aws-sdk:"
_NOT_VALIDATED = frozenset(("apigateway:invoke", "eks:call", "eks:runJob", "http:invoke"))
# The operation whose answer is the result of a .sync integration: developer guide, the IAM policies of each service.
_POLLED = {
    "athena:startQueryExecution": "GetQueryExecution",
    "batch:submitJob": "DescribeJobs",
    "bedrock:createModelCustomizationJob": "GetModelCustomizationJob",
    "codebuild:startBuild": "BatchGetBuilds",
    "codebuild:startBuildBatch": "BatchGetBuildBatches",
    "codebuild:retryBuildBatch": "BatchGetBuildBatches",
    "ecs:runTask": "DescribeTasks",
    "elasticmapreduce:addStep": "DescribeStep",
    "elasticmapreduce:createCluster": "DescribeCluster",
    "elasticmapreduce:terminateCluster": "DescribeCluster",
    "emr-containers:deleteVirtualCluster": "DescribeVirtualCluster",
    "emr-containers:startJobRun": "DescribeJobRun",
    "glue:startJobRun": "GetJobRun",
    "mediaconvert:createJob": "GetJob",
    "sagemaker:createHyperParameterTuningJob": "DescribeHyperParameterTuningJob",
    "sagemaker:createLabelingJob": "DescribeLabelingJob",
    "sagemaker:createProcessingJob": "DescribeProcessingJob",
    "sagemaker:createTrainingJob": "DescribeTrainingJob",
    "sagemaker:createTransformJob": "DescribeTransformJob",
    "states:startExecution": "DescribeExecution",
}


def result_problems(service: str, action: str, result: Json, *, is_strict: bool = True) -> list[str]:
    """Return what is wrong with a mocked result of a service's action, in TestState's words; [] if nothing is.

    The service is as in a Resource, `dynamodb` or `aws-sdk:s3`; the action may have a pattern, as in `runTask.sync`.
    If `is_strict`, as in TestState's mode STRICT, required fields that are missing are problems too; otherwise, as in
    its mode PRESENT, only fields that are there. An API that botocore does not know has no problems.
    """
    name, _, pattern = action.partition(".")
    if pattern == "waitForTaskToken":
        return []  # the result is whatever the callback sends
    found = _output_of(service, name, is_job=pattern.startswith("sync"))
    if found is None:
        return []
    model, shape = found
    # .sync:2 returns the input and output of the execution as JSON (developer guide, "Start executions").
    free = ("Input", "Output") if pattern == "sync:2" else ()
    return list(_Comparison(model, is_strict, is_optimized=not service.startswith(_SDK), free=free).of(shape, result))


def _output_of(service: str, action: str, *, is_job: bool) -> tuple[ServiceModel, str] | None:
    """Return the model of a service and the name of an action's output shape; None if nothing is validated."""
    name = f"{service}:{action}"
    if service.startswith(_SDK):
        model = sdk_model(service.removeprefix(_SDK))
        operation = model.actions.get(action) if model else None
    else:
        row = optimized().get(name, {})
        if name in _NOT_VALIDATED or "api" not in row:
            return None
        model, operation = service_model(row["api"][0]), _POLLED.get(name) if is_job else row["api"][1]
    shape = model.output(operation) if model and operation else None
    return (model, shape) if model and shape else None


class _Comparison(NamedTuple):
    """The comparison of one result with the shapes of an API."""

    model: ServiceModel
    is_strict: bool
    is_optimized: bool
    free: tuple[str, ...]  # members with any JSON in them

    def of(self, shape_name: str, value: Json, field: str = "") -> Iterator[str]:
        """Yield the problems of a value of a shape; `field` is the name of the innermost field that it is in."""
        shape: Mapping[str, Json] = self.model.shapes[shape_name]
        type_ = shape["type"]
        if shape.get("document") or (type_ == "blob" and self.is_optimized):
            return  # an optimized integration returns JSON where the API has bytes: Lambda's Payload, Bedrock's Body
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
