"""What a role needs against what it is given: what is missing, and what nothing needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from workflow_dsl.asl import Json
from workflow_dsl.deployment import Deployed
from workflow_dsl.findings import Key
from workflow_dsl.permissions.grants import Grant, granted, has_own_policy, is_shared, role_of
from workflow_dsl.permissions.needs import Level, Need, needs_of
from workflow_dsl.permissions.statements import resource_of, statement
from workflow_dsl.template import Template, references
from workflow_dsl.template.kinds import KINDS


class Gap(NamedTuple):
    """A difference, at what keys lead to in the template, with what to write there."""

    level: Level
    keys: tuple[Key, ...]
    message: str
    remedy: str


def missing_permissions(deployed: Deployed) -> Iterator[Gap]:
    """What a state machine does without the permission, once for each action and resource; nothing where unknown."""
    template, logical_id = deployed.template, deployed.resource.logical_id
    given, role = granted(template, logical_id), role_of(template, logical_id)
    if given is None or role is None or not deployed.has_definition:
        return
    is_own = role not in template.resources
    where = "Policies" if is_own else f"the policies of {role}"
    keys = ("Resources", logical_id if is_own else role, "Properties", "Policies")
    for (who, level, resource), actions in _lacking(deployed, given, role).items():
        on = "" if resource == "*" else f" on {resource}"
        message = f"{logical_id}: {who} needs {_and(actions)}{on}, and the role has no such permission"
        yield Gap(level, keys, message, f"add to {where}: {statement(actions, [resource])}")


def _lacking(deployed: Deployed, given: Sequence[Grant], role: str) -> dict[tuple[str, Level, str], list[str]]:
    """The actions that no policy grants: by who first needs them, how much, and on what."""
    found: dict[tuple[str, Level, str], list[str]] = {}
    said = set()
    for need in needs_of(deployed).needs:
        resource = resource_of(deployed, need)
        is_new = need.level != "may" and (need.action, resource) not in said
        if is_new and not _is_given(need, deployed, given, role):
            said.add((need.action, resource))
            who = f'"{need.state}"' if need.state else "it"
            found.setdefault((who, need.level, resource), []).append(need.action)
    return found


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is_given(need: Need, deployed: Deployed, given: Sequence[Grant], role: str) -> bool:
    target = _target(need, deployed.template)
    if target and has_own_policy(deployed.template, target, role):
        return True
    return any(_gives(grant, need, deployed.template) for grant in given)


def _target(need: Need, template: Template) -> str | None:
    """The resource of the template that is needed."""
    resource = template.resource_at(need.target, need.service) if need.target else None
    return resource.logical_id if resource else None


def _gives(grant: Grant, need: Need, template: Template) -> bool:
    return any(_matches(action, need.action) for action in grant.actions) and _reaches(grant, need, template)


def _reaches(grant: Grant, need: Need, template: Template) -> bool:
    if grant.resources is None or not need.target or need.reach in ("rule", "itself", "*"):
        return True
    return any(_covers(value, need, template) for value in grant.resources)


def _covers(value: Json, need: Need, template: Template) -> bool:
    """Whether a statement's resource may be the needed one: surely not only where both are known and differ."""
    target = _target(need, template)
    named = {each for name in references(value) for each in _meant(name, template)}
    if named:
        return target is None or target in named
    text = template.known(value)
    if not isinstance(text, str) or text == "*" or need.service not in _NAMED_IN_ARNS:
        return True
    if target is None:
        literal = need.target.rpartition("/")[2] if "://" in need.target else need.target
        return _is_in(text, literal) or ("*" in text and not literal.startswith("arn:"))
    resource = template.resources[target]
    kind = KINDS.get(resource.type)
    if kind is None or template.known(resource.properties.get(kind.named_by)) is None:
        return "*" in text  # the stack makes its name up
    return _is_in(text, template.values.arn(resource)) or text == template.values.name(resource)


_NAMED_IN_ARNS = frozenset(kind.service for kind in KINDS.values())


def _is_in(text: str, needed: str) -> bool:
    """Whether a pattern of IAM takes an ARN in, wherever it lies: region and account of the stack are not known."""
    one, other = text.split(":", 5), needed.split(":", 5)
    if one[0] == other[0] == "arn" and len(one) == len(other) == 6:
        return one[2] == other[2] and _matches(one[5].removesuffix(":*"), other[5])
    return _matches(text, needed) or needed in text


def _meant(name: str, template: Template) -> Iterator[str]:
    """A resource, and the function or state machine that it is an alias or a version of."""
    if name in template.resources:
        yield name
        if template.resources[name].type.endswith(("Alias", "Version")):
            yield from references(template.resources[name].properties)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """IAM's wildcards: * for any signs, ? for one; letter case is not told apart."""
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE | re.DOTALL)


def _matches(pattern: str, text: str) -> bool:
    """Whether either covers the other: what may be needed can be a pattern too."""
    return bool(_pattern(pattern).fullmatch(text)) or ("*" in text and bool(_pattern(text).fullmatch(pattern)))


def unneeded_permissions(deployed: Deployed, others: Iterable[Deployed]) -> Iterator[Gap]:
    """What a role is given that no state of its state machines needs; nothing where it is unknown, or others have it.

    `others` are the template's other state machines. A policy template or a policy of AWS counts as a whole.
    """
    template, logical_id = deployed.template, deployed.resource.logical_id
    given, role = granted(template, logical_id), role_of(template, logical_id)
    if given is None or role is None or is_shared(template, role):
        return
    sharing = [deployed, *(each for each in others if role_of(template, each.resource.logical_id) == role)]
    found = [needs_of(each) for each in sharing]
    if not all(each.is_whole for each in found):
        return
    needs = [need for each in found for need in each.needs]
    others_act = any(each.others_act for each in found)
    whole: dict[tuple[Key, ...], list[Grant]] = {}
    for grant in given:
        if not others_act or all(action.lower().startswith(_OF_STATES) for action in grant.actions):
            whole.setdefault(grant.keys, []).append(grant)
    for keys, grants in whole.items():
        yield from _unneeded(logical_id, keys, grants, needs, template)


# Actions that no service needs which a state calls, but a state itself.
_OF_STATES = ("dynamodb:", "lambda:", "sns:", "sqs:", "states:")


def _unneeded(
    logical_id: str, keys: tuple[Key, ...], grants: list[Grant], needs: list[Need], template: Template
) -> Iterator[Gap]:
    name = grants[0].name
    if name in ("Tracing", "Connector"):
        return
    used = any(_gives(grant, need, template) for grant in grants for need in needs)
    if name or not used:
        what = name or ", ".join(grants[0].actions)
        if not used:
            yield Gap("may", keys, f"{logical_id}: no state needs {what}", "take it away")
        return
    [grant] = grants
    idle = [
        action
        for action in grant.actions
        if not any(_gives(grant._replace(actions=(action,)), need, template) for need in needs)
    ]
    if idle:
        yield Gap("may", keys, f"{logical_id}: no state needs {', '.join(idle)}", "take it away")
