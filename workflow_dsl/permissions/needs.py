"""What a state machine's role needs: for what its states call, read and write, and for where it logs.

For optimized integrations integrations.json has it (developer guide, "IAM policies for integrated services", and each
integration's own page); for SDK integrations sdk.json says where an IAM action has another name than the operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, NamedTuple

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.calls import ServiceCall, sites
from workflow_dsl.definition.integrations import api, sdk_services
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.permissions.tables import table

Level = Literal["must", "waits", "may"]
Reach = Literal["target", "executions", "objects", "rule", "itself", "*"]


class Need(NamedTuple):
    """An IAM action that a role needs.

    Without one that it `must` have the state fails, or the state machine cannot be made. One that it `waits` with
    serves to find out the end of a job, to stop it, or to leave a trace. Whether it needs one that it `may` depends on
    what is not known here.
    """

    action: str
    state: str  # "" for the state machine itself
    level: Level = "must"
    reach: Reach = "*"
    target: str = ""  # an ARN, URL or name; "" where it is not known
    service: str = ""  # of the target


class Needs(NamedTuple):
    """What a role needs; `is_whole` says that nothing of it is unknown.

    `others_act` says that a service is called which may do something else in the role's name.
    """

    needs: list[Need]
    is_whole: bool
    others_act: bool


_LOG_DELIVERY = (  # developer guide, "Using CloudWatch Logs to log execution history": it takes no resource
    "logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy "
    "logs:DescribeResourcePolicies logs:DescribeLogGroups"
).split()
_TRACING = "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets".split()
_OF_ANY = ("kms:*",)  # keys by which whatever is called may be encrypted


def needs_of(deployed: TemplateMachine) -> Needs:
    """What the role of a state machine needs, in the order of its states."""
    found = [each for state in deployed.known.walk() for each in _of_state(state)]
    known = [each for each in found if each is not None]
    known += [Need(action, "", "may") for action in _OF_ANY]
    others_act = any(site.call.service not in _PLAIN for state in deployed.known.walk() for site in sites(state))
    return Needs([*known, *_of_machine(deployed)], deployed.has_definition and None not in found, others_act)


# Services that do nothing else in the name of who calls them. Others read buckets, pass roles, join networks, and ask
# yet others, as Translate does Comprehend for the language.
_PLAIN = "activity dynamodb eventbridge events http lambda s3 secretsmanager sfn sns sqs ssm states".split()


def unknown_calls(deployed: TemplateMachine) -> list[str]:
    """The states of which it is not known what they need."""
    return [state.name for state in deployed.known.walk() if None in _of_state(state)]


def _of_state(state: State) -> Iterator[Need | None]:
    """What a state needs; None for what is not known."""
    for site in sites(state):
        call = site.call
        if "Credentials" in state.fields:  # another role does the work
            yield Need("sts:AssumeRole", state.name)
        elif not is_known(call.action) or not is_known(call.service) or (not call.service and call.target):
            yield None
        elif call.service != "activity":
            yield from _of_call(state.name, call, site.resource[0])
    if state.type == "Map" and any(scope.is_distributed for scope in state.nested):
        yield Need("states:StartExecution", state.name, "must", "itself")
        yield Need("states:DescribeExecution", state.name, "waits", "itself")
        yield from (Need(f"states:{each}Execution", state.name, "may", "itself") for each in ("Stop", "Redrive"))


def _of_call(state: str, call: ServiceCall, holder: object) -> Iterator[Need | None]:
    target = call.target if call.target and is_known(call.target) else ""
    row = table("integrations").get(f"{call.service}:{call.action}") if not call.is_sdk else None
    if holder in _OF_ITEMS_HOLDERS:
        row = _OF_ITEMS.get(call.action)
    if row is None:
        actions = _of_sdk(call.service, call.action) if call.is_sdk else None
        row = {"needs": {"target": actions}} if actions is not None else None
    if row is None:
        yield None
        return
    levels: tuple[Level, ...] = ("must", "waits") if call.waits or holder in _OF_ITEMS_HOLDERS else ("must",)
    for level in levels:
        for reach, actions in row.get("needs" if level == "must" else "waits", {}).items():
            yield from (Need(action, state, level, reach, target, call.service) for action in actions)
    if call.waits and "rule" in row:
        events = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
        yield from (Need(action, state, "must", "rule", row["rule"]) for action in events)
    yield from (Need(action, state, "may") for action in row.get("may", ()))
    if call.service == "s3":  # with it, what is not there is told from what is not allowed
        yield Need("s3:ListBucket", state, "may")


_OF_ITEMS_HOLDERS = ("ItemReader", "ResultWriter")
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
    """The IAM actions of an SDK integration's operation; None where they are not known."""
    folder = sdk_services().get(service)
    model = api(folder) if folder else None
    operation = model.actions.get(action) if model else None
    if folder is None or model is None or operation is None:
        return None
    facts = table("sdk")
    others = facts["operations"].get(folder, {})
    if operation in others or "*" in others:
        named = others.get(operation)
        return tuple(named) if named is not None else None
    return (f"{facts['prefixes'].get(folder, model.prefix)}:{operation}",)


def _of_machine(deployed: TemplateMachine) -> Iterator[Need]:
    """What logging and tracing need."""
    properties = deployed.template.resources[deployed.resource.logical_id].properties
    logging = properties.get("Logging", properties.get("LoggingConfiguration"))
    level = deployed.template.known(logging.get("Level")) if isinstance(logging, dict) else None
    if isinstance(logging, dict) and logging.get("Destinations") and level not in (None, "OFF"):
        yield Need("logs:CreateLogDelivery", "")
        yield from (Need(action, "", "waits") for action in _LOG_DELIVERY)
        yield Need("logs:*", "", "may")
    tracing = properties.get("Tracing", properties.get("TracingConfiguration"))
    if isinstance(tracing, dict) and tracing.get("Enabled") is True:
        is_given_by_sam = "Role" not in properties and "Tracing" in properties
        yield from (Need(action, "", "may" if is_given_by_sam else "waits") for action in _TRACING)
        yield Need("xray:*", "", "may")
