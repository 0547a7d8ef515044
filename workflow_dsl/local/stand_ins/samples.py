"""A small result of the right shape for a call, to paste as its mock: from botocore's output shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import ServiceModel
from workflow_dsl.local.stand_ins.result_shapes import result_shape
from workflow_dsl.shapes.sources.jobs import job_of

_HTTP: Json = {"Headers": {}, "ResponseBody": {}, "StatusCode": 200, "StatusText": "OK"}
# Integrations that are no operation of an API. Developer guide: "Create and manage Amazon EMR clusters", "Create and
# manage Amazon EKS clusters", "Creating API Gateway REST APIs" and "Call HTTPS APIs" with Step Functions.
_OWN: Mapping[str, Json] = {
    "apigateway:invoke": _HTTP,
    "eks:call": _HTTP,
    "eks:runJob": {**_HTTP, "ResponseBody": {"kind": "Job", "status": {"succeeded": 1}}, "StatusCode": 201},
    "elasticmapreduce:addStep": {"StepId": "s-1"},
    "elasticmapreduce:cancelStep": {"CancelStepsInfo": {"StepId": "s-1", "Status": "SUBMITTED"}},
    "elasticmapreduce:createCluster": {"ClusterId": "j-1"},
    "http:invoke": _HTTP,
}
_MOST_MEMBERS = 4


def sample_result(service: str, action: str, pattern: str = "") -> Json:
    """Return a result of an action, or of its job for the pattern `sync`; {} if its shape is not known."""
    name = f"{service}:{action}"
    if pattern == "waitForTaskToken":
        return {}  # whatever the callback sends
    if name in _OWN:
        return _OWN[name]
    shape = result_shape(service, f"{action}.{pattern}" if pattern else action)
    job = job_of(service, action) if pattern.startswith("sync") else None
    if shape is None:
        return {}
    if job is None or job.returns_start:
        return _sample(shape.model, shape.name, 2)
    description = _sample(shape.model, shape.name, 1)
    return job.result_of(_with_status(description, job.status, job.succeeded[0]) if job.succeeded else description)


def _with_status(description: Json, path: tuple[str, ...], status: str) -> Json:
    value: Json = {path[1]: status} if path[1:] else status
    return {**description, path[0]: value}


def _sample(model: ServiceModel, shape_name: str | None, depth: int) -> Any:
    """A value of a shape with the required members of a structure, or else its most telling ones."""
    shape: Mapping[str, Any] = model.shapes[shape_name] if shape_name else {"type": "structure"}
    type_ = shape["type"]
    if type_ == "structure":
        return _sample_structure(model, shape_name, depth) if shape_name and depth >= 0 else {}
    if type_ == "list":
        return [_sample(model, shape["member"]["shape"], depth - 1)] if depth > 0 else []
    if type_ == "string":
        return shape["enum"][0] if shape.get("enum") else "...".ljust(shape.get("min", 0), ".")[: shape.get("max", 99)]
    if type_ in ("integer", "long", "float", "double"):
        return max(shape.get("min", 1), 1)
    return {"boolean": True, "timestamp": "2026-01-31T12:00:00Z", "blob": "..."}.get(type_, {})


def _sample_structure(model: ServiceModel, shape_name: str, depth: int) -> dict[str, Json]:
    structure = model.structure(shape_name)
    members = {name: shape for name, shape in structure.members.items() if shape}
    names = [name for name in members if name in structure.required]
    others = sorted((name for name in members if name not in names), key=lambda name: _rank(model, members[name], name))
    chosen = names or others[:_MOST_MEMBERS]
    return {name: _sample(model, members[name], depth - 1) for name in chosen}


def _rank(model: ServiceModel, shape_name: str, name: str) -> int:
    """Identifiers and states first, then other values, then structures: a workflow reads the first most often."""
    if model.shapes[shape_name]["type"] in ("structure", "list", "map"):
        return 2
    return 0 if name.endswith(("Id", "Arn", "Name", "Status", "State")) else 1
