"""What a role needs against what it is given: what is missing, and what nothing needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template, references
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.definition.calls import short_name
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.permissions.grants import Grant, granted, has_own_policy, is_shared, role_of
from workflow_dsl.permissions.needs import Level, Need, Needs, needs_of
from workflow_dsl.permissions.statements import resource_of, statement


class Gap(NamedTuple):
    """A difference, at what keys lead to in the template, with what to write there."""

    level: Level
    keys: Keys
    message: str
    remedy: str


class _Held(NamedTuple):
    """A grant made ready to be compared: for each of its resources what it refers to, and its text where known."""

    grant: Grant
    resources: tuple[tuple[frozenset[str], Json], ...] | None


def missing_permissions(deployed: TemplateMachine) -> Iterator[Gap]:
    """What a state machine does without the permission, once for each action and resource; nothing where unknown."""
    template, logical_id = deployed.template, deployed.resource.logical_id
    given, role = granted(template, logical_id), role_of(template, logical_id)
    if given is None or role is None or not deployed.has_definition:
        return
    is_own = role not in template.resources
    where = "Policies" if is_own else f"the policies of {role}"
    keys = ("Resources", logical_id if is_own else role, "Properties", "Policies")
    for (who, level, resource), actions in _lacking(deployed, _held(given, template), role).items():
        on = "" if resource == "*" else f" on {resource}"
        message = f"{logical_id}: {who} needs {_and(actions)}{on}, and the role has no such permission"
        yield Gap(level, keys, message, f"add to {where}: {statement(actions, [resource])}")


def _lacking(deployed: TemplateMachine, given: list[_Held], role: str) -> dict[tuple[str, Level, str], list[str]]:
    """The actions that no policy grants: by who first needs them, how much, and on what."""
    found: dict[tuple[str, Level, str], list[str]] = {}
    said = set()
    for need in needs_of(deployed).needs:
        resource = resource_of(deployed, need)
        is_new = need.level != "may" and (need.action, resource) not in said
        if is_new and not _is_given(need, deployed.template, given, role):
            said.add((need.action, resource))
            who = f'"{need.state}"' if need.state else "it"
            found.setdefault((who, need.level, resource), []).append(need.action)
    return found


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is_given(need: Need, template: Template, given: list[_Held], role: str) -> bool:
    target = _target(need, template)
    if target and has_own_policy(template, target, role):
        return True
    return any(_gives(held, need, target, template) for held in given)


def _target(need: Need, template: Template) -> str | None:
    """The resource of the template that is needed."""
    resource = template.resource_at(need.target, need.service) if need.target else None
    return resource.logical_id if resource else None


def _held(given: Iterable[Grant], template: Template) -> list[_Held]:
    return [
        _Held(grant, None if grant.resources is None else tuple(_ready(each, template) for each in grant.resources))
        for grant in given
    ]


def _ready(value: Json, template: Template) -> tuple[frozenset[str], Json]:
    """What a statement's resource refers to, functions and state machines of aliases too; and its text where known."""
    referred = set(references(value))
    if referred & template.values.parameters.keys():
        return frozenset(), None  # a default is not what the stack will have
    return frozenset(each for name in referred for each in _meant(name, template)), template.known(value)


def _meant(name: str, template: Template) -> Iterator[str]:
    """A resource, and the function or state machine that it is an alias or a version of."""
    if name in template.resources:
        yield name
        if template.resources[name].type.endswith(("Alias", "Version")):
            yield from references(template.resources[name].properties)


def _gives(held: _Held, need: Need, target: str | None, template: Template) -> bool:
    if not any(_matches(action, need.action) for action in held.grant.actions):
        return False
    if held.resources is None or not need.target or need.reach in ("rule", "itself", "*"):
        return True
    return any(_covers(named, text, need, target, template) for named, text in held.resources)


def _covers(named: frozenset[str], text: Json, need: Need, target: str | None, template: Template) -> bool:
    """Whether a statement's resource may be the needed one: surely not only where both are known and differ."""
    resource = template.resources[target] if target else None
    kind = KINDS.get(resource.type) if resource else None
    if resource and kind is None:
        return True
    if named:
        return target is None or target in named
    if not isinstance(text, str) or text == "*" or need.service not in _NAMED_IN_ARNS:
        return True
    if resource is None or kind is None:
        literal = need.target.rpartition("/")[2] if "://" in need.target else need.target
        return _is_in(text, literal) or ("*" in text and not literal.startswith("arn:"))
    if template.known(resource.properties.get(kind.named_by)) is None:  # the stack makes its name up
        return "*" in text or not text.startswith("arn:")
    return _is_in(text, template.values.arn(resource)) or _is_in(text, template.values.name(resource))


