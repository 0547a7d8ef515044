"""The services that may assume a role of the template: its trust policy.

IAM user guide, "AWS JSON policy elements: Principal". A statement with a condition counts as if the condition held, but
for one on aws:SourceArn that no resource of the service has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.permissions.patterns import wildcards_match


def may_assume(template: Template, role: str, service: str) -> bool | None:
    """True if a service (`states`) may assume a role of the template, by its global or a regional principal.

    None if the trust policy has a part whose value only the stack has.
    """
    document = dict_or_empty(template.resources[role].properties.get("AssumeRolePolicyDocument"))
    statements = as_list(document.get("Statement"))
    if not statements or not all(_is_known(template, statement) for statement in statements):
        return None
    effects = {statement.get("Effect") for statement in statements if _is_about(template, statement, service)}
    return "Allow" in effects and "Deny" not in effects


def _is_known(template: Template, statement: Json) -> bool:
    if not isinstance(statement, dict) or {"NotPrincipal", "NotAction"} & statement.keys():
        return False
    parts = [*_actions(template, statement), *_services(template, statement), statement.get("Effect")]
    return all(isinstance(part, str) for part in parts)


def _is_about(template: Template, statement: dict[str, Json], service: str) -> bool:
    allows = any(wildcards_match(str(action).lower(), "sts:assumerole") for action in _actions(template, statement))
    is_for_service = any(_is_service(str(principal), service) for principal in _services(template, statement))
    return allows and is_for_service and all(_may_be_source(each, service) for each in _sources(template, statement))


# What a service assumes a role for: IAM, "The confused deputy problem", and the page of each service on it.
_SOURCES = {"events": "rule/", "pipes": "pipe/", "states": "stateMachine:"}


def _sources(template: Template, statement: dict[str, Json]) -> Iterator[list[Json]]:
    """The patterns of each condition on the resource for which the role is assumed."""
    for operator, tests in dict_or_empty(statement.get("Condition")).items():
        if str(operator).removesuffix("IfExists") in ("ArnEquals", "ArnLike", "StringEquals", "StringLike"):
            for key, patterns in dict_or_empty(tests).items():
                if str(key).lower() == "aws:sourcearn":
                    yield [template.value(each) for each in as_list(template.value(patterns))]


def _may_be_source(patterns: list[Json], service: str) -> bool:
    """True if a pattern may match the ARN of a resource for which a service assumes roles."""
    return service not in _SOURCES or any(_may_match(each, service, _SOURCES[service]) for each in patterns)


def _may_match(pattern: Json, service: str, beginning: str) -> bool:
    parts = str(pattern).split(":", 5) if isinstance(pattern, str) else []
    if len(parts) < 6:
        return True
    literal = re.split(r"[*?$]", parts[5], maxsplit=1)[0]
    return wildcards_match(parts[2], service) and (literal.startswith(beginning) or beginning.startswith(literal))


def _is_service(principal: str, service: str) -> bool:
    """True for `*`, `states.amazonaws.com` and `states.eu-west-1.amazonaws.com`."""
    name, _, domain = principal.partition(".")
    return principal == "*" or (name == service and "amazonaws.com" in domain)


def _actions(template: Template, statement: dict[str, Json]) -> Iterator[Json]:
    return (template.value(action) for action in as_list(statement.get("Action")))


def _services(template: Template, statement: dict[str, Json]) -> Iterator[Json]:
    """The principals that may be a service. The region of a principal does not matter, so an invented one will do."""
    principal = template.value(statement.get("Principal"))
    services = principal.get("Service") if isinstance(principal, dict) else principal
    return (template.value(service) for service in as_list(services))
