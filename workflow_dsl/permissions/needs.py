"""The IAM actions that a state machine's role needs: for the calls of its states, for logging and for tracing.

integrations.json lists those of optimized integrations (developer guide, "IAM policies for integrated services", and
each integration's own page). sdk.json lists the operations of SDK integrations whose IAM action has another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Literal, NamedTuple

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.calls import CallSite, ServiceCall, call_sites
from workflow_dsl.definition.integrations import sdk_services
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.permissions.encryption import BOTH, actions_on_key, key_of
from workflow_dsl.permissions.passed_roles import must_pass_role, passed_roles, roles_of_task_definition
from workflow_dsl.permissions.subjects import part_of, source_of_copy, subjects_of, target_of_call
from workflow_dsl.permissions.tables import actions_of_operation, table, words_of
from workflow_dsl.records import Record, replace

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
    resource: str = ""  # the logical ID in the template, where the target is a reference to it
    # Of an object in a bucket, with `*` at the end for what only the execution knows, or of an index: `index/NAME`.
    key: str = ""

    @property
    def service(self) -> str:
        """The service of the target in ARNs, which is the action's."""
        return self.action.partition(":")[0]

    def resource_in(self, template: Template) -> Resource | None:
        """The resource of the template that is the target; None if it has none."""
        found = template.resource_at(self.target, self.service) if self.target else None
        return template.resources.get(self.resource, found)


class Needs(Record):
    """The needs of a role. `is_complete`: the needs of every state are known.

    `calls_other_services`: a called service may call others with the role's permissions.
    """

    needs: list[Need]
    is_complete: bool
    calls_other_services: bool


LOG_DELIVERY = (  # developer guide, "Using CloudWatch Logs to log execution history": on all resources
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups"
).split()
_TRACING = "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets".split()
_ENCRYPTION = "kms:*"  # any called resource may be encrypted


def needs_of(machine: TemplateMachine) -> Needs:
    """Return the needs of a state machine's role, in the order of its states."""
    return machine.once(_needs_of)


def _needs_of(machine: TemplateMachine) -> Needs:
    states = list(machine.with_known_values.walk())
    needs = [need for state in states for need in _of_state(machine, state)]
    known = [each for need in needs if need is not None for each in (need, *_of_key(machine.template, need))]
    services = {site.call.service for state in states for site in call_sites(state)}
    return Needs(
        [*known, Need(_ENCRYPTION, "", "possible"), *_of_machine(machine), *_of_own_key(machine)],
        machine.has_definition and None not in needs,
        not services <= _SELF_CONTAINED,
    )


def _of_key(template: Template, need: Need) -> Iterator[Need]:
    """Yield the needs on the key that encrypts a need's resource."""
    actions = actions_on_key(need.action)
    resource = need.resource_in(template) if actions else None
    key = key_of(template, resource) if resource else None
    for action in actions if key else ():
        yield Need(action, need.state, "required", "target", "", key.logical_id if key else "")


# Services that call no others with the role's permissions. The rest read buckets, pass roles, join networks, and call
# other services, as Translate calls Comprehend to detect the language.
_SELF_CONTAINED = frozenset(
    "activity dynamodb eventbridge events http lambda s3 secretsmanager sfn sns sqs ssm states".split()
)


def further_needs(machine: TemplateMachine) -> dict[str, list[str]]:
    """The actions that a call may need on data which the definition does not name, by its state: for a query `s3:*`."""
    needs = [need for need in needs_of(machine).needs if need.state and need.level == "possible"]
    wide = dict.fromkeys(need.state for need in needs if need.action.endswith(":*"))
    return {state: [need.action for need in needs if need.state == state and _is_of_data(need)] for state in wide}


def _is_of_data(need: Need) -> bool:
    return need.action not in ("iam:PassRole", "s3:ListBucket")


def unknown_calls(machine: TemplateMachine) -> list[str]:
    """The names of the states whose needs are unknown."""
    return [state.name for state in machine.with_known_values.walk() if None in _of_state(machine, state)]


def _of_state(machine: TemplateMachine, state: State) -> Iterator[Need | None]:
    """Yield the needs of a state; None for a call whose needs are unknown."""
    for site in call_sites(state):
        call = site.call
        if "Credentials" in state.fields:  # another role does the work
            yield Need("sts:AssumeRole", state.name)
        elif not is_known(call.action) or not is_known(call.service) or (not call.service and call.target):
            yield None
        elif call.service != "activity":
            yield from _of_call(machine, state, site)
    if state.is_distributed:
        yield from _of_children(machine, state.name)


