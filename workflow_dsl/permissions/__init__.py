"""The permissions that a state machine needs, compared with those that its role has in the template."""

from __future__ import annotations

from workflow_dsl.permissions.comparison import Gap, missing_permissions, unneeded_permissions
from workflow_dsl.permissions.grants import role_of
from workflow_dsl.permissions.needs import unknown_calls
from workflow_dsl.permissions.statements import as_yaml, least_privilege

__all__ = [
    "Gap",
    "as_yaml",
    "least_privilege",
    "missing_permissions",
    "role_of",
    "unknown_calls",
    "unneeded_permissions",
]
