"""The permissions that one definition of a state machine needs and another does not."""

from __future__ import annotations

from typing import NamedTuple

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.permissions.needs import unknown_calls
from workflow_dsl.permissions.statements import least_privilege


class PermissionChanges(NamedTuple):
    """IAM actions, each with its resource, that only the new or only the old definition needs.

    `unknown` are the states of the new definition whose needs are unknown.
    """

    added: list[tuple[str, str]]
    removed: list[tuple[str, str]]
    unknown: list[str]


def permission_changes(before: TemplateMachine, after: TemplateMachine) -> PermissionChanges:
    """Return what a role needs for the new definition and not for the old one, and the other way round."""
    old, new = _needed(before), _needed(after)
    return PermissionChanges(
        [need for need in new if need not in old], [need for need in old if need not in new], unknown_calls(after)
    )


def _needed(machine: TemplateMachine) -> dict[tuple[str, str], None]:
    statements = least_privilege(machine)
    return {
        (action, resource): None for actions, resources in statements for resource in resources for action in actions
    }
