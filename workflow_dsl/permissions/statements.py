"""Policy statements in a template's YAML: the least privilege of a state machine, to paste under Policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource
from workflow_dsl.application.template.attributes import has_attribute
from workflow_dsl.application.template.resource_types import (
    BUCKET,
    FUNCTIONS,
    KINDS,
    LOCAL_ACCOUNT,
    LOCAL_PARTITION,
    LOCAL_REGION,
    MACHINES,
    TABLES,
    TOPIC,
)
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.permissions.models import ACTIONS as MODEL_ACTIONS
from workflow_dsl.permissions.models import model_resource
from workflow_dsl.permissions.needs import LOG_DELIVERY, Need, is_qualified, needs_of
from workflow_dsl.permissions.tables import arn_of_name, words_of

_HERE = "${AWS::Region}:${AWS::AccountId}"
_ARN = "!Sub arn:${AWS::Partition}:"


def resource_of(machine: TemplateMachine, need: Need) -> str:
    """The Resource of a statement for a need: `!GetAtt Function.Arn`; `*` for all resources, or for an unknown one."""
    if need.scope == "rule":
        return f"{_ARN}events:{_HERE}:rule/{need.target}"
    if need.scope == "itself":
        kind = "stateMachine" if need.action in _ON_MACHINES else "execution"
        return f"{_ARN}states:{_HERE}:{kind}:{_own_name(machine)}{'' if kind == 'stateMachine' else ':*'}"
    if need.scope == "*" or not has_resource_level(need.action):
        return "*"
    resource = need.resource_in(machine.template)
    if resource:
        return _of_resource(resource, need)
    return _of_parameter(machine, need) or (_of_target(need) if need.target else "*")


_ON_MACHINES = ("states:InvokeHTTPEndpoint", "states:StartExecution")


def _of_parameter(machine: TemplateMachine, need: Need) -> str:
    """The ARN of a target that a parameter of the template names, whatever its value will be; "" if it has another."""
    name = _parameter_behind(machine, need)
    default = machine.template.known({"Ref": name}) if name else None
    is_arn = default.startswith("arn:") if isinstance(default, str) else name.lower().endswith("arn")
    is_name = need.service != "sqs" and (isinstance(default, str) or name.endswith("Name"))  # its target is a URL
    if is_arn:
        return f"!Ref {name}" if need.scope == "target" else ""
    if not name or not is_name:
        return ""
    arn = _of_target(need._replace(target=f"${{{name}}}"))
    return _by_name(need, f"${{{name}}}") if arn == "*" else arn


def _parameter_behind(machine: TemplateMachine, need: Need) -> str:
    """The parameter that the one placeholder in a need's target stands for; "" if it has none."""
    substitutions = machine.template.substitutions_of(machine.logical_id) if machine.is_in_template else {}
    targets = (
        site.call.target or ""
        for state in machine.definition.walk()
        for site in call_sites(state)
        if state.name == need.state
    )
    values = (substitutions.get(placeholders_in(text)[0]) for text in targets if is_placeholder(text))
    names = (value["Ref"] for value in values if isinstance(value, dict) and isinstance(value.get("Ref"), str))
    known = (name for name in names if name in machine.template.values.parameters)
    return next((name for name in known if need.target in ("", machine.template.known({"Ref": name}))), "")


def has_resource_level(action: str) -> bool:
    """True if a policy can restrict an action to some resources.

    Service Authorization Reference; those for logs take none (developer guide, "Logging with CloudWatch Logs").
    """
    prefix, _, name = action.partition(":")
    return action not in LOG_DELIVERY and name not in words_of("without_resource", prefix)


def _own_name(machine: TemplateMachine) -> str:
    """The state machine's own name for Fn::Sub. Its role cannot refer to it: that would be a circular dependency."""
    name = machine.properties.get("Name", machine.properties.get("StateMachineName"))
    text = name.get("Fn::Sub") if isinstance(name, dict) else name
    if isinstance(name, dict) and isinstance(name.get("Ref"), str):
        text = f"${{{name['Ref']}}}"
    return text if isinstance(text, str) else "*" if name else f"{machine.resource.logical_id}-*"


