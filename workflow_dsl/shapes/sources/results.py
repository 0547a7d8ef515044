"""The results of Tasks: of functions and nested state machines as declared, of APIs as botocore has them.

Developer guide, "Integrating optimized services": its page for each, and "Run a Job (.sync)". What a callback sends is
unknown.
"""

from __future__ import annotations

from functools import lru_cache

from workflow_dsl.definition.integrations import Integration, integration_of, optimized, sdk_model
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.shapes.declared import Signature
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    field_with,
    record,
    shape_of,
)
from workflow_dsl.shapes.sources.apis import output_shape
from workflow_dsl.shapes.sources.jobs import added_fields, job_of

_ADDED = ("SdkHttpMetadata", "SdkResponseMetadata")  # of the HTTP response, which Step Functions adds


def result_of_task(state: State, parameters: Json, signature: Signature) -> Shape:
    """Return the shape of a Task's result."""
    resource = state.fields.get("Resource")
    integration = integration_of(resource) if isinstance(resource, str) else None
    if integration is None:
        return signature.gives
    if integration.pattern == ".waitForTaskToken":
        return UNKNOWN
    if (integration.service, integration.action) == ("lambda", "invoke"):
        return _invoked(integration, parameters, signature)
    if integration.service == "states" and integration.pattern:
        return _execution(integration, signature)
    if integration.service == "dynamodb" and integration.action in _WRITES and _returns_nothing(parameters):
        return _without_attributes(_of_api(integration))
    return _of_job(integration) if integration.pattern else _of_api(integration)


_WRITES = ("deleteItem", "putItem", "updateItem")


def _returns_nothing(parameters: Json) -> bool:
    """True for a write without ReturnValues, which is NONE (DynamoDB API reference, "UpdateItem")."""
    if not isinstance(parameters, dict) or "ReturnValues.$" in parameters:
        return False
    return bool(parameters.get("ReturnValues", "NONE") == "NONE")


def _without_attributes(shape: Shape) -> Shape:
    """The result of a write without the item that it had or has."""
    if len(shape.records) != 1:
        return shape
    part = shape.records[0]
    return shape_of((part.with_fields({name: each for name, each in part.fields.items() if name != "Attributes"}),))


@lru_cache(maxsize=512)
def _of_api(integration: Integration) -> Shape:
    if not integration.is_sdk and (integration.service, integration.action) in _OTHERS:
        return _OTHERS[integration.service, integration.action]
    model = sdk_model(integration.service) if integration.is_sdk else None
    operation = model.actions.get(integration.action) if model else None
    if not integration.is_sdk:
        row = optimized().get(f"{integration.service}:{integration.action}", {})
        model, operation = (service_model(row["api"][0]), row["api"][1]) if "api" in row else (None, None)
    # Developer guide, "Invoke Amazon Bedrock AgentCore harness": a stream becomes another structure.
    if model is None or operation is None or model.streams(operation):
        return UNKNOWN
    origin = Origin(f"the result of {integration.service}:{integration.action}")
    added = () if integration.is_sdk else added_fields(integration.service, integration.action)
    return _with_metadata(output_shape(model, operation, is_sdk=integration.is_sdk), origin, added)


@lru_cache(maxsize=256)
def _of_job(integration: Integration) -> Shape:
    """The result of `.sync`: the description of the job, in the answer of the API that describes it."""
    job = job_of(integration.service, integration.action)
    row = optimized().get(f"{integration.service}:{integration.action}", {})
    model = service_model(row["api"][0]) if "api" in row else None
    if job is None or model is None or job.ends_when_gone:
        return UNKNOWN
    if job.returns_start:
        return _of_api(integration)
    operation = model.actions.get(job.describe)
    described = output_shape(model, operation, is_sdk=False) if operation else UNKNOWN
    for key in job.at:
        described = _below(described, key)
    if not described.records:
        return UNKNOWN
    if job.result_name:
        described = record({job.result_name: Field(described, Presence.UNSTATED)})
    origin = Origin(f"the result of {integration.service}:{integration.action}{integration.pattern}")
    return _with_metadata(described, origin, added_fields(integration.service, integration.action))


