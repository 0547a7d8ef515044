"""Compare what a role needs with what its policies allow: missing permissions, and permissions that nothing needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.findings import Keys, closest
from workflow_dsl.permissions.grants import granted, granted_to, granted_to_function, is_shared
from workflow_dsl.permissions.matching import ResolvedGrant, covers, is_granted, resolved_grants, target_of
from workflow_dsl.permissions.needs import Level, Need, Needs, needs_of
from workflow_dsl.permissions.resource_policies import a_policy_may_allow
from workflow_dsl.permissions.roles import role_of
from workflow_dsl.permissions.statements import for_role, resource_of, statement
from workflow_dsl.records import Record


class Gap(Record):
    """A difference between needs and policies, with its keys in the template.

    `is_rest`: the actions are named one by one in a statement whose others are needed.
    """

    level: Level
    keys: Keys
    message: str
    remedy: str
    is_rest: bool = False


def missing_permissions(machine: TemplateMachine) -> Iterator[Gap]:
    """Yield what a state machine's role lacks, once for each action and resource; nothing if its grants are unknown."""
    template, logical_id = machine.template, machine.resource.logical_id
    grants, role = granted(template, logical_id), role_of(template, logical_id)
    if grants is None or role is None or not machine.has_definition:
        return
    is_own = role not in template.resources
    keys = ("Resources", logical_id if is_own else role, "Properties", "Policies")
    for (subject, level, resource), actions in _missing_actions(
        machine, resolved_grants(grants, template), role
    ).items():
        on = "" if resource == "*" else f" on {resource}"
        message = f"{logical_id}: {subject} needs {_enumerated(actions)}{on}, and the role has no such permission"
        own = f"add to Policies: {statement(actions, [resource])}"
        yield Gap(level, keys, message, own if is_own else for_role(role, actions, [resource]))


def _missing_actions(
    machine: TemplateMachine, grants: list[ResolvedGrant], role: str
) -> dict[tuple[str, Level, str], list[str]]:
    """The actions that no policy allows: by the state that needs them first, their level, and their resource."""
    missing: dict[tuple[str, Level, str], list[str]] = {}
    reported = set()
    for need in needs_of(machine).needs:
        resource = resource_of(machine, need)
        is_new = need.level != "possible" and (need.action, resource) not in reported
        if (
            is_new
            and not _is_of_another_service(need, machine.template)
            and not is_granted(need, machine.template, grants, role)
        ):
            reported.add((need.action, resource))
            subject = f'"{need.state}"' if need.state else "it"
            missing.setdefault((subject, need.level, resource), []).append(need.action)
    return missing


def _is_of_another_service(need: Need, template: Template) -> bool:
    """True if the target is a wrong reference, such as a topic where a queue belongs: WRONG_RESOURCE is about it.

    Other actions may have a target of another service, such as the function that a schedule calls.
    """
    target = need.resource_in(template) if need.action in _ON_OWN_RESOURCE else None
    return target is not None and target.type in KINDS and KINDS[target.type].service != need.service


_ON_OWN_RESOURCE = frozenset(
    "dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem lambda:InvokeFunction sns:Publish "
    "sqs:SendMessage states:DescribeExecution states:StartExecution states:StopExecution".split()
)


def allows(template: Template, role: str, action: str, target: str) -> bool | None:
    """True if a role of the template allows an action on a resource of the template; None if its grants are unknown."""
    grants = granted_to(template, role)
    if grants is None:
        return None
    resource = template.resources[target]
    need = Need(action, "", "required", "target", template.values.arn(resource))
    return is_granted(need, template, resolved_grants(grants, template), role)


def function_allows(template: Template, function: str, action: str, target: str | None) -> bool | None:
    """True if a function's role allows an action on a resource of the template, or on one that is unknown.

    None if its grants are unknown.
    """
    grants, role = granted_to_function(template, function), role_of(template, function) or f"{function}Role"
    if grants is None:
        return None
    arn = template.values.arn(template.resources[target]) if target else ""
    need = Need(action, "", "required", "target" if target else "*", arn)
    is_open = target is None and a_policy_may_allow(template, role, action)
    return is_open or is_granted(need, template, resolved_grants(grants, template), role)