def _of_resource(resource: Resource, need: Need) -> str:
    logical_id = resource.logical_id
    if need.scope == "executions" and resource.type in MACHINES:
        return f"{_ARN}states:{_HERE}:execution:${{{logical_id}.Name}}:*"
    if resource.type == BUCKET and (need.scope == "objects" or "Object" in need.action):
        return f"!Sub ${{{logical_id}.Arn}}/*"
    if resource.type in FUNCTIONS and is_qualified(need.target):
        return f"!Sub ${{{logical_id}.Arn}}:*"  # an alias or a version: the function's own ARN does not cover it
    if resource.type in _ARN_BY_REF:
        return f"!Ref {logical_id}"
    if resource.type in KINDS or has_attribute(resource.type, "Arn"):
        is_on_index = resource.type in TABLES and need.key.startswith("index/")
        return f"!Sub ${{{logical_id}.Arn}}/{need.key}" if is_on_index else f"!GetAtt {logical_id}.Arn"
    return _by_name(need, f"${{{logical_id}}}")


def _by_name(need: Need, name: str) -> str:
    """The ARN of what an action is on, by its name; `*` if the Service Authorization Reference has no such ARN."""
    resource = arn_of_name(need.action).partition("${")[0]
    return f"{_ARN}{need.service}:{_HERE}:{resource}{name}" if resource else "*"


# Ref gives the ARN of these (template reference, "Return values").
_ARN_BY_REF = (
    *MACHINES,
    TOPIC,
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::StepFunctions::StateMachineVersion",
    "AWS::SecretsManager::Secret",
    "AWS::ECS::TaskDefinition",
    "AWS::Batch::JobDefinition",
    "AWS::Batch::JobQueue",
)


def _of_target(need: Need) -> str:
    """The ARN of a target outside the template, with pseudo parameters where it has the local account."""
    arn = need.target if need.target.startswith("arn:") else _arn_of_name(need.target, need.service)
    if need.action == "ecs:RunTask" and re.fullmatch(r"[\w-]+(:\d+)?", need.target):
        arn = f"arn:{LOCAL_PARTITION}:ecs:{LOCAL_REGION}:{LOCAL_ACCOUNT}:task-definition/{need.target}"
    model = model_resource(need.target) if need.action in MODEL_ACTIONS else ""
    if model:
        return f"{_ARN}bedrock:${{AWS::Region}}::{model}"
    if not arn:
        return _by_name(need, need.target) if re.fullmatch(r"[\w.-]+", need.target) else "*"
    if need.scope == "executions":
        arn = arn.replace(":stateMachine:", ":execution:") + ":*"
    if need.scope == "objects" or (need.service == "s3" and "Object" in need.action):
        arn += "/*"
    if need.action == "ecs:RunTask" and re.search(r":task-definition/[^:]+$", arn):
        arn += ":*"  # any revision
    if LOCAL_ACCOUNT not in arn and ":s3:::" not in arn:
        return arn
    own = arn.removeprefix(f"arn:{LOCAL_PARTITION}:").replace(f"{LOCAL_REGION}:{LOCAL_ACCOUNT}", _HERE)
    return _ARN + own.replace(f":{LOCAL_ACCOUNT}:", ":${AWS::AccountId}:")  # of IAM, or with another region


def _arn_of_name(target: str, service: str) -> str:
    """The ARN of a name, or of a queue's URL, which contains its region and account; "" if unknown."""
    kind = next((kind for kind in KINDS.values() if kind.service == service), None)
    url = re.fullmatch(r"https://sqs\.([\w-]+)\.[\w.]+/(\d+)/([^/]+)/?", target)
    if kind is None or (":" in target and not url):
        return ""
    region, account, name = url.groups() if url else (LOCAL_REGION, LOCAL_ACCOUNT, target)
    return f"arn:{LOCAL_PARTITION}:{kind.arn.format(region=region, account=account, name=name)}"