def _of_children(machine: TemplateMachine, state: str) -> Iterator[Need]:
    """Yield the needs of a distributed Map, whose children are executions of its own state machine.

    Developer guide, "IAM policies for using Distributed Map states".
    """
    name = own_name(machine)
    own = f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}"
    yield _on_itself(machine, "states:StartExecution", state)
    executions = f"{own}:execution:{name}:*" if name else ""
    yield Need("states:DescribeExecution", state, "for_jobs", "itself", executions)
    yield Need("states:StopExecution", state, "for_jobs", "itself", executions)
    yield Need("states:RedriveExecution", state, "possible", "itself")


_OF_HTTP = "states:InvokeHTTPEndpoint"


def _on_itself(machine: TemplateMachine, action: str, state: str) -> Need:
    """The need of an action on the state machine itself; on its resource where a parameter is in its name."""
    name, own = own_name(machine), f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}"
    if not name:
        return Need(action, state, "required", "itself", "", machine.logical_id)
    return Need(action, state, "required", "itself", f"{own}:stateMachine:{name}")


def own_name(machine: TemplateMachine) -> str:
    """A state machine's name as far as the template says it, with `*` for what CloudFormation adds; "" if unknown."""
    name = machine.properties.get("Name", machine.properties.get("StateMachineName"))
    if name is None:
        return f"{machine.logical_id}-*"
    parameters = machine.template.values.parameters.keys()
    known = None if parameters & set(references(name)) else machine.template.known(name)
    return known if isinstance(known, str) else ""


def _of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Need | None]:
    """Yield the needs of a call."""
    call, field = site.call, site.resource[0]
    holder = state.fields if field == "Resource" else state.fields[str(field)]
    parameters = dict_or_empty(holder.get("Parameters", holder.get("Arguments")))
    row = _row_of(call, field, parameters)
    if row is None:
        yield None
        return
    subjects = subjects_of(machine, call, parameters, part_of(machine, call, parameters, field))
    is_job = call.waits_for_job or field in _ITEM_FIELDS
    levels: tuple[Level, ...] = ("required", "for_jobs") if is_job else ("required",)
    for level in levels:
        for scope, actions in row.get(_COLUMNS[level], {}).items():
            for action in actions:
                is_of_source = action == "s3:GetObject" and call.action in ("copyObject", "uploadPartCopy")
                on = [source_of_copy(machine, call, parameters)] if is_of_source else subjects
                if action == _OF_HTTP:  # on the state machine itself (developer guide, "Call HTTPS APIs")
                    yield _on_itself(machine, action, state.name)
                else:
                    yield from (Need(action, state.name, level, scope, *subject) for subject in on)
    if (call.service, call.action) == ("apigateway", "invoke") and parameters.get("AuthType") == "IAM_ROLE":
        yield Need("execute-api:Invoke", state.name, "for_jobs")  # the API's own policy may allow it instead
    yield from _of_second_target(machine, state.name, call, row, parameters)
    if call.waits_for_job and "rule" in row:
        events = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
        yield from (Need(action, state.name, "required", "rule", row["rule"]) for action in events)
    yield from _of_tags(state.name, call, row, parameters)
    passing = () if call.service in _SELF_CONTAINED else ("iam:PassRole",)
    yield from (Need(action, state.name, "possible") for action in (*row.get("may", ()), *passing))
    if call.service == "s3":  # without it a missing object is reported as access denied
        yield Need("s3:ListBucket", state.name, "possible")
    yield from _of_roles(machine, state.name, call, parameters, (str(holder["Resource"]), _actions_of(row)))


def _of_second_target(
    machine: TemplateMachine, state: str, call: ServiceCall, row: Mapping[str, Json], parameters: Mapping[str, Json]
) -> Iterator[Need]:
    """Yield the needs on what a second parameter names, as the queue of a job beside its definition."""
    value = parameters.get(row.get("also", ""))
    if isinstance(value, str) and not value.startswith("{%"):
        target, resource = target_of_call(machine, replace(call, target=value), {})
        yield from (Need(action, state, "required", "target", target, resource) for action in row["needs"]["target"])


def is_qualified(target: str) -> bool:
    """True for the ARN or name of a function's alias or version; the latest code has the function's own ARN."""
    _, colon, qualifier = target.rpartition("function:")[2].partition(":")
    return bool(colon) and qualifier != "$LATEST"


def _of_tags(state: str, call: ServiceCall, row: Mapping[str, Json], parameters: Mapping[str, Json]) -> Iterator[Need]:
    """Yield the needs of tagging what a call creates: with the tags of its parameters, or with Step Functions' own."""
    if call.waits_for_job:
        yield from (Need(action, state) for action in row.get("sync", ()))
    given = (name.removesuffix(".$") for name, value in parameters.items() if value)
    if any(name.endswith(("Tags", "TagSpecifications")) for name in given):
        tagging = dict.fromkeys([*(each for each in row.get("may", ()) if "Tag" in each), *_tagging(_actions_of(row))])
        yield from (Need(action, state) for action in tagging if not action.endswith(":ListTags"))