def _enumerated(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def unneeded_permissions(machines: Sequence[TemplateMachine]) -> Iterator[Gap]:
    """Yield what a role allows and no state of its state machines needs. `machines` are all that have this role.

    Yields nothing if grants or needs are unknown, or if anything but state machines uses the role. A policy template or
    managed policy is unneeded only if all its actions are.
    """
    template, logical_id = machines[0].template, machines[0].resource.logical_id
    grants, role = granted(template, logical_id), role_of(template, logical_id)
    if grants is None or role is None or is_shared(template, role):
        return
    needs_of_each = [needs_of(machine) for machine in machines]
    if not all(needs.is_complete for needs in needs_of_each):
        return
    calls_other_services = any(needs.calls_other_services for needs in needs_of_each)
    targeted = _with_targets(needs_of_each, template)
    by_policy: dict[Keys, list[ResolvedGrant]] = {}
    for grant in resolved_grants((grant for grant in grants if not grant.is_denied), template):
        actions = grant.grant.actions
        if not calls_other_services or all(action.lower().startswith(_CALLED_ONLY_BY_STATES) for action in actions):
            by_policy.setdefault(grant.grant.keys, []).append(grant)
    gaps = (_unneeded_in_policy(logical_id, keys, policy, targeted, template) for keys, policy in by_policy.items())
    unneeded = [gap for gap in gaps if gap]
    lacking = _lacking(machines, resolved_grants(grants, template), role) if unneeded else set()
    for gap in unneeded:
        allowed = [action.lower() for grant in by_policy[gap.keys] for action in grant.grant.actions]
        if not any(_is_meant(action, lacking) for action in allowed):
            yield gap


def _is_meant(action: str, lacking: set[str]) -> bool:
    """True if an action is one of those that lack, misspelt, or with the prefix of another service."""
    same_name = any(action.partition(":")[2] == each.partition(":")[2] for each in lacking)
    return same_name or closest(action, lacking, least=_MISSPELT) is not None


_MISSPELT = 0.9  # the least similarity of an action, of which one letter is wrong


def _lacking(machines: Iterable[TemplateMachine], grants: list[ResolvedGrant], role: str) -> set[str]:
    """The missing actions: a policy that has them misspelt, or on another resource, is wrong rather than unneeded."""
    missing = (_missing_actions(machine, grants, role) for machine in machines)
    return {action.lower() for by_resource in missing for actions in by_resource.values() for action in actions}


# Prefixes of the actions that only a state needs, and no service that a state calls.
_CALLED_ONLY_BY_STATES = ("dynamodb:", "lambda:", "sns:", "sqs:", "states:")
_TargetedNeeds = list[tuple[Need, str | None]]


def _with_targets(needs_of_each: Iterable[Needs], template: Template) -> _TargetedNeeds:
    """Every need once, whichever state has it, with the logical ID of its target."""
    unique = dict.fromkeys(need._replace(state="") for needs in needs_of_each for need in needs.needs)
    return [(need, target_of(need, template)) for need in unique]


def _unneeded_in_policy(
    logical_id: str, keys: Keys, policy: list[ResolvedGrant], needs: _TargetedNeeds, template: Template
) -> Gap | None:
    name = policy[0].grant.name
    if name == "Connector":
        return None
    actions = list(dict.fromkeys(action for grant in policy for action in grant.grant.actions))
    unneeded = [action for action in actions if not _is_needed(action, policy, needs, template)]
    if len(unneeded) == len(actions) or (unneeded and not name):
        resources = [resource for grant in policy for resource in grant.resources or ()]
        logical_ids = [logical_id for resource in resources for logical_id in resource.logical_ids]
        subject = f"{name}{f' for {logical_ids[0]}' if logical_ids else ''}" if name else ", ".join(unneeded)
        is_rest = len(unneeded) < len(actions) and not any("*" in action for action in unneeded)
        return Gap("possible", keys, f"{logical_id}: no state needs {subject}", "remove it", is_rest)
    return None


def _is_needed(action: str, policy: list[ResolvedGrant], needs: _TargetedNeeds, template: Template) -> bool:
    narrowed = [
        grant._replace(grant=grant.grant._replace(actions=(action,)))
        for grant in policy
        if action in grant.grant.actions
    ]
    return any(covers(grant, need, target, template) for grant in narrowed for need, target in needs)
