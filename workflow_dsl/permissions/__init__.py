"""The permissions that a state machine needs, compared with those that its role has in the template."""

from __future__ import annotations

from workflow_dsl.permissions.arn_forms import form_of
from workflow_dsl.permissions.assumed_roles import assumed_roles
from workflow_dsl.permissions.comparison import Gap, allows, function_allows, missing_permissions, unneeded_permissions
from workflow_dsl.permissions.grants import (
    Grant,
    granted,
    granted_to_function,
    grants_action,
    policy_templates,
    why_unknown,
)
from workflow_dsl.permissions.needs import further_needs, unknown_calls
from workflow_dsl.permissions.patterns import wildcards_match
from workflow_dsl.permissions.roles import role_of
from workflow_dsl.permissions.statements import as_yaml, for_role, least_privilege, statement
from workflow_dsl.permissions.tables import actions_of_operation
from workflow_dsl.permissions.trust import may_assume

__all__ = [
    "Gap",
    "Grant",
    "actions_of_operation",
    "allows",
    "as_yaml",
    "assumed_roles",
    "for_role",
    "form_of",
    "function_allows",
    "further_needs",
    "granted",
    "granted_to_function",
    "grants_action",
    "least_privilege",
    "may_assume",
    "missing_permissions",
    "policy_templates",
    "role_of",
    "statement",
    "unknown_calls",
    "unneeded_permissions",
    "why_unknown",
    "wildcards_match",
]