def _actions_of(row: Mapping[str, Json]) -> list[str]:
    return [action for actions in row.get("needs", {}).values() for action in actions]


def _tagging(actions: Iterable[str]) -> Iterator[str]:
    """The actions that add the tags of what these actions create."""
    for action in actions:
        prefix, _, name = action.partition(":")
        yield from (word.partition("=")[2] for word in words_of("tag", prefix) if word.startswith(f"{name}="))


def _of_roles(
    machine: TemplateMachine,
    state: str,
    call: ServiceCall,
    parameters: Mapping[str, Json],
    called: tuple[str, list[str]],
) -> Iterator[Need]:
    """Yield iam:PassRole for each role that a call hands over; `called` is its Resource and its actions."""
    resource, actions = called
    level: Level = "required" if any(must_pass_role(action) for action in actions) else "for_jobs"
    roles = [*passed_roles(resource, parameters)]
    if (call.service, call.action) == ("ecs", "runTask"):
        definition = task_definition(machine, call)
        if definition:
            roles += roles_of_task_definition(machine.template, definition)
        elif not roles and parameters.get("LaunchType") == "FARGATE":  # its definition has a role to pull its image
            yield Need("iam:PassRole", state, "for_jobs")
    yield from (Need("iam:PassRole", state, level, "target", role) for role in dict.fromkeys(roles))


def task_definition(machine: TemplateMachine, call: ServiceCall) -> Resource | None:
    """The task definition of the template that a call runs; None for another one, and for other calls."""
    target = call.target or ""
    definition = machine.referenced(target) or machine.template.resource_at(target, "ecs")
    return definition if definition and definition.type == "AWS::ECS::TaskDefinition" else None


def _row_of(call: ServiceCall, field: object, parameters: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The IAM actions of a call as integrations.json has them; None if they are unknown."""
    row: Mapping[str, Json] | None = None
    if field in _ITEM_FIELDS:
        row = _OF_ITEMS.get(call.action)
    elif not call.is_sdk:
        row = table("integrations").get(f"{call.service}:{call.action}")
    by_content = _BY_CONTENT.get((call.service, call.action), {}) if call.is_sdk else {}
    content = next((name for name in by_content if name in dict_or_empty(parameters.get("Content"))), "")
    actions = (by_content.get(content) or _of_sdk(call.service, call.action)) if call.is_sdk else None
    return {"needs": {"target": actions}} if row is None and actions is not None else row


# SES developer guide, "Controlling access to Amazon SES": the action depends on the kind of message.
_BY_CONTENT: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("sesv2", "sendEmail"): {"Simple": ("ses:SendEmail",), "Raw": ("ses:SendRawEmail",)},
}
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
    return actions_of_operation(folder, model.prefix, operation)


def _of_own_key(machine: TemplateMachine) -> Iterator[Need]:
    """Yield the needs on the key that encrypts the executions of the state machine itself."""
    encryption = dict_or_empty(machine.properties.get("EncryptionConfiguration"))
    is_own = encryption.get("Type") == "CUSTOMER_MANAGED_KMS_KEY"
    key = key_of(machine.template, machine.template.resources[machine.logical_id]) if is_own else None
    yield from (Need(action, "", "required", "target", "", key.logical_id) for action in BOTH) if key else ()


def _of_machine(machine: TemplateMachine) -> Iterator[Need]:
    """Yield the needs of logging and tracing; those that a condition decides are possible."""
    properties = machine.properties
    logging = properties.get("Logging", properties.get("LoggingConfiguration"))
    level = machine.template.known(logging.get("Level")) if isinstance(logging, dict) else None
    if isinstance(logging, dict) and (is_intrinsic(logging) or (level is None and "Level" in logging)):
        yield Need("logs:*", "", "possible")
    elif isinstance(logging, dict) and logging.get("Destinations") and level not in (None, "OFF"):
        yield Need("logs:CreateLogDelivery", "")
        yield from (Need(action, "", "for_jobs") for action in LOG_DELIVERY[1:])
        yield Need("logs:*", "", "possible")
    tracing = properties.get("Tracing", properties.get("TracingConfiguration"))
    if not isinstance(tracing, dict) or tracing.get("Enabled", is_intrinsic(tracing)) in (False, "false"):
        return
    sam_allows_it = "Role" not in properties and "Tracing" in properties
    is_certain = tracing.get("Enabled") is True and not sam_allows_it
    yield from (Need(action, "", "for_jobs" if is_certain else "possible") for action in _TRACING)
    yield Need("xray:*", "", "possible")
