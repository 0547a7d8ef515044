"""Policy statements as a template has them: least privilege, to be pasted under Policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource
from workflow_dsl.application.template.resource_types import (
    BUCKET,
    FUNCTIONS,
    KINDS,
    LOCAL_ACCOUNT,
    LOCAL_PARTITION,
    LOCAL_REGION,
    MACHINES,
    TOPIC,
)
from workflow_dsl.permissions.needs import Need, needs_of

_HERE = "${AWS::Region}:${AWS::AccountId}"
_ARN = "!Sub arn:${AWS::Partition}:"


def resource_of(deployed: TemplateMachine, need: Need) -> str:
    """What a statement's Resource says for a need: `!GetAtt Function.Arn`; `*` where it cannot be told, or is all."""
    if need.reach == "rule":
        return f"{_ARN}events:{_HERE}:rule/{need.target}"
    if need.reach == "itself":
        kind = "stateMachine" if need.action == "states:StartExecution" else "execution"
        return f"{_ARN}states:{_HERE}:{kind}:{_own_name(deployed)}{'' if kind == 'stateMachine' else ':*'}"
    resource = deployed.template.resource_at(need.target, need.service) if need.target else None
    if need.reach == "*" or not need.target:
        return "*"
    return _of_resource(resource, need) if resource else _of_text(need)


def _own_name(deployed: TemplateMachine) -> str:
    """The state machine's own name, as Sub takes it; to refer to it from its own role would be a circle."""
    resource = deployed.template.resources[deployed.resource.logical_id]
    name = resource.properties.get(KINDS[resource.type].named_by)
    text = name.get("Fn::Sub") if isinstance(name, dict) else name
    return text if isinstance(text, str) else "*" if name else f"{resource.logical_id}-*"


def _of_resource(resource: Resource, need: Need) -> str:
    name = resource.logical_id
    if need.reach == "executions" and resource.type in MACHINES:
        return f"{_ARN}states:{_HERE}:execution:${{{name}.Name}}:*"
    if resource.type == BUCKET and (need.reach == "objects" or "Object" in need.action):
        return f"!Sub ${{{name}.Arn}}/*"
    if resource.type in FUNCTIONS and re.search(":function:[^:]+:", need.target):
        return f"!Sub ${{{name}.Arn}}:*"  # an alias or a version, which the function's own ARN does not cover
    if resource.type in (*MACHINES, TOPIC) or resource.type.startswith("AWS::StepFunctions::StateMachine"):
        return f"!Ref {name}"
    return f"!GetAtt {name}.Arn" if resource.type in KINDS else "*"


def _of_text(need: Need) -> str:
    """The ARN of what is named by an ARN, a URL or a name, with AWS's own words for where the stack lies."""
    arn = need.target if need.target.startswith("arn:") else _arn_of_name(need.target, need.service)
    if not arn:
        return "*"
    if need.reach == "executions":
        arn = arn.replace(":stateMachine:", ":execution:") + ":*"
    if need.reach == "objects" or (need.service == "s3" and "Object" in need.action):
        arn += "/*"
    is_here = LOCAL_ACCOUNT in arn or ":s3:::" in arn
    return (
        _ARN + arn.removeprefix(f"arn:{LOCAL_PARTITION}:").replace(f"{LOCAL_REGION}:{LOCAL_ACCOUNT}", _HERE)
        if is_here
        else arn
    )


def _arn_of_name(target: str, service: str) -> str:
    """The ARN of a name, or of a queue's URL, which says where the queue lies; "" where it cannot be told."""
    kind = next((kind for kind in KINDS.values() if kind.service == service), None)
    url = re.fullmatch(r"https://sqs\.([\w-]+)\.[\w.]+/(\d+)/([^/]+)/?", target)
    if kind is None or (":" in target and not url):
        return ""
    region, account, name = url.groups() if url else (LOCAL_REGION, LOCAL_ACCOUNT, target)
    return f"arn:{LOCAL_PARTITION}:{kind.arn.format(region=region, account=account, name=name)}"


def statement(actions: Sequence[str], resources: Sequence[str]) -> str:
    """A policy of one statement, in a line."""
    action = actions[0] if len(actions) == 1 else f"[{', '.join(actions)}]"
    quoted = [_in_line(each) for each in resources]
    resource = quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"
    return f"- Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]"


def _in_line(resource: str) -> str:
    """A resource where YAML's brackets are around it."""
    if resource == "*":
        return '"*"'
    tag, blank, text = resource.partition(" ")
    return f'{tag} "{text}"' if blank and "{" in text else resource


def least_privilege(deployed: TemplateMachine) -> list[tuple[list[str], list[str]]]:
    """The actions that the states of a machine need and their resources: those of one service and resource together."""
    by_resource: dict[tuple[str, str], list[str]] = {}
    for need in needs_of(deployed).needs:
        if need.level != "may":
            key = (need.action.partition(":")[0], resource_of(deployed, need))
            actions = by_resource.setdefault(key, [])
            actions += [need.action] if need.action not in actions else []
    merged: dict[tuple[str, ...], list[str]] = {}
    for (_, resource), actions in by_resource.items():
        merged.setdefault(tuple(sorted(actions)), []).append(resource)
    return [(list(actions), resources) for actions, resources in merged.items()]


def as_yaml(statements: Iterable[tuple[list[str], list[str]]]) -> list[str]:
    """The lines of a Policies property with these statements."""
    lines = ["Policies:", "  - Statement:"]
    for actions, resources in statements:
        lines += ["      - Effect: Allow", *_listed("Action", actions), *_listed("Resource", resources)]
    return lines if len(lines) > 2 else ["Policies: []"]


def _listed(name: str, values: list[str]) -> list[str]:
    shown = ['"*"' if value == "*" else value for value in values]
    if len(shown) == 1:
        return [f"        {name}: {shown[0]}"]
    return [f"        {name}:", *(f"          - {value}" for value in shown)]