_NAMED_IN_ARNS = frozenset(kind.service for kind in KINDS.values())


def _is_in(text: str, needed: str) -> bool:
    """Whether a pattern of IAM takes an ARN or a name in, wherever it lies: the stack's region is not known.

    A plain name is one that a policy template has, and may be the beginning of the needed one.
    """
    one, other = text.split(":", 5), needed.split(":", 5)
    if one[0] == other[0] == "arn" and len(one) == len(other) == 6:
        return _matches(one[2], other[2]) and any(_matches(each, other[5]) for each in _readings(one[5]))
    names = (needed, short_name(needed)) if other[0] == "arn" else (needed, needed.partition(":")[0])
    return any(_matches(text, each) or each in text or each.startswith(text) for each in names)


_PARTS = re.compile(r":\*$|/index/.*$")


def _readings(pattern: str) -> Iterator[str]:
    """A pattern, and what it is a part of: an alias's function, a table's index, a bucket's object, an execution."""
    whole = _PARTS.sub("", pattern)
    yield from (pattern, whole, f"{whole}:*", pattern.partition("/")[0], re.sub("^execution:", "stateMachine:", whole))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """IAM's wildcards: * for any signs, ? for one; letter case is not told apart."""
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE | re.DOTALL)


def _matches(pattern: str, text: str) -> bool:
    """Whether either covers the other: what may be needed can be a pattern too."""
    return bool(_pattern(pattern).fullmatch(text)) or ("*" in text and bool(_pattern(text).fullmatch(pattern)))


def unneeded_permissions(sharing: Sequence[TemplateMachine]) -> Iterator[Gap]:
    """What a role is given that no state of its state machines needs; nothing where it is unknown, or others have it.

    `sharing` are the state machines that have one role. A policy template or a policy of AWS counts as a whole.
    """
    template, logical_id = sharing[0].template, sharing[0].resource.logical_id
    given, role = granted(template, logical_id), role_of(template, logical_id)
    if given is None or role is None or is_shared(template, role):
        return
    found = [needs_of(each) for each in sharing]
    if not all(each.is_whole for each in found):
        return
    others_act = any(each.others_act for each in found)
    needs = _targeted(found, template)
    whole: dict[Keys, list[_Held]] = {}
    for held in _held(given, template):
        if not others_act or all(action.lower().startswith(_OF_STATES) for action in held.grant.actions):
            whole.setdefault(held.grant.keys, []).append(held)
    for keys, together in whole.items():
        yield from _unneeded(logical_id, keys, together, needs, template)


# Actions that no service needs which a state calls, but a state itself.
_OF_STATES = ("dynamodb:", "lambda:", "sns:", "sqs:", "states:")
_Targeted = list[tuple[Need, str | None]]


def _targeted(found: Iterable[Needs], template: Template) -> _Targeted:
    """Every need once, whatever state has it, with the resource that it is for."""
    once = dict.fromkeys(need._replace(state="") for each in found for need in each.needs)
    return [(need, _target(need, template)) for need in once]


def _unneeded(
    logical_id: str, keys: Keys, together: list[_Held], needs: _Targeted, template: Template
) -> Iterator[Gap]:
    name = together[0].grant.name
    if name in ("Tracing", "Connector"):
        return
    actions = list(dict.fromkeys(action for held in together for action in held.grant.actions))
    idle = [action for action in actions if not _is_used(action, together, needs, template)]
    if len(idle) == len(actions) or (idle and not name):
        named = [each for held in together for resources in held.resources or () for each in resources[0]]
        what = f"{name}{f' for {named[0]}' if named else ''}" if name else ", ".join(idle)
        yield Gap("may", keys, f"{logical_id}: no state needs {what}", "take it away")


def _is_used(action: str, together: list[_Held], needs: _Targeted, template: Template) -> bool:
    giving = [held for held in together if action in held.grant.actions]
    alone = [held._replace(grant=held.grant._replace(actions=(action,))) for held in giving]
    return any(_gives(held, need, target, template) for held in alone for need, target in needs)