def _below(shape: Shape, key: str | int) -> Shape:
    """The shape of a field, or of the items of a list; UNKNOWN if it has no such thing."""
    if isinstance(key, int):
        return shape.lists[0].item if shape.lists else UNKNOWN
    found = shape.records[0].fields.get(key) if shape.records else None
    return found.shape if found else UNKNOWN


def _with_metadata(shape: Shape, origin: Origin, added: tuple[str, ...] = ()) -> Shape:
    """A result with what Step Functions adds: data about the HTTP response, and `added` fields of the request."""
    if shape.parts is None or not shape.records:
        return shape
    of_request = dict.fromkeys(added, Field(UNKNOWN, Presence.UNSTATED))
    metadata = dict.fromkeys(_ADDED, Field(ANY_RECORD, Presence.UNSTATED))
    return record({**of_request, **shape.records[0].fields, **metadata}, None, origin)


def _invoked(integration: Integration, parameters: Json, signature: Signature) -> Shape:
    """The answer of Lambda, with the function's result as its Payload (developer guide, "Invoke a Lambda function")."""
    payload = STRING if integration.is_sdk else signature.gives
    if not isinstance(parameters, dict) or "InvocationType" in parameters or "InvocationType.$" in parameters:
        payload = UNKNOWN
    return _ANY_INVOKED if payload is UNKNOWN else _with_payload(payload)


def _with_payload(payload: Shape) -> Shape:
    fields = {"Payload": field_with(payload, Presence.UNSTATED if payload is UNKNOWN else Presence.SURE)}
    fields |= dict.fromkeys(("ExecutedVersion", "FunctionError", "LogResult"), Field(STRING, Presence.UNSTATED))
    shape = record({**fields, "StatusCode": Field(NUMBER, Presence.UNSTATED)})
    return _with_metadata(shape, Origin("the result of lambda:invoke"))


def _execution(integration: Integration, signature: Signature) -> Shape:
    """The description of a nested execution (developer guide, "Start executions of another state machine")."""
    model = service_model("stepfunctions")
    if model is None:
        return UNKNOWN
    shape = output_shape(model, "DescribeExecution", is_sdk=False)
    is_json = integration.pattern == ".sync:2"
    if shape.parts is None or not shape.records:
        return UNKNOWN
    values = {"Input": UNKNOWN, "Output": signature.gives} if is_json else {"Input": STRING, "Output": STRING}
    added: dict[str, Shape | Field] = {name: Field(value, Presence.UNSTATED) for name, value in values.items()}
    if is_json and signature.gives is not UNKNOWN:
        added["Output"] = signature.gives
    described = record({**shape.records[0].fields, **added})
    return _with_metadata(described, Origin(f"the result of states:startExecution{integration.pattern}"))


_ANY_INVOKED = _with_payload(UNKNOWN)
_OTHERS = {
    # Developer guide, "Call HTTPS APIs": the response of an HTTP task.
    ("http", "invoke"): record(
        {
            "Headers": ANY_RECORD,
            "ResponseBody": Field(UNKNOWN, Presence.UNSTATED),
            "StatusCode": NUMBER,
            "StatusText": Field(STRING, Presence.UNSTATED),
        },
        None,
        Origin("the result of http:invoke"),
    ),
    # Developer guide, "Invoke and customize Amazon Bedrock models": the body is JSON; with an Output it is in S3.
    ("bedrock", "invokeModel"): record(
        {
            "Body": Field(UNKNOWN, Presence.UNSTATED),
            **dict.fromkeys(
                ("ContentType", "PerformanceConfigLatency", "ServiceTier"), Field(STRING, Presence.UNSTATED)
            ),
            **dict.fromkeys(_ADDED, Field(ANY_RECORD, Presence.UNSTATED)),
        },
        None,
        Origin("the result of bedrock:invokeModel"),
    ),
}
