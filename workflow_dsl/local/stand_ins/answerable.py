"""The gap of a call that boto3, with moto or an endpoint, cannot answer; found before anything runs."""

from __future__ import annotations

from workflow_dsl.definition.integrations import botocore_name, optimized
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.local.stand_ins.gaps import Gap
from workflow_dsl.local.stand_ins.moto_support import moto_gap
from workflow_dsl.shapes.sources.jobs import job_of

_SDK = "aws-sdk:"
# Performed by the engine, or intercepted before the request is sent.
_OURS = frozenset(
    (
        *("lambda:invoke", "states:startExecution", "aws-sdk:lambda:invoke", "aws-sdk:sfn:startExecution"),
        *(f"aws-sdk:sfn:sendTask{kind}" for kind in ("Success", "Failure", "Heartbeat")),
    )
)


def gap_of_call(service: str, action: str, pattern: str, *, in_moto: bool) -> Gap | None:
    """Return why a call of a service, as in a Resource, cannot be answered; None if it seems that it can.

    A `.sync` call needs the action that describes its job too. Without `in_moto` an endpoint may answer any operation.
    """
    if f"{service}:{action}" in _OURS:
        return None
    name, is_sdk = service.removeprefix(_SDK), service.startswith(_SDK)
    if not is_sdk and "api" not in optimized().get(f"{name}:{action}", {}):
        return Gap("it is not an operation of an AWS API, so boto3 cannot call it")
    folder = botocore_name(name, action, is_sdk=is_sdk)
    model = service_model(folder)
    if model is None:
        return Gap(f"boto3 has no service {name}")
    job = job_of(service, action) if pattern.startswith(".sync") else None
    if in_moto:
        for called in (action, *([job.describe] if job else [])):
            gap = moto_gap(folder, model.actions.get(called, called))
            if gap:
                return gap
        if job and not job.ends_in_moto:
            return Gap("in moto its job never ends")
    return None