def statement(actions: Sequence[str], resources: Sequence[str]) -> str:
    """A policy of one statement, in one line of YAML, as SAM takes it under Policies."""
    return f"- Statement: [{_statement(actions, resources)}]"


def for_role(role: str, actions: Sequence[str], resources: Sequence[str]) -> str:
    """The remedy that gives a role of the template a statement. Its policies have a name and a document."""
    return f"add to a policy of {role}: - {_statement(actions, resources)}"


def _statement(actions: Sequence[str], resources: Sequence[str]) -> str:
    action = actions[0] if len(actions) == 1 else f"[{', '.join(actions)}]"
    quoted = [_flow_scalar(resource) for resource in resources]
    joined = quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"
    return f"{{Effect: Allow, Action: {action}, Resource: {joined}}}"


def _flow_scalar(resource: str) -> str:
    """A resource as it is written within YAML's brackets."""
    if resource == "*":
        return '"*"'
    tag, blank, text = resource.partition(" ")
    return f'{tag} "{text}"' if blank and "{" in text else resource


def least_privilege(machine: TemplateMachine) -> list[tuple[list[str], list[str]]]:
    """Return statements, each as actions and resources, that allow what a state machine needs and no more.

    Actions of one service on one resource share a statement, and so do resources with the same actions. Actions without
    a resource level have a statement of their own.
    """
    by_resource: dict[tuple[str, str, bool], list[str]] = {}
    for need in needs_of(machine).needs:
        if need.level != "possible":
            key = (need.service, resource_of(machine, need), has_resource_level(need.action))
            actions = by_resource.setdefault(key, [])
            actions += [need.action] if need.action not in actions else []
    merged: dict[tuple[str, ...], list[str]] = {}
    for (_, resource, _), actions in by_resource.items():
        merged.setdefault(tuple(sorted(actions)), []).append(resource)
    return [(list(actions), ["*"] if "*" in resources else resources) for actions, resources in merged.items()]


def as_yaml(statements: Iterable[tuple[list[str], list[str]]]) -> list[str]:
    """Return the lines of a Policies property with these statements; a comment says why one is on all resources."""
    lines = ["Policies:", "  - Statement:"]
    for actions, resources in statements:
        lines += ["      - Effect: Allow", *_field_lines("Action", actions)]
        why = _why_all(actions) if resources == ["*"] else ""
        lines += [f'        Resource: "*"  # {why}'] if why else _field_lines("Resource", resources)
    return lines if len(lines) > 2 else ["Policies: []"]


def as_data(statements: Iterable[tuple[list[str], list[str]]]) -> list[Json]:
    """Return the statements as a template in JSON has them."""
    return [
        {"Effect": "Allow", "Action": actions, "Resource": [_as_json(resource) for resource in resources]}
        for actions, resources in statements
    ]


def _as_json(resource: str) -> Json:
    """A resource without YAML's tags."""
    tag, _, text = resource.partition(" ")
    if tag == "!GetAtt":
        return {"Fn::GetAtt": text.split(".", 1)}
    return {{"!Ref": "Ref", "!Sub": "Fn::Sub"}[tag]: text} if tag in ("!Ref", "!Sub") else resource


def _why_all(actions: Sequence[str]) -> str:
    """Why a statement is on all resources."""
    if any(has_resource_level(action) for action in actions):
        return "no ARN or reference says on which"
    return "this action has no resource level" if len(actions) == 1 else "these actions have no resource level"


def _field_lines(name: str, values: list[str]) -> list[str]:
    if len(values) == 1:
        return [f"        {name}: {values[0]}"]
    return [f"        {name}:", *(f"          - {value}" for value in values)]
