"""The IAM actions that a state machine's role needs: for the calls of its states, for logging and for tracing.

integrations.json lists those of optimized integrations (developer guide, "IAM policies for integrated services", and
each integration's own page). sdk.json lists the operations of SDK integrations whose IAM action has another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, NamedTuple

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import is_intrinsic
from workflow_dsl.definition.calls import ServiceCall, call_sites
from workflow_dsl.definition.integrations import sdk_services, service_model
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.permissions.tables import table

Level = Literal["required", "for_jobs", "possible"]
Scope = Literal["target", "executions", "objects", "rule", "itself", "*"]


class Need(NamedTuple):
    """An IAM action that a role needs.

    `required`: without it the state fails, or the state machine cannot be created. `for_jobs`: needed to track or stop
    a job, or to write logs and traces. `possible`: needed in some cases that the template does not show.
    """

    action: str
    state: str  # "" for the state machine itself
    level: Level = "required"
    scope: Scope = "*"
    target: str = ""  # an ARN, URL or name; "" if unknown
    service: str = ""  # of the target


class Needs(NamedTuple):
    """The needs of a role. `is_complete`: the needs of every state are known.

    `calls_other_services`: a called service may call others with the role's permissions.
    """

    needs: list[Need]
    is_complete: bool
    calls_other_services: bool


_LOG_DELIVERY = (  # developer guide, "Using CloudWatch Logs to log execution history": on all resources
    "logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy "
    "logs:DescribeResourcePolicies logs:DescribeLogGroups"
).split()
_TRACING = "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets".split()
_ENCRYPTION = "kms:*"  # any called resource may be encrypted


def needs_of(machine: TemplateMachine) -> Needs:
    """Return the needs of a state machine's role, in the order of its states."""
    states = list(machine.with_known_values.walk())
    needs = [need for state in states for need in _of_state(state)]
    known = [need for need in needs if need is not None]
    services = {site.call.service for state in states for site in call_sites(state)}
    return Needs(
        [*known, Need(_ENCRYPTION, "", "possible"), *_of_machine(machine)],
        machine.has_definition and None not in needs,
        not services <= _SELF_CONTAINED,
    )


# Services that call no others with the role's permissions. The rest read buckets, pass roles, join networks, and call
# other services, as Translate calls Comprehend to detect the language.
_SELF_CONTAINED = frozenset(
    "activity dynamodb eventbridge events http lambda s3 secretsmanager sfn sns sqs ssm states".split()
)


def unknown_calls(machine: TemplateMachine) -> list[str]:
    """The names of the states whose needs are unknown."""
    return [state.name for state in machine.with_known_values.walk() if None in _of_state(state)]


def _of_state(state: State) -> Iterator[Need | None]:
    """Yield the needs of a state; None for a call whose needs are unknown."""
    for site in call_sites(state):
        call = site.call
        if "Credentials" in state.fields:  # another role does the work
            yield Need("sts:AssumeRole", state.name)
        elif not is_known(call.action) or not is_known(call.service) or (not call.service and call.target):
            yield None
        elif call.service != "activity":
            yield from _of_call(state.name, call, site.resource[0])
    if state.is_distributed:
        yield Need("states:StartExecution", state.name, "required", "itself")
        yield Need("states:DescribeExecution", state.name, "for_jobs", "itself")
        yield Need("states:StopExecution", state.name, "possible", "itself")
        yield Need("states:RedriveExecution", state.name, "possible", "itself")


def _of_call(state: str, call: ServiceCall, field: object) -> Iterator[Need | None]:
    """Yield the needs of a call; `field` is the state's field that the call is in."""
    target = call.target if call.target and is_known(call.target) else ""
    row = _row_of(call, field)
    if row is None:
        yield None
        return
    levels: tuple[Level, ...] = (
        ("required", "for_jobs") if call.waits_for_job or field in _ITEM_FIELDS else ("required",)
    )
    for level in levels:
        for scope, actions in row.get(_COLUMNS[level], {}).items():
            yield from (Need(action, state, level, scope, target, call.service) for action in actions)
    if call.waits_for_job and "rule" in row:
        events = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
        yield from (Need(action, state, "required", "rule", row["rule"]) for action in events)
    yield from (Need(action, state, "possible") for action in row.get("may", ()))
    if call.service == "s3":  # without it a missing object is reported as access denied
        yield Need("s3:ListBucket", state, "possible")


def _row_of(call: ServiceCall, field: object) -> Mapping[str, Json] | None:
    """The IAM actions of a call as integrations.json has them; None if they are unknown."""
    row: Mapping[str, Json] | None = None
    if field in _ITEM_FIELDS:
        row = _OF_ITEMS.get(call.action)
    elif not call.is_sdk:
        row = table("integrations").get(f"{call.service}:{call.action}")
    actions = _of_sdk(call.service, call.action) if call.is_sdk else None
    return {"needs": {"target": actions}} if row is None and actions is not None else row


_COLUMNS: Mapping[Level, str] = {"required": "needs", "for_jobs": "waits"}
_ITEM_FIELDS = ("ItemReader", "ResultWriter")
# Developer guide, "IAM policies for using Distributed Map states".
_OF_ITEMS: Mapping[str, Mapping[str, Json]] = {
    "getObject": {"needs": {"objects": ["s3:GetObject"]}, "may": ["s3:ListBucket", "s3:GetObject*"]},
    "listObjectsV2": {"needs": {"target": ["s3:ListBucket"]}, "may": ["s3:GetObject*"]},
    "putObject": {
        "needs": {"objects": ["s3:PutObject"]},
        "waits": {"objects": ["s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]},
        "may": ["s3:ListBucket"],
    },
}


@cache
def _of_sdk(service: str, action: str) -> tuple[str, ...] | None:
    """The IAM actions of an SDK integration's operation; None if they are unknown."""
    folder = sdk_services().get(service)
    model = service_model(folder) if folder else None
    operation = model.actions.get(action) if model else None
    if folder is None or model is None or operation is None:
        return None
    exceptions = table("sdk")["operations"].get(folder, {})
    if operation in exceptions or "*" in exceptions:
        actions = exceptions.get(operation)
        return tuple(actions) if actions is not None else None
    return (f"{table('sdk')['prefixes'].get(folder, model.prefix)}:{operation}",)


def _of_machine(machine: TemplateMachine) -> Iterator[Need]:
    """Yield the needs of logging and tracing; those that a condition decides are possible."""
    properties = machine.properties
    logging = properties.get("Logging", properties.get("LoggingConfiguration"))
    level = machine.template.known(logging.get("Level")) if isinstance(logging, dict) else None
    if isinstance(logging, dict) and (is_intrinsic(logging) or (level is None and "Level" in logging)):
        yield Need("logs:*", "", "possible")
    elif isinstance(logging, dict) and logging.get("Destinations") and level not in (None, "OFF"):
        yield Need("logs:CreateLogDelivery", "")
        yield from (Need(action, "", "for_jobs") for action in _LOG_DELIVERY)
        yield Need("logs:*", "", "possible")
    tracing = properties.get("Tracing", properties.get("TracingConfiguration"))
    if not isinstance(tracing, dict) or tracing.get("Enabled", is_intrinsic(tracing)) in (False, "false"):
        return
    sam_allows_it = "Role" not in properties and "Tracing" in properties
    is_certain = tracing.get("Enabled") is True and not sam_allows_it
    yield from (Need(action, "", "for_jobs" if is_certain else "possible") for action in _TRACING)
    yield Need("xray:*", "", "possible")
