"""Do a template, its state machines, functions, roles and the project's workflows agree?

Each check is a generator of findings at the template's line, or at the author's where the mistake is in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflow_dsl.agreement.calls.aliases import missing_aliases
from workflow_dsl.agreement.calls.answered_errors import unanswered_errors
from workflow_dsl.agreement.calls.raised_errors import misspelt_errors
from workflow_dsl.agreement.calls.refused_calls import refused_calls
from workflow_dsl.agreement.connectors import wrong_connectors
from workflow_dsl.agreement.function_code.client_calls import wrong_client_calls
from workflow_dsl.agreement.function_code.environment import wrong_variables
from workflow_dsl.agreement.function_code.function_permissions import missing_calls
from workflow_dsl.agreement.function_code.task_tokens import unread_tokens
from workflow_dsl.agreement.function_settings import short_timeouts, wrong_functions
from workflow_dsl.agreement.functions import missing_handlers, unused_functions
from workflow_dsl.agreement.inline import strings_without_quotes, structured_substitutions, text_for_numbers
from workflow_dsl.agreement.machine_settings import wrong_settings
from workflow_dsl.agreement.machine_versions import wrong_versions
from workflow_dsl.agreement.policies.policy_documents import useless_statements, wrong_policies
from workflow_dsl.agreement.policies.source_arns import wrong_source_arns
from workflow_dsl.agreement.policies.statement_conditions import excluded_endpoints, excluded_services
from workflow_dsl.agreement.references import wrong_references
from workflow_dsl.agreement.resources import (
    arns_for_names,
    connections_by_name,
    wrong_forms,
    wrong_named_resources,
    wrong_resources,
)
from workflow_dsl.agreement.roles import wrong_permissions, wrong_policy_templates
from workflow_dsl.agreement.stepping_back import stepped_back
from workflow_dsl.agreement.substitutions import (
    missing_substitutions,
    unknown_references,
    unused_substitutions,
)
from workflow_dsl.agreement.triggers.buses import wrong_buses
from workflow_dsl.agreement.triggers.event_sources import unreadable_mappings, unreadable_sources, wrong_event_sources
from workflow_dsl.agreement.triggers.rule_targets import refusing_targets
from workflow_dsl.agreement.triggers.starters import (
    untrusted_passed_roles,
    untrusted_roles,
    untrusted_service_roles,
    wrong_starters,
)
from workflow_dsl.agreement.triggers.subscriptions import wrong_subscriptions
from workflow_dsl.agreement.triggers.trigger_forms import wrong_triggers
from workflow_dsl.agreement.triggers.watchers import wrong_watchers
from workflow_dsl.agreement.whole.conditions import conditional_references
from workflow_dsl.agreement.whole.cycles import circular_dependencies
from workflow_dsl.agreement.whole.nested_stacks import nested_templates, wrong_nested_stacks
from workflow_dsl.agreement.whole.parameters import wrong_parameters
from workflow_dsl.agreement.whole.properties import wrong_properties
from workflow_dsl.agreement.whole.template_syntax import wrong_syntax
from workflow_dsl.agreement.whole.whole_template import malformed_parts, misspelt_machines, unknown_names
from workflow_dsl.agreement.workflows import definitions_beside, wrong_definitions
from workflow_dsl.application.application import Application
from workflow_dsl.findings import Finding, Keys, hints_bounded

__all__ = ["cross_check", "nested_templates", "stepped_back"]

_Check = Callable[[Application], Iterator[Finding]]
_CHECKS: tuple[_Check, ...] = (
    wrong_definitions,
    definitions_beside,
    wrong_references,
    missing_substitutions,
    unknown_references,
    wrong_resources,
    connections_by_name,
    arns_for_names,
    wrong_named_resources,
    wrong_forms,
    structured_substitutions,
    strings_without_quotes,
    text_for_numbers,
    unused_substitutions,
    missing_handlers,
    wrong_functions,
    short_timeouts,
    unused_functions,
    wrong_policy_templates,
    wrong_connectors,
    wrong_policies,
    wrong_permissions,
    missing_calls,
    wrong_client_calls,
    unread_tokens,
    wrong_variables,
    untrusted_roles,
    untrusted_passed_roles,
    untrusted_service_roles,
    wrong_starters,
    refusing_targets,
    wrong_subscriptions,
    wrong_source_arns,
    wrong_settings,
    wrong_versions,
    refused_calls,
    missing_aliases,
    misspelt_errors,
    unanswered_errors,
    excluded_endpoints,
    excluded_services,
    wrong_triggers,
    wrong_watchers,
    wrong_buses,
    wrong_event_sources,
    unreadable_sources,
    unreadable_mappings,
    unknown_names,
    malformed_parts,
    wrong_syntax,
    wrong_parameters,
    conditional_references,
    circular_dependencies,
    wrong_nested_stacks,
)
# While a substitution or a property is wrong, something may look unused that the right one would use.
_CAUSES = ("MISSING_SUBSTITUTION", "SCHEMA_VALIDATION_FAILED", "UNKNOWN_REFERENCE", "WRONG_RESOURCE")
# What lacks a permission on a resource, or names a wrong one, is why a statement allows nothing.
_OF_ONE_RESOURCE = ("MISSING_PERMISSION", "WRONG_RESOURCE")
_CONSEQUENCES = ("NO_VARIABLE", "UNUSED_SUBSTITUTION", "UNUSED_FUNCTION", "UNNEEDED_PERMISSION")


def cross_check(application: Application) -> list[Finding]:
    """Every disagreement between template, definitions, functions, roles and workflows."""
    if not application.has_template or not (application.machines or application.undeployed):
        return [*misspelt_machines(application)] if application.has_template else []
    with hints_bounded():
        findings = [finding for check in _CHECKS for finding in check(application)]
        findings += _said_by_none(wrong_properties(application), findings)
        if not any(finding.code in _OF_ONE_RESOURCE for finding in findings):
            findings += useless_statements(application)
    hold_back = any(finding.code in _CAUSES for finding in findings)
    return [finding for finding in findings if not hold_back or finding.code not in _CONSEQUENCES]


def _said_by_none(by_schema: Iterator[Finding], findings: list[Finding]) -> list[Finding]:
    """The findings of a general check at places where no special one has anything to say."""
    said = {finding.where.keys for finding in findings}
    around = {keys[:-1] for keys in said}
    return [finding for finding in by_schema if not _is_said(finding.where.keys, said, around)]


def _is_said(keys: Keys, said: set[Keys], around: set[Keys]) -> bool:
    """True if a finding is at a place, at a value around it below Properties, or at a value in it."""
    return keys in around or keys[:-1] in said or any(keys[:length] in said for length in range(4, len(keys) + 1))
